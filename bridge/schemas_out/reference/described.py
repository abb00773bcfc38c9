"""The type and the bounds of a value in words, from the JSON Schema that pydantic makes of a model."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bridge.schemas_out.reference.text import codes

Schema = dict[str, Any]

#: The bounds that a schema may have: the two keywords of each, and the unit on the page.
_BOUNDED = (("minimum", "maximum", ""), ("minLength", "maxLength", " characters"), ("minItems", "maxItems", " items"))
_NAMES = {"integer": "integer", "number": "double", "boolean": "bool", "string": "string", "object": "map"}
_FORMATS = {"path": "path", "time": "time of day"}


def value_of(schema: Schema) -> Schema:
    """The schema of the value itself, if the value is optional (null and absent are the same)."""
    kinds = [one for one in schema.get("anyOf", ()) if one.get("type") != "null"]
    return kinds[0] if len(kinds) == 1 else schema


def kind_of(schema: Schema, refer: Callable[[str], str]) -> str:
    """The type in words. `refer` writes the name of another model."""
    one = value_of(schema)
    if "$ref" in one:
        return refer(str(one["$ref"]).rpartition("/")[2])
    if "anyOf" in one:
        return " or ".join(dict.fromkeys(kind_of(kind, refer) for kind in one["anyOf"] if kind.get("type") != "null"))
    if one.get("type") == "array":
        return f"list of {kind_of(one['items'], refer)}"
    if one.get("type") == "object" and (values := _values(one)):
        return f"map of string to {kind_of(values, refer)}"
    words = one.get("type", "any")
    words = [words] if isinstance(words, str) else words
    return _FORMATS.get(one.get("format", "")) or " or ".join(_NAMES.get(word, word) for word in words)


def _values(schema: Schema) -> Schema | None:
    """The schema of a map's values, if all values have the same one."""
    patterns = list(schema.get("patternProperties", {}).values())
    found = patterns[0] if patterns else schema.get("additionalProperties")
    return found if isinstance(found, dict) else None


def allowed(schema: Schema) -> str:
    """What the model checks in addition to the type; empty if it checks nothing more."""
    one = value_of(schema)
    if "anyOf" in one:
        return ", ".join(dict.fromkeys(filter(None, map(allowed, one["anyOf"]))))
    if one.get("type") == "array" and "enum" in one["items"]:
        return codes(one["items"]["enum"])
    if "enum" in one:
        return codes(one["enum"])
    pattern = [f"matches `{one['pattern']}`"] if "pattern" in one else []
    return ", ".join((*filter(None, (_range(one, *bounded) for bounded in _BOUNDED)), *pattern))


def _range(schema: Schema, low: str, high: str, unit: str) -> str:
    """A range such as `1 to 64 characters`, or only its lower or upper bound."""
    first, last, above = schema.get(low), schema.get(high), schema.get("exclusiveMinimum")
    if low == "minimum" and "exclusiveMaximum" in schema and schema.get("type") == "integer":
        last = schema["exclusiveMaximum"] - 1
    if low == "minimum" and above is not None:
        return f"more than {above:g}" + ("" if last is None else f", at most {last:g}")
    if first is not None and last is not None:
        return f"{first} to {last}{unit}"
    if first is not None:
        return f"at least {first}{unit if first != 1 else unit.rstrip('s')}"
    return "" if last is None else f"at most {last}{unit}"
