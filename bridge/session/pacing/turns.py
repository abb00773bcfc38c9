"""Fair turns: which client's request is next, by deficit round robin.

Source: Shreedhar and Varghese, "Efficient Fair Queueing Using Deficit Round Robin", 1995. A client that floods the
bridge delays its own requests, and not those of others.
"""

from __future__ import annotations

from collections import deque
from typing import Generic, TypeVar

T = TypeVar("T")


class FairTurns:
    """The turns of the clients, over all time. A client that has nothing to send loses its credit."""

    def __init__(self) -> None:
        self._rotation: deque[str] = deque()
        self._credit: dict[str, int] = {}

    def begin(self, waiting: dict[str, deque[tuple[T, int]]]) -> Round[T]:
        """Begin with these requests. `waiting`: by client, its requests in order, each with its cost in messages."""
        self._rotation = deque(client for client in self._rotation if waiting.get(client))
        known = set(self._rotation)
        self._rotation.extend(client for client in waiting if waiting[client] and client not in known)
        self._credit = {client: self._credit.get(client, 0) for client in self._rotation}
        return Round(self._rotation, self._credit, waiting)


class Round(Generic[T]):
    """One look at the requests that wait."""

    def __init__(self, rotation: deque[str], credit: dict[str, int], waiting: dict[str, deque[tuple[T, int]]]) -> None:
        self._rotation = rotation
        self._credit = credit
        self._waiting = waiting

    def next(self) -> tuple[T, int] | None:
        """Return the request whose turn it is, and its cost; None if none waits. It stays next until `take`."""
        while self._rotation:
            client = self._rotation[0]
            if not self._waiting[client]:
                self._rotation.popleft()
                del self._credit[client]
                continue
            request, cost = self._waiting[client][0]
            if self._credit[client] >= cost:
                return request, cost
            self._credit[client] += 1
            self._rotation.rotate(-1)
        return None

    def skip(self) -> None:
        """Pass over the request that `next` has returned: it cannot run yet, and costs nothing."""
        self._waiting[self._rotation[0]].popleft()

    def take(self) -> None:
        """Take the request that `next` has returned."""
        client = self._rotation[0]
        _, cost = self._waiting[client].popleft()
        self._credit[client] -= cost
