"""`tws-bridge health`: alive without TWS and without keys, dead if the bridge is frozen, killed or does not serve."""

from __future__ import annotations

import asyncio
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
import zmq

from bridge import keys
from bridge.bus.sockets import Bus
from bridge.health import SOCKET, problem
from bridge.health_socket import HealthSocket
from tests.end_to_end.processes import bridge, command, run

#: Nothing listens there: TWS is away for the whole of each test.
NO_TWS = "127.0.0.1:9"


def health(folder: Path, *more: str) -> subprocess.CompletedProcess[str]:
    return run("health", "--state", str(folder / "state"), *more)


def until_alive(folder: Path) -> None:
    end = time.monotonic() + 20
    while problem(str(folder / "state")) is not None and time.monotonic() < end:
        time.sleep(0.05)
    assert problem(str(folder / "state"), 20) is None


def test_a_bridge_without_tws_is_alive_and_a_frozen_one_is_not(tmp_path):
    with bridge(NO_TWS, tmp_path) as running:
        until_alive(tmp_path)
        done = health(tmp_path, "--timeout", "20")
        assert (done.returncode, done.stdout) == (0, "alive\n")
        assert run("status", "--requests", running.requests, "--events", running.events).returncode == 1
        running.process.send_signal(signal.SIGSTOP)
        done = health(tmp_path, "--timeout", "0.5")
        assert done.returncode == 1
        assert done.stderr == "tws-bridge: the bridge does not answer within 0.5 s: it is frozen, or overloaded\n"
        running.process.send_signal(signal.SIGCONT)
        until_alive(tmp_path)


def test_only_the_user_of_the_bridge_may_ask_and_a_stop_removes_the_socket(tmp_path):
    with bridge(NO_TWS, tmp_path) as running:
        until_alive(tmp_path)
        place = tmp_path / "state" / SOCKET
        assert stat.S_IMODE(place.stat().st_mode) == 0o600
        assert running.stop() == 0
        assert not place.exists()
        assert "is missing" in health(tmp_path).stderr


def test_a_bridge_after_a_killed_one_takes_the_place_of_its_socket(tmp_path):
    with bridge(NO_TWS, tmp_path) as running:
        until_alive(tmp_path)
        running.stop(signal.SIGKILL)
        assert "was killed" in health(tmp_path).stderr
    with bridge(NO_TWS, tmp_path):
        until_alive(tmp_path)


def test_a_bridge_with_keys_answers_without_one(tmp_path):
    _, secret, _ = keys.write_new(tmp_path, "bridge")
    pair, _, _ = keys.write_new(tmp_path, "alice")
    config = tmp_path / "bridge.toml"
    config.write_text(f'key = "{secret}"\n[clients.alice]\npublic_key = "{pair.public}"\nroles = ["observe"]\n')
    with bridge(NO_TWS, tmp_path, "--config", str(config)):
        until_alive(tmp_path)


def test_a_state_folder_with_a_long_path(tmp_path):
    folder = tmp_path / ("long" * 30)
    folder.mkdir()
    with bridge(NO_TWS, folder):
        until_alive(folder)


def test_a_bridge_that_cannot_make_the_socket_says_so_and_runs(tmp_path):
    (tmp_path / "state" / SOCKET).mkdir(parents=True)
    (tmp_path / "state").chmod(0o700)
    with bridge(NO_TWS, tmp_path) as running:
        assert running.logs("the bridge cannot answer `tws-bridge health`")
        assert running.logs("healthUnavailable")
        with running.client("alice") as client:
            assert client.request("ping", timeout=20)


def test_the_check_imports_almost_nothing(tmp_path):
    """It runs every few seconds, beside the bridge: the interpreter itself should be most of what it costs."""
    done = subprocess.run(
        [sys.executable, "-I", "-X", "importtime", "-c", _ENTRY.format(path=sys.path)],
        capture_output=True, text=True, timeout=60, check=False,
        env={**os.environ, "TWS_BRIDGE_STATE": str(tmp_path)},
    )  # fmt: skip
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if line.startswith("import time:")}
    assert f"{tmp_path}/{SOCKET} is missing" in done.stderr
    assert {name for name in imported if name.startswith("bridge")} == {"bridge", "bridge.entry", "bridge.health"}
    assert not imported & {
        "argparse",
        "asyncio",
        "json",
        "logging",
        "pathlib",
        "pydantic",
        "re",
        "signal",
        "socket",
        "zmq",
    }


_ENTRY = "import sys; sys.path[:] = {path!r}; sys.argv = ['x', 'health']; from bridge.entry import main; main()"


def test_a_bad_command_line_is_refused(tmp_path):
    assert run("health", "--state").returncode == 2
    assert subprocess.run([*command("health"), "now"], capture_output=True, timeout=60, check=False).returncode == 2


@pytest.mark.parametrize("is_served", [True, False])
def test_an_answer_needs_somebody_who_serves_the_socket_for_requests(tmp_path, is_served):
    async def main() -> str | None:
        loop = asyncio.get_running_loop()
        context = zmq.Context()
        bus = Bus(context, "tcp://127.0.0.1:*", "tcp://127.0.0.1:*", queue=10)
        listening = HealthSocket(tmp_path, bus.probe())
        await listening.start()
        passed = []
        if is_served:
            loop.add_reader(bus.descriptors()[1], lambda: passed.extend(bus.requests(100)))
        try:
            found = await asyncio.to_thread(problem, str(tmp_path), 20 if is_served else 0.3)
            assert passed == [], "the probe must not reach the session"
            return found
        finally:
            loop.remove_reader(bus.descriptors()[1])
            listening.close()
            bus.close()
            context.term()

    found = asyncio.run(main())
    assert (found is None) == is_served


def test_many_ask_at_once(tmp_path):
    with bridge(NO_TWS, tmp_path):
        until_alive(tmp_path)

        async def ask() -> list[str | None]:
            return await asyncio.gather(*(asyncio.to_thread(problem, str(tmp_path / "state"), 20) for _ in range(200)))

        assert asyncio.run(ask()) == [None] * 200
