"""How orders work, are executed and end at the hostile TWS. What is true is written before a word of it is said."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from tests.campaign.tws import manners
from tests.campaign.tws.book import Book, Entry
from tests.campaign.tws.clock import Clock
from tests.campaign.tws.manners import Manner
from tests.campaign.tws.words import EventSocket, Words

#: Seconds from 202 to the status Cancelled of some orders.
STATUS_AFTER_202 = 0.8


class Market:
    """`calm`: faults have ended."""

    def __init__(self, seed: str, book: Book, clock: Clock, ear_of: Callable[[int], EventSocket | None]) -> None:
        self.seed = seed
        self.book = book
        self.clock = clock
        self.calm = False
        self.rng = Random(f"{seed}/market/{len(book.orders)}")
        self.words = Words(seed, book, clock, ear_of=ear_of, manner_of=self.manner)

    def manner(self, entry: Entry) -> Manner:
        drawn = manners.draw(self.seed, *entry.name, entry.nth)
        return manners.calmed(drawn) if self.calm else drawn

    # Working

    def work(self, entry: Entry) -> None:
        """It works from now on; a child waits for its parent."""
        parent, manner = self.book.parent(entry), self.manner(entry)
        waits = parent is not None and parent.status != "Filled"
        self.set(entry, "PreSubmitted" if waits else "Submitted")
        self.words.shown(entry)
        self.plan(entry, manner.first)
        if manner.drops is not None:
            self.clock.later(manner.drops, lambda: self._drop(entry))

    def plan(self, entry: Entry, delay: float | None) -> None:
        """Its next execution."""
        if delay is not None:
            self.clock.later(delay, lambda: self._trade(entry))

    def _trade(self, entry: Entry) -> None:
        manner = self.manner(entry)
        if entry.status == "Submitted":
            self.execute(entry, max(1, entry.total // manner.parts))
            self.plan(entry, manner.gap)

    def execute(self, entry: Entry, shares: int | None = None, *, says_status: bool = True) -> None:
        """So many shares, by default one or all of them."""
        wanted = self.rng.choice((1, entry.total)) if shares is None else shares
        shares = min(wanted, entry.total - entry.filled)
        if shares <= 0:
            return
        nth = len({execution.root for execution in entry.executions}) + 1
        self._write_execution(entry, f"{entry.perm:08x}.{nth:04x}.01", shares, 10.0)
        self.words.executed(entry, entry.executions[-1])
        if nth == 1 and self.manner(entry).corrects:
            self.clock.later(0.7, lambda: self.correct(entry))
        if entry.filled >= entry.total:
            self.set(entry, "Filled")
            self._on_filled(entry)
        if says_status:
            self.words.status(entry)

    def correct(self, entry: Entry) -> None:
        """The first execution was one share less, or had another price."""
        first = entry.executions[0]
        if first.day == self.book.day:
            self._write_execution(entry, f"{first.root}.02", max(1, first.shares - 1), 10.5)
            self.words.executed(entry, entry.executions[-1])

    def _write_execution(self, entry: Entry, exec_id: str, shares: int, price: float) -> None:
        """`time` is of the book's day, also when that is over as this is written."""
        day, time = self.book.day, self.clock.stamp()
        time = time if time.startswith(day) else f"{day} 15:59:00 UTC"
        self.write("executed", entry, execId=exec_id, shares=shares, price=price, day=day, time=time)

    def _on_filled(self, entry: Entry) -> None:
        """Children work when their parent is filled; of two exits the other goes when one is filled."""
        for child in self.book.family(entry):
            if child.status == "PreSubmitted":
                self.set(child, "Submitted")
                self.words.status(child)
                self.plan(child, self.manner(child).first)
        parent = self.book.parent(entry)
        for sibling in [] if parent is None else self.book.family(parent):
            if sibling is not entry and sibling.is_live:
                self.set(sibling, "Cancelled")
                self.words.status(sibling)

    # Ending

    def begin_cancel(self, entry: Entry) -> None:
        """An execution may be on its way as the cancel comes."""
        manner = self.manner(entry)
        if manner.races and entry.status == "Submitted":
            self.execute(entry, says_status=False)
        if not entry.is_live:
            self.words.refuse(entry, 10148, f"OrderId {entry.order_id} cannot be cancelled, state: {entry.status}.")
            return
        self.set(entry, "PendingCancel")
        self.words.status(entry)
        self.clock.later(manner.cancel_takes, lambda: self.end_cancel(entry))

    def end_cancel(self, entry: Entry) -> None:
        if entry.status == "PendingCancel":
            self._cancel(entry)

    def _drop(self, entry: Entry) -> None:
        """The exchange ends it though nobody asked; an execution may be on its way."""
        if entry.status != "Submitted" or self.calm:
            return
        if self.manner(entry).races:
            self.execute(entry, 1, says_status=False)
        if entry.is_live:
            self._cancel(entry)

    def _cancel(self, entry: Entry) -> None:
        """Two words on one end, in either order; some 202 come a while before the status, after a last execution."""
        self.set(entry, "Cancelled")
        manner = self.manner(entry)
        if manner.warns:
            self._say_202(entry)
        if manner.warns and manner.races:
            self.clock.later(STATUS_AFTER_202, lambda: self.words.status(entry))
        else:
            self.words.status(entry)
        if not manner.warns:
            self._say_202(entry)
        self.end_children(entry)

    def _say_202(self, entry: Entry) -> None:
        self.words.refuse(entry, 202, "Order Canceled - reason:")

    def reject(self, entry: Entry, reason: str, *, was_live: bool = False) -> None:
        """Only what was never spoken of may be missing among completed orders."""
        manner = self.manner(entry)
        is_listed = was_live or manner.words != "silent" or manner.lists_rejection
        self.set(entry, "Rejected", listed=is_listed)
        if manner.says_inactive:
            self.words.shown(entry, "Inactive")
        self.words.refuse(entry, 201, reason)
        self.end_children(entry)

    def end_children(self, entry: Entry) -> None:
        for child in self.book.family(entry):
            if child.is_live:
                self.set(child, "Cancelled")
                self.words.status(child)

    # Writing

    def set(self, entry: Entry, status: str, *, listed: bool = True) -> None:
        self.write("status", entry, status=status, day=self.book.day, listed=listed)

    def write(self, what: str, entry: Entry, **facts: object) -> None:
        owner, key = entry.name
        self.book.write(what, perm=entry.perm, owner=owner, key=key, **facts)

    def note(self, entry: Entry, text: str) -> None:
        owner, key = entry.name
        self.book.write("note", owner=owner, key=key, orderId=entry.order_id, text=text)
