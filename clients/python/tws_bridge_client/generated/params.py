"""The kinds of the params of each request, as annotations of `types`.

`tws-bridge schemas` writes this file. Nobody edits it by hand.
"""

from __future__ import annotations

PARAMS: dict[str, dict[str, str]] = {
    "abandon": {
        "orderKey": "str",
        "orderId": "int",
        "owner": "str",
        "force": "bool",
    },
    "awaitOrder": {
        "orderKey": "str",
        "owner": "str",
        "until": "Literal[\"acknowledged\", \"ended\"]",
        "timeout": "float",
    },
    "calculateImpliedVolatility": {
        "contract": "Contract",
        "optionPrice": "float",
        "underPrice": "float",
        "impliedVolatilityOptions": "dict[str, str]",
    },
    "calculateOptionPrice": {
        "contract": "Contract",
        "volatility": "float",
        "underPrice": "float",
        "optionPriceOptions": "dict[str, str]",
    },
    "cancelMine": {
        "orderCancel": "OrderCancel",
    },
    "cancelOrder": {
        "orderCancel": "OrderCancel",
        "orderKey": "str",
        "orderId": "int",
        "owner": "str",
    },
    "exerciseOptions": {
        "contract": "Contract",
        "exerciseAction": "Literal[1, 2]",
        "exerciseQuantity": "int",
        "account": "str",
        "override": "bool",
        "manualOrderTime": "Moment",
        "customerAccount": "str",
        "professionalCustomer": "bool",
        "orderKey": "str",
        "duringRestart": "Literal[\"refuse\", \"hold\"]",
    },
    "halt": {
        "reason": "str",
    },
    "hello": {
        "instance": "str",
    },
    "modifyOrder": {
        "orderKey": "str",
        "owner": "str",
        "revision": "int",
        "contract": "Contract",
        "order": "ChangedOrder",
        "duringRestart": "Literal[\"refuse\", \"hold\"]",
    },
    "orderLog": {
        "after": "int",
        "limit": "int",
    },
    "placeOrder": {
        "orderKey": "str",
        "contract": "Contract",
        "order": "Order",
        "parentKey": "str",
        "duringRestart": "Literal[\"refuse\", \"hold\"]",
    },
    "placeOrders": {
        "orders": "list[PlacedOrder]",
        "duringRestart": "Literal[\"refuse\", \"hold\"]",
    },
    "release": {
        "stream": "str",
        "method": "str",
    },
    "reload": {
        "dryRun": "bool",
    },
    "replaceFA": {
        "faDataType": "Literal[1, 2, 3]",
        "xml": "str",
        "onceKey": "str",
    },
    "reqAccountSummary": {
        "group": "str",
        "tags": "str",
    },
    "reqAccountUpdates": {
        "subscribe": "bool",
        "acctCode": "str",
    },
    "reqAccountUpdatesMulti": {
        "account": "str",
        "modelCode": "str",
        "ledgerAndNLV": "bool",
    },
    "reqAutoOpenOrders": {
        "autoBind": "bool",
    },
    "reqCompletedOrders": {
        "apiOnly": "bool",
    },
    "reqContractDetails": {
        "contract": "Contract",
    },
    "reqExecutions": {
        "executionFilter": "ExecutionFilter",
    },
    "reqGlobalCancel": {
        "orderCancel": "OrderCancel",
    },
    "reqHeadTimeStamp": {
        "contract": "Contract",
        "useRTH": "bool",
        "whatToShow": "str",
        "formatDate": "Literal[1, 2]",
    },
    "reqHistogramData": {
        "contract": "Contract",
        "useRTH": "bool",
        "timePeriod": "str",
    },
    "reqHistoricalData": {
        "contract": "Contract",
        "endDateTime": "Moment",
        "barSizeSetting": "str",
        "duration": "str",
        "useRTH": "bool",
        "whatToShow": "str",
        "formatDate": "Literal[1, 2]",
        "keepUpToDate": "bool",
        "chartOptions": "dict[str, str]",
    },
    "reqHistoricalNews": {
        "conId": "int",
        "providerCodes": "str",
        "startDateTime": "str",
        "endDateTime": "str",
        "totalResults": "int",
        "historicalNewsOptions": "dict[str, str]",
    },
    "reqHistoricalTicks": {
        "contract": "Contract",
        "startDateTime": "Moment",
        "endDateTime": "Moment",
        "numberOfTicks": "int",
        "whatToShow": "str",
        "useRTH": "bool",
        "ignoreSize": "bool",
        "miscOptions": "dict[str, str]",
    },
    "reqIds": {
        "numIds": "int",
    },
    "reqMarketDataType": {
        "marketDataType": "Literal[1, 2, 3, 4]",
    },
    "reqMarketRule": {
        "marketRuleId": "int",
    },
    "reqMatchingSymbols": {
        "pattern": "str",
    },
    "reqMktData": {
        "contract": "Contract",
        "genericTickList": "str",
        "snapshot": "bool",
        "regulatorySnapshot": "bool",
        "marketDataOptions": "dict[str, str]",
        "onceKey": "str",
    },
    "reqMktDepth": {
        "contract": "Contract",
        "numRows": "int",
        "isSmartDepth": "bool",
        "marketDepthOptions": "dict[str, str]",
    },
    "reqNewsArticle": {
        "providerCode": "str",
        "articleId": "str",
        "newsArticleOptions": "dict[str, str]",
    },
    "reqNewsBulletins": {
        "allMessages": "bool",
    },
    "reqPnL": {
        "account": "str",
        "modelCode": "str",
    },
    "reqPnLSingle": {
        "account": "str",
        "modelCode": "str",
        "conId": "int",
    },
    "reqPositionsMulti": {
        "account": "str",
        "modelCode": "str",
    },
    "reqRealTimeBars": {
        "contract": "Contract",
        "barSize": "int",
        "whatToShow": "Literal[\"TRADES\", \"MIDPOINT\", \"BID\", \"ASK\"]",
        "useRTH": "bool",
        "realTimeBarsOptions": "dict[str, str]",
    },
    "reqScannerSubscription": {
        "scannerSubscription": "ScannerSubscription",
    },
    "reqSecDefOptParams": {
        "underlyingSymbol": "str",
        "futFopExchange": "str",
        "underlyingSecType": "str",
        "underlyingConId": "int",
    },
    "reqSmartComponents": {
        "bboExchange": "str",
    },
    "reqTickByTickData": {
        "contract": "Contract",
        "tickType": "Literal[\"Last\", \"AllLast\", \"BidAsk\", \"MidPoint\"]",
        "numberOfTicks": "int",
        "ignoreSize": "bool",
    },
    "reqWshEventData": {
        "conId": "int",
        "filter": "str",
        "fillWatchlist": "bool",
        "fillPortfolio": "bool",
        "fillCompetitors": "bool",
        "startDate": "Day",
        "endDate": "Day",
        "totalLimit": "int",
    },
    "requestFA": {
        "faDataType": "Literal[1, 2, 3]",
    },
    "sequences": {
        "prefix": "str",
    },
    "setServerLogLevel": {
        "logLevel": "Literal[1, 2, 3, 4, 5]",
    },
    "snapshot": {
        "prefix": "str",
        "nonce": "str",
    },
    "subscribeToGroupEvents": {
        "groupId": "int",
    },
    "updateConfig": {
        "lockAndExit": "LockAndExitConfig",
        "messages": "list[MessageConfig]",
        "api": "ApiConfig",
        "orders": "OrdersConfig",
        "acceptedWarnings": "list[UpdateConfigWarning]",
        "resetAPIOrderSequence": "bool",
        "onceKey": "str",
    },
    "updateDisplayGroup": {
        "contractInfo": "str",
        "stream": "str",
    },
}

#: The param that is the key of what a method does once. A program that gives it gives a text.
CHOSEN_KEYS: dict[str, str] = {
    "awaitOrder": "orderKey",
    "exerciseOptions": "orderKey",
    "modifyOrder": "orderKey",
    "placeOrder": "orderKey",
    "replaceFA": "onceKey",
    "reqMktData": "onceKey",
    "updateConfig": "onceKey",
}
