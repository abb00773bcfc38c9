"""JSON Schema of what the bridge declares itself: its types, the data of its events and errors, and its results."""

from __future__ import annotations

from collections.abc import Iterable

from bridge.catalogue import Catalogue
from bridge.contract import Contract, Event, Field, Rule
from bridge.contract.grammar import Kind, Type
from bridge.schemas_out.documents import Schema, ref
from bridge.schemas_out.names import data_of
from bridge.schemas_out.scalars import SCALARS


class Own:
    def __init__(self, made: Contract, known: Catalogue) -> None:
        self._made = made
        self._known = known

    def event(self, event: Event) -> Schema:
        """The data of one of the bridge's own events."""
        return self.map(self._made.fields(event), event.about)

    def types(self) -> dict[str, Schema]:
        """The bridge's own types, except those that stand for all events or all parts."""
        return {name: self._type(one) for name, one in self._made.types.items() if not one.union}

    def kind(self, kind: Kind) -> Schema:
        match kind.form:
            case "list":
                return {"type": "array", "items": self._one(kind.name)}
            case "map":
                return {"type": "object", "additionalProperties": self._one(kind.name)}
            case _:
                return self._one(kind.name)

    def map(self, fields: Iterable[Field], about: str = "", first: Schema | None = None) -> Schema:
        """A map with these fields. `first`: schemas of fields that come before them and are required."""
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

    def rule(self, rule: Rule) -> Schema:
        """`error.data` of a refusal by a rule: the rule, and its fields."""
        return self.map(rule.fields, rule.about, {"rule": {"type": "string", "const": rule.rule}})

    def either(self, types: list[Type], about: str) -> Schema:
        """A map with the fields of one of these types. A field is required if all of the types require it."""
        if len(types) == 1:
            return ref(types[0].name)
        listed = [self.map(self._made.fields(one)) for one in types]
        properties: dict[str, Schema] = {}
        for one in listed:
            for name, schema in one["properties"].items():
                properties[name] = self._wider(properties.get(name, schema), schema)
        required = [name for name in properties if all(name in one.get("required", ()) for one in listed)]
        schema = {"type": "object", "description": about, "properties": properties}
        return {**schema, "required": required} if required else schema

    def _wider(self, one: Schema, other: Schema) -> Schema:
        """A schema that allows what either of them allows: the words of both."""
        if {**one, "description": ""} == {**other, "description": ""}:
            return one
        words = [word for schema in (one, other) for word in self._words_of(schema)]
        return {"type": "string", "enum": list(dict.fromkeys(words)), "description": "State of the order or request."}

    def _words_of(self, schema: Schema) -> list[str]:
        if "$ref" in schema:
            return list(self._made.types[schema["$ref"].rpartition("/")[2]].values or ())
        return list(schema["enum"])

    def _type(self, one: Type) -> Schema:
        if one.values is not None:
            return _words({"type": "string"}, one.about, one.values)
        return self.map(self._made.fields(one), one.about)

    def _field(self, field: Field) -> Schema:
        schema = self.kind(field.kind)
        if "$ref" in schema:
            return schema
        return _words(schema, field.about, field.values) if field.values else {**schema, "description": field.about}

    def _one(self, name: str) -> Schema:
        if name in SCALARS:
            return dict(SCALARS[name])
        return ref(data_of(name) if name in self._known.by_event else name)


def _words(schema: Schema, about: str, values: dict[str, str]) -> Schema:
    meanings = "; ".join(f"{word}: {meaning.rstrip('.')}" for word, meaning in values.items())
    return {**schema, "enum": list(values), "description": f"{about} {meanings}."}
