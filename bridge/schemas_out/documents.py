"""A JSON Schema document: its root, and exactly the definitions that it needs, by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bridge.schemas_out.names import pascal

Schema = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_HERE = "#/$defs/"


def ref(name: str) -> Schema:
    return {"$ref": _HERE + name}


def one_of(names: list[str]) -> Schema:
    """Exactly one of these definitions. Each has a constant that distinguishes it."""
    return ref(names[0]) if len(names) == 1 else {"oneOf": [ref(name) for name in names]}


def document(root: Schema, pool: Mapping[str, Schema]) -> Schema:
    """`root` with the definitions of `pool` that it refers to."""
    return {"$schema": DIALECT, **root, "$defs": reached(root, joined(*map(_words_apart, pool, pool.values())))}


def _words_apart(name: str, schema: Schema) -> dict[str, Schema]:
    """The definition, and one for each of its enums: generators would number enums that have no name."""
    fields = schema.get("properties", {})
    names = {field: name + pascal(field) for field, one in fields.items() if "enum" in one}
    if not names:
        return {name: schema}
    named = {field: ref(names[field]) if field in names else one for field, one in fields.items()}
    return {name: {**schema, "properties": named}} | {names[field]: fields[field] for field in names}


def reached(root: Schema, pool: Mapping[str, Schema]) -> dict[str, Schema]:
    """The definitions that `root` refers to, by name, each with its name as title."""
    found: dict[str, Schema] = {}
    waiting = [root]
    while waiting:
        for name in _named(waiting.pop()):
            if name not in found:
                found[name] = {"title": name, **pool[name]}
                waiting.append(pool[name])
    return dict(sorted(found.items()))


def joined(*pools: Mapping[str, Schema]) -> dict[str, Schema]:
    """All definitions. Two of them must not have the same name, or names that differ only in case."""
    everything: dict[str, Schema] = {}
    names: dict[str, str] = {}
    for pool in pools:
        for name, schema in pool.items():
            other = names.setdefault(name.lower(), name)
            if other != name or everything.setdefault(name, schema) != schema:
                raise ValueError(f"{name}: another definition has the name {other}")
    return everything


def _named(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        target = schema.get("$ref")
        if isinstance(target, str):
            yield target.removeprefix(_HERE)
        for value in schema.values():
            yield from _named(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from _named(value)
