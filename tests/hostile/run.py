"""Runs a mad crowd against a real bridge and a simulated TWS, while two honest clients trade and read.

What must hold: the bridge lives; every request of the honest clients is answered correctly, within the times below;
every malformed request with an id and a client gets an error that names the field; the bridge's memory is flat. Memory
is the resident set of the bridge's process, read four times a second. The warm-up is the first fifth of the attacks, in
which the bounded stores fill; from then on the median of the last tenth of the readings may be at most 5% (and 4 MiB)
above that of the first tenth. A run of fewer than 20,000 attacks lasts a few seconds, too short for all that to fill:
there the bridge may grow by 64 MiB, what unread replies may take.

Without keys a client can use another's name. So the crowd uses names of its own, and names that the configuration does
not have.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bridge.simulator import simulator_process
from tests.end_to_end import processes

#: By kind of honest request, the seconds within which each must be answered. What goes to TWS shares 50 messages a
#: second with the crowd.
SOON = {"ping": 1.0, "snapshot": 1.0, "status": 1.0, "order log": 1.0, "tick": 2.0}
SOON_AT_TWS = {"place": 4.0, "await": 4.0, "cancel": 4.0, "details": 6.0}
WITHIN = SOON | SOON_AT_TWS
GROWTH = 0.05
SLACK = 4 << 20
LONG = 20_000
SLACK_OF_SHORT = 64 << 20
WARM_UP = 0.2
CROWDS = 4
#: Small stores, so that they are full after the warm-up.
CONFIG = """
stored_replies = 2000
stored_reply_bytes = 4194304
open_request_bytes = 8388608
most_open_requests = 400
most_waiting = 200
most_clients = 50
most_connections = 60
most_streams = 100
event_queue = 5000
lease = 10.0

[clients.honest-0]
roles = ["account", "trade"]

[clients.honest-1]
roles = ["account", "trade"]

