"""Checks that the text writer and the protobuf writer share. A failed check raises ValueError with the reason."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bridge.tws.errors import EncodeError

_EMPTY: dict[str, Any] = {}


def as_record(value: Any) -> dict[str, Any]:
    """The value as a nested record; empty if it is None."""
    if value is None:
        return _EMPTY
    if not isinstance(value, dict):
        raise ValueError(f"{value!r:.40} is not a map")
    return value


def as_list(value: Any) -> list[Any]:
    """The value as a list; empty if it is None."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise ValueError(f"{value!r:.40} is not a list")
    return value


def missing() -> str:
    """Refuse a message without a required field."""
    raise ValueError("missing")


def says_nothing(value: Any) -> bool:
    """Whether the value is the same as unset: None, false, or an empty text, list or map."""
    return value is None or value is False or value in ("", [], {})


def refusal(
    message: str, known: set[str], allowed: frozenset[str], prefix: str, needs: Callable[[str], str] | None
) -> Callable[[dict[str, Any]], None]:
    """Returns a function that checks the keys of the record at `prefix`. It raises EncodeError.

    It always refuses a key that is not `known`. A key that is known but not `allowed` is refused with the reason
    `needs(path)`, unless its value is the same as unset. Without `needs` such a key is left out.
    """

    def refuse(data: dict[str, Any]) -> None:
        for field in sorted(map(str, data.keys() - allowed)):
            path = prefix + field
            if field not in known:
                raise EncodeError(message, path, "no such field")
            if needs is not None and not says_nothing(data[field]):
                raise EncodeError(message, path, needs(path))

    return refuse
