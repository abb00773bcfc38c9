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

_LONGEST = 64


def near_field(name: str, known: Iterable[str]) -> str:
    """`; did you mean duration?`, or nothing if no known field is near to `name`."""
    return _near(name[:_LONGEST], tuple(known), is_method=False)


def near_method(name: str, known: Iterable[str]) -> str:
    """`; did you mean reqMktData?`, or nothing if no known method is near to `name`."""
    return _near(name[:_LONGEST], tuple(known), is_method=True)


@lru_cache(maxsize=1024)
def _near(name: str, known: tuple[str, ...], *, is_method: bool) -> str:
    aliases = METHODS if is_method else FIELDS
    if found := [other for other in aliases.get(name, ()) if other in known]:
        return f"; did you mean {found[0]}?"
    names = {other.lower(): other for other in known}
    close = get_close_matches(name.lower(), names, 1, 0.6)
    return f"; did you mean {names[close[0]]}?" if close else ""
