"""JSON Schema (2020-12) of every event: a `oneOf` by the constant `event`, the same live, in a snapshot and in the log.

For an event `tickPrice` there are `TickPriceData` (its fields), `TickPriceEvent` (all of it) and `TickPricePart` (a
part of an answer).
"""

from __future__ import annotations

from typing import Any

from bridge.catalogue import Catalogue, Field, Message, Record
from bridge.contract import Contract, Event
from bridge.schemas_out.documents import Schema, document, joined, one_of, ref
from bridge.schemas_out.names import data_of, part_of, whole
from bridge.schemas_out.own import Own
from bridge.schemas_out.scalars import SCALARS


def events_schema(known: Catalogue, made: Contract) -> Schema:
    """The document: any event."""
    root = {
        "title": "Event",
        "description": "Any event of tws-bridge: live, in a snapshot, and in the order log.",
        "oneOf": [ref(whole(name)) for name in published(known, made)],
    }
    return document(root, definitions(known, made))


def published(known: Catalogue, made: Contract) -> list[str]:
    """The names of events: those of TWS, then the bridge's own."""
    of_tws = sorted(known.by_event.keys() - {event.record for event in made.events.values()})
    return list(dict.fromkeys([*of_tws, *(event.event for event in made.events.values())]))


def definitions(known: Catalogue, made: Contract) -> dict[str, Schema]:
    """All definitions for events: records, types, the data of each event, whole events, parts of answers."""
    own = Own(made, known)
    records = {name: record_schema(record) for name, record in known.types.items()}
    of_tws = {data_of(name): event_schema(known, message, name) for name, message in known.by_event.items()}
    of_ours = {data_of(e.event): own.event(e) for e in made.events.values() if not (e.record or _is_callback(made, e))}
    events = {whole(name): _whole(made, name, _data(made, name)) for name in published(known, made)}
    parts = {part_of(name): _part(name) for name in sorted(known.by_event)}
    anything = {"events": [*events], "callbacks": [*parts]}
    unions = {one.name: _union(one.about, anything[one.union]) for one in made.types.values() if one.union}
    return joined(records, of_tws, of_ours, own.types(), events, parts, unions)


def _data(made: Contract, event: str) -> str:
    """The definition of an event's fields: its own, those of an event of TWS, or a whole callback of TWS."""
    for one in made.events.values():
        if one.event == event and one.record is not None:
            return data_of(one.record)
        if one.event == event and one.base is not None and _is_callback(made, one):
            return one.base
    return data_of(event)


def _is_callback(made: Contract, event: Event) -> bool:
    """Whether the data of the event is a whole callback of TWS, with its name."""
    return event.base is not None and made.types[event.base].union is not None


def _whole(made: Contract, event: str, data: str) -> Schema:
    properties = {**made.wire["envelope"], "event": {"type": "string", "const": event}, "data": ref(data)}
    abouts = [one.about for one in made.events.values() if one.event == event]
    schema: Schema = {"type": "object", "properties": properties, "required": made.wire["envelopeRequired"]}
    return {"description": " ".join(abouts), **schema} if abouts else schema


def _union(about: str, names: list[str]) -> Schema:
    return {"description": about, **one_of(names)}


def _part(name: str) -> Schema:
    return {
        "type": "object",
        "properties": {"event": {"type": "string", "const": name}, "data": ref(data_of(name))},
        "required": ["event", "data"],
    }


def event_schema(known: Catalogue, message: Message, name: str) -> Schema:
    """The schema of one callback's data."""
    record = known.record(message)
    return record_schema(Record(name=name, about=message.about, fields=record.fields))


def record_schema(record: Record) -> Schema:
    schema: Schema = {"type": "object"}
    if record.about:
        schema["description"] = record.about
    schema["properties"] = {field.name: field_schema(field) for field in record.fields}
    required = [field.name for field in record.fields if field.required]
    if required:
        schema["required"] = required
    return schema


def field_schema(field: Field) -> Schema:
    """The schema of a field. A record has its description in its definition, and other types have it here."""
    kind = field.kind
    one: Schema = ref(kind.name) if kind.is_record else {**SCALARS[kind.name], **_values(field)}
    if kind.repeated:
        one = {"type": "array", "items": one}
    elif kind.mapping:
        one = {"type": "object", "additionalProperties": {"type": "string"}}
    return one if "$ref" in one or not field.told else {**one, "description": field.told}


def _values(field: Field) -> dict[str, Any]:
    if not field.values:
        return {}
    return {"enum" if field.closed else "examples": field.codes}
