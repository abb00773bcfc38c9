"""What of a message's data its form carries at a server version: an oracle beside the codec, by plain interpretation.

`carried` walks the declaration item by item and touches no byte, so it and the codec's generated source can only agree
by both following the declaration. `versions_of` lists the server versions at which a message is worth a test.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from bridge.catalogue import Catalogue, Field, Record, catalogue
from bridge.catalogue.grammar import (
    NEWEST,
    OLDEST,
    Bits,
    ChoiceItem,
    FieldItem,
    GroupItem,
    Item,
    Mapped,
    Predicate,
    PresentItem,
    RepeatItem,
    WhenItem,
    walk,
)
from bridge.catalogue.paths import resolve

ALWAYS = (176, 200, 201, 226)

UNSET_DOUBLE = 1.7976931348623157e308
UNSET_DECIMALS = {
    Decimal(2**127 - 1),
    Decimal(2**63 - 1),
    Decimal(-(2**63)),
    Decimal("1.7976931348623157E308"),
}


@functools.cache
def versions_of(name: str) -> tuple[int, ...]:
    """176, 200, 201, 226, and both sides of every version at which the message's form or layout changes."""
    known = catalogue()
    message = known.messages[name]
    found = set(ALWAYS)
    for item in walk(message.text or ()):
        found |= {item.versions.first, item.versions.first - 1, item.versions.last, item.versions.last + 1}
    if message.protobuf is not None:
        found |= {message.protobuf.since - 1, message.protobuf.since}
        if message.direction == "toTws":
            found |= {
                since for field in _fields(known, known.record(message)) for since in (field.since - 1, field.since)
            }
    return tuple(sorted(v for v in found if OLDEST <= v <= NEWEST and message.exists(v)))


def _fields(known: Catalogue, record: Record) -> Iterator[Field]:
    for field in record.fields:
        yield field
        if field.kind.is_record:
            yield from _fields(known, known.types[field.kind.name])


def carried(name: str, version: int, data: dict[str, Any], *, fill: bool = True) -> dict[str, Any]:
    """`data` as it arrives when sent at `version`; without `fill` only what was set and can be sent."""
    known = catalogue()
    message = known.messages[name]
    if message.as_protobuf(version):
        strict = message.direction == "toTws"
        return _Protobuf(known, version if strict else NEWEST).record(known.record(message), data)
    assert message.text is not None
    return _Text(known, version, fill).record(known.record(message), message.text, data)


class _Protobuf:
    def __init__(self, known: Catalogue, version: int) -> None:
        self.known = known
        self.version = version

    def record(self, record: Record, data: dict[str, Any]) -> dict[str, Any]:
        found = {}
        for field in record.fields:
            value = data.get(field.name)
            if value is None or field.number is None or field.since > self.version:
                continue
            kind = field.kind
            if (kind.repeated or kind.mapping) and not value:
                continue
            if value == "" and not field.required:
                continue
            found[field.name] = self.value(field, value)
        return found

    def value(self, field: Field, value: Any) -> Any:
        kind = field.kind
        if kind.mapping:
            return dict(value)
        if kind.is_record:
            record = self.known.types[kind.name]
            return [self.record(record, one) for one in value] if kind.repeated else self.record(record, value)
        if field.wire_type == "double" and kind.name == "decimal":
            return format(Decimal(repr(float(value))).normalize(), "f")
        return value


