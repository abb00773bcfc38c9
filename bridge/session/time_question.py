"""The bridge's own question for the time of TWS, by which it finds out whether TWS reads and answers.

It has total tables of states and events, as all things with a life. It does not wait behind the same questions of
clients: TWS may have lost one of those. Any time that TWS sends after the question has left is its answer. That may be
the answer to a client, and shows as well that TWS reads.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Literal

from bridge.session.machine import Life, Machine, Row, machine
from bridge.session.outbox import Outbox
from bridge.session.values import Instant

#: The question, and the callback that answers it.
PROBE, ANSWER = "reqCurrentTime", "currentTime"

QuestionState = Literal["none", "waiting", "asked", "answered"]
QuestionEvent = Literal["wanted", "left", "told", "withdrawn"]

_ABOUT: Mapping[QuestionState, str] = {
    "none": "The bridge expects no answer.",
    "waiting": "The bridge wants to ask, and the message waits for room. TWS does not know the question.",
    "asked": "The question has left, and TWS has not sent the time since then.",
    "answered": "TWS has sent the time after the question had left.",
}
_ABOUT_EVENTS: Mapping[QuestionEvent, str] = {
    "wanted": "The bridge wants to know whether TWS reads.",
    "left": "There is room: the bridge sends the question.",
    "told": "TWS sends the time, whoever has asked for it.",
    "withdrawn": "The bridge does not need the answer any more: the doubt is over, TWS has sent something else, or the "
    "connection is another one.",
}
QUESTION: Machine[QuestionState, QuestionEvent] = machine(
    "none",
    _ABOUT,
    _ABOUT_EVENTS,
    {
        "none": Row("left told withdrawn", {"wanted": "waiting"}),
        "waiting": Row("wanted told", {"left": "asked", "withdrawn": "none"}),
        "asked": Row("wanted left", {"told": "answered", "withdrawn": "none"}),
        "answered": Row("left told", {"wanted": "waiting", "withdrawn": "none"}),
    },
)


class TimeQuestion(Life[QuestionState, QuestionEvent]):
    """One question. `asked_at`: from when its answer is expected, on the steady clock; -infinity before it has left."""

    __slots__ = ("_outbox", "asked_at")

    def __init__(self, outbox: Outbox) -> None:
        super().__init__(QUESTION)
        self._outbox = outbox
        self.asked_at = -math.inf

    def ask(self) -> None:
        """Ask as soon as there is room, unless the question is on its way or at TWS."""
        if self.happen("wanted"):
            self._outbox.when_room("cancels", 1, self._leave)

    def tell(self) -> None:
        """TWS has sent the time."""
        self.happen("told")

    def withdraw(self) -> None:
        """Expect no answer any more. The next question begins anew."""
        self.happen("withdrawn")
        self.asked_at = -math.inf

    def begin_anew(self, now: Instant) -> None:
        """The bridge itself stood still, so the answer may be unread: count from now."""
        if self.state == "asked":
            self.asked_at = now.clock

    def _leave(self, now: Instant) -> None:
        if not self._outbox.pacer.is_open:
            self.withdraw()
        elif self.happen("left"):
            self.asked_at = now.clock
            self._outbox.send(PROBE, {})
