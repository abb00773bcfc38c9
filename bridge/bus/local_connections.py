"""Numbers the connections of a bridge without keys, so that each has its own limits. With keys, ZAP does that."""

from __future__ import annotations

import itertools
from collections.abc import Callable


class LocalConnections:
    """`identify` returns what a descriptor is at present; None if its connection has ended."""

    def __init__(self, identify: Callable[[int], object]) -> None:
        self._identify = identify
        self._numbers = itertools.count(1)
        self._known: dict[int, tuple[object, str]] = {}

    def user_id(self, descriptor: int) -> str | None:
        """The User-Id of the connection with this descriptor, of the same form as with keys; None if it has ended."""
        now = self._identify(descriptor)
        if now is None:
            return None
        known = self._known.get(descriptor)
        if known is None or known[0] != now:
            number = next(self._numbers)
            known = self._known[descriptor] = now, f"connection-{number}/{number}"
        return known[1]
