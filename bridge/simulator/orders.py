"""The account's order book: placing, changing, cancelling; brackets, OCA groups, what-if.

Only the client that placed an order may touch it. Fills are in `fills.py`; messages leave through the Desk.
"""

from collections.abc import Iterator
from decimal import Decimal

from bridge.simulator import refusals
from bridge.simulator.account import Account
from bridge.simulator.checks import account_of, checked_order, traded_contract
from bridge.simulator.desk import Desk
from bridge.simulator.executions import Report
from bridge.simulator.exercise import EXERCISES, Exerciser, checked_exercise
from bridge.simulator.fills import Filler
from bridge.simulator.instruments import Instrument, Universe
from bridge.simulator.kept import Kept
from bridge.simulator.market import HOME, Feed, Market
from bridge.simulator.matching import conditions_met, trigger, waits_for_trigger
from bridge.simulator.orderids import OrderIds
from bridge.simulator.preview import Preview
from bridge.simulator.refusals import Refused
from bridge.simulator.ticket import (
    CANCELLED,
    DONE,
    FILLED,
    HELD,
    INACTIVE,
    PENDING_CANCEL,
    PRESUBMITTED,
    SUBMITTED,
    WORKING,
    Ticket,
    completed_order,
    open_order,
    order_status,
    reported_order,
)
from bridge.simulator.times import NS, parse_moment
from bridge.simulator.values import Data, to_decimal

MS = 1_000_000
_ANSWER = 15 * MS
"""How long the exchange takes to fill or to cancel."""
_MOST_COMPLETED = 5000
_PER_SIDE = 20


