"""Captured frames: one JSON object a line, and what their source says was in them.

A line has `server_version`, `direction` (`from_tws`, `to_tws`), `kind`, `id`, `fields` (text: the last is empty; below
server version 201 the id is the first) or `payload_hex` (protobuf, without length and id), and `expected` where the
source states the content: the message's name, and under it one value, values in the order of the fields, or values by
name. What is expected is a part of what is there, in the source's own shapes.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from bridge.catalogue import Record, catalogue

#: Where a source's short names differ from the fields'.
NAMES = {"qty": "totalQuantity", "code": "errorCode", "barSize": "barSizeSetting", "reasons": "id"}

#: What a source states otherwise than the bytes of its own frame, which nothing can make say it: the frame begins
#: 08 96 a0 01, which is field 1, 20502.
SLIPS = {("bondContractDetails", "reqId", 20512): 20502}

#: Stated in the order of the text layout, which is not that of the declared fields.
OTHER_ORDER = {"symbolSamples"}


@dataclass(frozen=True)
class Capture:
    place: int
    version: int
    direction: str
    id: int
    text: bool
    payload: bytes
    expected: dict[str, Any] | None
    source: str

    @property
    def label(self) -> str:
        return f"{self.place}-{self.direction}-{self.id}-at-{self.version}"


def read(file: Path) -> list[Capture]:
    lines = file.read_text(encoding="utf-8").splitlines()
    return [_capture(place, json.loads(line)) for place, line in enumerate(lines, 1) if line.strip()]


def _capture(place: int, line: dict[str, Any]) -> Capture:
    version, text = line["server_version"], line["kind"] == "text"
    body = "\0".join(line["fields"]).encode() if text else bytes.fromhex(line["payload_hex"])
    if version >= 201:
        body = (line["id"] + (0 if text else 200)).to_bytes(4, "big") + body
    direction = "fromTws" if line["direction"] == "from_tws" else "toTws"
    return Capture(place, version, direction, line["id"], text, body, line.get("expected"), line["source"])


def mismatches(name: str, data: dict[str, Any], expected: dict[str, Any]) -> list[str]:
    """What the source states and our data does not hold."""
    known = catalogue()
    message = known.find(name)
    assert message is not None
    record = known.record(message)
    [stated, *others] = expected.items()
    found = [f"expected {stated[0]}, decoded {name}"] if stated[0] != name else []
    for key, value in others:
        found += _named(record, data, key, value)
    value = stated[1]
    if name in OTHER_ORDER:
        return found + [line for one in _flat(value) for line in _ordered(leaves(record, data), [one])]
    if isinstance(value, dict):
        value = {key: SLIPS.get((name, key, one), one) if _hashable(one) else one for key, one in value.items()}
    return found + _stated(record, data, value)


def _hashable(value: Any) -> bool:
    return not isinstance(value, (list, dict))


def _stated(record: Record, data: dict[str, Any], value: Any) -> list[str]:
    if isinstance(value, dict):
        return [line for key, one in value.items() for line in _named(record, data, key, one)]
    if isinstance(value, list):
        return _ordered(leaves(record, data), value)
    lists = [one for one in data.values() if isinstance(one, list)]
    if lists and isinstance(value, int):  # how many there are
        return [] if len(lists[0]) == value else [f"expected {value} elements, decoded {len(lists[0])}"]
    return _ordered(leaves(record, data), [value])


def _named(record: Record, data: dict[str, Any], key: str, value: Any) -> list[str]:
    """A value by its field's name, wherever in the data that is; a list is a part. Two words are the source's own."""
    everything = leaves(record, data)
    if key == "count":
        longest = max(len(one) for one in data.values() if isinstance(one, list))
        return [] if longest == value else [f"expected {value} elements, decoded {longest}"]
    if key == "filter":
        return [] if data.get("executionFilter") == {} else ["expected an empty filter"]
    if isinstance(value, list):
        return _ordered(everything, value)
    names = (NAMES.get(key, key), f"{key}Name")
    held = [one for name, one in everything if name in names]
    if any(same(one, value) for one in held):
        return []
    return [f"{key}: expected {value!r}, decoded {held!r}"]


def leaves(record: Record, data: dict[str, Any]) -> list[tuple[str, Any]]:
    """Every scalar with its field's name, in the order in which the fields are declared; None for what is absent."""
    found: list[tuple[str, Any]] = []
    for field in record.fields:
        value, kind = data.get(field.name), field.kind
        if kind.is_record:
            inner = catalogue().types[kind.name]
            elements = (value or []) if kind.repeated else [value or {}]
            found += [leaf for one in elements for leaf in leaves(inner, one)]
        elif kind.repeated:
            found += [(field.name, one) for one in value or []]
        else:
            found.append((field.name, value))
    return found


def _ordered(everything: list[tuple[str, Any]], value: list[Any]) -> list[str]:
    """Whether the values stand among the leaves in this order."""
    rest = iter(everything)
    for one in _flat(value):
        if not any(same(held, one) for _, held in rest):
            return [f"expected {one!r} of {value!r}, in this order, among {everything!r}"]
    return []


def _flat(value: Any) -> list[Any]:
    return [leaf for one in value for leaf in _flat(one)] if isinstance(value, list) else [value]


def same(held: Any, stated: Any) -> bool:
    """Equal, equal as numbers, or both nothing."""
    if held is None or stated is None:
        return held in (None, 0, "", False) and stated in (None, 0, "", False)
    if held == stated:
        return True
    try:
        return Decimal(str(held)) == Decimal(str(stated)) or float(held) == float(stated)
    except (InvalidOperation, ValueError, TypeError):
        return False
