"""Limits the lines that a client or TWS can cause as often as it likes.

An event whose declaration has `limitBy` is written `BURST` times in `WINDOW` seconds with the same values in these
fields. When the seconds are over, one line says how many more there were. `apart` in the declaration says of which
lines at least one is written, whatever others there are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bridge.logs.entry import Entry, declared

BURST = 10
WINDOW = 60.0
#: So many kinds of one event are counted apart. All further ones count as one kind, so that new names help nobody.
#: Each value that the declaration keeps apart has so many kinds of its own.
MOST_KINDS = 30
_Name = tuple[tuple[str, str], ...]


@dataclass(slots=True)
class _Kind:
    since: float
    values: Mapping[str, Any]
    written: int = 0
    left_out: int = 0


@dataclass(slots=True)
class Throttle:
    """Not safe for threads: the caller holds a lock. `clock` is in seconds on a steady clock."""

    #: By the event, and by what the declaration keeps apart.
    _kinds: dict[tuple[str, _Name], dict[_Name | None, _Kind]] = field(default_factory=dict)

    def admits(self, event: str, fields: Mapping[str, Any], clock: float) -> bool:
        """Whether to write this line now. If not, it is counted."""
        known = declared(event)
        if not known.limit_by:
            return True
        values = {name: fields[name] for name in known.limit_by if name in fields}
        apart = known.apart_with(fields)
        kinds = self._kinds.setdefault((event, _name(apart)), {})
        name: _Name | None = _name(values)
        if name not in kinds and len(kinds) >= MOST_KINDS:
            name, values = None, apart
        kind = kinds.setdefault(name, _Kind(clock, values))
        if kind.written < BURST:
            kind.written += 1
            return True
        kind.left_out += 1
        return False

    @property
    def is_counting(self) -> bool:
        """Whether `due` must be called from time to time."""
        return bool(self._kinds)

    def due(self, clock: float, created: float, *, all_of_them: bool = False) -> list[Entry]:
        """Forget the kinds whose seconds are over (or all). Return a line for each that was left out."""
        lines = []
        for (event, apart), kinds in list(self._kinds.items()):
            for name, kind in list(kinds.items()):
                if not all_of_them and clock - kind.since < WINDOW:
                    continue
                del kinds[name]
                if kind.left_out:
                    facts = {"ofEvent": event, "count": kind.left_out, "seconds": round(clock - kind.since, 1)}
                    lines.append(Entry(created, "warning", "repeated", facts | dict(kind.values)))
            if not kinds:
                del self._kinds[event, apart]
        return lines


def _name(values: Mapping[str, Any]) -> _Name:
    return tuple((name, str(value)) for name, value in values.items())
