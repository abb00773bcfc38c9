"""Executions and commissions that TWS has reported, by execId: which of them are valid, and their sum per order.

A correction has the execId of the execution that it corrects, with a higher number after the last dot. The highest
number is valid, in whichever order TWS reports them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from bridge.session.archive import Archive
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
    """The valid execDetails and commissionAndFeesReport of each execution of one order: the newest corrections."""

    def __init__(self, reported: Iterable[Reported] = ()) -> None:
        """`reported`: the entries of the order log for the order."""
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


@dataclass(slots=True)
class OrderFills:
    """The executions of one order, in shares. An execution without shares counts as 0.

    `shares`: root of the execId -> the number of the newest correction, and its shares. `total`: their sum.
    `superseded`: the highest total before a correction that lowered it. `lowered`: by how much corrections have lowered
    the total in all. `is_unheard`: TWS reported a correction, but not the execution that it corrects.
    """

    shares: dict[str, tuple[int, Decimal]] = field(default_factory=dict)
    total: Decimal = _NOTHING
    superseded: Decimal = _NOTHING
    lowered: Decimal = _NOTHING
    is_unheard: bool = False

    @classmethod
    def of(cls, reported: Iterable[Reported]) -> OrderFills:
        """The executions in the order log. `reported`: its entries for the order."""
        fills = cls()
        for told in reported:
            if told.event == "execDetails":
                fills.add(told.exec_id, told.shares)
        return fills

    def add(self, exec_id: str, shares: str | None) -> Decimal:
        """Add an execution or a correction. Returns by how much the total changes; the same execId counts once."""
        root, nth = _split(exec_id)
        known = self.shares.get(root)
        if known is not None and nth <= known[0]:
            return _NOTHING
        if known is None and nth > 1:
            self.is_unheard = True
        before = self.total
        self.shares[root] = (nth, figure(shares) or _NOTHING)
        delta = self.shares[root][1] - (known[1] if known is not None else _NOTHING)
        self.total = before + delta
        if delta < 0:
            self.superseded = max(before, self.superseded)
            self.lowered -= delta
        return delta

    def is_superseded(self, told: Decimal, final: Decimal) -> bool:
        """See `Fills.is_superseded`."""
        known = max(self.total, final)
        return known < told <= max(self.superseded, known + self.lowered)


class Fills:
    """The executions of all orders in memory, by order ID. For another order it reads the archive."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._by_order: dict[int, OrderFills] = {}

    def load(self, order_id: int, reported: Sequence[Reported]) -> None:
        """The order comes into memory. `reported`: the entries of the order log for it."""
        if order_id not in self._by_order:
            self._by_order[order_id] = OrderFills.of(reported)

    def forget(self, order_id: int) -> None:
        """The order leaves memory."""
        self._by_order.pop(order_id, None)

    def _of(self, order_id: int) -> OrderFills:
        known = self._by_order.get(order_id)
        return OrderFills.of(self._archive.reports_of_order(order_id)) if known is None else known

    def add(self, order_id: int, exec_id: str, shares: str | None) -> Decimal:
        """Add an execution or a correction. Returns by how much the total changes; the same execId counts once."""
        fills = self._by_order[order_id] = self._of(order_id)
        return fills.add(exec_id, shares)

    def is_superseded(self, order_id: int, told: Decimal, final: Decimal) -> bool:
        """Whether the filled quantity `told` may be from before a correction: above the total, not above the old total.

        `final`: the filled quantity that TWS reported at the end of the order, 0 without one. The bridge may not have
        all its executions.
        """
        return self._of(order_id).is_superseded(told, final)

    def may_have_fallen(self, order_id: int, filled: Decimal) -> bool:
        """Whether the quantity `filled` that TWS reported may be too high, because a correction has lowered it since.

        The bridge may have got the correction without its original, or before an execution that TWS had made earlier.
        """
        fills = self._of(order_id)
        return fills.is_unheard or fills.is_superseded(filled, _NOTHING)

    def total(self, order_id: int) -> Decimal:
        """The sum of the executions of the order."""
        return self._of(order_id).total

    def has_any(self, order_id: int) -> bool:
        """Whether TWS has reported any execution of the order, also one of 0 shares."""
        return bool(self._of(order_id).shares)

    def roots(self, order_id: int) -> frozenset[str]:
        """The executions of the order, each by the part of the execId that its corrections share."""
        return frozenset(self._of(order_id).shares)
