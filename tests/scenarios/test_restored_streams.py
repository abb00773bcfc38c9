"""TWS starts anew while clients hold many streams: real sockets, and how long it takes until they are back."""

from __future__ import annotations

import time

import pytest

from bridge.session.pacing.budget import WINDOW, MessageBudget
from tests.chaos.world import AAPL
from tests.scenarios.scripted import TODAY

CLIENTS = ("alice", "bob", "boss")
STREAMS = 200
#: The part of the limit that is not urgent, in the seconds in which it leaves.
EVENLY = MessageBudget(50).limit(0.0, evenly=True) or 0
#: One and a half times what pacing alone needs is allowed.
LONGEST = 1.5 * STREAMS * WINDOW / EVENLY


@pytest.fixture
def settings():
    """A user with many market data lines."""
    return "market_data_lines = 400"


def contract(number):
    return {**AAPL, "conId": 1_000_000 + number}


def test_200_streams_are_back_in_one_and_a_half_times_what_pacing_needs(stage):
    asked_at = []

    def ticks(data):
        asked_at.append((time.monotonic(), data["contract"]["conId"]))
        return [("tickPrice", {"reqId": data["reqId"], "tickType": 1, "price": 1.5, "size": "1", "attrMask": 0})]

    stage.tws.reactions["reqMktData"] = ticks
    asks = [
        stage.ask("reqMktData", {"contract": contract(number)}, CLIENTS[number % len(CLIENTS)])
        for number in range(STREAMS)
    ]
    assert all(ask.told().get("confirmed") for ask in asks)
    assert len(asked_at) == STREAMS
    with stage.client("alice").subscribe("system.") as system:
        while not system.is_live:
            system.poll(0.1)
        asked_at.clear()
        stage.tws.clock = TODAY
        stage.tws.drop()
        stage.tws.until(lambda: stage.tws.connections == 2, "the bridge did not connect anew")
        ready = time.monotonic()
        recovered = _until(system, "recovered")
        back = time.monotonic() - ready
    assert sorted(con_id for _, con_id in asked_at) == [contract(number)["conId"] for number in range(STREAMS)]
    taken = asked_at[-1][0] - ready
    assert max(taken, back) <= LONGEST
    assert len(recovered["streams"]) == STREAMS
    for second in range(3):
        within = [at for at, _ in asked_at if second <= at - ready < second + 1]
        assert len(within) <= 60, "TWS takes 50 messages a second"


def _until(feed, name):
    """The data of the next live event of that name."""
    end = time.monotonic() + 3 * LONGEST
    while time.monotonic() < end:
        event = feed.poll(1)
        if event is not None and event.origin == "live" and event.envelope["event"] == name:
            return event.data
    raise AssertionError(f"there was no {name}")
