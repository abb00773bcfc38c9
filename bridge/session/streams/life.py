"""The states of a stream, its events, and the next state for each pair of them.

`docs/reference/stream-states.md` is generated from this file. This module knows no topic, no request and no clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from bridge.session.machine import Life, Machine, Row, machine

StreamState = Literal["new", "asking", "live", "cut", "doubtful", "lost", "ended"]
StreamEvent = Literal[
    "asked", "recalled", "word", "served", "cut", "taken", "kept", "back", "silent", "overdue", "dropped",
    "widened", "disconnected", "refused", "released",
]  # fmt: skip

_ABOUT: Mapping[StreamState, str] = {
    "new": "A client has requested the stream; the bridge has not requested it from TWS.",
    "asking": "The bridge has requested the stream. TWS has not answered, or the first download has not ended.",
    "live": "TWS serves the stream.",
    "cut": "IBKR or its data farm is out of reach. Data that arrives now does not prove that TWS still serves it.",
    "doubtful": "TWS may serve the stream or not. The outage is over, or another session took the data, and TWS has "
    "sent nothing since.",
    "lost": "TWS does not serve the stream. Clients still hold it, and the bridge requests it again.",
    "ended": "The stream is over: TWS refused it, or no client holds it.",
}
_ABOUT_EVENTS: Mapping[StreamEvent, str] = {
    "asked": "The bridge requests the stream from TWS.",
    "recalled": "The bridge has started, and a client held the stream before.",
    "word": "TWS sends a message for the stream; if it has a first download, the end of the download.",
    "served": "TWS sends messages long after a data farm broke, while it reaches IBKR: another farm serves the stream.",
    "cut": "TWS loses the connection to IBKR (1100, 2110) or to a data farm (2103, 2105).",
    "taken": "Another session takes the data (10197).",
    "kept": "TWS is connected to IBKR again, and reports that it kept the stream (1102).",
    "back": "The last broken data farm of the stream's kind is connected or inactive (2104, 2106 to 2108), and TWS "
    "reaches IBKR.",
    "silent": "TWS has sent nothing for the stream within the time limit.",
    "overdue": "The stream is silent for much longer than ever before, while TWS and IBKR are connected.",
    "dropped": "TWS reports that it dropped the stream (1101, 316, 10225).",
    "widened": "A client wants more generic ticks or account tags than the stream has, or TWS has refused them: the "
    "bridge ends the stream at TWS and requests it with others.",
    "disconnected": "The connection to TWS ends.",
    "refused": "TWS ends the stream with an error.",
    "released": "No client holds the stream any more.",
}

_OVER: Mapping[StreamEvent, StreamState] = {"refused": "ended", "released": "ended"}
_GONE: Mapping[StreamEvent, StreamState] = {"dropped": "lost", "widened": "lost", "disconnected": "lost"}

STREAM: Machine[StreamState, StreamEvent] = machine(
    "new",
    _ABOUT,
    _ABOUT_EVENTS,
    {
        "new": Row(
            "word served cut taken kept back silent overdue dropped widened",
            {"asked": "asking", "recalled": "lost", "disconnected": "lost", **_OVER},
        ),
        "asking": Row(
            "asked recalled served cut taken kept back overdue", {"word": "live", "silent": "lost", **_GONE, **_OVER}
        ),
        "live": Row(
            "asked recalled word served back silent",
            {"cut": "cut", "taken": "doubtful", "kept": "doubtful", "overdue": "lost", **_GONE, **_OVER},
        ),
        "cut": Row(
            "asked recalled word cut taken silent overdue",
            {"served": "live", "kept": "doubtful", "back": "doubtful", **_GONE, **_OVER},
        ),
        "doubtful": Row(
            "asked recalled served taken kept back overdue",
            {"word": "live", "cut": "cut", "silent": "lost", **_GONE, **_OVER},
        ),
        "lost": Row(
            "recalled word served cut taken kept back silent overdue dropped widened disconnected",
            {"asked": "asking", **_OVER},
        ),
        "ended": Row(" ".join(_ABOUT_EVENTS), {}),
    },
)
#: TWS serves the stream, or may serve it.
AT_TWS: frozenset[StreamState] = frozenset({"asking", "live", "cut", "doubtful"})


class StreamLife(Life[StreamState, StreamEvent]):
    """The state of one stream."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(STREAM)
