"""A session of the vendor's unmodified client, in a process of its own: `python with_ibapi.py HOST PORT`.

Prints one JSON object of what it saw (its keys are explained in test_clients.py). Whatever does not come in time is
missing there; the test says what must not be.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import threading
import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from ibapi.client import EClient
from ibapi.contract import Contract, ContractDetails
from ibapi.execution import Execution
from ibapi.order import Order
from ibapi.wrapper import EWrapper

PATIENCE = 12.0


class Session(EWrapper, EClient):
    """Keeps what the callbacks bring, in `seen`; `done` names what has ended."""

    def __init__(self) -> None:
        EClient.__init__(self, self)
        self.seen: dict[str, Any] = {
            "summary": {}, "values": {}, "contracts": [], "prices": {}, "sizes": {}, "bars": [], "positions": [{}],
            "statuses": [], "open": [], "executions": [], "commissions": {}, "errors": [], "late": [],
        }  # fmt: skip
        self.done: set[str] = set()

    def wait(self, ready: Callable[[], bool]) -> bool:
        until = time.monotonic() + PATIENCE
        while not ready() and time.monotonic() < until:
            time.sleep(0.01)
        return ready()

    def wait_for(self, name: str) -> None:
        """What does not end in time is told in `late`, and the rest goes on."""
        if not self.wait(lambda: name in self.done):
            self.seen["late"].append(name)

    def error(self, reqId: int, errorTime: int, errorCode: int, errorString: str, rejectJson: str = "") -> None:
        self.seen["errors"].append([reqId, errorCode, errorString])

    def managedAccounts(self, accountsList: str) -> None:
        self.seen["accounts"] = accountsList.split(",")

    def nextValidId(self, orderId: int) -> None:
        self.seen["next_id"] = orderId

    def accountSummary(self, reqId: int, account: str, tag: str, value: str, currency: str) -> None:
        self.seen["summary"][tag] = [account, value, currency]

    def accountSummaryEnd(self, reqId: int) -> None:
        self.done.add("summary")

    def updateAccountValue(self, key: str, val: str, currency: str, accountName: str) -> None:
        self.seen["values"][key] = [accountName, val, currency]

    def accountDownloadEnd(self, accountName: str) -> None:
        self.done.add("values")

    def contractDetails(self, reqId: int, contractDetails: ContractDetails) -> None:
        contract = contractDetails.contract
        self.seen["contracts"].append(
            {
                "conId": contract.conId, "symbol": contract.symbol, "secType": contract.secType,
                "primaryExchange": contract.primaryExchange, "currency": contract.currency,
                "longName": contractDetails.longName, "minTick": contractDetails.minTick,
            }
        )  # fmt: skip

    def contractDetailsEnd(self, reqId: int) -> None:
        self.done.add("contracts")

    def tickPrice(self, reqId: int, tickType: int, price: float, attrib: Any) -> None:
        self.seen["prices"][str(tickType)] = price

    def tickSize(self, reqId: int, tickType: int, size: Decimal) -> None:
        self.seen["sizes"][str(tickType)] = float(size)

    def historicalData(self, reqId: int, bar: Any) -> None:
        row = [bar.date, bar.open, bar.high, bar.low, bar.close, float(bar.volume), float(bar.wap), bar.barCount]
        self.seen["bars"].append(row)

    def historicalDataEnd(self, reqId: int, start: str, end: str) -> None:
        self.done.add("bars")

    def position(self, account: str, contract: Contract, position: Decimal, avgCost: float) -> None:
        self.seen["positions"][-1][contract.symbol] = [account, float(position), avgCost]

    def positionEnd(self) -> None:
        self.done.add(f"positions {len(self.seen['positions'])}")

    def openOrder(self, orderId: int, contract: Contract, order: Order, orderState: Any) -> None:
        self.seen["open"].append(
            {
                "orderId": orderId, "conId": contract.conId, "action": order.action, "orderType": order.orderType,
                "totalQuantity": float(order.totalQuantity), "lmtPrice": order.lmtPrice, "account": order.account,
                "tif": order.tif, "orderRef": order.orderRef, "permId": order.permId,
            }
        )  # fmt: skip

    def orderStatus(self, orderId: int, status: str, filled: Decimal, remaining: Decimal, *rest: Any) -> None:
        self.seen["statuses"].append([orderId, status, float(filled), float(remaining), rest[0]])

    def execDetails(self, reqId: int, contract: Contract, execution: Execution) -> None:
        self.seen["executions"].append(
            {
                "execId": execution.execId, "orderId": execution.orderId, "side": execution.side,
                "shares": float(execution.shares), "price": execution.price, "conId": contract.conId,
                "cumQty": float(execution.cumQty), "permId": execution.permId,
            }
        )  # fmt: skip

    def commissionAndFeesReport(self, report: Any) -> None:
        self.seen["commissions"][report.execId] = [report.commissionAndFees, report.currency]

    def filled(self) -> bool:
        shares = sum(execution["shares"] for execution in self.seen["executions"])
        reported = {execution["execId"] for execution in self.seen["executions"]} <= self.seen["commissions"].keys()
        return bool(shares >= 100 and reported and any(status[1] == "Filled" for status in self.seen["statuses"]))


def stock() -> Contract:
    contract = Contract()
    contract.symbol, contract.secType, contract.exchange, contract.currency = "AAPL", "STK", "SMART", "USD"
    return contract


def limit(price: float) -> Order:
    order = Order()
    order.action, order.orderType, order.totalQuantity = "BUY", "LMT", Decimal(100)
    order.lmtPrice, order.tif, order.orderRef = price, "DAY", "conformance"
    return order


def run(session: Session) -> None:
    seen = session.seen
    if not session.wait(lambda: "accounts" in seen and "next_id" in seen):
        return
    seen["server_version"] = session.serverVersion()
    session.reqAccountSummary(9001, "All", "NetLiquidation,TotalCashValue")
    session.wait_for("summary")
    session.cancelAccountSummary(9001)
    session.reqAccountUpdates(True, seen["accounts"][0])
    session.wait_for("values")
    session.reqPositions()
    session.wait_for("positions 1")
    session.cancelPositions()
    session.reqContractDetails(9002, stock())
    session.wait_for("contracts")
    session.reqMktData(9003, stock(), "", False, False, [])
    session.wait(lambda: {"1", "2"} <= seen["prices"].keys() and {"0", "3"} <= seen["sizes"].keys())
    session.reqHistoricalData(9004, stock(), "", "3 D", "1 hour", "TRADES", 1, 1, False, [])
    session.wait_for("bars")
    if "2" not in seen["prices"]:
        return
    price = round(seen["prices"]["2"] * 1.01, 2)
    seen["limit"] = price
    session.placeOrder(seen["next_id"], stock(), limit(price))
    session.wait(session.filled)
    seen["positions"].append({})
    session.reqPositions()
    session.wait_for("positions 2")


def main() -> None:
    logging.getLogger("ibapi").setLevel(logging.ERROR)
    session = Session()
    session.connect(sys.argv[1], int(sys.argv[2]), 7)
    threading.Thread(target=session.run, daemon=True).start()
    try:
        run(session)
    finally:
        print(json.dumps(session.seen), flush=True)
        os._exit(0)  # its disconnect() forgets the server version while its own thread still decodes: TypeError


if __name__ == "__main__":
    main()
