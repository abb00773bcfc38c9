"""The checks that TWS makes before it accepts an order.

A failed check raises Refused with TWS's code. The checks do not look at other orders or at money.
"""

from collections.abc import Iterable
from decimal import Decimal

from bridge.simulator.core import refusals
from bridge.simulator.core.refusals import Refused
from bridge.simulator.core.times import parse_moment
from bridge.simulator.core.values import Data, on_grid, to_decimal
from bridge.simulator.instruments.instrument import Instrument, Universe
from bridge.simulator.instruments.lookup import one_contract
from bridge.simulator.orders.matching import CONDITIONS, LIMITS, ORDER_TYPES

_SPELLINGS = {
    "MARKET": "MKT", "LIMIT": "LMT", "STOP": "STP", "STOP LIMIT": "STP LMT", "STPLMT": "STP LMT",
    "TRAILLMT": "TRAIL LIMIT", "TRAIL LMT": "TRAIL LIMIT",
}  # fmt: skip
_TIFS = ("DAY", "GTC", "IOC", "FOK", "GTD")
_PRICES = ("lmtPrice", "auxPrice", "trailStopPrice")
_LARGEST = Decimal(100_000_000)
#: Fields that change how an order is executed, and that the simulated exchange does not support. It refuses an order
#: with one of them: it would not execute what the client wants. An Adaptive order is executed without the algorithm.
_NOT_SIMULATED = (
    "conditionsCancelOrder", "goodAfterTime", "minQty", "scaleInitLevelSize", "scaleSubsLevelSize",
    "scalePriceIncrement", "scaleTable", "hedgeType", "randomizeSize", "randomizePrice", "blockOrder", "notHeld",
)  # fmt: skip
_ALGORITHMS = ("", "Adaptive")


def traded_contract(universe: Universe, wanted: Data) -> Instrument:
    """As `one_contract`, for an order. Raises Refused 201 for combos and CFDs, which the exchange does not trade."""
    if wanted.get("secType") == "BAG":
        raise refusals.rejected("Combos are not traded on the simulated exchange.")
    instrument = one_contract(universe, wanted)
    if instrument.secType == "CFD":
        raise refusals.rejected("CFDs are not traded on the simulated exchange.")
    return instrument


def checked_order(order: Data, instrument: Instrument, accounts: Iterable[str]) -> Data:
    """Return a copy of the order with TWS's spelling of its fields and with an account.

    Raises Refused with TWS's code.
    """
    checked = dict(order)
    checked["action"] = _action(order)
    checked["orderType"] = _kind(order, instrument)
    checked["tif"] = _tif(order, instrument)
    checked["account"] = account_of(order, tuple(accounts))
    _is_simulated(order)
    _quantity(order, instrument)
    _prices(checked, instrument)
    _conditions(checked)
    return checked


def _is_simulated(order: Data) -> None:
    for name in _NOT_SIMULATED:
        if order.get(name):
            raise refusals.rejected(f"{name} is not carried out by the simulated exchange.")
    algorithm = order.get("algoStrategy", "")
    if algorithm not in _ALGORITHMS:
        raise refusals.rejected(f"algoStrategy {algorithm} is not carried out by the simulated exchange.")


def _action(order: Data) -> str:
    action = str(order.get("action", "")).upper()
    if action == "SSHORT":
        return "SELL"
    if action not in ("BUY", "SELL"):
        raise refusals.invalid("Invalid action")
    return action


def _kind(order: Data, instrument: Instrument) -> str:
    kind = str(order.get("orderType", "")).upper()
    kind = _SPELLINGS.get(kind, kind)
    if not kind:
        raise refusals.invalid("Missing order type")
    if kind not in ORDER_TYPES or (instrument.secType == "BOND" and kind not in ("MKT", "LMT")):
        raise Refused(387, "Unsupported order type for this exchange and security type.")
    return kind


def _tif(order: Data, instrument: Instrument) -> str:
    tif = str(order.get("tif", "") or "DAY").upper()
    if tif not in _TIFS:
        raise Refused(10052, f"Invalid time in force:{tif}.")
    if tif == "GTD":
        try:
            parse_moment(str(order.get("goodTillDate", "")), instrument.timeZone)
        except ValueError:
            raise Refused(391, "The time or time-zone is invalid. The correct format is hh:mm:ss xxx") from None
    return tif


def account_of(order: Data, accounts: tuple[str, ...]) -> str:
    """Return the account of an order or request.

    Raises Refused 435 if it names no account and there are several, 321 if the account is unknown.
    """
    account = str(order.get("account", ""))
    if not account:
        if len(accounts) > 1:
            raise Refused(435, "You must specify an account.")
        return accounts[0]
    if account not in accounts:
        raise refusals.invalid(f"Invalid account code '{account}'.")
    return account


def _quantity(order: Data, instrument: Instrument) -> None:
    if order.get("cashQty"):
        raise Refused(10244, "Cash quantity cannot be used for this order")
    quantity = to_decimal(order.get("totalQuantity"))
    if quantity is None or quantity < 0:
        raise refusals.invalid("Invalid order size")
    if quantity == 0:
        raise Refused(434, "The order size cannot be zero")
    if quantity > _LARGEST:
        raise Refused(383, f"Size {quantity} exceeds the Size Limit of {_LARGEST}")
    if quantity != quantity.to_integral_value() and instrument.secType != "STK":
        raise Refused(10318, "This order doesn't support fractional quantity trading")


def _prices(order: Data, instrument: Instrument) -> None:
    kind = order["orderType"]
    for name in _PRICES:
        price = order.get(name)
        if not price:
            continue
        exact = to_decimal(price)
        if exact is None or exact <= 0 or exact > _LARGEST:
            raise refusals.invalid(f"Invalid price: {price}")
        if not on_grid(exact, instrument.minTick):
            raise Refused(110, "The price does not conform to the minimum price variation for this contract.")
    if kind in ("LMT", "STP LMT", "LIT") and not order.get("lmtPrice"):
        raise refusals.invalid("Missing or invalid limit price")
    if kind in ("STP", "STP LMT", "MIT", "LIT") and not order.get("auxPrice"):
        raise refusals.invalid("Missing or invalid auxiliary price")
    if kind.startswith("TRAIL") and not (order.get("auxPrice") or order.get("trailingPercent")):
        raise refusals.invalid("Missing trailing amount or percentage")
    if kind not in LIMITS:
        order.pop("lmtPrice", None)


def _conditions(order: Data) -> None:
    for condition in order.get("conditions", []):
        if condition.get("type") not in CONDITIONS:
            raise refusals.rejected("Only price, time and volume conditions exist on the simulated exchange.")
        if condition["type"] == 3:
            try:
                parse_moment(str(condition.get("time", "")), "US/Eastern")
            except ValueError:
                raise Refused(391, "The time or time-zone is invalid. The correct format is hh:mm:ss xxx") from None
