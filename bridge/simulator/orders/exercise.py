"""Exercises options or lets them lapse: the account gives the option and gets its underlying at the strike price.

Both parts are executions without a commission, with the events of a fill. A request that is not allowed raises Refused.
"""

from decimal import Decimal

from bridge.simulator.accounts.account import ZERO, Account, Fill
from bridge.simulator.core.refusals import Refused, invalid
from bridge.simulator.core.values import Data, decimal_text
from bridge.simulator.instruments.instrument import Instrument
from bridge.simulator.market.market import Market
from bridge.simulator.orders.exchange_port import ExchangePort
from bridge.simulator.orders.executions import ExecutionReport, details_of, execution_id
from bridge.simulator.orders.fills import FillEngine
from bridge.simulator.orders.simulated_order import SimulatedOrder, open_order, order_status

EXERCISE, LAPSE = 1, 2
EXERCISES = ("EXERCISE", "LAPSE")
"""Order types of the orders that represent an exercise request."""


def checked_exercise(instrument: Instrument, account: Account, spot: float, data: Data) -> Data:
    """Check an exerciseOptions request and return the order that represents it. Raises Refused 321 or 322."""
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


class ExerciseEngine:
    """Books exercises."""

    def __init__(self, exchange: ExchangePort, market: Market, accounts: dict[str, Account], fills: FillEngine) -> None:
        """`fills` stores the executions and reports the changed positions."""
        self._exchange = exchange
        self._market = market
        self._accounts = accounts
        self._fills = fills

    def book(self, sim_order: SimulatedOrder) -> list[ExecutionReport]:
        """Update the account and the order. Returns the executions, that of the option first."""
        option, quantity = sim_order.instrument, sim_order.total
        reports = [self._move(sim_order, option, -quantity, ZERO)]
        if sim_order.kind == "EXERCISE":
            under = self._market.feeds[option.underConId].instrument
            side = 1 if option.right == "C" else -1
            reports.append(self._move(sim_order, under, side * quantity * option.factor, Decimal(str(option.strike))))
        sim_order.filled = quantity
        return reports

    def report(self, sim_order: SimulatedOrder, reports: list[ExecutionReport]) -> None:
        """Send the events, in the same order as for a fill."""
        emit, to = self._exchange.emit, sim_order.client_id
        for report in reports:
            self._fills.record(sim_order, report)
            emit(to, "execDetails", report.details())
        emit(to, "openOrder", open_order(sim_order))
        emit(to, "orderStatus", order_status(sim_order))
        for report in reports:
            emit(to, "commissionAndFeesReport", report.commission)
            self._fills.booked(sim_order.account, self._market.feeds[report.contract["conId"]].instrument)

    def _move(
        self, sim_order: SimulatedOrder, instrument: Instrument, quantity: Decimal, price: Decimal
    ) -> ExecutionReport:
        sim_order.executions += 1
        realized = self._accounts[sim_order.account].apply(Fill(instrument, quantity, price, ZERO))
        exec_id = execution_id(sim_order.perm_id, sim_order.executions)
        shares = decimal_text(abs(quantity))
        execution: Data = {
            "orderId": sim_order.order_id,
            "execId": exec_id,
            "acctNumber": sim_order.account,
            "exchange": sim_order.exchange,
            "side": "BOT" if quantity > 0 else "SLD",
            "shares": shares,
            "price": float(price),
            "permId": str(sim_order.perm_id),
            "clientId": sim_order.client_id,
            "isLiquidation": False,
            "cumQty": shares,
            "avgPrice": float(price),
            "optExerciseOrLapseType": EXERCISE if sim_order.kind == "EXERCISE" else LAPSE,
        }
        paid: Data = {"execId": exec_id, "commissionAndFees": 0.0, "currency": instrument.currency}
        if realized is not None:
            paid["realizedPNL"] = round(float(realized), 6)
        now = self._exchange.now
        contract, execution = details_of(instrument.contract(), execution, now)
        return ExecutionReport(now, contract, execution, paid)
