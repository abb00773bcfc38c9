"""Orders through the bridge, each on disk before it leaves: what the ledger costs them, on this disk, in one run.

The time is that from a client's request to the bytes of placeOrder at TWS. The same bridge runs with the ledger as it
is, with one that does not wait for the disk, and with none; a bare SQLite commit of an order's size is the yardstick.
"""

from __future__ import annotations

import sqlite3
import statistics
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from benchmarks.desk import Desk, Placed, Tws
from benchmarks.processes import running

#: Not /tmp, which may be in memory: there a commit would cost nothing.
DISK = "/var/tmp"
CLIENTS = 5
IN_FLIGHT = 50
#: Seconds between two orders that are placed one at a time, for the first one's event to be on disk, too.
PAUSE = 0.005
COMMITS = 200
LEDGERS = {"kept": "as it is", "unflushed": "not flushed", "unwritten": "none"}


class Figures(NamedTuple):
    """Of one run: seconds to TWS, median and 99th percentile; orders a second; commits an order."""

    median: float
    slow: float
    rate: float
    commits: float


def percentile(delays: list[float]) -> float:
    """The 99th."""
    return sorted(delays)[len(delays) * 99 // 100]


def commit() -> list[float]:
    """Seconds of each of some bare commits, made as the ledger makes them."""
    with tempfile.TemporaryDirectory(dir=DISK) as folder:
        db = sqlite3.connect(Path(folder, "yardstick.sqlite"), isolation_level=None)
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=FULL")
        db.execute("CREATE TABLE orders (text TEXT)")
        times = []
        for _ in range(COMMITS):
            begun = time.perf_counter()
            db.execute("INSERT INTO orders VALUES (?)", ("x" * 800,))
            times.append(time.perf_counter() - begun)
        db.close()
    return times


def run(ledger: str, orders: int, in_flight: int) -> Figures:
    """One bridge with an empty state folder, some orders to warm up, and the orders."""
    tws = Tws()
    with tempfile.TemporaryDirectory(dir=DISK) as folder:
        requests = f"ipc://{folder}/requests"
        flags = ["--tws", f"127.0.0.1:{tws.port}", "--client-id", "1", "--state", f"{folder}/state"]
        flags += ["--events", f"ipc://{folder}/events", "--requests", requests]
        with running("benchmarks.counted", ledger, "run", *flags) as bridge:
            bridge.line()
            with Desk(tws, requests, CLIENTS) as desk:
                desk.place(IN_FLIGHT, in_flight)
                placed = desk.place(orders, in_flight, PAUSE if in_flight == 1 else 0.0)
        commits = int(bridge.line())
        tws.close()
    return figures(placed, commits / (orders + IN_FLIGHT))


def figures(placed: Placed, commits: float) -> Figures:
    delays = placed.delays
    return Figures(statistics.median(delays), percentile(delays), len(delays) / placed.wall, commits)


def middle(runs: list[Figures]) -> Figures:
    """The median of each figure."""
    return Figures(*(statistics.median(figure) for figure in zip(*runs, strict=True)))


def show(orders: int, rounds: int) -> None:
    """Run it all, and print the table."""
    bare: list[float] = []
    runs: dict[tuple[int, str], list[Figures]] = {(many, name): [] for many in (1, IN_FLIGHT) for name in LEDGERS}
    for _ in range(rounds):
        bare += commit()
        for (many, name), all_ in runs.items():
            all_.append(run(name, orders, many))
    yardstick = statistics.median(bare)
    results = {case: middle(all_) for case, all_ in runs.items()}
    print(f"{orders} orders, {CLIENTS} clients, median of {rounds} runs; a bare commit on this disk takes ", end="")
    print(f"{yardstick * 1e3:.2f} ms (99th percentile {percentile(bare) * 1e3:.2f})\n")
    print("| in flight, ledger | request to TWS, ms | 99th percentile | in bare commits | orders/s | commits/order |")
    print("|---|---|---|---|---|---|")
    for (many, name), one in results.items():
        rate = "" if many == 1 else f"{one.rate:,.0f}"
        print(
            f"| {many}, {LEDGERS[name]} | {one.median * 1e3:.2f} | {one.slow * 1e3:.2f} | {one.median / yardstick:.1f} "
            f"| {rate} | {one.commits:.2f} |"
        )
    for many in (1, IN_FLIGHT):
        whole, without = results[many, "kept"].median, results[many, "unwritten"].median
        ratios = f"{(whole - without) / yardstick:.1f} bare commits, {whole / without:.1f} times as long as without"
        print(f"\nThe ledger's part, {many} in flight: {(whole - without) * 1e3:.2f} ms ({ratios}).", end="")
    print()
