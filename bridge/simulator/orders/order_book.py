"""The order book: what clients may do with orders, and what the market and time do to them.

Only the client that placed an order may change or cancel it. The parts: `order_table.py` stores the orders,
`order_placement.py` accepts and changes them, `fills.py` fills them, `order_activation.py` activates waiting orders,
`order_endings.py` ends them, and `exercise.py` exercises options.
"""

from collections.abc import Iterable, Iterator

from bridge.simulator.accounts.account import Account
from bridge.simulator.core.refusals import Refused
from bridge.simulator.core.values import Data
from bridge.simulator.instruments.instrument import Instrument, Universe
from bridge.simulator.market.feed import Feed
from bridge.simulator.market.market import Market
from bridge.simulator.orders.checks import account_of
from bridge.simulator.orders.exchange_port import ExchangePort
from bridge.simulator.orders.executions import ExecutionReport
from bridge.simulator.orders.exercise import EXERCISES, ExerciseEngine, checked_exercise
from bridge.simulator.orders.fills import FILL_DELAY, FillEngine
from bridge.simulator.orders.order_activation import OrderActivation
from bridge.simulator.orders.order_endings import OrderEndings
from bridge.simulator.orders.order_ids import NextOrderId, OrderIds
from bridge.simulator.orders.order_placement import OrderPlacement
from bridge.simulator.orders.order_table import OrderTable
from bridge.simulator.orders.simulated_order import (
    DONE,
    FILLED,
    HELD,
    PENDING_CANCEL,
    SUBMITTED,
    WORKING,
    SimulatedOrder,
    completed_order,
)


