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
from bridge.session.values import Instant

#: The session looks at the clients each second. If more seconds pass between two looks, the bridge itself has stalled.
#: The limit holds however short the lease is.
STALL = 2.5

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

    `since` and `heard_ts` are in ns since 1970 UTC. `heard` and `listened` are in seconds on the steady clock.
    """

    name: str
    since: int
    heard: float
    heard_ts: int
    listened: float
    instance: str | None = None
    requests: int = 0
    life: ClientLife = field(default_factory=ClientLife)


class Clients:
    """All clients, at most `most`. `lease`: seconds after which a client that sends nothing counts as lost."""

    def __init__(self, lease: float, most: int = Bounds().clients) -> None:
        self.lease = lease
        self._most = most
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
            if len(self._clients) >= self._most:
                raise limit_reached("clients", self._most, f"{len(self._clients)} names within a lease")
            client = self._clients[name] = _new(name, now)
        client.heard, client.heard_ts = now.clock, now.ts
        client.requests += 1
        return client, client.life.happen("heard") or is_new

    def expect(self, name: str, now: Instant) -> None:
        """Count the client as heard now, though it has sent nothing: it may have died while the bridge was down."""
        self._clients.setdefault(name, _new(name, now))

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
        over = [client for client in self._clients.values() if now.clock - client.heard > self.lease]
        changed = [client for client in over if client.life.happen(self._lease_event(client, now))]
        for client in changed:
            if client.life.state == "lost":
                del self._clients[client.name]
        return changed

    def _lease_event(self, client: Client, now: Instant) -> ClientEvent:
        return "leaseOver" if now.clock - client.listened > self.lease else "leaseOverListening"


def _new(name: str, now: Instant) -> Client:
    return Client(name, now.ts, now.clock, now.ts, listened=-math.inf)
