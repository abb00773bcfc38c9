"""Live objects of both clients against a bridge and the simulator."""

from __future__ import annotations

import asyncio
import time

import pytest

from tests.chaos.world import AAPL
from tws_bridge_client import AsyncBridgeClient, BridgeError, SqliteStore
from tws_bridge_client.generated import messages

BUY = {"action": "BUY", "orderType": "MKT", "totalQuantity": "10", "tif": "DAY"}
FAR = {"action": "BUY", "orderType": "LMT", "totalQuantity": "10", "lmtPrice": 100.0, "tif": "DAY"}
NOWHERE = {"symbol": "NOPE", "secType": "STK", "exchange": "SMART", "currency": "USD"}


def test_the_blocking_client(bridge, tmp_path):
    with bridge.client("alice") as client, SqliteStore(tmp_path / "fills.db") as store:
        ticker, positions, fills = client.ticker(AAPL), client.positions(), client.fills()
        assert not ticker.stale
        assert client.wait_for(lambda: ticker.bid and ticker.ask, 5)
        before = sum(item.position for item in positions)
        order = client.place("live-1", AAPL, BUY)
        assert order.wait(10)
        assert (order.state, order.filled, order.remaining, order.fills_final) == ("filled", 10, 0, True)
        assert order.average_price == pytest.approx(ticker.last, rel=0.01)
        assert client.wait_for(lambda: sum(item.position for item in positions) == before + 10, 5)
        assert client.place("live-1", AAPL, BUY).filled == 10, "the same key is the same order"
        working = client.place("live-2", AAPL, FAR)
        assert "live-2" in client.open_orders()
        assert working.modify(lmtPrice=101.0).modify(totalQuantity=5).order.lmtPrice == 101.0
        assert client.order("live-2").cancel().wait(10)
        assert (working.state, working.fills_final) == ("cancelled", True)
        assert sum(fill.quantity for fill in fills) == 10
        with client.fill_log(store) as log:
            assert log.poll(5).key == "live-1"
        with client.fill_log(store) as log:
            assert log.poll(0.3) is None
        with pytest.raises(BridgeError, match="unknownOrder"):
            client.order("no-such-order")
        with pytest.raises(BridgeError, match="rejectedByTws"):
            client.ticker(NOWHERE)


def test_an_object_changes_only_inside_a_call_and_is_stale_when_the_program_was_away(bridge, monkeypatch):
    monkeypatch.setattr("tws_bridge_client.live.hub.SILENCE", 1.5)
    with bridge.client("sleeper") as client:
        ticker = client.ticker(AAPL)
        client.sleep(0.2)
        seen = ticker.time
        time.sleep(0.3)
        assert ticker.time == seen
        client.request("ping")
        assert ticker.time > seen, "any request takes what has arrived"
        time.sleep(1.6)
        assert ticker.stale
        client.sleep(0.1)
        assert not ticker.stale


def test_callbacks_a_loop_and_an_exception_that_harms_nothing(bridge, caplog):
    with bridge.client("caller") as client:
        ticker = client.ticker(AAPL)
        prices, updates = [], []

        def bad(message, event):
            raise RuntimeError("a defect of the program")

        def asks(live):
            updates.append(client.request("ping")["ts"])  # a callback may use the client

        client.on(messages.TickPrice, bad)
        client.on(messages.TickPrice, lambda message, event: prices.append(message.price))
        client.on_update(ticker, asks)
        topics = set()
        for event in client:
            topics.add(event.topic)
            if len(prices) > 5 and len(updates) > 2:
                break
        assert f"market.{ticker.stream}.tickPrice" in topics
        assert "a defect of the program" in caplog.text


def test_closing_releases_the_stream(bridge):
    def held(client):
        return [stream["stream"] for stream in client.request("status")["streams"] if stream["held"]]

    with bridge.client("closer") as client:
        one, other = client.ticker(AAPL), client.ticker(AAPL, "233")
        one.close()
        client.sleep(0.2)
        assert held(client) == [other.stream]
        other.close()
        client.sleep(0.2)
        assert held(client) == []
        assert one.stale
        assert other.stale


def test_the_asyncio_client_as_in_a_notebook(bridge, tmp_path):
    """Without `async with`."""

    async def program():
        client = AsyncBridgeClient("bob", bridge.requests, bridge.events)
        ticker, positions = await asyncio.gather(client.ticker(AAPL), client.positions())
        updates, topics = [], set()

        async def note(live):
            updates.append(live.bid)
            raise RuntimeError("a defect of a coroutine")

        client.on_update(ticker, note)
        order = await client.place("live-1", AAPL, BUY)
        assert await order.done(10)
        assert (order.state, order.filled) == ("filled", 10)
        assert await client.wait_for(lambda: any(item.contract.conId == AAPL["conId"] for item in positions), 5)
        working = await client.place("live-2", AAPL, FAR)
        assert list(await client.open_orders()) == ["live-2"]
        assert (await working.modify(lmtPrice=101.0)).order.lmtPrice == 101.0
        again = await client.order("live-2")
        assert await (await again.cancel()).done(10)
        with SqliteStore(tmp_path / "fills.db") as store:
            async with client.fill_log(store) as log:
                async for fill in log:
                    assert fill.key == "live-1"
                    break
            assert [fill.key for fill in store.fills()] == ["live-1"]
        async for event in client:
            topics.add(event.topic.partition(".")[0])
            if topics >= {"market", "account", "order"} and updates:
                break
        account = await client.account()
        assert account.value("NetLiquidation") > 0
        assert not account.stale
        await client.sleep(0)
        ticker.close()
        with pytest.raises(BridgeError, match="rejectedByTws"):
            await client.ticker(NOWHERE)
        with pytest.raises(BridgeError, match="unknownOrder"):
            await client.order("no-such-order")
        await client.close()

    asyncio.run(program())


def test_a_bracket_is_placed_as_a_group_and_again_under_its_keys(bridge):
    target = {"action": "SELL", "orderType": "LMT", "totalQuantity": "10", "lmtPrice": 900.0, "tif": "GTC"}
    bracket = [
        {"orderKey": "b-entry", "contract": AAPL, "order": FAR},
        {"orderKey": "b-target", "contract": AAPL, "order": target, "parentKey": "b-entry"},
    ]
    with bridge.client("carol") as client:
        entry, child = client.place_group(bracket)
        assert (entry.state, child.key) == ("acknowledged", "b-target")
        assert [handle.key for handle in client.place_group(bracket)] == ["b-entry", "b-target"]
        assert sorted(client.open_orders()) == ["b-entry", "b-target"]
        entry.cancel()
        assert entry.wait(10)
        assert child.wait(10)


def test_one_loop_has_the_events_of_live_objects_and_of_subscriptions(bridge):
    wanted = {"market", "system"}

    with bridge.client("looper") as client, client.subscribe("system."):
        client.ticker(AAPL)
        seen, started = set(), time.monotonic()
        for event in client:
            seen.add(event.topic.partition(".")[0])
            if seen >= wanted and event.envelope["event"] == "heartbeat":
                break
        assert time.monotonic() - started < 3

    async def program():
        async with AsyncBridgeClient("async-looper", bridge.requests, bridge.events) as client:
            beats = client.subscribe("system.")
            await client.ticker(AAPL)
            seen, started = set(), time.monotonic()
            async for event in client:
                seen.add(event.topic.partition(".")[0])
                if seen >= wanted and event.origin == "live" and event.envelope["event"] == "heartbeat":
                    break
            assert time.monotonic() - started < 3
            await beats.close()

    asyncio.run(program())
