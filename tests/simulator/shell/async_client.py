"""A program with ib_async, run as a process: one JSON object on stdout says what it saw. Argument: port."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from ib_async import IB, LimitOrder, MarketOrder, Stock


async def main(port: int) -> dict[str, Any]:
    ib = IB()
    await ib.connectAsync("127.0.0.1", port, clientId=3, timeout=10)
    seen: dict[str, Any] = {"version": ib.client.serverVersion(), "accounts": ib.managedAccounts()}
    seen["values"] = len(ib.accountValues())
    (apple,) = await ib.qualifyContractsAsync(Stock("AAPL", "SMART", "USD"))
    seen["conId"] = apple.conId
    ticker = ib.reqMktData(apple)
    for _ in range(500):
        await asyncio.sleep(0.01)
        if ticker.bid == ticker.bid and ticker.ask == ticker.ask:
            break
    seen["quote"] = [ticker.bid, ticker.ask]
    bars = await ib.reqHistoricalDataAsync(apple, "", "2 D", "1 hour", "TRADES", True, 1, False)
    seen["bars"] = len(bars)
    state = await ib.whatIfOrderAsync(apple, MarketOrder("BUY", 100))
    seen["margin"] = float(state.initMarginChange)
    trade = ib.placeOrder(apple, LimitOrder("BUY", 100, round(ticker.ask + 1, 2)))
    for _ in range(500):
        await asyncio.sleep(0.01)
        if trade.isDone() and all(fill.commissionReport.execId for fill in trade.fills):
            break
    seen["status"], seen["filled"] = trade.orderStatus.status, float(trade.filled())
    seen["commission"] = sum(fill.commissionReport.commission for fill in trade.fills)
    seen["positions"] = [[p.contract.symbol, float(p.position)] for p in ib.positions()]
    waiting = ib.placeOrder(apple, LimitOrder("BUY", 1, 100.0))
    await asyncio.sleep(0.1)
    ib.cancelOrder(waiting.order)
    for _ in range(500):
        await asyncio.sleep(0.01)
        if waiting.isDone():
            break
    seen["cancelled"] = waiting.orderStatus.status
    ib.disconnect()
    return seen


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(int(sys.argv[1])))))
