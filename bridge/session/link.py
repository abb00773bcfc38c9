"""The link: the state of the connection to TWS, its deadlines, and what the session must do next.

`link_table.py` says which state follows which event; only `Link` changes the state. The link knows no socket, no
request and no stream. The session reports events as calls, and reads state changes from `changes()`.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from bridge.session import codes
from bridge.session.effects import Close, Connect, Log
from bridge.session.link_table import OUTAGE_TABLE, TABLE, USABLE, WAITING, Event, Outage, OutageEvent, State
from bridge.session.values import Instant
from bridge.session.verdict_table import Outage as ReportedOutage
from bridge.session.verdict_table import Problem

NO_HANDSHAKE = (
    "TCP is open, but TWS has not answered the handshake: TWS may show a dialog that a person must answer, TWS may not "
    "trust this address, or the Gateway behind the port is still starting"
)
NOT_STARTED = (
    "TWS has answered the handshake, but has not sent managedAccounts and nextValidId: TWS may still be logging in or "
    "connecting to IBKR, or show a dialog"
)
IN_USE = "another program uses this client id; the bridge does not choose another id by itself"
#: Why TWS may not answer yet.
_DIAGNOSES: dict[State, str] = {"handshaking": NO_HANDSHAKE, "starting": NOT_STARTED}
#: The likely cause when the connection ends in this state. TWS itself gives no reason.
_CLOSED: dict[State, str] = {
    "handshaking": "TWS closed the connection before the handshake: no TWS behind the port, or TWS does not trust this "
    "address",
    "starting": "TWS closed the connection after the handshake: the client id may be in use, or a person refused the "
    "dialog",
}
#: What is wrong if TWS does not go on, or the connection ends, in this state.
_WAITS: dict[State, Problem] = {"handshaking": "noHandshake", "starting": "notStarted"}
_ENDED: dict[State, Problem] = {"handshaking": "closedBeforeHandshake", "starting": "closedBeforeStart"}
#: What is wrong if the connection ends with this code.
_OF_CODE: dict[int | None, Problem] = {
    codes.CLIENT_ID_IN_USE: "clientIdInUse",
    codes.PORT_CHANGED: "portChanged",
    502: "unreachable",
    503: "tooOld",
    504: "redirected",
    506: "notTws",
    507: "notTws",
}
MOST_REDIRECTS = 2
#: Finds a whole number directly after the word `port`; a version such as 10.30 does not match.
_PORT = re.compile(r"\bport\b[^\w.]*(?:(?:is|to|now|number)\b[^\w.]*)*([1-9][0-9]{0,4})(?!\w|\.[0-9])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class LinkTiming:
    """Time limits in seconds. The back-off doubles from `first_backoff` to `longest_backoff`; a stable link resets it.

    After `handshake` or `start` the link publishes why TWS may not have answered; after `patience` it closes the
    socket. After `quiet` seconds without a byte the bridge sends TWS a probe. The link gives the connection up if TWS
    sends nothing for `silence` seconds after the probe, accepts no byte for `silence` seconds, or does not complete a
    frame within `frame` seconds.
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
class LinkChange:
    """The link entered `state` at `since` (ns since 1970 UTC), or has a new reason for it.

    `code` is TWS's code, if it sent one: 1101 ends an outage with the subscriptions lost, 1102 with them kept.
    """

    state: State
    since: int
    reason: str | None = None
    code: int | None = None
    #: In state `backingOff`: seconds until the next attempt.
    retry_seconds: float | None = None


