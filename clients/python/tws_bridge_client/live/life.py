"""The states of a hold: one stream that live objects of this client need. The table has each pair of state and event.

It knows no socket and no clock. `tests/client/live/test_life.py` enumerates the table.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

HoldState = Literal["asking", "live", "stale", "lost", "refused", "closed"]
HoldEvent = Literal[
    "granted", "denied", "refused", "stale", "fresh", "renewed", "ended", "unheld", "due", "closed"
]  # fmt: skip

STATES: Mapping[HoldState, str] = {
    "asking": "The client has asked the bridge for the stream, and the bridge has not answered.",
    "live": "The bridge holds the stream for this client, and TWS serves it.",
    "stale": "The bridge holds the stream for this client, and TWS does not serve it now.",
    "lost": "The bridge does not hold the stream for this client. The client asks again after a pause.",
    "refused": "The bridge refuses the stream, and asking again would not help.",
    "closed": "No live object of this client needs the stream any more.",
}
EVENTS: Mapping[HoldEvent, str] = {
    "granted": "The bridge answers the subscription.",
    "denied": "The subscription fails with an error that can pass.",
    "refused": "The subscription fails with an error that does not pass by itself.",
    "stale": "The bridge says that TWS no longer serves the stream (`stale`, or `gap` for an account).",
    "fresh": "The bridge says that TWS serves the stream again (`fresh`, or `recovered` for an account).",
    "renewed": "The client has a new snapshot after a loss. If TWS does not serve the stream, `stale` follows.",
    "ended": "The bridge says that the stream has ended.",
    "unheld": "The `status` of the bridge shows that this client does not hold the stream.",
    "due": "The pause before the next attempt is over.",
    "closed": "The last live object that needs the stream is closed.",
}


def _row(**changes: HoldState) -> Mapping[str, HoldState]:
    return changes


_CHANGES: Mapping[HoldState, Mapping[str, HoldState]] = {
    "asking": _row(granted="live", denied="lost", refused="refused", closed="closed"),
    "live": _row(stale="stale", ended="lost", unheld="lost", closed="closed"),
    "stale": _row(fresh="live", renewed="live", ended="lost", unheld="lost", closed="closed"),
    "lost": _row(due="asking", closed="closed"),
    "refused": _row(closed="closed"),
    "closed": _row(),
}

#: The next state for each pair of state and event.
TABLE: Mapping[tuple[HoldState, HoldEvent], HoldState] = {
    (state, event): _CHANGES[state].get(event, state) for state in STATES for event in EVENTS
}
