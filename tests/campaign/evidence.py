"""What is known at the end of an episode, from five sides: TWS's truth, an independent client, the ledger's file,
the order log of each owner, and what every trader was told.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.campaign.parties import Parties
from tests.campaign.plan import Data, Plan
from tests.campaign.trader.intent import Intent, replay
from tests.campaign.tws.book import Book, events
from tests.chaos import world
from tws_bridge_client import BridgeError

_PAGE = 500


@dataclass(frozen=True)
class Row:
    """One order as the ledger's file has it."""

    order_id: int
    owner: str
    key: str
    state: str
    status: str | None
    filled: str
    change: str | None


@dataclass(frozen=True)
class Logged:
    """One event of an owner's order log; `at` in seconds since 1970 UTC."""

    n: int
    at: float
    key: str
    event: str
    exec_id: str | None


@dataclass
class View:
    """What an independent client of TWS was told: open orders and completed ones with their status, executions."""

    orders: dict[str, str] = field(default_factory=dict)
    executions: list[str] = field(default_factory=list)


@dataclass
class Evidence:
    """`truth` are the lines of TWS's book. By trader: `logs` as orderLog tells them, `written` as the ledger's file has
    them, and the `lines` of the trader's own file. `rows` are the ledger's orders, by number. `at` is when the traders'
    files were read, before the logs: meanwhile the logs may have grown.
    """

    plan: Plan
    at: float
    truth: list[Data]
    view: View
    rows: dict[int, Row]
    logs: dict[str, list[Logged]]
    written: dict[str, list[Logged]]
    lines: dict[str, list[Data]]
    bridge_log: str = ""
    book: Book = field(default_factory=Book)
    intents: dict[str, dict[str, Intent]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for event in self.truth:
            self.book.apply(event)
        for name, trader in self.plan.traders.items():
            self.intents[name] = replay(trader, self.lines[name])


def gather(parties: Parties) -> Evidence | None:
    """All of it now; None where the bridge does not answer, or TWS is starting or has just ended."""
    folder, plan, at = parties.folder, parties.plan, time.time()
    lines = {name: list(events(folder / f"{name}.jsonl")) for name in plan.traders}
    logs = {}
    for name in plan.traders:
        if (told := _order_log(parties, name)) is None:
            return None
        logs[name] = told
    try:
        with world.Book(parties.tws) as asked:
            view = View({perm: order["status"] for perm, order in asked.orders().items()}, asked.executions())
    except ConnectionError:
        return None
    ledger = folder / "state" / "ledger.sqlite"
    rows = {row.order_id: row for row in _rows(ledger)}
    written = {name: _written_log(ledger, name) for name in plan.traders}
    bridge_log = (folder / "bridge.log").read_text(errors="replace")
    return Evidence(plan, at, list(events(folder / "truth.jsonl")), view, rows, logs, written, lines, bridge_log)


def _order_log(parties: Parties, owner: str) -> list[Logged] | None:
    assert parties.bridge is not None
    found: list[Logged] = []
    with parties.bridge.client(owner) as client, contextlib.suppress(BridgeError):
        while True:
            after = found[-1].n if found else 0
            page = client.request("orderLog", {"after": after, "limit": _PAGE}, timeout=5.0)
            found += [_logged(event) for event in page["events"]]
            if not page["events"] or found[-1].n >= page["head"]:
                return found
    return None


def _logged(event: Data) -> Logged:
    data = event["data"]
    exec_id = data["execution"]["execId"] if event["event"] == "execDetails" else None
    return Logged(event["n"], event["ts"] / 1e9, event["topic"].split(".")[2], event["event"], exec_id)


def _rows(path: Path) -> Iterator[Row]:
    """The orders, in the order in which they were placed."""
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
        names = "order_id, owner, key, state, status, filled, change"
        yield from (Row(*row) for row in db.execute(f"SELECT {names} FROM orders ORDER BY order_id"))


def _written_log(path: Path, owner: str) -> list[Logged]:
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
        rows = db.execute("SELECT n, ts, topic, event, data FROM log WHERE owner = ? ORDER BY n", (owner,))
        names = ("n", "ts", "topic", "event")
        return [_logged({**dict(zip(names, row[:4], strict=True)), "data": json.loads(row[4])}) for row in rows]
