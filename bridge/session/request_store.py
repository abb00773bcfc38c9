"""The requests of all clients, open or answered, and the stored replies for clients that send a request again.

The bridge answers every request exactly once. A request with the same client and id is the same request: it gets the
same answer, on each route that it came from. This module knows nothing of TWS.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

from bridge.session.bounds import Bounds, Usage, limit_reached, reserved, share
from bridge.session.effects import Reply
from bridge.session.requests import VERSION, Refused, Request
from bridge.session.stored_replies import StoredReplies
from bridge.session.values import Data, Route

#: So many bytes of open requests each client may always have.
_RESERVED_BYTES = 64 << 10
#: How many routes of one open request get its reply: those that came last.
MOST_ROUTES = 16


class RequestStore:
    """All requests by client and id: the open ones, and the answered ones whose replies are stored."""

    def __init__(self, bounds: Bounds | None = None, usage: Usage | None = None) -> None:
        self._bounds = bounds or Bounds()
        self._requests: dict[tuple[str, str], Request] = {}
        self._stored = StoredReplies(self._bounds.stored_replies, self._bounds.stored_bytes)
        #: By client, how many requests are open, and how many bytes they have.
        self._open: Counter[str] = Counter()
        self._open_bytes: Counter[str] = Counter()
        self._all_bytes = 0
        self.open = 0
        if usage is not None:
            usage.watch("openRequests", self._bounds.open_requests, lambda: self.open)
            usage.watch("openRequestBytes", self._bounds.open_bytes, lambda: self._all_bytes)
            usage.watch("storedReplies", self._bounds.stored_replies, lambda: len(self._stored))
            usage.watch("storedReplyBytes", self._bounds.stored_bytes, lambda: self._stored.bytes)

    def admit(self, request: Request, route: Route, *, room: int = 1) -> tuple[bool, list[Reply]]:
        """Store the request if it is new. Return (True, []) if the caller must run it.

        Else return False, with the replies to send now if the request was answered already. Raises Refused:
        `idConflict` if the client used the id for another request, `limitReached` if too many requests are open.
        `room`: how many times the bound the request may use: orders find room where reads do not, and cancels where
        orders do not.
        """
        key = (request.client, request.id)
        known = self._requests.get(key)
        if known is None:
            self._check_room(request, room)
            request.routes.append(route)
            self._requests[key] = request
            self._count_open(request, 1)
            return True, []
        if known.digest != request.digest:
            raise Refused(
                "idConflict",
                f"the client has used id {request.id} for another request ({known.method}); use each id once",
            )
        if known.answer is not None:
            return False, [Reply(route, known.answer)]
        if route not in known.routes:
            known.routes.append(route)
            del known.routes[:-MOST_ROUTES]
        return False, []

    def find(self, client: str, id_: str) -> Request | None:
        """Return the request of this client with this id, if the store still has it."""
        return self._requests.get((client, id_))

    def open_clients(self) -> list[str]:
        """Return the clients that have requests without a final reply."""
        return list(self._open)

    def open_of(self, clients: Collection[str]) -> list[Request]:
        """Return the requests of these clients that have no final reply yet."""
        return [request for request in self._requests.values() if request.answer is None and request.client in clients]

    def part(self, request: Request, result: Data) -> list[Reply]:
        """Return the replies for one part of an answer, for a request with `stream: true`."""
        if request.answer is not None:
            return []
        request.parts += 1
        body = {"v": VERSION, "id": request.id, "part": request.parts, "result": result}
        return [Reply(route, body) for route in request.routes]

    def answer(self, request: Request, outcome: Data) -> list[Reply]:
        """Store the answer `{ok, kind, result}` or `{ok, error}`. Return the replies; none if already answered."""
        if request.answer is not None:
            return []
        request.answer = {"v": VERSION, "id": request.id, **outcome}
        if request.timer is not None:
            request.timer.cancel()
        self._count_open(request, -1)
        replies = [Reply(route, request.answer) for route in request.routes]
        request.routes = []
        for forgotten in self._stored.add(request):
            del self._requests[forgotten.client, forgotten.id]
        return replies

    def _check_room(self, request: Request, times: int) -> None:
        client, requests, size = request.client, times * self._bounds.open_requests, times * self._bounds.open_bytes
        if self.open >= requests and self._open[client] >= reserved(requests):
            raise limit_reached("openRequests", requests, f"{self.open} requests without a reply")
        if self._open[client] >= share(requests):
            raise limit_reached(
                "openRequests", share(requests), f"{self._open[client]} requests without a reply", client
            )
        own = self._open_bytes[client] + request.size
        if self._all_bytes + request.size > size and own > min(_RESERVED_BYTES, size // 10):
            raise limit_reached("openRequestBytes", size, "so many bytes in requests without a reply")
        if own > share(size):
            raise limit_reached("openRequestBytes", share(size), "so many bytes in requests without a reply", client)

    def _count_open(self, request: Request, change: int) -> None:
        self.open += change
        self._all_bytes += change * request.size
        self._open[request.client] += change
        self._open_bytes[request.client] += change * request.size
        if not self._open[request.client]:
            del self._open[request.client], self._open_bytes[request.client]