[clients.watch]
roles = ["admin"]
"""
MAD = """
[clients.mad-{number}]
roles = ["account", "trade"]
max_open_orders = 5
max_orders_per_minute = 10
max_lines = {{ marketData = 10, marketDepth = 0, tickByTick = 1, accountSummary = 0 }}
"""


@dataclass
class Outcome:
    """What was seen. `times`: by kind of honest request, how long each took. `memory`: (attacks so far, bytes)."""

    attacks: int = 0
    told: Counter[str] = field(default_factory=Counter)
    times: dict[str, list[float]] = field(default_factory=dict)
    memory: list[tuple[float, int]] = field(default_factory=list)
    limits: list[dict[str, Any]] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def faults(self) -> list[str]:
        """All that must not be."""
        return [*self.seen, *self._late(), *self._growth()]

    def _late(self) -> Iterator[str]:
        for kind, most in WITHIN.items():
            times = self.times.get(kind, [])
            if len(times) < 5:
                yield f"only {len(times)} honest requests of the kind {kind}"
            elif max(times) > most:
                yield f"{kind}: the longest of {len(times)} took {max(times):.2f} s, more than {most:g} s"

    def flat(self) -> tuple[float, float]:
        """The memory after the warm-up and at the end, in bytes."""
        after = [bytes_ for done, bytes_ in self.memory if done >= WARM_UP]
        tenth = max(1, len(after) // 10)
        return statistics.median(after[:tenth]), statistics.median(after[-tenth:])

    def _growth(self) -> Iterator[str]:
        if sum(done >= WARM_UP for done, _ in self.memory) < 4:
            yield "memory was read too seldom"
            return
        before, end = self.flat()
        if end > before * (1 + GROWTH) + (SLACK if self.attacks >= LONG else SLACK_OF_SHORT):
            yield f"memory: {before / 2**20:.1f} MiB after the warm-up, {end / 2**20:.1f} MiB at the end"

    def text(self) -> str:
        """The figures, for people."""
        lines = [f"{self.attacks} attacks in {self.seconds:.0f} s", "", "the crowd sent"]
        lines += [f"{count:8} {what}" for what, count in sorted(self.told.items()) if not what.startswith("answer ")]
        lines += ["", "the crowd got"]
        lines += [
            f"{count:8} {what.removeprefix('answer ')}"
            for what, count in sorted(self.told.items()) if what.startswith("answer ")
        ]  # fmt: skip
        lines += ["", f"{'honest':12} {'number':>7} {'median':>8} {'99%':>8} {'longest':>8} {'allowed':>8}  (ms)"]
        for kind, times in self.times.items():
            ordered = sorted(times)
            figures = statistics.median(ordered), ordered[int(len(ordered) * 0.99)], ordered[-1], WITHIN[kind]
            lines.append(f"{kind:12} {len(times):7} " + " ".join(f"{1000 * one:8.1f}" for one in figures))
        if self.memory:
            before, end = self.flat()
            lines += ["", f"memory: {before / 2**20:.1f} MiB after the warm-up, {end / 2**20:.1f} MiB at the end, "
                          f"{max(one for _, one in self.memory) / 2**20:.1f} MiB at most"]  # fmt: skip
        lines += ["", f"{'bound':22} {'used':>9} {'most':>9} {'refused':>9}"]
        lines += [
            f"{one['bound']:22} {one.get('used', '-'):>9} {one.get('most', '-'):>9} {one['refused']:>9}"
            for one in self.limits
        ]
        return "\n".join([*lines, "", *self.faults(), *["good"] * (not self.faults())])


def run(count: int = 100_000, seed: int = 1) -> Outcome:
    """Run a campaign, and return what was seen."""
    outcome = Outcome()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        simulator = stack.enter_context(simulator_process(ticks_per_second=50))
        config = folder / "bridge.toml"
        config.write_text(CONFIG + "".join(MAD.format(number=number) for number in range(CROWDS)))
        bridge = stack.enter_context(processes.bridge(simulator.address, folder, "--config", str(config)))
        _attack(stack, bridge, folder / "crowd.log", outcome, (str(count // CROWDS), str(seed)))
        log = bridge.log.read_text()
        for word in ("Traceback", "a defect of the bridge"):
            if word in log:
                outcome.seen.append(f"the bridge says: {log[log.index(word) :][:2000]}")
        if len(log) > 1000 * outcome.seconds + 150_000:  # what the throttle of the log lets through at once
            outcome.seen.append(f"the log has {len(log)} characters after {outcome.seconds:.0f} s")
        if bridge.process.poll() is not None:
            outcome.seen.append(f"the bridge has ended: {log[-2000:]}")
        elif bridge.stop() != 0:
            outcome.seen.append("the bridge did not stop as it should")
    return outcome


def _attack(stack: ExitStack, bridge: processes.Bridge, log: Path, outcome: Outcome, words: tuple[str, str]) -> None:
    """Run the crowd to its end. `words`: how many attacks each process sends, and the seed."""
    errors = stack.enter_context(log.open("a+"))
    watch = stack.enter_context(bridge.client("watch"))
    watch.request("reqCurrentTime", timeout=15)
    honest = _start(stack, errors, "tests.hostile.honest", bridge.requests, bridge.events)
    crowds = [
        _start(stack, errors, "tests.hostile.crowd", f"mad-{number}", bridge.requests, bridge.events, *words)
        for number in range(CROWDS)
    ]
    for child in (honest, *crowds):
        if _line(child) != "ready":
            errors.seek(0)
            outcome.seen.append(f"a client did not start: {errors.read()[-1000:]}")
            return
    begun = time.monotonic()
    for crowd in crowds:
        print("go", file=crowd.stdin, flush=True)
    with _memory_watched(bridge.process.pid, outcome):
        sent = [_line(crowd) for crowd in crowds]
    outcome.seconds = time.monotonic() - begun
    results = [_line(crowd) if said == "sent" else "" for said, crowd in zip(sent, crowds, strict=True)]
    total = max((done for done, _ in outcome.memory), default=1.0)
    outcome.memory = [(done / total, bytes_) for done, bytes_ in outcome.memory]
    if bridge.process.poll() is None:
        time.sleep(1.1)  # the sockets tell their figures each second
        outcome.limits = watch.request("status")["limits"]
    honest.stdin.close()  # type: ignore[union-attr]
    for line, who in zip((*results, _line(honest)), (*("the crowd",) * CROWDS, "honest"), strict=True):
        if not line:
            errors.seek(0)
            outcome.seen.append(f"{who} has ended: {errors.read()[-1000:]}")
            continue
        result = json.loads(line)
        outcome.seen += [f"{who}: {fault}" for fault in result["faults"]]
        outcome.told.update(result.get("told", {}))
        outcome.times.update(result.get("times", {}))
    others = ("answer ", "raw ", "sent again")
    outcome.attacks = sum(number for what, number in outcome.told.items() if not what.startswith(others))


@contextmanager
def _memory_watched(pid: int, outcome: Outcome) -> Iterator[None]:
    """Read the bridge's resident set until the block ends. The time stands for how many attacks were sent."""
    over = threading.Event()

    def watch() -> None:
        begun = time.monotonic()
        while not over.wait(0.25):
            try:
                pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
            except (OSError, IndexError):
                return
            outcome.memory.append((time.monotonic() - begun, pages * 4096))

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _start(stack: ExitStack, errors: Any, *command: str) -> subprocess.Popen[str]:
    child = subprocess.Popen(
        [sys.executable, "-m", *command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True
    )
    stack.callback(child.wait)
    stack.callback(child.kill)
    return child


def _line(child: subprocess.Popen[str]) -> str:
    assert child.stdout is not None
    return child.stdout.readline().strip()
