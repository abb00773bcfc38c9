"""A connection that is open and of no use, or of use later: real sockets, and a TWS that does what a script says."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time

import pytest

from bridge.tws import Connection
from bridge.tws.events import Message
from tests.chaos.world import AAPL
from tests.end_to_end import processes
from tests.scenarios.conftest import both_encodings
from tests.scenarios.scripted import PATIENCE, Tws, error

#: Half-open is noticed after 3 s, not after 15.
QUICK = "quiet = 1\nsilence = 2\nframe_timeout = 2\n"
quick = pytest.mark.parametrize("settings", [QUICK], ids=["quick"])


def link(stage):
    """How the bridge says that its connection is."""
    told = stage.ask("status", {}).told()["connection"]
    return told["state"], told.get("reason")


def until(reached, patience=PATIENCE):
    """The seconds until it is reached."""
    begun = time.monotonic()
    while not reached():
        assert time.monotonic() < begun + patience
        time.sleep(0.02)
    return time.monotonic() - begun


# Open and dead


@quick
@both_encodings
def test_a_half_open_connection_is_noticed_and_made_anew(stage, version):
    stage.tws.go_deaf()
    seconds = until(lambda: "connection lost: TWS has sent nothing for" in stage.log)
    assert 1.5 < seconds < 8
    assert "and has not answered reqCurrentTime" in stage.log
    stage.tws.until(lambda: stage.tws.connections == 2, "the bridge did not connect anew")
    until(lambda: link(stage) == ("ready", None))


def test_at_its_defaults_the_bridge_notices_a_half_open_connection_within_15_s(stage):
    stage.tws.go_deaf()
    assert until(lambda: "connection lost: TWS has sent nothing for" in stage.log, patience=20) <= 15
    stage.tws.until(lambda: stage.tws.connections == 2, "the bridge did not connect anew")


@quick
@both_encodings
def test_a_false_length_prefix_is_noticed_though_bytes_go_on_coming(stage, version):
    stage.tws.say_bytes(struct.pack(">I", 0xFFFFFF) + b"0")
    until(lambda: "connection lost: TWS has not completed a frame" in stage.log)
    assert len(stage.tws.sent("reqCurrentTime")) > 1
    stage.tws.until(lambda: stage.tws.connections == 2, "the bridge did not connect anew")
    until(lambda: link(stage)[0] == "ready")


@quick
def test_a_tws_that_talks_and_does_not_read_is_noticed(stage):
    stage.tws.go_deaf()
    for number in range(1000):  # all differ: equal ones would be one message
        stage.ask("reqContractDetails", {"contract": {**AAPL, "symbol": f"{number:04}" + "A" * 14_996}})
    words = ("connection lost: TWS has accepted none of", "bytes for 2 s")
    end = time.monotonic() + PATIENCE
    while not all(word in stage.log for word in words):
        assert time.monotonic() < end, stage.log[-2000:]
        if stage.tws.connections == 1:
            stage.tws.say(error(-1, 2107, "a word"))
        time.sleep(0.2)
    stage.tws.until(lambda: stage.tws.connections == 2, "the bridge did not connect anew")


def test_what_a_dead_connection_has_not_taken_never_arrives(tmp_path):
    """TWS hangs for a while, and reads on when the bridge has given the connection up."""
    goes_on, got, ends = threading.Event(), [], []

    def hangs(client):
        processes.started(client)
        goes_on.wait()
        try:
            while data := client.recv(1 << 20):
                got.append(len(data))
            ends.append("closed")
        except ConnectionResetError:
            ends.append("reset")

    environment = {"TWS_BRIDGE_QUIET": "1", "TWS_BRIDGE_SILENCE": "2", "TWS_BRIDGE_FIRST_BACKOFF": "60",
                   "TWS_BRIDGE_LONGEST_BACKOFF": "60", "TWS_BRIDGE_MESSAGES_PER_SECOND": "0"}  # fmt: skip
    size, count = 15_000, 1000
    with (
        contextlib.closing(processes.ScriptedTws(hangs)) as tws,
        processes.bridge(tws.address, tmp_path, **environment) as bridge,
        bridge.client("alice") as client,
    ):
        assert bridge.logs("connection ready")
        for number in range(count):  # all differ: equal ones would be one message
            contract = {**AAPL, "symbol": f"{number:04}" + "A" * (size - 4)}
            client.send("reqContractDetails", {"contract": contract}, PATIENCE)
        assert bridge.logs("connection lost: TWS has accepted none of")
        goes_on.set()
        until(lambda: ends)
        assert ends == ["reset"]
        assert sum(got) < size * count


@pytest.mark.parametrize("settings", ["quiet = 0.2\nsilence = 2\n"], ids=["curious"])
@both_encodings
def test_nobody_hears_of_the_bridges_own_questions(stage, version):
    asked = len(stage.tws.sent("reqCurrentTime"))
    before = stage.ask("sequences", {"prefix": "system.currentTime"}).told()
    stage.tws.until(lambda: len(stage.tws.sent("reqCurrentTime")) > asked + 3, "the bridge does not ask for a word")
    assert stage.ask("sequences", {"prefix": "system.currentTime"}).told() == before
    assert stage.ask("reqCurrentTime", {}).told() == {"currentTime": 1}
    assert stage.tws.connections == 1


# Outages


@both_encodings
def test_a_farm_ends_2110_and_not_1100(stage, version):
    for code in (2110, 1100, 2104):
        stage.tws.say(error(-1, code, f"text of {code}"))
    stage.heard()
    assert link(stage) == ("degraded", "text of 1100")
    stage.tws.say(error(-1, 1102, "text of 1102"))
    stage.heard()
    assert link(stage) == ("ready", "text of 1102")


# Another port


@pytest.fixture
def nowhere():
    """A port on which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    return port


