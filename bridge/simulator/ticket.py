"""One order in the account's book, and how TWS reports it.

Knows an order's own state; what moves it is in `orders.py`, what it would pay in `matching.py`.
"""

from dataclasses import dataclass, field
from decimal import Decimal

from bridge.simulator.account import ZERO
from bridge.simulator.instruments import Instrument
from bridge.simulator.times import stamp
from bridge.simulator.values import Data, decimal_text, to_decimal

HELD, PRESUBMITTED, SUBMITTED = "ApiPending", "PreSubmitted", "Submitted"
PENDING_CANCEL, CANCELLED, FILLED, INACTIVE = "PendingCancel", "Cancelled", "Filled", "Inactive"
WORKING = frozenset((PRESUBMITTED, SUBMITTED))
DONE = frozenset((CANCELLED, FILLED, INACTIVE))

_DEFAULTS: Data = {
    "parentId": 0,
    "lmtPrice": 0.0,
    "auxPrice": 0.0,
    "tif": "DAY",
    "clearingIntent": "IB",
    "ocaType": 3,
    "triggerMethod": 0,
    "volatilityType": 0,
    "referencePriceType": 0,
    "deltaNeutralOrderType": "None",
    "deltaNeutralShortSaleSlot": 0,
    "origin": 0,
    "shortSaleSlot": 0,
    "exemptCode": -1,
    "adjustedOrderType": "None",
    "adjustableTrailingUnit": 0,
    "dontUseAutoPriceForHedge": True,
    "usePriceMgmtAlgo": 0,
}
_NOT_REPORTED = ("transmit", "overridePercentageConstraints", "conditionsIgnoreRth")


@dataclass(slots=True, eq=False)
class Ticket:
    """An order as it stands. `side` is +1 for a purchase, -1 for a sale; sizes are Decimal."""

    client_id: int
    order_id: int
    perm_id: int
    instrument: Instrument
    exchange: str
    order: Data
    account: str
    total: Decimal
    status: str = HELD
    filled: Decimal = ZERO
    worth: Decimal = ZERO
    """Sum of price times quantity of the fills."""
    last_price: Decimal = ZERO
    charged: Decimal = ZERO
    triggered: bool = False
    stop: int | None = None
    """Where a trailing stop stands, in ticks."""
    executions: int = 0
    completed_at: int = 0
    """Seconds since 1970 UTC."""
    completed_status: str = ""
    ended: int = 0
    """Its place among the orders that are over, from 1; 0 while it lives."""
    matching: bool = field(default=False, metadata={"kept": False})
    """Whether an attempt to fill is already planned."""

    @property
    def side(self) -> int:
        """+1 buys, -1 sells."""
        return 1 if self.order["action"] == "BUY" else -1

    @property
    def remaining(self) -> Decimal:
        """What is still to fill."""
        return self.total - self.filled

    @property
    def average(self) -> Decimal:
        """Average price of the fills; 0 without any."""
        return self.worth / self.filled if self.filled else ZERO

    @property
    def kind(self) -> str:
        """The order type, in TWS's spelling."""
        return str(self.order["orderType"])

    @property
    def parent_id(self) -> int:
        """The order id of its parent, 0 without one."""
        return int(self.order.get("parentId", 0))

    def contract(self) -> Data:
        """The contract as TWS repeats it."""
        return self.instrument.contract(self.exchange)

    def ticks(self, field_name: str) -> int | None:
        """A price of the order in whole ticks; None where it is absent or 0."""
        price = to_decimal(self.order.get(field_name))
        return int((price / self.instrument.minTick).to_integral_value()) if price else None


def reported_order(ticket: Ticket) -> Data:
    """The Order as openOrder tells it: what was asked, TWS's defaults, and what TWS adds."""
    order = _DEFAULTS | {key: value for key, value in ticket.order.items() if key not in _NOT_REPORTED}
    if not order.get("softDollarTier"):
        order.pop("softDollarTier", None)
    order |= {
        "clientId": ticket.client_id,
        "orderId": ticket.order_id,
        "permId": str(ticket.perm_id),
        "account": ticket.account,
        "totalQuantity": decimal_text(ticket.total),
        "filledQuantity": decimal_text(ticket.filled),
        "submitter": "simulator",
    }
    if ticket.stop is not None:
        order["trailStopPrice"] = float(ticket.stop * ticket.instrument.minTick)
    return order


def order_state(ticket: Ticket) -> Data:
    """The OrderState of openOrder and completedOrder."""
    state: Data = {"status": ticket.status}
    if ticket.charged:
        state |= {"commissionAndFees": float(ticket.charged), "commissionAndFeesCurrency": ticket.instrument.currency}
    if ticket.status in DONE and ticket.completed_at:
        state["completedTime"] = stamp(ticket.completed_at, ticket.instrument.timeZone)
        state["completedStatus"] = ticket.completed_status
    return state


def open_order(ticket: Ticket) -> Data:
    """The openOrder event."""
    return {
        "orderId": ticket.order_id,
        "contract": ticket.contract(),
        "order": reported_order(ticket),
        "orderState": order_state(ticket),
    }


def order_status(ticket: Ticket, why_held: str = "") -> Data:
    """The orderStatus event."""
    status: Data = {
        "orderId": ticket.order_id,
        "status": ticket.status,
        "filled": decimal_text(ticket.filled),
        "remaining": decimal_text(ticket.remaining),
        "avgFillPrice": float(ticket.average),
        "permId": str(ticket.perm_id),
        "parentId": ticket.parent_id,
        "lastFillPrice": float(ticket.last_price),
        "clientId": ticket.client_id,
        "mktCapPrice": 0.0,
    }
    if why_held:
        status["whyHeld"] = why_held
    return status


def completed_order(ticket: Ticket) -> Data:
    """The completedOrder event. TWS reports a filled order with totalQuantity 0 (captured at 204)."""
    order = reported_order(ticket)
    if ticket.status == FILLED:
        order["totalQuantity"] = "0"
    return {"contract": ticket.contract(), "order": order, "orderState": order_state(ticket)}
