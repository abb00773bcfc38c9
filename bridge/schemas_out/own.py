"""What the bridge itself says, as JSON Schema: its types and events, the data of its errors.

Own types stand in the document that uses them; those of TWS stand in `events.schema.json`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bridge.contract import Contract, Event, Field, Rule
from bridge.contract.grammar import Kind
from bridge.schemas_out.events import SCALARS

Schema = dict[str, Any]

_SCALARS: dict[str, Schema] = {
    **SCALARS,
    "bytes": {"type": "string", "format": "binary"},
    "map": {"type": "object"},
}


class Own:
    """`of_tws`: where the types and events of TWS stand, for the document that is made."""

    def __init__(self, made: Contract, of_tws: str = "#/$defs/") -> None:
        self._made = made
        self._of_tws = of_tws
        self._used: dict[str, None] = {}

    def event(self, event: Event) -> Schema:
        """The data of one event of the bridge's own."""
        if event.record is not None:
            return {"description": event.about, "$ref": self._of_tws + event.record}
        return self.map(self._made.fields(event), event.about)

    def any_of(self, kinds: Iterable[Kind]) -> Schema:
        schemas = [self.kind(kind) for kind in kinds]
        return schemas[0] if len(schemas) == 1 else {"anyOf": schemas}

    def kind(self, kind: Kind) -> Schema:
        one = dict(_SCALARS[kind.name]) if kind.name in _SCALARS else {"$ref": self._place(kind.name)}
        match kind.form:
            case "list":
                return {"type": "array", "items": one}
            case "map":
                return {"type": "object", "additionalProperties": one}
            case _:
                return one

    def map(self, fields: Iterable[Field], about: str = "", first: Schema | None = None) -> Schema:
        """A map with these fields; `first`: schemas of further ones that it must have."""
        fields = tuple(fields)
        properties = {**(first or {}), **{field.name: self._field(field) for field in fields}}
        required = [*(first or ()), *(field.name for field in fields if field.required)]
        schema: Schema = {"type": "object"}
        if about:
            schema["description"] = about
        schema["properties"] = properties
        if required:
            schema["required"] = required
        return schema

    def refusal(self) -> Schema:
        """`error.data` of what a rule refuses: the rule, and its fields."""
        return {"anyOf": [self._rule(rule) for rule in self._made.rules.values()]}

    def used(self) -> dict[str, Schema]:
        """The types of the bridge's own that were named so far, and those that they name."""
        found: dict[str, Schema] = {}
        while missing := self._used.keys() - found.keys():
            found |= {name: self._type(name) for name in missing}
        return dict(sorted(found.items()))

    def _rule(self, rule: Rule) -> Schema:
        return self.map(rule.fields, rule.about, {"rule": {"const": rule.rule}})

    def _type(self, name: str) -> Schema:
        one = self._made.types[name]
        if one.values is not None:
            return _words({"type": "string"}, one.about, one.values)
        return self.map(self._made.fields(one), one.about)

    def _field(self, field: Field) -> Schema:
        schema = self.kind(field.kind)
        return _words(schema, field.about, field.values) if field.values else {**schema, "description": field.about}

    def _place(self, name: str) -> str:
        if name not in self._made.types:
            return self._of_tws + name
        self._used[name] = None
        return f"#/$defs/{name}"


def _words(schema: Schema, about: str, values: dict[str, str]) -> Schema:
    told = ", ".join(f"{word}: {meaning}" for word, meaning in values.items())
    return {**schema, "enum": list(values), "description": f"{about} {told}"}
