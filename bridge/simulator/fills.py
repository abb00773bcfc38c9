"""How orders fill: planned attempts, partial fills, OCA groups, and what is booked and told.

Tells execDetails, openOrder, orderStatus, commissionAndFeesReport, in this order (captured at 225).
"""

from collections.abc import Callable
from decimal import Decimal

from bridge.simulator.account import Account, Fill
from bridge.simulator.desk import Desk
from bridge.simulator.executions import Report, details_of, execution_id
from bridge.simulator.fees import commission
from bridge.simulator.instruments import Instrument
from bridge.simulator.market import TRADE, Feed, Market
from bridge.simulator.matching import price
from bridge.simulator.ticket import CANCELLED, FILLED, SUBMITTED, WORKING, Ticket, open_order, order_status
from bridge.simulator.times import NS
from bridge.simulator.values import decimal_text

_REFILL = 60_000_000
"""ns after which the exchange shows size again."""
_VENUES = ("NASDAQ", "ARCA", "BATS", "IEX", "EDGX", "MEMX")


class Filler:
    """Fills orders against the quotes."""

    def __init__(
        self,
        desk: Desk,
        market: Market,
        accounts: dict[str, Account],
        *,
        active: Callable[[int], list[Ticket]],
        finish: Callable[[Ticket, str, str], None],
        done: Callable[[Ticket], None],
    ) -> None:
        """`active` lists the working orders of an instrument; `finish` ends one; `done` hears of a complete fill."""
        self._desk = desk
        self._market = market
        self._accounts = accounts
        self._active = active
        self._finish = finish
        self._done = done
        self.reports: list[Report] = []
        self.booked: Callable[[str, Instrument], None] = lambda account, instrument: None
        """Told after each fill which position of which account has changed."""

    def plan(self, ticket: Ticket, delay: int) -> None:
        """Attempts to fill in `delay` ns, unless an attempt is already planned."""
        if not ticket.matching and ticket.status == SUBMITTED:
            ticket.matching = True
            self._desk.later(delay, lambda: self._attempt(ticket))

    def _attempt(self, ticket: Ticket) -> None:
        ticket.matching = False
        if ticket.status != SUBMITTED:
            return
        feed = self._market.feeds[ticket.instrument.conId]
        at = price(ticket, feed)
        whole = ticket.order["tif"] == "FOK" or bool(ticket.order.get("allOrNone"))
        if at is not None:
            shown = Decimal(feed.ask_size if ticket.side > 0 else feed.bid_size)
            self._fill(ticket, feed, at, ticket.remaining if whole else min(ticket.remaining, shown))
        if ticket.status != SUBMITTED:
            return
        if ticket.order["tif"] in ("IOC", "FOK"):
            self._finish(ticket, CANCELLED, "Cancelled: not filled at once")
        elif at is not None:
            self.plan(ticket, _REFILL)

    def _fill(self, ticket: Ticket, feed: Feed, at: int, quantity: Decimal) -> None:
        report = self._book(ticket, feed, at, quantity)
        self.keep(ticket, report)
        if feed.trades and quantity >= 1:
            feed.traded(self._desk.now // NS, at, int(quantity), report.execution["exchange"])
            self._desk.traded(feed, TRADE)
        if not ticket.remaining:
            self._finish(ticket, FILLED, f"Filled Size: {decimal_text(ticket.filled)}")
        emit = self._desk.emit
        emit(ticket.client_id, "execDetails", report.details())
        emit(ticket.client_id, "openOrder", open_order(ticket))
        emit(ticket.client_id, "orderStatus", order_status(ticket))
        emit(ticket.client_id, "commissionAndFeesReport", report.commission)
        self.booked(ticket.account, ticket.instrument)
        self._reduce_group(ticket, quantity)
        if ticket.status == FILLED:
            self._done(ticket)

    def keep(self, ticket: Ticket, report: Report) -> None:
        """The order has had this execution."""
        self.reports.append(report)
        self._desk.changed.report(report)
        self._desk.changed.order(ticket)

    def _book(self, ticket: Ticket, feed: Feed, at: int, quantity: Decimal) -> Report:
        """Moves order and account; returns the execution."""
        instrument = ticket.instrument
        exact = at * instrument.minTick
        ticket.filled += quantity
        ticket.worth += quantity * exact
        ticket.last_price = exact
        ticket.executions += 1
        total_fee = commission(instrument, ticket.filled, ticket.average)
        fee = max(total_fee - ticket.charged, Decimal(0))
        ticket.charged += fee
        realized = self._accounts[ticket.account].apply(Fill(instrument, quantity * ticket.side, exact, fee))
        exec_id = execution_id(ticket.perm_id, ticket.executions)
        paid = {"execId": exec_id, "commissionAndFees": float(fee), "currency": instrument.currency}
        if realized is not None:
            paid["realizedPNL"] = round(float(realized), 6)
        now = self._desk.now
        contract, execution = details_of(ticket.contract(), self._execution(ticket, exec_id, quantity), now)
        return Report(now, contract, execution, paid)

    def _execution(self, ticket: Ticket, exec_id: str, quantity: Decimal) -> dict[str, object]:
        smart = ticket.exchange == "SMART" and ticket.instrument.secType == "STK"
        execution: dict[str, object] = {
            "orderId": ticket.order_id,
            "execId": exec_id,
            "acctNumber": ticket.account,
            "exchange": _VENUES[ticket.perm_id % len(_VENUES)] if smart else ticket.exchange,
            "side": "BOT" if ticket.side > 0 else "SLD",
            "shares": decimal_text(quantity),
            "price": float(ticket.last_price),
            "permId": str(ticket.perm_id),
            "clientId": ticket.client_id,
            "isLiquidation": False,
            "cumQty": decimal_text(ticket.filled),
            "avgPrice": float(ticket.average),
            "lastLiquidity": 2,
        }
        if ticket.order.get("orderRef"):
            execution["orderRef"] = ticket.order["orderRef"]
        return execution

    def _reduce_group(self, ticket: Ticket, quantity: Decimal) -> None:
        """One cancels the others (ocaType 1), or reduces them by what has filled (2 and 3)."""
        group = ticket.order.get("ocaGroup")
        if not group:
            return
        for other in self._group(ticket, str(group)):
            if ticket.order.get("ocaType", 3) == 1 or other.remaining <= quantity:
                self._finish(other, CANCELLED, "Cancelled by its OCA group")
            else:
                other.total -= quantity
                self._desk.changed.order(other)
                self._desk.emit(other.client_id, "openOrder", open_order(other))
                self._desk.emit(other.client_id, "orderStatus", order_status(other))

    def _group(self, ticket: Ticket, group: str) -> list[Ticket]:
        tickets = (t for con_id in list(self._market.feeds) for t in list(self._active(con_id)))
        return [
            other
            for other in tickets
            if other is not ticket
            and other.account == ticket.account
            and other.order.get("ocaGroup") == group
            and other.status in WORKING
        ]
