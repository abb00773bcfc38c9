"""The example clients of each language, run as a user runs them.

Most run against sockets that stand for the bridge, where what they send can be looked at; the last against the bridge.
"""

import contextlib
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgpack
import pytest
import zmq

from bridge.simulator.shell.process import simulator_process

ROOT = Path(__file__).parents[2]
TYPESCRIPT = ROOT / "clients" / "typescript"
LANGUAGES = ("python", "javascript")
DEADLINE_MS = 30_000

# ts needs 61 bits: a client that takes it for a float prints another number.
TS = 1_760_000_000_123_456_789
EVENT = {
    "v": 1,
    "epoch": "e1",
    "seq": 7,
    "ts": TS,
    "event": "tickPrice",
    "data": {"tickType": 1, "price": 100.25, "size": "300"},
}


def command(language: str, program: str) -> list[str]:
    """How an example is started; fails, with what to do, where its runtime is not installed."""
    if language == "python":
        return [sys.executable, str(ROOT / "clients" / "minimal" / f"{program}.py")]
    assert (TYPESCRIPT / "node_modules" / "zeromq").is_dir(), (
        "its packages are missing: run `make test`, which installs them"
    )
    return [node(), str(TYPESCRIPT / "examples" / f"{program}.mjs")]


def node() -> str:
    """The path of Node.js; fails, with what to do, where it is not installed."""
    found = shutil.which("node")
    assert found, "node is missing: install Node.js 18 or newer (Debian, Ubuntu: apt-get install nodejs npm)"
    return found


def typescript(program: str) -> list[str]:
    """How a program of the TypeScript client is started: `conform`, or another one in its `src/programs`."""
    compiled = TYPESCRIPT / "dist" / "programs" / f"{program}.js"
    assert compiled.is_file(), "the TypeScript client is not compiled: run `make test`, which does it"
    return [node(), str(compiled)]


@contextlib.contextmanager
def running(*words: str) -> Iterator[subprocess.Popen[str]]:
    """A process whose output can be read, killed at the end."""
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@contextlib.contextmanager
def bound(kind: int) -> Iterator[tuple[zmq.Socket[bytes], str]]:
    """A socket of this kind and its endpoint on a free port."""
    with zmq.Context() as context, context.socket(kind) as socket:
        socket.setsockopt(zmq.LINGER, 0)
        socket.setsockopt(zmq.RCVTIMEO, DEADLINE_MS)
        port = socket.bind_to_random_port("tcp://127.0.0.1")
        yield socket, f"tcp://127.0.0.1:{port}"


def reply_to(request: dict[str, Any]) -> dict[str, Any]:
    return {"v": 1, "id": request["id"], "ok": True, "kind": "status", "result": {"state": "ready", "since": TS}}


@pytest.mark.parametrize("language", LANGUAGES)
def test_subscriber_prints_what_it_subscribed_to_and_nothing_else(language: str) -> None:
    with (
        bound(zmq.XPUB) as (socket, endpoint),
        running(*command(language, "subscribe"), endpoint, "market.") as process,
    ):
        assert socket.recv() == b"\x01market."
        for topic in (b"account.DU1.updateAccountValue", b"market.265598.tickPrice"):
            socket.send_multipart([topic, msgpack.packb(EVENT)])
        assert process.stdout is not None
        line = process.stdout.readline()
    assert line.startswith("market.265598.tickPrice ")
    for part in (str(TS), "tickPrice", "100.25", "300"):
        assert part in line


@pytest.mark.parametrize("language", LANGUAGES)
def test_subscriber_without_a_prefix_takes_everything(language: str) -> None:
    with bound(zmq.XPUB) as (socket, endpoint), running(*command(language, "subscribe"), endpoint):
        assert socket.recv() == b"\x01"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("params", [{}, {"contract": {"conId": 265598, "symbol": "AAPL"}}])
