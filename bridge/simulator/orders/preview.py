"""Computes the effect of an order on its account: margins and commission. It changes nothing.

What-if orders and the check of the available funds use it.
"""

from decimal import Decimal

from bridge.simulator.accounts.account import Account, Fill
from bridge.simulator.accounts.balances import Balances, after, balances
from bridge.simulator.accounts.fees import commission
from bridge.simulator.core.values import Data
from bridge.simulator.market.market import Market
from bridge.simulator.orders.matching import limit
from bridge.simulator.orders.simulated_order import PRESUBMITTED, SimulatedOrder


class Preview:
    """Computes the effect of orders at the current prices."""

    def __init__(self, market: Market) -> None:
        """Use the mark prices of `market`."""
        self._market = market

    def mark(self, con_id: int) -> Decimal:
        """Return the mark price of an instrument: positions are valued at it."""
        return Decimal(str(self._market.feeds[con_id].mark))

    def refusal(self, account: Account, sim_order: SimulatedOrder) -> str | None:
        """Return why the account's funds are insufficient for the order; None if they are sufficient."""
        before, then = self._both(account, sim_order)
        if then.available >= 0 or then.initial <= before.initial:
            return None
        return (
            "We are unable to accept your order. Your Available Funds are insufficient to cover the change in margin. "
            f"Available Funds [{before.available:.2f} USD] "
            f"Initial Margin Change [{then.initial - before.initial:.2f} USD]"
        )

    def state(self, account: Account, sim_order: SimulatedOrder) -> Data:
        """Return the OrderState that answers a what-if order."""
        before, then = self._both(account, sim_order)
        state: Data = {"status": PRESUBMITTED}
        for name, attribute in (
            ("initMargin", "initial"),
            ("maintMargin", "maintenance"),
            ("equityWithLoan", "equity"),
        ):
            was, becomes = getattr(before, attribute), getattr(then, attribute)
            state |= {
                f"{name}Before": _amount(was),
                f"{name}Change": _amount(becomes - was),
                f"{name}After": _amount(becomes),
            }
        fee = commission(sim_order.instrument, sim_order.total, self._price(sim_order))
        return state | {
            "commissionAndFees": float(fee),
            "commissionAndFeesCurrency": sim_order.instrument.currency,
            "marginCurrency": "USD",
        }

    def _price(self, sim_order: SimulatedOrder) -> Decimal:
        feed = self._market.feeds[sim_order.instrument.conId]
        worst = limit(sim_order)
        at = (feed.ask if sim_order.side > 0 else feed.bid) if worst is None else worst
        return at * sim_order.instrument.minTick

    def _both(self, account: Account, sim_order: SimulatedOrder) -> tuple[Balances, Balances]:
        price = self._price(sim_order)
        fee = commission(sim_order.instrument, sim_order.total, price)
        fill = Fill(sim_order.instrument, sim_order.total * sim_order.side, price, fee)
        return balances(account, self.mark), after(account, [fill], self.mark)


def _amount(value: Decimal) -> float:
    return round(float(value), 2)
