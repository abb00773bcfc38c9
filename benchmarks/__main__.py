"""Runs every contender on the same stream and prints the table: `python -m benchmarks [TICKS [ROUNDS]]`."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NamedTuple

import msgpack
import zmq

#: Clock ticks of /proc/PID/stat in a second.
HERTZ = os.sysconf("SC_CLK_TCK")


class Run(NamedTuple):
    """One contender's stream: wall seconds, and CPU seconds of the process under test."""

    wall: float
    cpu: float


class Process:
    """A child whose lines are read one by one."""

    def __init__(self, *command: str) -> None:
        self.child = subprocess.Popen(
            [sys.executable, "-m", *command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def line(self) -> str:
        line = self._stream(self.child.stdout).readline()
        if not line:
            raise RuntimeError(f"{self.child.args} ended early")
        return line.strip()

    def go(self) -> None:
        stream = self._stream(self.child.stdin)
        stream.write("go\n")
        stream.flush()

    def cpu(self) -> float:
        """Seconds of user and system time so far."""
        fields = Path(f"/proc/{self.child.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / HERTZ

    def end(self) -> None:
        self.child.terminate()
        self.child.wait(10)

    @staticmethod
    def _stream(stream: IO[str] | None) -> IO[str]:
        assert stream is not None
        return stream


@contextmanager
def running(*command: str) -> Iterator[Process]:
    process = Process(*command)
    try:
        yield process
    finally:
        process.end()


def measure(source: Process, tested: Process, finished: Process) -> Run:
    """From the moment the source may send to the moment the last event is seen."""
    assert source.line() == "requested"
    cpu, wall = tested.cpu(), time.monotonic()
    source.go()
    assert finished.line() == "done"
    return Run(time.monotonic() - wall, tested.cpu() - cpu)


def client(module: str, version: int, ticks: int) -> Run:
    with running("benchmarks.source", str(version), str(ticks)) as source:
        port = source.line()
        with running(f"benchmarks.{module}", port) as tested:
            return measure(source, tested, tested)


def relay(version: int, ticks: int) -> Run:
    with (
        tempfile.TemporaryDirectory() as folder,
        running("benchmarks.source", str(version), str(ticks)) as source,
        running("benchmarks.subscriber", f"ipc://{folder}/events", "", str(ticks)) as subscriber,
    ):
        subscriber.line()
        port = source.line()
        with running("benchmarks.relay", port, f"ipc://{folder}/events") as tested:
            return measure(source, tested, subscriber)


def bridge(version: int, ticks: int) -> Run:
    with (
        tempfile.TemporaryDirectory() as folder,
        running("benchmarks.source", str(version), str(ticks)) as source,
    ):
        events, requests = f"ipc://{folder}/events", f"ipc://{folder}/requests"
        port = source.line()
        flags = ["--tws", f"127.0.0.1:{port}", "--client-id", "1", "--state", f"{folder}/state"]
        with (
            running("bridge.cli", "run", *flags, "--events", events, "--requests", requests) as tested,
            running("benchmarks.subscriber", events, "market.", str(ticks)) as subscriber,
            zmq.Context() as context,
            context.socket(zmq.DEALER) as dealer,
        ):
            subscriber.line()
            dealer.connect(requests)
            params = {"contract": {"conId": 265598, "exchange": "SMART"}}
            asked = {"v": 1, "id": "1", "client": "bench", "method": "reqMktData", "params": params}
            dealer.send(msgpack.packb(asked))
            return measure(source, tested, subscriber)


CONTENDERS = {
    "relay, undecoded, text": lambda ticks: relay(200, ticks),
    "relay, undecoded, protobuf": lambda ticks: relay(226, ticks),
    "tws-bridge, text": lambda ticks: bridge(200, ticks),
    "tws-bridge, protobuf": lambda ticks: bridge(226, ticks),
    "ib_async, text": lambda ticks: client("asynchronous", 178, ticks),
    "ibapi-latest, text": lambda ticks: client("vendor", 200, ticks),
    "ibapi-latest, protobuf": lambda ticks: client("vendor", 226, ticks),
}


def main(ticks: int, rounds: int) -> None:
    runs: dict[str, list[Run]] = {name: [] for name in CONTENDERS}
    for _ in range(rounds):
        for name, contend in CONTENDERS.items():
            runs[name].append(contend(ticks))
    print(f"{ticks} ticks, median of {rounds} runs, one after the other on {os.cpu_count()} cores\n")
    print("| | events/s | CPU µs/event | CPU against the relay of the same form |")
    print("|---|---|---|---|")
    cpus = {name: statistics.median(run.cpu for run in all_) / ticks * 1e6 for name, all_ in runs.items()}
    for name, all_ in runs.items():
        rate = ticks / statistics.median(run.wall for run in all_)
        floor = cpus[f"relay, undecoded, {name.rsplit(', ')[-1]}"]
        print(f"| {name} | {rate:,.0f} | {cpus[name]:.1f} | {cpus[name] / floor:.2f} |")
    for form in ("text", "protobuf"):
        share = cpus[f"tws-bridge, {form}"] / cpus[f"ibapi-latest, {form}"]
        print(f"\nThe bridge's CPU per event is {share:.2f} of ibapi-latest's on {form}.", end="")
    print()


if __name__ == "__main__":
    main(*(int(word) for word in (sys.argv[1:] + ["200000", "3"][len(sys.argv) - 1 :])))
