"""Two runs of one client: the older finds out, whichever face it has, whatever it does, and whoever restarts."""

from __future__ import annotations

import asyncio
import signal
import threading
import time

import pytest

from bridge.simulator import simulator_process
from tests.end_to_end import processes
from tws_bridge_client import AsyncBridgeClient, BridgeClient, BridgeError

AAPL = {"conId": 265598, "exchange": "SMART"}
ORDER = {"action": "BUY", "orderType": "LMT", "totalQuantity": 1, "lmtPrice": 1.0}


@pytest.fixture
def quick(monkeypatch):
    """Signs of life come often."""
    monkeypatch.setattr("tws_bridge_client.calls.KEEP_ALIVE", 0.3)


def run_of(bridge, name, instance):
    return BridgeClient(name, bridge.requests, bridge.events, instance=instance)


def async_run_of(bridge, name, instance):
    return AsyncBridgeClient(name, bridge.requests, bridge.events, instance=instance)


def fence(bridge, name, *instances):
    """Say hello as each of these runs, the newest last."""
    for instance in instances:
        with bridge.client(name) as client:
            assert client.request("hello", {"instance": instance})["client"] == name


def learns(client, act, seconds=10):
    """Do it until the bridge's refusal of the run is known; it is raised, and says who is newer."""
    end = time.monotonic() + seconds
    with pytest.raises(BridgeError) as raised:
        while time.monotonic() < end:
            act()
    assert (raised.value.code, raised.value.data["newest"]) == ("fenced", "two")
    assert client.fenced.data == raised.value.data


@pytest.mark.parametrize("feed", ["subscribe", "orders"])
def test_an_old_run_that_comes_back_learns_it_by_iterating(bridge, feed):
    fence(bridge, f"back-{feed}", "one", "two")
    with run_of(bridge, f"back-{feed}", "one") as older, getattr(older, feed)() as events:
        learns(older, lambda: events.poll(1))
        learns(older, lambda: next(iter(events)))
        learns(older, lambda: older.request("ping"))


def test_an_old_run_that_comes_back_learns_it_by_asking(bridge):
    fence(bridge, "asks", "one", "two")
    with run_of(bridge, "asks", "one") as older:
        learns(older, lambda: older.request("ping"))
    assert older.fenced.code == "fenced"


def test_the_newest_run_is_told_nothing(bridge, quick):
    fence(bridge, "newest", "one", "two")
    with run_of(bridge, "newest", "two") as newest, newest.orders() as orders:
        assert orders.poll(1) is None
        assert newest.request("ping")["ts"] > 0
        assert newest.fenced is None


def test_a_run_that_iterates_learns_of_a_newer_one(bridge, quick):
    with run_of(bridge, "iterates", "one") as older, older.subscribe("market.") as events:
        older.request("ping")
        threading.Timer(0.5, fence, (bridge, "iterates", "two")).start()
        learns(older, lambda: next(iter(events)))


@pytest.mark.parametrize("feed", ["subscribe", "orders"])
def test_an_asynchronous_run_that_waits_learns_of_a_newer_one(bridge, quick, feed):
    name = f"async-{feed}"

    async def main():
        async with async_run_of(bridge, name, "one") as older:
            await older.request("ping")
            async with getattr(older, feed)(*(["order.nobody."] if feed == "subscribe" else [])) as events:
                waiting = asyncio.create_task(events.next())
                await asyncio.sleep(0.3)
                assert not waiting.done()
                await asyncio.to_thread(fence, bridge, name, "two")
                for act in (lambda: waiting, events.next, lambda: older.request("ping")):
                    with pytest.raises(BridgeError, match="fenced"):
                        await asyncio.wait_for(act(), 10)
            assert older.fenced.data["newest"] == "two"

    asyncio.run(main())


@pytest.fixture
def pair(tmp_path):
    """A bridge, and what makes another in its place."""
    with simulator_process() as simulator, processes.bridge(simulator.address, tmp_path) as first:
        yield first, lambda: processes.bridge(simulator.address, tmp_path, *first.places)


def place(key):
    return "placeOrder", {"contract": AAPL, "order": ORDER, "orderKey": key}, 20


def refused(error):
    return error.value.code, error.value.data.get("rule")


def test_after_a_restart_of_the_bridge_the_newest_run_trades_and_the_older_does_not(pair):
    """The new bridge has heard no hello on any connection: each request says itself whose it is."""
    first, again = pair
    with run_of(first, "alice", "one") as older:
        older.request("reqCurrentTime", timeout=20)
        with run_of(first, "alice", "two") as newest:
            newest.request(*place("k1"))
            first.stop(signal.SIGKILL)
            with again():
                assert newest.request(*place("k2"))["orderKey"] == "k2"
                with pytest.raises(BridgeError) as error:
                    older.request(*place("k3"))
                assert refused(error) == ("fenced", "instance")


def test_after_a_restart_of_the_bridge_so_it_is_for_asynchronous_runs(pair):
    first, again = pair

    async def main():
        async with async_run_of(first, "alice", "one") as older:
            await older.request("reqCurrentTime", timeout=20)
            async with async_run_of(first, "alice", "two") as newest:
                await newest.request(*place("k1"))
                first.stop(signal.SIGKILL)
                with again():
                    assert (await newest.request(*place("k2")))["orderKey"] == "k2"
                    with pytest.raises(BridgeError) as error:
                        await older.request(*place("k3"))
                    assert refused(error) == ("fenced", "instance")

    asyncio.run(main())
