"""Fair turns: which client's request is next, by deficit round robin.

Source: Shreedhar and Varghese, "Efficient Fair Queueing Using Deficit Round Robin", 1995. A client that floods the
bridge delays its own requests, and not those of others.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from typing import Generic, TypeVar

T = TypeVar("T")


class FairTurns:
    """The turns of the clients, over all time. A client that has nothing to send loses its credit."""

    def __init__(self) -> None:
        self._rotation: deque[str] = deque()
        self._credit: dict[str, int] = {}

    def begin(self, waiting: Mapping[str, Iterable[tuple[T, int]]]) -> Round[T]:
        """Begin with these requests. `waiting`: by client, its requests in order, each with its cost in messages.

        A client's next request is taken from there when it is the client's turn.
        """
        self._rotation = deque(client for client in self._rotation if client in waiting)
        known = set(self._rotation)
        self._rotation.extend(client for client in waiting if client not in known)
        self._credit = {client: self._credit.get(client, 0) for client in self._rotation}
        return Round(self._rotation, self._credit, waiting)


class Round(Generic[T]):
    """One look at the requests that wait."""

    def __init__(
        self, rotation: deque[str], credit: dict[str, int], waiting: Mapping[str, Iterable[tuple[T, int]]]
    ) -> None:
        self._rotation = rotation
        self._credit = credit
        self._waiting = {client: iter(requests) for client, requests in waiting.items()}
        self._heads: dict[str, tuple[T, int]] = {}

    def next(self) -> tuple[T, int] | None:
        """Return the request whose turn it is, and its cost; None if none waits. It stays next until `take`."""
        while self._rotation:
            client = self._rotation[0]
            head = self._heads.get(client) or next(self._waiting[client], None)
            if head is None:
                self._rotation.popleft()
                del self._credit[client]
                continue
            self._heads[client] = head
            if self._credit[client] >= head[1]:
                return head
            self._credit[client] += 1
            self._rotation.rotate(-1)
        return None

    def skip(self) -> None:
        """Pass over the request that `next` has returned: it cannot run yet, and costs nothing."""
        del self._heads[self._rotation[0]]

    def take(self) -> None:
        """Take the request that `next` has returned."""
        client = self._rotation[0]
        _, cost = self._heads.pop(client)
        self._credit[client] -= cost
