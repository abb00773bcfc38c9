"""A bridge with keys, as a process, from outside: who it serves, who it does not, and what it says of those."""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import time
from pathlib import Path

import msgpack
import pytest
import zmq

from bridge import keys
from bridge.simulator import simulator_process
from tests.clients.test_examples import command as example
from tests.end_to_end import processes
from tests.end_to_end.processes import command
from tws_bridge_client import AsyncBridgeClient, BridgeClient, BridgeError, BridgeRefusedKey, Curve

AAPL = {"conId": 265598, "exchange": "SMART"}
ORDER = {"action": "BUY", "orderType": "LMT", "totalQuantity": 1, "lmtPrice": 1.0}


def curve(folder, name):
    return Curve.load(folder / f"{name}.secret", str(folder / "bridge.public"))


@pytest.fixture
def client(guarded, folder):
    """Makes clients by name, with their own key unless told otherwise."""
    with contextlib.ExitStack() as stack:

        def make(name, key=None, **more):
            link = curve(folder, key or name)
            made = BridgeClient(name, guarded.requests, guarded.events, curve=link, **more)
            return stack.enter_context(made)

        yield make


def refused(client, method, params=None):
    with pytest.raises(BridgeError) as error:
        client.request(method, params)
    return error.value.code, error.value.data.get("rule")


def run(words):
    return subprocess.run(words, capture_output=True, text=True, timeout=40, check=False)


def test_a_client_with_its_key_trades_and_hears_of_its_order(client):
    alice = client("alice")
    alice.request("reqCurrentTime", timeout=15)
    with alice.subscribe("order.") as orders:
        while not orders.is_live:
            orders.poll(0.1)
        placed = alice.request("placeOrder", {"contract": AAPL, "order": ORDER, "orderKey": "mine"})
        assert placed["orderKey"] == "mine"
        assert orders.poll(10).topic.startswith("order.alice.mine.")
        assert alice.request("cancelOrder", {"orderKey": "mine"})["status"] in ("PendingCancel", "Cancelled")


def test_the_asynchronous_client_too(guarded, folder):
    async def main():
        link = curve(folder, "alice")
        async with AsyncBridgeClient("alice", guarded.requests, guarded.events, curve=link) as alice:
            async with alice.subscribe("system.heartbeat") as beats:
                event = await asyncio.wait_for(beats.next(), 10)
            return event.topic, (await alice.request("ping"))["ts"]

    topic, ts = asyncio.run(main())
    assert topic == "system.heartbeat"
    assert ts > 0


def test_an_observer_hears_nothing_of_accounts_and_orders(client):
    alice, eve = client("alice"), client("eve")
    with eve.subscribe("") as everything, eve.subscribe("account.") as accounts, eve.subscribe("order.") as orders:
        while not (everything.is_live and accounts.is_live and orders.is_live):
            for subscription in (everything, accounts, orders):
                subscription.poll(0.05)
        alice.request("reqAccountUpdates", {"subscribe": True, "acctCode": "DU1234567"})
        alice.request("placeOrder", {"contract": AAPL, "order": ORDER, "orderKey": "unseen"})
        alice.request("cancelOrder", {"orderKey": "unseen"})
        heard, end = set(), time.monotonic() + 2
        while time.monotonic() < end:
            event = everything.poll(0.05)
            heard.add(event.topic.split(".")[0] if event else "")
            assert accounts.poll(0) is None
            assert orders.poll(0) is None
    assert "system" in heard
    assert not heard & {"account", "order"}
    assert refused(eve, "placeOrder", {"contract": AAPL, "order": ORDER}) == ("notPermitted", "roles")
    assert refused(eve, "reqPositions") == ("notPermitted", "roles")


def test_nobody_speaks_for_another_and_the_log_says_who_tried(client, guarded):
    assert refused(client("alice", key="eve"), "status") == ("notPermitted", "identity")
    assert guarded.logs("refused: status of eve: notPermitted, identity: this key belongs to eve, not to alice")


def test_words_of_a_client_do_not_pass_for_lines_of_the_log(client, guarded):
    forged = "x\n2026-11-22 11:00:00,000 WARNING forged by"
    assert refused(client("alice", key="eve"), f"{forged} eve") == ("notPermitted", "identity")
    boss = client("boss")
    boss.request("halt", {"reason": f"{forged} boss"})
    boss.request("resume")
    assert guarded.logs("forged by eve")
    assert guarded.logs("forged by boss")
    assert "\n2026-11-22 11:00:00,000 WARNING forged" not in guarded.log.read_text()


