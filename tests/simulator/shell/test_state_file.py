"""The file of what outlives a simulated TWS, and the process that is killed: what a client was told is there after."""

from __future__ import annotations

import os
import resource
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bridge.simulator import Running
from bridge.simulator.persistence.records import Record, Unusable
from bridge.simulator.shell.process import start, stop
from bridge.simulator.shell.state_file import FILE, StateFile
from bridge.tws.events import Message
from tests.simulator.peer import Peer
from tests.simulator.world import AAPL, EURUSD, World


def kept_in(folder: Path) -> list[Record]:
    with closing(StateFile(folder)) as state_file:
        return state_file.read()


@cache
def records_of_a_trade() -> list[Record]:
    """Orders, executions and positions."""
    world = World(clients=(1, 2))
    world.place(1, "BUY", "3000", orderRef="Grüße \ud800")
    world.place(2, "SELL", "50000", contract=EURUSD)
    world.place(3, "BUY", "1", "LMT", lmtPrice=1.0, tif="GTC")
    world.run(3)
    return world.exchange.changes()


def test_a_file_gives_back_what_was_written_in_the_order_in_which_it_first_came(tmp_path: Path) -> None:
    records = records_of_a_trade()
    changed = Record(records[2].kind, records[2].key, {**records[2].data, "day_start": "7"})
    with closing(StateFile(tmp_path)) as state_file:
        assert state_file.read() == []
        state_file.write(records)
        assert state_file.read() == records
        state_file.write([changed])
    assert kept_in(tmp_path) == [*records[:2], changed, *records[3:]]


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(places=st.lists(st.tuples(st.floats(0, 0.999999), st.integers(0, 255)), min_size=1, max_size=3))
def test_a_damaged_file_is_refused_or_as_good_as_before(tmp_path_factory: Any, places: list[Any]) -> None:
    folder = tmp_path_factory.mktemp("damaged")
    records = records_of_a_trade()
    with closing(StateFile(folder)) as state_file:
        state_file.write(records)
    content = bytearray((folder / FILE).read_bytes())
    for place, value in places:
        content[int(place * len(content))] = value
    (folder / FILE).write_bytes(content)
    try:
        found = kept_in(folder)
    except Unusable as refusal:
        assert str(folder / FILE) in str(refusal)
    else:
        assert found == records


