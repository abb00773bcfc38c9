"""The life of the connection to TWS: which state it is in, why, and what must happen next.

Knows states, deadlines and diagnoses. Knows no socket, no request and no stream: events come in as calls, and what
they change comes out of `changes()` for the session to act on.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from bridge.session import codes
from bridge.session.effects import Close, Connect
from bridge.session.values import Instant

State = Literal["connecting", "handshaking", "starting", "ready", "degraded", "lost", "backingOff", "stopped"]

NO_HANDSHAKE = (
    "TCP open, no handshake: TWS may be showing a dialog that waits for an answer, this address may not be among its "
    "trusted ones, or the Gateway behind the port is still starting"
)
NOT_STARTED = (
    "handshake done, but no managedAccounts and nextValidId: TWS may still be logging in or reaching IBKR, or be "
    "showing a dialog"
)
IN_USE = "the client id is in use by another program; the bridge does not move to another one by itself"
#: What an end of the connection in that state mostly means, for TWS itself says nothing.
_CLOSED = {
    "handshaking": "TWS closed the connection before the handshake: nothing behind the port, or address not trusted",
    "starting": "TWS closed the connection after the handshake: the client id may be in use, or a dialog was refused",
}
MOST_REDIRECTS = 2


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds. Back-off doubles from `first_backoff` to `longest_backoff`, and starts again after a stable link."""

    connect: float = 10.0
    handshake: float = 15.0
    start: float = 20.0
    first_backoff: float = 1.0
    longest_backoff: float = 30.0


@dataclass(frozen=True, slots=True)
class Change:
    """The link entered `state` at `since` (ns since 1970 UTC)."""

    state: State
    since: int
    reason: str | None = None
    code: int | None = None


