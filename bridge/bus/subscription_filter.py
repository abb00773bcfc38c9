"""Which prefixes each connection has requested, and which of them the bridge has granted.

A reload of the configuration may change what a client may receive. XPUB can change the subscriptions of a connection
only when a message comes from it. So the bridge ends a connection that has too much, and the client connects again. A
connection that may have more keeps what it has, and gets the rest with its next change.

ZeroMQ keeps a set of prefixes for each connection. If a client may receive only `market.` and requests `` and
`market.`, the bridge grants it `market.` for both. When it unsubscribes from one of them, the bridge must not remove
the grant of the other, so this module counts the requests behind each grant. It also limits what a connection may
request. It is pure: user ids, descriptors, prefixes and the time go in, and changes come out.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from bridge.bus.zap import name_of, number_of
from bridge.logs import tell
from bridge.session.rights.grants import cut

#: How many prefixes one connection may request, and how long each may be. No topic is longer.
MOST_PREFIXES = 10_000
MOST_BYTES = 255
#: How many bytes all prefixes of one connection may have together. ZeroMQ keeps about 100 bytes of memory for each.
MOST_PREFIX_BYTES = 192 << 10
#: How many bytes the prefixes of all connections may have. Beyond that the bridge ends each connection that asks for
#: more and has more than `SMALL` bytes.
MOST_BYTES_OF_ALL = 1 << 20
SMALL = 16 << 10
#: How many bytes of excess prefixes a connection may send. ZeroMQ keeps them until the connection ends.
_MOST_DROPPED = 32 << 10
#: How many changes all connections of a client may send in `WINDOW` seconds.
MOST_CHANGES = 50_000
WINDOW = 10.0
_MOST_ENDED = 1000
#: What the bridge does with a change: apply it; disconnect its connection; ignore it, as the connection has ended.
Verdict = Literal["accept", "disconnect", "ignore"]
_LOG = logging.getLogger("bridge")


@dataclass(slots=True)
class _Listener:
    """One connection.

    Attributes:
        user_id: its User-Id. number: its number in it; a later connection has a higher one.
        name: the name of its client.
        hears: the prefixes of the topics that the client may receive.
        socket: what identifies the connection while it is open.
        asked: the prefixes that it has requested.
        granted: for each prefix to grant, how many requested prefixes need it.
        applied: the prefixes that ZeroMQ has. They differ from `granted` after a reload, until the next change.
        asked_bytes: how many bytes these prefixes have.
        dropped: how many bytes of excess prefixes it has sent.
    """

    user_id: str
    number: int
    name: str
    hears: tuple[bytes, ...]
    socket: object
    asked: set[bytes] = field(default_factory=set)
    granted: Counter[bytes] = field(default_factory=Counter)
    applied: set[bytes] = field(default_factory=set)
    is_behind: bool = False
    asked_bytes: int = 0
    dropped: int = 0

    @property
    def bytes(self) -> int:
        """How many bytes of prefixes ZeroMQ keeps for the connection."""
        return self.asked_bytes + self.dropped


@dataclass(slots=True)
class _Rate:
    """How many changes a client has sent since `since`. `logged` has the warnings that are in the log already."""

    since: float
    changes: int = 0
    logged: set[str] = field(default_factory=set)


class SubscriptionFilter:
    """The requested and granted prefixes of all connections.

    `hears` returns the prefixes of the topics that a client may receive, by its name. `identify` returns what the
    descriptor is at present.

    ZeroMQ does not report the end of a connection. But the system reuses a descriptor only after its connection has
    ended, so the filter forgets a connection when another one comes with the same descriptor.
    """

    def __init__(
        self, hears: Callable[[str], tuple[str, ...]], identify: Callable[[int], object] = lambda descriptor: descriptor
    ) -> None:
        self._hears = hears
        self._identify = identify
        self._listeners: dict[int, _Listener] = {}
        self._rates: dict[str, _Rate] = {}
        #: Connections that the bridge has disconnected; frames of them may still arrive.
        self._ended: dict[int, None] = {}
        self._bytes = 0
        #: How many connections are behind after a reload.
        self.behind = 0
        #: How many prefixes were dropped, and how many connections were ended.
        self.refused = 0

    def subscribe(self, user_id: str, descriptor: int, prefix: bytes) -> list[bytes]:
        """Count a requested prefix. Returns the prefixes to grant in addition to those that the connection has."""
        listener = self._listener(user_id, descriptor)
        if listener is None or prefix in listener.asked:
            return []
        is_excess = len(listener.asked) >= MOST_PREFIXES or listener.asked_bytes + len(prefix) > MOST_PREFIX_BYTES
        if is_excess or len(prefix) > MOST_BYTES:
            listener.dropped += len(prefix) + 1
            self._bytes += len(prefix) + 1
            self.refused += 1
            self._warn(listener.name, f"subscribes to more than {MOST_PREFIXES} prefixes, or to too long ones: dropped")
            return []
        listener.asked.add(prefix)
        listener.asked_bytes += len(prefix)
        self._bytes += len(prefix)
        wanted = cut(prefix, listener.hears)
        listener.granted.update(wanted)
        new = [granted for granted in wanted if granted not in listener.applied]
        listener.applied.update(new)
        return new

    def unsubscribe(self, user_id: str, descriptor: int, prefix: bytes) -> list[bytes]:
        """Remove a requested prefix. Returns the granted prefixes that no other request of the connection needs."""
        listener = self._listener(user_id, descriptor)
        if listener is None or prefix not in listener.asked:
            return []
        listener.asked.remove(prefix)
        listener.asked_bytes -= len(prefix)
        self._bytes -= len(prefix)
        removed = []
        for granted in cut(prefix, listener.hears):
            listener.granted[granted] -= 1
            if not listener.granted[granted]:
                del listener.granted[granted]
                if granted in listener.applied:
                    listener.applied.remove(granted)
                    removed.append(granted)
        return removed

    def reconsider(self, speaks: Callable[[str], object]) -> list[int]:
        """The rights have changed. Return the descriptors of the connections that the bridge must end.

        `speaks`: whether the client of a User-Id still has the key of that connection.
        """
        over = []
        for descriptor, listener in list(self._listeners.items()):
            if not self._is_open(descriptor, listener):
                self._forget(descriptor)
                continue
            hears = tuple(topic.encode("ascii") for topic in self._hears(listener.name))
            if not speaks(listener.user_id) or not all(prefix.startswith(hears) for prefix in listener.applied):
                over.append(descriptor)
                self._forget(descriptor)
                self._end(listener.number)
            elif hears != listener.hears:
                listener.hears = hears
                listener.granted = Counter(granted for prefix in listener.asked for granted in cut(prefix, hears))
                self.behind += not listener.is_behind
                listener.is_behind = True
        return over

    def catch_up(self, user_id: str, descriptor: int) -> tuple[list[bytes], list[bytes]]:
        """Return the prefixes to grant and to remove, now that a message of the connection has come after a reload."""
        listener = self._listeners.get(descriptor)
        if listener is None or listener.user_id != user_id or not listener.is_behind:
            return [], []
        listener.is_behind = False
        self.behind -= 1
        new = [prefix for prefix in listener.granted if prefix not in listener.applied]
        old = [prefix for prefix in listener.applied if prefix not in listener.granted]
        listener.applied = set(listener.granted)
        return new, old

    def judge(self, user_id: str, descriptor: int, clock: float) -> Verdict:
        """Count one change of a connection. Returns what to do with it. `clock` is monotonic, in seconds."""
        name, number = name_of(user_id), number_of(user_id)
        if number in self._ended:
            return "ignore"
        rate = self._rates.get(name)
        if rate is None or clock - rate.since > WINDOW:
            rate = self._rates[name] = _Rate(clock)
            if len(self._rates) > _MOST_ENDED:
                self._rates = {other: its for other, its in self._rates.items() if clock - its.since <= WINDOW}
        rate.changes += 1
        known = self._listeners.get(descriptor)
        listener = known if known is not None and known.number == number else None
        dropped = 0 if listener is None else listener.dropped
        if rate.changes <= MOST_CHANGES and dropped <= _MOST_DROPPED and not self._is_too_much(listener):
            return "accept"
        self._warn(name, "subscribes too much, or subscribes and unsubscribes too often: disconnected")
        self.refused += 1
        self._end(number)
        return "disconnect"

    def _end(self, number: int) -> None:
        self._ended[number] = None
        if len(self._ended) > _MOST_ENDED:
            del self._ended[next(iter(self._ended))]

    def _is_too_much(self, listener: _Listener | None) -> bool:
        """Whether all connections together have too many bytes, and this one is not small."""
        if listener is None or self._bytes <= MOST_BYTES_OF_ALL or listener.bytes <= SMALL:
            return False
        for descriptor, other in list(self._listeners.items()):
            if other is not listener and not self._is_open(descriptor, other):
                self._forget(descriptor)
        return self._bytes > MOST_BYTES_OF_ALL

    def _is_open(self, descriptor: int, listener: _Listener) -> bool:
        return listener.socket is not None and self._identify(descriptor) == listener.socket

    def _forget(self, descriptor: int) -> None:
        ended = self._listeners.pop(descriptor, None)
        if ended is not None:
            self._bytes -= ended.bytes
            self.behind -= ended.is_behind

    def count(self) -> int:
        """How many prefixes the open connections have requested."""
        return sum(
            len(listener.asked)
            for descriptor, listener in self._listeners.items()
            if self._is_open(descriptor, listener)
        )

    def names(self) -> set[str]:
        """The clients that have an open connection with at least one granted prefix."""
        return {
            listener.name
            for descriptor, listener in self._listeners.items()
            if listener.granted and self._is_open(descriptor, listener)
        }

    def _listener(self, user_id: str, descriptor: int) -> _Listener | None:
        """The connection, or None if the frame is a late one of a connection that has ended."""
        number = number_of(user_id)
        known = self._listeners.get(descriptor)
        if known is None or known.number < number:
            name = name_of(user_id)
            self._forget(descriptor)
            hears = tuple(topic.encode("ascii") for topic in self._hears(name))
            known = self._listeners[descriptor] = _Listener(user_id, number, name, hears, self._identify(descriptor))
        return known if known.number == number else None

    def _warn(self, name: str, warning: str) -> None:
        """Log a warning about a client, once in each `WINDOW`."""
        rate = self._rates.get(name)
        if rate is not None and warning not in rate.logged:
            rate.logged.add(warning)
            tell(_LOG, "subscriptionsLimited", client=name, reason=warning)
