"""One order and the events in which TWS reports it.

`order_book.py` changes the state of orders, `matching.py` decides at what price they trade.
"""

from dataclasses import dataclass, field
from decimal import Decimal

from bridge.simulator.accounts.account import ZERO
from bridge.simulator.core.times import stamp
from bridge.simulator.core.values import Data, decimal_text, to_decimal
from bridge.simulator.instruments.instrument import Instrument

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
class SimulatedOrder:
    """The current state of an order. `side` is +1 for a purchase and -1 for a sale; sizes are Decimal."""

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
    """Current price of a trailing stop, in ticks."""
    executions: int = 0
    completed_at: int = 0
    """Seconds since 1970 UTC."""
    completed_status: str = ""
    ended: int = 0
    """Position among the orders that have ended, counted from 1; 0 while the order is live."""
    matching: bool = field(default=False, metadata={"persisted": False})
    """Whether an attempt to fill is already planned."""

    @property
    def side(self) -> int:
        """+1 for a purchase, -1 for a sale."""
        return 1 if self.order["action"] == "BUY" else -1

    @property
    def remaining(self) -> Decimal:
        """Quantity that has not filled yet."""
        return self.total - self.filled

    @property
    def average(self) -> Decimal:
        """Average price of the fills; 0 without fills."""
        return self.worth / self.filled if self.filled else ZERO

    @property
    def kind(self) -> str:
        """The order type in TWS's spelling."""
        return str(self.order["orderType"])

    @property
    def parent_id(self) -> int:
        """Order id of the parent; 0 without a parent."""
        return int(self.order.get("parentId", 0))

    def contract(self) -> Data:
        """Return the contract as TWS reports it."""
        return self.instrument.contract(self.exchange)

    def ticks(self, field_name: str) -> int | None:
        """Return a price field of the order in whole ticks; None if the field is absent or 0."""
        price = to_decimal(self.order.get(field_name))
        return int((price / self.instrument.minTick).to_integral_value()) if price else None


def reported_order(sim_order: SimulatedOrder) -> Data:
    """Return the Order of an openOrder event: the client's fields, TWS's defaults, and the fields that TWS adds."""
    order = _DEFAULTS | {key: value for key, value in sim_order.order.items() if key not in _NOT_REPORTED}
    if not order.get("softDollarTier"):
        order.pop("softDollarTier", None)
    order |= {
        "clientId": sim_order.client_id,
        "orderId": sim_order.order_id,
        "permId": str(sim_order.perm_id),
        "account": sim_order.account,
        "totalQuantity": decimal_text(sim_order.total),
        "filledQuantity": decimal_text(sim_order.filled),
        "submitter": "simulator",
    }
    if sim_order.stop is not None:
        order["trailStopPrice"] = float(sim_order.stop * sim_order.instrument.minTick)
    return order


def order_state(sim_order: SimulatedOrder) -> Data:
    """Return the OrderState of openOrder and completedOrder."""
    state: Data = {"status": sim_order.status}
    if sim_order.charged:
        state |= {
            "commissionAndFees": float(sim_order.charged),
            "commissionAndFeesCurrency": sim_order.instrument.currency,
        }
    if sim_order.status in DONE and sim_order.completed_at:
        state["completedTime"] = stamp(sim_order.completed_at, sim_order.instrument.timeZone)
        state["completedStatus"] = sim_order.completed_status
    return state


def open_order(sim_order: SimulatedOrder) -> Data:
    """Return the openOrder event."""
    return {
        "orderId": sim_order.order_id,
        "contract": sim_order.contract(),
        "order": reported_order(sim_order),
        "orderState": order_state(sim_order),
    }


def order_status(sim_order: SimulatedOrder, why_held: str = "") -> Data:
    """Return the orderStatus event."""
    status: Data = {
        "orderId": sim_order.order_id,
        "status": sim_order.status,
        "filled": decimal_text(sim_order.filled),
        "remaining": decimal_text(sim_order.remaining),
        "avgFillPrice": float(sim_order.average),
        "permId": str(sim_order.perm_id),
        "parentId": sim_order.parent_id,
        "lastFillPrice": float(sim_order.last_price),
        "clientId": sim_order.client_id,
        "mktCapPrice": 0.0,
    }
    if why_held:
        status["whyHeld"] = why_held
    return status


def completed_order(sim_order: SimulatedOrder) -> Data:
    """Return the completedOrder event. TWS reports a filled order with totalQuantity 0 (captured at 204)."""
    order = reported_order(sim_order)
    if sim_order.status == FILLED:
        order["totalQuantity"] = "0"
    return {"contract": sim_order.contract(), "order": order, "orderState": order_state(sim_order)}
