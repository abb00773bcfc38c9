"""Strategies killed during fills, drowned in ticks or late, and a bridge killed beside them: each execution once."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import time

import pytest

from bridge.simulator import simulator_process
from tests.chaos.strategy import Memory
from tests.chaos.world import AAPL, Book, attempt, bridge

#: More than the exchange shows at once: it fills in many parts.
LARGE = {"action": "BUY", "orderType": "MKT", "totalQuantity": 3000}


@pytest.fixture(scope="module")
def simulator():
    with simulator_process(ticks_per_second=3000) as running:
        yield running


@contextlib.contextmanager
def strategy(running, name, database, *more):
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.chaos.strategy", name, running.requests, running.events, str(database), *more],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stdout.readline() == "follows\n"
        yield process
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()


def buy(client, key):
    told = attempt(client, "placeOrder", {"orderKey": key, "contract": AAPL, "order": LARGE}, 10.0)
    assert told.get("state") in ("acknowledged", "filled"), told


def settled(book, keys, seconds=30):
    """Wait until the orders of these keys are over."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if all(order["status"] == "Filled" for key in keys for order in book.of("alice", key)):
            return
        time.sleep(0.2)
    raise AssertionError("the orders were not filled")


def has_all(memory, executions, seconds=20):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and len(memory.executions()) < len(executions):
        time.sleep(0.1)
    return sorted(memory.executions()) == sorted(executions)


def test_each_execution_reaches_each_strategy_once_whoever_dies_meanwhile(simulator, tmp_path):
    killed, drowned, late = (tmp_path / name for name in ("killed.sqlite", "drowned.sqlite", "late.sqlite"))
    with Book(simulator.address) as book:
        with bridge(simulator.address, tmp_path) as running, running.client("alice") as client:
            client.request("reqMktData", {"contract": AAPL}, 15.0)
            with strategy(running, "alice", killed), strategy(running, "alice", drowned, "drown"):
                buy(client, "k1")
                time.sleep(0.3)
            buy(client, "k2")
            time.sleep(0.3)
        settled(book, ["k1"])
        with bridge(simulator.address, tmp_path) as running, running.client("alice") as client:
            with strategy(running, "alice", killed), strategy(running, "alice", drowned, "drown"):
                buy(client, "k3")
                settled(book, ["k1", "k2", "k3"])
                executions = book.executions()
                assert len(executions) >= 6
                assert has_all(Memory(str(killed)), executions)
                assert has_all(Memory(str(drowned)), executions)
            with strategy(running, "alice", late):
                assert has_all(Memory(str(late)), executions)
    assert [Memory(str(path)).gaps() for path in (killed, drowned, late)] == [0, 0, 0]