class Link:
    """Keeps the connection open until `stop`. Each call may add changes and effects: drain both afterwards."""

    def __init__(self, host: str, port: int, timing: LinkTiming | None = None) -> None:
        self._host, self._configured_port = host, port
        #: The ports to try in turn, the next one first: the port that TWS named (1300), and the configured one.
        self._ports = [port]
        self._port = port
        self._target = (host, port)
        self._timing = timing or LinkTiming()
        self.state: State = "stopped"
        self.since = 0
        self.reason: str | None = None
        #: What is wrong, and the text about it, until the connection is ready.
        self.problem: Problem | None = None
        self.problem_text: str | None = None
        self.server_version: int | None = None
        self.connection_time: str | None = None
        self._deadline: float | None = None
        #: When the bridge stops waiting for a person to answer a dialog in TWS.
        self._end_of_patience = math.inf
        self._backoff = self._timing.first_backoff
        self._up_since: float | None = None
        self._redirects = 0
        self._has_accounts = self._has_order_id = False
        self._outage: Outage = "none"
        #: TWS's code and text for each current outage, the newest last.
        self._outages: dict[OutageEvent, tuple[int, str]] = {}
        #: The code and text that TWS sent before it closed the connection, or before it must be opened again.
        self._closing_notice: tuple[int, str] | None = None
        self._changes: list[LinkChange] = []
        self._effects: list[Connect | Close | Log] = []

    def retime(self, timing: LinkTiming) -> None:
        """These limits hold for the waits that begin from now on."""
        self._timing = timing
        self._backoff = min(max(self._backoff, timing.first_backoff), timing.longest_backoff)

    # State for the session

    @property
    def usable(self) -> bool:
        """Whether the bridge may send requests."""
        return self.state in USABLE

    @property
    def is_cut(self) -> bool:
        """Whether TWS has reported that IBKR is out of reach, and has not reported that it is back."""
        return bool(self._outages)

    @property
    def reported_outage(self) -> tuple[ReportedOutage, str | None]:
        """What TWS has reported last about its connection to IBKR, while the bridge's connection is open."""
        if self.state != "degraded" or not self._outages:
            return "none", None
        event, (_, text) = list(self._outages.items())[-1]
        return ("outOfReach" if event == "cut" else "serverBroken"), text

    def deadline(self) -> float | None:
        """Return when `on_timer` must be called, on the steady clock; None for never."""
        return self._deadline

    def changes(self) -> list[LinkChange]:
        """Return the state changes since the last call."""
        drained, self._changes = self._changes, []
        return drained

    def effects(self) -> list[Connect | Close | Log]:
        """Return the effects since the last call."""
        drained, self._effects = self._effects, []
        return drained

    # Events

    def start(self, now: Instant) -> None:
        """Open the connection."""
        self._connect("start", now)

    def stop(self, now: Instant, reason: str) -> None:
        """Close the connection. The link does not open it again."""
        self._deadline = None
        if self._happen("stop", now, reason):
            self._effects.append(Close())

    def opened(self, now: Instant) -> None:
        """TCP is open. TWS has not answered the handshake yet."""
        if self._happen("opened", now):
            self._wait(now, self._timing.handshake)

    def connected(self, server_version: int, connection_time: str, now: Instant) -> None:
        """TWS has answered the handshake."""
        if self._happen("connected", now, facts=(server_version, connection_time)):
            self._wait(now, self._timing.start)

    def redirected(self, host: str, port: int | None, now: Instant) -> None:
        """TWS names another address: connect there. After `MOST_REDIRECTS` redirects, fail instead."""
        self._redirects += 1
        if self._redirects > MOST_REDIRECTS:
            reason = f"TWS redirected the connection more than {MOST_REDIRECTS} times, last to {host}"
            self._fail(reason, now, problem="redirected")
            return
        self._target = (host, port or self._target[1])
        self._connect("redirected", now, f"redirected to {host}:{self._target[1]}")

    def accounts(self, now: Instant) -> None:
        """TWS has sent managedAccounts."""
        self._has_accounts = True
        self._started(now)

    def order_id(self, now: Instant) -> None:
        """TWS has sent nextValidId."""
        self._has_order_id = True
        self._started(now)

    def notice(self, code: int, text: str, now: Instant) -> None:
        """Take a notice of TWS about the connection as a whole (id -1)."""
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
                self._closing_notice = (code, text)
            case codes.CLIENT_ID_IN_USE:
                self._closing_notice = (code, f"{IN_USE} (TWS: {text})")

    def lost(self, reason: str, now: Instant, code: int | None = None, problem: Problem | None = None) -> None:
        """The connection has ended, could not be opened, or sends bytes that the bridge cannot parse.

        `problem`: what is wrong, if the caller knows; else the code and the state say it.
        """
        if self._closing_notice is not None:
            code, reason = self._closing_notice
        elif self.state in _CLOSED and code is None:
            reason = f"{_CLOSED[self.state]} ({reason})"
        found = problem or _OF_CODE.get(code) or _ENDED.get(self.state, "closed")
        if found == "notTws" and self.state in USABLE:
            found = "unreadable"  # it was TWS
        self._fail(reason, now, code, problem=found)

    def give_up(self, reason: str, now: Instant) -> None:
        """Close a socket that is open but does not work. TWS must not receive the bytes that are still in it."""
        self._fail(reason, now, problem="silent", abort=True)

    def on_timer(self, now: Instant) -> None:
        """Act on a deadline that has passed."""
        if self._deadline is None or now.clock < self._deadline:
            return
        self._deadline = None
        if self.state == "backingOff":
            self._connect("deadline", now)
        elif self.state not in WAITING:
            host, port = self._target
            reason = f"TCP to {host}:{port} did not open within {self._timing.connect:g} s"
            self._fail(reason, now, 502, cause="deadline", problem="tcpTimeout")
        elif self._closing_notice is not None:
            self.lost("TWS has not closed the connection", now)
        elif now.clock < self._end_of_patience:
            self._deadline = self._end_of_patience
            reason = f"{_DIAGNOSES[self.state]}; the bridge keeps the connection and waits"
            self._happen("deadline", now, reason, problem=_WAITS[self.state])
        else:
            reason = f"{_DIAGNOSES[self.state]}; the bridge has waited for {self._timing.patience:g} s"
            self._fail(reason, now, cause="patienceOver", problem=_WAITS[self.state])

    # Transitions

    def _happen(
        self, event: Event, now: Instant, reason: str | None = None, code: int | None = None, *,
        facts: tuple[int | None, str | None] | None = None, retry: float | None = None, problem: Problem | None = None,
    ) -> bool:  # fmt: skip
        """Apply an event to the connection. Return whether it entered another state.

        `facts`: the server version and connection time from then on. `retry`: seconds until the next attempt.
        `problem`: what is wrong from then on.
        """
        before = self.state
        transition = TABLE[before][event]
        if not transition.possible:
            self._effects.append(Log.of("defect", what=f"{event} while the connection is {before}"))
            return False
        has_moved = transition.to != before
        if has_moved:
            self.state, self.since = transition.to, now.ts
            if facts is not None:
                self.server_version, self.connection_time = facts
        if has_moved or transition.is_told:
            self.reason = reason
            if self.state in USABLE:
                self.problem = self.problem_text = None
            elif problem is not None:
                self.problem, self.problem_text = problem, reason
            self._changes.append(LinkChange(self.state, self.since, reason, code, retry))
        return has_moved

    def _connect(self, event: Event, now: Instant, reason: str | None = None) -> None:
        if not self._happen(event, now, reason, facts=(None, None)):
            return
        self._has_accounts = self._has_order_id = False
        self._outage = OUTAGE_TABLE[self._outage]["newConnection"]
        self._outages.clear()
        self._closing_notice = None
        self._effects.append(Connect(*self._target))
        self._deadline = now.clock + self._timing.connect

    def _wait(self, now: Instant, seconds: float) -> None:
        """Wait for TWS's next message. Publish the likely cause after `seconds`, and give up after `patience`."""
        self._end_of_patience = now.clock + self._timing.patience
        self._deadline = min(now.clock + seconds, self._end_of_patience)

    def _started(self, now: Instant) -> None:
        if not (self._has_accounts and self._has_order_id and self._happen("started", now)):
            return
        self._deadline = None
        self._up_since = now.clock
        if self._port == self._configured_port:
            self._ports = [self._configured_port]
        if self._outages:
            self._tell_outage(now)

    def _on_outage(self, event: OutageEvent, code: int, text: str, now: Instant) -> None:
        """Take TWS's notice about its connection to IBKR."""
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
        """TWS will listen on another port. If its text does not name exactly one port, try the configured one."""
        named = {port for found in _PORT.findall(text) if (port := int(found)) <= 65535}
        port = named.pop() if len(named) == 1 else self._configured_port
        self._ports = list(dict.fromkeys((port, self._configured_port)))

    def _fail(
        self, reason: str, now: Instant, code: int | None = None, cause: Event = "failed", *, problem: Problem,
        abort: bool = False,
    ) -> None:  # fmt: skip
        """Publish the failure, close the socket, and plan the next attempt."""
        if problem == "refused" and len(self._ports) > 1:
            announced = next((port for port in self._ports if port != self._configured_port), self._configured_port)
            problem, reason = "portChanged", f"{reason}; TWS has said that its socket port is now {announced}"
        if not self._happen(cause, now, reason, code, problem=problem):
            return
        up_since, self._up_since = self._up_since, None
        if up_since is not None and now.clock - up_since > self._timing.longest_backoff:
            self._backoff = self._timing.first_backoff
        if up_since is None and self._port == self._ports[0]:
            self._ports.append(self._ports.pop(0))
        self._port = self._ports[0]
        self._redirects, self._target = 0, (self._host, self._port)
        self._effects.append(Close(abort))
        self._happen("planned", now, f"next attempt in {self._backoff:g} s; {reason}", code, retry=self._backoff)
        self._deadline = now.clock + self._backoff
        self._backoff = min(2 * self._backoff, self._timing.longest_backoff)
