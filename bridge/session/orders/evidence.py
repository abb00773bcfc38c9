"""What it proves, and what it does not prove, when an order is missing in TWS's lists.

The list of open orders is always current. The lists of executions and completed orders cover only the current day at
TWS. So an order that is missing in them may have been executed on an earlier day. The functions here are pure: they
take values and return an event of `state.py`. The model check in `tests/model/` explores them together with the tables.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import NamedTuple

from bridge.session.orders.state import Event, State
from bridge.session.values import Data

#: State that TWS last reported -> event that applies again where the order is not open any more.
LAST_WORDS: dict[State, Event] = {"filled": "toldFilled", "cancelled": "toldCancelled"}

FORGOTTEN = "TWS had this order, but does not list it as open and does not report how it ended"
ANOTHER_DAY = "the day at TWS has changed since the bridge sent the order: TWS's lists do not reach back that far"
TRUNCATED = "TWS's lists lack executions that TWS reported today: they do not reach back to when the bridge sent it"
NOT_OPEN = "a part of the order was executed, it is not open, and TWS's lists do not reach back to when it was sent"
NO_DAY = "the bridge does not know the current day at TWS, so it cannot tell how far TWS's lists reach back"
REFUSED = "TWS refused the order, and the order is not open"
LOOKING = "TWS has not answered the order; the bridge looks for it"


@dataclass(slots=True)
class Evidence:
    """What TWS has reported about one order, and when (seconds on the steady clock). Only the reconciler changes it.

    `status_at`: when TWS last reported its status. `listed`: when TWS last sent its fields. `judged_at`: when a pass
    last ended without it. `misses`: how many passes missed it although their lists reached back to when the bridge sent
    it; there is a pause between two that count. `missed_at`: when the last of them ended. `last_word`: the end that TWS
    reported on this connection, where TWS later showed the order as open. `refusal`: the error with which TWS refused
    the order after it had reported it, in the form of a reply. `shown_before`: when TWS last showed the order without
    the change that is `unknown`. `unmade_since`: when a pass first did so.
    """

    status_at: float = float("-inf")
    listed: float = float("-inf")
    judged_at: float = float("-inf")
    misses: int = 0
    missed_at: float = float("-inf")
    last_word: State | None = None
    refusal: Data | None = None
    shown_before: float = float("-inf")
    unmade_since: float | None = None

    def spoke(self) -> None:
        """TWS has sent a message about the order: earlier passes that missed it prove nothing any more."""
        self.misses, self.missed_at = 0, float("-inf")


class Evidences:
    """The evidence of each order, by order ID."""

    def __init__(self) -> None:
        self._by_id: dict[int, Evidence] = {}

    def of(self, order_id: int) -> Evidence:
        """The evidence of that order; new where there is none."""
        return self._by_id.setdefault(order_id, Evidence())

    def keep(self, order_ids: Collection[int]) -> None:
        """Keep the evidence of these orders, and delete all other."""
        self._by_id = {order_id: known for order_id, known in self._by_id.items() if order_id in order_ids}

    def forget(self, order_id: int) -> None:
        """Delete the evidence of that order."""
        self._by_id.pop(order_id, None)

    def disconnected(self) -> None:
        """The connection to TWS is lost. `last_word` counts on one connection only; a refusal stays."""
        for known in self._by_id.values():
            known.last_word = None


class Absence(NamedTuple):
    """An order that is in no list of a complete pass, which began after the bridge had sent the order.

    `executed`: a part of it was executed. `executions_listed`: the pass has all known executions of it. `heard`: TWS
    has sent a message about it at some time. `is_same_day`: the day at TWS is the day on which the bridge sent it.
    `is_truncated`: the pass lacks an execution that TWS reported today. `missed_before`: an earlier pass missed it too.
    `last_word`: see `Evidence`; also `rejected`, where TWS refused the order.
    """

    state: State
    executed: bool
    executions_listed: bool
    heard: bool
    is_same_day: bool
    is_truncated: bool
    missed_before: bool
    last_word: State | None = None

    @property
    def reaches(self) -> bool:
        """Whether TWS's lists seem to reach back to when the bridge sent the order."""
        return self.is_same_day and not self.is_truncated


class Judgement(NamedTuple):
    """The event that follows from an absence, and the reason where the order is unknown by it."""

    event: Event
    reason: str | None = None


def judge(absence: Absence) -> Judgement:
    """Decide what the pass proves about the order."""
    if absence.last_word == "rejected" and not absence.executed and absence.reaches:
        return Judgement("missed", REFUSED) if absence.state == "acknowledged" else Judgement("rejects")
    if absence.last_word in ("filled", "cancelled"):
        return Judgement(LAST_WORDS[absence.last_word])
    if absence.executed:
        if absence.reaches and absence.executions_listed and absence.missed_before and absence.state == "unknown":
            return Judgement("provenOver", "the order is not open, and TWS lists all its executions")
        cut = TRUNCATED if absence.is_same_day else NOT_OPEN
        return Judgement("missed", FORGOTTEN if absence.reaches else cut)
    if not absence.is_same_day:
        return Judgement("missed", ANOTHER_DAY)
    if absence.heard:
        return Judgement("missed", FORGOTTEN)
    if absence.is_truncated:
        return Judgement("missed", TRUNCATED)
    if absence.missed_before and absence.state == "unknown":
        return Judgement("provenAbsent", "TWS has no such order: its lists reach back to when the bridge sent it")
    return Judgement("missed", LOOKING)


def can_settle(reason: str | None) -> bool:
    """Whether further passes can find out the state of an order that is unknown for this reason."""
    return reason not in (ANOTHER_DAY, NO_DAY, NOT_OPEN)
