"""The life of the connection to TWS: which state it is in, why, and what must happen next.

`link_table.py` says which state follows from which event; only `Link` changes the state. Knows deadlines and diagnoses.
Knows no socket, no request and no stream: events come in as calls, and what they change comes out of `changes()` for
the session to act on.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from bridge.session import codes
from bridge.session.effects import Close, Connect, Log
from bridge.session.link_table import OUTAGE_TABLE, TABLE, USABLE, WAITING, Event, Outage, OutageEvent, State
from bridge.session.values import Instant

NO_HANDSHAKE = (
    "TCP open, no handshake: TWS may be showing a dialog that waits for an answer, this address may not be among its "
    "trusted ones, or the Gateway behind the port is still starting"
)
NOT_STARTED = (
    "handshake done, but no managedAccounts and nextValidId: TWS may still be logging in or reaching IBKR, or be "
    "showing a dialog"
)
IN_USE = "the client id is in use by another program; the bridge does not move to another one by itself"
#: Why TWS may let the bridge wait.
_DIAGNOSES: dict[State, str] = {"handshaking": NO_HANDSHAKE, "starting": NOT_STARTED}
#: What an end of the connection in that state mostly means, for TWS itself says nothing.
_CLOSED: dict[State, str] = {
    "handshaking": "TWS closed the connection before the handshake: nothing behind the port, or address not trusted",
    "starting": "TWS closed the connection after the handshake: the client id may be in use, or a dialog was refused",
}
MOST_REDIRECTS = 2
#: A whole number right behind the word `port`, and no part of a version such as 10.30.
_PORT = re.compile(r"\bport\b[^\w.]*(?:(?:is|to|now|number)\b[^\w.]*)*([1-9][0-9]{0,4})(?!\w|\.[0-9])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds. Back-off doubles from `first_backoff` to `longest_backoff`, and starts again after a stable link.

    After `handshake` or `start` the bridge says why it may wait; after `patience` it gives the socket up. After `quiet`
    without a byte it asks TWS for a word, and `silence` after that it gives the connection up; so it does when TWS
    takes no byte for `silence`, or when a frame does not complete within `frame`.
    """

    connect: float = 10.0
    handshake: float = 15.0
    start: float = 20.0
    patience: float = 300.0
    quiet: float = 5.0
    silence: float = 9.0
    frame: float = 20.0
    first_backoff: float = 1.0
    longest_backoff: float = 30.0


@dataclass(frozen=True, slots=True)
class Change:
    """The link is in `state` since `since` (ns since 1970 UTC): it has entered it, or has a new reason for it.

    `code` tells an end of an outage in which TWS lost the subscriptions (1101) from one in which it kept them (1102).
    """

    state: State
    since: int
    reason: str | None = None
    code: int | None = None


