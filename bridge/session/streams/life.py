"""The life of a stream: its states, what can happen to it, and what follows from each pair of them.

The table is total; `Life.happen` is the only writer of a stream's state. Knows no topic, no request and no clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

StreamState = Literal["new", "asking", "live", "cut", "doubtful", "lost", "ended"]
StreamEvent = Literal[
    "asked", "word", "cut", "taken", "kept", "back", "silent", "dropped", "disconnected", "refused", "released",
]  # fmt: skip

STATES: tuple[StreamState, ...] = get_args(StreamState)
EVENTS: tuple[StreamEvent, ...] = get_args(StreamEvent)

ABOUT: Mapping[StreamState, str] = {
    "new": "A client wants it; TWS has not been asked.",
    "asking": "TWS has been asked, and has not said a word on it, or its first download has not ended.",
    "live": "TWS serves it.",
    "cut": "IBKR or its data farm is out of reach. A word on it proves nothing of what comes after that.",
    "doubtful": "TWS may serve it or not: that is over, or another session took the data; TWS has said nothing since.",
    "lost": "TWS does not serve it. Its clients still hold it, and the bridge asks TWS again.",
    "ended": "It is over: TWS refused it, or no client holds it.",
}
ABOUT_EVENTS: Mapping[StreamEvent, str] = {
    "asked": "The bridge asks TWS for it.",
    "word": "TWS says something on it; of a download, that it is complete.",
    "cut": "TWS loses IBKR (1100, 2110), or a data farm of it (2103, 2105).",
    "taken": "Another session takes the data (10197).",
    "kept": "TWS is back at IBKR, and says that it kept the stream (1102).",
    "back": "A data farm is back (2104, 2106, 2158), and IBKR is not out of reach.",
    "silent": "TWS has said nothing on it for the time that it had to.",
    "dropped": "TWS has dropped it, and says so (1101, 316, 10225).",
    "disconnected": "The connection to TWS ends.",
    "refused": "TWS ends it with an error.",
    "released": "No client holds it any more.",
}

_OVER: Mapping[StreamEvent, StreamState] = {"refused": "ended", "released": "ended"}
_GONE: Mapping[StreamEvent, StreamState] = {"dropped": "lost", "disconnected": "lost"}


def _row(state: StreamState, stay: str, go: Mapping[StreamEvent, StreamState]) -> Mapping[StreamEvent, StreamState]:
    row = {event: state for event in EVENTS if event in stay.split()} | dict(go)
    if sorted(row) != sorted(EVENTS):
        raise ValueError(f"{state}: {sorted(set(row) ^ set(EVENTS))} not listed once")
    return row


TABLE: Mapping[StreamState, Mapping[StreamEvent, StreamState]] = {
    "new": _row("new", "word cut taken kept back silent dropped", {"asked": "asking", "disconnected": "lost", **_OVER}),
    "asking": _row("asking", "asked cut taken kept back", {"word": "live", "silent": "lost", **_GONE, **_OVER}),
    "live": _row(
        "live", "asked word back silent", {"cut": "cut", "taken": "doubtful", "kept": "doubtful", **_GONE, **_OVER}
    ),
    "cut": _row("cut", "asked word cut taken silent", {"kept": "doubtful", "back": "doubtful", **_GONE, **_OVER}),
    "doubtful": _row(
        "doubtful", "asked taken kept back", {"word": "live", "cut": "cut", "silent": "lost", **_GONE, **_OVER}
    ),
    "lost": _row("lost", "word cut taken kept back silent dropped disconnected", {"asked": "asking", **_OVER}),
    "ended": _row("ended", " ".join(EVENTS), {}),
}
#: TWS serves it, or may.
AT_TWS: frozenset[StreamState] = frozenset({"asking", "live", "cut", "doubtful"})


class Life:
    """How one stream stands."""

    __slots__ = ("_state",)

    def __init__(self) -> None:
        self._state: StreamState = "new"

    @property
    def state(self) -> StreamState:
        return self._state

    def happen(self, event: StreamEvent) -> bool:
        """Whether the state changed."""
        before, self._state = self._state, TABLE[self._state][event]
        return before != self._state
