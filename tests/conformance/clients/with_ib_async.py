"""A session of the unmodified ib_async, in a process of its own: `python with_ib_async.py HOST PORT`.

Prints the same JSON object as with_ibapi.py.
"""

from __future__ import annotations

import asyncio
import json
import math
import sys
from collections.abc import Callable
from typing import Any

from ib_async import IB, LimitOrder, Stock, Ticker

PATIENCE = 12.0


async def wait(ready: Callable[[], bool]) -> bool:
    until = asyncio.get_running_loop().time() + PATIENCE
    while not ready() and asyncio.get_running_loop().time() < until:
        await asyncio.sleep(0.01)
    return ready()


def account(ib: IB, seen: dict[str, Any]) -> None:
    for row in ib.accountValues():
        seen["values"][row.tag] = [row.account, row.value, row.currency]


def positions(ib: IB) -> dict[str, Any]:
    return {row.contract.symbol: [row.account, row.position, row.avgCost] for row in ib.positions()}


def quote(ticker: Ticker, seen: dict[str, Any]) -> None:
    prices = {"1": ticker.bid, "2": ticker.ask, "4": ticker.last}
    sizes = {"0": ticker.bidSize, "3": ticker.askSize, "5": ticker.lastSize}
    seen["prices"] = {key: value for key, value in prices.items() if not math.isnan(value)}
    seen["sizes"] = {key: value for key, value in sizes.items() if not math.isnan(value)}


async def summary(ib: IB, seen: dict[str, Any]) -> None:
    for row in await ib.accountSummaryAsync():
        seen["summary"][row.tag] = [row.account, row.value, row.currency]


async def contracts(ib: IB, seen: dict[str, Any]) -> None:
    for details in await ib.reqContractDetailsAsync(Stock("AAPL", "SMART", "USD")):
        found = details.contract
        assert found is not None
        seen["contracts"].append(
            {
                "conId": found.conId,
                "symbol": found.symbol,
                "secType": found.secType,
                "primaryExchange": found.primaryExchange,
                "currency": found.currency,
                "longName": details.longName,
                "minTick": details.minTick,
            }
        )


async def quotes(ib: IB, seen: dict[str, Any]) -> None:
    contract = Stock("AAPL", "SMART", "USD")
    await ib.qualifyContractsAsync(contract)
    ticker = ib.reqMktData(contract)
    await wait(lambda: not any(math.isnan(one) for one in (ticker.bid, ticker.ask, ticker.bidSize, ticker.askSize)))
    quote(ticker, seen)


async def history(ib: IB, seen: dict[str, Any]) -> None:
    contract = Stock("AAPL", "SMART", "USD")
    for bar in await ib.reqHistoricalDataAsync(contract, "", "3 D", "1 hour", "TRADES", True):
        row = [str(bar.date), bar.open, bar.high, bar.low, bar.close, bar.volume, bar.average, bar.barCount]
        seen["bars"].append(row)


async def trade(ib: IB, seen: dict[str, Any]) -> None:
    seen["limit"] = round(seen["prices"]["2"] * 1.01, 2)
    contract = Stock("AAPL", "SMART", "USD")
    await ib.qualifyContractsAsync(contract)
    order = LimitOrder("BUY", 100, seen["limit"], tif="DAY", orderRef="conformance")
    placed = ib.placeOrder(contract, order)
    placed.statusEvent += lambda one: seen["statuses"].append(
        [
            one.order.orderId,
            one.orderStatus.status,
            one.orderStatus.filled,
            one.orderStatus.remaining,
            one.orderStatus.avgFillPrice,
        ]
    )
    await wait(lambda: placed.isDone() and all(fill.commissionReport.execId for fill in placed.fills))
    await wait(lambda: sum(fill.execution.shares for fill in placed.fills) >= 100)
    order = placed.order
    seen["next_id"] = order.orderId
    seen["open"].append(
        {
            "orderId": order.orderId, "conId": placed.fills[0].contract.conId if placed.fills else 0,
            "action": order.action, "orderType": order.orderType, "totalQuantity": order.totalQuantity,
            "lmtPrice": order.lmtPrice, "account": order.account, "tif": order.tif, "orderRef": order.orderRef,
            "permId": order.permId,
        }
    )  # fmt: skip
    for fill in placed.fills:
        execution, report = fill.execution, fill.commissionReport
        seen["executions"].append(
            {
                "execId": execution.execId, "orderId": execution.orderId, "side": execution.side,
                "shares": execution.shares, "price": execution.price, "conId": fill.contract.conId,
                "cumQty": execution.cumQty, "permId": execution.permId,
            }
        )  # fmt: skip
        seen["commissions"][report.execId] = [report.commission, report.currency]
    await ib.reqPositionsAsync()
    seen["positions"].append(positions(ib))


async def run(ib: IB, seen: dict[str, Any]) -> None:
    """Step by step; one that gets no answer is told in `late`, and the others go on."""
    await ib.connectAsync(sys.argv[1], int(sys.argv[2]), clientId=7, timeout=PATIENCE)
    seen["server_version"] = ib.client.serverVersion()
    seen["accounts"] = ib.managedAccounts()
    seen["positions"] = [positions(ib)]
    account(ib, seen)
    for step in (summary, contracts, quotes, history, trade):
        try:
            await asyncio.wait_for(step(ib, seen), PATIENCE)
        except TimeoutError:
            seen["late"].append(step.__name__)


async def main() -> None:
    seen: dict[str, Any] = {
        "summary": {}, "values": {}, "contracts": [], "prices": {}, "sizes": {}, "bars": [], "positions": [],
        "statuses": [], "open": [], "executions": [], "commissions": {}, "errors": [], "late": [],
    }  # fmt: skip
    ib = IB()
    ib.errorEvent += lambda *given: seen["errors"].append(list(given[:3]))
    try:
        await run(ib, seen)
    finally:
        ib.disconnect()
        print(json.dumps(seen))


if __name__ == "__main__":
    asyncio.run(main())
