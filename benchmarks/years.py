"""A ledger of years: how long a bridge takes to start on it, how much memory it needs, how fast it finds an old order.

    python -m benchmarks.years [--orders 1000000] [--backups 1] [--folder DIR]

The ledger is built as version 5 of the tables, so that the first start also shows the time of the migration. A backup
runs in another process while this one commits an order every 20 ms. It also does so without a backup, to compare.
"""

from __future__ import annotations

import argparse
import itertools
import json
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bridge.ledger import Ledger, Outcome, Written
from bridge.ledger.schema import MIGRATIONS
from bridge.session import order_content
from bridge.session.records import HighWater, OrderRecord
from tws_bridge_client import BridgeClient

#: Events of one order: four of them are executions and commissions.
EVENTS = ("openOrder", "orderStatus", "execDetails", "commissionAndFeesReport", "orderStatus") * 2
CONTRACT = {"conId": 265598, "symbol": "AAPL", "secType": "STK", "exchange": "SMART", "currency": "USD"}
ORDER = {"action": "BUY", "orderType": "LMT", "totalQuantity": "10", "lmtPrice": 187.5, "tif": "DAY"}
OWNERS = ("alice", "bob", "carol", "dave")
OLD = 5


def build(path: Path, orders: int, open_orders: int = 20) -> None:
    """Write a ledger as the bridge would have over the years. The last `open_orders` orders are working."""
    db = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-200000"):
        db.execute(f"PRAGMA {pragma}")
    db.executescript("".join(MIGRATIONS[:OLD]) + f"PRAGMA user_version={OLD};")
    db.execute("BEGIN")
    facts = {"log": "feedfacefeedface", "clientId": "1", "highWater": str(orders), "accounts": "DU1"}
    db.executemany("INSERT INTO facts VALUES (?, ?)", facts.items())
    digest = order_content.digest(CONTRACT, ORDER, None)
    contract, order = json.dumps(CONTRACT), json.dumps(ORDER)
    db.executemany(
        'INSERT INTO orders (order_id, owner, key, digest, perm_id, tag, contract, "order", revision, state, status,'
        " filled, placed_at, placed_day, heard, final_filled) VALUES (?,?,?,?,?,?,?,?,0,?,?,?,?,?,1,?)",
        (
            (n, OWNERS[n % 4], f"key-{n}", digest, f"1{n:09}", f"#tb:feedface:{OWNERS[n % 4]}:key-{n}:{n}", contract,
             order, *(("acknowledged", "Submitted", "0") if n > orders - open_orders else ("filled", "Filled", "10")),
             n * 10**12, f"2{n * 1000 // orders:07}", None if n > orders - open_orders else "10")
            for n in range(1, orders + 1)
        ),
    )  # fmt: skip
    for at, owner in enumerate(OWNERS):
        db.executemany("INSERT INTO log VALUES (?,?,?,?,?,?,?,?,?,0)", _log(owner, at or 4, orders - open_orders))
    db.execute("COMMIT")
    db.close()


def _log(owner: str, first: int, orders: int) -> Iterator[tuple[Any, ...]]:
    number = 0
    for order_id in range(first, orders + 1, 4):
        for nth, event in enumerate(EVENTS):
            number += 1
            exec_id = f"0000e0d5.{order_id:09x}.{nth // 5}.01" if nth % 5 in (2, 3) else None
            data = {
                "contract": CONTRACT,
                "order": ORDER,
                "execution": {"execId": exec_id, "shares": "5", "price": 187.5},
            }
            topic = f"order.{owner}.key-{order_id}.{event}"
            shares = "5" if event == "execDetails" else None
            yield owner, number, number, topic, event, json.dumps(data), order_id, exec_id, shares


