"""Fills orders: planned attempts, partial fills, OCA groups, and the resulting bookings and events.

The events of a fill are execDetails, openOrder, orderStatus and commissionAndFeesReport, in this order (captured at
225).
"""

from collections.abc import Callable
from decimal import Decimal

from bridge.simulator.accounts.account import Account, Fill
from bridge.simulator.accounts.fees import commission
from bridge.simulator.core.times import NS
from bridge.simulator.core.values import decimal_text
from bridge.simulator.instruments.instrument import Instrument
from bridge.simulator.market.feed import TRADE, Feed
from bridge.simulator.market.market import Market
from bridge.simulator.orders.exchange_port import ExchangePort
from bridge.simulator.orders.executions import ExecutionReport, details_of, execution_id
from bridge.simulator.orders.matching import price
from bridge.simulator.orders.simulated_order import (
    CANCELLED,
    FILLED,
    SUBMITTED,
    WORKING,
    SimulatedOrder,
    open_order,
    order_status,
)

FILL_DELAY = 15_000_000
"""Time between the submission of an order, or a change of its quote, and the attempt to fill it, in ns."""
_REFILL = 60_000_000
"""Time after a partial fill until the exchange displays size again, in ns."""
_VENUES = ("NASDAQ", "ARCA", "BATS", "IEX", "EDGX", "MEMX")


