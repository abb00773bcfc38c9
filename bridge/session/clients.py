"""The clients: when the bridge last heard from each, and when a client counts as lost.

The bridge hears from a client when the client sends a request. A client that sends none for a lease may still listen to
events: where clients use keys, the shell reports which clients have a subscription open.
`docs/reference/client-states.md` is generated from this file.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from bridge.session.bounds import Bounds, limit_reached
from bridge.session.machine import Life, Machine, Row, machine
from bridge.session.values import Instant, Route

#: The session looks at the clients each second. If more seconds pass between two looks, the bridge itself has stalled.
#: The limit holds however short the lease is.
STALL = 2.5
#: Two connections of one client count as used together when both are known for so many seconds and still take turns.
#: The bridge reads what a connection had sent before a reconnect in a shorter time.
TOGETHER = 2.0
#: The most connections of one client that the bridge counts. It forgets the one that was silent for longest.
MOST_CONNECTIONS = 16

ClientState = Literal["present", "listening", "lost"]
ClientEvent = Literal["heard", "leaseOverListening", "leaseOver"]

_ABOUT: Mapping[ClientState, str] = {
    "present": "The client has sent a request within its lease.",
    "listening": "The client has sent no request for a lease, but has a subscription to the events open. It keeps its "
    "streams. The bridge cancels its orders if `when_lost` says so.",
    "lost": "The client has sent no request for a lease, and has no subscription open. The bridge has "
    "released its streams.",
}
_ABOUT_EVENTS: Mapping[ClientEvent, str] = {
    "heard": "The client sends a request; a `ping` is enough.",
    "leaseOverListening": "The client has sent no request for a lease, and has a subscription open.",
    "leaseOver": "The client has sent no request for a lease, and has had no subscription open for a lease.",
}
CLIENT: Machine[ClientState, ClientEvent] = machine(
    "present",
    _ABOUT,
    _ABOUT_EVENTS,
    {
        "present": Row("heard", {"leaseOverListening": "listening", "leaseOver": "lost"}),
        "listening": Row("leaseOverListening", {"heard": "present", "leaseOver": "lost"}),
        "lost": Row("leaseOverListening leaseOver", {"heard": "present"}),
    },
)


class ClientLife(Life[ClientState, ClientEvent]):
    """The state of one client."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(CLIENT)


@dataclass(slots=True)
class Client:
    """One client, by name.

    `since` and `heard_ts` are in ns since 1970 UTC. `heard` and `listened` are in seconds on the steady clock. `lease`:
    the one that it was told, or that held when it came. A reload must not make it shorter while the client is here.
    """

    name: str
    since: int
    heard: float
    heard_ts: int
    listened: float
    lease: float
    instance: str | None = None
    requests: int = 0
    life: ClientLife = field(default_factory=ClientLife)
    #: Connection -> when it sent its first and its latest request, in seconds on the steady clock. The newest is last.
    connections: dict[Route, tuple[float, float]] = field(default_factory=dict)
    is_shared: bool = False

    def sent_on(self, route: Route, clock: float, lease: float) -> bool:
        """Record on which connection a request came. Return whether this shows two connections in use, the first time.

        A client that restarts or reconnects has a new connection, and never uses the old one again. So two are in use
        when an earlier one sends again after a later one.
        """
        newest = next(reversed(self.connections), route)
        newest_first, _ = self.connections.get(newest, (clock, clock))
        first, latest = self.connections.pop(route, (clock, clock))
        self.connections[route] = first, clock
        if len(self.connections) > MOST_CONNECTIONS:
            del self.connections[next(iter(self.connections))]
        takes_turns = newest != route and clock - latest <= lease and clock - max(first, newest_first) >= TOGETHER
        if self.is_shared or not takes_turns:
            return False
        self.is_shared = True
        return True

    def connections_since(self, clock: float) -> int:
        """The number of connections on which requests have come since then."""
        return sum(latest >= clock for _, latest in self.connections.values())


class Clients:
    """All clients, at most `most`. `lease`: seconds after which a client that sends nothing counts as lost."""

    def __init__(self, lease: float, most: int = Bounds().clients) -> None:
        self.lease = lease
        self.most = most
        self._clients: dict[str, Client] = {}
        self._looked = 0.0

    def __len__(self) -> int:
        return len(self._clients)

    def __iter__(self) -> Iterator[Client]:
        return iter(self._clients.values())

    def hear(self, name: str, now: Instant) -> tuple[Client, bool]:
        """Record a request of the client. Return the client, and whether it is new or was silent for a lease.

        Raises Refused `limitReached` for a new client if there are too many.
        """
        client = self._clients.get(name)
        is_new = client is None
        if client is None:
            if len(self._clients) >= self.most:
                raise limit_reached("clients", self.most, f"{len(self._clients)} names within a lease")
            client = self._clients[name] = _new(name, now, self.lease)
        client.heard, client.heard_ts = now.clock, now.ts
        client.requests += 1
        return client, client.life.happen("heard") or is_new

    def tell_lease(self, client: Client) -> float:
        """Return the lease that is told to the client. It holds for the client from now on."""
        client.lease = self.lease
        return client.lease

    def lease_of(self, client: Client) -> float:
        """Return the lease of the client: a longer one holds at once, a shorter one when the client has been told."""
        return max(client.lease, self.lease)

    def expect(self, name: str, now: Instant) -> None:
        """Count the client as heard now, though it has sent nothing: it may have died while the bridge was down."""
        self._clients.setdefault(name, _new(name, now, self.lease))

    def listen(self, names: Collection[str], now: Instant) -> None:
        """Record that these clients have a subscription to the events open. Unknown names are ignored."""
        for name in names:
            if (client := self._clients.get(name)) is not None:
                client.listened = now.clock

    def silent(self, now: Instant) -> list[Client]:
        """Return the clients whose state changes because their lease is over. Forget those that are lost.

        After a stall of the bridge, renew all leases instead.
        """
        stalled = now.clock - self._looked > max(self.lease / 2, STALL)
        self._looked = now.clock
        if stalled:
            for client in self._clients.values():
                client.heard = now.clock
            return []
        over = [client for client in self._clients.values() if now.clock - client.heard > self.lease_of(client)]
        changed = [client for client in over if client.life.happen(self._lease_event(client, now))]
        for client in changed:
            if client.life.state == "lost":
                del self._clients[client.name]
        return changed

    def _lease_event(self, client: Client, now: Instant) -> ClientEvent:
        return "leaseOver" if now.clock - client.listened > self.lease_of(client) else "leaseOverListening"


def _new(name: str, now: Instant, lease: float) -> Client:
    return Client(name, now.ts, now.clock, now.ts, listened=-math.inf, lease=lease)
