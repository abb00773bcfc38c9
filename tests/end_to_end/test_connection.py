"""The bridge and a TWS that does what a real one does on a bad day; and the bridge's own beginning and end."""

from __future__ import annotations

import signal
import socket
import struct
import time

import msgpack
import pytest
import zmq

from bridge.simulator import simulator_process
from tests.end_to_end import processes
from tests.end_to_end.conftest import wait_until_ready
from tests.end_to_end.processes import ScriptedTws, started

FAST = {
    "TWS_BRIDGE_HANDSHAKE_TIMEOUT": "0.5",
    "TWS_BRIDGE_START_TIMEOUT": "0.5",
    "TWS_BRIDGE_PATIENCE": "1",
    "TWS_BRIDGE_FIRST_BACKOFF": "0.1",
    "TWS_BRIDGE_LONGEST_BACKOFF": "0.2",
    "TWS_BRIDGE_REQUEST_TIMEOUT": "1",
}


class Listener:
    """A SUB socket on `system.`, which keeps what it hears."""

    def __init__(self, endpoint):
        self._context = zmq.Context()
        self._sub = self._context.socket(zmq.SUB)
        self._sub.connect(endpoint)
        self._sub.subscribe(b"system.")

    def wait_for(self, topic, accept=lambda data: True, patience=60.0):
        end = time.monotonic() + patience
        while time.monotonic() < end:
            if self._sub.poll(100):
                name, body = self._sub.recv_multipart()
                event = msgpack.unpackb(body)
                if name.decode() == topic and accept(event["data"]):
                    return event["data"]
        raise AssertionError(f"nothing of that kind on {topic}")

    def close(self):
        self._context.destroy(linger=0)


@pytest.fixture
def play(tmp_path):
    """Start a bridge on a TWS that does as told with each client; gives the bridge, a listener and a client."""
    open_ = []

    def start(on_client, **environment):
        tws = ScriptedTws(on_client)
        running = processes.bridge(tws.address, tmp_path, **(FAST | environment))
        bridge = running.__enter__()
        listener, client = Listener(bridge.events), bridge.client("alice")
        open_.extend([listener.close, client.close, lambda: running.__exit__(None, None, None), tws.close])
        return bridge, listener, client

    yield start
    for close in open_:
        close()


def be_tws(*frames):
    """A TWS that starts properly, waits for a byte more from the client, and then sends these bytes."""

    def on_client(client):
        started(client)
        client.recv(1)
        for frame in frames:
            client.sendall(frame)
        while client.recv(65536):
            pass

    return on_client


def test_silence_after_tcp_gets_a_diagnosis_and_another_try(play):
    _, listener, _ = play(lambda client: time.sleep(30))
    lost = listener.wait_for("system.connection", lambda data: data["state"] == "lost")
    assert "TWS has not answered the handshake" in lost["reason"]
    listener.wait_for("system.connection", lambda data: data["state"] == "handshaking")


def test_a_close_after_the_handshake_hints_at_the_client_id(play):
    def closes(client):
        connection = processes.Connection.server(213, "now")
        while b"v" not in (data := client.recv(4096)):
            connection.receive_data(data)
        connection.receive_data(data)
        client.sendall(connection.data_to_send())

    _, listener, _ = play(closes)
    lost = listener.wait_for("system.connection", lambda data: data["state"] == "lost")
    assert "client id" in lost["reason"]


def test_nothing_listens_is_said_and_requests_are_answered_notconnected(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
    with processes.bridge(address, tmp_path, **FAST) as bridge, bridge.client("alice") as client:
        with pytest.raises(Exception, match="notConnected"):
            client.request("reqCurrentTime", timeout=4)
        status = client.request("status")["connection"]
        assert status["state"] in ("backingOff", "connecting")
        assert address in status.get("reason", address)


def test_a_frame_that_does_not_decode_is_published_and_the_stream_goes_on(play):
    bad = b"\x00\x00\x00\xc9\xff\xff\xff"  # tickPrice as protobuf, and no protobuf
    unknown = struct.pack(">I", 199) + b"?\0"
    time_ = struct.pack(">I", 249) + b"\x08\x05"
    frames = [struct.pack(">I", len(payload)) + payload for payload in (bad, unknown, time_)]
    _, listener, client = play(be_tws(*frames))
    assert client.request("reqCurrentTime", timeout=30) == {"currentTime": 5}
    error = listener.wait_for("system.decodeError")
    assert (error["message"], error["id"], error["serverVersion"], error["payload"]) == ("tickPrice", 1, 213, bad)
    assert listener.wait_for("system.unknownMessage")["id"] == 199
    assert client.request("status")["connection"]["state"] == "ready"


def test_a_broken_length_prefix_ends_the_connection_with_the_reason(play):
    _, listener, client = play(be_tws(b"\xff\xff\xff\xff nonsense"))
    with pytest.raises(Exception, match="connectionLost"):
        client.request("reqCurrentTime", timeout=30)
    lost = listener.wait_for("system.connection", lambda data: data["state"] == "lost")
    assert lost["code"] == 507
    assert "length" in lost["reason"]
    listener.wait_for("system.connection", lambda data: data["state"] == "ready")


def test_a_tws_that_does_not_answer_is_noresponse(play):
    _, listener, client = play(be_tws())
    listener.wait_for("system.heartbeat", lambda data: data["state"] == "ready")
    with pytest.raises(Exception, match="noResponse"):
        client.request("reqCurrentTime", timeout=0.5)


def test_the_bridge_reconnects_to_a_tws_that_comes_back(tmp_path):
    with simulator_process() as simulator:
        address = simulator.address
        running = processes.bridge(address, tmp_path, **FAST)
        bridge = running.__enter__()
        listener = Listener(bridge.events)
        try:
            with bridge.client("alice") as client:
                wait_until_ready(client)
                client.request("reqMktData", {"contract": {"conId": 265598, "exchange": "SMART"}})
                simulator.process.kill()
                gap = listener.wait_for("system.gap")
                assert gap["streams"] == ["265598"]
                listener.wait_for("system.connection", lambda data: data["state"] == "connecting")
        finally:
            listener.close()
            running.__exit__(None, None, None)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly(play, number):
    bridge, listener, _ = play(be_tws())
    listener.wait_for("system.heartbeat", lambda data: data["state"] == "ready")
    bridge.process.send_signal(number)
    stopped = listener.wait_for("system.connection", lambda data: data["state"] == "stopped")
    assert number.name in stopped["reason"]
    assert bridge.process.wait(60) == 0
    assert "Traceback" not in bridge.log.read_text()


def test_a_second_bridge_on_the_state_folder_is_refused(play, tmp_path):
    bridge, *_ = play(be_tws())
    second = processes.run("run", "--tws", "127.0.0.1:1", "--state", str(tmp_path / "state"),
                           "--events", "tcp://127.0.0.1:*", "--requests", "tcp://127.0.0.1:*")  # fmt: skip
    assert second.returncode == 1
    assert f"process {bridge.process.pid}" in second.stderr
