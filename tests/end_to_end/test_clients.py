"""The two faces of the Python client on a running bridge."""

from __future__ import annotations

import asyncio
import time

import pytest

from tws_bridge_client import AsyncBridgeClient, BridgeClient, BridgeError, BridgeTimeout

AAPL = {"conId": 265598, "exchange": "SMART"}


def test_the_blocking_face_asks_and_follows(client):
    assert client.request("status")["connection"]["state"] == "ready"
    client.request("reqMktData", {"contract": AAPL})
    with client.subscribe("market.265598.", "system.heartbeat") as events:
        first = events.poll(10)
        assert first.origin == "snapshot"
        topics = []
        while len(topics) < 30 or "system.heartbeat" not in topics:
            event = events.poll(10)
            assert event is not None, topics
            if event.origin == "live":
                topics.append(event.topic)
                client.request("ping")
    assert client.request("release", {"stream": "265598"})


def test_poll_gives_up_in_time(client):
    with client.subscribe("order.nobody.") as events:
        started = time.monotonic()
        assert events.poll(0.3) is None
        assert 0.25 < time.monotonic() - started < 2


def test_errors_are_raised_with_their_codes(client):
    with pytest.raises(BridgeError) as error:
        client.request("reqContractDetails", {"contract": {"conId": 1}})
    assert (error.value.code, error.value.tws_code) == ("rejectedByTws", 200)


def test_no_bridge_is_said_in_time():
    with BridgeClient("alone", "tcp://127.0.0.1:9", "tcp://127.0.0.1:9") as client:
        started = time.monotonic()
        with pytest.raises(BridgeTimeout, match="does the bridge run"):
            client.request("ping", timeout=0.1)
        assert time.monotonic() - started < 1


def test_the_async_face_does_many_things_at_a_time(bridge):
    async def main():
        async with AsyncBridgeClient("async", bridge.requests, bridge.events) as client:
            asked = [client.request("reqContractDetails", {"contract": {"conId": n}}) for n in (265598, 272093)]
            pings = [client.request("ping") for _ in range(50)]
            one, two, *rest = await asyncio.gather(*asked, *pings)
            assert [parts[0]["data"]["contract"]["symbol"] for parts in (one, two)] == ["AAPL", "MSFT"]
            assert len(rest) == 50
            with pytest.raises(BridgeError, match="unknownMethod"):
                await client.request("fly")
            await client.request("reqMktData", {"contract": AAPL})
            seen = []
            async with client.subscribe("market.265598.") as market:
                async for event in market:
                    seen.append(event)
                    if sum(e.origin == "live" for e in seen) == 20:
                        break
            assert seen[0].origin == "snapshot"

    asyncio.run(asyncio.wait_for(main(), 30))


def test_a_slow_async_reader_does_not_grow_without_bound(bridge, monkeypatch):
    monkeypatch.setattr("tws_bridge_client.aio_feeds._MOST_READY", 50)

    async def main():
        async with AsyncBridgeClient("slow", bridge.requests, bridge.events) as client:
            await client.request("reqMktData", {"contract": AAPL})
            async with client.subscribe("") as everything:
                await everything.next()
                await asyncio.sleep(2)
                assert len(everything._ready) < 1100
                live = 0
                while live < 100:
                    live += (await everything.next()).origin == "live"

    asyncio.run(asyncio.wait_for(main(), 30))
