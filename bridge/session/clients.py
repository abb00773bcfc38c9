"""Who is there: the clients heard from, and since when not; and which run of a client is the newest.

What a client holds lives while it is heard from. Which run is the newest is remembered longer than that.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from bridge.session.asks import Ask, Refused
from bridge.session.effects import Instant, Route

#: Runs of one client, and routes of all, that are remembered at most; beyond it the oldest is forgotten.
_MOST_RUNS = 1000
_MOST_ROUTES = 10_000


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


class Fences:
    """Which run (`instance`) of each client is the newest: orders of an older one are refused.

    A client that never says `hello` has one run, and no fence. One that does names its run in each request
    (`instance`), or asks on the route on which it said `hello`.
    """

    def __init__(self, runs: Mapping[str, Iterable[str]]) -> None:
        """`runs`: what `told` gave when the bridge last ran."""
        #: Client -> its runs, the newest last.
        self._runs = {client: dict.fromkeys(known) for client, known in runs.items()}
        self._routes: dict[Route, str] = {}

    def hello(self, client: str, instance: str, route: Route) -> bool:
        """Take note of a run; whether it is new and fences another. Raises Refused `fenced` for one that is older."""
        runs = self._runs.setdefault(client, {})
        newest = self.newest(client)
        if instance in runs and instance != newest:
            raise _fenced(client, newest)
        runs[instance] = None
        if len(runs) > _MOST_RUNS:
            del runs[next(iter(runs))]
        self._routes.pop(route, None)
        self._routes[route] = instance
        if len(self._routes) > _MOST_ROUTES:
            del self._routes[next(iter(self._routes))]
        return newest is not None and newest != instance

    def told(self) -> dict[str, list[str]]:
        """Each client's runs, the newest last."""
        return {client: list(runs) for client, runs in self._runs.items()}

    def newest(self, client: str) -> str | None:
        return next(reversed(self._runs.get(client, {})), None)

    def check(self, ask: Ask) -> None:
        """Raise Refused `fenced` where the ask does not come from the newest run of its client."""
        newest = self.newest(ask.client)
        if newest is not None and (ask.instance or self._on(ask.routes)) != newest:
            raise _fenced(ask.client, newest)

    def _on(self, routes: list[Route]) -> str | None:
        return next((self._routes[route] for route in routes if route in self._routes), None)


def _fenced(client: str, newest: str | None) -> Refused:
    message = f"a newer instance of {client} has said hello: {newest}; orders are taken from that one only"
    return Refused("fenced", message, rule="instance", newest=newest)
