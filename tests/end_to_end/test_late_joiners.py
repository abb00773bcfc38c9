"""Subscribers that join in the middle of a stream, many at once, and miss nothing after their snapshot."""

from __future__ import annotations

import asyncio

from tws_bridge_client import AsyncBridgeClient

JOINERS = 200
STREAMS = [265598, 272093]


def test_200_joiners_miss_nothing_after_their_snapshot(bridge):
    with bridge.client("holder") as client:
        for con_id in STREAMS:
            client.request("reqMktData", {"contract": {"conId": con_id, "exchange": "SMART"}})
        joined = asyncio.run(join_all(bridge))
    assert len(joined) == JOINERS
    for events in joined:
        assert_nothing_is_missing(events)
    assert sum(event.origin == "live" for events in joined for event in events) > JOINERS


async def join_all(bridge):
    async with AsyncBridgeClient("crowd", bridge.requests, bridge.events) as client:
        return await asyncio.gather(*(join(client, number * 0.01) for number in range(JOINERS)))


async def join(client, delay):
    """Everything that one joiner is given, until 20 live events after its snapshot."""
    await asyncio.sleep(delay)
    events, live = [], 0
    async with client.subscribe("market.") as market, asyncio.timeout(20):
        while live < 20:
            event = await market.next()
            events.append(event)
            live += event.origin == "live"
    return events


def assert_nothing_is_missing(events):
    """The snapshot first, then each topic's numbers one by one, with no gap to be mended."""
    assert not [event for event in events if event.origin in ("gap", "recovered")]
    origins = [event.origin for event in events]
    assert origins == sorted(origins, key=["snapshot", "live"].index)
    kinds = {event.data["tickType"] for event in events if event.topic.endswith("tickPrice")}
    assert {1, 2} <= kinds
    last = {}
    for event in events:
        seq = event.envelope["seq"]
        if event.origin == "live":
            assert seq == last.get(event.topic, 0) + 1
        last[event.topic] = max(seq, last.get(event.topic, 0))
