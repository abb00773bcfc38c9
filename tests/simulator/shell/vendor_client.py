"""A program with the vendor's own client (ibapi), run as a process: one JSON object on stdout says what it heard.

Arguments: port, client id.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from typing import Any

from ibapi.client import EClient
from ibapi.contract import Contract
from ibapi.execution import ExecutionFilter
from ibapi.order import Order
from ibapi.wrapper import EWrapper


class Listener(EWrapper, EClient):  # type: ignore[misc]
    """Counts every callback and keeps what the test looks at."""

    def __init__(self) -> None:
        EClient.__init__(self, self)
        self.counts: dict[str, int] = {}
        self.heard: dict[str, Any] = {"statuses": [], "errors": []}
        self.ready = threading.Event()

    def __getattribute__(self, name: str) -> Any:
        if name in CALLBACKS:
            counts = object.__getattribute__(self, "counts")
            counts[name] = counts.get(name, 0) + 1
        return object.__getattribute__(self, name)

    def nextValidId(self, orderId: int) -> None:
        self.heard["next"] = orderId
        self.ready.set()

    def managedAccounts(self, accountsList: str) -> None:
        self.heard["accounts"] = accountsList

    def tickPrice(self, reqId: int, tickType: int, price: float, attrib: Any) -> None:
        self.heard.setdefault("prices", {})[str(tickType)] = price

    def contractDetails(self, reqId: int, contractDetails: Any) -> None:
        self.heard["details"] = [contractDetails.contract.conId, contractDetails.longName, contractDetails.minTick]

    def historicalData(self, reqId: int, bar: Any) -> None:
        self.heard.setdefault("bars", []).append([bar.date, bar.open, bar.high, bar.low, bar.close])

    def position(self, account: str, contract: Any, position: Any, avgCost: float) -> None:
        self.heard["position"] = [account, contract.symbol, str(position), avgCost]

    def orderStatus(self, orderId: int, status: str, filled: Any, remaining: Any, *rest: Any) -> None:
        self.heard["statuses"].append([orderId, status, str(filled), str(remaining)])

    def execDetails(self, reqId: int, contract: Any, execution: Any) -> None:
        fill = [execution.orderId, execution.side, str(execution.shares), execution.price, execution.execId]
        self.heard["execution"] = fill

    def commissionAndFeesReport(self, report: Any) -> None:
        self.heard["commission"] = [report.execId, report.commissionAndFees, report.currency]

    def error(self, reqId: int, errorTime: int, errorCode: int, errorString: str, *rest: Any) -> None:
        self.heard["errors"].append([reqId, errorCode])


CALLBACKS = frozenset(name for name in dir(EWrapper) if not name.startswith("_") and not name.endswith("ProtoBuf"))


def apple() -> Contract:
    contract = Contract()
    contract.symbol, contract.secType, contract.exchange, contract.currency = "AAPL", "STK", "SMART", "USD"
    return contract


def order(action: str, quantity: int, kind: str, price: float = 0.0) -> Order:
    made = Order()
    made.action, made.totalQuantity, made.orderType, made.lmtPrice = action, quantity, kind, price
    return made


def wait(client: Listener, *names: str) -> None:
    """Until each callback has been heard, ten seconds at most."""
    end = time.monotonic() + 10
    while time.monotonic() < end and not all(client.counts.get(name) for name in names):
        time.sleep(0.01)


def main(port: int, client_id: int) -> None:
    client = Listener()
    client.connect("127.0.0.1", port, client_id)
    threading.Thread(target=client.run, daemon=True).start()
    if client.ready.wait(5):
        converse(client)
    else:
        time.sleep(0.2)
    version = client.serverVersion()
    client.disconnect()
    print(json.dumps({"version": version, "counts": client.counts, **client.heard}))


def converse(client: Listener) -> None:
    first = client.heard["next"]
    client.reqMktData(1, apple(), "233", False, False, [])
    client.reqContractDetails(2, apple())
    client.reqHistoricalData(3, apple(), "", "1800 S", "5 mins", "TRADES", 0, 1, False, [])
    client.reqAccountUpdates(True, "")
    client.reqAccountSummary(4, "All", "NetLiquidation,TotalCashValue")
    client.reqCurrentTime()
    wait(client, "contractDetailsEnd", "historicalDataEnd", "accountDownloadEnd", "accountSummaryEnd", "tickPrice")
    ask = client.heard["prices"]["2"]
    client.placeOrder(first, apple(), order("BUY", 100, "LMT", round(ask + 1, 2)))
    client.placeOrder(first + 1, apple(), order("BUY", 100, "LMT", round(ask - 50, 2)))
    wait(client, "execDetails", "commissionAndFeesReport")
    cancel(client, first + 1)
    client.reqPositions()
    client.reqAllOpenOrders()
    client.reqExecutions(5, ExecutionFilter())
    client.reqCompletedOrders(False)
    client.reqContractDetails(6, Contract())
    wait(client, "positionEnd", "openOrderEnd", "execDetailsEnd", "completedOrdersEnd", "currentTime")
    end = time.monotonic() + 5
    while time.monotonic() < end and [first + 1, 202] not in client.heard["errors"]:
        time.sleep(0.01)


def cancel(client: Listener, order_id: int) -> None:
    from ibapi.order_cancel import OrderCancel

    client.cancelOrder(order_id, OrderCancel())


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
