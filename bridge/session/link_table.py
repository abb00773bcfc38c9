"""The states of the connection to TWS, the events that can happen to it, and what follows from each pair of them.

Two tables: of the connection, and of the outage that TWS has told while the connection holds. Each is total: it lists
every pair of state and event. Only `Link` (`link.py`) changes the two values. `docs/reference/connection-states.md` is
generated from this file.
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

#: Requests may be sent. In `degraded` TWS is there, and answers what it can.
USABLE: frozenset[State] = frozenset({"ready", "degraded"})
#: TWS may let the bridge wait behind a dialog that a person answers.
WAITING: frozenset[State] = frozenset({"handshaking", "starting"})
#: TCP is open.
OPEN: frozenset[State] = WAITING | USABLE

ABOUT: Mapping[State, str] = {
    "connecting": "The bridge opens TCP.",
    "handshaking": "TCP is open. TWS has not answered the handshake; it may show a dialog.",
    "starting": "The server version is agreed on. The bridge waits for accounts and the next order id.",
    "ready": "TWS is there, and IBKR behind it.",
    "degraded": "TWS is there, and has said that IBKR is out of reach.",
    "lost": "The connection has ended, or could not be made. The bridge goes on to `backingOff` at once.",
    "backingOff": "The bridge waits before the next try.",
    "stopped": "The bridge has not started, or ends.",
}
ABOUT_EVENTS: Mapping[Event, str] = {
    "start": "The bridge starts.",
    "opened": "TCP is open.",
    "connected": "TWS has answered the handshake.",
    "redirected": "TWS names another address instead, and has not done so too often.",
    "started": "TWS has told the accounts and the next order id.",
    "outOfReach": "TWS tells an outage, or another one begins or ends while one holds (see below).",
    "inReach": "No outage holds any more, or TWS says 1101 or 1102 (`code`), also where none held.",
    "deadline": "The time of the state is over: `connect_timeout`, `handshake_timeout`, `start_timeout`, or the pause "
    "before the next try.",
    "patienceOver": "`patience` is over.",
    "failed": "TCP could not be opened or has ended, the bytes make no sense, or TWS is silent, takes no bytes, or "
    "does not complete a frame.",
    "planned": "The bridge has closed the socket and planned the next try.",
    "stop": "The bridge ends.",
}


class Transition(NamedTuple):
    """What follows: the next state, and whether a state that stays is published again, with its new reason.

    One that is not `possible` changes nothing, and is logged as a defect of the bridge.
    """

    to: State
    is_told: bool = False
    possible: bool = True


Row = Mapping[Event, Transition]


def _row(
    state: State, *, go: Mapping[str, State] | None = None, tell: str = "", stay: str = "", impossible: str = ""
) -> Row:
    """One state's transitions: `go` on, `tell` a new reason of the same state, `stay` in it."""
    row = {name: Transition(to) for name, to in (go or {}).items()}
    row |= {name: Transition(state, is_told=True) for name in tell.split()}
    row |= {name: Transition(state) for name in stay.split()}
    row |= {name: Transition(state, possible=False) for name in impossible.split()}
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
        # The socket is kept: who answers the dialog answers it for this one.
        tell="deadline",
        go={"connected": "starting", "redirected": "connecting", "patienceOver": "lost", **_ENDS},
        impossible="start opened started outOfReach inReach planned",
    ),
    "starting": _row(
        "starting",
        # An outage told before the start is kept, and told after it.
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
    "none": "TWS has told none, or it is over.",
    "cut": "TWS has said 1100: it has lost IBKR.",
    "broken": "TWS has said 2110: it cannot reach its own server.",
    "both": "TWS has said 1100 and 2110.",
}
ABOUT_OUTAGE_EVENTS: Mapping[OutageEvent, str] = {
    "cut": "1100",
    "broken": "2110",
    "restored": "1101 (market data subscriptions are lost) or 1102 (they are kept)",
    "farmOk": "2104, 2106 or 2158: a farm is connected. It ends 2110, and says nothing of 1100.",
    "newConnection": "The bridge connects anew. TWS tells again what holds.",
}
OUTAGE_TABLE: Mapping[Outage, Mapping[OutageEvent, Outage]] = {
    "none": {"cut": "cut", "broken": "broken", "restored": "none", "farmOk": "none", "newConnection": "none"},
    "cut": {"cut": "cut", "broken": "both", "restored": "none", "farmOk": "cut", "newConnection": "none"},
    "broken": {"cut": "both", "broken": "broken", "restored": "none", "farmOk": "none", "newConnection": "none"},
    "both": {"cut": "both", "broken": "both", "restored": "none", "farmOk": "cut", "newConnection": "none"},
}
