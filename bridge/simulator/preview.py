"""What an order would do to its account: margins and commission, for what-if orders and for the check before one.

Knows accounts and prices; changes neither.
"""

from decimal import Decimal

from bridge.simulator.account import Account, Fill
from bridge.simulator.balances import Balances, after, balances
from bridge.simulator.fees import commission
from bridge.simulator.market import Market
from bridge.simulator.matching import limit
from bridge.simulator.ticket import PRESUBMITTED, Ticket
from bridge.simulator.values import Data


class Preview:
    """Looks ahead at the market's present prices."""

    def __init__(self, market: Market) -> None:
        """Reads the market's marks."""
        self._market = market

    def mark(self, con_id: int) -> Decimal:
        """The price at which a position is valued."""
        return Decimal(str(self._market.feeds[con_id].mark))

    def refusal(self, account: Account, ticket: Ticket) -> str | None:
        """Why the account cannot carry the order; None if it can."""
        before, then = self._both(account, ticket)
        if then.available >= 0 or then.initial <= before.initial:
            return None
        return (
            "We are unable to accept your order. Your Available Funds are insufficient to cover the change in margin. "
            f"Available Funds [{before.available:.2f} USD] "
            f"Initial Margin Change [{then.initial - before.initial:.2f} USD]"
        )

    def state(self, account: Account, ticket: Ticket) -> Data:
        """The OrderState that answers a what-if order."""
        before, then = self._both(account, ticket)
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
        fee = commission(ticket.instrument, ticket.total, self._price(ticket))
        return state | {
            "commissionAndFees": float(fee),
            "commissionAndFeesCurrency": ticket.instrument.currency,
            "marginCurrency": "USD",
        }

    def _price(self, ticket: Ticket) -> Decimal:
        feed = self._market.feeds[ticket.instrument.conId]
        worst = limit(ticket)
        at = (feed.ask if ticket.side > 0 else feed.bid) if worst is None else worst
        return at * ticket.instrument.minTick

    def _both(self, account: Account, ticket: Ticket) -> tuple[Balances, Balances]:
        price = self._price(ticket)
        fee = commission(ticket.instrument, ticket.total, price)
        fill = Fill(ticket.instrument, ticket.total * ticket.side, price, fee)
        return balances(account, self.mark), after(account, [fill], self.mark)


def _amount(value: Decimal) -> float:
    return round(float(value), 2)