class _Text:
    def __init__(self, known: Catalogue, version: int, fill: bool) -> None:
        self.known = known
        self.version = version
        self.fill = fill

    def record(self, record: Record, items: tuple[Item, ...], data: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        self.items(record, items, data, found)
        return found

    def items(self, record: Record, items: tuple[Item, ...], data: dict[str, Any], found: dict[str, Any]) -> None:
        for item in items:
            if self.version not in item.versions:
                continue
            match item:
                case GroupItem():
                    self.items(record, item.group, data, found)
                case FieldItem():
                    self.field(record, item, data, found)
                case RepeatItem():
                    self.repeat(record, item, data, found)
                case PresentItem():
                    value = get(data, item.present)
                    if value is not None:
                        kind = resolve(self.known.types, record, item.present).kind
                        put(found, item.present, self.record(self.known.types[kind.name], item.of, value))
                case WhenItem():
                    self.items(record, item.then if holds(item.when, found) else item.otherwise, data, found)
                case ChoiceItem():
                    self.items(record, item.cases[str(get(found, item.choice))], data, found)

    def field(self, record: Record, item: FieldItem, data: dict[str, Any], found: dict[str, Any]) -> None:
        field = resolve(self.known.types, record, item.field)
        value = get(data, item.field)
        if value is None:
            nothing = item.unset.write or _false(item, field)
            if not self.fill or not nothing or nothing in item.unset.read:
                return
            value = spelled(item, field, nothing)
        value = seen(item, field, value)
        if value is not None:
            put(found, item.field, value)

    def repeat(self, record: Record, item: RepeatItem, data: dict[str, Any], found: dict[str, Any]) -> None:
        value = get(data, item.repeat)
        if not value:
            return
        kind = resolve(self.known.types, record, item.repeat).kind
        if not kind.is_record:
            put(found, item.repeat, value)
            return
        elements = [self.record(self.known.types[kind.name], item.of, one) for one in value]
        if item.merge and not any(elements):
            return
        before = get(found, item.repeat) or [{} for _ in elements]
        put(found, item.repeat, [{**old, **new} for old, new in zip(before, elements, strict=True)])


def spelled(item: FieldItem, field: Field, text: str) -> Any:
    """The value that a text of the layout itself stands for."""
    if isinstance(item.form, Mapped):
        return item.form.map[text]
    convert: dict[str, Any] = {"int32": int, "int64": int, "double": float, "bool": lambda flag: flag == "1"}
    return convert.get(field.kind.name, str)(text)


def _false(item: FieldItem, field: Field) -> str:
    """How an absent boolean is written, which is false; empty for the other types."""
    if field.kind.name != "bool":
        return ""
    return (
        next((text for text, ours in item.form.map.items() if ours is False), "")
        if isinstance(item.form, Mapped)
        else "0"
    )


def seen(item: FieldItem, field: Field, value: Any) -> Any:
    """The value as a reader sees it: None where its spelling means nothing."""
    if isinstance(item.form, Bits):
        return {bit: value.get(bit, False) for bit in item.form.bits}
    if value in ("", [], {}) and not isinstance(value, bool):
        return None
    if field.kind.name == "double" and value == UNSET_DOUBLE:
        return None
    if field.kind.name == "decimal" and Decimal(value) in UNSET_DECIMALS:
        return None
    return None if str(value) in item.unset.read else value


def get(data: dict[str, Any], path: str) -> Any:
    """The value at a dotted path, None where any step is missing."""
    value: Any = data
    for step in path.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    return value


def put(data: dict[str, Any], path: str, value: Any) -> None:
    *steps, last = path.split(".")
    for step in steps:
        data = data.setdefault(step, {})
    data[last] = value


def holds(predicate: Predicate, found: dict[str, Any]) -> bool:
    """Whether a predicate is true of what a reader has read."""
    if predicate.set is not None:
        return get(found, predicate.set) not in (None, "")
    if predicate.count is not None:
        return bool(get(found, predicate.count))
    if predicate.all is not None:
        return all(holds(inner, found) for inner in predicate.all)
    if predicate.any is not None:
        return any(holds(inner, found) for inner in predicate.any)
    assert predicate.field is not None
    value = get(found, predicate.field)
    if predicate.one_of is not None:
        return value in predicate.one_of
    if predicate.greater is not None:
        return value is not None and value > predicate.greater
    return bool(value == predicate.equal)


def gated(name: str, data: dict[str, Any]) -> dict[str, Any]:
    """`data` without what its own values gate off: conditions keep the fields of their type, a hedge parameter needs a
    hedge type. The gates are the text layout's; no sender fills those fields in protobuf either.
    """
    known = catalogue()
    message = known.messages[name]
    return _gated(known, known.record(message), message.text or (), data)


def _gated(known: Catalogue, record: Record, items: tuple[Item, ...], data: dict[str, Any]) -> dict[str, Any]:
    kept = _copy(data)
    for item in items:
        match item:
            case GroupItem():
                kept = _gated(known, record, item.group, kept)
            case WhenItem():
                taken, left = (item.then, item.otherwise) if holds(item.when, kept) else (item.otherwise, item.then)
                _drop(kept, set(_plain(left)) - set(_plain(taken)))
                kept = _gated(known, record, taken, kept)
            case ChoiceItem():
                taken = set(_plain(item.cases[str(get(kept, item.choice))]))
                every = {path for case in item.cases.values() for path in _plain(case)}
                whole = {path.partition(".")[0] for path in every} - {path.partition(".")[0] for path in taken}
                _drop(kept, (every - taken) | whole)
            case RepeatItem():
                kind = resolve(known.types, record, item.repeat).kind
                if get(kept, item.repeat) and kind.is_record:
                    inner = known.types[kind.name]
                    put(kept, item.repeat, [_gated(known, inner, item.of, one) for one in get(kept, item.repeat)])
    return kept


def _plain(items: tuple[Item, ...]) -> Iterator[str]:
    """The paths of a branch, those of its inner branches included."""
    for item in items:
        match item:
            case FieldItem():
                yield item.field
            case RepeatItem():
                yield item.repeat
            case PresentItem():
                yield item.present
            case GroupItem():
                yield from _plain(item.group)
            case WhenItem():
                yield from _plain(item.then + item.otherwise)
            case ChoiceItem():
                for case in item.cases.values():
                    yield from _plain(case)


def _drop(data: dict[str, Any], paths: set[str]) -> None:
    for path in paths:
        *steps, last = path.split(".")
        inner = get(data, ".".join(steps)) if steps else data
        if isinstance(inner, dict) and last in inner:
            del inner[last]
            if not inner and steps:
                _drop(data, {".".join(steps)})


def _copy(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copy(one) for key, one in value.items()}
    return [_copy(one) for one in value] if isinstance(value, list) else value
