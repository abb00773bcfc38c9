"""The states of a hold: one stream that live objects of this client need. The table has each pair of state and event.

It knows no socket and no clock. `tests/client/live/test_life.py` enumerates the table.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

HoldState = Literal["asking", "unconfirmed", "live", "stale", "lost", "refused", "closed"]
HoldEvent = Literal[
    "granted", "promised", "denied", "refused", "stale", "fresh", "renewed", "restarted", "ended", "unheld", "due",
    "closed",
]  # fmt: skip

STATES: Mapping[HoldState, str] = {
    "asking": "The client has asked the bridge for the stream, and the bridge has not answered.",
    "unconfirmed": "The bridge holds the stream for this client, and has not said yet whether TWS serves it.",
    "live": "The bridge holds the stream for this client, and TWS serves it.",
    "stale": "The bridge holds the stream for this client, and TWS does not serve it now.",
    "lost": "The bridge does not hold the stream for this client. The client asks again after a pause.",
    "refused": "The bridge refuses the stream, and asking again would not help.",
    "closed": "No live object of this client needs the stream any more.",
}
#: The states in which the bridge holds the stream for this client.
HELD: frozenset[HoldState] = frozenset({"unconfirmed", "live", "stale"})

EVENTS: Mapping[HoldEvent, str] = {
    "granted": "The bridge answers the subscription.",
    "promised": "The bridge answers the subscription of an account before TWS has sent all values.",
    "denied": "The subscription fails with an error that can pass.",
    "refused": "The subscription fails with an error that does not pass by itself.",
    "stale": "The bridge says that TWS does not serve the stream (`stale`, `status`, or `gap` for an account).",
    "fresh": "The bridge says that TWS serves the stream (`fresh`, `status`, or `recovered` for an account).",
    "renewed": "The client has a new snapshot of the same bridge run after a loss. If TWS does not serve the stream, "
    "`stale` follows.",
    "restarted": "The client has a new snapshot of another bridge run. It does not say which streams TWS serves.",
    "ended": "The bridge says that the stream has ended.",
    "unheld": "The `status` of the bridge shows that this client does not hold the stream.",
    "due": "The pause before the next attempt is over.",
    "closed": "The last live object that needs the stream is closed.",
}


def _row(**changes: HoldState) -> Mapping[str, HoldState]:
    return changes


_CHANGES: Mapping[HoldState, Mapping[str, HoldState]] = {
    "asking": _row(granted="live", promised="unconfirmed", denied="lost", refused="refused", closed="closed"),
    "unconfirmed": _row(fresh="live", stale="stale", ended="lost", unheld="lost", closed="closed"),
    "live": _row(stale="stale", restarted="unconfirmed", ended="lost", unheld="lost", closed="closed"),
    "stale": _row(
        fresh="live", renewed="unconfirmed", restarted="unconfirmed", ended="lost", unheld="lost", closed="closed"
    ),
    "lost": _row(due="asking", closed="closed"),
    "refused": _row(closed="closed"),
    "closed": _row(),
}

#: The next state for each pair of state and event.
TABLE: Mapping[tuple[HoldState, HoldEvent], HoldState] = {
    (state, event): _CHANGES[state].get(event, state) for state in STATES for event in EVENTS
}
