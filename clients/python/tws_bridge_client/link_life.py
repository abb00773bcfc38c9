"""The states of one connection of a client to the bridge. The table has each pair of state and event.

It knows no socket and no clock. `tests/client/test_link_life.py` enumerates the table.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

LinkState = Literal["new", "open", "up", "lost", "reopened", "refused", "forbidden"]
LinkEvent = Literal["connected", "greeted", "cut", "refused", "retried"]

STATES: Mapping[LinkState, str] = {
    "new": "The socket has not been connected to a bridge, and nothing listens now.",
    "open": "The socket has not been connected to a bridge. The handshake of its first connection runs.",
    "up": "The socket is connected to the bridge.",
    "lost": "The socket was connected to the bridge, and nothing listens now.",
    "reopened": "The socket was connected to the bridge. The handshake of a new connection runs.",
    "refused": "The bridge refuses the connection, and the socket has not been connected before.",
    "forbidden": "The bridge refuses the connection, and the socket was connected before.",
}
EVENTS: Mapping[LinkEvent, str] = {
    "connected": "Somebody has accepted the connection.",
    "greeted": "The handshake has succeeded.",
    "cut": "The connection has ended, or an attempt has failed.",
    "refused": "The handshake has failed in a way that another attempt does not change.",
    "retried": "The client connects again, because the configuration of the bridge may have changed.",
}


def _row(**changes: LinkState) -> Mapping[str, LinkState]:
    return changes


_CHANGES: Mapping[LinkState, Mapping[str, LinkState]] = {
    "new": _row(connected="open", greeted="up", refused="refused"),
    "open": _row(greeted="up", cut="new", refused="refused"),
    "up": _row(cut="lost", refused="forbidden"),
    "lost": _row(connected="reopened", greeted="up", refused="forbidden"),
    "reopened": _row(greeted="up", cut="lost", refused="forbidden"),
    "refused": _row(greeted="up", retried="new"),
    "forbidden": _row(greeted="up", retried="lost"),
}

#: The next state for each pair of state and event.
TABLE: Mapping[tuple[LinkState, LinkEvent], LinkState] = {
    (state, event): _CHANGES[state].get(event, state) for state in STATES for event in EVENTS
}

#: The states after the first connection. If the socket is connected again, events may have been lost in between.
KNOWN: frozenset[LinkState] = frozenset({"up", "lost", "reopened", "forbidden"})
REFUSED: frozenset[LinkState] = frozenset({"refused", "forbidden"})
OPEN: frozenset[LinkState] = frozenset({"open", "reopened", "refused", "forbidden"})
