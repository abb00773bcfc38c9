"""Which run of a client is the newest: that one gives orders, the older twins do not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bridge.session.requests import Refused, Request
from bridge.session.values import Route

#: Runs of one client, and routes of all, that are remembered at most; beyond it the oldest is forgotten.
_MOST_RUNS = 1000
_MOST_ROUTES = 10_000


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

    def check(self, request: Request) -> None:
        """Raise Refused `fenced` where the ask does not come from the newest run of its client."""
        newest = self.newest(request.client)
        if newest is not None and (request.instance or self._on(request.routes)) != newest:
            raise _fenced(request.client, newest)

    def _on(self, routes: list[Route]) -> str | None:
        return next((self._routes[route] for route in routes if route in self._routes), None)


def _fenced(client: str, newest: str | None) -> Refused:
    message = f"a newer instance of {client} has said hello: {newest}; orders are taken from that one only"
    return Refused("fenced", message, rule="instance", newest=newest)
