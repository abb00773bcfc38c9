"""Orders through the bridge, each on disk before it leaves: what the ledger costs them, on this disk, in one run.

The time is that from a client's request to the bytes of placeOrder at TWS. The same bridge runs with the ledger as it
is, with one that does not wait for the disk, and with none; a bare SQLite commit of an order's size is the yardstick.
All take turns, so that whatever else the machine does falls on each of them alike.
"""

from __future__ import annotations

import os
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import NamedTuple

from benchmarks.desk import Desk, Placed, Tws
from benchmarks.processes import Process, running

#: Not /tmp, which may be in memory: there a commit would cost nothing.
DISK = "/var/tmp"
CLIENTS = 5
IN_FLIGHT = 50
#: Orders before those that count.
WARM_UP = 50
#: Seconds between two orders that are placed one at a time, for the first one's event to be on disk, too.
PAUSE = 0.005
#: Orders in a turn, at least; with many in flight more, so that most find as many others under way.
TURN = 10
LEDGERS = {"kept": "as it is", "unflushed": "not flushed", "unwritten": "none"}


class Figures(NamedTuple):
    """Of one ledger: seconds to TWS, median and 99th percentile; orders a second; commits an order."""

    median: float
    slow: float
    rate: float
    commits: float


@contextmanager
def yardstick(folder: str) -> Iterator[sqlite3.Connection]:
    """A table that is written as the ledger writes its own: into a WAL that has its size, which is soon so here."""
    db = sqlite3.connect(Path(folder, "yardstick.sqlite"), isolation_level=None)
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("PRAGMA synchronous=FULL")
    db.execute("PRAGMA wal_autocheckpoint=50")
    db.execute("CREATE TABLE orders (text TEXT)")
    yield db
    db.close()


def commit(db: sqlite3.Connection) -> float:
    """Seconds of one bare commit."""
    begun = time.perf_counter()
    db.execute("INSERT INTO orders VALUES (?)", ("x" * 800,))
    return time.perf_counter() - begun


def start(stack: ExitStack, folder: str, ledger: str) -> tuple[Process, Desk]:
    """One bridge with an empty state folder, and the desk at its two ends."""
    tws = stack.enter_context(closing(Tws()))
    requests = f"ipc://{folder}/{ledger}.requests"
    flags = ["--tws", f"127.0.0.1:{tws.port}", "--client-id", "1", "--state", f"{folder}/{ledger}"]
    flags += ["--events", f"ipc://{folder}/{ledger}.events", "--requests", requests]
    bridge = stack.enter_context(running("benchmarks.counted", ledger, "run", *flags))
    bridge.line()
    return bridge, stack.enter_context(Desk(tws, requests, CLIENTS))


def compare(orders: int, in_flight: int) -> tuple[dict[str, Figures], list[float]]:
    """Figures of each kind of ledger, and the seconds of bare commits made meanwhile."""
    runs: dict[str, list[Placed]] = {name: [] for name in LEDGERS}
    bare: list[float] = []
    turn, pause = max(TURN, 4 * in_flight), PAUSE if in_flight == 1 else 0.0
    with tempfile.TemporaryDirectory(dir=DISK) as folder, ExitStack() as stack:
        db = stack.enter_context(yardstick(folder))
        started = {name: start(stack, folder, name) for name in LEDGERS}
        for _, desk in started.values():
            desk.place(WARM_UP, in_flight)
        for _ in range(max(1, orders // turn)):
            bare += [commit(db) for _ in range(turn)]
            for name, (_, desk) in started.items():
                runs[name].append(desk.place(turn, in_flight, pause))
        stack.close()
        commits = {name: int(bridge.line()) for name, (bridge, _) in started.items()}
    return {name: figures(all_, commits[name]) for name, all_ in runs.items()}, bare


def figures(runs: list[Placed], commits: int) -> Figures:
    delays = [delay for run in runs for delay in run.delays]
    rate = len(delays) / sum(run.wall for run in runs)
    return Figures(statistics.median(delays), percentile(delays), rate, commits / (len(delays) + WARM_UP))


def percentile(delays: list[float]) -> float:
    """The 99th."""
    return sorted(delays)[len(delays) * 99 // 100]


def show(orders: int) -> None:
    """Run it all, and print the table."""
    print(f"{orders} orders of {CLIENTS} clients to each ledger, taking turns on {os.cpu_count()} cores\n")
    print("| in flight, ledger | request to TWS, ms | 99th percentile | against no ledger | orders/s | commits/order |")
    print("|---|---|---|---|---|---|")
    parts = []
    for many in (1, IN_FLIGHT):
        results, bare = compare(orders, many)
        without, flush = results["unwritten"].median, statistics.median(bare)
        for name, one in results.items():
            times = f"{one.median * 1e3:.2f} | {one.slow * 1e3:.2f} | {one.median / without:.2f}"
            rate = "" if many == 1 else f"{one.rate:,.0f}"
            print(f"| {many}, {LEDGERS[name]} | {times} | {rate} | {one.commits:.2f} |")
        print(
            f"| bare commits meanwhile | {flush * 1e3:.2f} | {percentile(bare) * 1e3:.2f} | {flush / without:.2f} | | |"
        )
        part = results["kept"].median - without
        parts.append(f"{many} in flight: {part * 1e3:.2f} ms, or {part / flush:.1f} bare commits")
    print(f"\nThe ledger's part of the median, {'; '.join(parts)}.")
