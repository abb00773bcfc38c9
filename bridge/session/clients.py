"""Who is there: the clients heard from, and since when not. What a client holds lives while it is heard from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bridge.session.values import Instant


@dataclass(slots=True)
class Client:
    """One client by name. `since` and `heard_ts` in ns since 1970 UTC, `heard` on the steady clock, in seconds."""

    name: str
    since: int
    heard: float
    heard_ts: int
    instance: str | None = None
    requests: int = 0


class Clients:
    """`lease`: seconds after which a client that says nothing counts as lost."""

    def __init__(self, lease: float) -> None:
        self.lease = lease
        self._clients: dict[str, Client] = {}
        self._looked = 0.0

    def __iter__(self) -> Iterator[Client]:
        return iter(self._clients.values())

    def hear(self, name: str, now: Instant) -> tuple[Client, bool]:
        """The client has said something; whether it is new."""
        client = self._clients.get(name)
        is_new = client is None
        if client is None:
            client = self._clients[name] = Client(name, now.ts, now.clock, now.ts)
        client.heard, client.heard_ts = now.clock, now.ts
        client.requests += 1
        return client, is_new

    def expect(self, name: str, now: Instant) -> None:
        """Count the client as heard now, though it has said nothing: it may have died while nobody listened."""
        self._clients.setdefault(name, Client(name, now.ts, now.clock, now.ts))

    def lost(self, now: Instant) -> list[Client]:
        """Those whose lease has run out; they are forgotten. After a stall of our own all leases are renewed."""
        stalled = now.clock - self._looked > self.lease / 2
        self._looked = now.clock
        if stalled:
            for client in self._clients.values():
                client.heard = now.clock
            return []
        gone = [client for client in self._clients.values() if now.clock - client.heard > self.lease]
        for client in gone:
            del self._clients[client.name]
        return gone
