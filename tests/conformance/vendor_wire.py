"""A parsed protobuf message of anyone's classes as plain data."""

from __future__ import annotations

from typing import Any


def wire_value(value: Any) -> Any:
    """Only what is set; lists and maps as such."""
    if not hasattr(value, "ListFields"):
        return value
    found: dict[str, Any] = {}
    for field, one in value.ListFields():
        if hasattr(one, "items"):
            found[field.name] = dict(one.items())
        elif isinstance(one, str) or not hasattr(one, "__len__"):
            found[field.name] = wire_value(one)
        else:
            found[field.name] = [wire_value(each) for each in one]
    return found