class FillEngine:
    """Fills orders at the quotes of the market."""

    def __init__(
        self,
        exchange: ExchangePort,
        market: Market,
        accounts: dict[str, Account],
        *,
        active: Callable[[int], list[SimulatedOrder]],
        finish: Callable[[SimulatedOrder, str, str], None],
        done: Callable[[SimulatedOrder], None],
    ) -> None:
        """`active` returns the working orders of an instrument, `finish` ends an order, and `done` is called after a
        complete fill.
        """
        self._exchange = exchange
        self._market = market
        self._accounts = accounts
        self._active = active
        self._finish = finish
        self._done = done
        self.reports: list[ExecutionReport] = []
        self.booked: Callable[[str, Instrument], None] = lambda account, instrument: None
        """Called after each fill with the account name and the instrument whose position has changed."""

    def plan(self, sim_order: SimulatedOrder, delay: int) -> None:
        """Plan an attempt to fill in `delay` ns, unless one is already planned."""
        if not sim_order.matching and sim_order.status == SUBMITTED:
            sim_order.matching = True
            self._exchange.later(delay, lambda: self._attempt(sim_order))

    def _attempt(self, sim_order: SimulatedOrder) -> None:
        sim_order.matching = False
        if sim_order.status != SUBMITTED:
            return
        feed = self._market.feeds[sim_order.instrument.conId]
        at = price(sim_order, feed)
        whole = sim_order.order["tif"] == "FOK" or bool(sim_order.order.get("allOrNone"))
        if at is not None:
            shown = Decimal(feed.ask_size if sim_order.side > 0 else feed.bid_size)
            self._fill(sim_order, feed, at, sim_order.remaining if whole else min(sim_order.remaining, shown))
        if sim_order.status != SUBMITTED:
            return
        if sim_order.order["tif"] in ("IOC", "FOK"):
            self._finish(sim_order, CANCELLED, "Cancelled: not filled at once")
        elif at is not None:
            self.plan(sim_order, _REFILL)

    def _fill(self, sim_order: SimulatedOrder, feed: Feed, at: int, quantity: Decimal) -> None:
        report = self._book(sim_order, feed, at, quantity)
        self.record(sim_order, report)
        if feed.trades and quantity >= 1:
            feed.traded(self._exchange.now // NS, at, int(quantity), report.execution["exchange"])
            self._exchange.traded(feed, TRADE)
        if not sim_order.remaining:
            self._finish(sim_order, FILLED, f"Filled Size: {decimal_text(sim_order.filled)}")
        emit = self._exchange.emit
        emit(sim_order.client_id, "execDetails", report.details())
        emit(sim_order.client_id, "openOrder", open_order(sim_order))
        emit(sim_order.client_id, "orderStatus", order_status(sim_order))
        emit(sim_order.client_id, "commissionAndFeesReport", report.commission)
        self.booked(sim_order.account, sim_order.instrument)
        self._reduce_group(sim_order, quantity)
        if sim_order.status == FILLED:
            self._done(sim_order)

    def record(self, sim_order: SimulatedOrder, report: ExecutionReport) -> None:
        """Store an execution of the order."""
        self.reports.append(report)
        self._exchange.changed.execution(report)
        self._exchange.changed.order(sim_order)

    def _book(self, sim_order: SimulatedOrder, feed: Feed, at: int, quantity: Decimal) -> ExecutionReport:
        """Update the order and the account. Returns the execution."""
        instrument = sim_order.instrument
        exact = at * instrument.minTick
        sim_order.filled += quantity
        sim_order.worth += quantity * exact
        sim_order.last_price = exact
        sim_order.executions += 1
        total_fee = commission(instrument, sim_order.filled, sim_order.average)
        fee = max(total_fee - sim_order.charged, Decimal(0))
        sim_order.charged += fee
        realized = self._accounts[sim_order.account].apply(Fill(instrument, quantity * sim_order.side, exact, fee))
        exec_id = execution_id(sim_order.perm_id, sim_order.executions)
        paid = {"execId": exec_id, "commissionAndFees": float(fee), "currency": instrument.currency}
        if realized is not None:
            paid["realizedPNL"] = round(float(realized), 6)
        now = self._exchange.now
        contract, execution = details_of(sim_order.contract(), self._execution(sim_order, exec_id, quantity), now)
        return ExecutionReport(now, contract, execution, paid)

    def _execution(self, sim_order: SimulatedOrder, exec_id: str, quantity: Decimal) -> dict[str, object]:
        smart = sim_order.exchange == "SMART" and sim_order.instrument.secType == "STK"
        execution: dict[str, object] = {
            "orderId": sim_order.order_id,
            "execId": exec_id,
            "acctNumber": sim_order.account,
            "exchange": _VENUES[sim_order.perm_id % len(_VENUES)] if smart else sim_order.exchange,
            "side": "BOT" if sim_order.side > 0 else "SLD",
            "shares": decimal_text(quantity),
            "price": float(sim_order.last_price),
            "permId": str(sim_order.perm_id),
            "clientId": sim_order.client_id,
            "isLiquidation": False,
            "cumQty": decimal_text(sim_order.filled),
            "avgPrice": float(sim_order.average),
            "lastLiquidity": 2,
        }
        if sim_order.order.get("orderRef"):
            execution["orderRef"] = sim_order.order["orderRef"]
        return execution

    def _reduce_group(self, sim_order: SimulatedOrder, quantity: Decimal) -> None:
        """Cancel the other orders of the OCA group (ocaType 1), or reduce them by the filled quantity (ocaType 2 and
        3).
        """
        group = sim_order.order.get("ocaGroup")
        if not group:
            return
        for other in self._group(sim_order, str(group)):
            if sim_order.order.get("ocaType", 3) == 1 or other.remaining <= quantity:
                self._finish(other, CANCELLED, "Cancelled by its OCA group")
            else:
                other.total -= quantity
                self._exchange.changed.order(other)
                self._exchange.emit(other.client_id, "openOrder", open_order(other))
                self._exchange.emit(other.client_id, "orderStatus", order_status(other))

    def _group(self, sim_order: SimulatedOrder, group: str) -> list[SimulatedOrder]:
        sim_orders = (t for con_id in list(self._market.feeds) for t in list(self._active(con_id)))
        return [
            other
            for other in sim_orders
            if other is not sim_order
            and other.account == sim_order.account
            and other.order.get("ocaGroup") == group
            and other.status in WORKING
        ]
