"""A bench whose every word is held against the generated documents by the letter: whole `oneOf`s, and no memory.

The bench's own witness chooses a branch by its constants and looks at each shape once. Here each value counts, and
exactly one branch must fit.
"""

from __future__ import annotations

import functools
import json
from typing import Any

import jsonschema
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from bridge.catalogue.loader import default_directory
from bridge.schemas_out.replies import reply_of
from tests.contract_attack.findings import Findings
from tests.session.conftest import Bench
from tws_bridge_client.wire import pack
from tws_bridge_client.wire import unpack as unpack_event

Data = dict[str, Any]
Draft = jsonschema.Draft202012Validator


def _type(validator: Any, types: Any, instance: Any, schema: Data) -> Any:
    """JSON has no bytes: msgpack's are what the schema calls a binary string."""
    if schema.get("format") == "binary":
        if not isinstance(instance, bytes):
            yield jsonschema.ValidationError(f"{instance!r} is not bytes")
        return
    yield from Draft.VALIDATORS["type"](validator, types, instance, schema)


def _one_of(validator: Any, alternatives: list[Data], instance: Any, _schema: Data) -> Any:
    """Exactly one fits. A branch with another constant is no candidate, which spares a look at all of it."""
    able = [one for one in alternatives if not _ruled_out(one["$ref"], instance)]
    fitting = [one["$ref"] for one in able if validator.evolve(schema=one).is_valid(instance)]
    if len(fitting) != 1:
        if len(able) == 1:
            yield from validator.descend(instance, able[0])
        yield jsonschema.ValidationError(f"fits {fitting} of {len(alternatives)} branches, of {[*able]} that may")


def _ruled_out(reference: str, instance: Any) -> bool:
    constants = documents().constants(reference.rpartition("/")[2])
    return not isinstance(instance, dict) or any(
        key in instance and instance[key] != value for key, value in constants.items()
    )


Check = jsonschema.validators.extend(Draft, {"type": _type, "oneOf": _one_of})


class Documents:
    def __init__(self) -> None:
        generated = default_directory() / "generated"
        files = {
            name: json.loads((generated / f"{name}.schema.json").read_text(encoding="utf-8"))
            for name in ("events", "replies")
        }
        for file in files.values():
            del file["$schema"]  # the library would go on with the plain reader that it names
        self._registry: Registry[Any] = Registry().with_resources(
            [(name, DRAFT202012.create_resource(file)) for name, file in files.items()]
        )
        self._definitions = {**files["events"]["$defs"], **files["replies"]["$defs"]}
        self.methods = set(files["replies"]["properties"])

    @functools.cache  # noqa: B019 - there is one
    def check(self, reference: str) -> Any:
        return Check({"$ref": reference}, registry=self._registry)

    @functools.cache  # noqa: B019
    def constants(self, name: str) -> Data:
        """What every value of that definition has."""
        fields = self._definitions[name].get("properties", {})
        return {key: one["const"] for key, one in fields.items() if "const" in one}

    def fault(self, reference: str, value: Any) -> str | None:
        error = next(self.check(reference).iter_errors(value), None)
        return None if error is None else f"{error.json_path}: {error.message[:300]}"


@functools.cache
def documents() -> Documents:
    return Documents()


class StrictBench(Bench):
    """Collects what is wrong instead of raising it. Each word is packed and unpacked, as on the wire."""

    def __init__(self, found: Findings, **more: Any) -> None:
        super().__init__(**more)
        self.found = found
        self._read = [0, 0]

    def judge(self) -> None:
        """Hold all that came since the last time."""
        for topic, event in self.events[self._read[0] :]:
            self._hold("events#", event, f"event {topic.partition('.')[0]} {event['event']}")
        for reply in self.replies[self._read[1] :]:
            method = self._methods.get((reply.route, reply.body["id"]), "")
            self._hold(self._reference(reply.body, method), unpack_event(pack(reply.body)), f"reply to {method}")
        self._read = [len(self.events), len(self.replies)]

    def _reference(self, body: Data, method: str) -> str:
        if "part" in body:
            return "replies#/$defs/StreamedPart"
        return f"replies#/$defs/{reply_of(method) if method in documents().methods else 'Failure'}"

    def _hold(self, reference: str, value: Any, what: str) -> None:
        self.found.cases += 1
        if fault := documents().fault(reference, value):
            self.found.add(f"{what}: not as {reference} says", f"{fault}; said: {str(value)[:900]}")
