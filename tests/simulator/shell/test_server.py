"""The simulator as a process, and other people's clients against it, each in a process of its own."""

from __future__ import annotations

import json
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bridge.simulator import Running, simulator_process
from bridge.simulator.shell.process import start, stop
from bridge.tws.events import Event, Message
from tests.simulator.peer import Peer

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    with simulator_process(ticks_per_second=500) as found:
        yield found


def outsider(script: str, *arguments: int) -> dict[str, Any]:
    command = [sys.executable, str(HERE / script), *(str(argument) for argument in arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.fixture
def peers(running: Running) -> Iterator[Any]:
    made: list[Peer] = []

    def connect(client_id: int, **more: Any) -> Peer:
        made.append(Peer(running, client_id, **more))
        return made[-1]

    yield connect
    for peer in made:
        peer.close()


@pytest.mark.parametrize("version", [176, 200, 203, 208, 226])
def test_the_vendors_client_trades(version: int) -> None:
    with simulator_process(server_version=version, ticks_per_second=200) as running:
        heard = outsider("vendor_client.py", running.port, 7)
    assert heard["version"] == version and heard["accounts"] == "DU1234567" and heard["next"] == 1
    assert heard["details"] == [265598, "APPLE INC", 0.01]
    assert 6 <= len(heard["bars"]) <= 8 and all(low <= first <= high for _, first, high, low, _ in heard["bars"])
    assert {"1", "2", "4", "6", "7", "9", "14"} <= heard["prices"].keys()
    assert [1, "Filled", "100", "0"] in heard["statuses"]
    assert [2, "Cancelled", "0", "100"] in heard["statuses"] and [2, 202] in heard["errors"]
    assert heard["execution"][:3] == [1, "BOT", "100"]
    assert heard["commission"] == [heard["execution"][4], 1.0, "USD"]
    assert heard["position"][:3] == ["DU1234567", "AAPL", "100"]
    assert [6, 321] in heard["errors"]
    ends = ("historicalDataEnd", "contractDetailsEnd", "positionEnd", "openOrderEnd", "execDetailsEnd")
    once = (*ends, "completedOrdersEnd", "accountDownloadEnd", "accountSummaryEnd", "currentTime")
    assert {name: heard["counts"].get(name) for name in once} == dict.fromkeys(once, 1)
    assert heard["counts"]["completedOrder"] >= 1 and heard["counts"]["updateAccountValue"] > 20
    assert {code for _, code in heard["errors"]} == {2104, 2106, 2158, 202, 321}


def test_ib_async_trades(running: Running) -> None:
    seen = outsider("async_client.py", running.port)
    assert seen["version"] == 178 and seen["accounts"] == ["DU1234567"] and seen["conId"] == 265598
    assert seen["values"] > 20 and 7 <= seen["bars"] <= 14 and seen["margin"] > 0
    assert seen["quote"][0] < seen["quote"][1]
    assert (seen["status"], seen["filled"], seen["commission"]) == ("Filled", 100.0, 1.0)
    assert seen["positions"] == [["AAPL", 100.0]]
    assert seen["cancelled"] == "Cancelled"


def test_a_client_id_in_use_is_refused_and_the_first_keeps_it(peers: Any) -> None:
    first = peers(11)
    first.until("nextValidId")
    second = peers(11)
    assert second.until("error")["errorCode"] == 326
    while second.pump():
        pass
    first.send("reqCurrentTime")
    assert first.until("currentTime")


def test_a_closed_connection_frees_its_client_id(running: Running, peers: Any) -> None:
    peer = peers(12)
    peer.until("nextValidId")
    peer.close()
    assert any(_admitted(running, 12) for _ in range(50))


def test_the_clients_highest_version_is_respected(peers: Any) -> None:
    peer = peers(13, newest=190)
    peer.until("nextValidId")
    assert peer.connection.server_version == 190


def test_broken_input_harms_nobody_else(running: Running, peers: Any) -> None:
    witness = peers(14)
    witness.until("nextValidId")
    wrong = peers(15)
    wrong.until("nextValidId")
    wrong.socket.sendall(struct.pack(">II", 4, 9999) + struct.pack(">II", 7, 201) + b"\xff\xff\xff")
    assert wrong.until("error", errorCode=320)["id"] == -1
    wrong.send("reqCurrentTime")
    wrong.until("currentTime")
    for junk in (b"GET / HTTP/1.1\r\n\r\n", b"API\0" + b"\xff" * 8, b"API\0" + struct.pack(">I", 3) + b"abc"):
        with socket.create_connection((running.host, running.port), timeout=5) as stranger:
            stranger.sendall(junk)
            while stranger.recv(4096):
                pass
    witness.send("reqContractDetails", reqId=1, contract={"conId": 265598})
    assert witness.until("contractDetails", reqId=1)


def test_broken_text_is_answered_and_a_broken_length_ends_the_connection(peers: Any) -> None:
    peer = peers(17, newest=187)
    peer.until("nextValidId")
    for broken in (b"9\0", b"9\0eight\0one\0", b"abc\0", b"3\0" + b"\xff\0" * 400):
        peer.socket.sendall(struct.pack(">I", len(broken)) + broken)
        peer.events.clear()
        assert peer.until("error", errorCode=320)["id"] == -1
    peer.send("reqCurrentTime")
    peer.until("currentTime")
    peer.socket.sendall(b"\xff" * 8)
    while peer.pump():
        pass


def test_requests_before_start_api_are_dropped(peers: Any) -> None:
    peer = peers(16)
    frames = peer.connection.data_to_send()
    peer.socket.sendall(frames)
    while peer.connection.server_version is None:
        peer.connection.receive_data(peer.socket.recv(4096))
    start_api = peer.connection.data_to_send()
    peer.send("reqCurrentTime")
    early = peer.connection.data_to_send()
    peer.socket.sendall(early + start_api)
    peer.until("nextValidId")
    assert not [e for e in peer.events if isinstance(e, Message) and e.name == "currentTime"]


def test_a_client_that_does_not_read_is_dropped_and_others_are_not() -> None:
    running = start("--client-buffer", "65536")
    try:
        witness, deaf = Peer(running, 1), Peer(running, 2)
        for peer in (witness, deaf):
            peer.until("nextValidId")
            peer.send("reqMktData", reqId=1, contract={"conId": 265598, "exchange": "SMART"})
            peer.until("tickPrice")
        for asked in range(600):  # 15 MB of answers: more than the kernel holds for anybody
            deaf.send("reqContractDetails", reqId=asked, contract={"symbol": "AAPL", "secType": "OPT"})
        deaf.socket.sendall(deaf.connection.data_to_send())
        assert any(_admitted(running, 2) for _ in range(100)), "the deaf client was kept"
        witness.events.clear()
        witness.until("tickPrice")
    finally:
        assert stop(running) == 0


def _admitted(running: Running, client_id: int) -> bool:
    """Whether the client id is free; waits a little."""
    time.sleep(0.1)
    peer = Peer(running, client_id)
    try:
        while not any(isinstance(event, Message) for event in peer.events):
            peer.pump()
        return any(isinstance(event, Message) and event.name == "managedAccounts" for event in peer.events)
    finally:
        peer.close()


def test_the_same_seed_sends_the_same_ticks() -> None:
    def ticks() -> list[Any]:
        with simulator_process(seed=9, ticks_per_second=5000) as running:
            peer = Peer(running)
            peer.until("nextValidId")
            peer.send("reqMktData", reqId=1, contract={"conId": 265598, "exchange": "SMART"})
            while len(prices := _prices(peer.events)) < 900:
                peer.pump()
            peer.close()
            return prices

    first, second = ticks(), ticks()
    middle = first[450:480]  # each run begins to listen at another moment
    assert any(second[n : n + 30] == middle for n in range(len(second))), (first, second)


def _prices(events: list[Event]) -> list[Any]:
    ticks = [e.data for e in events if isinstance(e, Message) and e.name == "tickPrice"]
    return [(tick["tickType"], tick["price"]) for tick in ticks if tick["tickType"] in (1, 2, 4)]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--listen", "nowhere"], "HOST:PORT"),
        (["--server-version", "100"], "--server-version"),
        (["--ticks-per-second", "0"], "--ticks-per-second"),
        (["--seed", "x"], "--seed"),
    ],
)
def test_wrong_arguments_are_named(arguments: list[str], words: str) -> None:
    command = [sys.executable, "-m", "bridge.simulator", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 2 and words in done.stderr


def test_a_port_in_use_is_said(running: Running) -> None:
    command = [sys.executable, "-m", "bridge.simulator", "--listen", running.address]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 1 and "cannot listen" in done.stderr