class OrderBook:
    """All orders of all clients, and the requests that change them."""

    def __init__(
        self,
        exchange: ExchangePort,
        universe: Universe,
        market: Market,
        accounts: dict[str, Account],
        first_perm_id: int,
    ) -> None:
        """Start without orders. `accounts` are by name; the first one is the default of an order without account."""
        self._exchange = exchange
        self._market = market
        self._accounts = accounts
        self._ids = OrderIds(exchange.changed.next_order_id)
        self.table = OrderTable()
        self._endings = OrderEndings(exchange, self.table)
        self.fills = FillEngine(
            exchange,
            market,
            accounts,
            active=self.table.active,
            finish=self._endings.finish,
            done=self._on_filled,
        )
        self._activation = OrderActivation(exchange, market, self.table, self._endings, self.fills)
        self._placement = OrderPlacement(
            exchange,
            universe,
            market,
            accounts,
            table=self.table,
            endings=self._endings,
            fills=self.fills,
            ids=self._ids,
            first_perm_id=first_perm_id,
        )
        self._exercises = ExerciseEngine(exchange, market, accounts, self.fills)

    def _on_filled(self, sim_order: SimulatedOrder) -> None:
        self._activation.release_children(sim_order)

    # Queries

    @property
    def reports(self) -> list[ExecutionReport]:
        """All executions, oldest first."""
        return self.fills.reports

    def next_valid_id(self, client_id: int) -> int:
        """Return an order id greater than every id that this client has used."""
        return self._ids.next_valid(client_id)

    def open(self, client_id: int | None = None) -> Iterator[SimulatedOrder]:
        """Yield the open orders of one client, or of all clients if `client_id` is None."""
        return self.table.open(client_id)

    def active(self, con_id: int) -> list[SimulatedOrder]:
        """Return the orders that quotes of this instrument can fill or activate."""
        return self.table.active(con_id)

    def report(self, sim_order: SimulatedOrder, client_id: int | None = None) -> None:
        """Send openOrder and orderStatus to a client; by default to the one that placed the order."""
        self._endings.report(sim_order, client_id)

    def completed_orders(self) -> Iterator[Data]:
        """Yield a completedOrder event for each completed order. All orders come from API clients."""
        return (completed_order(sim_order) for sim_order in self.table.completed)

    # Placing and changing

    def place(self, client_id: int, order_id: int, contract: Data, order: Data) -> None:
        """Place a new order, change a live one, or answer a what-if order. Raises Refused with TWS's code."""
        self._placement.place(client_id, order_id, contract, order)

    @property
    def next_perm_id(self) -> int:
        """The permId of the next new order."""
        return self._placement.next_perm_id

    # Exercising

    def exercise(self, client_id: int, order_id: int, instrument: Instrument, data: Data) -> None:
        """Carry out an exerciseOptions request as an order of its own. Raises Refused 103, 321 or 322."""
        if order_id < self.next_valid_id(client_id) or self.table.get(client_id, order_id) is not None:
            raise Refused(103, "Duplicate order id")
        account = self._accounts[account_of(data, tuple(self._accounts))]
        spot = self._market.feeds[instrument.underConId or instrument.conId].mark
        order = checked_exercise(instrument, account, spot, data)
        self._ids.use(client_id, order_id)
        sim_order = self._placement.new_order(client_id, order_id, instrument, data["contract"], order)
        self.table.orders[client_id, order_id] = sim_order
        sim_order.status = SUBMITTED
        self._exchange.changed.order(sim_order)
        self._endings.report(sim_order)
        self._exercise_later(sim_order)

    def _exercise_later(self, sim_order: SimulatedOrder) -> None:
        self._exchange.later(FILL_DELAY, lambda: self._end_exercise(sim_order))

    def _end_exercise(self, sim_order: SimulatedOrder) -> None:
        held = self._accounts[sim_order.account].positions[sim_order.instrument.conId].quantity
        if sim_order.status != SUBMITTED:
            return
        if held < sim_order.total:
            self._endings.reject(sim_order, "The position has been closed.")
            return
        reports = self._exercises.book(sim_order)
        self._endings.finish(sim_order, FILLED, sim_order.kind.title())
        self._exercises.report(sim_order, reports)

    # Cancelling

    def cancel(self, client_id: int, order_id: int) -> None:
        """Cancel an order of this client.

        Raises Refused 10147 if the client has no such order, 10148 if the order has ended or its cancel is pending.
        """
        sim_order = self.table.get(client_id, order_id)
        if sim_order is None:
            raise Refused(10147, f"OrderId {order_id} that needs to be cancelled is not found.")
        if sim_order.status in (PENDING_CANCEL, *DONE):
            state = sim_order.status
            raise Refused(10148, f"OrderId {order_id} that needs to be cancelled cannot be cancelled, state: {state}.")
        self._endings.begin_cancel(sim_order)

    def cancel_all(self) -> None:
        """Cancel the orders of all clients, as reqGlobalCancel does."""
        for sim_order in self.table.all():
            if sim_order.status in (HELD, *WORKING):
                self._endings.begin_cancel(sim_order)

    # Market and time

    def on_quote(self, feed: Feed) -> None:
        """Activate and fill orders after a change of a quote or a trade."""
        self._activation.on_quote(feed)

    def recheck(self) -> None:
        """Activate orders whose conditions depend on the time. The exchange calls this once a second."""
        self._activation.recheck()

    def roll_day(self) -> None:
        """End all day orders. The exchange calls this at midnight."""
        self._endings.roll_day()

    # Faults that a scenario can cause

    def double(self, client_id: int, order_id: int, contract: Data, order: Data) -> None:
        """Change an order wrongly: the change becomes a second order with the same id. See `OrderPlacement.double`."""
        self._placement.double(client_id, order_id, contract, order)

    def forget_ids(self) -> None:
        """Restart the order ids of all clients at 1."""
        self._ids.forget()

    def forget_ended(self) -> None:
        """Remove all completed orders and executions from the lists."""
        self.table.completed.clear()
        self.reports.clear()

    def lose_open(self) -> None:
        """Remove all open orders without an event."""
        self.table.lose_open()

    # Restart

    def restore(
        self,
        sim_orders: Iterable[SimulatedOrder],
        executions: Iterable[ExecutionReport],
        next_order_ids: Iterable[NextOrderId],
        *,
        next_perm_id: int,
        forget_ids: bool,
    ) -> None:
        """Continue from the persisted state: plan fills and ends again, and complete pending cancels.

        With `forget_ids`, restart the order ids of all clients at 1.
        """
        self._placement.next_perm_id = next_perm_id
        self._ids.restore(next_order_ids, forget=forget_ids)
        self.fills.reports[:] = executions
        live = self.table.restore(sim_orders)
        for sim_order in live:
            self._resume(sim_order)
        for sim_order in live:
            self._endings.end_cancel(sim_order)

    def _resume(self, sim_order: SimulatedOrder) -> None:
        if sim_order.kind in EXERCISES:
            self._exercise_later(sim_order)
            return
        self.table.add_working(sim_order)
        self._endings.expire_later(sim_order)
        self.fills.plan(sim_order, FILL_DELAY)
