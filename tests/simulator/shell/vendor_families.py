"""The vendor's own client (ibapi) asking for what is beside quotes, bars and orders, run as a process.

One JSON object on stdout says what it heard: for each callback the arguments of its first call. Arguments: port,
client id.
"""

from __future__ import annotations

import json
import sys
import threading
from typing import Any

from ibapi.contract import Contract
from ibapi.object_implem import Object
from ibapi.order import Order
from ibapi.scanner import ScannerSubscription
from vendor_client import CALLBACKS, Listener, apple, wait


class Recorder(Listener):
    """Keeps the arguments of each callback's first call, as text where JSON has nothing for them."""

    def __init__(self) -> None:
        super().__init__()
        self.first: dict[str, list[Any]] = {}

    def __getattribute__(self, name: str) -> Any:
        found = super().__getattribute__(name)
        if name not in CALLBACKS:
            return found
        first = object.__getattribute__(self, "first")

        def record(*given: Any, **named: Any) -> Any:
            first.setdefault(name, [_plain(value) for value in (*given, *named.values())])
            return found(*given, **named)

        return record


def _plain(value: Any) -> Any:
    if isinstance(value, str | int | float | bool):
        return value
    if isinstance(value, set):
        return sorted(value)
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, Object):
        return {key: _plain(one) for key, one in vars(value).items()}
    return str(value)


def by_id(con_id: int, exchange: str = "SMART") -> Contract:
    contract = Contract()
    contract.conId, contract.exchange = con_id, exchange
    return contract


def buy(quantity: int) -> Order:
    order = Order()
    order.action, order.totalQuantity, order.orderType = "BUY", quantity, "MKT"
    return order


def converse(client: Recorder) -> None:
    option = by_id(700000001)
    client.reqTickByTickData(1, apple(), "AllLast", 5, False)
    client.reqTickByTickData(2, apple(), "BidAsk", 0, False)
    client.reqTickByTickData(3, apple(), "MidPoint", 0, True)
    for asked, kind in ((4, "TRADES"), (5, "BID_ASK"), (6, "MIDPOINT")):
        client.reqHistoricalTicks(asked, apple(), "", "20260310 16:00:00 US/Eastern", 10, kind, 0, False, [])
    client.reqMktDepth(7, by_id(12087792, "IDEALPRO"), 3, False, [])
    client.reqMktDepth(8, apple(), 3, True, [])
    client.reqMktDepthExchanges()
    client.reqSecDefOptParams(9, "AAPL", "", "STK", 265598)
    client.reqMatchingSymbols(10, "AAPL")
    scan = ScannerSubscription()
    scan.instrument, scan.locationCode, scan.scanCode = "STK", "STK.US.MAJOR", "TOP_PERC_GAIN"
    client.reqScannerSubscription(11, scan, [], [])
    client.reqScannerParameters()
    client.reqNewsProviders()
    client.reqHistoricalNews(12, 265598, "BRFG+DJNL", "", "", 3, [])
    client.reqNewsBulletins(True)
    client.reqPnL(13, "DU1234567", "")
    client.reqPnLSingle(14, "DU1234567", "", 265598)
    client.reqHeadTimeStamp(15, apple(), "TRADES", 0, 1)
    client.reqHistogramData(16, apple(), False, "1 day")
    client.reqHistoricalData(17, apple(), "", "5 D", "1 day", "SCHEDULE", 1, 1, False, [])
    client.calculateOptionPrice(18, option, 0.3, 230.0, [])
    client.reqMarketRule(26)
    client.reqSmartComponents(19, "9c0001")
    client.reqSoftDollarTiers(20)
    client.reqFamilyCodes()
    client.reqUserInfo(21)
    client.reqWshMetaData(22)
    client.queryDisplayGroups(23)
    client.subscribeToGroupEvents(24, 1)
    client.requestFA(1)
    client.reqMktData(25, by_id(120549942), "", False, False, [])
    client.placeOrder(client.heard["next"], option, buy(1))
    wait(client, "execDetails", "historicalNewsEnd", "wshMetaData")
    code, article = client.first["historicalNews"][2:4]
    client.reqNewsArticle(26, code, article, [])
    client.exerciseOptions(client.heard["next"] + 1, option, 1, 1, "", 1, "", "", False)
    wait(client, *EXPECTED)


EXPECTED = (
    "tickByTickAllLast", "tickByTickBidAsk", "tickByTickMidPoint", "historicalTicks", "historicalTicksBidAsk",
    "historicalTicksLast", "updateMktDepth", "updateMktDepthL2", "mktDepthExchanges", "scannerData", "scannerDataEnd",
    "securityDefinitionOptionParameter", "securityDefinitionOptionParameterEnd", "symbolSamples", "scannerParameters",
    "newsProviders", "historicalNews", "historicalNewsEnd", "newsArticle", "updateNewsBulletin", "pnl", "pnlSingle",
    "headTimestamp", "histogramData", "historicalSchedule", "tickOptionComputation", "marketRule", "smartComponents",
    "softDollarTiers", "familyCodes", "userInfo", "wshMetaData", "displayGroupList", "displayGroupUpdated",
    "rerouteMktDataReq", "execDetails",
)  # fmt: skip


def main(port: int, client_id: int) -> None:
    client = Recorder()
    client.connect("127.0.0.1", port, client_id)
    threading.Thread(target=client.run, daemon=True).start()
    client.ready.wait(10)
    converse(client)
    version = client.serverVersion()
    client.disconnect()
    missing = [name for name in EXPECTED if name not in client.first]
    errors = client.heard["errors"]
    print(json.dumps({"version": version, "missing": missing, "errors": errors, "first": client.first}))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
