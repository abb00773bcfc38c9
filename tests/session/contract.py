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
        self._asyncapi, self._requests = files["asyncapi.json"], files["requests.schema.json"]
        self._registry: Registry[Any] = Registry().with_resources(
            (name, Resource.from_contents({**files[name], "$defs": _closed(files[name]["$defs"])}))
            for name in ("events.schema.json", "requests.schema.json")
        )
        self._channels = {
            name: (re.compile(re.sub(r"\\{\w+\\}", "[A-Za-z0-9_-]{1,64}", re.escape(channel["address"]))), channel)
            for name, channel in self._asyncapi["channels"].items()
        }
        self._seen: set[Any] = set()
        self._envelope = self._compile(self._asyncapi["components"]["schemas"]["envelope"])

    def _compile(self, schema: Data) -> Any:
        """`#/$defs/` of a piece of requests.schema.json, and `./events...`, lead into the documents."""
        text = json.dumps(_closed(schema)).replace('"#/$defs/', '"requests.schema.json#/$defs/').replace('"./', '"')
        return jsonschema.validators.extend(Check, {"type": _type})(json.loads(text), registry=self._registry)

    # Events

    def event(self, topic: str, body: Data, astray: bool = False) -> None:
        """One event, on that topic; raises Breach. `astray`: an event of TWS may be on any channel."""
        data, channel = body["data"], self.channel(topic)
        self._hold(self._envelope, {**body, "data": {} if isinstance(data, dict) else data}, f"{topic}: envelope")
        if astray and body["event"] in catalogue().by_event:
            return
        check = self._data(channel, topic.rpartition(".")[2], body["event"])
        self._hold(check, data, topic)

    @functools.cache  # noqa: B019 - there is one witness
    def channel(self, topic: str) -> str:
        """The one channel whose address the topic fits."""
        if len(topic) > 255:
            raise Breach(f"{topic}: longer than a topic may be")
        found = [name for name, (address, _) in self._channels.items() if address.fullmatch(topic)]
        if len(found) != 1:
            raise Breach(f"{topic} fits the channels {found}")
        return found[0]

    @functools.cache  # noqa: B019
    def _data(self, channel: str, last: str, event: str) -> Any:
        """What checks the data of that event on that channel."""
        if last != event:
            raise Breach(f"{channel}: event {event} on a topic that ends with {last}")
        for message in self._channels[channel][1]["messages"].values():
            _, payload = message["payload"]["allOf"]
            if message["name"] == event or message["name"].startswith("{"):
                name = payload["properties"]["data"]["$ref"].rpartition("/")[2]
                return self._compile({"$ref": f"events.schema.json#/$defs/{name}"})
        raise Breach(f"{channel}: it lists no event {event}")

    # Replies

    def reply(self, body: Data, method: str | None) -> None:
        """One reply, or part of one; `method`: what was asked for, where that is known. Raises Breach."""
        if "part" in body:
            self._hold(self._schema("part"), body, "part")
            return
        self._hold(self._schema("reply"), body, f"reply to {method}")
        if not body["ok"]:
            self._error(body["error"])
        elif method is not None:
            self._hold(self._result(method), body["result"], f"result of {method}")

    def _error(self, error: Data) -> None:
        code = error["code"]
        if code not in self._requests["errors"]:
            raise Breach(f"error {code} is not declared")
        check = self._error_data(code)
        if check is not None and "data" in error:
            self._hold(check, error["data"], f"data of error {code}")
        elif "data" in error:
            raise Breach(f"error {code} bears data, and none is declared")

    @functools.cache  # noqa: B019
    def _schema(self, name: str) -> Any:
        return self._compile(self._asyncapi["components"]["schemas"][name])

    @functools.cache  # noqa: B019
    def _result(self, method: str) -> Any:
        return self._compile(self._requests["methods"][method]["result"])

    @functools.cache  # noqa: B019
    def _error_data(self, code: str) -> Any:
        schema = self._requests["errors"][code].get("data")
        return None if schema is None else self._compile(schema)

    def _hold(self, check: Any, value: Any, what: str) -> None:
        key = (id(check), shape(value))
        if key in self._seen:
            return
        error = jsonschema.exceptions.best_match(check.iter_errors(value))
        if error is not None:
            raise Breach(f"{what}: {error.json_path}: {error.message[:300]}; said: {str(value)[:600]}")
        self._seen.add(key)


@functools.cache
def witness() -> Witness:
    return Witness()
