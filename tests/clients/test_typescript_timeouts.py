"""No call of the TypeScript client outlives its timeout, whatever is wrong; and the error says what is wrong."""

from __future__ import annotations

import contextlib
import json
import re
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import zmq

from bridge import keys
from bridge.simulator.shell.process import Running
from tests.clients.test_examples import typescript
from tests.end_to_end import processes

TIMEOUT = 0.6
#: A call may last so much longer than its timeout. The program measures it itself, so its start is not in it.
MARGIN = 0.1

#: What is wrong: the name of the error, and a part of its text.
TIMED_OUT, REFUSED = "BridgeTimeout", "BridgeRefusedKey"
CASES = {
    "no bridge": (TIMED_OUT, "nothing listens on"),
    "another service": (TIMED_OUT, "stopped or overloaded, or another program listens"),
    "a bridge that says nothing": (TIMED_OUT, "is connected, but silent"),
    "an unknown key": (REFUSED, "does not know this key"),
    "no key": (REFUSED, "with a key only"),
    "a key for a bridge without": (REFUSED, "has no keys|does the bridge have keys"),
    "a wrong server key": (REFUSED, "is the server key its public key"),
}
KEYED = [case for case, (name, _) in CASES.items() if name == REFUSED]


class Caller:
    """The program that calls and measures."""

    def __init__(self, mode: str, requests: str, events: str, *curve: str) -> None:
        words = [*typescript("timeouts"), mode, requests, events, str(TIMEOUT), *curve]
        self._process = subprocess.Popen(
            words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        said = self._process.stdout.readline()
        assert said == '{"ready":true}\n', (said, self._process.communicate()[1])

    def __enter__(self) -> Caller:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def measured(self) -> list[dict[str, Any]]:
        printed, complaints = self._process.communicate("begin\n", timeout=30)
        assert complaints == ""
        return [json.loads(line) for line in printed.splitlines()]


@contextlib.contextmanager
def wrong(case: str, bridge: processes.Bridge, guarded: processes.Bridge, folder: Path) -> Iterator[list[str]]:
    """The endpoints and keys of that case."""
    server, alice, stranger = (str(folder / name) for name in ("bridge.public", "alice.secret", "stranger.secret"))
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=50))
        context = stack.enter_context(zmq.Context())
        silent = stack.enter_context(context.socket(zmq.ROUTER))
        silent.setsockopt(zmq.LINGER, 0)
        match case:
            case "no bridge":
                yield ["tcp://127.0.0.1:9"] * 2
            case "another service":
                yield [f"tcp://127.0.0.1:{listener.getsockname()[1]}"] * 2
            case "a bridge that says nothing":
                yield [f"tcp://127.0.0.1:{silent.bind_to_random_port('tcp://127.0.0.1')}", bridge.events]
            case "an unknown key":
                yield [guarded.requests, guarded.events, stranger, server]
            case "no key":
                yield [guarded.requests, guarded.events]
            case "a key for a bridge without":
                yield [bridge.requests, bridge.events, alice, server]
            case _:
                yield [guarded.requests, guarded.events, alice, keys.load_public(str(folder / "stranger.public"))]


def check(calls: list[dict[str, Any]], name: str, text: str) -> None:
    assert [call["name"] for call in calls] == [name] * len(calls)
    assert [call["code"] for call in calls] == ["refusedKey" if name == REFUSED else "noBridge"] * len(calls)
    assert all(re.search(text, call["message"]) for call in calls), calls
    assert all(call["seconds"] < TIMEOUT + MARGIN for call in calls), calls


@pytest.mark.parametrize("case", CASES)
def test_a_call_ends_in_time_with_the_cause(
    case: str, bridge: processes.Bridge, guarded: processes.Bridge, folder: Path
) -> None:
    with wrong(case, bridge, guarded, folder) as words, Caller("calls", *words) as caller:
        calls = caller.measured()
    assert len(calls) == 2
    check(calls, *CASES[case])


@pytest.mark.parametrize("case", KEYED)
def test_a_feed_says_that_its_connection_is_refused(
    case: str, bridge: processes.Bridge, guarded: processes.Bridge, folder: Path
) -> None:
    with wrong(case, bridge, guarded, folder) as words, Caller("feeds", *words) as caller:
        feeds = caller.measured()
    assert [feed["code"] for feed in feeds] == ["refusedKey"] * 2
    assert all(re.search(CASES[case][1], feed["message"]) for feed in feeds), feeds


@pytest.fixture
def stopped(simulator: Running, tmp_path: Path) -> Iterator[Callable[[str], list[dict[str, Any]]]]:
    """What a caller measures that was connected when the bridge was stopped (SIGSTOP)."""
    with processes.bridge(simulator.address, tmp_path) as running:

        def measured(mode: str) -> list[dict[str, Any]]:
            with Caller(mode, running.requests, running.events) as caller:
                running.process.send_signal(signal.SIGSTOP)
                return caller.measured()

        yield measured


def test_a_call_to_a_bridge_that_is_stopped_ends_in_time(stopped: Callable[[str], list[dict[str, Any]]]) -> None:
    calls = stopped("calls")
    assert len(calls) == 2
    check(calls, TIMED_OUT, "is connected, but silent")


def test_a_new_client_of_a_bridge_that_is_stopped_learns_that_it_may_be(simulator: Running, tmp_path: Path) -> None:
    with processes.bridge(simulator.address, tmp_path) as running:
        running.process.send_signal(signal.SIGSTOP)
        with Caller("calls", running.requests, running.events) as caller:
            check(caller.measured(), TIMED_OUT, "but does not answer: the bridge is stopped")


def test_a_call_behind_a_full_queue_ends_in_time(stopped: Callable[[str], list[dict[str, Any]]]) -> None:
    full, call = stopped("flood")
    assert full["capacity"] < full["calls"]
    check([call], TIMED_OUT, "is connected, but silent")
