"""Order handles, lists of orders and commissions of both clients against a bridge and the simulator."""

from __future__ import annotations

import asyncio
import shutil
import signal

import pytest

from bridge.simulator import simulator_process
from tests.chaos.world import AAPL
from tests.end_to_end import processes
from tws_bridge_client import AsyncBridgeClient, BridgeClient, BridgeError, Commission, Curve, SqliteStore

BUY = {"action": "BUY", "orderType": "MKT", "totalQuantity": "10", "tif": "DAY"}
FAR = {"action": "BUY", "orderType": "LMT", "totalQuantity": "10", "lmtPrice": 100.0, "tif": "GTC"}
#: Seconds that no test takes if all is well.
PATIENCE = 60


#: Nothing listens there, so the bridge hears of no order.
NO_TWS = "127.0.0.1:1"


@pytest.fixture
def tws():
    """A TWS that only one test uses."""
    with simulator_process(ticks_per_second=200) as running:
        yield running.address


def test_an_order_that_the_bridge_has_lost_ends_the_wait(tws, tmp_path):
    with processes.bridge(tws, tmp_path) as old, old.client("alice") as client:
        handle = client.place("far-1", AAPL, FAR, timeout=PATIENCE)
        old.stop(signal.SIGKILL)
        shutil.rmtree(tmp_path / "state")
        with processes.bridge(NO_TWS, tmp_path, *old.places):
            with pytest.raises(BridgeError, match="far-1: the bridge has no order with this key") as caught:
                handle.wait(PATIENCE)
            assert caught.value.code == "unknownOrder"
            assert (handle.state, handle.stale, handle.is_done) == ("unknown", True, False)


def test_an_order_that_the_bridge_finds_at_tws_again_is_no_longer_lost(tws, tmp_path):
    with processes.bridge(tws, tmp_path) as old, old.client("alice") as client:
        handle = client.place("far-1", AAPL, FAR, timeout=PATIENCE)
        old.stop(signal.SIGKILL)
        shutil.rmtree(tmp_path / "state")
        with processes.bridge(tws, tmp_path, *old.places):
            assert client.wait_for(lambda: handle.stale, PATIENCE)
            assert client.wait_for(lambda: handle.state == "acknowledged" and not handle.stale, PATIENCE)
            assert (handle.reason, handle.error) == ("", None)
            assert handle.cancel().wait(PATIENCE)


def test_the_asyncio_handle_says_so_too(tws, tmp_path):
    async def program(old):
        client = AsyncBridgeClient("bob", old.requests, old.events)
        handle = await client.place("far-1", AAPL, FAR, timeout=PATIENCE)
        waiting = asyncio.create_task(handle.done(3 * PATIENCE))
        old.stop(signal.SIGKILL)
        shutil.rmtree(tmp_path / "state")
        with processes.bridge(NO_TWS, tmp_path, *old.places):
            with pytest.raises(BridgeError, match="unknownOrder"):
                await waiting
            await client.close()

    with processes.bridge(tws, tmp_path) as old:
        asyncio.run(program(old))


def test_each_execution_and_each_commission_comes_once(bridge, tmp_path):
    with bridge.client("payer") as client, SqliteStore(tmp_path / "fills.db") as store:
        assert client.place("pay-1", AAPL, BUY, timeout=PATIENCE).wait(PATIENCE)
        bought, paid = [], []
        while not paid or len(paid) < len(bought):
            with client.fill_log(store, commissions=True) as log:  # a new run for each entry
                entry = log.poll(PATIENCE)
                assert entry is not None
                (paid if isinstance(entry, Commission) else bought).append(entry)
        assert len({fill.exec_id for fill in bought}) == len(bought)
        assert sum(fill.change for fill in bought) == 10
        assert [entry.fill.exec_id for entry in paid] == [fill.exec_id for fill in bought]
        assert sum(entry.change for entry in paid) == pytest.approx(sum(fill.commission for fill in store.fills()))
        with client.fill_log(store, commissions=True) as log:
            assert log.poll(0.5) is None


def test_an_admin_sees_the_orders_and_fills_of_all(bridge):
    with bridge.client("carl") as carl, bridge.client("dora") as dora:
        carl.place("far-c", AAPL, FAR, timeout=PATIENCE)
        orders, fills = dora.open_orders(all=True, timeout=PATIENCE), dora.fills(all=True, timeout=PATIENCE)
        assert "carl.far-c" in orders
        assert list(dora.open_orders(timeout=PATIENCE)) == []
        assert carl.place("now-c", AAPL, BUY, timeout=PATIENCE).wait(PATIENCE)
        found = dora.wait_for(lambda: [fill for fill in fills if fill.key == "carl.now-c"], PATIENCE)
        assert found
        carl.order("far-c", timeout=PATIENCE).cancel().wait(PATIENCE)
        assert dora.wait_for(lambda: "carl.far-c" not in orders, PATIENCE)
        assert not orders.stale


def test_who_is_no_admin_is_refused_and_not_shown_a_part(guarded, folder):
    keys = Curve.load(folder / "alice.secret", str(folder / "bridge.public"))
    with BridgeClient("alice", guarded.requests, guarded.events, curve=keys) as client:
        assert dict(client.open_orders(timeout=PATIENCE)) == {}
        for call in (client.open_orders, client.fills):
            with pytest.raises(BridgeError, match="notPermitted"):
                call(all=True, timeout=PATIENCE)

    async def program():
        async with AsyncBridgeClient("alice", guarded.requests, guarded.events, curve=keys) as client:
            for call in (client.open_orders, client.fills):
                with pytest.raises(BridgeError, match="notPermitted"):
                    await call(all=True, timeout=PATIENCE)

    asyncio.run(program())
