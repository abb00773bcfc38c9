"""Requests and replies as bytes, and which are open: shared by the sync and the async face. No socket, no clock.

A request that is not answered is sent again under its id, which the bridge knows to be the same request. What must not
happen twice it knows also after a new start: where no key is named, the id is the key.
"""

from __future__ import annotations

import itertools
import secrets
from dataclasses import dataclass
from typing import Any

from bridge.bus.frames import pack, unpack_event
from bridge.session.requests import VERSION

Data = dict[str, Any]

#: Seconds after which a request that got no reply is sent again.
RESEND = 5.0
#: Seconds beyond the request's own timeout for the bridge's answer (`noResponse`) to arrive.
GRACE = 2.0
#: Seconds between signs of life; the bridge releases what a client holds after a lease of 30.
KEEP_ALIVE = 10.0


class BridgeError(Exception):
    """The bridge answered with an error. `code` is one of the contract's words, `tws_code` TWS's own if it has one."""

    def __init__(self, error: Data) -> None:
        self.code: str = error["code"]
        self.message: str = error["message"]
        self.tws_code: int | None = error.get("twsCode")
        self.data: Data = error.get("data", {})
        tws = f" (TWS {self.tws_code})" if self.tws_code is not None else ""
        super().__init__(f"{self.code}{tws}: {self.message}")


class BridgeTimeout(BridgeError):
    """No answer from the bridge itself: it does not run, or cannot be reached."""

    def __init__(self, method: str) -> None:
        super().__init__({"code": "noBridge", "message": f"no answer to {method} from the bridge: does it run?"})


@dataclass(slots=True, eq=False)
class Call:
    """One request under way. `deadline` and `resend` on the caller's clock, in seconds."""

    id: str
    method: str
    body: bytes
    deadline: float
    resend: float
    reply: Data | None = None

    def result(self) -> Any:
        """What was answered; raises BridgeError for an error, BridgeTimeout for no answer."""
        if self.reply is None:
            raise BridgeTimeout(self.method)
        if not self.reply["ok"]:
            raise BridgeError(self.reply["error"])
        return self.reply["result"]


class Calls:
    """The open requests of one client."""

    def __init__(self, client: str, instance: str | None = None) -> None:
        self.client = client
        self.instance = instance
        self._run = secrets.token_hex(6)
        self._numbers = itertools.count(1)
        self._open: dict[str, Call] = {}
        self._fenced: Data | None = None
        #: When the next sign of life is due; None before the first look.
        self._life: float | None = None

    @property
    def fenced(self) -> BridgeError | None:
        """What the bridge has said, where a newer run of this client has taken its place."""
        return None if self._fenced is None else BridgeError(self._fenced)

    def check(self) -> None:
        """Raise BridgeError `fenced` where a newer run of this client has taken its place."""
        if self._fenced is not None:
            raise BridgeError(self._fenced)

    def make(self, method: str, params: Data | None, timeout: float, now: float, id_: str | None = None) -> Call:
        """A new request; send its `body`. With `id_` it can be asked again later, by whoever knows the id."""
        id_ = id_ or f"{self._run}-{next(self._numbers)}"
        request: Data = {
            "v": VERSION, "id": id_, "client": self.client, "method": method, "params": params or {},
            "timeout": timeout,
        }  # fmt: skip
        if self.instance is not None:
            request["instance"] = self.instance
        call = Call(id_, method, pack(request), now + timeout + GRACE, now + RESEND)
        self._open[id_] = call
        self._has_spoken(now)
        return call

    def life(self, now: float) -> bytes | None:
        """A sign of life to send, where one is due.

        From a client that names its run it is `hello` each time: that is how an older run hears of a newer one.
        """
        if self._life is None:
            self._life = now if self.instance is not None else now + KEEP_ALIVE
        if now < self._life:
            return None
        self._life = now + KEEP_ALIVE
        if self.instance is None:
            return self.make("ping", None, KEEP_ALIVE, now).body
        return self.make("hello", {"instance": self.instance}, KEEP_ALIVE, now).body

    def next_life(self) -> float:
        """When `life` is to be called next."""
        return float("-inf") if self._life is None else self._life

    def on_reply(self, body: bytes) -> Call | None:
        """Take a reply; the call it answers, if that is still open. Parts of an answer are passed over."""
        reply = unpack_event(body)
        if "part" in reply:
            return None
        call = self._open.pop(str(reply.get("id")), None)
        if call is not None:
            call.reply = reply
            if self.instance is not None and not reply["ok"] and reply["error"]["code"] == "fenced":
                self._fenced, self._life = reply["error"], float("inf")
        return call

    def due(self, now: float) -> tuple[list[bytes], list[Call]]:
        """Requests to send again now, and calls for which it is too late; those are closed."""
        late = [call for call in self._open.values() if now >= call.deadline]
        for call in late:
            del self._open[call.id]
        again = [call for call in self._open.values() if now >= call.resend]
        for call in again:
            call.resend = now + RESEND
            self._has_spoken(now)
        return [call.body for call in again], late

    def next_timer(self) -> float:
        """When `due` is to be called next; infinity where nothing is open."""
        return min((min(call.deadline, call.resend) for call in self._open.values()), default=float("inf"))

    def _has_spoken(self, now: float) -> None:
        if self.instance is None:
            self._life = now + KEEP_ALIVE