class Link:
    """A connection that is to be up until `stop`. Every call may add changes and effects; drain both afterwards."""

    def __init__(self, host: str, port: int, timing: Timing | None = None) -> None:
        self._host, self._home = host, port
        #: The ports to try in turn, the next one first: the one that TWS has named (1300), and the configured one.
        self._ports = [port]
        self._port = port
        self._target = (host, port)
        self._timing = timing or Timing()
        self.state: State = "stopped"
        self.since = 0
        self.reason: str | None = None
        self.server_version: int | None = None
        self.connection_time: str | None = None
        self._deadline: float | None = None
        #: When the bridge stops to wait behind a dialog.
        self._end_of_patience = math.inf
        self._backoff = self._timing.first_backoff
        self._up_since: float | None = None
        self._redirects = 0
        self._has_accounts = self._has_order_id = False
        self._outage: Outage = "none"
        #: TWS's code and words on each outage that holds, the newest last.
        self._outages: dict[OutageEvent, tuple[int, str]] = {}
        #: What TWS said before it closes the connection, or before it must be made anew.
        self._last_words: tuple[int, str] | None = None
        self._changes: list[Change] = []
        self._effects: list[Connect | Close | Log] = []

    # What the session reads

    @property
    def usable(self) -> bool:
        """Whether requests may be sent."""
        return self.state in USABLE

    @property
    def is_cut(self) -> bool:
        """Whether TWS has said that IBKR is out of reach, and not that it is back."""
        return bool(self._outages)

    def deadline(self) -> float | None:
        return self._deadline

    def changes(self) -> list[Change]:
        drained, self._changes = self._changes, []
        return drained

    def effects(self) -> list[Connect | Close | Log]:
        drained, self._effects = self._effects, []
        return drained

    # What happens

    def start(self, now: Instant) -> None:
        self._connect("start", now)

    def stop(self, now: Instant, reason: str) -> None:
        self._deadline = None
        if self._happen("stop", now, reason):
            self._effects.append(Close())

    def opened(self, now: Instant) -> None:
        """TCP is open, which proves nothing yet."""
        if self._happen("opened", now):
            self._wait(now, self._timing.handshake)

    def connected(self, server_version: int, connection_time: str, now: Instant) -> None:
        if self._happen("connected", now, facts=(server_version, connection_time)):
            self._wait(now, self._timing.start)

    def redirected(self, host: str, port: int | None, now: Instant) -> None:
        """TWS names another address: go there, but not in circles."""
        self._redirects += 1
        if self._redirects > MOST_REDIRECTS:
            self._fail(f"TWS redirected the connection more than {MOST_REDIRECTS} times, last to {host}", now)
            return
        self._target = (host, port or self._target[1])
        self._connect("redirected", now, f"redirected to {host}:{self._target[1]}")

    def accounts(self, now: Instant) -> None:
        self._has_accounts = True
        self._started(now)

    def order_id(self, now: Instant) -> None:
        self._has_order_id = True
        self._started(now)

    def notice(self, code: int, text: str, now: Instant) -> None:
        """A notice of TWS about the connection as a whole (id -1)."""
        match code:
            case codes.CONNECTIVITY_LOST:
                self._on_outage("cut", code, text, now)
            case codes.SERVER_BROKEN:
                self._on_outage("broken", code, text, now)
            case codes.RESTORED_DATA_LOST | codes.RESTORED_DATA_KEPT:
                self._on_outage("restored", code, text, now)
            case _ if code in codes.FARMS_OK:
                self._on_outage("farmOk", code, text, now)
            case codes.PORT_CHANGED:
                self._move(text)
                self._last_words = (code, text)
            case codes.CLIENT_ID_IN_USE:
                self._last_words = (code, f"{IN_USE} (TWS: {text})")

    def lost(self, reason: str, now: Instant, code: int | None = None) -> None:
        """The connection has ended, could not be made, or makes no sense any more."""
        if self._last_words is not None:
            code, reason = self._last_words
        elif self.state in _CLOSED and code is None:
            reason = f"{_CLOSED[self.state]} ({reason})"
        self._fail(reason, now, code)

    def give_up(self, reason: str, now: Instant) -> None:
        """The socket is open, but of no use. What has not left it is not to arrive at TWS later."""
        self._fail(reason, now, abort=True)

    def on_timer(self, now: Instant) -> None:
        if self._deadline is None or now.clock < self._deadline:
            return
        self._deadline = None
        if self.state == "backingOff":
            self._connect("deadline", now)
        elif self.state not in WAITING:
            host, port = self._target
            reason = f"no TCP connection to {host}:{port} within {self._timing.connect:g} s"
            self._fail(reason, now, 502, cause="deadline")
        elif self._last_words is not None:
            self.lost("TWS has not closed the connection", now)
        elif now.clock < self._end_of_patience:
            self._deadline = self._end_of_patience
            self._happen("deadline", now, f"{_DIAGNOSES[self.state]}; the bridge keeps the connection and waits")
        else:
            reason = f"{_DIAGNOSES[self.state]}; the bridge has waited for {self._timing.patience:g} s"
            self._fail(reason, now, cause="patienceOver")

    # How it goes on

    def _happen(
        self, event: Event, now: Instant, reason: str | None = None, code: int | None = None,
        facts: tuple[int | None, str | None] | None = None,
    ) -> bool:  # fmt: skip
        """An event happens to the connection; whether it has entered another state.

        `facts`: server version and time of the connection from then on.
        """
        before = self.state
        transition = TABLE[before][event]
        if not transition.possible:
            self._effects.append(Log("error", f"a defect of the bridge: {event} while the connection is {before}"))
            return False
        has_moved = transition.to != before
        if has_moved:
            self.state, self.since = transition.to, now.ts
            if facts is not None:
                self.server_version, self.connection_time = facts
        if has_moved or transition.is_told:
            self.reason = reason
            self._changes.append(Change(self.state, self.since, reason, code))
        return has_moved

    def _connect(self, event: Event, now: Instant, reason: str | None = None) -> None:
        if not self._happen(event, now, reason, facts=(None, None)):
            return
        self._has_accounts = self._has_order_id = False
        self._outage = OUTAGE_TABLE[self._outage]["newConnection"]
        self._outages.clear()
        self._last_words = None
        self._effects.append(Connect(*self._target))
        self._deadline = now.clock + self._timing.connect

    def _wait(self, now: Instant, seconds: float) -> None:
        """Wait for TWS's next word: say why after `seconds`, and give up later."""
        self._end_of_patience = now.clock + self._timing.patience
        self._deadline = min(now.clock + seconds, self._end_of_patience)

    def _started(self, now: Instant) -> None:
        if not (self._has_accounts and self._has_order_id and self._happen("started", now)):
            return
        self._deadline = None
        self._up_since = now.clock
        if self._port == self._home:
            self._ports = [self._home]
        if self._outages:
            self._tell_outage(now)

    def _on_outage(self, event: OutageEvent, code: int, text: str, now: Instant) -> None:
        """TWS says how it is connected to IBKR."""
        before, self._outage = self._outage, OUTAGE_TABLE[self._outage][event]
        if event in ("cut", "broken"):
            if self._outage != before:
                self._outages[event] = (code, text)
                self._tell_outage(now)
            return
        if event == "restored":
            self._outages.clear()
        elif self._outages.pop("broken", None) is None:
            return
        if self._outages:
            self._tell_outage(now)
        else:
            self._happen("inReach", now, text, code)

    def _tell_outage(self, now: Instant) -> None:
        code, text = list(self._outages.values())[-1]
        self._happen("outOfReach", now, text, code)

    def _move(self, text: str) -> None:
        """TWS listens elsewhere from now on; where its words name no port, the configured one is tried."""
        named = {port for found in _PORT.findall(text) if (port := int(found)) <= 65535}
        port = named.pop() if len(named) == 1 else self._home
        self._ports = list(dict.fromkeys((port, self._home)))

    def _fail(
        self, reason: str, now: Instant, code: int | None = None, cause: Event = "failed", *, abort: bool = False
    ) -> None:
        """Say so, close the socket, and plan the next try."""
        if not self._happen(cause, now, reason, code):
            return
        up_since, self._up_since = self._up_since, None
        if up_since is not None and now.clock - up_since > self._timing.longest_backoff:
            self._backoff = self._timing.first_backoff
        if up_since is None and self._port == self._ports[0]:
            self._ports.append(self._ports.pop(0))
        self._port = self._ports[0]
        self._redirects, self._target = 0, (self._host, self._port)
        self._effects.append(Close(abort))
        self._happen("planned", now, f"next try in {self._backoff:g} s; {reason}", code)
        self._deadline = now.clock + self._backoff
        self._backoff = min(2 * self._backoff, self._timing.longest_backoff)
