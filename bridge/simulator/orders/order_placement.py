"""Placing and changing orders: brackets, what-if orders, and the checks that decide whether an order is accepted."""

from decimal import Decimal

from bridge.simulator.accounts.account import Account
from bridge.simulator.core import refusals
from bridge.simulator.core.refusals import Refused
from bridge.simulator.core.values import Data, to_decimal
from bridge.simulator.instruments.instrument import Instrument, Universe
from bridge.simulator.market.market import Market
from bridge.simulator.orders.checks import checked_order, traded_contract
from bridge.simulator.orders.exchange_port import ExchangePort
from bridge.simulator.orders.exercise import EXERCISES
from bridge.simulator.orders.fills import FILL_DELAY, FillEngine
from bridge.simulator.orders.matching import waits_for_trigger
from bridge.simulator.orders.order_endings import OrderEndings
from bridge.simulator.orders.order_ids import OrderIds
from bridge.simulator.orders.order_table import OrderTable
from bridge.simulator.orders.preview import Preview
from bridge.simulator.orders.simulated_order import (
    CANCELLED,
    DONE,
    FILLED,
    HELD,
    INACTIVE,
    PENDING_CANCEL,
    PRESUBMITTED,
    SUBMITTED,
    SimulatedOrder,
    reported_order,
)

_PER_SIDE = 20
"""Most active orders of one instrument and side."""


