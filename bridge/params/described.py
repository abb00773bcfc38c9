"""The JSON Schema of params, in a simple form from which code generators make good types.

An optional field is not required, and has no alternative `null` and no default `null`. Only a definition has a
title: its name. A schema with `$ref` has no other key, because the definition describes the record.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, JsonSchemaValue, models_json_schema
from pydantic_core import core_schema

Schema = dict[str, Any]


class _Plain(GenerateJsonSchema):
    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        if schema.get("default") is None:
            return self.generate_inner(schema["schema"])
        return super().default_schema(schema)

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def described(models: Iterable[type[BaseModel]]) -> Schema:
    """Return a definition for each of these models and for each record that they use, by name."""
    mode: JsonSchemaMode = "validation"
    wanted = [(model, mode) for model in dict.fromkeys(models)]
    _, shared = models_json_schema(wanted, schema_generator=_Plain)
    definitions: Schema = _alone(shared["$defs"])
    return definitions


def description(model: type[BaseModel]) -> Schema:
    """Return one schema with all definitions that it uses."""
    schema: Schema = _alone(model.model_json_schema(schema_generator=_Plain))
    return schema


def _alone(schema: Any) -> Any:
    """Return the schema without the keys that stand next to a `$ref`."""
    if isinstance(schema, list):
        return [_alone(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if isinstance(schema.get("$ref"), str):
        return {"$ref": schema["$ref"]}
    return {key: _alone(value) for key, value in schema.items()}
