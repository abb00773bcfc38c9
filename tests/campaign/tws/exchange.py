"""What becomes of orders at the hostile TWS: taken or not, changed, cancelled, executed, alive again, gone at night.

All that is true is written in the book before a word of it is said. `hang_up` ends the connection that asks.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from tests.campaign.tws import manners
from tests.campaign.tws.book import HELD, Book, Data, Entry
from tests.campaign.tws.clock import Clock
from tests.campaign.tws.manners import Manner
from tests.campaign.tws.words import Ear, Words

#: The chance that a night ends an order that is good till cancelled.
NIGHT_ENDS = 0.15
#: Seconds from the end of faults to the last execution of what still rests.
CALM_WITHIN = 1.0


class Exchange:
    """`calm`: faults have ended."""

    def __init__(
        self, seed: str, book: Book, clock: Clock, ear_of: Callable[[int], Ear | None], hang_up: Callable[[Ear], None]
    ) -> None:
        self._seed = seed
        self._book = book
        self._clock = clock
        self._hang_up = hang_up
        self._rng = Random(f"{seed}/exchange/{len(book.orders)}")
        self._words = Words(seed, book, clock, ear_of=ear_of, manner_of=self.manner)
        self._changes: dict[int, int] = {}
        self._held_by: dict[int, str] = {}
        self.calm = False

    def manner(self, entry: Entry) -> Manner:
        drawn = manners.draw(self._seed, *entry.name, entry.nth)
        return manners.calmed(drawn) if self.calm else drawn

    # What clients ask

    def place(self, ear: Ear, client: int, data: Data) -> None:
        """A new order, or a change of one that is there."""
        known = self._book.by_number(client, data["orderId"])
        if known is not None:
            self._change(ear, known, data["order"])
            return
        entry = Entry(0, data["orderId"], client, data["contract"], data["order"], "", 0, HELD)
        entry.nth = self._book.arrivals(*entry.name) + 1
        match self.manner(entry).admission:
            case "duplicate":
                self._note(entry, "refused with 103, not taken")
                self._words.answer(ear, entry.order_id, 103, "Duplicate order id")
            case "vanishLost":
                self._note(entry, "not taken: the connection ends")
                self._hang_up(ear)
            case admission:
                taken = self._take(entry)
                self._held_by[taken.perm] = ear.name
                if admission == "vanishTaken":
                    self._hang_up(ear)
                if entry.order.get("transmit", True):
                    self._transmit(taken)

    def cancel(self, ear: Ear, client: int, order_id: int) -> None:
        entry = self._book.by_number(client, order_id)
        is_over = entry is not None and entry.over_day is not None
        if entry is None or (is_over and entry not in self._book.completed()):
            self._words.answer(ear, order_id, 10147, f"OrderId {order_id} that needs to be cancelled is not found.")
        elif is_over:
            code = self._rng.choice((10147, 10148))
            self._note(entry, f"cancel refused with {code}")
            self._words.answer(ear, order_id, code, f"OrderId {order_id} cannot be cancelled, state: {entry.status}.")
        elif entry.status == HELD:
            self._set(entry, "Cancelled")
            self._words.status(entry)
        elif entry.status != "PendingCancel":
            self._begin_cancel(entry)

    def _begin_cancel(self, entry: Entry) -> None:
        manner = self.manner(entry)
        if manner.races and entry.status == "Submitted" and entry.filled < entry.total:
            self._execute(entry, self._rng.choice((1, entry.total)), says_status=False)
        if not entry.is_live:
            self._words.refuse(entry, 10148, "The order cannot be cancelled, state: Filled.")
            return
        self._set(entry, "PendingCancel")
        self._words.status(entry)
        self._clock.later(manner.cancel_takes, lambda: self._end_cancel(entry))

    def _end_cancel(self, entry: Entry) -> None:
        if entry.status != "PendingCancel":
            return
        self._set(entry, "Cancelled")
        if warns := self.manner(entry).warns:
            self._words.refuse(entry, 202, "Order Canceled - reason:")
        self._words.status(entry)
        if not warns:
            self._words.refuse(entry, 202, "Order Canceled - reason:")
        self._end_children(entry)

    def _change(self, ear: Ear, entry: Entry, order: Data) -> None:
        nth = self._changes[entry.perm] = self._changes.get(entry.perm, 0) + 1
        fate = "made" if self.calm else manners.change(self._seed, *entry.name, nth)
        if not entry.is_live:
            self._words.answer(ear, entry.order_id, 104 if entry.status == "Filled" else 103, "It is over.")
        elif fate == "refused" or int(float(order["totalQuantity"])) <= entry.filled:
            self._note(entry, "change refused with 110")
            self._words.refuse(entry, 110, "The price does not conform to the minimum price variation.")
        elif fate == "vanishLost":
            self._note(entry, "change lost: the connection ends")
            self._hang_up(ear)
        else:
            kept = {"parentId": entry.parent_id} if entry.parent_id else {}
            self._write("changed", entry, order={**order, **kept})
            if fate == "vanishMade":
                self._hang_up(ear)
            elif fate == "made":
                self._words.shown(entry, self._told(entry))

    # How orders begin

    def _take(self, entry: Entry) -> Entry:
        perm = self._book.next_perm()
        self._book.write(
            "taken", perm=perm, orderId=entry.order_id, client=entry.client, contract=entry.contract,
            order=entry.order, day=self._book.day, status=HELD, owner=entry.name[0], key=entry.name[1],
        )  # fmt: skip
        return self._book.orders[perm]

    def _transmit(self, last: Entry) -> None:
        """The last of a group is there, or an order by itself: all that TWS held for it goes out, the parent first."""
        parent = self._book.parent(last)
        group = [last] if parent is None else [parent, *self._book.family(parent)]
        for entry in group:
            if entry.status == HELD:
                self._admit(entry)

    def _admit(self, entry: Entry) -> None:
        manner, parent = self.manner(entry), self._book.parent(entry)
        if parent is not None and not parent.is_live and parent.status != "Filled":
            self._reject(entry, "Parent order is being cancelled.")
        elif manner.admission == "rejected":
            self._reject(entry, "Order rejected - reason: margin")
        elif manner.admission == "inactive":
            self._set(entry, "Inactive")
            self._words.shown(entry)
            if manner.wakes is not None:
                self._clock.later(manner.wakes, lambda: self._wake(entry))
        else:
            self._set(entry, self._working(entry))
            self._words.shown(entry)
            self._plan(entry, manner.first)
            if manner.admission == "rejectedLate":
                self._clock.later(0.5, lambda: self._reject_late(entry))

    def _working(self, entry: Entry) -> str:
        """How an order works: a child waits for its parent."""
        parent = self._book.parent(entry)
        return "PreSubmitted" if parent is not None and parent.status != "Filled" else "Submitted"

    def _wake(self, entry: Entry) -> None:
        if entry.status == "Inactive":
            self._set(entry, self._working(entry))
            self._words.shown(entry)
            self._plan(entry, self.manner(entry).first)

    def _reject(self, entry: Entry, reason: str, *, was_live: bool = False) -> None:
        """Only what was never spoken of may be missing among completed orders."""
        manner = self.manner(entry)
        is_listed = was_live or manner.words != "silent" or manner.lists_rejection
        self._set(entry, "Rejected", listed=is_listed)
        if manner.says_inactive:
            self._words.shown(entry, "Inactive")
        self._words.refuse(entry, 201, reason)
        self._end_children(entry)

    def _reject_late(self, entry: Entry) -> None:
        if entry.is_live and not entry.filled:
            self._reject(entry, "Order rejected by the exchange", was_live=True)

    # How they are executed

    def _plan(self, entry: Entry, delay: float | None) -> None:
        if delay is not None:
            self._clock.later(delay, lambda: self._trade(entry))

    def _trade(self, entry: Entry) -> None:
        manner = self.manner(entry)
        if entry.status != "Submitted":
            return
        self._execute(entry, max(1, entry.total // manner.parts))
        self._plan(entry, manner.gap)

    def _execute(self, entry: Entry, shares: int, *, says_status: bool = True) -> None:
        shares = min(shares, entry.total - entry.filled)
        if shares <= 0:
            return
        nth = len({execution.root for execution in entry.executions}) + 1
        self._write_execution(entry, f"{entry.perm:08x}.{nth:04x}.01", shares, 10.0)
        self._words.executed(entry, entry.executions[-1])
        if nth == 1 and self.manner(entry).corrects:
            self._clock.later(0.7, lambda: self._correct(entry))
        if entry.filled >= entry.total:
            self._set(entry, "Filled")
            self._on_filled(entry)
        if says_status:
            self._words.status(entry)

    def _correct(self, entry: Entry) -> None:
        """The first execution was one share less, or had another price."""
        first = entry.executions[0]
        if first.day == self._book.day:
            self._write_execution(entry, f"{first.root}.02", max(1, first.shares - 1), 10.5)
            self._words.executed(entry, entry.executions[-1])

    def _write_execution(self, entry: Entry, exec_id: str, shares: int, price: float) -> None:
        """`time` is of the book's day, also when that is over as this is written."""
        day, time = self._book.day, self._clock.stamp()
        time = time if time.startswith(day) else f"{day} 15:59:00 UTC"
        self._write("executed", entry, execId=exec_id, shares=shares, price=price, day=day, time=time)

    def _on_filled(self, entry: Entry) -> None:
        """Children work when their parent is filled; of two exits the other goes when one is filled."""
        for child in self._book.family(entry):
            if child.status == "PreSubmitted":
                self._set(child, "Submitted")
                self._words.status(child)
                self._plan(child, self.manner(child).first)
        parent = self._book.parent(entry)
        for sibling in [] if parent is None else self._book.family(parent):
            if sibling is not entry and sibling.is_live:
                self._set(sibling, "Cancelled")
                self._words.status(sibling)

    def _end_children(self, entry: Entry) -> None:
        for child in self._book.family(entry):
            if child.is_live:
                self._set(child, "Cancelled")
                self._words.status(child)

    # Restarts, nights, the end

    def drop_held(self, ear: Ear) -> None:
        """The connection is gone: what was held for the rest of its group never goes out."""
        for entry in self._book.held():
            if self._held_by.get(entry.perm) == ear.name:
                self._set(entry, "Dropped", listed=False)

    def resume(self) -> None:
        """After a start: the market has gone on without us, and goes on."""
        for entry in self._book.held():
            self._set(entry, "Dropped", listed=False)
        for entry in self._book.live():
            if entry.status == "PendingCancel":
                self._end_cancel(entry)
            elif entry.status == "Submitted" and self._rng.random() < 0.3:
                self._execute(entry, self._rng.choice((1, entry.total)))
            manner = self.manner(entry)
            self._plan(entry, manner.first)
            if entry.status == "Inactive" and manner.wakes is not None:
                self._clock.later(manner.wakes, lambda entry=entry: self._wake(entry))  # type: ignore[misc]

    def begin_day(self, day: str, *, is_away: bool) -> None:
        """Midnight. Nobody is told: day orders are gone, some of the others too. `is_away`: TWS did not run meanwhile,
        and some had a last execution.
        """
        for entry in self._book.live() if self._book.day else []:
            if is_away and entry.status == "Submitted" and self._rng.random() < 0.3:
                self._execute(entry, self._rng.choice((1, entry.total)))
            if entry.is_live and (entry.order.get("tif", "DAY") != "GTC" or self._rng.random() < NIGHT_ENDS):
                self._set(entry, "Expired", listed=False)
                self._end_children(entry)
        self._book.write("day", day=day)

    def begin_calm(self) -> None:
        """Faults have ended: all that works is filled soon, what is Inactive comes alive or waits to be cancelled."""
        self.calm = True
        for entry in self._book.live():
            delay = self._rng.uniform(0.1, CALM_WITHIN)
            self._plan(entry, delay)
            if entry.status == "Inactive" and self._rng.random() < 0.5:
                self._clock.later(delay, lambda entry=entry: self._wake(entry))  # type: ignore[misc]

    # Writing

    def _told(self, entry: Entry) -> str:
        return "Inactive" if entry.status == "Rejected" else entry.status

    def _set(self, entry: Entry, status: str, *, listed: bool = True) -> None:
        self._write("status", entry, status=status, day=self._book.day, listed=listed)

    def _write(self, what: str, entry: Entry, **facts: object) -> None:
        owner, key = entry.name
        self._book.write(what, perm=entry.perm, owner=owner, key=key, **facts)

    def _note(self, entry: Entry, text: str) -> None:
        owner, key = entry.name
        self._book.write("note", owner=owner, key=key, orderId=entry.order_id, text=text)
