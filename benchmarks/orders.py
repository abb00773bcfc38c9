"""The cost of the ledger for an order, because the bridge writes each order to disk before it sends it.

The measured time is from the request of a client to the bytes of placeOrder at TWS. The bridge runs with the real
ledger, with one that does not wait for the disk, and with none. A bare SQLite commit of the same size is the reference.
All take turns, so that other load on the machine affects each of them equally.
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

#: Not /tmp, which may be in memory.
DISK = "/var/tmp"
CLIENTS = 5
IN_FLIGHT = 50
#: Orders before the measurement.
WARM_UP = 50
#: Seconds between two single orders, so that the event of the first one is on disk too.
PAUSE = 0.005
#: The least number of orders in a turn. A turn with many orders in flight has more.
TURN = 10
LEDGERS = {"kept": "as it is", "unflushed": "not flushed", "unwritten": "none"}


class Figures(NamedTuple):
    """Figures of one ledger: seconds to TWS (median and 99th percentile), orders per second, commits per order."""

    median: float
    slow: float
    rate: float
    commits: float


@contextmanager
def yardstick(folder: str) -> Iterator[sqlite3.Connection]:
    """A SQLite file with the settings of the ledger. A low checkpoint limit lets its WAL reach its full size soon."""
    db = sqlite3.connect(Path(folder, "yardstick.sqlite"), isolation_level=None)
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("PRAGMA synchronous=FULL")
    db.execute("PRAGMA wal_autocheckpoint=50")
    db.execute("CREATE TABLE orders (text TEXT)")
    yield db
    db.close()


def commit(db: sqlite3.Connection) -> float:
    """Make one bare commit. Returns its seconds."""
    begun = time.perf_counter()
    db.execute("INSERT INTO orders VALUES (?)", ("x" * 800,))
    return time.perf_counter() - begun


def start(stack: ExitStack, folder: str, ledger: str) -> tuple[Process, Desk]:
    """Start a bridge with an empty state folder, its TWS and its clients."""
    tws = stack.enter_context(closing(Tws()))
    requests = f"ipc://{folder}/{ledger}.requests"
    flags = ["--tws", f"127.0.0.1:{tws.port}", "--client-id", "1", "--state", f"{folder}/{ledger}"]
    flags += ["--events", f"ipc://{folder}/{ledger}.events", "--requests", requests]
    bridge = stack.enter_context(running("benchmarks.counted", ledger, "run", *flags))
    bridge.line()
    return bridge, stack.enter_context(Desk(tws, requests, CLIENTS))


def compare(orders: int, in_flight: int) -> tuple[dict[str, Figures], list[float]]:
    """Returns the figures of each kind of ledger, and the seconds of bare commits in the same run."""
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
    """The figures of all turns of one ledger."""
    delays = [delay for run in runs for delay in run.delays]
    rate = len(delays) / sum(run.wall for run in runs)
    return Figures(statistics.median(delays), percentile(delays), rate, commits / (len(delays) + WARM_UP))


def percentile(delays: list[float]) -> float:
    """The 99th percentile."""
    return sorted(delays)[len(delays) * 99 // 100]


def show(orders: int) -> None:
    """Run all ledgers, and print the table."""
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
