"""Executions and commissions that TWS has reported, by execId: which of them are valid, and their sum per order.

A correction has the execId of the execution that it corrects, with a higher number after the last dot. The highest
number is valid, in whichever order TWS reports them.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation

from bridge.session.records import Reported
from bridge.session.values import Data


def figure(told: object) -> Decimal | None:
    """A quantity that TWS sent, as a Decimal. None where it is no quantity: TWS may send NaN or infinity."""
    try:
        value = Decimal(str(told))
    except InvalidOperation:
        return None
    return value if value.is_finite() and value >= 0 else None


def report(event: str, data: Data, *, counts: bool = True) -> tuple[str | None, str | None]:
    """execId and shares of an execDetails, or execId and None of a commissionAndFeesReport; else (None, None).

    `counts`: whether the execution counts towards the quantity of the order. Without it the shares are None.
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
    """A message with only the execId. It has the same key in a snapshot as the complete message."""
    return {"execution": {"execId": exec_id}} if event == "execDetails" else {"execId": exec_id}


def root_of(exec_id: str) -> str:
    """The part of the execId that an execution and its corrections share."""
    return _split(exec_id)[0]


def _split(exec_id: str) -> tuple[str, int]:
    """The shared part of the execId, and the number of the correction. An ID of another form corrects nothing."""
    root, _, nth = exec_id.rpartition(".")
    return (root, int(nth)) if root and nth.isdecimal() else (exec_id, 0)


class StandingReports:
    """The valid execDetails and the valid commissionAndFeesReport of each execution: the newest corrections."""

    def __init__(self, reported: Iterable[Reported]) -> None:
        """`reported`: the executions and commissions in the order log."""
        self._newest: dict[tuple[str, str], tuple[int, str]] = {}
        for told in reported:
            if told.event in ("execDetails", "commissionAndFeesReport"):
                self.add(told.event, told.exec_id)

    def add(self, event: str, exec_id: str) -> str | None:
        """Add a message. Returns the execId that is no longer valid because of it, or None.

        That is its own execId where TWS has reported a newer correction before.
        """
        root, nth = _split(exec_id)
        known = self._newest.get((event, root))
        if known is None or nth > known[0]:
            self._newest[event, root] = (nth, exec_id)
        return None if known is None or known[1] == exec_id else min((nth, exec_id), known)[1]


_NOTHING = Decimal(0)


class Fills:
    """The sum of the executions of each order, in shares. An execution without shares counts as 0."""

    def __init__(self, reported: Iterable[Reported]) -> None:
        """`reported`: the executions in the order log."""
        self._shares: dict[int, dict[str, tuple[int, Decimal]]] = {}
        self._totals: dict[int, Decimal] = {}
        self._superseded: dict[int, Decimal] = {}
        #: Orders for which TWS reported a correction, but not the execution that it corrects.
        self._unheard: set[int] = set()
        #: Order ID -> by how much corrections have lowered the total in all.
        self._lowered: dict[int, Decimal] = {}
        for told in reported:
            if told.event == "execDetails":
                self.add(told.order_id, told.exec_id, told.shares)

    def add(self, order_id: int, exec_id: str, shares: str | None) -> Decimal:
        """Add an execution or a correction. Returns by how much the total changes; the same execId counts once."""
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
        """Whether the filled quantity `told` may be from before a correction: above the total, not above the old total.

        `final`: the filled quantity that TWS reported at the end of the order, 0 without one. The bridge may not have
        all its executions.
        """
        known = max(self.total(order_id), final)
        before = max(self._superseded.get(order_id, _NOTHING), known + self._lowered.get(order_id, _NOTHING))
        return known < told <= before

    def may_have_fallen(self, order_id: int, filled: Decimal) -> bool:
        """Whether the quantity `filled` that TWS reported may be too high, because a correction has lowered it since.

        The bridge may have got the correction without its original, or before an execution that TWS had made earlier.
        """
        return order_id in self._unheard or self.is_superseded(order_id, filled, _NOTHING)

    def total(self, order_id: int) -> Decimal:
        """The sum of the executions of the order."""
        return self._totals.get(order_id, _NOTHING)

    def has_any(self, order_id: int) -> bool:
        """Whether TWS has reported any execution of the order, also one of 0 shares."""
        return order_id in self._shares

    def roots(self, order_id: int) -> frozenset[str]:
        """The executions of the order, each by the part of the execId that its corrections share."""
        return frozenset(self._shares.get(order_id, ()))
