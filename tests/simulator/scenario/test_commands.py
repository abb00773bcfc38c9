"""Scenarios and phrases as a user meets them: processes, a client at their sockets, and the control endpoint."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import subprocess
import time

import pytest
import zmq

from bridge.simulator import SimulatorSettings
from bridge.simulator.scenario import control
from bridge.simulator.scenario.faulty import FaultySimulator
from bridge.simulator.scenario.parser import parse_action
from bridge.simulator.scenario.phrases import TABLE, carry_out
from bridge.simulator.scenario.vocabulary import TWS
from bridge.tws import Connection
from bridge.tws.events import Message
from tests.end_to_end import processes
from tests.simulator.scenario.examples import example

PATIENCE = 15.0


class Client:
    """An API client at a raw socket."""

    def __init__(self, address, client_id=1):
        host, _, port = address.rpartition(":")
        self.socket = socket.create_connection((host, int(port)), timeout=PATIENCE)
        self.connection = Connection.client(client_id)
        self.connection.connect()
        self.heard = []

    def send(self, name, **data):
        self.connection.send(name, data)
        self.socket.sendall(self.connection.data_to_send())

    def until(self, name, **fields):
        """The data of the next message of that name with these fields."""
        deadline = time.monotonic() + PATIENCE
        while True:
            self.socket.sendall(self.connection.data_to_send())
            for message in list(self.heard):
                self.heard.remove(message)
                if message.name == name and fields.items() <= message.data.items():
                    return message.data
            assert time.monotonic() < deadline, f"no {name}"
            self.connection.receive_data(self.socket.recv(1 << 16))
            self.heard += [event for event in self.connection.events_received() if isinstance(event, Message)]


@contextlib.contextmanager
def simulate(*arguments):
    """A simulator process, its address, and an iterator over the further lines that it writes."""
    command = processes.command("simulate", "--listen", "127.0.0.1:0", *arguments)
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        yield process, process.stdout.readline().split()[-1], iter(process.stdout)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@contextlib.contextmanager
def connected(address):
    client = Client(address)
    with client.socket:
        client.until("nextValidId")
        yield client


@pytest.fixture
def scenario(tmp_path):
    def written(text):
        file = tmp_path / "mine.scenario"
        file.write_text(f"title: mine\n{text}")
        return str(file)

    return written


# simulate --scenario


def test_a_scenario_is_played_on_whoever_connects_and_told(scenario):
    file = scenario("start: connection\n+100ms tws error 1100\nwithin 10s seen request reqCurrentTime\nthen tws drop\n")
    with simulate("--scenario", file) as (process, address, lines), connected(address) as client:
        assert next(lines) == "mine: mine\n"
        assert client.until("error", errorCode=1100)["errorMsg"].startswith("Connectivity between IBKR")
        client.send("reqCurrentTime")
        assert client.until("currentTime")
        told = [next(lines).split("s ", 1)[1].strip() for _ in range(3)]
        assert told == ["tws error 1100", "✓ seen request reqCurrentTime", "tws drop"]
        assert next(lines) == "mine: passed\n"
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0


def test_the_exit_code_tells_that_a_scenario_has_failed(scenario):
    file = scenario("start: connection\nwithin 100ms seen request reqPositions\n")
    with simulate("--scenario", file) as (process, address, lines), connected(address):
        assert [line for line in (next(lines), next(lines), next(lines)) if "✗ seen request reqPositions" in line]
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 1


def test_the_exit_code_tells_that_a_scenario_never_started(scenario):
    with simulate("--scenario", scenario("start: order\nthen tws drop\n")) as (process, _, lines):
        assert next(lines) == "mine: mine\n"
        process.send_signal(signal.SIGTERM)
        assert "the clock did not start: waited for placeOrder" in next(lines)
        assert process.wait(PATIENCE) == 1


def test_the_shipped_ones_are_listed():
    done = processes.run("simulate", "--scenario", "list")
    assert done.returncode == 0
    assert any(line.startswith("daily-restart ") for line in done.stdout.splitlines())
    assert processes.run("rehearse", "list").stdout == done.stdout


@pytest.mark.parametrize("command", [("simulate", "--scenario"), ("rehearse",)])
def test_a_mistake_in_a_file_is_told_with_its_line(scenario, command):
    file = scenario("then tws jump\n")
    done = processes.run(*command, file)
    assert done.returncode == 2
    assert done.stderr.startswith(f"tws-bridge: {file}:2: unknown phrase 'jump' of 'tws'; allowed: refuse; listen; ")


@pytest.mark.parametrize(
    ("last", "code"),
    [("within 5s known connection ready", 0), ("for 1s seen no socket", 1), ("then client change k1 to 5", 1)],
)
def test_rehearse_tells_whether_it_passes(scenario, last, code):
    done = processes.run("rehearse", scenario(f"start: now\nthen tws reset\n{last}\n"))
    assert done.returncode == code, done.stdout
    assert f"mine: {'failed' if code else 'passed'}" in done.stdout


# simulate --control


@pytest.fixture
def controlled(tmp_path):
    endpoint = f"ipc://{tmp_path}/control"
    with simulate("--control", endpoint) as (_, address, lines):
        assert next(lines) == f"control on {endpoint}\n"
        yield endpoint, address


def test_a_phrase_is_carried_out_at_once(controlled):
    endpoint, address = controlled
    with connected(address) as client:
        done = processes.run("tws", "--control", endpoint, 'error 2110 "it is broken"')
        assert (done.returncode, done.stdout) == (0, "ok\n")
        assert client.until("error", errorCode=2110)["errorMsg"] == "it is broken"
        control.command(endpoint, "tws drop")
        with pytest.raises((AssertionError, OSError)):
            while client.socket.recv(1 << 16):
                pass
            raise OSError("closed")


def test_a_phrase_that_is_none_is_refused_with_what_is_allowed(controlled):
    endpoint, _ = controlled
    done = processes.run("tws", "--control", endpoint, "error")
    assert done.returncode == 1
    assert done.stderr.startswith("tws-bridge: unknown phrase 'error' of 'tws'; allowed: error CODE on REQUEST")


@pytest.mark.parametrize("frames", [[b"\xff\xfe"], [b"drop", b"drop"], [b""]])
def test_what_is_no_phrase_is_answered_too(controlled, frames):
    endpoint, _ = controlled
    context = zmq.Context()
    with context.socket(zmq.REQ) as request:
        request.connect(endpoint)
        request.send_multipart(frames)
        assert request.poll(5000)
        assert request.recv_string().startswith("error: ")
    context.term()
    control.command(endpoint, "drop")


@pytest.mark.parametrize("endpoint", ["tcp://0.0.0.0:5000", "tcp://192.0.2.1:5000", "inproc://x", "5000", "ipc://"])
def test_other_endpoints_are_refused(endpoint):
    done = processes.run("simulate", "--listen", "127.0.0.1:0", "--control", endpoint)
    assert done.returncode == 2
    assert done.stderr == (
        f"tws-bridge: --control: {endpoint}: a control endpoint is ipc://PATH, or tcp://HOST:PORT on loopback, "
        "because everyone who can connect controls the simulator\n"
    )


def test_nobody_at_an_endpoint_is_told():
    with pytest.raises(control.ControlRefused, match="Is a simulator with --control running there"):
        control.command("ipc:///tmp/nobody-is-here", "drop", patience=0.2)


def test_an_endpoint_in_use_is_told(controlled):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        endpoint = f"tcp://127.0.0.1:{taken.getsockname()[1]}"
        done = processes.run("simulate", "--listen", "127.0.0.1:0", "--control", endpoint)
    assert done.returncode == 2
    assert f"cannot bind {endpoint}" in done.stderr


# Phrases, one by one


def test_every_phrase_does_something():
    assert TABLE.keys() == {form.verb for form in TWS}


@pytest.mark.parametrize("form", TWS, ids=lambda form: form.verb)
def test_each_phrase_can_be_carried_out_also_where_nobody_is_connected(form):
    async def play():
        simulator = FaultySimulator(SimulatorSettings(listen="127.0.0.1:0"))
        await simulator.listen()
        carry_out(simulator, parse_action(example(form)))
        await asyncio.sleep(0.05)
        simulator.stop()

    asyncio.run(play())


def test_a_port_that_is_refused_stays_ours():
    """Nobody else can take it meanwhile, and TWS listens there again."""

    async def play():
        simulator = FaultySimulator(SimulatorSettings(listen="127.0.0.1:0"))
        place = await simulator.listen()
        carry_out(simulator, parse_action("refuse"))
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection(*place)
        with pytest.raises(OSError), socket.socket() as other:
            other.bind(place)
        carry_out(simulator, parse_action("listen"))
        await asyncio.sleep(0.05)
        _, writer = await asyncio.open_connection(*place)
        writer.close()
        simulator.stop()

    asyncio.run(play())
