"""Names that other programs use for what the bridge calls otherwise, and the answer to a name that is unknown.

A name is here only if `ibapi` (IBKR's client), IBKR's documentation of the TWS API, or `ib_async` has it, the bridge
has another name for the same thing, and a field or method of that other name exists.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from functools import lru_cache

#: Field or parameter -> the bridge's names for it. The first one that the params or the record have is the right one.
FIELDS: dict[str, tuple[str, ...]] = {
    # ibapi.client.EClient: parameters of requests. Most of them are in ib_async.IB too.
    "allMsgs": ("allMessages",),
    "bAutoBind": ("autoBind",),
    "cxml": ("xml",),
    "durationStr": ("duration",),
    "execFilter": ("executionFilter",),
    "faData": ("faDataType",),
    "groupName": ("group",),
    "implVolOptions": ("impliedVolatilityOptions",),
    "mktDataOptions": ("marketDataOptions",),
    "mktDepthOptions": ("marketDepthOptions",),
    "optPrcOptions": ("optionPriceOptions",),
    "orderId": ("orderKey",),
    "subscription": ("scannerSubscription",),
    # IBKR's documentation of reqExecutions, and of reqHistogramData (ib_async: `period`).
    "filter": ("executionFilter",),
    "period": ("timePeriod",),
    # ib_async.IB.reqAccountUpdates.
    "account": ("acctCode",),
    # ibapi and ib_async: fields of Contract, ComboLeg, ContractDetails, Execution, SoftDollarTier and conditions.
    "condType": ("type",),
    "exch": ("exchange",),
    "liquidation": ("isLiquidation",),
    "notes": ("bondNotes",),
    "pendingPriceRevision": ("isPriceRevisionPending",),
    "primaryExchange": ("primaryExch",),
    "putable": ("puttable",),
    "fundSubsequentMinimumPurchase": ("fundMinimumSubsequentPurchase",),
    "shortSaleSlot": ("shortSalesSlot",),
    "val": ("value",),
    # ib_async: conditions, OrderState, NewsProvider, and the constructor of StopOrder.
    "code": ("providerCode",),
    "commission": ("commissionAndFees",),
    "commissionCurrency": ("commissionAndFeesCurrency",),
    "conjunction": ("isConjunctionConnection",),
    "maxCommission": ("maxCommissionAndFees",),
    "minCommission": ("minCommissionAndFees",),
    "name": ("providerName",),
    "stopPrice": ("auxPrice",),
}

#: Method -> the bridge's method that does the same.
METHODS: dict[str, tuple[str, ...]] = {
    # ib_async.IB.
    "accountSummary": ("reqAccountSummary",),
    "bracketOrder": ("placeOrders",),
    "oneCancelsAll": ("placeOrders",),
    "qualifyContracts": ("reqContractDetails",),
    "reqHistoricalSchedule": ("reqHistoricalData",),
    "reqScannerData": ("reqScannerSubscription",),
    "reqTickers": ("reqMktData",),
    "whatIfOrder": ("placeOrder",),
    # ibapi.client.EClient: the names of its protobuf requests.
    "reqContractData": ("reqContractDetails",),
    "reqFA": ("requestFA",),
    "reqMarketData": ("reqMktData",),
    "reqMarketDepth": ("reqMktDepth",),
}

_GONE = "leave it out: TWS does not take it any more"
_NUMBERED = "leave it out: the bridge numbers the requests"
_STOP_LOSS = "place the stop loss as a child of the order, with placeOrders"
_PROFIT = "place the take profit as a child of the order, with placeOrders"

#: Names of `ibapi` and `ib_async` for which the bridge has no field or method, and what to do instead.
NOTES: dict[str, str] = {
    "reqId": _NUMBERED,
    "tickerId": _NUMBERED,
    "slOrderId": _STOP_LOSS,
    "slOrderType": _STOP_LOSS,
    "ptOrderId": _PROFIT,
    "ptOrderType": _PROFIT,
    "expiry": "its name is lastTradeDateOrContractMonth",
    "orderComboLegs": "give perLegPrice in the legs of the contract",
    "wshEventData": "give its fields as params",
    "manualCancelOrderTime": "give manualOrderCancelTime in orderCancel",
    "scannerSubscriptionOptions": "give it in scannerSubscription",
    "scannerSubscriptionFilterOptions": "give it in scannerSubscription",
    "basisPoints": _GONE,
    "basisPointsType": _GONE,
    "eTradeOnly": _GONE,
    "faProfile": _GONE,
    "firmQuoteOnly": _GONE,
    "nbboPriceCap": _GONE,
    "rule80A": _GONE,
    "reqFundamentalData": "IBKR has removed it from the API",
    "cancelFundamentalData": "IBKR has removed it from the API",
}

_LONGEST = 64


def near_field(name: str, known: Iterable[str]) -> str:
    """`; did you mean duration?`, `; leave it out: ...`, or nothing if no known field is near to `name`."""
    return _near(name[:_LONGEST], tuple(known), is_method=False)


def near_method(name: str, known: Iterable[str]) -> str:
    """`; did you mean reqMktData?`, or nothing if no known method is near to `name`."""
    return _near(name[:_LONGEST], tuple(known), is_method=True)


@lru_cache(maxsize=1024)
def _near(name: str, known: tuple[str, ...], *, is_method: bool) -> str:
    aliases = METHODS if is_method else FIELDS
    if found := [other for other in aliases.get(name, ()) if other in known]:
        return f"; did you mean {found[0]}?"
    if name in NOTES:
        return f"; {NOTES[name]}"
    names = {other.lower(): other for other in known}
    close = get_close_matches(name.lower(), names, 1, 0.6)
    return f"; did you mean {names[close[0]]}?" if close else ""
