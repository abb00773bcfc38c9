"""The open requests of a client, as bytes. Both clients use it; it knows no socket and no clock.

The client sends an unanswered request again with the same id, and the bridge recognizes it as the same request. The
bridge stores the requests that it must not execute twice under their key, which is the id if the request has no key.
So it recognizes them after a restart too.

A request that changes something says when it `expires`: the bridge does not carry it out after that, however late it
arrives. So after an error of the call nothing is executed any more.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tws_bridge_client.generated.contract import EXPIRING, VERSION
from tws_bridge_client.wire import pack, unpack

Data = dict[str, Any]

#: After this many seconds without a reply the client sends the request again.
RESEND = 5.0
#: A request that no connection has taken is tried again after this many seconds.
RETRY = 0.1
#: The bridge gets this many seconds less than the caller, or this part of the time, so that its `noResponse` arrives.
GRACE, GRACE_PART = 1.5, 0.3
#: Seconds between keep-alives. The bridge releases the streams of a silent client after its lease, 30 seconds.
KEEP_ALIVE = 10.0


class BridgeError(Exception):
    """The bridge answered with an error.

    Attributes:
        code: one of the codes of the error reference, for example `rejectedByTws`.
        message: an explanation for a person.
        tws_code: the error code of TWS, or None if the error is not from TWS.
        data: further facts, by name; the error reference lists them for each code.
    """

    def __init__(self, error: Data) -> None:
        self.code: str = error["code"]
        self.message: str = error["message"]
        self.tws_code: int | None = error.get("twsCode")
        self.data: Data = error.get("data", {})
        tws = f" (TWS {self.tws_code})" if self.tws_code is not None else ""
        super().__init__(f"{self.code}{tws}: {self.message}")

    def __reduce__(self) -> Any:
        return _unpickled, (type(self), self.args, self.__dict__)


class BridgeTimeout(BridgeError):
    """The bridge did not answer in time. `code` is `noBridge`; the message says what the client knows of the cause."""

    def __init__(self, method: str, seconds: float, cause: str) -> None:
        super().__init__({"code": "noBridge", "message": f"no answer to {method} in {seconds:g} s: {cause}"})


class BridgeRefusedKey(BridgeError):
    """The bridge refused the connection because of the client's key. `code` is `refusedKey`. No request was sent.

    The next call tries again.
    """

    def __init__(self, endpoint: str, reason: str) -> None:
        message = f"{endpoint} refused the connection: {reason}"
        super().__init__({"code": "refusedKey", "message": message, "data": {"endpoint": endpoint}})


def must_expire(method: str, params: Data) -> bool:
    """Whether the request must not be carried out after its caller has given it up. Reads and cancels may be late."""
    return method in EXPIRING or bool(params.get("regulatorySnapshot"))


def _unpickled(kind: type[BridgeError], args: tuple[Any, ...], state: Data) -> BridgeError:
    """The error that was pickled. Its constructor takes other arguments than those that it shows."""
    made = kind.__new__(kind, *args)
    made.__dict__.update(state)
    return made


def is_wrong(error: Data) -> bool:
    """Whether a request that was answered with this error never succeeds, so that there is no point in repeating it."""
    return error["code"] in ("invalidParams", "notPermitted")


@dataclass(slots=True, eq=False)
class Call:
    """An open request. `deadline` and `resend` are times of the caller's clock, in seconds.

    `timeout`: how many seconds the caller waits. `body` is the message to send. `has_left`: whether a connection has
    taken it. `reply` is the bridge's answer, and `error` what the client knows without one; both are None while the
    call is open.
    """

    id: str
    method: str
    timeout: float
    body: bytes
    deadline: float
    resend: float
    has_left: bool = True
    reply: Data | None = None
    error: BridgeError | None = None

    @property
    def is_over(self) -> bool:
        """Whether the caller need not wait any more."""
        return self.reply is not None or self.error is not None

    def result(self) -> Any:
        """The result of the request. Raises BridgeError if the reply is an error, `error` if there is no reply."""
        if self.reply is None:
            raise self.error or BridgeTimeout(self.method, self.timeout, "the bridge is silent")
        if not self.reply["ok"]:
            raise BridgeError(self.reply["error"])
        return self.reply["result"]


class Calls:
    """The open requests of one client. `utc` returns the time in ns since 1970 UTC."""

    def __init__(self, client: str, instance: str | None = None, *, utc: Callable[[], int]) -> None:
        self._utc = utc
        self.client = client
        self.instance = instance
        self._run = os.urandom(6).hex()
        self._numbers = itertools.count(1)
        self._open: dict[str, Call] = {}
        self._fenced: Data | None = None
        #: When the next keep-alive is due; None before the first call of `keep_alive`.
        self._keep_alive_due: float | None = None

    @property
    def fenced(self) -> BridgeError | None:
        """The error with which the bridge fenced this run, or None."""
        return None if self._fenced is None else BridgeError(self._fenced)

    def check(self) -> None:
        """Raise BridgeError with the code `fenced` if a newer run has fenced this one."""
        if self._fenced is not None:
            raise BridgeError(self._fenced)

    def make(
        self,
        method: str,
        params: Data | None,
        timeout: float,
        now: float,
        id_: str | None = None,
        *,
        wait: bool = True,
        fresh: bool = False,
    ) -> Call:
        """Open a request; the caller sends its `body`. A later request with the same `id_` gets the same answer."""
        id_ = id_ or f"{self._run}-{next(self._numbers)}"
        seconds = timeout - min(GRACE, GRACE_PART * timeout)
        request: Data = {
            "v": VERSION, "id": id_, "client": self.client, "method": method, "params": params or {},
            "timeout": seconds,
        }  # fmt: skip
        if must_expire(method, params or {}):
            request["expires"] = self._utc() + round(seconds * 1e9)
        if self.instance is not None:
            request["instance"] = self.instance
        if not wait:
            request["wait"] = False
        if fresh:
            request["fresh"] = True
        call = Call(id_, method, timeout, pack(request), now + timeout, now + RESEND)
        self._open[id_] = call
        self._postpone_keep_alive(now)
        return call

    def keep_alive(self, now: float) -> bytes | None:
        """The keep-alive to send now, or None if none is due.

        A client with an instance sends `hello` instead of `ping`, because the answer names a newer run.
        """
        if self._keep_alive_due is None:
            self._keep_alive_due = now if self.instance is not None else now + KEEP_ALIVE
        if now < self._keep_alive_due:
            return None
        self._keep_alive_due = now + KEEP_ALIVE
        if self.instance is None:
            return self.make("ping", None, KEEP_ALIVE, now).body
        return self.make("hello", {"instance": self.instance}, KEEP_ALIVE, now).body

    def next_keep_alive(self) -> float:
        """The time at which to call `keep_alive` next."""
        return float("-inf") if self._keep_alive_due is None else self._keep_alive_due

    def on_reply(self, body: bytes) -> Call | None:
        """Take a reply. Returns the call that it answers; None if that is not open, or for a part of a reply."""
        reply = unpack(body)
        if "part" in reply:
            return None
        call = self._open.pop(str(reply.get("id")), None)
        if call is not None:
            call.reply = reply
            if self.instance is not None and not reply["ok"] and reply["error"]["code"] == "fenced":
                self._fenced, self._keep_alive_due = reply["error"], float("inf")
        return call

    def close_all(self) -> list[Call]:
        """Close all open calls, and return them."""
        closed = list(self._open.values())
        self._open.clear()
        return closed

    def forget(self, call: Call) -> None:
        """Nobody waits for the call any more: it is not sent again."""
        if self._open.get(call.id) is call:
            del self._open[call.id]

    @property
    def is_unsent(self) -> bool:
        """Whether a request has not left, for want of a connection."""
        return any(not call.has_left for call in self._open.values())

    def on_unsent(self, body: bytes, now: float) -> None:
        """No connection has taken this request: it is due again when there is one."""
        for call in self._open.values():
            if call.body is body:
                call.has_left, call.resend = False, now + RETRY

    def due(self, now: float, *, is_up: bool = False) -> tuple[list[bytes], list[Call]]:
        """Returns the bodies to send now, and the calls past their deadline, which it closes.

        `is_up`: whether the client is connected. Then what has not left is due.
        """
        late = [call for call in self._open.values() if now >= call.deadline]
        for call in late:
            del self._open[call.id]
        again = [call for call in self._open.values() if now >= call.resend or (is_up and not call.has_left)]
        for call in again:
            call.has_left, call.resend = True, now + RESEND
            self._postpone_keep_alive(now)
        return [call.body for call in again], late

    def next_timer(self) -> float:
        """The time at which to call `due` next; infinity if no request is open."""
        return min((min(call.deadline, call.resend) for call in self._open.values()), default=float("inf"))

    def _postpone_keep_alive(self, now: float) -> None:
        if self.instance is None:
            self._keep_alive_due = now + KEEP_ALIVE
