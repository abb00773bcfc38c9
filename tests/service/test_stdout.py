"""A bridge runs whoever reads its standard output: the line with the endpoints helps people, and no order needs it."""

from __future__ import annotations

import os
import signal
import subprocess
import time

import pytest

from tests.end_to_end.processes import command


def broken_pipe():
    reading, writing = os.pipe()
    os.close(reading)
    return writing


@pytest.mark.parametrize("stdout", [broken_pipe, lambda: os.open("/dev/full", os.O_WRONLY)])
def test_a_standard_output_that_takes_nothing_ends_no_bridge(tmp_path, stdout):
    log, descriptor = tmp_path / "bridge.log", stdout()
    arguments = command("run", "--tws", "127.0.0.1:1", "--client-id", "1", "--state", str(tmp_path / "state"),
                        "--events", "tcp://127.0.0.1:*", "--requests", "tcp://127.0.0.1:*")  # fmt: skip
    with log.open("ab") as stderr:
        process = subprocess.Popen([*arguments, "--log-format", "json"], stdout=descriptor, stderr=stderr)
    os.close(descriptor)
    try:
        end = time.monotonic() + 20
        while not {"bridgeStarted", "connectionOpening"} <= events(log):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < end, log.read_text()
            time.sleep(0.1)
        assert "stdoutUnwritable" in events(log)
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
        assert "bridgeEnded" in events(log)
    finally:
        process.kill()
        process.wait()


def events(log):
    names = ("bridgeStarted", "connectionOpening", "stdoutUnwritable", "bridgeEnded")
    text = log.read_text()
    return {name for name in names if f'"{name}"' in text}
