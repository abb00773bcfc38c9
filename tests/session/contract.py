"""Holds what a session says against the generated contract: each event and each reply, as they reach a client.

All of it must be declared to the last field: envelopes, results and errors, the events of the bridge, and those of TWS
as they are passed on, each on a channel that lists it.
"""

from __future__ import annotations

import functools
import json
import re
from typing import Any

import jsonschema
from referencing import Registry, Resource

from bridge.catalogue import catalogue
from bridge.catalogue.loader import default_directory
from bridge.schemas_out.names import whole
from bridge.schemas_out.replies import reply_of

Data = dict[str, Any]
Check = jsonschema.Draft202012Validator


class Breach(AssertionError):
    """Something was said that the contract does not have."""


def _closed(schema: Any) -> Any:
    """The schema, with every map that lists its fields closed to all others."""
    if isinstance(schema, list):
        return [_closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {key: _closed(value) for key, value in schema.items()}
    if isinstance(schema.get("properties"), dict) and schema.get("type") == "object":
        closed["additionalProperties"] = False
    return closed


def _type(validator: Any, types: Any, instance: Any, schema: Data) -> Any:
    """JSON has no bytes: msgpack's are what the schema calls a binary string."""
    if schema.get("format") == "binary":
        if not isinstance(instance, bytes):
            yield jsonschema.ValidationError(f"{instance!r} is not bytes")
        return
    yield from Check.VALIDATORS["type"](validator, types, instance, schema)


def shape(value: Any) -> Any:
    """All of a value that a schema of ours can tell apart: keys, types, signs, and words."""
    match value:
        case dict():
            return tuple((key, shape(item)) for key, item in value.items())
        case list():
            return (list, *{shape(item) for item in value})
        case bool() | None:
            return value
        case int() | float():
            return type(value), value > 0
        case str() if value.isalpha():
            return value
        case _:
            return type(value)


class Witness:
    """The generated documents, read as a client reads them; each schema is compiled once.

    What has the shape of something that was held against its schema before is not looked at again: it takes too long.
    """

    def __init__(self) -> None:
        generated = default_directory() / "generated"
        files = {file.name: json.loads(file.read_text(encoding="utf-8")) for file in generated.glob("*.json")}
        self._asyncapi, self._replies = files["asyncapi.json"], _closed(files["replies.schema.json"])
        self._registry: Registry[Any] = Registry().with_resource("replies", Resource.from_contents(self._replies))
        self._channels = {
            name.removesuffix("Events"): (
                re.compile(re.sub(r"\\{\w+\\}", "[A-Za-z0-9_-]{1,64}", re.escape(channel["address"]))),
                channel,
            )
            for name, channel in self._asyncapi["channels"].items()
        }
        self._seen: set[Any] = set()
        self._check = jsonschema.validators.extend(Check, {"type": _type, "oneOf": self._one_of})

    @functools.cache  # noqa: B019 - there is one witness
    def _compile(self, name: str) -> Any:
        """What checks that definition."""
        if name not in self._replies["$defs"]:
            raise Breach(f"nothing is declared as {name}")
        return self._check({"$ref": f"replies#/$defs/{name}"}, registry=self._registry)

    def _one_of(self, validator: Any, alternatives: list[Data], instance: Any, schema: Data) -> Any:
        """The constants say which alternative is meant: it alone is looked into, as a generated reader does."""
        meant = [one for one in self._alternatives(json.dumps(alternatives)) if _has(instance, one[0])]
        if len(meant) != 1:
            yield jsonschema.ValidationError(f"{str(instance)[:200]} is none of {len(alternatives)} alternatives")
            return
        yield from validator.descend(instance, {"$ref": f"replies#/$defs/{meant[0][1]}"})

    @functools.cache  # noqa: B019
    def _alternatives(self, listed: str) -> list[tuple[Data, str]]:
        """Of each alternative its constants, and its name."""
        names = [one["$ref"].rpartition("/")[2] for one in json.loads(listed)]
        return [(_constants(self._replies["$defs"][name]), name) for name in names]

    # Events

    def event(self, topic: str, body: Data, astray: bool = False) -> None:
        """One event as it is published on that topic; raises Breach.

        `astray`: TWS says what no TWS says. Its events may be on any channel, and their data is nobody's to judge.
        """
        if missing := {"v", "epoch", "seq"} - body.keys():
            raise Breach(f"{topic}: without {missing}")
        if there := {"topic", "stale", "staleSince"} & body.keys():
            raise Breach(f"{topic}: a live event with {there}")
        event, channel = body["event"], self.channel(topic)
        if channel != "sync" and topic.rpartition(".")[2] != event:
            raise Breach(f"{channel}: event {event} on a topic that ends otherwise: {topic}")
        listed = self._channels[channel][1]["messages"]
        if astray and (event in catalogue().by_event or event in ("unexpected", "gone")):
            self._hold(self._compile(whole("sync")), {**body, "event": "sync", "data": {}}, topic)
            return
        if event not in listed:
            raise Breach(f"{channel}: it lists no event {event}")
        self._hold(self._compile(whole(event)), body, topic)

    @functools.cache  # noqa: B019
    def channel(self, topic: str) -> str:
        """The one channel whose address the topic fits."""
        if len(topic) > 255:
            raise Breach(f"{topic}: longer than a topic may be")
        found = [name for name, (address, _) in self._channels.items() if address.fullmatch(topic)]
        if len(found) != 1:
            raise Breach(f"{topic} fits the channels {found}")
        return found[0]

    # Replies

    def reply(self, body: Data, method: str | None) -> None:
        """One reply, or part of one; `method`: what was asked for, where that is known. Raises Breach."""
        if "part" in body:
            self._hold(self._compile("StreamedPart"), body, "part")
        elif body["ok"] and method is None:
            raise Breach(f"a result of nothing that was asked: {body}")
        elif body["ok"]:
            self._hold(self._compile(reply_of(method or "")), body, f"result of {method}")
        else:
            self._hold(self._compile("Failure"), body, f"failure of {method}")

    def _hold(self, check: Any, value: Any, what: str) -> None:
        key = (id(check), shape(value))
        if key in self._seen:
            return
        error = jsonschema.exceptions.best_match(check.iter_errors(value))
        if error is not None:
            raise Breach(f"{what}: {error.json_path}: {error.message[:300]}; said: {str(value)[:600]}")
        self._seen.add(key)


def _constants(schema: Data) -> Data:
    """What is the same in all that the schema allows."""
    return {
        key: schema["properties"][key]["const"] for key in schema["required"] if "const" in schema["properties"][key]
    }


def _has(instance: Any, constants: Data) -> bool:
    """Whether it is a map with these values."""
    return isinstance(instance, dict) and all(instance.get(key) == value for key, value in constants.items())


@functools.cache
def witness() -> Witness:
    return Witness()
