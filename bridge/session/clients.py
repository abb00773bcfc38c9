"""Who is there: the clients, when each was heard from, and what a silent one keeps.

A client is heard when it asks something. One that asks nothing for a lease may still listen: the shell tells who has a
connection to the events open, where keys say whose it is. `docs/reference/client-states.md` is generated from here.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from bridge.session.machine import Life, Machine, Row, machine
from bridge.session.values import Instant

#: Seconds between two looks at the clients that are no stall, however short the lease is: there is one each second.
STALL = 2.5

ClientState = Literal["present", "listening", "lost"]
ClientEvent = Literal["heard", "leaseOverListening", "leaseOver"]

_ABOUT: Mapping[ClientState, str] = {
    "present": "It has asked something within its lease.",
    "listening": "It has asked nothing for a lease, and a subscription of it to the events is open. It keeps its "
    "streams. Its orders are cancelled where `when_lost` says so.",
    "lost": "It has asked nothing for a lease, and it listens to nothing. The bridge releases its streams.",
}
_ABOUT_EVENTS: Mapping[ClientEvent, str] = {
    "heard": "It asks something; a `ping` is enough.",
    "leaseOverListening": "It has asked nothing for a lease, and it listens.",
    "leaseOver": "It has neither asked nor listened for a lease.",
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
    """How one client stands."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(CLIENT)


@dataclass(slots=True)
class Client:
    """One client by name. `since` and `heard_ts` in ns since 1970 UTC; the others in seconds, on the steady clock."""

    name: str
    since: int
    heard: float
    heard_ts: int
    listened: float
    instance: str | None = None
    requests: int = 0
    life: ClientLife = field(default_factory=ClientLife)


class Clients:
    """`lease`: seconds after which a client that says nothing counts as lost."""

    def __init__(self, lease: float) -> None:
        self.lease = lease
        self._clients: dict[str, Client] = {}
        self._looked = 0.0

    def __iter__(self) -> Iterator[Client]:
        return iter(self._clients.values())

    def hear(self, name: str, now: Instant) -> tuple[Client, bool]:
        """The client has said something; whether it is new, or was silent for a lease."""
        client = self._clients.get(name)
        is_new = client is None
        if client is None:
            client = self._clients[name] = _new(name, now)
        client.heard, client.heard_ts = now.clock, now.ts
        client.requests += 1
        return client, client.life.happen("heard") or is_new

    def expect(self, name: str, now: Instant) -> None:
        """Count the client as heard now, though it has said nothing: it may have died while nobody listened."""
        self._clients.setdefault(name, _new(name, now))

    def listen(self, names: Collection[str], now: Instant) -> None:
        """These clients have a connection to the events open. Those that never asked for anything keep nothing."""
        for name in names:
            if (client := self._clients.get(name)) is not None:
                client.listened = now.clock

    def silent(self, now: Instant) -> list[Client]:
        """Those whose state changes because their lease is over; the `lost` ones are forgotten.

        After a stall of our own all leases are renewed.
        """
        stalled = now.clock - self._looked > max(self.lease / 2, STALL)
        self._looked = now.clock
        if stalled:
            for client in self._clients.values():
                client.heard = now.clock
            return []
        over = [client for client in self._clients.values() if now.clock - client.heard > self.lease]
        changed = [client for client in over if client.life.happen(self._why(client, now))]
        for client in changed:
            if client.life.state == "lost":
                del self._clients[client.name]
        return changed

    def _why(self, client: Client, now: Instant) -> ClientEvent:
        return "leaseOver" if now.clock - client.listened > self.lease else "leaseOverListening"


def _new(name: str, now: Instant) -> Client:
    return Client(name, now.ts, now.clock, now.ts, listened=-math.inf)
