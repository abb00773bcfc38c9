"""The JSON Schema of each scalar, in the form in which the bridge sends it."""

from __future__ import annotations

from typing import Any

SCALARS: dict[str, dict[str, Any]] = {
    "int32": {"type": "integer"},
    "int64": {"type": "integer", "format": "int64"},
    "double": {"type": "number"},
    "bool": {"type": "boolean"},
    "string": {"type": "string"},
    "decimal": {"type": "string", "format": "decimal"},
    "id64": {"type": "string", "pattern": "^-?[0-9]+$"},
    "bytes": {"type": "string", "format": "binary"},
    "map": {"type": "object", "additionalProperties": True},
}