def move(stage, port):
    """TWS says that it listens there from now on, and drops the connection."""
    stage.tws.say(error(-1, 1300, f"TWS socket port has been reset. Please reconnect on the new port - {port}"))
    stage.heard()
    stage.tws.drop()


def test_a_port_that_does_not_serve_is_left_for_the_configured_one(stage, nowhere):
    move(stage, nowhere)
    stage.tws.until(lambda: stage.tws.connections == 2, "the bridge did not come back")
    assert f"cannot connect to 127.0.0.1:{nowhere}" in stage.log
    until(lambda: link(stage)[0] == "ready")


def test_a_port_that_serves_is_where_it_goes(stage):
    with contextlib.closing(Tws()) as other:
        move(stage, other.address.rpartition(":")[2])
        other.until(lambda: other.connections == 1, "the bridge did not go there")
        until(lambda: link(stage)[0] == "ready")
        assert stage.tws.connections == 1


# Behind a dialog


class Dialogs:
    """A TWS that shows a dialog before the handshake, and another before it starts; each waits for its answer."""

    def __init__(self, version):
        self.version = version
        self.sockets = 0
        self.allowed, self.started = threading.Event(), threading.Event()
        self._listener = processes.ScriptedTws(self._serve)
        self.address = self._listener.address

    def close(self):
        self.allowed.set()
        self.started.set()
        self._listener.close()

    def _serve(self, client):
        self.sockets += 1
        connection = Connection.server(self.version, "20261122 07:00:00 UTC")
        self.allowed.wait()
        while data := client.recv(65536):
            connection.receive_data(data)
            for event in connection.events_received():
                if isinstance(event, Message) and event.name == "startApi":
                    self.started.wait()
                    connection.send("managedAccounts", {"accountsList": "DU1"})
                    connection.send("nextValidId", {"orderId": 1})
            client.sendall(connection.data_to_send())


@both_encodings
def test_a_socket_waits_until_a_person_has_answered_the_dialogs(tmp_path, version):
    environment = {"TWS_BRIDGE_HANDSHAKE_TIMEOUT": "0.3", "TWS_BRIDGE_START_TIMEOUT": "0.3"}
    with (
        contextlib.closing(Dialogs(version)) as tws,
        processes.bridge(tws.address, tmp_path, **environment) as bridge,
    ):
        assert bridge.logs("connection handshaking: TCP is open, but TWS has not answered the handshake")
        time.sleep(1)
        tws.allowed.set()
        assert bridge.logs("connection starting: TWS has answered the handshake, but has not sent managedAccounts")
        time.sleep(1)
        tws.started.set()
        assert bridge.logs("connection ready")
        assert tws.sockets == 1
        assert "connection lost" not in bridge.log.read_text()


def test_patience_has_an_end(tmp_path):
    environment = {"TWS_BRIDGE_HANDSHAKE_TIMEOUT": "0.2", "TWS_BRIDGE_PATIENCE": "1", "TWS_BRIDGE_FIRST_BACKOFF": "0.1"}
    with contextlib.closing(Dialogs(213)) as tws, processes.bridge(tws.address, tmp_path, **environment) as bridge:
        assert bridge.logs("the bridge has waited for 1 s")
        until(lambda: tws.sockets > 1)
