"""Checks that need more than one declaration: references, numbers, ids, paths and version ranges."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator
from typing import TypeVar

from bridge.catalogue.grammar import (
    NEWEST,
    OLDEST,
    Bits,
    ChoiceItem,
    Field,
    FieldItem,
    GroupItem,
    Item,
    Message,
    Predicate,
    PresentItem,
    Record,
    RepeatItem,
    WhenItem,
)
from bridge.catalogue.paths import element, resolve
from bridge.catalogue.types import SCALARS

TOPICS = {"market", "depth", "trades", "bars", "order", "account", "news", "scanner", "request", "system"}

Value = TypeVar("Value", bound=Hashable)
Types = dict[str, Record]
Messages = dict[str, Message]


def inspect(types: Types, messages: Messages) -> Iterator[str]:
    """Yields one line for each mistake in the declarations together."""
    for record in types.values():
        yield from _fields(f"types/{record.name}", record.fields, types)
    yield from _ids(messages)
    yield from _protobuf_names(types, messages)
    for message in messages.values():
        yield from _message(message, types, messages)


def _fields(place: str, fields: tuple[Field, ...], types: Types) -> Iterator[str]:
    for name in _duplicates(field.name for field in fields):
        yield f"{place}: field {name} is declared twice"
    for number in _duplicates(field.number for field in fields if field.number is not None):
        yield f"{place}: protobuf number {number} is used twice"
    for field in fields:
        try:
            kind = field.kind
        except ValueError as error:
            yield f"{place}: field {field.name}: {error}"
            continue
        if kind.name not in SCALARS and kind.name not in types:
            yield f"{place}: field {field.name}: there is no type {kind.name}"


def _ids(messages: Messages) -> Iterator[str]:
    for direction, id_ in _duplicates((m.direction, m.id) for m in messages.values()):
        names = sorted(m.name for m in messages.values() if (m.direction, m.id) == (direction, id_))
        yield f"id {id_} {direction} is declared by {' and '.join(names)}"


def _protobuf_names(types: Types, messages: Messages) -> Iterator[str]:
    own = [m.protobuf.message for m in messages.values() if m.protobuf and m.record is None]
    for name in _duplicates([*own, *types]):
        yield f"protobuf message {name} is declared twice: name the record in `record` instead"
    for m in messages.values():
        if m.record is not None and m.protobuf and m.protobuf.message != m.record:
            yield f"{m.name}: record {m.record} travels as protobuf {m.protobuf.message}: the names must be the same"


def _message(message: Message, types: Types, messages: Messages) -> Iterator[str]:
    place = f"messages/{message.family}/{message.name}"
    yield from _fields(place, message.fields, types)
    if message.cache is not None and not message.shared:
        yield f"{place}: cache: only the answer to a shared request can be kept: declare shared"
    if message.shared and (message.once or message.direction != "toTws" or message.completes not in ("one", "end")):
        yield f"{place}: shared: only a request that TWS answers, and that may be sent twice, can be shared"
    if message.record is not None and (message.fields or message.record not in types):
        yield f"{place}: record {message.record}: either name a type or list the fields"
        return
    yield from (f"{place}: {line}" for line in _references(message, messages))
    record = types[message.record] if message.record else Record(name=message.name, fields=message.fields)
    if message.protobuf is None and message.text is None:
        yield f"{place}: has neither a text nor a protobuf form"
    yield from (f"{place}: {line}" for line in _paths(message, record, types))
    if message.text is not None:
        yield from (f"{place}: text: {line}" for line in _layout(message.text, record, types))
        for version in range(OLDEST, NEWEST + 1):
            for path in _duplicates(_written(message.text, version)):
                yield f"{place}: text: {path} appears twice at version {version}: the ranges overlap"
                return


def _references(message: Message, messages: Messages) -> Iterator[str]:
    callbacks = {name for m in messages.values() if m.direction == "fromTws" for name in m.callbacks()}
    for name in (*message.answers, *(end.event for end in message.end)):
        if name not in callbacks:
            yield f"answer {name} is not declared"
    for end in message.end:
        event = next((m for m in messages.values() if end.event in m.callbacks()), None)
        if end.done is not None and event is not None and end.done not in {field.name for field in event.fields}:
            yield f"end {end.event}: it has no field {end.done}"
    if message.cancel is not None and message.cancel not in messages:
        yield f"cancel {message.cancel} is not declared"
    if message.subject is not None and messages.get(message.subject, message).completes != "stream":
        yield f"subject {message.subject} is not a subscription"
    if message.topic is not None and message.topic not in TOPICS:
        yield f"topic {message.topic} is not one of {', '.join(sorted(TOPICS))}"
    if message.direction == "toTws" and message.completes is None:
        yield "a request must declare how it completes"
    if message.direction == "fromTws" and message.topic is None:
        yield "an event must declare its topic"


def _paths(message: Message, record: Record, types: Types) -> Iterator[str]:
    paths = [*message.key, *message.last, *message.streamsIf, *message.streamsUnless]
    for path in [*paths, *([message.event.by] if message.event else [])]:
        try:
            resolve(types, record, path)
        except ValueError as error:
            yield str(error)


def _layout(items: tuple[Item, ...], record: Record, types: Types) -> Iterator[str]:
    for item in items:
        try:
            yield from _item(item, record, types)
        except ValueError as error:
            yield str(error)


def _item(item: Item, record: Record, types: Types) -> Iterator[str]:
    match item:
        case FieldItem():
            yield from _single(item, resolve(types, record, item.field), types)
        case GroupItem():
            yield from _layout(item.group, record, types)
        case RepeatItem():
            kind = resolve(types, record, item.repeat).kind
            if not (kind.repeated or kind.mapping) or kind.is_record != bool(item.of):
                yield f"repeat {item.repeat}: {kind} cannot be repeated like this"
            elif kind.is_record:
                yield from _layout(item.of, types[kind.name], types)
        case PresentItem():
            yield from _layout(item.of, element(types, record, item.present), types)
        case WhenItem():
            for path in _predicate_paths(item.when):
                resolve(types, record, path)
            yield from _layout(item.then + item.otherwise, record, types)
        case ChoiceItem():
            resolve(types, record, item.choice)
            for case in item.cases.values():
                yield from _layout(case, record, types)


def _single(item: FieldItem, field: Field, types: Types) -> Iterator[str]:
    """Check one text field: it may hold a scalar, a list or map as text, or a record of flags as bits."""
    kind = field.kind
    if isinstance(item.form, Bits) and kind.is_record and not kind.repeated:
        for flag in item.form.bits:
            named = types[kind.name].field(flag)
            if named is None or named.type != "bool":
                yield f"{item.field}: {kind.name} has no bool field {flag}"
    elif kind.is_record or isinstance(item.form, Bits) or ((kind.mapping or kind.repeated) and item.form is None):
        yield f"{item.field}: {kind} is not a single text field"


def _predicate_paths(predicate: Predicate) -> Iterator[str]:
    for path in (predicate.field, predicate.set, predicate.count):
        if path is not None:
            yield path
    for inner in (predicate.all or ()) + (predicate.any or ()):
        yield from _predicate_paths(inner)


def _written(items: tuple[Item, ...], version: int) -> Iterator[str]:
    """The paths at the positions that every message of the version has; without those in branches."""
    for item in items:
        if version not in item.versions:
            continue
        if isinstance(item, FieldItem) and not item.again:
            yield item.field
        elif isinstance(item, RepeatItem) and not item.merge:
            yield item.repeat
        elif isinstance(item, GroupItem):
            yield from _written(item.group, version)


def _duplicates(values: Iterable[Value]) -> list[Value]:
    return [value for value, count in Counter(values).items() if count > 1]
