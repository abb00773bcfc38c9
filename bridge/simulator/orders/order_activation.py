"""When waiting orders become active: a trigger price, a condition, or the fill of the parent order."""

from bridge.simulator.core.times import NS
from bridge.simulator.market.feed import Feed
from bridge.simulator.market.market import Market
from bridge.simulator.orders.exchange_port import ExchangePort
from bridge.simulator.orders.fills import FILL_DELAY, FillEngine
from bridge.simulator.orders.matching import conditions_met, trigger, waits_for_trigger
from bridge.simulator.orders.order_endings import OrderEndings
from bridge.simulator.orders.order_table import OrderTable
from bridge.simulator.orders.simulated_order import PRESUBMITTED, SUBMITTED, SimulatedOrder


class OrderActivation:
    """Moves orders from PreSubmitted to Submitted and plans their fills."""

    def __init__(
        self, exchange: ExchangePort, market: Market, table: OrderTable, endings: OrderEndings, fills: FillEngine
    ) -> None:
        """`endings` reports the new state of an order, `fills` fills it."""
        self._exchange = exchange
        self._market = market
        self._table = table
        self._endings = endings
        self._fills = fills

    def on_quote(self, feed: Feed) -> None:
        """Activate the orders that wait for this quote or trade, and plan fills."""
        for sim_order in list(self._table.active(feed.instrument.conId)):
            if self._activate(sim_order, feed):
                self._fills.plan(sim_order, FILL_DELAY)

    def recheck(self) -> None:
        """Activate the orders whose conditions have become true because time has passed."""
        for sim_orders in self._table.all_active():
            for sim_order in list(sim_orders):
                if sim_order.status == PRESUBMITTED and self._activate(sim_order, self._feed(sim_order)):
                    self._fills.plan(sim_order, FILL_DELAY)

    def release_children(self, parent: SimulatedOrder) -> None:
        """Activate the children of an order that has filled."""
        for child in self._table.live_children(parent):
            if child.status == PRESUBMITTED:
                if not self._activate(child, self._feed(child)):
                    self._endings.report(child)
                self._fills.plan(child, FILL_DELAY)

    def _feed(self, sim_order: SimulatedOrder) -> Feed:
        return self._market.feeds[sim_order.instrument.conId]

    def _activate(self, sim_order: SimulatedOrder, feed: Feed) -> bool:
        """Return whether the order may trade now. Report the change if it becomes Submitted here."""
        if sim_order.status == SUBMITTED:
            return True
        if sim_order.status != PRESUBMITTED or self._table.waits_for_parent(sim_order):
            return False
        if not conditions_met(sim_order, self._market.feeds, self._exchange.now // NS):
            return False
        if waits_for_trigger(sim_order.kind) and not sim_order.triggered and not self._triggers(sim_order, feed):
            return False
        sim_order.status = SUBMITTED
        self._exchange.changed.order(sim_order)
        self._endings.report(sim_order)
        return True

    def _triggers(self, sim_order: SimulatedOrder, feed: Feed) -> bool:
        stop = sim_order.stop
        sim_order.triggered = trigger(sim_order, feed)
        if sim_order.stop != stop:
            self._exchange.changed.order(sim_order)
        return sim_order.triggered