class OrderBook:
    """All orders of all clients."""

    def __init__(
        self, desk: Desk, universe: Universe, market: Market, accounts: dict[str, Account], first_perm_id: int
    ) -> None:
        """`accounts` by name; the first is the default."""
        self._desk = desk
        self._universe = universe
        self._market = market
        self._accounts = accounts
        self._preview = Preview(market)
        self._tickets: dict[tuple[int, int], Ticket] = {}
        self._by_parent: dict[tuple[int, int], list[Ticket]] = {}
        self._working: dict[int, list[Ticket]] = {}
        self._ids = OrderIds(desk.changed)
        self.next_perm_id = first_perm_id
        self.completed: list[Ticket] = []
        self._ended = self._ended_before = 0
        self.filler = Filler(desk, market, accounts, active=self.active, finish=self._finish, done=self._fill_done)
        self._exerciser = Exerciser(desk, market, accounts, self.filler)

    # What others ask

    @property
    def reports(self) -> list[Report]:
        """All executions, oldest first."""
        return self.filler.reports

    def next_valid_id(self, client_id: int) -> int:
        """An order id above every one that this client has used."""
        return self._ids.next_valid(client_id)

    def open(self, client_id: int | None = None) -> Iterator[Ticket]:
        """Live orders, of one client or of all. TWS does not list what was never transmitted (ib_insync#416)."""
        for ticket in list(self._tickets.values()):
            if ticket.status not in (HELD, *DONE) and client_id in (None, ticket.client_id):
                yield ticket

    def active(self, con_id: int) -> list[Ticket]:
        """Orders that this instrument's quotes can move."""
        return self._working.get(con_id, [])

    def tell(self, ticket: Ticket, client_id: int | None = None) -> None:
        """openOrder, then orderStatus: to its client, or to another that asked."""
        to = ticket.client_id if client_id is None else client_id
        self._desk.emit(to, "openOrder", open_order(ticket))
        self._desk.emit(to, "orderStatus", order_status(ticket, self._why_held(ticket)))

    def completed_orders(self) -> Iterator[Data]:
        """completedOrder events; every order here came through the API."""
        return (completed_order(ticket) for ticket in self.completed)

    # Placing and changing

    def place(self, client_id: int, order_id: int, contract: Data, order: Data) -> None:
        """A new order, or a change of one that lives. Raises Refused with TWS's code."""
        known = self._tickets.get((client_id, order_id))
        if known is not None and known.status in DONE:
            raise self._closed(known)
        if known is None and order_id < self.next_valid_id(client_id):
            raise Refused(103, "Duplicate order id")
        instrument = traded_contract(self._universe, contract)
        checked = checked_order(order, instrument, self._accounts)
        if order.get("whatIf"):
            self._what_if(client_id, order_id, instrument, contract, checked)
            return
        if known is not None and known.status != HELD:
            self._modify(known, instrument, checked)
            self._ids.use(client_id, order_id)
            return
        self._take(client_id, order_id, instrument, contract, checked)

    def _take(self, client_id: int, order_id: int, instrument: Instrument, contract: Data, order: Data) -> None:
        parent = self._parent(client_id, order)
        self._ids.use(client_id, order_id)
        known = self._tickets.get((client_id, order_id))
        ticket = self._ticket(client_id, order_id, instrument, contract, order)
        if known is not None:
            ticket.perm_id = known.perm_id
        self._tickets[client_id, order_id] = ticket
        if parent is not None:
            siblings = self._by_parent.setdefault((client_id, parent.order_id), [])
            siblings[:] = [other for other in siblings if other is not known] + [ticket]
            ticket.order.setdefault("ocaGroup", str(parent.perm_id))
        if order.get("transmit"):
            self._transmit(ticket)

    def _ticket(self, client_id: int, order_id: int, instrument: Instrument, contract: Data, order: Data) -> Ticket:
        perm_id = self.next_perm_id
        self.next_perm_id += 1
        exchange = contract.get("exchange") or instrument.defaultExchange
        total = to_decimal(order["totalQuantity"]) or Decimal(0)
        order = {key: value for key, value in order.items() if value != ""}
        return Ticket(client_id, order_id, perm_id, instrument, exchange, order, order["account"], total)

    def _parent(self, client_id: int, order: Data) -> Ticket | None:
        parent_id = order.get("parentId", 0)
        if not parent_id:
            return None
        parent = self._tickets.get((client_id, parent_id))
        if parent is None or parent.status in (CANCELLED, INACTIVE, PENDING_CANCEL):
            raise Refused(10006, "Missing parent order")
        return parent

    def _transmit(self, ticket: Ticket) -> None:
        """Sends the order to the exchange; the last of a bracket takes its parent and its siblings along."""
        family = [ticket]
        if ticket.parent_id:
            parent = (ticket.client_id, ticket.parent_id)
            family = [t for t in (self._tickets[parent], *self._by_parent[parent]) if t.status == HELD]
        for member in sorted(family, key=lambda t: t.order_id):
            if member.status == HELD:  # a refused parent has ended its children
                self._submit(member)

    def _submit(self, ticket: Ticket) -> None:
        refusal = self._unaffordable(ticket)
        if refusal is not None:
            self._reject(ticket, refusal)
            return
        ticket.status = PRESUBMITTED if self._why_held(ticket) else SUBMITTED
        self._working.setdefault(ticket.instrument.conId, []).append(ticket)
        self._desk.changed.order(ticket)
        self.tell(ticket)
        self._expire_later(ticket)
        self.filler.plan(ticket, _ANSWER)

    def _unaffordable(self, ticket: Ticket) -> str | None:
        if ticket.parent_id and self._tickets[ticket.client_id, ticket.parent_id].status in DONE - {FILLED}:
            return "Parent order is being cancelled."
        same_side = [t for t in self.active(ticket.instrument.conId) if t.side == ticket.side]
        if len(same_side) >= _PER_SIDE:
            return f"Maximum of {_PER_SIDE} active orders per contract and side."
        if ticket.parent_id:
            return None
        return self._preview.refusal(self._accounts[ticket.account], ticket)

    def _reject(self, ticket: Ticket, reason: str) -> None:
        ticket.status = INACTIVE
        refused = refusals.rejected(reason)
        self._desk.error(ticket.client_id, ticket.order_id, refused.code, refused.message)
        self.tell(ticket)
        self._finish(ticket, INACTIVE, reason)

    def _modify(self, ticket: Ticket, instrument: Instrument, order: Data) -> None:
        same = instrument is ticket.instrument and order["action"] == ticket.order["action"]
        if not same or ticket.kind in EXERCISES:
            raise Refused(105, "Order being modified does not match original order")
        if ticket.status == PENDING_CANCEL:
            raise Refused(2102, "Unable to modify this order as it is still being processed")
        total = to_decimal(order["totalQuantity"]) or Decimal(0)
        if total <= ticket.filled:
            raise refusals.rejected("Order size cannot be reduced to or below the filled quantity.")
        kept = {key: ticket.order[key] for key in ("parentId", "ocaGroup") if key in ticket.order}
        ticket.order = {key: value for key, value in order.items() if value != ""} | kept
        ticket.total = total
        ticket.stop = None
        ticket.triggered = ticket.triggered and waits_for_trigger(ticket.kind)
        ticket.status = PRESUBMITTED if self._why_held(ticket) else SUBMITTED
        self._desk.changed.order(ticket)
        self.tell(ticket)
        self._expire_later(ticket)
        self.filler.plan(ticket, _ANSWER)

    def _what_if(self, client_id: int, order_id: int, instrument: Instrument, contract: Data, order: Data) -> None:
        ticket = self._ticket(client_id, order_id, instrument, contract, order)
        state = self._preview.state(self._accounts[ticket.account], ticket)
        event = {
            "orderId": order_id,
            "contract": ticket.contract(),
            "order": reported_order(ticket),
            "orderState": state,
        }
        self._desk.emit(client_id, "openOrder", event)

    # Exercising

    def exercise(self, client_id: int, order_id: int, instrument: Instrument, data: Data) -> None:
        """exerciseOptions: an order of its own. Raises Refused 103, 321 or 322."""
        if order_id < self.next_valid_id(client_id) or (client_id, order_id) in self._tickets:
            raise Refused(103, "Duplicate order id")
        account = self._accounts[account_of(data, tuple(self._accounts))]
        spot = self._market.feeds[instrument.underConId or instrument.conId].mark
        order = checked_exercise(instrument, account, spot, data)
        self._ids.use(client_id, order_id)
        ticket = self._ticket(client_id, order_id, instrument, data["contract"], order)
        self._tickets[client_id, order_id] = ticket
        ticket.status = SUBMITTED
        self._desk.changed.order(ticket)
        self.tell(ticket)
        self._exercise_later(ticket)

    def _exercise_later(self, ticket: Ticket) -> None:
        self._desk.later(_ANSWER, lambda: self._end_exercise(ticket))

    def _end_exercise(self, ticket: Ticket) -> None:
        held = self._accounts[ticket.account].positions[ticket.instrument.conId].quantity
        if ticket.status != SUBMITTED:
            return
        if held < ticket.total:
            self._reject(ticket, "The position has been closed.")
            return
        reports = self._exerciser.book(ticket)
        self._finish(ticket, FILLED, ticket.kind.title())
        self._exerciser.tell(ticket, reports)

    # Cancelling

    def cancel(self, client_id: int, order_id: int) -> None:
        """Cancels one's own order. Raises Refused 10147 for one that is not, 10148 where it is too late."""
        ticket = self._tickets.get((client_id, order_id))
        if ticket is None:
            raise Refused(10147, f"OrderId {order_id} that needs to be cancelled is not found.")
        if ticket.status in (PENDING_CANCEL, *DONE):
            state = ticket.status
            raise Refused(10148, f"OrderId {order_id} that needs to be cancelled cannot be cancelled, state: {state}.")
        self._begin_cancel(ticket)

    def cancel_all(self) -> None:
        """reqGlobalCancel: every client's orders."""
        for ticket in list(self._tickets.values()):
            if ticket.status in (HELD, *WORKING):
                self._begin_cancel(ticket)

    def _begin_cancel(self, ticket: Ticket) -> None:
        ticket.status = PENDING_CANCEL
        self._desk.changed.order(ticket)
        self._desk.emit(ticket.client_id, "orderStatus", order_status(ticket))
        self._desk.later(_ANSWER, lambda: self._end_cancel(ticket))

    def _end_cancel(self, ticket: Ticket) -> None:
        if ticket.status == PENDING_CANCEL:
            self._finish(ticket, CANCELLED, "Cancelled by Trader")

    def _finish(self, ticket: Ticket, status: str, words: str) -> None:
        """The order is over; tells so unless it was refused, where that has been told."""
        ticket.status, ticket.completed_status = status, words
        ticket.completed_at = self._desk.now // NS
        self._ended += 1
        ticket.ended = self._ended
        self._desk.changed.order(ticket)
        working = self._working.get(ticket.instrument.conId, [])
        if ticket in working:
            working.remove(ticket)
        self.completed.append(ticket)
        del self.completed[:-_MOST_COMPLETED]
        if status == CANCELLED:
            self._desk.emit(ticket.client_id, "orderStatus", order_status(ticket))
            self._desk.error(ticket.client_id, ticket.order_id, 202, "Order Canceled - reason:")
        if status != FILLED:
            for child in self._children(ticket):
                self._finish(child, CANCELLED, "Cancelled with its parent")

    def _children(self, parent: Ticket) -> list[Ticket]:
        children = self._by_parent.get((parent.client_id, parent.order_id), [])
        return [ticket for ticket in children if ticket.status not in DONE]

    # The market moves

    def on_quote(self, feed: Feed) -> None:
        """A quote or trade has changed: wakes what waits for it, plans fills."""
        for ticket in list(self.active(feed.instrument.conId)):
            if self._awake(ticket, feed):
                self.filler.plan(ticket, _ANSWER)

    def _awake(self, ticket: Ticket, feed: Feed) -> bool:
        """Whether the order may trade now; from PreSubmitted to Submitted on the way."""
        if ticket.status == SUBMITTED:
            return True
        if ticket.status != PRESUBMITTED or self._child_waits(ticket):
            return False
        if not conditions_met(ticket, self._market.feeds, self._desk.now // NS):
            return False
        if waits_for_trigger(ticket.kind) and not ticket.triggered and not self._triggers(ticket, feed):
            return False
        ticket.status = SUBMITTED
        self._desk.changed.order(ticket)
        self.tell(ticket)
        return True

    def _triggers(self, ticket: Ticket, feed: Feed) -> bool:
        stop = ticket.stop
        ticket.triggered = trigger(ticket, feed)
        if ticket.stop != stop:
            self._desk.changed.order(ticket)
        return ticket.triggered

    def recheck(self) -> None:
        """Time has passed: orders with conditions may wake."""
        for tickets in list(self._working.values()):
            for ticket in list(tickets):
                if ticket.status == PRESUBMITTED and self._awake(ticket, self._market.feeds[ticket.instrument.conId]):
                    self.filler.plan(ticket, _ANSWER)

    def _fill_done(self, ticket: Ticket) -> None:
        """A filled parent releases its children."""
        for child in self._children(ticket):
            if child.status == PRESUBMITTED:
                if not self._awake(child, self._market.feeds[child.instrument.conId]):
                    self.tell(child)
                self.filler.plan(child, _ANSWER)

    def _child_waits(self, ticket: Ticket) -> bool:
        parent = self._tickets.get((ticket.client_id, ticket.parent_id)) if ticket.parent_id else None
        return parent is not None and parent.status != FILLED

    def _why_held(self, ticket: Ticket) -> str:
        """`whyHeld`: what a PreSubmitted order waits for."""
        waits = ["child"] if self._child_waits(ticket) else []
        conditional = bool(ticket.order.get("conditions")) and ticket.status != SUBMITTED
        if conditional or (waits_for_trigger(ticket.kind) and not ticket.triggered):
            waits.append("trigger")
        return "" if ticket.status in (SUBMITTED, *DONE) else ",".join(waits)

    def _expire_later(self, ticket: Ticket) -> None:
        end = self._end_of(ticket)
        if end is not None:
            self._desk.later(max(0, end - self._desk.now), lambda: self._expire(ticket, end))

    def _end_of(self, ticket: Ticket) -> int | None:
        """When a dated order ends, in ns; None for one without a date."""
        return parse_moment(ticket.order["goodTillDate"], HOME) * NS if ticket.order["tif"] == "GTD" else None

    def _expire(self, ticket: Ticket, end: int) -> None:
        """`end`, in ns, is what the order's date was when this was planned; it may have been changed since."""
        if ticket.status in WORKING and self._end_of(ticket) == end:
            self._finish(ticket, CANCELLED, "Expired")

    def roll_day(self) -> None:
        """Midnight: day orders end."""
        for tickets in list(self._working.values()):
            for ticket in [t for t in tickets if t.order["tif"] == "DAY" and t.status in WORKING]:
                self._finish(ticket, CANCELLED, "Expired")

    # What goes wrong at IBKR

    def double(self, client_id: int, order_id: int, contract: Data, order: Data) -> None:
        """A change that makes a second order, of the same id and another permId; the first one lives on.

        Its client reaches only the second one. Raises Refused as `place`; a new order is placed as ever.
        """
        known = self._tickets.get((client_id, order_id))
        if known is None or known.status in (HELD, *DONE):
            self.place(client_id, order_id, contract, order)
            return
        instrument = traded_contract(self._universe, contract)
        checked = checked_order(order, instrument, self._accounts)
        self._tickets[client_id, -known.perm_id] = self._tickets.pop((client_id, order_id))
        self._take(client_id, order_id, instrument, contract, checked)

    def forget_ids(self) -> None:
        """All clients count from 1 again."""
        self._ids.forget()

    def forget_ended(self) -> None:
        """Completed orders and executions are in no list any more."""
        self.completed.clear()
        self.reports.clear()

    def lose_open(self) -> None:
        """Open orders are gone, and nobody is told."""
        for ticket in list(self.open()):
            ticket.status = CANCELLED
        self._tickets = {key: ticket for key, ticket in self._tickets.items() if ticket.status != CANCELLED}
        self._working.clear()

    # After a restart

    def recall(self, kept: Kept, *, forget_ids: bool) -> None:
        """Goes on from what was kept: what was planned is planned again, pending cancels end, dates have passed.

        With `forget_ids` all clients count from 1 again.
        """
        self._ids.recall(kept.numbers, forget=forget_ids)
        self.filler.reports[:] = kept.reports
        tickets = sorted(kept.tickets, key=lambda t: t.perm_id)
        self._tickets = {(t.client_id, t.order_id): t for t in tickets}
        for ticket in tickets:
            if ticket.parent_id:
                self._by_parent.setdefault((ticket.client_id, ticket.parent_id), []).append(ticket)
        done = sorted((t for t in tickets if t.status in DONE), key=lambda t: t.ended)
        self.completed = done[-_MOST_COMPLETED:]
        self._ended = self._ended_before = done[-1].ended if done else 0
        live = [ticket for ticket in tickets if ticket.status not in DONE]
        for ticket in live:
            self._resume(ticket)
        for ticket in live:
            self._end_cancel(ticket)

    def _resume(self, ticket: Ticket) -> None:
        if ticket.kind in EXERCISES:
            self._exercise_later(ticket)
            return
        self._working.setdefault(ticket.instrument.conId, []).append(ticket)
        self._expire_later(ticket)
        self.filler.plan(ticket, _ANSWER)

    def _closed(self, ticket: Ticket) -> Refused:
        """TWS itself remembers what has filled; after a restart only the account does, where an id is used or not."""
        if ticket.status == FILLED and ticket.ended > self._ended_before:
            return Refused(104, "Cannot modify a filled order.")
        return Refused(103, "Duplicate order id")