class Bridge:
    """A real bridge on a state folder, without a TWS. `ready`: seconds until it answered the first request."""

    def __init__(self, folder: Path) -> None:
        begun = time.monotonic()
        command = [sys.executable, "-m", "bridge.cli", "run", "--state", str(folder), "--tws", "127.0.0.1:9",
                   "--events", "tcp://127.0.0.1:*", "--requests", "tcp://127.0.0.1:*"]  # fmt: skip
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        assert self.process.stdout is not None
        words = self.process.stdout.readline().split()
        self.client = BridgeClient("alice", requests=words[3], events=words[1])
        self.client.request("ping")
        self.ready = time.monotonic() - begun

    def megabytes(self) -> float:
        """The resident memory of the process."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
        return int(line.split()[1]) / 1024

    def old_key(self, order_id: int) -> float:
        """Seconds until the bridge has answered a request with the key of an old order of alice."""
        begun = time.monotonic()
        params = {"contract": CONTRACT, "order": ORDER, "orderKey": f"key-{order_id}"}
        found = self.client.request("placeOrder", params)
        assert found["orderId"] == order_id
        return time.monotonic() - begun

    def close(self) -> None:
        """End the bridge."""
        self.client.close()
        self.process.terminate()
        self.process.wait(30)


def commits(path: Path, first: int, seconds: float, until: threading.Event | None = None) -> list[float]:
    """Commit one order after the other, for so many seconds or until the event. Returns how long each took."""
    ledger, done, took = Ledger(path, 1), threading.Event(), []

    def report(outcomes: list[Outcome]) -> None:
        assert all(isinstance(outcome, Written) and outcome.failure is None for outcome in outcomes)
        done.set()

    ledger.start(report)
    end, order_id = time.monotonic() + seconds, first
    while time.monotonic() < end or (until is not None and not until.is_set()):
        order_id += 1
        record = OrderRecord(order_id, "alice", f"key-{order_id}", "d", "#t", "sent", CONTRACT, ORDER)
        begun = time.monotonic()
        done.clear()
        ledger.persist(order_id, (record, HighWater(order_id)))
        done.wait()
        took.append(time.monotonic() - begun)
        time.sleep(0.02)
    ledger.close()
    return took


def told(name: str, took: list[float]) -> None:
    """Print the quantiles of some times."""
    ordered = sorted(took)
    quantiles = {part: ordered[min(len(ordered) - 1, int(len(ordered) * part))] * 1000 for part in (0.5, 0.99, 0.999)}
    text = ", ".join(f"{part:.1%} {milliseconds:.2f} ms" for part, milliseconds in quantiles.items())
    print(f"{name}: {len(took)} times, {text}, longest {ordered[-1] * 1000:.2f} ms", flush=True)


def backup_in_trade(folder: Path, orders: int, times: int) -> None:
    """Copy the ledger in another process while this one commits orders.

    It also commits orders without a copy: for 40 s before the first one, and after each for as long as the copy took.
    """
    path, to, numbers = folder / "ledger.sqlite", folder / "copy.sqlite", itertools.count(1)
    told("commits alone", commits(path, orders + next(numbers) * 10**6, 40.0))
    for _ in range(times):
        over, took = threading.Event(), [0.0]

        def copy(over: threading.Event = over, took: list[float] = took) -> None:
            begun = time.monotonic()
            command = [sys.executable, "-m", "bridge.cli", "ledger", "backup", "--force", str(path), str(to)]
            subprocess.run(command, check=True)
            took[0] = time.monotonic() - begun
            print(f"backup: {to.stat().st_size / 1e9:.2f} GB in {took[0]:.1f} s", flush=True)
            over.set()

        thread = threading.Thread(target=copy)
        thread.start()
        told("commits during a backup", commits(path, orders + next(numbers) * 10**6, 0, over))
        thread.join()
        told("commits alone", commits(path, orders + next(numbers) * 10**6, took[0]))


def main() -> None:
    """Build the ledger, and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, default=None)
    parser.add_argument("--only-backup", action="store_true", help="Do not measure starts.")
    parser.add_argument("--backups", type=int, default=1, help="How many copies are made.")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = Path(name)
        begun = time.monotonic()
        build(folder / "ledger.sqlite", options.orders)
        size = (folder / "ledger.sqlite").stat().st_size / 1e9
        print(f"built {options.orders} orders, {size:.2f} GB, in {time.monotonic() - begun:.0f} s", flush=True)
        for start in () if options.only_backup else ("with the migration", "first", "second"):
            bridge = Bridge(folder)
            print(f"start {start}: ready in {bridge.ready:.2f} s, {bridge.megabytes():.0f} MB", flush=True)
            if start != "with the migration":
                ids = range(4, options.orders - 100, options.orders // 400 * 4)
                told("an old key", [bridge.old_key(order_id) for order_id in ids])
                print(f"after it: {bridge.megabytes():.0f} MB", flush=True)
            bridge.close()
        backup_in_trade(folder, options.orders, options.backups)


if __name__ == "__main__":
    main()
