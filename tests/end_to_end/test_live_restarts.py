"""Live objects of both clients over restarts of the bridge, also while TWS accepts the connection and is silent."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time

import pytest

from bridge.simulator import simulator_process
from tests.chaos.world import AAPL
from tests.end_to_end import processes
from tests.end_to_end.conftest import wait_until_ready
from tws_bridge_client import AsyncBridgeClient, BridgeError, Closed

BUY = {"action": "BUY", "orderType": "MKT", "totalQuantity": "10", "tif": "DAY"}
FAR = {"action": "BUY", "orderType": "LMT", "totalQuantity": "10", "lmtPrice": 100.0, "tif": "DAY"}
#: The simulator takes so many orders of one side.
MOST_OF_SIMULATOR = 20
#: A busy machine is slow.
LONG = 20


class Place:
    """A bridge that can be killed, and another one that takes its place."""

    def __init__(self, tws, folder):
        self.tws, self.folder = tws, folder
        self.exits = contextlib.ExitStack()
        self.bridge = self.exits.enter_context(processes.bridge(tws.address, folder))
        self.clients = self.bridge.client

    def kill(self):
        self.bridge.process.kill()
        self.bridge.process.wait()

    def start(self):
        self.bridge = self.exits.enter_context(processes.bridge(self.tws.address, self.folder, *self.bridge.places))


@pytest.fixture
def place(tmp_path):
    with simulator_process(ticks_per_second=100) as tws:
        place = Place(tws, tmp_path)
        with place.exits:
            with place.clients("setup") as client:
                wait_until_ready(client)
                assert client.place("position", AAPL, BUY).wait(LONG)
            yield place


@contextlib.contextmanager
def silent(tws):
    """The TWS accepts connections, and says nothing."""
    os.kill(tws.process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(tws.process.pid, signal.SIGCONT)


def test_nothing_is_shown_as_current_while_tws_is_silent(place):
    with place.clients("alice") as client:
        ticker, positions, account = client.ticker(AAPL), client.positions(), client.account()
        assert client.wait_for(lambda: ticker.bid and len(positions) and account.get("NetLiquidation"), LONG)
        wrong = []

        def is_shown(live, value):
            if not live.stale and not value:
                wrong.append(live)
            return not live.stale

        def all_shown():
            shown = [is_shown(ticker, ticker.bid), is_shown(positions, len(positions))]
            return all([*shown, is_shown(account, account.get("NetLiquidation"))])

        with silent(place.tws):
            place.kill()
            place.start()
            assert not client.wait_for(lambda: all_shown() or not positions.stale, 4)
            assert (len(positions), account.get("NetLiquidation"), ticker.midpoint()) == (0, None, None)
        assert client.wait_for(all_shown, LONG)
        place.kill()
        place.start()
        assert client.wait_for(all_shown, LONG)
        assert wrong == []


def test_waiting_reads_what_has_arrived_before_it_looks(place, monkeypatch):
    monkeypatch.setattr("tws_bridge_client.live.hub.SILENCE", 1000.0)
    with place.clients("alice") as client:
        ticker = client.ticker(AAPL)
        assert client.wait_for(lambda: ticker.bid, LONG)
        before = ticker.time
        place.kill()
        time.sleep(0.5)
        assert not ticker.stale, "nothing is read outside of a call"
        assert not client.wait_for(lambda: not ticker.stale, 0.1)
        place.start()
        assert client.wait_for(lambda: not ticker.stale, LONG)
        assert ticker.time > before


def test_waiting_reads_first_in_the_asyncio_client_too(place, monkeypatch):
    monkeypatch.setattr("tws_bridge_client.live.hub.SILENCE", 1000.0)

    async def main():
        client = AsyncBridgeClient("alice", place.bridge.requests, place.bridge.events)
        ticker = await client.ticker(AAPL)
        assert await client.wait_for(lambda: ticker.bid, LONG)
        place.kill()
        time.sleep(0.5)
        assert not await client.wait_for(lambda: not ticker.stale, 0.0)
        await client.close()

    asyncio.run(main())


def test_waiting_for_a_handle_ends_when_it_is_closed(place):
    async def main():
        client = AsyncBridgeClient("alice", place.bridge.requests, place.bridge.events)
        handle = await client.place("k1", AAPL, FAR)
        waiting = asyncio.create_task(handle.done())
        other = await client.order("k1")
        assert not waiting.done()
        handle.close()
        with pytest.raises(Closed, match="the handle of the order k1"):
            await asyncio.wait_for(waiting, LONG)
        await other.cancel()
        assert await other.done(LONG)
        await client.close()

    asyncio.run(main())
    with place.clients("bob") as client:
        ticker, handle = client.ticker(AAPL), client.place("k1", AAPL, FAR)
        client.on_update(ticker, lambda _: handle.close())
        with pytest.raises(Closed, match="the handle of the order k1"):
            handle.wait(LONG)
        client.order("k1").cancel()


def test_a_rejected_order_is_not_open_in_a_new_run_and_a_refused_change_harms_no_other(place):
    with place.clients("alice") as client:
        orders = [client.place(f"k{number}", AAPL, FAR) for number in range(MOST_OF_SIMULATOR + 1)]
        rejected = orders.pop()
        assert (rejected.state, rejected.status) == ("rejected", "Inactive")
        for order in orders[1:]:
            order.cancel()
        assert all(order.wait(LONG) for order in orders[1:])
        with pytest.raises(BridgeError, match="Invalid price"):
            orders[0].modify(lmtPrice=-5.0)
        assert orders[0].modify(lmtPrice=101.0).order.lmtPrice == 101.0
    with place.clients("alice") as client:
        shown = client.open_orders()
        assert client.wait_for(lambda: not shown.stale, LONG)
        assert list(shown) == ["k0"]
        assert client.order("k0").cancel().wait(LONG)
