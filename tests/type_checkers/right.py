"""A program that uses the client as it is meant: no type checker finds fault. `test_typing.py` checks it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import assert_type

import ib_async
import ibapi.contract  # type: ignore[import-untyped]  # pyright: ignore[reportMissingTypeStubs]

from tws_bridge_client import AsyncBridgeClient, BridgeClient, BridgeError, Commission, Fill, SqliteStore
from tws_bridge_client.generated import messages as m
from tws_bridge_client.generated import types as t

CONTRACT = t.Contract(symbol="AAPL", secType="STK", exchange="SMART", currency="USD")


def requests(client: BridgeClient) -> None:
    details = client.req_contract_details(CONTRACT, fresh=True, timeout=5)
    assert_type(details, list[m.BondContractDetails | m.ContractDetails | m.ContractDetailsEnd])
    for one in details:
        if isinstance(one, m.ContractDetails):
            assert_type(one.contractDetails.longName, str)
    assert_type(client.req_mkt_data(CONTRACT), t.Subscription)
    assert_type(client.req_mkt_data(CONTRACT, genericTickList="233", snapshot=False), t.Subscription)
    ticks = client.reqMktData(CONTRACT, snapshot=True)
    assert isinstance(ticks, list)
    assert_type(client.req_current_time().currentTime, int | None)
    assert_type(client.status().accounts, list[str])
    client.req_mkt_data({"conId": 265598, "exchange": "SMART"})
    client.req_mkt_data(ib_async.Stock("AAPL", "SMART", "USD"))
    client.req_mkt_data(ibapi.contract.Contract())


def orders(client: BridgeClient) -> Decimal:
    order = t.Order(action="BUY", orderType="LMT", totalQuantity=100, lmtPrice=187.5)
    order.totalQuantity = "7.5"
    order.lmtPrice = 187.25
    order.tif = "GTC"
    order.outsideRth = True
    order.tif, order.lmtPrice = "DAY", None
    CONTRACT.conId = 265598
    CONTRACT.primaryExch = "NASDAQ"
    order.goodTillDate = datetime(2026, 1, 5, 14, 30, tzinfo=UTC)
    assert_type(order.goodTillDate, str)
    t.Contract(secType="FUT", lastTradeDateOrContractMonth=date(2026, 12, 18))
    client.req_historical_data(CONTRACT, "1 day", "1 D", "TRADES", endDateTime=datetime.now(UTC))
    client.modify_order("entry-1", 1, order)
    assert_type(order.totalQuantity, Decimal | None)
    try:
        placed = client.place_order(CONTRACT, order, orderKey="entry-1")
    except BridgeError as error:
        assert_type(error.code, str)
        raise
    assert isinstance(placed, t.OrderFacts)
    return placed.filled or Decimal(0)


def fills(client: BridgeClient, store: SqliteStore) -> None:
    assert_type(client.fill_log(store).poll(1.0), Fill | None)
    for entry in client.fill_log(store, commissions=True):
        assert_type(entry, Fill | Commission)


async def fills_later(client: AsyncBridgeClient, store: SqliteStore) -> None:
    assert_type(await client.fill_log(store).next(), Fill)
    async for entry in client.fill_log(store, commissions=True):
        assert_type(entry, Fill | Commission)


def ticks(client: BridgeClient) -> None:
    for event in client.subscribe("market."):
        match event.message:
            case m.TickPrice(tickType=1, price=price):
                assert_type(price, float | None)
            case m.TickSize(size=size):
                assert_type(size, Decimal | None)
            case m.OrderStatus(permId=perm_id):
                assert_type(perm_id, int | None)
            case _:
                pass


def changes(client: BridgeClient) -> None:
    handle = client.order("entry-1")
    handle.modify(lmtPrice=187.5, totalQuantity="5", tif="GTC", timeout=5.0)
    handle.modify(goodTillDate=datetime.now(UTC), outsideRth=None)


async def asynchronous(client: AsyncBridgeClient) -> None:
    assert_type(await client.req_mkt_data(CONTRACT), t.Subscription)
    assert_type(await client.reqCurrentTime(), m.CurrentTime)
