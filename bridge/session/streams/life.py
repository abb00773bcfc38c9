"""The life of a stream: its states, what can happen to it, and what follows from each pair of them.

`docs/reference/stream-states.md` is generated from this file. Knows no topic, no request and no clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from bridge.session.machine import Life, Machine, Row, machine

StreamState = Literal["new", "asking", "live", "cut", "doubtful", "lost", "ended"]
StreamEvent = Literal[
    "asked", "recalled", "word", "cut", "taken", "kept", "back", "silent", "overdue", "dropped", "disconnected",
    "refused", "released",
]  # fmt: skip

_ABOUT: Mapping[StreamState, str] = {
    "new": "A client wants it; TWS has not been asked.",
    "asking": "TWS has been asked, and has not said a word on it, or its first download has not ended.",
    "live": "TWS serves it.",
    "cut": "IBKR or its data farm is out of reach. A word on it proves nothing of what comes after that.",
    "doubtful": "TWS may serve it or not: that is over, or another session took the data; TWS has said nothing since.",
    "lost": "TWS does not serve it. Its clients still hold it, and the bridge asks TWS again.",
    "ended": "It is over: TWS refused it, or no client holds it.",
}
_ABOUT_EVENTS: Mapping[StreamEvent, str] = {
    "asked": "The bridge asks TWS for it.",
    "recalled": "The bridge starts, and a client has held it before.",
    "word": "TWS says something on it; of a download, that it is complete.",
    "cut": "TWS loses IBKR (1100, 2110), or a data farm of it (2103, 2105).",
    "taken": "Another session takes the data (10197).",
    "kept": "TWS is back at IBKR, and says that it kept the stream (1102).",
    "back": "A data farm is back (2104, 2106, 2158), and IBKR is not out of reach.",
    "silent": "TWS has said nothing on it for the time that it had to.",
    "overdue": "It is silent against its own habit, while TWS and IBKR are there.",
    "dropped": "TWS has dropped it, and says so (1101, 316, 10225).",
    "disconnected": "The connection to TWS ends.",
    "refused": "TWS ends it with an error.",
    "released": "No client holds it any more.",
}

_OVER: Mapping[StreamEvent, StreamState] = {"refused": "ended", "released": "ended"}
_GONE: Mapping[StreamEvent, StreamState] = {"dropped": "lost", "disconnected": "lost"}

STREAM: Machine[StreamState, StreamEvent] = machine(
    "new",
    _ABOUT,
    _ABOUT_EVENTS,
    {
        "new": Row(
            "word cut taken kept back silent overdue dropped",
            {"asked": "asking", "recalled": "lost", "disconnected": "lost", **_OVER},
        ),
        "asking": Row(
            "asked recalled cut taken kept back overdue", {"word": "live", "silent": "lost", **_GONE, **_OVER}
        ),
        "live": Row(
            "asked recalled word back silent",
            {"cut": "cut", "taken": "doubtful", "kept": "doubtful", "overdue": "lost", **_GONE, **_OVER},
        ),
        "cut": Row(
            "asked recalled word cut taken silent overdue", {"kept": "doubtful", "back": "doubtful", **_GONE, **_OVER}
        ),
        "doubtful": Row(
            "asked recalled taken kept back overdue", {"word": "live", "cut": "cut", "silent": "lost", **_GONE, **_OVER}
        ),
        "lost": Row(
            "recalled word cut taken kept back silent overdue dropped disconnected", {"asked": "asking", **_OVER}
        ),
        "ended": Row(" ".join(_ABOUT_EVENTS), {}),
    },
)
#: TWS serves it, or may.
AT_TWS: frozenset[StreamState] = frozenset({"asking", "live", "cut", "doubtful"})


class StreamLife(Life[StreamState, StreamEvent]):
    """How one stream stands."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(STREAM)
