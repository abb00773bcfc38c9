"""The queue of one lane: the messages that wait in it, and the turns of orders. Their owners take turns."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from bridge.session.effects import Send, SendAll
from bridge.session.values import Instant

#: `cancels` of orders and the probe of a silent TWS leave first; then `orders`, and the descriptions and lists that
#: placing waits for; then the `rest`; then `releases`, which end streams. `pacer` says what they leave to each other.
Lane = Literal["cancels", "orders", "rest", "releases"]


@dataclass(frozen=True, slots=True, eq=False)
class Turn:
    """`then` is called when there is room for `cost` messages. It decides what to send, by what is true at that time.

    `owner`: the client whose turn it is, in a lane where clients take turns; else empty. An order that waits for room
    is one that the bridge has not sent: a cancel withdraws it, and it does not leave when it must not leave any more.
    """

    lane: Lane
    cost: int
    then: Callable[[Instant], None]
    owner: str = ""


Entry = Send | SendAll | Turn


class LaneQueue:
    """The messages of one lane. `cost`: how many they are; a group is one entry with several messages.

    `queues`: by owner, in the order of their turns; empty if nothing waits.
    """

    def __init__(self) -> None:
        self.queues: dict[str, deque[Entry]] = {}
        self.cost = 0

    def __bool__(self) -> bool:
        return bool(self.queues)

    def __iter__(self) -> Iterator[Entry]:
        for queue in self.queues.values():
            yield from queue

    def put(self, entry: Entry, owner: str) -> None:
        """Add a message or group. The messages of one owner leave in the order in which they came."""
        self.queues.setdefault(owner, deque()).append(entry)
        self.cost += cost_of(entry)

    def head(self) -> Entry:
        """Return the entry whose turn it is."""
        return next(iter(self.queues.values()))[0]

    def pop(self) -> Entry:
        """Take the entry whose turn it is. The next turn is that of the next owner."""
        owner, queue = next(iter(self.queues.items()))
        entry = queue.popleft()
        del self.queues[owner]
        if queue:
            self.queues[owner] = queue
        self.cost -= cost_of(entry)
        return entry

    def remove(self, entry: Entry) -> None:
        """Take this entry out."""
        for owner, queue in self.queues.items():
            if entry in queue:
                queue.remove(entry)
                self.cost -= cost_of(entry)
                if not queue:
                    del self.queues[owner]
                return

    def take(self, is_selected: Callable[[Entry], bool]) -> list[Entry]:
        """Take the entries that `is_selected` selects out of the queue."""
        taken = [entry for entry in self if is_selected(entry)]
        for entry in taken:
            self.remove(entry)
        return taken


def sends_of(entry: Entry) -> tuple[Send, ...]:
    """Return the messages of an entry; none of a turn."""
    match entry:
        case Turn():
            return ()
        case SendAll():
            return entry.sends
        case Send():
            return (entry,)


def cost_of(entry: Entry) -> int:
    """Return how many messages an entry is."""
    return entry.cost if isinstance(entry, Turn) else len(sends_of(entry))
