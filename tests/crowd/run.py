"""Runs a crowd of client processes on one bridge and a simulated TWS that enforces its limits as TWS does.

TWS sends error 100 above 50 messages a second and disconnects at the third one, refuses the 101st market data line
(101), too many order books (309), tick-by-tick subscriptions (10190) and account summaries (322), and histories that
break its rules (162). The bridge must keep all of that from happening.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from tws_bridge_client import BridgeClient

#: TWS's codes for what breaks its limits.
BROKEN = {"100", "101", "162", "309", "322", "366", "10186", "10190"}
#: What the bridge answers where TWS has no room. It is a refusal, and no fault.
REFUSALS = {"linesExhausted", "paced"}


@dataclass
class Outcome:
    """`told`: by kind and outcome, how often. `faults`: what must not be."""

    told: Counter[str]
    faults: list[str]
    seconds: float

    def text(self) -> str:
        """Return it for people."""
        lines = [f"{count:6} {what}" for what, count in sorted(self.told.items())]
        return "\n".join(
            [f"{self.told.total()} requests in {self.seconds:.0f} s", *lines, *self.faults, "good" * (not self.faults)]
        )


def run(clients: int = 50, requests: int = 5000, instruments: int = 200) -> Outcome:
    """Run a crowd, and check what must hold."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        logs = {who: folder / f"{who}.log" for who in ("tws", "bridge", "crowd")}
        tws = _start(stack, logs["tws"], "benchmarks.morning_tws", "50", str(instruments))
        port = _line(tws).rpartition(":")[2]
        endpoint = f"ipc://{folder}/requests"
        _start(
            stack, logs["bridge"], "bridge.cli", "run", "--tws", f"127.0.0.1:{port}", "--client-id", "1",
            "--state", f"{folder}/state", "--requests", endpoint, "--events", f"ipc://{folder}/events",
        )  # fmt: skip
        with BridgeClient("boss", requests=endpoint) as boss:
            while boss.request("status")["connection"]["state"] != "ready":
                time.sleep(0.1)
            each = [str(requests // clients), str(instruments)]
            crowd = [
                _start(stack, logs["crowd"], "tests.crowd.client", endpoint, f"c{number}", *each)
                for number in range(clients)
            ]
            for member in crowd:
                assert _line(member) == "ready"
            begun = time.monotonic()
            for member in crowd:
                print("go", file=member.stdin, flush=True)
            lines = [_line(member) for member in crowd]
            assert all(lines), logs["crowd"].read_text()
            results = [json.loads(line) for line in lines]
            seconds = time.monotonic() - begun
            status = boss.request("status")
        return _outcome(results, status, {who: log.read_text() for who, log in logs.items()}, seconds)


def _outcome(
    results: list[dict[str, object]], status: dict[str, object], logs: dict[str, str], seconds: float
) -> Outcome:
    told: Counter[str] = Counter()
    faults: list[str] = []
    for result in results:
        told.update(result["told"])  # type: ignore[arg-type]
        faults += [f"a wrong answer: {wrong}" for wrong in result["wrong"]]  # type: ignore[attr-defined]
    for what, count in told.items():
        words = what.split()
        if words[1] != "ok" and words[1] not in REFUSALS:
            faults.append(f"{count} times {what}")
        if BROKEN & set(words):
            faults.append(f"TWS's limit is broken: {what}")
    for words in ("sends more than", "breaks the rules"):
        if words in logs["tws"]:
            faults.append(f"TWS says: {words}")
    for words in ("error 100", "Traceback", "connection lost"):
        if words in logs["bridge"]:
            faults.append(f"the bridge says: {words}")
    connection = status["connection"]
    if isinstance(connection, dict) and connection["state"] != "ready":
        faults.append(f"the connection is {connection}")
    return Outcome(told, faults, seconds)


def _start(stack: ExitStack, log: Path, *command: str) -> subprocess.Popen[str]:
    stderr = stack.enter_context(log.open("a"))
    child = subprocess.Popen(
        [sys.executable, "-m", *command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=stderr, text=True,
        env=os.environ,
    )  # fmt: skip
    stack.callback(child.wait)
    stack.callback(child.kill)
    return child


def _line(child: subprocess.Popen[str]) -> str:
    assert child.stdout is not None
    return child.stdout.readline().strip()
