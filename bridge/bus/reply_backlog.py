"""How much of the large answers each connection has not taken yet: one that does not read must not fill the memory.

ZeroMQ counts messages, and a thousand of a few hundred kilobytes are too many. Knows routes and sizes, and no answer.
"""

from __future__ import annotations

from collections import deque

import zmq

#: Bytes from which an answer counts. Of smaller ones ZeroMQ's high-water mark, a thousand, is bound enough.
LARGE = 16 << 10


class ReplyBacklog:
    """`most`: bytes that one connection may leave with us; one answer it may always ask for, however large."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._waiting: dict[bytes, deque[tuple[zmq.MessageTracker, int]]] = {}

    def has_room(self, route: tuple[bytes, ...]) -> bool:
        """Whether one more may be sent on the route."""
        self._forget_taken()
        waiting = self._waiting.get(route[0], ())
        return sum(size for _, size in waiting) <= self._most

    def add(self, route: tuple[bytes, ...], tracker: zmq.MessageTracker, size: int) -> None:
        """One more was sent; the tracker says when ZeroMQ has passed it on, or dropped it with its connection."""
        self._waiting.setdefault(route[0], deque()).append((tracker, size))

    def _forget_taken(self) -> None:
        for peer, waiting in list(self._waiting.items()):
            while waiting and waiting[0][0].done:
                waiting.popleft()
            if not waiting:
                del self._waiting[peer]
