"""Exercising an option, or letting it lapse: the option goes, its underlying comes at the strike.

Both legs are executions without a fee, told like fills. Knows accounts; which exercise may happen at all is checked
here too. Raises `Refused` with TWS's code.
"""

from decimal import Decimal

from bridge.simulator.account import ZERO, Account, Fill
from bridge.simulator.desk import Desk
from bridge.simulator.executions import Report, details_of, execution_id
from bridge.simulator.fills import Filler
from bridge.simulator.instruments import Instrument
from bridge.simulator.market import Market
from bridge.simulator.refusals import Refused, invalid
from bridge.simulator.ticket import Ticket, open_order, order_status
from bridge.simulator.values import Data, decimal_text

EXERCISE, LAPSE = 1, 2
EXERCISES = ("EXERCISE", "LAPSE")
"""The order types of what stands for a request."""


def checked_exercise(instrument: Instrument, account: Account, spot: float, data: Data) -> Data:
    """The order that stands for an exerciseOptions request, or Refused."""
    action = data.get("exerciseAction")
    quantity = Decimal(int(data.get("exerciseQuantity", 0)))
    if instrument.secType != "OPT":
        raise invalid("Only options can be exercised")
    if action not in (EXERCISE, LAPSE):
        raise invalid(f"Invalid exercise action {action}")
    if quantity < 1:
        raise invalid("Invalid exercise quantity")
    position = account.positions.get(instrument.conId)
    if position is None or position.quantity < quantity:
        raise _refused(f"No unlapsed position exists in this option in account {account.name}.")
    worth = spot - instrument.strike if instrument.right == "C" else instrument.strike - spot
    if (worth > 0) != (action == EXERCISE) and not data.get("override"):
        words = "out of the money: exercise" if action == EXERCISE else "in the money: lapse"
        raise _refused(f"The option is {words} it with override only.")
    return {
        "action": "SELL",
        "totalQuantity": decimal_text(quantity),
        "orderType": EXERCISES[0] if action == EXERCISE else EXERCISES[1],
        "tif": "DAY",
        "account": account.name,
    }


def _refused(cause: str) -> Refused:
    return Refused(322, f"Error processing request.-'bW' : cause - {cause}")


class Exerciser:
    """Books exercises."""

    def __init__(self, desk: Desk, market: Market, accounts: dict[str, Account], filler: Filler) -> None:
        """Executions are kept and told through `filler`."""
        self._desk = desk
        self._market = market
        self._accounts = accounts
        self._filler = filler

    def book(self, ticket: Ticket) -> list[Report]:
        """Moves the account and the order; returns the executions, the option's first."""
        option, quantity = ticket.instrument, ticket.total
        reports = [self._move(ticket, option, -quantity, ZERO)]
        if ticket.kind == "EXERCISE":
            under = self._market.feeds[option.underConId].instrument
            side = 1 if option.right == "C" else -1
            reports.append(self._move(ticket, under, side * quantity * option.factor, Decimal(str(option.strike))))
        ticket.filled = quantity
        return reports

    def tell(self, ticket: Ticket, reports: list[Report]) -> None:
        """In the order of a fill."""
        emit, to = self._desk.emit, ticket.client_id
        for report in reports:
            self._filler.keep(ticket, report)
            emit(to, "execDetails", report.details())
        emit(to, "openOrder", open_order(ticket))
        emit(to, "orderStatus", order_status(ticket))
        for report in reports:
            emit(to, "commissionAndFeesReport", report.commission)
            self._filler.booked(ticket.account, self._market.feeds[report.contract["conId"]].instrument)

    def _move(self, ticket: Ticket, instrument: Instrument, quantity: Decimal, price: Decimal) -> Report:
        ticket.executions += 1
        realized = self._accounts[ticket.account].apply(Fill(instrument, quantity, price, ZERO))
        exec_id = execution_id(ticket.perm_id, ticket.executions)
        shares = decimal_text(abs(quantity))
        execution: Data = {
            "orderId": ticket.order_id,
            "execId": exec_id,
            "acctNumber": ticket.account,
            "exchange": ticket.exchange,
            "side": "BOT" if quantity > 0 else "SLD",
            "shares": shares,
            "price": float(price),
            "permId": str(ticket.perm_id),
            "clientId": ticket.client_id,
            "isLiquidation": False,
            "cumQty": shares,
            "avgPrice": float(price),
            "optExerciseOrLapseType": EXERCISE if ticket.kind == "EXERCISE" else LAPSE,
        }
        paid: Data = {"execId": exec_id, "commissionAndFees": 0.0, "currency": instrument.currency}
        if realized is not None:
            paid["realizedPNL"] = round(float(realized), 6)
        now = self._desk.now
        contract, execution = details_of(instrument.contract(), execution, now)
        return Report(now, contract, execution, paid)
