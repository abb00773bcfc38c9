"""The heads of the request queue: the requests that may be next, by kind and client. They change one by one, so that a
look at the queue costs what leaves and not what waits.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable
from heapq import heappop, heappush
from typing import Literal

#: `describe`: orders for whose contract the bridge must ask TWS. `free`: cancels and others that need no room ever.
Kind = Literal["free", "orders", "describe", "rest"]
Place = tuple[Kind, str]


class Heads:
    """The turns of requests, in order, by kind and client. What a rule of TWS makes wait is aside until its time."""

    def __init__(self) -> None:
        self._turns: dict[Kind, dict[str, list[int]]] = {"free": {}, "orders": {}, "describe": {}, "rest": {}}
        #: The turns that are aside, and when each comes back (steady clock). A turn may have left meanwhile.
        self._aside: dict[int, Place] = {}
        self._due: list[tuple[float, int]] = []

    def put(self, place: Place, turn: int) -> None:
        """Add the request."""
        kind, client = place
        insort(self._turns[kind].setdefault(client, []), turn)

    def remove(self, place: Place, turn: int) -> None:
        """Remove the request, also if it is aside."""
        if self._aside.pop(turn, None) is not None:
            return
        kind, client = place
        turns = self._turns[kind][client]
        del turns[bisect_left(turns, turn)]
        if not turns:
            del self._turns[kind][client]

    def set_aside(self, place: Place, turn: int, until: float) -> None:
        """Leave the request out until that time."""
        self.remove(place, turn)
        self._aside[turn] = place
        heappush(self._due, (until, turn))

    def bring_back(self, now: float) -> float | None:
        """Take back the requests whose time has come. Return when the next one comes back; None if none is aside."""
        while self._due:
            until, turn = self._due[0]
            if turn in self._aside and until > now:
                return until
            heappop(self._due)
            place = self._aside.pop(turn, None)
            if place is not None:
                self.put(place, turn)
        return None

    def clients(self, kinds: Iterable[Kind]) -> list[str]:
        """Return the clients that have requests of these kinds."""
        return list(dict.fromkeys(client for kind in kinds for client in self._turns[kind]))

    def after(self, place: Place, turn: int) -> int | None:
        """Return the client's first request of that kind after this turn; None if there is none."""
        kind, client = place
        turns = self._turns[kind].get(client, ())
        at = bisect_right(turns, turn)
        return turns[at] if at < len(turns) else None
