"""Limits the lines that a client or TWS can cause as often as it likes.

An event whose declaration has `limitBy` is written `BURST` times in `WINDOW` seconds with the same values in these
fields. When the seconds are over, one line says how many more there were.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bridge.logs.entry import Entry, declared

BURST = 10
WINDOW = 60.0
#: So many kinds of one event are counted apart. All further ones count as one kind, so that new names help nobody.
MOST_KINDS = 30


@dataclass(slots=True)
class _Kind:
    since: float
    values: Mapping[str, Any]
    written: int = 0
    left_out: int = 0


@dataclass(slots=True)
class Throttle:
    """Not safe for threads: the caller holds a lock. `clock` is in seconds on a steady clock."""

    _kinds: dict[str, dict[Hashable, _Kind]] = field(default_factory=dict)

    def admits(self, event: str, fields: Mapping[str, Any], clock: float) -> bool:
        """Whether to write this line now. If not, it is counted."""
        limit_by = declared(event).limit_by
        if not limit_by:
            return True
        values = {name: fields[name] for name in limit_by if name in fields}
        kinds = self._kinds.setdefault(event, {})
        name: Hashable = tuple((name, str(value)) for name, value in values.items())
        if name not in kinds and len(kinds) >= MOST_KINDS:
            name, values = None, {}
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
        for event, kinds in list(self._kinds.items()):
            for name, kind in list(kinds.items()):
                if not all_of_them and clock - kind.since < WINDOW:
                    continue
                del kinds[name]
                if kind.left_out:
                    facts = {"ofEvent": event, "count": kind.left_out, "seconds": round(clock - kind.since, 1)}
                    lines.append(Entry(created, "warning", "repeated", facts | dict(kind.values)))
            if not kinds:
                del self._kinds[event]
        return lines
