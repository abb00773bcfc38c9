"""What is true at the hostile TWS: its orders and executions. Each change is one line of a file that outlives it.

The file is the truth that a campaign is judged by: `Book.read` makes the same book of it again for the judge, and
`Book.open` at a new start. A line is written before anybody hears of what it says.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bridge.session.orders.order_message import read as read_tag

Data = dict[str, Any]

#: TWS holds it and has not transmitted it: it waits for the last member of its group.
HELD = "Held"
#: Statuses of an order that may still be executed, now or when it comes alive.
LIVE = frozenset({"PreSubmitted", "Submitted", "PendingCancel", "Inactive"})


@dataclass
class Execution:
    """One execution, or a correction of one."""

    exec_id: str
    shares: int
    price: float
    day: str
    time: str

    @property
    def root(self) -> str:
        """What an execution and its corrections have in common."""
        return self.exec_id.rpartition(".")[0]

    @property
    def nth(self) -> int:
        return int(self.exec_id.rpartition(".")[2])


@dataclass
class Entry:
    """One order. `nth` counts the orders that came under one key; `over_day` is the day on which it ended."""

    perm: int
    order_id: int
    client: int
    contract: Data
    order: Data
    day: str
    nth: int
    status: str
    listed: bool = True
    over_day: str | None = None
    executions: list[Execution] = field(default_factory=list)

    @property
    def name(self) -> tuple[str, str]:
        """Owner and key, from the tag; an order without a tag of the bridge belongs to nobody."""
        tag = read_tag(self.order.get("orderRef"))
        return ("", "") if tag is None else (tag.owner, tag.key)

    @property
    def total(self) -> int:
        return int(float(self.order["totalQuantity"]))

    @property
    def is_live(self) -> bool:
        return self.status in LIVE

    @property
    def parent_id(self) -> int:
        return int(self.order.get("parentId") or 0)

    @property
    def standing(self) -> list[Execution]:
        """Of each execution its newest correction."""
        newest: dict[str, Execution] = {}
        for execution in self.executions:
            known = newest.get(execution.root)
            if known is None or execution.nth > known.nth:
                newest[execution.root] = execution
        return list(newest.values())

    @property
    def filled(self) -> int:
        return sum(execution.shares for execution in self.standing)

    @property
    def most_filled(self) -> int:
        """What was executed before anything was corrected."""
        return sum(execution.shares for execution in self.executions if execution.nth == 1)


class Book:
    """All orders of this TWS by permId. `day` is TWS's date, as it was last written."""

    def __init__(self, path: Path | None = None) -> None:
        self.orders: dict[int, Entry] = {}
        self.day = ""
        self._by_number: dict[tuple[int, int], Entry] = {}
        self._counts: dict[tuple[str, str], int] = {}
        self._file = None if path is None else os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    @classmethod
    def open(cls, path: Path) -> Book:
        """The book of that file, to be written on."""
        book = cls(path)
        for event in events(path):
            book.apply(event)
        return book

    @classmethod
    def read(cls, path: Path) -> Book:
        """The book of that file as it stands, to be looked at."""
        book = cls()
        for event in events(path):
            book.apply(event)
        return book

    def write(self, what: str, **facts: Any) -> None:
        """One event: on file first, then in memory."""
        event = {"t": time.time(), "what": what, **facts}
        assert self._file is not None, "this book is for reading"
        os.write(self._file, json.dumps(event).encode() + b"\n")
        self.apply(event)

    def apply(self, event: Data) -> None:
        match event["what"]:
            case "day":
                self.day = event["day"]
            case "taken":
                self._take(event)
            case "status":
                entry = self.orders[event["perm"]]
                was_live, entry.status = entry.is_live or entry.status == HELD, event["status"]
                if was_live and not entry.is_live:
                    entry.over_day, entry.listed = event["day"], event.get("listed", True)
            case "changed":
                entry = self.orders[event["perm"]]
                entry.order = {**event["order"], "orderRef": entry.order.get("orderRef")}
            case "executed":
                made = (event[name] for name in ("execId", "shares", "price", "day", "time"))
                self.orders[event["perm"]].executions.append(Execution(*made))

    def _take(self, event: Data) -> None:
        entry = Entry(
            event["perm"], event["orderId"], event["client"], event["contract"], event["order"], event["day"], 0,
            event["status"], listed=event.get("listed", True),
        )  # fmt: skip
        entry.nth = self._counts[entry.name] = self.arrivals(*entry.name) + 1
        if not entry.is_live and entry.status != HELD:
            entry.over_day = event["day"]
        self.orders[entry.perm] = self._by_number[entry.client, entry.order_id] = entry

    # Looking

    def by_number(self, client: int, order_id: int) -> Entry | None:
        return self._by_number.get((client, order_id))

    def arrivals(self, owner: str, key: str) -> int:
        """How many orders came under that key."""
        return self._counts.get((owner, key), 0)

    def next_perm(self) -> int:
        return max(self.orders, default=1_000_000_000) + 1

    def next_number(self, client: int) -> int:
        return max((order_id for owner, order_id in self._by_number if owner == client), default=0) + 1

    def live(self) -> list[Entry]:
        """The open orders, in the order in which they came."""
        return [entry for entry in self.orders.values() if entry.is_live]

    def held(self) -> list[Entry]:
        return [entry for entry in self.orders.values() if entry.status == HELD]

    def family(self, parent: Entry) -> list[Entry]:
        """The children of that order."""
        found = self.orders.values()
        return [entry for entry in found if (entry.client, entry.parent_id) == (parent.client, parent.order_id)]

    def parent(self, entry: Entry) -> Entry | None:
        return self.by_number(entry.client, entry.parent_id) if entry.parent_id else None

    def completed(self) -> list[Entry]:
        """What ended today, and is told."""
        return [entry for entry in self.orders.values() if entry.over_day == self.day and entry.listed]

    def executions(self) -> list[tuple[Entry, Execution]]:
        """Today's, in the order in which they were made."""
        found = [(entry, one) for entry in self.orders.values() for one in entry.executions if one.day == self.day]
        return sorted(found, key=lambda pair: pair[1].time)


def events(path: Path) -> Iterator[Data]:
    """The lines of such a file; a line that is not whole was never said to anybody."""
    if not path.exists():
        return
    for line in path.read_bytes().splitlines(keepends=True):
        if line.endswith(b"\n"):
            yield json.loads(line)
