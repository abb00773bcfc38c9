"""The states of a pending request, its events, and the next state for each pair of them.

A request with an id at TWS that no client waits for any more is cancelled, and is over. One without an id cannot be
cancelled: the bridge waits for a late answer, which must not answer the next request of the lane.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from bridge.session.machine import Life, Machine, Row, machine

PendingState = Literal["inLane", "sent", "answering", "abandoned", "owed", "over"]
PendingEvent = Literal["sent", "told", "answered", "answeredOnce", "left", "ended"]

_ABOUT: Mapping[PendingState, str] = {
    "inLane": "TWS has another request of its lane, so the bridge has not sent it.",
    "sent": "The bridge has sent it, and TWS has sent nothing for it.",
    "answering": "TWS has sent a warning, or a part of the answer.",
    "abandoned": "No client waits for it, and TWS cannot cancel it. TWS may still answer.",
    "owed": "TWS has answered it. The bridge had sent it twice, so TWS may answer once more.",
    "over": "It is over: TWS has answered or refused it, or the bridge has ended it.",
}
_ABOUT_EVENTS: Mapping[PendingEvent, str] = {
    "sent": "The bridge sends it to TWS, for the first time or once more.",
    "told": "TWS has sent a message for it that does not end it.",
    "answered": "TWS has sent the end of the answer, or an error.",
    "answeredOnce": "TWS has sent the end of the answer to a request that the bridge sent twice without an id.",
    "left": "No client waits for it any more, and TWS may still answer.",
    "ended": "The bridge ends it: it was cancelled or could not be sent, the connection is lost, or no answer came.",
}

PENDING: Machine[PendingState, PendingEvent] = machine(
    "inLane",
    _ABOUT,
    _ABOUT_EVENTS,
    {
        "inLane": Row("told left", {"sent": "sent", "answered": "over", "answeredOnce": "owed", "ended": "over"}),
        "sent": Row(
            "sent",
            {"told": "answering", "answered": "over", "answeredOnce": "owed", "left": "abandoned", "ended": "over"},
        ),
        "answering": Row(
            "sent told", {"answered": "over", "answeredOnce": "owed", "left": "abandoned", "ended": "over"}
        ),
        "abandoned": Row("sent told left", {"answered": "over", "answeredOnce": "owed", "ended": "over"}),
        "owed": Row("sent told left", {"answered": "over", "answeredOnce": "owed", "ended": "over"}),
        "over": Row("sent told answered answeredOnce left ended", {}),
    },
)
#: A client waits for the answer, so that an equal request may join.
WANTED: frozenset[PendingState] = frozenset({"inLane", "sent", "answering"})
#: TWS has sent nothing for it: its answer will be newer than a request that comes now.
UNTOLD: frozenset[PendingState] = frozenset({"inLane", "sent"})
#: TWS has it. The next answer of its kind is its own.
AT_TWS: frozenset[PendingState] = frozenset({"sent", "answering", "abandoned", "owed"})


class PendingLife(Life[PendingState, PendingEvent]):
    """The state of one pending request."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(PENDING)
