"""How the vendor's Python client names what we declare, wherever it does not use our (that is protobuf's) names.

Facts only: parameter names of EWrapper and EClient, attribute names of its data classes. A name that is not listed here
is the same on both sides; a field that the vendor lacks is named in `LACKING`, with the reason.
"""

from __future__ import annotations

#: message -> our field -> the parameter of the vendor's callback or method.
PARAMETERS: dict[str, dict[str, str]] = {
    "pnlSingle": {"position": "pos"},
    "positionMulti": {"position": "pos"},
    "updateAccountValue": {"value": "val"},
    "receiveFA": {"faDataType": "faData", "xml": "cxml"},
    "mktDepthExchanges": {"depthMarketDataDescriptions": "depthMktDataDescriptions"},
    "histogramData": {"histogramDataEntries": "items"},
    "historicalDataEnd": {"startDateStr": "start", "endDateStr": "end"},
    "historicalDataUpdate": {"historicalDataBar": "bar"},
    "historicalSchedule": {"historicalSessions": "sessions"},
    "historicalTicks": {"historicalTicks": "ticks", "isDone": "done"},
    "historicalTicksBidAsk": {"historicalTicksBidAsk": "ticks", "isDone": "done"},
    "historicalTicksLast": {"historicalTicksLast": "ticks", "isDone": "done"},
    "realtimeBar": {"open": "open_", "WAP": "wap"},
    "tickNews": {"timestamp": "timeStamp"},
    "updateNewsBulletin": {
        "newsMsgId": "msgId",
        "newsMsgType": "msgType",
        "originatingExch": "originExch",
    },
    "smartComponents": {"smartComponents": "smartComponentMap"},
    "softDollarTiers": {"softDollarTiers": "tiers"},
    "currentTime": {"currentTime": "time"},
    "currentTimeInMillis": {"currentTimeInMillis": "timeInMillis"},
    "error": {"id": "reqId", "errorMsg": "errorString"},
    "reqAccountSummary": {"group": "groupName"},
    "reqPnLSingle": {"conId": "conid"},
    "requestFA": {"faDataType": "faData"},
    "replaceFA": {"faDataType": "faData", "xml": "cxml"},
    "reqMktDepth": {"marketDepthOptions": "mktDepthOptions"},
    "reqMktData": {"marketDataOptions": "mktDataOptions"},
    "reqHistoricalData": {"duration": "durationStr"},
    "calculateImpliedVolatility": {"impliedVolatilityOptions": "implVolOptions"},
    "calculateOptionPrice": {"optionPriceOptions": "optPrcOptions"},
    "reqNewsBulletins": {"allMessages": "allMsgs"},
    "reqHistoricalTicks": {"useRTH": "useRth"},
    "exerciseOptions": {"orderId": "reqId"},
    "reqAutoOpenOrders": {"autoBind": "bAutoBind"},
    "reqExecutions": {"executionFilter": "execFilter"},
}

#: A request id goes by these names in the vendor's signatures.
REQUEST_IDS = ("reqId", "tickerId", "requestId")

#: record (or message, where one object holds it all) -> our field -> the attribute of the vendor's object.
ATTRIBUTES: dict[str, dict[str, str]] = {
    "Contract": {"primaryExch": "primaryExchange"},
    "ComboLeg": {"shortSalesSlot": "shortSaleSlot"},
    "ContractDetails": {
        "puttable": "putable",
        "bondNotes": "notes",
        "fundMinimumSubsequentPurchase": "fundSubsequentMinimumPurchase",
    },
    "Execution": {"isLiquidation": "liquidation", "isPriceRevisionPending": "pendingPriceRevision"},
    "commissionAndFeesReport": {"bondYield": "yield_"},
    "SoftDollarTier": {"value": "val"},
    "IneligibilityReason": {"id": "id_"},
    "HistoricalDataBar": {"WAP": "wap"},
    "FamilyCode": {"accountId": "accountID", "familyCode": "familyCodeStr"},
    "NewsProvider": {"providerCode": "code", "providerName": "name"},
    "OrderCondition": {"type": "condType"},
}


def parameter(message: str, field: str, known: tuple[str, ...]) -> str | None:
    """The vendor's parameter for a field of ours among those that its signature knows; None if it has none."""
    name = PARAMETERS.get(message, {}).get(field, field)
    if name in known:
        return name
    if field == "reqId":
        return next((one for one in REQUEST_IDS if one in known), None)
    return None


def attribute(record: str, field: str) -> str:
    return ATTRIBUTES.get(record, {}).get(field, field)
