"""Requests of clients: their envelope, and the stored answers for clients that send a request again.

The bridge answers every request exactly once. A request with the same client and id is the same request: it gets the
same answer, on each route that it came from. This module knows nothing of TWS.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bridge.session.digest import digest
from bridge.session.effects import Reply
from bridge.session.timers import Timer
from bridge.session.topic_names import CLIENT
from bridge.session.values import Data, Route

VERSION = 1
MOST_SECONDS = 600.0
_KEYS = frozenset({"v", "id", "client", "instance", "method", "params", "timeout", "stream", "wait", "fresh"})


class Refused(Exception):
    """The bridge refuses a request. `code`: one of the contract's error codes. `data`: further facts for the error."""

    def __init__(self, code: str, message: str, **data: Any) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.data = data


def success(kind: str, result: object) -> Data:
    """Return a successful answer. `kind` is the declared name of the result's form."""
    return {"ok": True, "kind": kind, "result": result}


def failure(code: str, message: str, tws_code: int | None = None, data: Data | None = None) -> Data:
    """Return a failed answer. `tws_code`: TWS's error code, if TWS refused the request."""
    error: Data = {"code": code, "message": message}
    if tws_code is not None:
        error["twsCode"] = tws_code
    if data:
        error["data"] = data
    return {"ok": False, "error": error}


@dataclass(slots=True, eq=False)
class Request:
    """One request of one client.

    `routes`: all routes that it came from. `parts`: how many parts of the answer have been sent. `instance`: the
    client's instance, if the request names one. `then`: called with the outcome before the client gets it. `is_own`: an
    internal request of the bridge; no client gets an answer. `is_held`: it waits until a planned restart is over.
    `waits`: it may wait for room to TWS. `is_fresh`: the answer must come from TWS, and not from the cache.
    `is_repeatable`: it changes nothing, so that the store may forget its answer early. `has_looked`: the cache has no
    answer for it. `share_key`: see `pending/shared.py`. `asker`: the request of a client for which the bridge sends
    this internal one.
    """

    client: str
    id: str
    method: str
    params: Data
    timeout: float | None
    stream: bool
    digest: str
    instance: str | None = None
    routes: list[Route] = field(default_factory=list)
    answer: Data | None = None
    parts: int = 0
    weight: int = 1
    timer: Timer | None = None
    then: Callable[[Data], None] | None = None
    is_own: bool = False
    is_held: bool = False
    waits: bool = True
    is_fresh: bool = False
    is_repeatable: bool = False
    has_looked: bool = False
    share_key: str | None = None
    asker: Request | None = None


def read(body: Any) -> Request:
    """Check the envelope of a request. Raise Refused with the field and the expected value."""
    if not isinstance(body, dict):
        raise Refused("invalidRequest", "expected one msgpack map")
    unknown = [str(key) for key in body if key not in _KEYS]
    if unknown:
        raise Refused("invalidRequest", f"unknown key {unknown[0]}: expected {', '.join(sorted(_KEYS))}")
    match body:
        case {"v": version} if isinstance(version, bool) or version != VERSION:
            raise Refused("invalidRequest", f"v: expected {VERSION}, the version of this endpoint")
        case {"v": _, "id": str(id_), "client": str(client), "method": str(method)}:
            pass
        case _:
            raise Refused("invalidRequest", f"v ({VERSION}), id, client and method (strings) are required")
    if not 1 <= len(id_) <= 64:
        raise Refused("invalidRequest", "id: expected 1 to 64 characters")
    if not CLIENT.fullmatch(client) or client == "external":
        raise Refused("invalidRequest", "client: expected 1 to 64 of A-Z a-z 0-9 _ -, and not 'external'")
    params = body.get("params")
    if params is not None and not isinstance(params, dict):
        raise Refused("invalidParams", "params: expected a map", field="params")
    return Request(
        client=client,
        id=id_,
        method=method,
        params=params or {},
        timeout=_seconds(body.get("timeout")),
        stream=_flag("stream", body.get("stream"), default=False),
        waits=_flag("wait", body.get("wait"), default=True),
        is_fresh=_flag("fresh", body.get("fresh"), default=False),
        digest=digest([method, params or {}]),
        instance=_instance(body.get("instance")),
    )


def claimed_id(body: Any) -> str:
    """Return the id for the reply to a refused request; an empty string if the body has no valid id."""
    id_ = body.get("id") if isinstance(body, dict) else None
    return id_ if isinstance(id_, str) and len(id_) <= 64 else ""


def _seconds(value: Any) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= MOST_SECONDS:
        raise Refused("invalidRequest", f"timeout: expected seconds, more than 0 and at most {MOST_SECONDS:g}")
    return float(value)


def _instance(value: Any) -> str | None:
    if value is not None and not (isinstance(value, str) and CLIENT.fullmatch(value)):
        raise Refused("invalidRequest", "instance: expected 1 to 64 of A-Z a-z 0-9 _ -")
    return value


def _flag(name: str, value: Any, *, default: bool) -> bool:
    if value is None:
        return default
    if not isinstance(value, bool):
        raise Refused("invalidRequest", f"{name}: expected true or false")
    return value


class RequestStore:
    """All requests by client and id: the open ones, and the newest answered ones, up to a weight of `most` in all.

    If the answers are too many, those to repeatable requests are forgotten first: if such a request comes again, the
    bridge runs it again, and that does no harm.
    """

    def __init__(self, most: int = 50_000) -> None:
        self._requests: dict[tuple[str, str], Request] = {}
        #: The answered requests, the repeatable ones apart, the oldest first.
        self._repeatable: deque[Request] = deque()
        self._answered: deque[Request] = deque()
        self._most = most
        self._weight = 0
        self.open = 0

    def admit(self, request: Request, route: Route) -> tuple[bool, list[Reply]]:
        """Store the request if it is new. Return (True, []) if the caller must run it.

        Else return False, with the replies to send now if the request was answered already. Raises Refused `idConflict`
        if the client used the id for another request.
        """
        key = (request.client, request.id)
        known = self._requests.get(key)
        if known is None:
            request.routes.append(route)
            self._requests[key] = request
            self.open += 1
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
        return False, []

    def find(self, client: str, id_: str) -> Request | None:
        """Return the request of this client with this id, if the store still has it."""
        return self._requests.get((client, id_))

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
        self.open -= 1
        request.weight = _weight(outcome.get("result"))
        self._weight += request.weight
        replies = [Reply(route, request.answer) for route in request.routes]
        request.routes = []
        (self._repeatable if request.is_repeatable else self._answered).append(request)
        while self._weight > self._most and len(self._repeatable) + len(self._answered) > 1:
            self._forget_oldest()
        return replies

    def _forget_oldest(self) -> None:
        oldest = (self._repeatable or self._answered).popleft()
        self._weight -= oldest.weight
        del self._requests[oldest.client, oldest.id]


def _weight(result: object) -> int:
    """Return about how much memory a result takes: 1, and 1 for each part, element of a list, and 1,000 characters."""
    parts = result if isinstance(result, list) else [result]
    weight = 1 + (len(parts) if parts is result else 0)
    for part in parts:
        data = part.get("data", part) if isinstance(part, dict) else {}
        for value in data.values() if isinstance(data, dict) else ():
            if isinstance(value, list):
                weight += len(value)
            elif isinstance(value, str):
                weight += len(value) // 1000
    return weight
