"""Requests of clients: their envelope, and its check. This module knows nothing of TWS."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bridge.session.digest import digest
from bridge.session.timers import Timer
from bridge.session.topic_names import CLIENT
from bridge.session.values import Data, Instant, Route

VERSION = 1
MOST_SECONDS = 600.0
#: The methods whose requests may have as many bytes as the wire takes. All others may have fewer: the bridge keeps the
#: params of subscriptions for as long as a client holds them.
LARGE_METHODS = frozenset({"placeOrder", "placeOrders", "modifyOrder", "replaceFA", "updateConfig"})
MOST_BYTES_OF_OTHERS = 16 << 10
_KEYS = frozenset(
    {"v", "id", "client", "instance", "method", "params", "timeout", "expires", "stream", "wait", "fresh"}
)


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

    `routes`: the routes that it came from. `parts`: how many parts of the answer have been sent. `instance`: the
    client's instance, if the request names one. `then`: called with the outcome before the client gets it. `is_own`: an
    internal request of the bridge; no client gets an answer. `is_for_order`: an order waits for it. `is_held`:
    it waits until a planned restart is over.
    `waits`: it may wait for room to TWS. `size`: how many bytes it had; when it is answered, about how many bytes of
    memory its stored reply takes. `changes`: it may change something at TWS. `is_fresh`: the answer must come from
    TWS, and not from the cache. `has_looked`: the cache has no answer for it. `share_key`: see `pending/shared.py`.
    `asker`: the request of a client for which the bridge sends this internal one. `received`: when the bridge got it,
    in seconds on the steady clock; 0 for an internal one. `expires`: after this time (ns since 1970 UTC, by the
    client's clock; by the bridge's if that was set back, see `Clocks.expires`) the bridge must not begin it.
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
    timer: Timer | None = None
    then: Callable[[Data], None] | None = None
    is_own: bool = False
    is_for_order: bool = False
    is_held: bool = False
    waits: bool = True
    size: int = 0
    changes: bool = False
    is_fresh: bool = False
    has_looked: bool = False
    share_key: str | None = None
    received: float = 0.0
    asker: Request | None = None
    expires: int | None = None

    def is_over(self, now: Instant) -> bool:
        """Whether its time is over, though its timer may not have run.

        The process may have been stopped meanwhile, or the machine (the steady clock then stands still), or the clock
        may have been set.
        """
        has_expired = self.expires is not None and self.expires <= now.ts
        return has_expired or (self.timer is not None and self.timer.at <= now.clock)

    def seconds_left(self, now: Instant) -> float:
        """Seconds until it expires by the client's clock; negative if it has expired, infinite without `expires`."""
        return math.inf if self.expires is None else (self.expires - now.ts) / 1e9


def late_refusal(request: Request, now: Instant) -> Refused | None:
    """Return the refusal of a request that the bridge has received after its `expires`; None for any other."""
    late = -request.seconds_left(now)
    if late < 0:
        return None
    return Refused(
        "expired",
        f"{request.method} arrived {late:.3f} s after its expires, and the bridge has done nothing; if the client sent "
        "it just now, the clocks of the two machines differ",
        secondsLate=round(late, 3),
    )


def read(body: Any) -> Request:
    """Check the envelope of a request. Raise Refused with the field and the expected value."""
    if not isinstance(body, dict):
        raise Refused("invalidRequest", "expected one msgpack map")
    unknown = [str(key) for key in body if key not in _KEYS]
    if unknown:
        raise _invalid(unknown[0][:64], f"unknown key; expected {', '.join(sorted(_KEYS))}")
    version, id_, client, method = (body.get(name) for name in ("v", "id", "client", "method"))
    if isinstance(version, bool) or version != VERSION:
        raise _invalid("v", f"expected {VERSION}, the version of this endpoint")
    if not isinstance(id_, str) or not 1 <= len(id_) <= 64:
        raise _invalid("id", "expected a string of 1 to 64 characters")
    if not isinstance(client, str) or not CLIENT.fullmatch(client) or client == "external":
        raise _invalid("client", "expected 1 to 64 of A-Z a-z 0-9 _ -, and not 'external'")
    if not isinstance(method, str):
        raise _invalid("method", "expected a string")
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
        expires=_expires(body.get("expires")),
    )


def _invalid(field: str, expected: str) -> Refused:
    return Refused("invalidRequest", f"{field}: {expected}", field=field)


def check_size(request: Request) -> None:
    """Raise Refused `tooLarge` for a request that is larger than one of its method can be."""
    if request.size > MOST_BYTES_OF_OTHERS and request.method not in LARGE_METHODS:
        raise Refused(
            "tooLarge",
            f"{request.method} may have at most {MOST_BYTES_OF_OTHERS} bytes; this one has {request.size}",
            bound="requestBytes",
            most=MOST_BYTES_OF_OTHERS,
        )


def claimed_id(body: Any) -> str:
    """Return the id for the reply to a refused request; an empty string if the body has no valid id."""
    id_ = body.get("id") if isinstance(body, dict) else None
    return id_ if isinstance(id_, str) and len(id_) <= 64 else ""


def _seconds(value: Any) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= MOST_SECONDS:
        raise _invalid("timeout", f"expected seconds, more than 0 and at most {MOST_SECONDS:g}")
    return float(value)


def _expires(value: Any) -> int | None:
    if value is None:
        return None
    is_whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())  # JSON writes 5.0 for 5
    if isinstance(value, bool) or not is_whole or not 0 < value < 1 << 63:
        raise _invalid("expires", "expected ns since 1970 UTC, an integer above 0 and below 2^63")
    return int(value)


def _instance(value: Any) -> str | None:
    if value is not None and not (isinstance(value, str) and CLIENT.fullmatch(value)):
        raise _invalid("instance", "expected 1 to 64 of A-Z a-z 0-9 _ -")
    return value


def _flag(name: str, value: Any, *, default: bool) -> bool:
    if value is None:
        return default
    if not isinstance(value, bool):
        raise _invalid(name, "expected true or false")
    return value
