"""Lifetimes of live objects of both clients against a bridge and the simulator."""

from __future__ import annotations

import asyncio
import threading

import pytest

from tests.chaos.world import AAPL
from tws_bridge_client import AsyncBridgeClient
from tws_bridge_client.closed import Closed

LIMIT = 20.0
MARKET = {"orderType": "MKT", "totalQuantity": "3", "tif": "DAY"}
INSTRUMENT = {"symbol": "MSFT", "secType": "STK", "exchange": "SMART", "currency": "USD"}


def held(client):
    return [stream["stream"] for stream in client.request("status")["streams"] if stream["held"]]


def sizes(items):
    return {item.contract.symbol: item.position for item in items}


def test_positions_that_were_closed_between_two_looks_are_gone(bridge):
    """The account stays open, so the client follows its topics all the time."""
    with bridge.client("looker") as client, bridge.client("dealer") as dealer:
        account = client.account()
        assert dealer.place("open-1", INSTRUMENT, {"action": "BUY", **MARKET}).wait(LIMIT)
        positions = client.positions()
        assert client.wait_for(lambda: sizes(positions).get("MSFT") == 3, LIMIT)
        positions.close()
        assert client.wait_for(lambda: "Positions" not in " ".join(held(client)), LIMIT)
        assert dealer.place("close-1", INSTRUMENT, {"action": "SELL", **MARKET}).wait(LIMIT)
        again = client.positions()
        assert not again.stale
        assert "MSFT" not in sizes(again)
        assert client.wait_for(lambda: not account.stale, LIMIT)
        assert account.value("NetLiquidation") > 0


def test_a_ticker_leaves_the_stream_of_a_plain_request_and_comes_back_after_its_release(bridge):
    with bridge.client("both") as client:
        ticker = client.ticker(AAPL)
        answer = client.request("reqMktData", {"contract": AAPL})
        ticker.close()
        client.sleep(0.3)
        assert held(client) == [answer["stream"]]
        again = client.ticker(AAPL)
        client.release(answer["stream"])
        assert again.stale
        assert client.wait_for(lambda: not again.stale, LIMIT)
        assert held(client) == [answer["stream"]]
        again.close()
        assert client.wait_for(lambda: held(client) == [], LIMIT)


def test_a_blocking_client_that_is_closed_elsewhere_ends_its_call_and_its_objects_are_stale(bridge):
    client = bridge.client("ended")
    ticker = client.ticker(AAPL)
    assert not ticker.stale
    closer = threading.Timer(0.5, client.close)
    closer.start()
    with pytest.raises(Closed, match="the client 'ended' is closed"):
        client.wait_for(lambda: False, LIMIT)
    closer.join(LIMIT)
    assert ticker.stale
    assert ticker.midpoint() is None
    with pytest.raises(Closed):
        client.ticker(AAPL)
    ticker.close()


def test_an_asyncio_client_that_is_closed_ends_what_waits(bridge):
    async def loop_over(client):
        return [event.origin async for event in client]

    async def program():
        client = AsyncBridgeClient("async-ended", bridge.requests, bridge.events)
        ticker = await client.ticker(AAPL)
        far = {"action": "BUY", "orderType": "LMT", "totalQuantity": "1", "lmtPrice": 1.0, "tif": "DAY"}
        order = await client.place("waits-1", AAPL, far)
        plain = await client.request("reqMktData", {"contract": AAPL})
        waits = [asyncio.create_task(wait) for wait in (order.done(), client.wait_for(lambda: False))]
        loop = asyncio.create_task(loop_over(client))
        await asyncio.sleep(0.3)
        assert not ticker.stale
        await client.release(plain["stream"])
        assert ticker.stale
        assert await client.wait_for(lambda: not ticker.stale, LIMIT)
        await order.cancel()
        waits.append(asyncio.create_task(client.wait_for(lambda: False)))
        await asyncio.sleep(0)
        await client.close()
        assert ticker.stale
        assert "live" in await asyncio.wait_for(loop, LIMIT)
        for wait in waits[1:]:
            with pytest.raises(Closed):
                await asyncio.wait_for(wait, LIMIT)
        with pytest.raises(Closed):
            await client.ticker(AAPL)
        with pytest.raises(Closed):
            await order.modify(lmtPrice=2.0)
        waits[0].cancel()
        return ticker

    asyncio.run(program())