def test_requester_sends_what_the_contract_asks_and_prints_the_reply(language: str, params: dict[str, Any]) -> None:
    words = ["reqContractDetails", json.dumps(params)]
    with bound(zmq.ROUTER) as (socket, endpoint), running(*command(language, "request"), *words, endpoint) as process:
        *route, body = socket.recv_multipart()
        request = msgpack.unpackb(body)
        socket.send_multipart([*route, msgpack.packb(reply_to(request))])
        printed, complaints = process.communicate(timeout=DEADLINE_MS / 1000)
    assert (process.returncode, complaints) == (0, "")
    assert request == {
        "v": 1,
        "id": request["id"],
        "client": f"{language}-example",
        "method": "reqContractDetails",
        "params": params,
    }
    assert 0 < len(request["id"]) <= 64
    assert "ready" in printed
    assert str(TS) in printed


#: What changes something (C5.100), and what may come late (C5.103): reads and cancels.
CHANGING = [
    *((method, {}) for method in ("placeOrder", "placeOrders", "modifyOrder", "exerciseOptions", "replaceFA")),
    *((method, {}) for method in ("updateConfig", "resume", "reload")), ("reqMktData", {"regulatorySnapshot": True}),
]  # fmt: skip
LATE = [(method, {}) for method in ("reqMktData", "cancelOrder", "cancelMine", "reqGlobalCancel", "halt", "status")]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("method", "params"), CHANGING + LATE)
def test_what_changes_something_expires_before_the_program_gives_it_up(
    language: str, method: str, params: dict[str, Any]
) -> None:
    with bound(zmq.ROUTER) as (socket, endpoint):
        began = time.time_ns()
        with running(*command(language, "request"), method, json.dumps(params), endpoint):
            request = msgpack.unpackb(socket.recv_multipart()[-1])
            arrived = time.time_ns()
    if (method, params) in LATE:
        assert "expires" not in request
    else:
        assert type(request["expires"]) is int
        # JavaScript's clock has milliseconds.
        assert began + 27_999_000_000 <= request["expires"] < arrived + DEADLINE_MS * 1_000_000


@pytest.mark.parametrize("language", LANGUAGES)
def test_two_requests_have_two_ids(language: str) -> None:
    """The same id would be the same request: the second would get the first's answer."""
    ids = set()
    with bound(zmq.ROUTER) as (socket, endpoint):
        for _ in range(2):
            with running(*command(language, "request"), "status", "{}", endpoint):
                ids.add(msgpack.unpackb(socket.recv_multipart()[-1])["id"])
    assert len(ids) == 2


@pytest.fixture(scope="module")
def bridge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """A bridge in front of a simulator, each a process; its endpoints."""
    state = tmp_path_factory.mktemp("bridge") / "state"
    places = {"--events": "tcp://127.0.0.1:*", "--requests": "tcp://127.0.0.1:*", "--state": str(state)}
    with simulator_process() as simulator:
        words = [sys.executable, "-m", "bridge.cli", "run", "--tws", simulator.address, "--client-id", "1"]
        words += [word for place in places.items() for word in place]
        with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            said = process.stdout.readline().split()
            yield dict(zip(said[::2], said[1::2], strict=True))
            process.terminate()


@pytest.mark.parametrize(("asker", "listener"), [("python", "javascript"), ("javascript", "python")])
def test_one_language_asks_the_bridge_for_ticks_and_the_other_gets_them(
    bridge: dict[str, str], asker: str, listener: str
) -> None:
    contract = {"conId": 265598, "exchange": "SMART"}
    words = ["reqMktData", json.dumps({"contract": contract}), bridge["requests"]]
    with running(*command(asker, "request"), *words) as process:
        printed, complaints = process.communicate(timeout=DEADLINE_MS / 1000)
    assert (process.returncode, complaints) == (0, "")
    assert "market.265598" in printed
    with running(*command(listener, "subscribe"), bridge["events"], "market.265598.tickPrice") as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("market.265598.tickPrice ")
