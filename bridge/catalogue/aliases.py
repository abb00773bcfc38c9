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

_BRACKET = "place the orders with placeOrders, where each child names its parent by parentKey"
_STREAM = "subscribe with reqMktData; the ticks are events below market."
_ACCOUNT = "subscribe with reqAccountUpdates; the values are events below account."
_EACH_EVENT = "subscribe to the topics that you need; the bridge publishes each event"
_CALL = "the reply to your request says what became of it"
_SHARED = "the bridge is connected to TWS; status says how the connection is"

#: What `ib_async.IB` has, and how a client of the bridge does it, where another method alone does not do the same.
METHOD_NOTES: dict[str, str] = {
    "accountValues": _ACCOUNT,
    "bracketOrder": _BRACKET,
    "connect": _SHARED,
    "disconnect": "close your sockets; the bridge stays connected to TWS",
    "executions": "your own are in orderLog; reqExecutions has those of TWS",
    "fills": "your own are in orderLog; reqExecutions has those of TWS",
    "isConnected": _SHARED,
    "managedAccounts": "ask reqManagedAccts",
    "newsTicks": "subscribe to the topics below news.",
    "oneCancelsAll": "give the orders the same ocaGroup, and place them with placeOrders",
    "openOrders": "ask reqOpenOrders",
    "openTrades": "ask reqOpenOrders; each event of your orders is in orderLog",
    "orders": "ask orderLog, which has each event of your orders",
    "pendingTickers": _STREAM,
    "pnl": "subscribe with reqPnL",
    "pnlSingle": "subscribe with reqPnLSingle",
    "portfolio": _ACCOUNT,
    "positions": "subscribe with reqPositions",
    "qualifyContracts": "ask reqContractDetails, whose answer has the whole contract with its conId",
    "realtimeBars": "subscribe with reqRealTimeBars; the bars are events below bars.",
    "reqHistoricalSchedule": 'ask reqHistoricalData with whatToShow "SCHEDULE"',
    "reqTickers": "ask reqMktData with snapshot true",
    "ticker": _STREAM,
    "tickers": _STREAM,
    "trades": "ask orderLog, which has each event of your orders",
    "waitOnUpdate": _EACH_EVENT,
    "whatIfOrder": "use placeOrder with whatIf true in the order",
    # Its events.
    "accountSummaryEvent": "subscribe to account.<account>.accountSummary",
    "accountValueEvent": "subscribe to account.<account>.updateAccountValue",
    "barUpdateEvent": "subscribe to the topics below bars.",
    "cancelOrderEvent": _CALL,
    "commissionReportEvent": "subscribe to the topics below order., or ask orderLog",
    "connectedEvent": "subscribe to system.connection",
    "disconnectedEvent": "subscribe to system.connection",
    "errorEvent": "errors are in replies, in the events of orders, and in system.notice",
    "execDetailsEvent": "subscribe to the topics below order., or ask orderLog",
    "newOrderEvent": _CALL,
    "newsBulletinEvent": "subscribe to the topics below news.",
    "openOrderEvent": "subscribe to the topics below order., or ask orderLog",
    "orderModifyEvent": _CALL,
    "orderStatusEvent": "subscribe to the topics below order., or ask orderLog",
    "pendingTickersEvent": "subscribe to the topics below market.",
    "pnlEvent": "subscribe to account.<account>.pnl",
    "pnlSingleEvent": "subscribe to account.<account>.pnlSingle",
    "positionEvent": "subscribe to account.<account>.position",
    "scannerDataEvent": "subscribe to the topics below scanner.",
    "tickNewsEvent": "subscribe to the topics below news.",
    "timeoutEvent": "subscribe to system.heartbeat",
    "updateEvent": _EACH_EVENT,
    "updatePortfolioEvent": "subscribe to account.<account>.updatePortfolio",
    "wshEvent": "the reply to reqWshEventData has the answer",
    "wshMetaEvent": "the reply to reqWshMetaData has the answer",
}

_LONGEST = 64


def near_field(name: str, known: Iterable[str]) -> str:
    """`; did you mean duration?`, `; leave it out: ...`, or nothing if no known field is near to `name`."""
    return _near(name[:_LONGEST], tuple(known), is_method=False)


def near_method(name: str, known: Iterable[str]) -> str:
    """`; did you mean reqMktData?`, `; ask orderLog, ...`, or nothing if no known method is near to `name`.

    The coroutines of ib_async have the names of its functions, with `Async` at the end.
    """
    name = name.removesuffix("Async")
    if name in METHOD_NOTES:
        return f"; {METHOD_NOTES[name]}"
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
