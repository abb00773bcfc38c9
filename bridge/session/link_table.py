"""The state tables of the connection to TWS: the states, the events, and the next state for each pair of them.

There are two tables: one for the connection, and one for the outage that TWS reports while the connection is open. Each
table is total: it lists every pair of state and event. Only `Link` (`link.py`) changes the two states.
`docs/reference/connection-states.md` is generated from this file.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple, cast, get_args

State = Literal["connecting", "handshaking", "starting", "ready", "degraded", "lost", "backingOff", "stopped"]
Event = Literal[
    "start", "opened", "connected", "redirected", "started", "outOfReach", "inReach", "deadline", "patienceOver",
    "failed", "planned", "stop",
]  # fmt: skip

Outage = Literal["none", "cut", "broken", "both"]
OutageEvent = Literal["cut", "broken", "restored", "farmOk", "newConnection"]

STATES: tuple[State, ...] = get_args(State)
EVENTS: tuple[Event, ...] = get_args(Event)
OUTAGES: tuple[Outage, ...] = get_args(Outage)
OUTAGE_EVENTS: tuple[OutageEvent, ...] = get_args(OutageEvent)

#: The bridge may send requests. In `degraded` TWS is connected and answers what it can without IBKR.
USABLE: frozenset[State] = frozenset({"ready", "degraded"})
#: In these states TWS may show a dialog, and the bridge waits until a person answers it.
WAITING: frozenset[State] = frozenset({"handshaking", "starting"})
#: TCP is open.
OPEN: frozenset[State] = WAITING | USABLE

ABOUT: Mapping[State, str] = {
    "connecting": "The bridge opens TCP.",
    "handshaking": "TCP is open. TWS has not answered the handshake; it may show a dialog.",
    "starting": "TWS has answered the handshake. The bridge waits for the accounts and the next order id.",
    "ready": "TWS is connected, and has access to IBKR.",
    "degraded": "TWS is connected, and has reported that IBKR is out of reach.",
    "lost": "The connection has ended, or could not be opened. `backingOff` follows at once.",
    "backingOff": "The bridge waits before the next attempt.",
    "stopped": "The bridge has not started, or stops.",
}
ABOUT_EVENTS: Mapping[Event, str] = {
    "start": "The bridge starts.",
    "opened": "TCP is open.",
    "connected": "TWS has answered the handshake.",
    "redirected": "TWS names another address, for the first or second time.",
    "started": "TWS has sent the accounts and the next order id.",
    "outOfReach": "TWS reports an outage, or a second outage begins or ends during the first (see below).",
    "inReach": "The last outage is over, or TWS sends 1101 or 1102 (`code`), also without an outage.",
    "deadline": "The state's time limit has passed: `connect_timeout`, `handshake_timeout`, `start_timeout`, or the "
    "pause before the next attempt.",
    "patienceOver": "The time limit `patience` has passed.",
    "failed": "TCP could not be opened or has ended, the bridge cannot parse the bytes, or TWS sends nothing, accepts "
    "no bytes, or does not complete a frame.",
    "planned": "The bridge has closed the socket and planned the next attempt.",
    "stop": "The bridge stops.",
}


class LinkTransition(NamedTuple):
    """The result of an event: the next state.

    `is_told`: an event that does not change the state publishes it again, with the new reason. If not `possible`, the
    event changes nothing, and the bridge logs a defect.
    """

    to: State
    is_told: bool = False
    possible: bool = True


Row = Mapping[Event, LinkTransition]


def _row(
    state: State, *, go: Mapping[str, State] | None = None, tell: str = "", stay: str = "", impossible: str = ""
) -> Row:
    """Build one state's row: `go` changes the state, `tell` publishes it with a new reason, `stay` does nothing."""
    row = {name: LinkTransition(to) for name, to in (go or {}).items()}
    row |= {name: LinkTransition(state, is_told=True) for name in tell.split()}
    row |= {name: LinkTransition(state) for name in stay.split()}
    row |= {name: LinkTransition(state, possible=False) for name in impossible.split()}
    if sorted(row) != sorted(EVENTS):
        raise ValueError(f"{state}: {sorted(set(row) ^ set(EVENTS))} not listed once")
    return cast(Row, row)


_ENDS: Mapping[str, State] = {"failed": "lost", "stop": "stopped"}

TABLE: Mapping[State, Row] = {
    "connecting": _row(
        "connecting",
        go={"opened": "handshaking", "deadline": "lost", **_ENDS},
        impossible="start connected redirected started outOfReach inReach patienceOver planned",
    ),
    "handshaking": _row(
        "handshaking",
        # The bridge keeps this socket: when a person answers TWS's dialog, the answer applies to this socket.
        tell="deadline",
        go={"connected": "starting", "redirected": "connecting", "patienceOver": "lost", **_ENDS},
        impossible="start opened started outOfReach inReach planned",
    ),
    "starting": _row(
        "starting",
        # The link keeps an outage that TWS reports before the start, and publishes it after the start.
        tell="deadline",
        stay="outOfReach inReach",
        go={"started": "ready", "patienceOver": "lost", **_ENDS},
        impossible="start opened connected redirected planned",
    ),
    "ready": _row(
        "ready",
        tell="inReach",
        stay="started",
        go={"outOfReach": "degraded", **_ENDS},
        impossible="start opened connected redirected deadline patienceOver planned",
    ),
    "degraded": _row(
        "degraded",
        tell="outOfReach",
        stay="started",
        go={"inReach": "ready", **_ENDS},
        impossible="start opened connected redirected deadline patienceOver planned",
    ),
    "lost": _row(
        "lost",
        stay="failed",
        go={"planned": "backingOff", "stop": "stopped"},
        impossible="start opened connected redirected started outOfReach inReach deadline patienceOver",
    ),
    "backingOff": _row(
        "backingOff",
        stay="failed",
        go={"deadline": "connecting", "stop": "stopped"},
        impossible="start opened connected redirected started outOfReach inReach patienceOver planned",
    ),
    "stopped": _row(
        "stopped",
        stay="failed stop",
        go={"start": "connecting"},
        impossible="opened connected redirected started outOfReach inReach deadline patienceOver planned",
    ),
}


# The outage

ABOUT_OUTAGES: Mapping[Outage, str] = {
    "none": "TWS has reported no outage, or the outage is over.",
    "cut": "TWS has sent 1100: it has lost the connection to IBKR.",
    "broken": "TWS has sent 2110: it cannot reach its own server.",
    "both": "TWS has sent 1100 and 2110.",
}
ABOUT_OUTAGE_EVENTS: Mapping[OutageEvent, str] = {
    "cut": "1100",
    "broken": "2110",
    "restored": "1101 (market data subscriptions are lost) or 1102 (they are kept)",
    "farmOk": "2104, 2106 or 2158: a farm is connected. This ends 2110, and does not end 1100.",
    "newConnection": "The bridge opens a new connection. TWS reports current outages again.",
}
OUTAGE_TABLE: Mapping[Outage, Mapping[OutageEvent, Outage]] = {
    "none": {"cut": "cut", "broken": "broken", "restored": "none", "farmOk": "none", "newConnection": "none"},
    "cut": {"cut": "cut", "broken": "both", "restored": "none", "farmOk": "cut", "newConnection": "none"},
    "broken": {"cut": "both", "broken": "broken", "restored": "none", "farmOk": "none", "newConnection": "none"},
    "both": {"cut": "both", "broken": "both", "restored": "none", "farmOk": "cut", "newConnection": "none"},
}
