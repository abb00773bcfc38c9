"""Fencing: only the newest instance of a client may place orders; the bridge refuses those of older instances."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping

from bridge.session.bounds import limit_reached
from bridge.session.requests import Refused, Request
from bridge.session.values import Route

#: The most instances of one client, and the most routes of all, that the bridge stores. It deletes the oldest.
_MOST_RUNS = 1000
_MOST_ROUTES = 10_000
#: The most instances of all clients together. Above this number the bridge forgets old instances of the client that has
#: the most; if each has one, the client whose last hello is the oldest.
MOST_INSTANCES = 10_000
#: How many new instances one client, and all together, may announce in a minute: the bridge writes each to disk.
_NEW_OF_CLIENT = 20
_NEW = 200
#: So many each client may always announce, whatever the others do.
_FEW = 5
_MINUTE = 60.0


class Fences:
    """The instances of each client. The bridge refuses orders of all but the newest.

    A client that never sends `hello` is never fenced. A client that does gives its `instance` in each request, or sends
    its requests on the route on which it sent `hello`.
    """

    def __init__(self, runs: Mapping[str, Iterable[str]]) -> None:
        """`runs`: what `told` returned in the last run of the bridge."""
        #: Client -> its instances, the newest last. The client that said hello last is the last one.
        self._runs = {client: dict.fromkeys(known) for client, known in runs.items()}
        self._routes: dict[Route, str] = {}
        #: When a new instance came, and of which client: those of the last minute.
        self._new: deque[tuple[float, str]] = deque()

    def __len__(self) -> int:
        return sum(map(len, self._runs.values()))

    def hello(self, client: str, instance: str, route: Route, clock: float) -> bool:
        """Take the `hello` of an instance. Returns whether it is new and fences an older one.

        Raises Refused: `fenced` where a newer instance has sent `hello` before, `limitReached` where there are too many
        new ones.
        """
        newest = self.newest(client)
        if instance != newest:
            if instance in self._runs.get(client, ()):
                raise _fenced(client, newest)
            self._count_new(client, clock)
        runs = self._runs[client] = self._runs.pop(client, {})
        runs[instance] = None
        if len(runs) > _MOST_RUNS:
            del runs[next(iter(runs))]
        while len(self) > MOST_INSTANCES:
            self._forget_one()
        self._routes.pop(route, None)
        self._routes[route] = instance
        if len(self._routes) > _MOST_ROUTES:
            del self._routes[next(iter(self._routes))]
        return newest is not None and newest != instance

    def _count_new(self, client: str, clock: float) -> None:
        while self._new and self._new[0][0] <= clock - _MINUTE:
            self._new.popleft()
        own = sum(name == client for _, name in self._new)
        if own >= _NEW_OF_CLIENT:
            raise limit_reached("newInstances", _NEW_OF_CLIENT, f"{own} new instances in a minute", client)
        if len(self._new) >= _NEW and own >= _FEW:
            raise limit_reached("newInstances", _NEW, f"{len(self._new)} new instances in a minute")
        self._new.append((clock, client))

    def _forget_one(self) -> None:
        """Forget the oldest instance of the client that has the most. The newest ones fence, so they stay."""
        client = max(self._runs, key=lambda name: len(self._runs[name]))
        if len(self._runs[client]) == 1:
            client = next(iter(self._runs))
        del self._runs[client][next(iter(self._runs[client]))]
        if not self._runs[client]:
            del self._runs[client]

    def as_data(self) -> dict[str, list[str]]:
        """Client -> its instances, the newest last."""
        return {client: list(runs) for client, runs in self._runs.items()}

    def newest(self, client: str) -> str | None:
        """The newest instance of the client, or None."""
        return next(reversed(self._runs.get(client, {})), None)

    def check(self, request: Request) -> None:
        """Raise Refused `fenced` where the request does not come from the newest instance of its client."""
        newest = self.newest(request.client)
        if newest is not None and (request.instance or self._on(request.routes)) != newest:
            raise _fenced(request.client, newest)

    def _on(self, routes: list[Route]) -> str | None:
        return next((self._routes[route] for route in routes if route in self._routes), None)


def _fenced(client: str, newest: str | None) -> Refused:
    message = f"a newer instance of {client} has sent hello: {newest}; the bridge takes orders from that one only"
    return Refused("fenced", message, rule="instance", newest=newest)
