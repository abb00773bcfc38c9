"""Bridge and client killed at every step of placing, changing and cancelling: one order for each key, each time.

Counted in the simulator's own book, by a client that shares nothing with the bridge.
"""

from __future__ import annotations

import time

import pytest

from bridge.simulator import simulator_process
from tests.chaos.mortal import CANCEL_STEPS, STEPS
from tests.chaos.world import (
    AAPL,
    FAR,
    Book,
    attempt,
    bridge,
    insist_on_cancel,
    insist_on_change,
    insist_on_order,
)


@pytest.fixture(scope="module")
def simulator():
    with simulator_process(ticks_per_second=10) as running:
        yield running


@pytest.fixture
def book(simulator):
    with Book(simulator.address) as book:
        yield book


def dying(running, client, method, params):
    """Ask something that the bridge does not survive."""
    client.send(method, params, 10.0)
    deadline = time.monotonic() + 15
    while running.process.poll() is None:
        assert time.monotonic() < deadline, running.log.read_text()
        client.pump(time.monotonic() + 0.05)
    assert running.process.returncode == -9, running.log.read_text()


@pytest.mark.parametrize("step", STEPS)
def test_a_bridge_killed_while_it_places_places_once(simulator, book, tmp_path, step):
    owner = f"placer-{step}"
    params = {"orderKey": "k", "contract": AAPL, "order": FAR}
    with bridge(simulator.address, tmp_path, "place", step) as running, running.client(owner) as client:
        dying(running, client, "placeOrder", params)
    assert len(book.of(owner, "k")) <= 1
    with bridge(simulator.address, tmp_path) as running, running.client(owner) as client:
        insist_on_order(client, "k")
        assert len(book.of(owner, "k")) == 1
        assert attempt(client, "placeOrder", params)["state"] == "acknowledged"
        attempt(client, "cancelMine", {})
    assert len(book.of(owner, "k")) == 1


@pytest.mark.parametrize("step", STEPS)
def test_a_bridge_killed_while_it_changes_changes_one_order(simulator, book, tmp_path, step):
    owner = f"changer-{step}"
    with bridge(simulator.address, tmp_path, "modify", step) as running, running.client(owner) as client:
        insist_on_order(client, "k")
        dying(running, client, "modifyOrder", {"orderKey": "k", "revision": 1, "order": {**FAR, "lmtPrice": 2.0}})
    with bridge(simulator.address, tmp_path) as running, running.client(owner) as client:
        insist_on_change(client, "k", 2.0)
        (order,) = book.of(owner, "k")
        assert order["lmtPrice"] == 2.0
        attempt(client, "cancelMine", {})


@pytest.mark.parametrize("step", CANCEL_STEPS)
def test_a_bridge_killed_while_it_cancels_cancels_one_order(simulator, book, tmp_path, step):
    owner = f"canceller-{step}"
    with bridge(simulator.address, tmp_path, "cancel", step) as running, running.client(owner) as client:
        insist_on_order(client, "k")
        dying(running, client, "cancelOrder", {"orderKey": "k"})
    with bridge(simulator.address, tmp_path) as running, running.client(owner) as client:
        insist_on_cancel(client, "k")
    (order,) = book.of(owner, "k")
    assert order["status"] == "Cancelled"


def test_a_client_killed_before_its_answer_finds_its_order_under_the_key(simulator, book, tmp_path):
    with bridge(simulator.address, tmp_path) as running:
        for _ in range(3):
            client = running.client("hasty")
            client.send("placeOrder", {"orderKey": "k", "contract": AAPL, "order": FAR}, 5.0)
            client.pump(time.monotonic() + 0.05)
            client.close()
        with running.client("hasty") as client:
            assert insist_on_order(client, "k")["state"] == "acknowledged"
    assert len(book.of("hasty", "k")) == 1
