"""What both writers ask of the data they are given; every refusal is a ValueError with its words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bridge.tws.errors import EncodeError

_EMPTY: dict[str, Any] = {}


def as_record(value: Any) -> dict[str, Any]:
    """A nested record; absent is empty."""
    if value is None:
        return _EMPTY
    if not isinstance(value, dict):
        raise ValueError(f"{value!r:.40} is no map")
    return value


def as_list(value: Any) -> list[Any]:
    """A list; absent is empty."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise ValueError(f"{value!r:.40} is no list")
    return value


def missing() -> str:
    raise ValueError("missing")


def says_nothing(value: Any) -> bool:
    """Unset in all but name: absent, false, or an empty text, list or map."""
    return value is None or value is False or value in ("", [], {})


def refusal(
    message: str, known: set[str], allowed: frozenset[str], prefix: str, needs: Callable[[str], str] | None
) -> Callable[[dict[str, Any]], None]:
    """A function that refuses keys of a record at `prefix` which are not `allowed`.

    What the record does not know at all is always refused; what it knows but cannot carry here is refused with the
    words of `needs(path)`, unless it says nothing; without `needs` it is left out.
    """

    def refuse(data: dict[str, Any]) -> None:
        for field in sorted(map(str, data.keys() - allowed)):
            path = prefix + field
            if field not in known:
                raise EncodeError(message, path, "no such field")
            if needs is not None and not says_nothing(data[field]):
                raise EncodeError(message, path, needs(path))

    return refuse