class Link:
    """A connection that is to be up until `stop`. Every call may add changes and effects; drain both afterwards."""

    def __init__(self, host: str, port: int, timing: Timing | None = None) -> None:
        self._home = self._target = (host, port)
        self._timing = timing or Timing()
        self.state: State = "stopped"
        self.since = 0
        self.reason: str | None = None
        self.server_version: int | None = None
        self.connection_time: str | None = None
        self._deadline: float | None = None
        self._backoff = self._timing.first_backoff
        self._up_since: float | None = None
        self._redirects = 0
        self._has_accounts = self._has_order_id = False
        #: Why IBKR is out of reach (1100, 2110), until TWS says it is back; a new connection knows nothing of it.
        self._cut: tuple[int, str] | None = None
        #: What TWS said before it closes the connection, or before it must be made anew.
        self._last_words: tuple[int, str] | None = None
        self._changes: list[Change] = []
        self._effects: list[Connect | Close] = []

    # What the session reads

    @property
    def usable(self) -> bool:
        """Whether requests may be sent. In `degraded` TWS is there, and answers what it can."""
        return self.state in ("ready", "degraded")

    def deadline(self) -> float | None:
        return self._deadline

    def changes(self) -> list[Change]:
        drained, self._changes = self._changes, []
        return drained

    def effects(self) -> list[Connect | Close]:
        drained, self._effects = self._effects, []
        return drained

    # What happens

    def start(self, now: Instant) -> None:
        self._connect(now)

    def stop(self, now: Instant, reason: str) -> None:
        self._deadline = None
        self._effects.append(Close())
        self._enter("stopped", now, reason)

    def opened(self, now: Instant) -> None:
        """TCP is open, which proves nothing yet."""
        if self.state == "connecting":
            self._enter("handshaking", now)
            self._deadline = now.clock + self._timing.handshake

    def connected(self, server_version: int, connection_time: str, now: Instant) -> None:
        self.server_version, self.connection_time = server_version, connection_time
        self._enter("starting", now)
        self._deadline = now.clock + self._timing.start

    def redirected(self, host: str, port: int | None, now: Instant) -> None:
        """TWS names another address: go there, but not in circles."""
        self._redirects += 1
        if self._redirects > MOST_REDIRECTS:
            self.lost(f"TWS redirected the connection more than {MOST_REDIRECTS} times, last to {host}", now)
            return
        self._target = (host, port or self._target[1])
        self._connect(now, f"redirected to {host}:{self._target[1]}")

    def accounts(self, now: Instant) -> None:
        self._has_accounts = True
        self._started(now)

    def order_id(self, now: Instant) -> None:
        self._has_order_id = True
        self._started(now)

    def notice(self, code: int, text: str, now: Instant) -> None:
        """A notice of TWS about the connection as a whole (id -1)."""
        match code:
            case codes.CONNECTIVITY_LOST | codes.SERVER_BROKEN:
                self._cut = (code, text)
                if self.state == "ready":
                    self._enter("degraded", now, text, code)
            case codes.RESTORED_DATA_LOST | codes.RESTORED_DATA_KEPT:
                self._restored(code, text, now)
            case codes.FARM_OK if self._cut is not None and self._cut[0] == codes.SERVER_BROKEN:
                self._restored(code, text, now)
            case codes.PORT_CHANGED:
                if port := re.search(r"(\d{2,5})\D*$", text):
                    self._home = (self._home[0], int(port[1]))
                self._last_words = (code, text)
            case codes.CLIENT_ID_IN_USE:
                self._last_words = (code, f"{IN_USE} (TWS: {text})")

    def lost(self, reason: str, now: Instant, code: int | None = None) -> None:
        """The connection failed, could not be made, or can't go on: say so, and plan the next try."""
        if self.state in ("stopped", "lost", "backingOff"):
            return
        if self._last_words is not None:
            code, reason = self._last_words
        elif self.state in _CLOSED and code is None:
            reason = f"{_CLOSED[self.state]} ({reason})"
        self._fail(reason, now, code)

    def on_timer(self, now: Instant) -> None:
        if self._deadline is None or now.clock < self._deadline:
            return
        self._deadline = None
        match self.state:
            case "backingOff":
                self._connect(now)
            case "handshaking":
                self._fail(NO_HANDSHAKE, now, None)
            case "starting":
                self._fail(NOT_STARTED, now, None)
            case _:
                host, port = self._target
                self._fail(f"no TCP connection to {host}:{port} within {self._timing.connect:g} s", now, 502)

    # How it goes on

    def _connect(self, now: Instant, reason: str | None = None) -> None:
        self._has_accounts = self._has_order_id = False
        self._cut = self._last_words = None
        self.server_version = self.connection_time = None
        self._enter("connecting", now, reason)
        self._effects.append(Connect(*self._target))
        self._deadline = now.clock + self._timing.connect

    def _started(self, now: Instant) -> None:
        if self.state == "starting" and self._has_accounts and self._has_order_id:
            self._deadline = None
            self._up_since = now.clock
            self._enter("ready", now)
            if self._cut is not None:
                self._enter("degraded", now, self._cut[1], self._cut[0])

    def _restored(self, code: int, text: str, now: Instant) -> None:
        self._cut = None
        if self.state == "degraded":
            self._enter("ready", now, text, code)

    def _fail(self, reason: str, now: Instant, code: int | None) -> None:
        if self._up_since is not None and now.clock - self._up_since > self._timing.longest_backoff:
            self._backoff = self._timing.first_backoff
        self._up_since = None
        self._redirects, self._target = 0, self._home
        self._effects.append(Close())
        self._enter("lost", now, reason, code)
        self._enter("backingOff", now, f"next try in {self._backoff:g} s; {reason}", code)
        self._deadline = now.clock + self._backoff
        self._backoff = min(2 * self._backoff, self._timing.longest_backoff)

    def _enter(self, state: State, now: Instant, reason: str | None = None, code: int | None = None) -> None:
        self.state, self.since, self.reason = state, now.ts, reason
        self._changes.append(Change(state, now.ts, reason, code))
