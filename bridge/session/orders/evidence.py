"""What the absence of an order from TWS's lists proves, and what it does not.

Open orders are always current. Executions and completed orders are those of TWS's current day only, so that an order
that they lack may have been executed on another day. Pure: values in, an event of `state.py` out. The model check in
`tests/model/` explores this function together with the tables.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import NamedTuple

from bridge.session.orders.state import Event, State
from bridge.session.values import Data

#: What TWS has said last of an order that is over; where it then is not open, that word stands.
LAST_WORDS: dict[State, Event] = {"filled": "toldFilled", "cancelled": "toldCancelled"}

FORGOTTEN = "TWS had this order, and neither lists it as open nor says how it ended"
ANOTHER_DAY = "the day at TWS has changed since the order left: its lists no longer reach back to then"
TRUNCATED = "TWS's lists lack executions of today that it had told: they do not reach back to when the order left"
NOT_OPEN = "something of the order was executed, it is not open, and TWS's lists do not reach back to when it left"
NO_DAY = "which day it is at TWS is not known: how far its lists reach back cannot be said"
REFUSED = "TWS had refused the order, and it is not open"
LOOKING = "TWS has not spoken of the order; the bridge looks for it"


@dataclass(slots=True)
class Evidence:
    """What TWS has said of one order, and when (steady clock). Reconciliation owns it.

    `told`: its last status or listing; `listed`: when TWS last showed its fields; `judged_at`: when a pass last did not
    have it. `misses`: passes, some time apart, that reached back to when it left and did not have it, the last at
    `missed_at`. `last_word`: how TWS said on this connection that it ended, though it was shown alive afterwards.
    `refusal`: the error by which TWS refused it after it had spoken of it, as it is answered. `shown_before`: when TWS
    last showed it without the change that was lost sight of; `unmade_since`: when a pass first did.
    """

    told: float = float("-inf")
    listed: float = float("-inf")
    judged_at: float = float("-inf")
    misses: int = 0
    missed_at: float = float("-inf")
    last_word: State | None = None
    refusal: Data | None = None
    shown_before: float = float("-inf")
    unmade_since: float | None = None

    def spoke(self) -> None:
        """TWS has told of the order: what passes missed before proves nothing any more."""
        self.misses, self.missed_at = 0, float("-inf")


class Evidences:
    """The evidence of each order, by its number."""

    def __init__(self) -> None:
        self._by_id: dict[int, Evidence] = {}

    def of(self, order_id: int) -> Evidence:
        return self._by_id.setdefault(order_id, Evidence())

    def keep(self, order_ids: Collection[int]) -> None:
        """Forget all but these."""
        self._by_id = {order_id: known for order_id, known in self._by_id.items() if order_id in order_ids}

    def disconnected(self) -> None:
        """What TWS said last counts on the connection on which it said it. A refusal counts once it is not open."""
        for known in self._by_id.values():
            known.last_word = None


class Absence(NamedTuple):
    """An order that a complete pass, begun after it left, did not show among open or completed orders.

    `executed`: something of it was executed. `executions_listed`: the pass has all its executions that are known.
    `heard`: TWS has spoken of it at some time. `is_same_day`: the day at TWS is the one on which it left.
    `is_truncated`: the pass lacks an order of today that was executed. `missed_before`: an earlier pass missed it too.
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
        """Whether the lists reach back to when the order left, as far as can be seen."""
        return self.is_same_day and not self.is_truncated


class Judgement(NamedTuple):
    """The event that the absence is, and why the order is not known where it is not."""

    event: Event
    reason: str | None = None


def judge(absence: Absence) -> Judgement:
    """What the pass proves of the order."""
    if absence.last_word == "rejected" and not absence.executed and absence.reaches:
        return Judgement("missed", REFUSED) if absence.state == "acknowledged" else Judgement("rejects")
    if absence.last_word in ("filled", "cancelled"):
        return Judgement(LAST_WORDS[absence.last_word])
    if absence.executed:
        if absence.reaches and absence.executions_listed and absence.missed_before and absence.state == "unknown":
            return Judgement("provenOver", "it is not open, and TWS lists all its executions")
        cut = TRUNCATED if absence.is_same_day else NOT_OPEN
        return Judgement("missed", FORGOTTEN if absence.reaches else cut)
    if not absence.is_same_day:
        return Judgement("missed", ANOTHER_DAY)
    if absence.heard:
        return Judgement("missed", FORGOTTEN)
    if absence.is_truncated:
        return Judgement("missed", TRUNCATED)
    if absence.missed_before and absence.state == "unknown":
        return Judgement("provenAbsent", "TWS knows no such order: its lists reach back to when it left")
    return Judgement("missed", LOOKING)


def can_settle(reason: str | None) -> bool:
    """Whether further passes may tell what became of an unknown order."""
    return reason not in (ANOTHER_DAY, NO_DAY, NOT_OPEN)
