"""JSON Schema (2020-12) of the `data` of every event of TWS, with the records under `$defs`."""

from __future__ import annotations

from typing import Any

from bridge.catalogue import Catalogue, Field, Message, Record

SCALARS: dict[str, dict[str, Any]] = {
    "int32": {"type": "integer"},
    "int64": {"type": "integer"},
    "double": {"type": "number"},
    "bool": {"type": "boolean"},
    "string": {"type": "string"},
    "decimal": {"type": "string", "format": "decimal"},
    "id64": {"type": "string", "pattern": "^-?[0-9]+$"},
}

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def definitions_of_tws(known: Catalogue) -> dict[str, Any]:
    """One definition for each callback, and for each record they use."""
    used = _used(known, [known.record(message) for message in known.events()])
    definitions = {name: record_schema(known.types[name]) for name in sorted(used)}
    for message in sorted(known.events(), key=lambda m: m.name):
        for name in message.callbacks():
            definitions[name] = event_schema(known, message, name)
    return definitions


def event_schema(known: Catalogue, message: Message, name: str) -> dict[str, Any]:
    """The schema of one callback's data."""
    record = known.record(message)
    return record_schema(Record(name=name, about=message.about, fields=record.fields))


def record_schema(record: Record) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "object"}
    if record.about:
        schema["description"] = record.about
    schema["properties"] = {field.name: field_schema(field) for field in record.fields}
    required = [field.name for field in record.fields if field.required]
    if required:
        schema["required"] = required
    return schema


def field_schema(field: Field) -> dict[str, Any]:
    kind = field.kind
    one = {"$ref": f"#/$defs/{kind.name}"} if kind.is_record else dict(SCALARS[kind.name])
    if kind.repeated:
        one = {"type": "array", "items": one}
    elif kind.mapping:
        one = {"type": "object", "additionalProperties": {"type": "string"}}
    described = "; ".join(part for part in (field.about, _values(field)) if part)
    if described:
        one["description"] = described
    return one


def _values(field: Field) -> str:
    return ", ".join(f"{code}: {meaning}" for code, meaning in (field.values or {}).items())


def _used(known: Catalogue, records: list[Record]) -> set[str]:
    found: set[str] = set()
    waiting = list(records)
    while waiting:
        for field in waiting.pop().fields:
            if field.kind.is_record and field.kind.name not in found:
                found.add(field.kind.name)
                waiting.append(known.types[field.kind.name])
    return found
