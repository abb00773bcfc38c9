"""Contracts that the bridge asks TWS to describe for itself: one question for each conId, whoever waits for it.

What TWS says goes to `instruments`, as all that it describes. Knows no client and no order.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from bridge.session import codes
from bridge.session.contracts.instruments import Instruments
from bridge.session.outbox import Outbox
from bridge.session.requests import Request
from bridge.session.timers import Timer
from bridge.session.values import Data, Instant

#: Seconds for TWS to describe a contract.
PATIENCE = 10.0

#: `lost`: the connection went, and the question can be asked again.
Fate = Literal["open", "described", "unknown", "unanswered", "lost"]


@dataclass(slots=True, eq=False)
class DescriptionRequest:
    """What is the contract of this conId? `reason`: why it is `unknown` to TWS, or was left `unanswered`."""

    con_id: int
    fate: Fate = "open"
    reason: str = ""
    timer: Timer | None = None


class ContractDescriptions:
    """`request` has TWS asked for the bridge itself, `withdraw` takes such a question back."""

    def __init__(
        self,
        outbox: Outbox,
        instruments: Instruments,
        request: Callable[[Request], None],
        withdraw: Callable[[Request, Instant], None],
    ) -> None:
        self._outbox = outbox
        self._instruments = instruments
        self._ask = request
        self._withdraw = withdraw
        self._open: dict[int, DescriptionRequest] = {}
        self._numbers = itertools.count(1)
        self._has_news = False

    def question(self, con_id: int, now: Instant) -> DescriptionRequest:
        """The question about that conId: the one that is open, or a new one, which TWS is asked now."""
        question = self._open.get(con_id)
        if question is None:
            question = self._open[con_id] = DescriptionRequest(con_id)
            params: Data = {"contract": {"conId": con_id}}
            id_ = f"describe-{next(self._numbers)}-{con_id}"
            request = Request("bridge", id_, "reqContractDetails", params, None, False, "", is_own=True)
            request.then = lambda outcome: self._answered(question, outcome)
            at = now.clock + PATIENCE
            question.timer = self._outbox.timers.at(at, lambda later: self._give_up(question, request, later))
            self._ask(request)
        return question

    def advance(self) -> bool:
        """Whether a question has ended since this was last asked."""
        had_news, self._has_news = self._has_news, False
        return had_news

    def _answered(self, question: DescriptionRequest, outcome: Data) -> None:
        if question.fate != "open":
            return
        error = outcome.get("error", {})
        if outcome["ok"]:
            known = self._instruments.knows(question.con_id)
            self._end(question, "described" if known else "unknown", "it describes none")
        elif error["code"] in ("connectionLost", "cancelled"):
            self._end(question, "lost")
        elif error.get("twsCode") == codes.NO_SUCH_CONTRACT:
            self._end(question, "unknown", error["message"])
        else:
            self._end(question, "unanswered", error["message"])

    def _give_up(self, question: DescriptionRequest, request: Request, now: Instant) -> None:
        if question.fate == "open":
            self._end(question, "unanswered", f"no answer within {PATIENCE:g} s")
            self._withdraw(request, now)

    def _end(self, question: DescriptionRequest, fate: Fate, reason: str = "") -> None:
        question.fate, question.reason = fate, reason
        if question.timer is not None:
            question.timer.cancel()
        self._open.pop(question.con_id, None)
        self._has_news = True
