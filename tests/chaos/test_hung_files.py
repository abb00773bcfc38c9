"""A real bridge whose disk never takes the file of a halt or of a new run: only their answers wait, and not long.

A FIFO in the place of the file hangs each write to it, as a disk does that does not answer.
"""

from __future__ import annotations

import os
import time

import pytest

from bridge.simulator import simulator_process
from tests.chaos.test_full_disk import place
from tests.chaos.world import attempt, bridge


@pytest.mark.parametrize(
    ("file", "method", "params"),
    [("halted-by-admin", "halt", {"reason": "drill"}), ("instances.json", "hello", {"instance": "one"})],
)
def test_a_write_that_hangs_delays_nobody_else(tmp_path, file, method, params):
    with (
        simulator_process(ticks_per_second=10) as simulator,
        bridge(simulator.address, tmp_path) as running,
        running.client("alice") as alice,
        running.client("bob") as bob,
    ):
        assert place(alice, "k1")["state"] == "acknowledged"
        blocked = tmp_path / "state" / f"{file}.new"
        os.mkfifo(blocked)
        told = bob.request(method, params, timeout=20.0)
        assert told["stored"] is False
        assert "has not answered" in told["notStored"]
        assert attempt(alice, "cancelOrder", {"orderKey": "k1"})["status"] in ("PendingCancel", "Cancelled")
        finding = {one["code"]: one for one in alice.request("status")["verdict"]["also"]}["notStored"]
        assert finding["because"] == told["notStored"]
        blocked.rename(tmp_path / "was.fifo")
        os.close(os.open(tmp_path / "was.fifo", os.O_RDONLY | os.O_NONBLOCK))  # the write fails, and begins anew
        deadline = time.monotonic() + 20
        while not running.logs("has stored"):
            assert time.monotonic() < deadline
            time.sleep(0.1)
        assert bob.request(method, params, timeout=20.0)["stored"] is True
        assert (tmp_path / "state" / file).read_text()