def test_a_stranger_gets_nothing_and_is_named_in_the_log(client, guarded, folder):
    stranger = client("alice", key="stranger")
    with pytest.raises(BridgeRefusedKey):
        stranger.request("ping", timeout=5)
    assert guarded.logs(f"unknown key {keys.load(folder / 'stranger.secret').public}")


def test_who_has_no_key_gets_nothing(guarded):
    context = zmq.Context()
    dealer = context.socket(zmq.DEALER)
    dealer.connect(guarded.requests)
    dealer.send(msgpack.packb({"v": 1, "id": "x", "client": "alice", "method": "ping"}))
    assert not dealer.poll(1500)
    assert guarded.logs("it has no key")
    context.destroy(linger=0)


def test_limits_of_the_configuration_hold(client):
    order = {**ORDER, "totalQuantity": 101}
    assert refused(client("alice"), "placeOrder", {"contract": AAPL, "order": order}) == (
        "notPermitted",
        "max_order_size",
    )


def test_a_newer_instance_fences_the_older(client):
    older = client("alice", instance="one")
    older.request("ping")
    newer = client("alice", instance="two")
    newer.request("ping")
    assert refused(older, "placeOrder", {"contract": AAPL, "order": ORDER}) == ("fenced", "instance")
    assert newer.request("placeOrder", {"contract": AAPL, "order": ORDER, "orderKey": "newer"})["orderKey"] == "newer"
    assert newer.request("cancelOrder", {"orderKey": "newer"})


def test_the_commands_take_keys(guarded, folder):
    ends = ["--requests", guarded.requests, "--events", guarded.events]
    who = ["--key", str(folder / "boss.secret"), "--server-key", str(folder / "bridge.public")]
    done = run(command("call", "hello", '{"instance": "x"}', *ends, *who))
    assert json.loads(done.stdout)["roles"] == ["admin"]
    half = run(command("status", *ends, *who[:2]))
    assert half.returncode == 2
    assert "go together" in half.stderr


@pytest.fixture
def bridge(tmp_path):
    """Starts a bridge without keys, whose state folder and TWS outlive it."""
    with simulator_process() as simulator:
        yield lambda: processes.bridge(simulator.address, tmp_path)


def test_a_file_halts_trading_across_restarts_and_lets_cancels_through(bridge, tmp_path):
    with bridge() as running, running.client("alice") as alice:
        alice.request("placeOrder", {"contract": AAPL, "order": ORDER, "orderKey": "before"}, timeout=20)
        (tmp_path / "state" / "halt").write_text("maintenance\n")
        assert refused(alice, "placeOrder", {"contract": AAPL, "order": ORDER}) == ("notPermitted", "halt")
        assert running.stop() == 0
    with bridge() as running, running.client("alice") as alice:
        assert refused(alice, "placeOrder", {"contract": AAPL, "order": ORDER}) == ("notPermitted", "halt")
        assert alice.request("status")["trading"] == {"halted": True, "reasons": {"file": "maintenance"}}
        assert refused(alice, "resume") == ("notPermitted", "halt")
        cancelled = alice.request("cancelOrder", {"orderKey": "before"}, timeout=20)
        assert cancelled["status"] in ("PendingCancel", "Cancelled")
        (tmp_path / "state" / "halt").unlink()
        placed = alice.request("placeOrder", {"contract": AAPL, "order": ORDER, "orderKey": "after"}, timeout=20)
        alice.request("cancelOrder", {"orderKey": placed["orderKey"]})


def test_an_unmodified_req_client_in_javascript_places_and_cancels_an_order(bridge):
    with bridge() as running:

        def ask(method, params):
            words = [*example("javascript", "request"), method, json.dumps(params), running.requests]
            return run(words).stdout

        placed = ask("placeOrder", {"contract": AAPL, "order": ORDER, "orderKey": "js"})
        assert "ok: true" in placed
        assert "orderKey: 'js'" in placed
        cancelled = ask("cancelOrder", {"orderKey": "js"})
        assert "ok: true" in cancelled
        assert "Cancel" in cancelled


def test_the_bridge_does_not_start_on_a_configuration_with_mistakes(folder):
    wrong = Path(folder / "wrong.toml")
    wrong.write_text((folder / "bridge.toml").read_text().replace('"observe"', '"watch"'))
    done = run(command("run", "--config", str(wrong)))
    assert done.returncode == 2
    assert f"{wrong}: clients.eve.roles.0: " in done.stderr
