"""The log of a bridge process: every line is one event, no line has a secret, and nobody waits for a reader."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import resource
import signal
import socket
import sqlite3
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bridge import service
from bridge.ledger import migrate, worker
from tests.end_to_end.processes import ScriptedTws, bridge, command, run, started
from tests.log_events import check_line
from tws_bridge_client import BridgeClient, BridgeError

ACCOUNT = "DU7654321"
AAPL = {"conId": 265598, "symbol": "AAPL", "secType": "STK", "exchange": "SMART", "currency": "USD"}
ORDER = {"action": "BUY", "orderType": "LMT", "totalQuantity": "10", "lmtPrice": 5.0, "account": ACCOUNT}
JSON = {"TWS_BRIDGE_LOG_FORMAT": "json", "TWS_BRIDGE_FIRST_BACKOFF": "0.2"}


class Tws(ScriptedTws):
    """A TWS that fills each order in two pieces, and rejects those above 100."""

    def __init__(self) -> None:
        self.sockets: list[socket.socket] = []
        super().__init__(self._play)

    def _play(self, client: socket.socket) -> None:
        self.sockets.append(client)
        connection = started(client, accounts=ACCOUNT)
        while True:
            for event in connection.events_received():
                self._answer(connection, event.name, event.data)
            client.sendall(connection.data_to_send())
            data = client.recv(65536)
            if not data:
                return
            connection.receive_data(data)

    def _answer(self, connection: Any, name: str, data: dict[str, Any]) -> None:
        ends = {
            "reqAllOpenOrders": "openOrderEnd",
            "reqCompletedOrders": "completedOrdersEnd",
            "reqPositions": "positionEnd",
        }
        if name in ends:
            connection.send(ends[name], {})
        elif name == "reqExecutions":
            connection.send("execDetailsEnd", {"reqId": data["reqId"]})
        elif name == "reqCurrentTime":
            connection.send("currentTime", {"currentTime": 1_760_000_000})
        elif name == "placeOrder":
            self._fill(connection, data)

    @staticmethod
    def _fill(connection: Any, data: dict[str, Any]) -> None:
        order_id, quantity = data["orderId"], float(str(data["order"]["totalQuantity"]))
        if quantity > 100:
            text = f"Order rejected - reason: {ACCOUNT} has no funds"
            connection.send("error", {"id": order_id, "errorTime": 1, "errorCode": 201, "errorMsg": text})
            return
        same = {"orderId": order_id, "permId": str(900 + order_id), "clientId": 1}
        connection.send("orderStatus", {**same, "status": "Submitted", "filled": "0", "remaining": "10"})
        for number in (1, 2):
            execution = {
                **same, "execId": f"e{order_id}.{number}.01", "shares": "5", "price": 5.0, "side": "BOT",
                "acctNumber": ACCOUNT, "cumQty": str(5 * number), "avgPrice": 5.0,
            }  # fmt: skip
            connection.send("execDetails", {"reqId": -1, "contract": AAPL, "execution": execution})
        connection.send("orderStatus", {**same, "status": "Filled", "filled": "10", "remaining": "0"})

    def restart(self) -> None:
        for one in self.sockets:
            one.close() if one.fileno() < 0 else one.shutdown(socket.SHUT_RDWR)


def lines(log: Path) -> list[dict[str, Any]]:
    """All whole lines. Each is one JSON object, as declared."""
    found = [json.loads(line) for line in log.read_text().splitlines(keepends=True) if line.endswith("\n")]
    for line in found:
        check_line(line)
    return found


def wait_for(condition: Callable[[], object]) -> None:
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def count(log: Path, event: str) -> int:
    return Counter(line["event"] for line in lines(log))[event]


def fails(client: BridgeClient, method: str, params: dict[str, Any]) -> str:
    with pytest.raises(BridgeError) as failed:
        client.request(method, params)
    return failed.value.code


def test_a_story_in_json_has_each_fact_once_and_no_account(tmp_path: Path) -> None:
    tws = Tws()
    with bridge(tws.address, tmp_path, "--log-format", "json", "--log-level", "debug", **JSON) as running:
        wait_for(lambda: count(running.log, "ordersPossible") == 1)
        with running.client("alice") as alice:
            alice.request("placeOrder", {"orderKey": "k1", "contract": AAPL, "order": ORDER})
            large = {**ORDER, "totalQuantity": "200"}
            assert fails(alice, "placeOrder", {"orderKey": "k2", "contract": AAPL, "order": large}) == "rejectedByTws"
            assert fails(alice, "placeOrder", {"orderKey": "k1", "contract": AAPL, "order": large}) == "keyConflict"
            alice.request("halt", {"reason": f"drill for {ACCOUNT}"})
            assert fails(alice, "placeOrder", {"orderKey": "k3", "contract": AAPL, "order": ORDER}) == "notPermitted"
            alice.request("resume", {})
            for _ in range(30):
                assert fails(alice, "noSuchMethod", {}) == "unknownMethod"
            tws.restart()
            wait_for(lambda: count(running.log, "connectionReady") == 2)
        assert running.stop() == 0
        told = Counter(line["event"] for line in lines(running.log))
        asked = told.pop("requestAnswered")
        told.pop("connectionProgress")
        told.pop("ordersNotPossible", None)  # the bridge looks each second, and may miss so short a loss
        assert told.pop("ordersPossible") in (1, 2)
        assert told == {
            "bridgeStarted": 1, "connectionOpening": 1, "connectionReady": 2, "clientJoined": 1,
            "orderPlaced": 2, "orderAcknowledged": 1, "orderFill": 2, "orderEnded": 1, "orderRejected": 1,
            "requestRefused": 12, "repeated": 1, "tradingHalted": 1, "tradingResumed": 1, "connectionLost": 1,
            "bridgeStopped": 1, "bridgeEnded": 1,
        }  # fmt: skip
        assert asked == 36
        (repeated,) = [line for line in lines(running.log) if line["event"] == "repeated"]
        assert (repeated["count"], repeated["client"], repeated["code"]) == (20, "alice", "unknownMethod")
        assert ACCOUNT not in running.log.read_text()
        assert "DU***21" in running.log.read_text()
        answered = next(line for line in lines(running.log) if line["event"] == "requestAnswered")
        assert (answered["method"], answered["client"], answered["outcome"]) == ("placeOrder", "alice", "ok")
    tws.close()


def test_in_text_each_line_has_its_time_its_level_and_its_event_and_accounts_if_wanted(tmp_path: Path) -> None:
    tws = Tws()
    with bridge(tws.address, tmp_path, TWS_BRIDGE_LOG_ACCOUNTS="true") as running:
        with running.client("alice") as alice:
            alice.request("placeOrder", {"orderKey": "k1", "contract": AAPL, "order": ORDER}, 20)
        running.stop()
        text = running.log.read_text()
        for line in text.splitlines():
            stamp, level, event, *_ = line.split()
            assert len(stamp) == 24 and stamp.endswith("Z"), line
            assert level in ("INFO", "WARNING"), line
            assert event[0].islower(), line
        assert f"account={ACCOUNT}" in text
    tws.close()


def test_a_reader_of_stderr_that_stalls_does_not_stall_the_bridge(tmp_path: Path) -> None:
    tws = Tws()
    arguments = command(
        "run", "--tws", tws.address, "--state", str(tmp_path / "state"), "--events", "tcp://127.0.0.1:*",
        "--requests", "tcp://127.0.0.1:*",
    )  # fmt: skip
    reading, writing = os.pipe()
    environment = {**os.environ, **JSON, "TWS_BRIDGE_LOG_LEVEL": "debug"}
    popen = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=writing, text=True, env=environment)
    with popen as process, contextlib.ExitStack() as exits:
        os.close(writing)
        exits.callback(process.kill)
        assert process.stdout is not None
        words = process.stdout.readline().split()
        with BridgeClient("alice", words[3], words[1]) as alice:
            for _ in range(1500):  # about 300 kB of lines, and the pipe takes 64
                alice.request("ping", {}, 20)
            placed = alice.request("placeOrder", {"orderKey": "k1", "contract": AAPL, "order": ORDER}, 20)
        assert placed["state"] in ("acknowledged", "filled")
        text = b""

        def read() -> None:
            nonlocal text
            while data := os.read(reading, 65536):
                text += data

        reader = threading.Thread(target=read, daemon=True)
        reader.start()
        wait_for(lambda: b"orderPlaced" in text)
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
        reader.join(20)
    os.close(reading)
    told = [json.loads(line) for line in text.decode().splitlines()]
    assert Counter(line["event"] for line in told)["requestAnswered"] == 1501
    tws.close()


def test_with_a_stalled_reader_the_bridge_ends_all_the_same(tmp_path: Path) -> None:
    tws = Tws()
    arguments = command(
        "run", "--tws", tws.address, "--state", str(tmp_path / "state"), "--events", "tcp://127.0.0.1:*",
        "--requests", "tcp://127.0.0.1:*",
    )  # fmt: skip
    environment = {**os.environ, **JSON, "TWS_BRIDGE_LOG_LEVEL": "debug"}
    popen = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
    with popen as process, contextlib.ExitStack() as exits:
        exits.callback(process.kill)
        assert process.stdout is not None
        words = process.stdout.readline().split()
        with BridgeClient("alice", words[3], words[1]) as alice:
            for _ in range(1000):
                alice.request("ping", {}, 20)
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    tws.close()


def test_no_secret_is_in_the_log_and_a_stranger_is(tmp_path: Path) -> None:
    """The public key of a stranger is: the operator may want to add it."""
    for name in ("bridge", "alice"):
        assert run("keys", "new", name, "--folder", str(tmp_path)).returncode == 0
    public = (tmp_path / "alice.public").read_text()
    key = next(word.strip('"') for word in public.split() if len(word.strip('"')) == 40)
    config = tmp_path / "bridge.toml"
    config.write_text(
        f"key = '{tmp_path / 'bridge.secret'}'\n[clients.alice]\npublic_key = '{key}'\nroles = ['admin']\n"
    )
    with bridge("127.0.0.1:1", tmp_path, "--config", str(config), **JSON) as running:
        environment = {"TWS_BRIDGE_CLIENT_KEY": str(tmp_path / "alice.secret")}
        environment |= {
            "TWS_BRIDGE_SERVER_KEY": str(tmp_path / "bridge.public"),
            "TWS_BRIDGE_REQUESTS": running.requests,
        }
        assert run("call", "status", "{}", **environment).returncode == 0
        wait_for(lambda: count(running.log, "connectionAttemptFailed") == 1)
        running.stop()
        text = running.log.read_text()
        assert count(running.log, "clientJoined") == 1
        for name in ("bridge", "alice"):
            secrets = [word.strip('"') for word in (tmp_path / f"{name}.secret").read_text().split()]
            keys = [word for word in secrets if len(word) == 40]
            assert keys
            assert [word for word in keys if word in text] == []


@pytest.mark.parametrize("mistake", [("--client-id", "-1"), ("--requests", "tcp://127.0.0.1:1x")])
def test_a_start_that_fails_is_an_event_too(tmp_path: Path, mistake: tuple[str, str]) -> None:
    done = run("run", "--log-format", "json", "--state", str(tmp_path / "state"), *mistake)
    assert done.returncode in (1, 2)
    found = [json.loads(line) for line in done.stderr.splitlines()]
    assert [line["event"] for line in found] == ["startFailed"]
    for line in found:
        check_line(line)


@pytest.mark.parametrize("closed", ["2>&-", "<&- 2>&-"])
def test_a_bridge_without_stderr_runs_and_gives_its_number_to_nobody(tmp_path: Path, closed: str) -> None:
    """A socket or the ledger with the number 2 would get what a library writes to stderr."""
    arguments = command("run", "--tws", "127.0.0.1:1", "--state", str(tmp_path / "state"), "--events",
                        "tcp://127.0.0.1:*", "--requests", "tcp://127.0.0.1:*")  # fmt: skip
    process = subprocess.Popen(["sh", "-c", f'exec "$@" {closed}', "sh", *arguments], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        announced = process.stdout.readline().split()
        assert len(announced) == 4
        with BridgeClient("a", announced[3], announced[1]) as client:
            client.request("ping", {}, 20)
        for number in (0, 2) if "<&-" in closed else (2,):
            assert os.readlink(f"/proc/{process.pid}/fd/{number}") == os.devnull
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def test_a_command_without_stderr_does_not_complain_on_stdout(tmp_path: Path) -> None:
    arguments = command("call", "ping", "{", "--requests", "tcp://127.0.0.1:9")
    done = subprocess.run(
        ["sh", "-c", 'exec "$@" 2>&-', "sh", *arguments], capture_output=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout) == (2, b"")


def test_a_misspelt_variable_is_told(tmp_path: Path) -> None:
    with bridge("127.0.0.1:1", tmp_path, **JSON, TWS_BRIDGE_CLIENTID="7") as running:
        wait_for(lambda: count(running.log, "settingUnknown") == 1)


# Single events of the shell


def events(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.msg.event for record in caplog.records]


def test_too_few_open_files(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _which: (100, 200))
    monkeypatch.setattr(resource, "setrlimit", lambda _which, _limits: None)
    service._raise_descriptor_limit(500)
    assert events(caplog) == ["openFilesLimited"]


def test_where_the_ledger_fails_is_a_detail(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, "bridge.ledger"):
        worker._detail("cannot write to the ledger", sqlite3.OperationalError("disk I/O error"))
    assert events(caplog) == ["ledgerDetail"]
    assert caplog.records[0].levelno == logging.DEBUG


def test_a_long_migration_says_that_it_goes_on(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrate, "_SECONDS", -1.0)
    with caplog.at_level(logging.INFO, "bridge.ledger"):
        assert migrate._Progress()() == 0
    assert events(caplog) == ["ledgerStillMigrates"]
