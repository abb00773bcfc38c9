"""What each connection subscribed to and what of it was granted: so that one prefix given up takes no other with it.

ZeroMQ keeps a set of prefixes for each connection, and a client that asked for `` and `market.` was granted `market.`
once. A change costs as much as what it grants, however much a connection has asked for, and a connection can ask for so
much only. Pure: user ids, descriptors, prefixes and the time go in, changes come out.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from bridge.bus.zap import name_of, number_of
from bridge.session.rights.grants import cut

#: Prefixes that one connection may ask for, and bytes of one: no topic is longer.
MOST_PREFIXES = 10_000
MOST_BYTES = 255
#: Bytes of prefixes beyond that: ZeroMQ keeps these too, until the connection ends.
_MOST_DROPPED = 1 << 20
#: Changes that all connections of a client may bring in so many seconds: it can send them faster than we can read.
MOST_CHANGES = 50_000
WINDOW = 10.0
_MOST_ENDED = 1000
#: Of a change: to be granted; from one whose connection is to be ended; from one whose connection was ended.
Weight = Literal["fair", "too much", "ended"]
_LOG = logging.getLogger("bridge")


@dataclass(slots=True)
class _Listener:
    """One connection. `granted`: how many of the prefixes asked for need this one. `socket`: what it is, while open."""

    number: int
    name: str
    hears: tuple[bytes, ...]
    socket: object
    asked: set[bytes] = field(default_factory=set)
    granted: Counter[bytes] = field(default_factory=Counter)
    dropped: int = 0


@dataclass(slots=True)
class _Pace:
    """What one client brings, since when; `told`: which of its excesses are in the log already."""

    since: float
    changes: int = 0
    told: set[str] = field(default_factory=set)


class SubscriptionFilter:
    """`hears`: client's name -> prefixes of the topics that it may hear. `identify`: a descriptor -> what it is now.

    ZeroMQ does not say when a connection ends. But its descriptor is another's only after its end, so we forget a
    connection when we see its descriptor again, and never one that lives.
    """

    def __init__(
        self, hears: Callable[[str], tuple[str, ...]], identify: Callable[[int], object] = lambda descriptor: descriptor
    ) -> None:
        self._hears = hears
        self._identify = identify
        self._listeners: dict[int, _Listener] = {}
        self._paces: dict[str, _Pace] = {}
        #: Connections that were too much, of which frames may still be under way.
        self._ended: dict[int, None] = {}

    def subscribe(self, user_id: str, descriptor: int, prefix: bytes) -> list[bytes]:
        """The prefixes to grant to a connection that asks for this one, beyond those that it has."""
        listener = self._listener(user_id, descriptor)
        if listener is None or prefix in listener.asked:
            return []
        if len(prefix) > MOST_BYTES or len(listener.asked) >= MOST_PREFIXES:
            listener.dropped += len(prefix) + 1
            self._tell(listener.name, f"asks for more than {MOST_PREFIXES} prefixes, or too long ones: dropped")
            return []
        listener.asked.add(prefix)
        wanted = cut(prefix, listener.hears)
        listener.granted.update(wanted)
        return [granted for granted in wanted if listener.granted[granted] == 1]

    def unsubscribe(self, user_id: str, descriptor: int, prefix: bytes) -> list[bytes]:
        """The prefixes to take back, which nothing else that the connection asked for needs."""
        listener = self._listener(user_id, descriptor)
        if listener is None or prefix not in listener.asked:
            return []
        listener.asked.remove(prefix)
        given_up = []
        for granted in cut(prefix, listener.hears):
            listener.granted[granted] -= 1
            if not listener.granted[granted]:
                del listener.granted[granted]
                given_up.append(granted)
        return given_up

    def weigh(self, user_id: str, descriptor: int, clock: float) -> Weight:
        """Count one more change that a connection brings: is it more than is good for all? `clock` is steady."""
        name, number = name_of(user_id), number_of(user_id)
        if number in self._ended:
            return "ended"
        pace = self._paces.get(name)
        if pace is None or clock - pace.since > WINDOW:
            pace = self._paces[name] = _Pace(clock)
        pace.changes += 1
        listener = self._listeners.get(descriptor)
        dropped = listener.dropped if listener is not None and listener.number == number else 0
        if pace.changes <= MOST_CHANGES and dropped <= _MOST_DROPPED:
            return "fair"
        self._tell(name, "subscribes and unsubscribes too much: its connection is ended")
        self._ended[number] = None
        if len(self._ended) > _MOST_ENDED:
            del self._ended[next(iter(self._ended))]
        return "too much"

    def names(self) -> set[str]:
        """The clients that have a connection open which was granted something."""
        return {
            listener.name
            for descriptor, listener in self._listeners.items()
            if listener.granted and listener.socket is not None and self._identify(descriptor) == listener.socket
        }

    def _listener(self, user_id: str, descriptor: int) -> _Listener | None:
        """The connection; None for one that has ended, of which a frame was still under way."""
        number = number_of(user_id)
        known = self._listeners.get(descriptor)
        if known is None or known.number < number:
            name = name_of(user_id)
            hears = tuple(topic.encode("ascii") for topic in self._hears(name))
            known = self._listeners[descriptor] = _Listener(number, name, hears, self._identify(descriptor))
        return known if known.number == number else None

    def _tell(self, name: str, excess: str) -> None:
        """Log who does what it should not, once in a while."""
        pace = self._paces.get(name)
        if pace is not None and excess not in pace.told:
            pace.told.add(excess)
            _LOG.warning("%s %s", name, excess)
