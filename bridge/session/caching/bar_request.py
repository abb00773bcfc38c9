"""One request of a client for bars, from its arrival to its answer: the states, the events, and the next states.

Only `BarCache` lets events happen, and it does what the new state says. `docs/reference/bar-request-states.md` is
generated from this file.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from bridge.session.caching.bar_question import BarQuestion
from bridge.session.caching.bar_service import Service
from bridge.session.caching.question import Question
from bridge.session.machine import Life, Machine, Row, machine
from bridge.session.requests import Request
from bridge.session.values import Data

State = Literal["reading", "behind", "tail", "whole", "over"]
Event = Literal["canServe", "needsTail", "mayWait", "needsTws", "failed", "answered"]

ABOUT: Mapping[State, str] = {
    "reading": "The bridge reads from the cache file what it has kept of the series.",
    "behind": "TWS has another request of the series whose bars may answer this one. This one waits for that answer.",
    "tail": "The bridge has requested the newest bars from TWS, for this request alone or for several equal ones.",
    "whole": "The request itself goes to TWS. TWS answers it, refuses it, or its time ends.",
    "over": "The client has its answer.",
}
ABOUT_EVENTS: Mapping[Event, str] = {
    "canServe": "It is certain what TWS would answer, and the bridge has it.",
    "needsTail": "The bridge has the older bars, and must compare them with TWS's newest bars.",
    "mayWait": "TWS has another request whose bars include these.",
    "needsTws": "The bridge cannot answer for certain. Also after a tail that says otherwise than the kept bars.",
    "failed": "The request for the tail was not sent, or the connection ended before its answer.",
    "answered": "The client has an answer: from TWS, an error, a timeout, or its own cancel.",
}
_FINAL = "canServe needsTail mayWait needsTws failed"
BAR_REQUEST: Machine[State, Event] = machine(
    "reading",
    ABOUT,
    ABOUT_EVENTS,
    {
        "reading": Row(
            "",
            {
                "canServe": "over", "needsTail": "tail", "mayWait": "behind", "needsTws": "whole", "failed": "over",
                "answered": "over",
            },
        ),
        # It waits once: what the other request has not brought, TWS must bring.
        "behind": Row(
            "",
            {
                "canServe": "over", "needsTail": "tail", "mayWait": "whole", "needsTws": "whole", "failed": "over",
                "answered": "over",
            },
        ),
        # One tail is enough: if it does not settle the matter, TWS answers the whole request.
        "tail": Row(
            "",
            {
                "canServe": "over", "needsTail": "whole", "mayWait": "whole", "needsTws": "whole", "failed": "over",
                "answered": "over",
            },
        ),
        "whole": Row(_FINAL, {"answered": "over"}),
        "over": Row(f"{_FINAL} answered", {}),
    },
)  # fmt: skip


class BarRequestLife(Life[State, Event]):
    """The state of one request for bars."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(BAR_REQUEST)


class BarRequest:
    """See the module.

    `service`: the answer, if the bridge has one. `days`: how long the tail is. `tail`: the internal request for it.
    `error`: why that has failed. `leader`: the request that this one is behind. `followers`: those behind this one.
    """

    __slots__ = ("asked", "days", "error", "followers", "leader", "life", "question", "service", "tail")

    def __init__(self, question: Question, asked: BarQuestion) -> None:
        self.question = question
        self.asked = asked
        self.life = BarRequestLife()
        self.service: Service | None = None
        self.days = 0
        self.tail: Request | None = None
        self.error: Data | None = None
        self.leader: BarRequest | None = None
        self.followers: list[BarRequest] = []

    @property
    def request(self) -> Request:
        """The client's request."""
        return self.question.request
