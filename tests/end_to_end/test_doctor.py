"""`tws-bridge doctor` before a TWS that is well, and before each kind of trouble; and the table of `status`."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bridge.doctor import examine
from bridge.ledger import Store
from bridge.session.records import Fact
from bridge.simulator.shell.process import start, stop
from bridge.state_folder import private
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


LISTS = {"reqAllOpenOrders": ("openOrderEnd", {}), "reqCompletedOrders": ("completedOrdersEnd", {}),
         "reqExecutions": ("execDetailsEnd", {"reqId": 1 << 30})}  # fmt: skip


def says(data):
    """Read something, and say these bytes."""

    def talk(accepted):
        accepted.recv(9)
        accepted.sendall(data)
        waits(accepted)

    return talk


def answers(*messages, version=213, closes=False, clock="20261128 08:00:00 UTC", lists=LISTS, forever=()):
    """A TWS that answers the handshake and sends these messages; then it answers requests from `lists`, or sends
    `forever` without a pause."""

    def talk(accepted):
        tws = Connection.server(version, clock)
        while not tws.server_version:
            tws.receive_data(accepted.recv(65536))
            accepted.sendall(tws.data_to_send())
        for name, data in messages:
            tws.send(name, data)
        accepted.sendall(tws.data_to_send())
        for name, data in forever:
            tws.send(name, data)
        endless = tws.data_to_send() * 500
        while endless:
            accepted.sendall(endless)
        while not closes and (data := accepted.recv(65536)):
            tws.receive_data(data)
            for event in tws.events_received():
                if getattr(event, "name", None) in lists:
                    tws.send(*lists[event.name])
            accepted.sendall(tws.data_to_send())

    return talk


def error(code, text):
    return "error", {"id": -1, "errorTime": 1, "errorCode": code, "errorMsg": text}


STARTED = (("managedAccounts", {"accountsList": "DU1,DU2"}), ("nextValidId", {"orderId": 1}))


@pytest.fixture
def find(tmp_path):
    """Examine a bridge of this TWS. Returns name -> check; the last one of a name."""

    def examined(tws, config=""):
        file = tmp_path / "bridge.toml"
        file.write_text(
            f'trading_mode = "paper"\nevents = "tcp://127.0.0.1:*"\nrequests = "tcp://127.0.0.1:*"\n{config}'
        )
        found = examine({"tws": tws, "state": tmp_path / "state"}, file, patience=2.0, listen=0.5)
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
        "accounts", "clock", "farms", "lists",
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
    with listener(answers(*messages, clock="20251128 08:00:00 UTC")) as tws:
        found = find(tws)
    assert failed(found) == {"orders": "readOnlyApi", "IBKR": "outOfReach"}
    assert {name: check.code for name, check in found.items() if check.result == "warning"} == {
        "clock": "clocksDiffer", "farms": "farmsDown",
    }  # fmt: skip


def warned(found):
    return {name: check.code for name, check in found.items() if check.result == "warning" and check.code}


FARM = {code: error(code, f"{text}:usfarm") for code, text in {
    2103: "Market data farm connection is broken", 2104: "Market data farm connection is OK",
    2157: "Sec-def data farm connection is broken", 2158: "Sec-def data farm connection is OK",
}.items()}  # fmt: skip


@pytest.mark.parametrize(
    ("messages", "fails", "warns"),
    [
        ((error(1100, "lost"), error(1102, "restored")), {}, {}),
        ((error(2110, "broken"), FARM[2104]), {}, {}),
        ((FARM[2103], FARM[2104]), {}, {}),
        ((FARM[2104], FARM[2103]), {}, {"farms": "farmsDown"}),
        ((FARM[2157],), {}, {"farms": "farmsDown"}),
        ((FARM[2157], FARM[2158]), {}, {}),
        ((error(1100, "lost"), FARM[2104]), {"IBKR": "outOfReach"}, {}),
        ((error(2110, "broken"),), {"IBKR": "serverBroken"}, {}),
        ((error(100, "Max rate of messages per second has been exceeded"),), {}, {"TWS": "tooFast"}),
    ],
    ids=["1100-1102", "2110-2104", "2103-2104", "2104-2103", "2157", "2157-2158", "1100-2104", "2110", "100"],
)
def test_notices_count_as_they_do_for_the_bridge(find, messages, fails, warns):
    clock = f"{datetime.now(UTC):%Y%m%d %H:%M:%S} UTC"
    with listener(answers(*STARTED, *messages, clock=clock)) as tws:
        found = find(tws)
    assert (failed(found), warned(found)) == (fails, warns)


def test_a_redirect_is_followed_as_the_bridge_does(find):
    with listener(answers(*STARTED)) as right, listener(says(frame(f"-1\0{right}\0".encode()))) as wrong:
        found = find(wrong)
    assert failed(found) == {}
    assert right in found["redirect"].text
    assert found["lists"].result == "ok"


def test_an_endless_redirect(find):
    place = []

    def talk(accepted):
        says(frame(f"-1\0{place[0]}\0".encode()))(accepted)

    with listener(talk) as tws:
        place.append(tws)
        assert failed(find(tws)) == {"handshake": "redirected"}


def test_a_tws_that_never_pauses_does_not_keep_the_doctor(find):
    with listener(answers(*STARTED, forever=(FARM[2104],))) as tws:
        begun = time.monotonic()
        found = find(tws)
    assert time.monotonic() - begun < 20
    assert failed(found) == {"lists": "reconciling"}


def test_bytes_that_come_one_by_one_do_not_keep_the_doctor(find):
    def drips(accepted):
        accepted.sendall((1 << 20).to_bytes(4, "big"))
        while True:
            accepted.sendall(b"x")
            time.sleep(0.05)

    with listener(drips) as tws:
        begun = time.monotonic()
        assert failed(find(tws)) == {"handshake": "noHandshake"}
    assert time.monotonic() - begun < 20


def test_a_tws_that_closes_the_connection_after_the_start(find):
    with listener(answers(*STARTED, closes=True)) as tws:
        assert failed(find(tws)) == {"TWS": "closed"}


@pytest.mark.parametrize("method", LISTS)
def test_a_list_that_tws_does_not_send_is_named(find, method):
    lists = {name: word for name, word in LISTS.items() if name != method}
    with listener(answers(*STARTED, lists=lists)) as tws:
        found = find(tws)
    assert failed(found) == {"lists": "reconciling"}
    assert f"has not answered {method} within" in found["lists"].text


@pytest.mark.parametrize("method", LISTS)
def test_a_read_only_api_that_refuses_one_list(find, method):
    refusal = error(321, "Error validating request.-'bO' : cause - The API interface is currently in Read-Only mode.")
    with listener(answers(*STARTED, lists={**LISTS, method: refusal})) as tws:
        assert failed(find(tws)) == {"orders": "readOnlyApi"}


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


def test_the_accounts_of_the_ledger_and_those_of_tws(find, tmp_path):
    (tmp_path / "state").mkdir(mode=0o700)
    store = Store(private(tmp_path / "state" / "ledger.sqlite"), 1)
    store.write([Fact("accounts", "DU99")])
    store.close()
    with listener(answers(*STARTED)) as tws:
        found = find(tws)
    assert failed(found) == {"accounts": "wrongAccounts"}
    assert "this state folder belongs to DU99, but TWS has DU1,DU2" in found["accounts"].text
    with listener(answers(("managedAccounts", {"accountsList": "DU1,DU99"}), STARTED[1])) as tws:
        assert failed(find(tws)) == {}


#: Leaves a ledger as a bridge that is killed: with a write-ahead log.
KILLED = """
import os, pathlib, sys
from bridge.ledger import Store
from bridge.session.records import Fact
from bridge.state_folder import private
Store(private(pathlib.Path(sys.argv[1])), 1).write([Fact("accounts", "DU99")])
os._exit(0)
"""


def contents(folder):
    """Everything below the folder: names, owners, modes, times and bytes."""
    return {
        str(path.relative_to(folder)): (status.st_uid, status.st_mode, status.st_mtime_ns,
                                        path.read_bytes() if path.is_file() else None)
        for path in folder.rglob("*") for status in [path.lstat()]
    }  # fmt: skip


def test_the_doctor_makes_and_changes_nothing(tmp_path):
    flags = {"tws": "127.0.0.1:9", "state": tmp_path / "a" / "state",
             "events": f"ipc://{tmp_path}/e", "requests": f"ipc://{tmp_path}/r"}  # fmt: skip
    examine(flags, None)
    assert contents(tmp_path) == {}
    state = tmp_path / "a" / "state"
    state.mkdir(mode=0o700, parents=True)
    subprocess.run([sys.executable, "-c", KILLED, str(state / "ledger.sqlite")], check=True, timeout=60)
    (state / "instances.json").write_text("{}")
    (state / "instances.json").chmod(0o644)
    assert (state / "ledger.sqlite-wal").stat().st_size
    before = contents(tmp_path)
    found = examine(flags, None)
    assert contents(tmp_path) == before
    assert [(check.result, check.text) for check in found.checks if check.name == "ledger"] == [
        ("ok", f"{state}/ledger.sqlite: of client id 1")
    ]
    with listener(answers(*STARTED)) as tws:
        found = examine({**flags, "tws": tws}, None, listen=0.1)
    assert contents(tmp_path) == before
    assert any("belongs to DU99" in check.text for check in found.checks)
    (state / "ledger.sqlite-shm").unlink()  # as a backup by hand leaves it
    before = contents(tmp_path)
    found = examine(flags, None)
    assert contents(tmp_path) == before
    assert [check.result for check in found.checks if check.name == "ledger"] == ["warning"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be another user")
def test_another_user_than_the_bridges():
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as stack:
        folder = Path(name)
        folder.chmod(0o755)
        for part in ("state", "sockets"):
            (folder / part).mkdir(mode=0o700)
        os.chown(folder / "state", NOBODY, NOBODY)
        (folder / "sockets").chmod(0o755)
        flags = {"tws": "127.0.0.1:9", "state": folder / "state", "events": f"ipc://{folder}/sockets/e",
                 "requests": f"ipc://{folder}/sockets/r"}  # fmt: skip
        found = {check.name: check for check in examine(flags, None).checks}
        assert found["user"].result == "warning"
        assert list((folder / "state").iterdir()) == []
        stack.enter_context(as_user(NOBODY))
        assert failed({check.name: check for check in examine(flags, None).checks}) == {
            "events": "", "requests": "", "tcp": "refused",
        }  # fmt: skip
        (folder / "state").chmod(0o500)
        found = {check.name: check for check in examine(flags, None).checks}
        assert "cannot use it" in found["state folder"].text
        assert found["state folder"].result == "failed"


NOBODY = 65534


@contextlib.contextmanager
def as_user(number):
    os.seteuid(number)
    try:
        yield
    finally:
        os.seteuid(0)


def test_a_path_that_says_in_use_is_no_bridge_that_runs(tmp_path):
    (tmp_path / "in use").mkdir(mode=0o755)
    found = examine({"tws": "127.0.0.1:9", "state": tmp_path / "in use"}, None)
    state = next(check for check in found.checks if check.name == "state folder")
    assert (state.result, "chmod 700" in state.text) == ("failed", True)
    assert not [check for check in found.checks if check.name == "bridge"]


def test_the_endpoints_of_the_configuration_are_asked_and_checked(tmp_path):
    tws = start("--server-version", "213")
    try:
        with processes.bridge(tws.address, tmp_path) as bridge:
            assert bridge.logs("connection ready")
            file = tmp_path / "bridge.toml"
            file.write_text(f'tws = "{tws.address}"\nstate = "{tmp_path / "state"}"\nevents = "{bridge.events}"\n'
                            f'requests = "{bridge.requests}"\ntrading_mode = "paper"\n')  # fmt: skip
            done = processes.run("doctor", "--config", str(file))
            assert (done.returncode, "it runs, and it trades" in done.stdout) == (0, True), done.stdout
            done = processes.run("doctor", TWS_BRIDGE_STATE=str(tmp_path / "state"), TWS_BRIDGE_EVENTS=bridge.events,
                                 TWS_BRIDGE_REQUESTS=bridge.requests)  # fmt: skip
            assert (done.returncode, "it runs, and it trades" in done.stdout) == (0, True), done.stdout
            done = processes.run("doctor", "--config", str(file), "--state", str(tmp_path / "other"))
            assert done.returncode == 1
            assert f"a bridge answers at {bridge.requests}, and it does not use the state folder" in done.stdout
            assert "it runs, and it trades" in done.stdout
            assert not (tmp_path / "other").exists()
            done = processes.run("doctor", "--config", str(file), "--state", str(tmp_path / "other"), "--requests",
                                 "tcp://127.0.0.1:*", "--events", "tcp://127.0.0.1:*")  # fmt: skip
            assert "If the other program is a bridge of yours, give the doctor that bridge's settings" in done.stdout
        done = processes.run("doctor", "--config", str(file))
        assert f"{bridge.requests}: free" in done.stdout
    finally:
        stop(tws)


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
