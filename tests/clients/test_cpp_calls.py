"""No call of the C++ client outlives its timeout, whatever is wrong at the other end; the error says what is wrong."""

from __future__ import annotations

import json
import os
import signal
import subprocess

import pytest

from tests.end_to_end import conftest, processes
from tests.end_to_end.test_client_timeouts import CASES, wrong

simulator, bridge, folder, guarded = conftest.simulator, conftest.bridge, conftest.folder, conftest.guarded

TIMEOUT_MS = 300
#: Where the bridge refuses a key, the call ends as soon as ZeroMQ has tried often enough to be sure.
REFUSED_MS = 1_000
#: A call may last so much longer than its timeout.
MARGIN_MS = 100
#: What ZeroMQ queues for a peer that is not there is 1,000 messages.
FULL = 1_500

pytestmark = pytest.mark.timeout(300)  # the first test builds the programs


def calls(cpp, endpoints, timeout, queued=0, **environment):
    """What each call of the program `timeouts` came to. All were in time in one of three runs: the machine is busy."""
    for _ in range(3):
        told = calls_once(cpp, endpoints, timeout, queued, environment)
        if all(one["took"] < timeout + MARGIN_MS for one in told):
            return told
    raise AssertionError(f"a call lasted longer than {timeout + MARGIN_MS} ms: {told}")


def calls_once(cpp, endpoints, timeout, queued, environment):
    words = [cpp / "program", "timeouts", str(timeout), str(queued)]
    done = subprocess.run(
        words, capture_output=True, text=True, timeout=60, check=False,
        env={**os.environ, "TWS_BRIDGE_CLIENT": "alice", "TWS_BRIDGE_REQUESTS": endpoints[0],
             "TWS_BRIDGE_EVENTS": endpoints[1], **environment},
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    return [json.loads(line) for line in done.stdout.splitlines()]


def keys_of(folder, case):
    """The environment that gives the program the keys of that case."""
    match case:
        case "an unknown key":
            own, server = "stranger", "bridge"
        case "a key for a bridge without":
            own, server = "alice", "bridge"
        case "a wrong server key":
            own, server = "alice", "stranger"
        case _:
            return {}
    paths = {"CLIENT_KEY": folder / f"{own}.secret", "SERVER_KEY": folder / f"{server}.public"}
    return {f"TWS_BRIDGE_{name}": str(path) for name, path in paths.items()}


@pytest.mark.parametrize("case", CASES)
def test_each_call_ends_in_time_with_the_cause(case, cpp, bridge, guarded, folder):
    kind, text = CASES[case]
    expected = {"BridgeRefusedKey": ("RefusedKey", "refusedKey")}.get(kind.__name__, ("BridgeTimeout", "noBridge"))
    refused = expected[0] == "RefusedKey"
    timeout = REFUSED_MS if refused else TIMEOUT_MS
    with wrong(case, bridge, guarded, folder) as (endpoints, _):
        queued = FULL if case == "a full queue" else 0
        told = calls(cpp, endpoints, timeout, queued, **keys_of(folder, case))
    assert [one["call"] for one in told] == ["request", "request", "cancel_order", "subscription", "orders", "poll"]
    for one in told[:3]:
        assert (one["kind"], one["code"]) == expected
        assert any(part in one["message"] for part in text.split("|")), one
    assert {one["kind"] for one in told[3:5]} == {"RefusedKey" if refused else "none"}, told
    if refused:  # as soon as it is sure, and not when the time is over
        assert all(one["took"] < timeout for one in told[:5]), told


def test_a_frozen_bridge_is_silent_and_each_call_ends_in_time(cpp, simulator, tmp_path):
    with processes.bridge(simulator.address, tmp_path) as running:
        running.process.send_signal(signal.SIGSTOP)
        told = calls(cpp, (running.requests, running.events), TIMEOUT_MS)
    assert {one["kind"] for one in told[:3]} == {"BridgeTimeout"}
    assert all("but does not answer: the bridge is stopped" in one["message"] for one in told[:3]), told


def test_with_its_key_it_is_let_in(cpp, guarded, folder):
    environment = {"TWS_BRIDGE_CLIENT_KEY": str(folder / "alice.secret"),
                   "TWS_BRIDGE_SERVER_KEY": str(folder / "bridge.public")}  # fmt: skip
    told = calls(cpp, (guarded.requests, guarded.events), REFUSED_MS, **environment)
    assert [one["kind"] for one in told] == ["none", "none", "BridgeError", "none", "none", "none"]
    assert told[2]["code"] in ("unknownOrder", "notConnected")  # the bridge has answered


def test_a_key_file_that_others_may_read_is_refused(cpp, folder, tmp_path):
    secret = tmp_path / "alice.secret"
    secret.write_text((folder / "alice.secret").read_text())
    secret.chmod(0o644)
    environment = {"TWS_BRIDGE_CLIENT_KEY": str(secret), "TWS_BRIDGE_SERVER_KEY": str(folder / "bridge.public")}
    done = subprocess.run(
        [cpp / "program", "ask", "ping"], capture_output=True, text=True, timeout=30, check=False,
        env={**os.environ, **environment},
    )  # fmt: skip
    assert done.returncode == 1
    assert "chmod 600" in done.stderr
    assert "secret = " not in done.stderr


def test_an_old_run_that_iterates_learns_that_a_newer_one_fences_it(cpp, bridge):
    environment = {**os.environ, "TWS_BRIDGE_CLIENT": "twin", "TWS_BRIDGE_REQUESTS": bridge.requests,
                   "TWS_BRIDGE_EVENTS": bridge.events}  # fmt: skip
    with subprocess.Popen(
        [cpp / "program", "fenced", "old-run"], stdout=subprocess.PIPE, text=True, env=environment
    ) as old:
        try:
            assert json.loads(old.stdout.readline()) == {"instance": "runs"}
            with bridge.client("twin") as client:
                client.request("hello", {"instance": "old-run"})  # it may not have been heard yet
                client.request("hello", {"instance": "new-run"})
            output, _ = old.communicate(timeout=30)
        finally:
            old.kill()
    told = [json.loads(line) for line in output.splitlines()]
    assert [(one["call"], one["code"]) for one in told] == [("subscription", "fenced"), ("request", "fenced")]


def test_a_signal_does_not_break_a_wait(cpp, bridge):
    environment = {**os.environ, "TWS_BRIDGE_REQUESTS": bridge.requests, "TWS_BRIDGE_EVENTS": bridge.events}
    with subprocess.Popen(
        [cpp / "program", "watch", json.dumps({"contract": {"conId": 265598, "exchange": "SMART"}})],
        stdout=subprocess.PIPE, text=True, env=environment,
    ) as process:  # fmt: skip
        try:
            assert "quote" in process.stdout.readline()
            for number in (signal.SIGSTOP, signal.SIGCONT):
                process.send_signal(number)
            for _ in range(10):
                assert "quote" in process.stdout.readline()
        finally:
            process.kill()
