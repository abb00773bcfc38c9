"""Runs every contender with the same stream, then the orders, and prints both tables.

`python -m benchmarks [TICKS [ROUNDS [ORDERS]]]`
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from typing import NamedTuple

import msgpack
import zmq

from benchmarks import orders
from benchmarks.processes import Process, running


class Run(NamedTuple):
    """One run of a contender: wall seconds, and CPU seconds of the measured process."""

    wall: float
    cpu: float


def measure(source: Process, tested: Process, finished: Process) -> Run:
    """Measure from the moment when the source begins to send until the last event has arrived."""
    assert source.line() == "requested"
    cpu, wall = tested.cpu(), time.monotonic()
    source.go()
    assert finished.line() == "done"
    return Run(time.monotonic() - wall, tested.cpu() - cpu)


def client(module: str, version: int, ticks: int) -> Run:
    """A client library that receives the stream itself."""
    with running("benchmarks.source", str(version), str(ticks)) as source:
        port = source.line()
        with running(f"benchmarks.{module}", port) as tested:
            return measure(source, tested, tested)


def relay(version: int, ticks: int) -> Run:
    """The relay, which publishes undecoded frames, and a subscriber."""
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
    """The bridge and a subscriber."""
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


def show(ticks: int, rounds: int) -> None:
    """Run all contenders, and print the table."""
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


def main(ticks: int = 200_000, rounds: int = 3, count: int = 1000) -> None:
    """Print both tables. `count` is the number of orders."""
    show(ticks, rounds)
    print()
    orders.show(count)


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:]))
