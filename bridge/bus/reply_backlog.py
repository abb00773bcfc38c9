"""Limits the bytes of large replies that wait for each connection, so that a client that does not read costs no memory.

ZeroMQ's high-water mark counts messages, and a thousand replies of some hundred kilobytes are too many.
"""

from __future__ import annotations

from collections import deque

import zmq

#: Replies of at least this many bytes count. For smaller ones ZeroMQ's high-water mark of 1000 is enough.
LARGE = 16 << 10
#: So many bytes may wait for each connection, however much waits for others that do not read.
SMALL = 1 << 20


class ReplyBacklog:
    """How many bytes may wait: `most` for one connection, `most_of_all` for all.

    `SMALL` bytes of each connection, and one reply more, may always wait.
    """

    def __init__(self, most: int, most_of_all: int) -> None:
        self._most = most
        self._most_of_all = most_of_all
        self._waiting: dict[bytes, deque[tuple[zmq.MessageTracker, int]]] = {}

    def has_room(self, route: tuple[bytes, ...]) -> bool:
        """Whether the bridge may send another large reply on the route."""
        self._forget_taken()
        own = sum(size for _, size in self._waiting.get(route[0], ()))
        return own <= SMALL or (own <= self._most and self._bytes() <= self._most_of_all)

    def add(self, route: tuple[bytes, ...], tracker: zmq.MessageTracker, size: int) -> None:
        """Count a reply. The tracker is done when ZeroMQ has sent the reply, or dropped it with its connection."""
        self._waiting.setdefault(route[0], deque()).append((tracker, size))

    def bytes(self) -> int:
        """How many bytes of large replies wait, for all connections."""
        self._forget_taken()
        return self._bytes()

    def _bytes(self) -> int:
        return sum(size for waiting in self._waiting.values() for _, size in waiting)

    def _forget_taken(self) -> None:
        for peer, waiting in list(self._waiting.items()):
            while waiting and waiting[0][0].done:
                waiting.popleft()
            if not waiting:
                del self._waiting[peer]