def refusal_of(*arguments: str) -> str:
    """What a simulator says that does not start because of its state."""
    command = [sys.executable, "-m", *arguments, "--listen", "127.0.0.1:0"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 2 and "Traceback" not in done.stderr, done.stderr
    return done.stderr


def _with_row(folder: Path, change: str) -> None:
    with closing(sqlite3.connect(folder / FILE)) as db:
        db.executescript(change)


BREAKS: dict[str, tuple[Any, str]] = {
    "text": (lambda folder: (folder / FILE).write_text("no database " * 1000), "not a database"),
    "newer": (lambda folder: _with_row(folder, "PRAGMA user_version=2"), "a newer tws-bridge wrote this file"),
    "no house": (
        lambda folder: _with_row(folder, "DELETE FROM record WHERE kind = 'house'"),
        "the record of the exchange is missing",
    ),
    "changed": (lambda folder: _with_row(folder, "UPDATE record SET data = '{}'"), "is damaged: its checksum is wrong"),
    "no table": (lambda folder: _with_row(folder, "DROP TABLE record"), "no such table"),
    "a folder": (lambda folder: ((folder / FILE).unlink(), (folder / FILE).mkdir()), "unable to open"),
}


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """The folder of a simulator that was ended."""
    running = start("--state", str(tmp_path))
    assert stop(running) == 0
    return tmp_path


@pytest.mark.parametrize("how", BREAKS)
def test_a_broken_or_newer_file_is_refused(state: Path, how: str) -> None:
    damage, words = BREAKS[how]
    damage(state)
    said = refusal_of("bridge.simulator", "--state", str(state))
    assert words in said and str(state) in said


def test_a_file_of_other_accounts_is_refused(state: Path) -> None:
    said = refusal_of("bridge.simulator", "--state", str(state), "--account", "DU1234567", "--account", "DU2")
    assert "the state belongs to accounts DU1234567, not DU1234567,DU2" in said


@pytest.mark.parametrize("command", [("bridge.simulator",), ("bridge.cli", "simulate")])
def test_a_folder_in_use_is_refused_with_the_process_that_uses_it(tmp_path: Path, command: tuple[str, ...]) -> None:
    with simulator("--state", str(tmp_path)) as running:
        said = refusal_of(*command, "--state", str(tmp_path))
        assert f"process {running.process.pid}" in said and str(tmp_path) in said


@contextmanager
def simulator(*arguments: str, **more: Any) -> Iterator[Running]:
    """Killed at the end, if it still lives."""
    running = start(*arguments, **more)
    try:
        yield running
    finally:
        running.process.kill()
        running.process.wait()
        running.process.stdout.close()


def shares_of(details: dict[str, Any]) -> Decimal:
    """What an execution has added to the position."""
    shares = Decimal(details["execution"]["shares"])
    return shares if details["execution"]["side"] == "BOT" else -shares


class Ledger:
    """What one client was told of its fills, over all lives of TWS."""

    def __init__(self) -> None:
        self.told: dict[str, Decimal] = {}

    def hear(self, peer: Peer) -> None:
        """The executions told so far; AssertionError where one was told twice without being asked for."""
        unasked = []
        for event in peer.events:
            if isinstance(event, Message) and event.name == "execDetails":
                exec_id = event.data["execution"]["execId"]
                self.told[exec_id] = shares_of(event.data)
                unasked += [exec_id] if event.data["reqId"] == -1 else []
        assert len(set(unasked)) == len(unasked)


def answers(peer: Peer, name: str, event: str, end: str, **data: Any) -> list[dict[str, Any]]:
    peer.events.clear()
    peer.send(name, **data)
    peer.until(end)
    return [heard.data for heard in peer.events if isinstance(heard, Message) and heard.name == event]


def place(peer: Peer, order_id: int, quantity: int, **more: Any) -> None:
    order = {"action": "BUY", "totalQuantity": str(quantity), "orderType": "MKT", "transmit": True, **more}
    peer.send("placeOrder", orderId=order_id, contract=AAPL, order=order)


def until_dead(peer: Peer) -> None:
    """Reads what a killed simulator had still said."""
    try:
        while peer.pump():
            pass
    except OSError:
        pass
    peer.close()


@pytest.mark.parametrize("parts", [0, 1, 2, 4])
def test_a_kill_during_fills_loses_and_repeats_no_execution(tmp_path: Path, parts: int) -> None:
    """Killed as soon as so many executions are heard, or the order has filled, in each of three lives on one port."""
    flags = ("--ticks-per-second", "2000", "--state", str(tmp_path))
    ledger, address, perm_ids = Ledger(), "127.0.0.1:0", []
    for life, action in enumerate(("BUY", "SELL", "BUY")):
        with simulator(*flags, listen=address) as running:
            address = running.address
            peer = Peer(running)
            first = peer.until("nextValidId")["orderId"]
            assert first == life + 1
            check(peer, ledger)
            peer.events.clear()
            place(peer, first, 3000, action=action)
            perm_ids.append(peer.until("openOrder", orderId=first)["order"]["permId"])
            heard = [(event.name, event.data) for event in peer.events if isinstance(event, Message)]
            while [name for name, _ in heard].count("execDetails") < parts and not filled(heard):
                assert peer.pump()
                heard = [(event.name, event.data) for event in peer.events if isinstance(event, Message)]
            os.kill(running.process.pid, signal.SIGKILL)
            until_dead(peer)
            ledger.hear(peer)
    assert len(set(perm_ids)) == 3
    with simulator(*flags, listen=address) as running:
        peer = Peer(running)
        peer.until("nextValidId")
        deadline = time.monotonic() + 20
        while answers(peer, "reqAllOpenOrders", "openOrder", "openOrderEnd"):
            assert time.monotonic() < deadline
            ledger.hear(peer)
        assert check(peer, ledger) == Decimal(3000)
        peer.close()


def filled(heard: list[tuple[str, dict[str, Any]]]) -> bool:
    return any(name == "orderStatus" and data["status"] == "Filled" for name, data in heard)


def executions(peer: Peer) -> list[dict[str, Any]]:
    told = answers(peer, "reqExecutions", "execDetails", "execDetailsEnd", reqId=5, executionFilter={})
    return [data for data in told if data["reqId"] == 5]


def check(peer: Peer, ledger: Ledger) -> Decimal:
    """Each execution that was ever told is there, none twice, and the position is their sum, which is returned."""
    # TWS goes on filling: the positions count that were asked for between two lists of executions that are alike.
    found = executions(peer)
    while True:
        held = answers(peer, "reqPositions", "position", "positionEnd")
        peer.send("cancelPositions")
        before, found = found, executions(peer)
        if len(found) == len(before):
            break
    ids = [data["execution"]["execId"] for data in found]
    assert len(set(ids)) == len(ids) and set(ledger.told) <= set(ids)
    total = sum((shares_of(data) for data in found), Decimal(0))
    assert [Decimal(data["position"]) for data in held] == ([total] if total else [])
    return total


def test_after_a_kill_held_orders_are_gone_and_pending_cancels_done(tmp_path: Path) -> None:
    flags = ("--ticks-per-second", "10", "--state", str(tmp_path))
    far = {"orderType": "LMT", "lmtPrice": 1.0}
    with simulator(*flags) as running:
        address = running.address
        peer = Peer(running, client_id=4)
        peer.until("nextValidId")
        place(peer, 1, 10, **far)
        place(peer, 2, 20, **far, transmit=False)
        place(peer, 3, 30, **far)
        peer.send("cancelOrder", orderId=3, orderCancel={})
        status = peer.until("orderStatus", orderId=3, status="PendingCancel")
        os.kill(running.process.pid, signal.SIGKILL)
        until_dead(peer)
    with simulator(*flags, listen=address) as running:
        peer = Peer(running, client_id=4)
        assert peer.until("nextValidId")["orderId"] == 4
        assert [d["orderId"] for d in answers(peer, "reqOpenOrders", "openOrder", "openOrderEnd")] == [1]
        done = answers(peer, "reqCompletedOrders", "completedOrder", "completedOrdersEnd", apiOnly=False)
        assert [(d["order"]["permId"], d["orderState"]["status"]) for d in done] == [(status["permId"], "Cancelled")]
        peer.close()
    with simulator(*flags, "--forget-ids", listen=address) as running:
        peer = Peer(running, client_id=4)
        assert peer.until("nextValidId")["orderId"] == 1
        place(peer, 1, 11, **far)
        assert peer.until("openOrder", orderId=1)["order"]["totalQuantity"] == "11"
        place(peer, 3, 30, **far)
        assert peer.until("error", id=3)["errorCode"] == 103
        peer.close()


def test_without_a_state_folder_nothing_is_kept() -> None:
    for _ in range(2):
        with simulator() as running:
            peer = Peer(running)
            assert peer.until("nextValidId")["orderId"] == 1
            place(peer, 1, 10, orderType="LMT", lmtPrice=1.0)
            peer.until("openOrder", orderId=1)
            peer.close()


def test_a_full_disk_ends_the_simulator_and_nothing_was_told_that_is_not_kept(tmp_path: Path) -> None:
    with simulator("--state", str(tmp_path)) as running:
        peer = Peer(running)
        peer.until("nextValidId")
        resource.prlimit(running.process.pid, resource.RLIMIT_FSIZE, (400_000, 400_000))
        heard = 0
        try:
            for order_id in range(1, 5000):
                place(peer, order_id, 10, orderType="LMT", lmtPrice=1.0, account="DU1234567")
                peer.send("cancelOrder", orderId=order_id, orderCancel={})
                while not any(isinstance(e, Message) and e.name == "openOrder" for e in peer.events):
                    assert peer.pump()
                peer.events.clear()
                heard = order_id
        except (AssertionError, OSError):
            peer.close()
        assert running.process.wait(10) == 1
    assert 10 < heard < 4999
    with simulator("--state", str(tmp_path)) as running:
        peer = Peer(running)
        assert peer.until("nextValidId")["orderId"] > heard
        done = answers(peer, "reqCompletedOrders", "completedOrder", "completedOrdersEnd", apiOnly=False)
        live = answers(peer, "reqAllOpenOrders", "openOrder", "openOrderEnd")
        assert len(done) + len(live) >= heard
        peer.close()
