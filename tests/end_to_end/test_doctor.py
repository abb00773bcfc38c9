"""`tws-bridge doctor` before a TWS that is well, and before each kind of trouble; and the table of `status`."""

from __future__ import annotations

import contextlib
import json
import socket
import threading

import pytest

from bridge.doctor import examine
from bridge.simulator.shell.process import start, stop
from bridge.tws import Connection
from bridge.tws.framing import frame
from tests.end_to_end import processes


@contextlib.contextmanager
def listener(talk=None):
    """A TCP server on a free port. `talk` gets each connection; it is closed when `talk` returns."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve():
            with contextlib.suppress(OSError):
                while True:
                    accepted, _ = server.accept()
                    with accepted, contextlib.suppress(OSError):
                        if talk is not None:
                            talk(accepted)

        threading.Thread(target=serve, daemon=True).start()
        yield f"127.0.0.1:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)


def waits(accepted):
    while accepted.recv(65536):
        pass


def answers(*messages, version=213, closes=False, time="20261128 08:00:00 UTC"):
    """A TWS that answers the handshake and sends these messages."""

    def talk(accepted):
        tws = Connection.server(version, time)
        while not tws.server_version:
            tws.receive_data(accepted.recv(65536))
            accepted.sendall(tws.data_to_send())
        for name, data in messages:
            tws.send(name, data)
        accepted.sendall(tws.data_to_send())
        if not closes:
            waits(accepted)

    return talk


def error(code, text):
    return "error", {"id": -1, "errorTime": 1, "errorCode": code, "errorMsg": text}


STARTED = (("managedAccounts", {"accountsList": "DU1,DU2"}), ("nextValidId", {"orderId": 1}))


@pytest.fixture
def find(tmp_path):
    """Examine a bridge of this TWS. Returns name -> check; the last one of a name."""

    def examined(tws, config="", client=None):
        file = tmp_path / "bridge.toml"
        file.write_text(
            f'trading_mode = "paper"\nevents = "tcp://127.0.0.1:*"\nrequests = "tcp://127.0.0.1:*"\n{config}'
        )
        found = examine({"tws": tws, "state": tmp_path / "state"}, file, client, patience=2.0, listen=0.5)
        return {check.name: check for check in found.checks}

    return examined


def test_a_tws_that_is_well_passes_each_check(tmp_path):
    tws = start("--server-version", "213")
    try:
        done = processes.run("doctor", "--tws", tws.address, "--state", str(tmp_path / "state"), "--json",
                             "--requests", "ipc:///" + str(tmp_path / "r"), "--events", "ipc:///" + str(tmp_path / "e"),
                             TWS_BRIDGE_TRADING_MODE="paper")  # fmt: skip
    finally:
        stop(tws)
    checks = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, done.stdout
    assert {check["result"] for check in checks} == {"ok"}, done.stdout
    assert [check["name"] for check in checks] == [
        "settings", "state folder", "ledger", "disk", "keys", "events", "requests", "host", "tcp", "handshake", "start",
        "accounts", "clock", "farms",
    ]  # fmt: skip


def failed(found):
    return {name: check.code for name, check in found.items() if check.result == "failed"}


def test_nothing_listens(find):
    with socket.create_server(("127.0.0.1", 0)) as server:
        place = f"127.0.0.1:{server.getsockname()[1]}"
    found = find(place)
    assert failed(found) == {"tcp": "refused"}
    assert "7497" in found["tcp"].remedy
    assert found["handshake"].result == "skipped"


def test_a_host_without_an_address(find):
    assert failed(find("no-such-host.invalid:4002")) == {"host": "unknownHost"}


@pytest.mark.parametrize(
    ("talk", "step", "code"),
    [
        (None, "handshake", "closedBeforeHandshake"),
        (waits, "handshake", "noHandshake"),
        (lambda accepted: (accepted.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n" * 9), waits(accepted)), "handshake",
         "notTws"),
        (lambda accepted: (accepted.recv(9), accepted.sendall(frame(b"100\x0020261128 08:00:00 UTC\x00")),
                           waits(accepted)), "handshake", "tooOld"),
        (answers(), "start", "notStarted"),
        (answers(closes=True), "start", "closedBeforeStart"),
        (answers(error(326, "client id is in use"), closes=True), "start", "clientIdInUse"),
    ],
    ids=["closed", "silent", "http", "old", "starting", "refused", "326"],
)  # fmt: skip
def test_a_connection_that_does_not_start(find, talk, step, code):
    with listener(talk) as tws:
        assert failed(find(tws)) == {step: code}


def test_the_wrong_kind_of_account(find):
    with listener(answers(("managedAccounts", {"accountsList": "U1"}), STARTED[1])) as tws:
        assert failed(find(tws)) == {"accounts": "wrongAccounts"}


def test_a_read_only_api_and_an_outage_and_a_farm_and_a_clock(find):
    messages = (*STARTED, error(321, "The API interface is currently in Read-Only mode."), error(1100, "lost"),
                error(2103, "Market data farm connection is broken:usfarm"))  # fmt: skip
    with listener(answers(*messages, time="20251128 08:00:00 UTC")) as tws:
        found = find(tws)
    assert failed(found) == {"orders": "readOnlyApi", "IBKR": "outOfReach"}
    assert {name: check.code for name, check in found.items() if check.result == "warning"} == {
        "clock": "clocksDiffer", "farms": "farmsDown",
    }  # fmt: skip


def test_mistakes_in_the_settings_are_all_named(find):
    found = find("127.0.0.1:9", "client_id = -1\nno_such = 1\n")
    assert found["settings"].result == "failed"
    assert found["tcp"].result == "skipped"


def test_a_state_folder_that_others_may_read(find, tmp_path):
    (tmp_path / "state").mkdir(mode=0o755)
    with listener(answers(*STARTED)) as tws:
        found = find(tws)
    assert found["state folder"].result == "failed"
    assert "chmod 700" in found["state folder"].text


def test_a_halt_and_a_port_that_is_taken(find, tmp_path):
    (tmp_path / "state").mkdir(mode=0o700)
    (tmp_path / "state" / "halt").write_text("no more\n")
    with listener(answers(*STARTED)) as tws, listener() as taken:
        found = find(tws)
        again = examine({"tws": tws, "state": tmp_path / "state", "events": f"tcp://{taken}"}, None, patience=2.0,
                        listen=0.2)  # fmt: skip
    assert failed(found) == {"kill switch": "halted"}
    events = next(check for check in again.checks if check.name == "events")
    assert (events.result, "in use" in events.text) == ("failed", True)


def test_a_bridge_that_runs_is_asked(tmp_path):
    tws = start("--server-version", "213")
    try:
        with processes.bridge(tws.address, tmp_path) as bridge:
            assert bridge.logs("connection ready")
            places = ("--state", str(tmp_path / "state"), "--requests", bridge.requests, "--events", bridge.events)
            with bridge.client("boss") as boss:
                boss.request("halt", {"reason": "enough"})
            done = processes.run("doctor", *places)
            assert done.returncode == 1
            assert "it runs, and it does not trade: admin: enough (boss)" in done.stdout
            told = processes.run("status", *places[2:])
            assert (told.returncode, told.stdout.startswith("Trading: NO, since 20")) == (1, True)
            assert "send `resume` as an admin" in told.stdout
            with bridge.client("boss") as boss:
                boss.request("resume")
                boss.request("reqMktData", {"contract": {"conId": 265598, "exchange": "SMART"}}, 20)
                told = processes.run("status", *places[2:])
            assert (told.returncode, told.stdout.splitlines()[0][:12]) == (0, "Trading: yes")
            assert "market.265598." in told.stdout
            assert processes.run("doctor", *places).returncode == 0
    finally:
        stop(tws)
