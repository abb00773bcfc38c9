"""The queue of one lane: the messages that wait in it. Their owners take turns."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from bridge.session.effects import Send, SendAll

Entry = Send | SendAll


class LaneQueue:
    """The messages of one lane. `cost`: how many they are; a group is one entry with several messages."""

    def __init__(self) -> None:
        self._queues: dict[str, deque[Entry]] = {}
        self.cost = 0

    def __bool__(self) -> bool:
        return bool(self._queues)

    def __iter__(self) -> Iterator[Entry]:
        for queue in self._queues.values():
            yield from queue

    def put(self, entry: Entry, owner: str) -> None:
        """Add a message or group. The messages of one owner leave in the order in which they came."""
        self._queues.setdefault(owner, deque()).append(entry)
        self.cost += cost_of(entry)

    def head(self) -> Entry:
        """Return the entry whose turn it is."""
        return next(iter(self._queues.values()))[0]

    def pop(self) -> Entry:
        """Take the entry whose turn it is. The next turn is that of the next owner."""
        owner, queue = next(iter(self._queues.items()))
        entry = queue.popleft()
        del self._queues[owner]
        if queue:
            self._queues[owner] = queue
        self.cost -= cost_of(entry)
        return entry

    def remove(self, entry: Entry) -> None:
        """Take this entry out."""
        for owner, queue in self._queues.items():
            if entry in queue:
                queue.remove(entry)
                self.cost -= cost_of(entry)
                if not queue:
                    del self._queues[owner]
                return

    def clear(self) -> list[Entry]:
        """Take all entries."""
        entries = list(self)
        self._queues.clear()
        self.cost = 0
        return entries


def sends_of(entry: Entry) -> tuple[Send, ...]:
    """Return the messages of an entry."""
    return entry.sends if isinstance(entry, SendAll) else (entry,)


def cost_of(entry: Entry) -> int:
    """Return how many messages an entry is."""
    return len(sends_of(entry))