class OrderPlacement:
    """Takes new and changed orders into the order table."""

    def __init__(
        self,
        exchange: ExchangePort,
        universe: Universe,
        market: Market,
        accounts: dict[str, Account],
        *,
        table: OrderTable,
        endings: OrderEndings,
        fills: FillEngine,
        ids: OrderIds,
        first_perm_id: int,
    ) -> None:
        """`endings` reports and rejects orders, `fills` fills them, `ids` counts the order ids of the clients."""
        self._exchange = exchange
        self._universe = universe
        self._accounts = accounts
        self._preview = Preview(market)
        self._table = table
        self._endings = endings
        self._fills = fills
        self._ids = ids
        self.next_perm_id = first_perm_id

    def place(self, client_id: int, order_id: int, contract: Data, order: Data) -> None:
        """Place a new order, change a live one, or answer a what-if order. Raises Refused with TWS's code."""
        known = self._table.get(client_id, order_id)
        if known is not None and known.status in DONE:
            raise self._closed(known)
        if known is None and order_id < self._ids.next_valid(client_id):
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
        self._accept(client_id, order_id, instrument, contract, checked)

    def double(self, client_id: int, order_id: int, contract: Data, order: Data) -> None:
        """Change an order wrongly: create a second order with the same id and another permId; the first one lives on.

        After that, the client can reach only the second order. If the id has no live order, `place` handles the
        request. Raises Refused as `place` does.
        """
        known = self._table.get(client_id, order_id)
        if known is None or known.status in (HELD, *DONE):
            self.place(client_id, order_id, contract, order)
            return
        instrument = traded_contract(self._universe, contract)
        checked = checked_order(order, instrument, self._accounts)
        self._table.set_aside((client_id, order_id))
        self._accept(client_id, order_id, instrument, contract, checked)

    def _closed(self, sim_order: SimulatedOrder) -> Refused:
        """The error for a change of an order that has ended.

        TWS remembers a filled order only until it restarts. After that, it only knows that the order id is in use.
        """
        if self._table.filled_in_this_run(sim_order):
            return Refused(104, "Cannot modify a filled order.")
        return Refused(103, "Duplicate order id")

    def _accept(self, client_id: int, order_id: int, instrument: Instrument, contract: Data, order: Data) -> None:
        parent = self._parent(client_id, order)
        self._ids.use(client_id, order_id)
        known = self._table.get(client_id, order_id)
        sim_order = self.new_order(client_id, order_id, instrument, contract, order)
        if known is not None:
            sim_order.perm_id = known.perm_id
        self._table.orders[client_id, order_id] = sim_order
        if parent is not None:
            self._table.add_child(sim_order, parent, known)
            sim_order.order.setdefault("ocaGroup", str(parent.perm_id))
        if order.get("transmit"):
            self._transmit(sim_order)

    def new_order(
        self, client_id: int, order_id: int, instrument: Instrument, contract: Data, order: Data
    ) -> SimulatedOrder:
        """Return an order with the next permId. The table does not contain it yet."""
        perm_id = self.next_perm_id
        self.next_perm_id += 1
        exchange = contract.get("exchange") or instrument.defaultExchange
        total = to_decimal(order["totalQuantity"]) or Decimal(0)
        order = {key: value for key, value in order.items() if value != ""}
        return SimulatedOrder(client_id, order_id, perm_id, instrument, exchange, order, order["account"], total)

    def _parent(self, client_id: int, order: Data) -> SimulatedOrder | None:
        parent_id = order.get("parentId", 0)
        if not parent_id:
            return None
        parent = self._table.get(client_id, parent_id)
        if parent is None or parent.status in (CANCELLED, INACTIVE, PENDING_CANCEL):
            raise Refused(10006, "Missing parent order")
        return parent

    def _transmit(self, sim_order: SimulatedOrder) -> None:
        """Submit the order. The last order of a bracket also submits its parent and its siblings."""
        family = [each for each in self._table.family(sim_order) if each.status == HELD]
        for member in sorted(family, key=lambda each: each.order_id):
            if member.status == HELD:  # the rejection of a parent ends its children
                self._submit(member)

    def _submit(self, sim_order: SimulatedOrder) -> None:
        refusal = self._refusal(sim_order)
        if refusal is not None:
            self._endings.reject(sim_order, refusal)
            return
        sim_order.status = PRESUBMITTED if self._table.why_held(sim_order) else SUBMITTED
        self._table.add_working(sim_order)
        self._start(sim_order)

    def _start(self, sim_order: SimulatedOrder) -> None:
        """Report an order that is new or has changed, and plan its fill and its end."""
        self._exchange.changed.order(sim_order)
        self._endings.report(sim_order)
        self._endings.expire_later(sim_order)
        self._fills.plan(sim_order, FILL_DELAY)

    def _refusal(self, sim_order: SimulatedOrder) -> str | None:
        """Return why the exchange does not accept a transmitted order, or None if it does."""
        parent = self._table.get(sim_order.client_id, sim_order.parent_id) if sim_order.parent_id else None
        if parent is not None and parent.status in DONE - {FILLED}:
            return "Parent order is being cancelled."
        same_side = [each for each in self._table.active(sim_order.instrument.conId) if each.side == sim_order.side]
        if len(same_side) >= _PER_SIDE:
            return f"Maximum of {_PER_SIDE} active orders per contract and side."
        if parent is not None:
            return None
        return self._preview.refusal(self._accounts[sim_order.account], sim_order)

    def _modify(self, sim_order: SimulatedOrder, instrument: Instrument, order: Data) -> None:
        same = instrument is sim_order.instrument and order["action"] == sim_order.order["action"]
        if not same or sim_order.kind in EXERCISES:
            raise Refused(105, "Order being modified does not match original order")
        if sim_order.status == PENDING_CANCEL:
            raise Refused(2102, "Unable to modify this order as it is still being processed")
        total = to_decimal(order["totalQuantity"]) or Decimal(0)
        if total <= sim_order.filled:
            raise refusals.rejected("Order size cannot be reduced to or below the filled quantity.")
        unchanged = {key: sim_order.order[key] for key in ("parentId", "ocaGroup") if key in sim_order.order}
        sim_order.order = {key: value for key, value in order.items() if value != ""} | unchanged
        sim_order.total = total
        sim_order.stop = None
        sim_order.triggered = sim_order.triggered and waits_for_trigger(sim_order.kind)
        sim_order.status = PRESUBMITTED if self._table.why_held(sim_order) else SUBMITTED
        self._start(sim_order)

    def _what_if(self, client_id: int, order_id: int, instrument: Instrument, contract: Data, order: Data) -> None:
        sim_order = self.new_order(client_id, order_id, instrument, contract, order)
        state = self._preview.state(self._accounts[sim_order.account], sim_order)
        event = {
            "orderId": order_id,
            "contract": sim_order.contract(),
            "order": reported_order(sim_order),
            "orderState": state,
        }
        self._exchange.emit(client_id, "openOrder", event)
