"""Executions and commissions that TWS has told, each by its execId: which of them stand, and what they add up to.

A correction has the execId of what it corrects but for the part behind the last dot, which counts; it takes the place
of what it corrects, in whichever order they are told. Knows numbers and ids, and no topic.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation

from bridge.session.records import Reported
from bridge.session.values import Data


def figure(told: object) -> Decimal | None:
    """A quantity as TWS tells it; None where it is none. TWS's decimals may be NaN or infinite on the wire."""
    try:
        value = Decimal(str(told))
    except InvalidOperation:
        return None
    return value if value.is_finite() and value >= 0 else None


def report(event: str, data: Data, *, counts: bool = True) -> tuple[str | None, str | None]:
    """The execId and the shares of an execution, the execId of a commission; None for what is neither.

    `counts`: whether the execution is of the order's own quantity; another one has no shares here.
    """
    match event:
        case "execDetails":
            execution = data.get("execution", {})
            return str(execution.get("execId")), execution.get("shares") if counts else None
        case "commissionAndFeesReport":
            return str(data.get("execId")), None
        case _:
            return None, None


def bare(event: str, exec_id: str) -> Data:
    """A report of which no more is known than its execId: it has the same key as the whole one."""
    return {"execution": {"execId": exec_id}} if event == "execDetails" else {"execId": exec_id}


def root_of(exec_id: str) -> str:
    """What an execution and its corrections have in common."""
    return _split(exec_id)[0]


def _split(exec_id: str) -> tuple[str, int]:
    """What corrections have in common, and which correction it is. An id of another form corrects nothing."""
    root, _, nth = exec_id.rpartition(".")
    return (root, int(nth)) if root and nth.isdecimal() else (exec_id, 0)


class Standing:
    """Of each execution the newest correction, by kind of report (`execDetails`, `commissionAndFeesReport`)."""

    def __init__(self, reported: Iterable[Reported]) -> None:
        """`reported`: what the order log has."""
        self._newest: dict[tuple[str, str], tuple[int, str]] = {}
        for told in reported:
            if told.event in ("execDetails", "commissionAndFeesReport"):
                self.add(told.event, told.exec_id)

    def add(self, event: str, exec_id: str) -> str | None:
        """Take note of a report; the execId of the one that no longer stands because of it, or None.

        That is its own where a correction of it was told before.
        """
        root, nth = _split(exec_id)
        known = self._newest.get((event, root))
        if known is None or nth > known[0]:
            self._newest[event, root] = (nth, exec_id)
        return None if known is None or known[1] == exec_id else min((nth, exec_id), known)[1]


_NOTHING = Decimal(0)


class Fills:
    """What the executions of each order add up to, in shares. One without shares counts as an execution of none."""

    def __init__(self, reported: Iterable[Reported]) -> None:
        """`reported`: what the order log has."""
        self._shares: dict[int, dict[str, tuple[int, Decimal]]] = {}
        self._totals: dict[int, Decimal] = {}
        self._superseded: dict[int, Decimal] = {}
        #: Orders of which a correction was told, and never what it corrects.
        self._unheard: set[int] = set()
        #: By how much corrections have lowered the total, all together.
        self._lowered: dict[int, Decimal] = {}
        for told in reported:
            if told.event == "execDetails":
                self.add(told.order_id, told.exec_id, told.shares)

    def add(self, order_id: int, exec_id: str, shares: str | None) -> Decimal:
        """Take note of an execution or its correction; by how much the total changes. The same execId counts once."""
        root, nth = _split(exec_id)
        executions = self._shares.setdefault(order_id, {})
        known = executions.get(root)
        if known is not None and nth <= known[0]:
            return Decimal(0)
        if known is None and nth > 1:
            self._unheard.add(order_id)
        before = self.total(order_id)
        executions[root] = (nth, figure(shares) or Decimal(0))
        delta = executions[root][1] - (known[1] if known is not None else Decimal(0))
        self._totals[order_id] = before + delta
        if delta < 0:
            self._superseded[order_id] = max(before, self._superseded.get(order_id, Decimal(0)))
            self._lowered[order_id] = self._lowered.get(order_id, _NOTHING) - delta
        return delta

    def is_superseded(self, order_id: int, told: Decimal, final: Decimal) -> bool:
        """Whether TWS may have told this figure before a correction: more than there is, and no more than there was.

        `final`: TWS's figure at the end of the order, 0 where it has told none. Executions of it may still be missing.
        """
        known = max(self.total(order_id), final)
        before = max(self._superseded.get(order_id, _NOTHING), known + self._lowered.get(order_id, _NOTHING))
        return known < told <= before

    def may_have_fallen(self, order_id: int) -> bool:
        """Whether a correction of which only the outcome is known may have lowered what TWS's figures still say."""
        return order_id in self._unheard

    def total(self, order_id: int) -> Decimal:
        return self._totals.get(order_id, _NOTHING)

    def has_any(self, order_id: int) -> bool:
        """Whether anything of it was executed, or told as an execution of none."""
        return order_id in self._shares

    def roots(self, order_id: int) -> frozenset[str]:
        """Its executions, each by what its corrections have in common."""
        return frozenset(self._shares.get(order_id, ()))
