"""What becomes of what clients ask of the hostile TWS, and what restarts, nights and the end of faults do to orders."""

from __future__ import annotations

from collections.abc import Callable

from tests.campaign.tws import manners
from tests.campaign.tws.book import HELD, Book, Data, Entry
from tests.campaign.tws.clock import Clock
from tests.campaign.tws.market import Market
from tests.campaign.tws.words import EventSocket

#: The chance that a night ends an order that is good till cancelled.
NIGHT_ENDS = 0.15
#: The chance that an order is executed while TWS does not run: within the day, and before the night.
AWAY_TRADES = 0.3
EVENING_TRADES = 0.6
#: Seconds from the end of faults to the last execution of what still rests.
CALM_WITHIN = 1.0


class Exchange:
    """`hang_up` ends the connection that asks, `die` ends this process, at once."""

    def __init__(
        self,
        seed: str,
        book: Book,
        clock: Clock,
        *,
        ear_of: Callable[[int], EventSocket | None],
        hang_up: Callable[[EventSocket], None],
        die: Callable[[], None],
    ) -> None:
        self._book = book
        self._clock = clock
        self._hang_up = hang_up
        self._die = die
        self._changes: dict[int, int] = {}
        self._held_by: dict[int, str] = {}
        self.market = Market(seed, book, clock, ear_of)

    @property
    def calm(self) -> bool:
        """Faults have ended."""
        return self.market.calm

    # What clients ask

    def place(self, ear: EventSocket, client: int, data: Data) -> None:
        """A new order, or a change of one that is there."""
        known = self._book.by_number(client, data["orderId"])
        if known is not None:
            self._change(ear, known, data["order"])
            return
        entry = Entry(0, data["orderId"], client, data["contract"], data["order"], "", 0, HELD)
        entry.nth = self._book.arrivals(*entry.name) + 1
        match self.market.manner(entry).admission:
            case "duplicate":
                self.market.note(entry, "refused with 103, not taken")
                self.market.words.answer(ear, entry.order_id, 103, "Duplicate order id")
            case "vanishLost":
                self.market.note(entry, "not taken: the connection ends")
                self._hang_up(ear)
            case admission:
                taken = self._take(entry)
                self._held_by[taken.perm] = ear.name
                if admission in ("vanishTaken", "dies"):
                    self._hang_up(ear)
                if entry.order.get("transmit", True):
                    self._transmit(taken)
                if admission == "dies":
                    self.market.note(entry, "taken: TWS dies")
                    self._die()

    def cancel(self, ear: EventSocket, client: int, order_id: int) -> None:
        entry, words = self._book.by_number(client, order_id), self.market.words
        is_over = entry is not None and entry.over_day is not None
        if entry is None or (is_over and entry not in self._book.completed()):
            words.answer(ear, order_id, 10147, f"OrderId {order_id} that needs to be cancelled is not found.")
        elif is_over:
            code = self.market.rng.choice((10147, 10148))
            self.market.note(entry, f"cancel refused with {code}")
            words.answer(ear, order_id, code, f"OrderId {order_id} cannot be cancelled, state: {entry.status}.")
        elif entry.status == HELD:
            self.market.set(entry, "Cancelled")
            words.status(entry)
        elif entry.status != "PendingCancel":
            self.market.begin_cancel(entry)

    def _change(self, ear: EventSocket, entry: Entry, order: Data) -> None:
        nth = self._changes[entry.perm] = self._changes.get(entry.perm, 0) + 1
        fate = "made" if self.calm else manners.change(self.market.seed, *entry.name, nth)
        if not entry.is_live:
            code = 104 if entry.status == "Filled" else 103
            self.market.words.answer(ear, entry.order_id, code, "It is over.")
        elif fate == "refused" or int(float(order["totalQuantity"])) <= entry.filled:
            self.market.note(entry, "change refused with 110")
            self.market.words.refuse(entry, 110, "The price does not conform to the minimum price variation.")
        elif fate == "vanishLost":
            self.market.note(entry, "change lost: the connection ends")
            self._hang_up(ear)
        else:
            kept = {"parentId": entry.parent_id} if entry.parent_id else {}
            self.market.write("changed", entry, order={**order, **kept})
            if fate == "vanishMade":
                self._hang_up(ear)
            elif fate == "made":
                self.market.words.shown(entry)

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
        manner, parent = self.market.manner(entry), self._book.parent(entry)
        if parent is not None and not parent.is_live and parent.status != "Filled":
            self.market.reject(entry, "Parent order is being cancelled.")
        elif manner.admission == "rejected":
            self.market.reject(entry, "Order rejected - reason: margin")
        elif manner.admission == "inactive":
            self.market.set(entry, "Inactive")
            self.market.words.shown(entry)
            self._wake_after(entry, manner.wakes)
        else:
            self.market.work(entry)
            if manner.admission == "rejectedLate":
                self._clock.later(0.5, lambda: self._reject_late(entry))

    def _wake_after(self, entry: Entry, delay: float | None) -> None:
        if delay is not None:
            self._clock.later(delay, lambda: self._wake(entry))

    def _wake(self, entry: Entry) -> None:
        if entry.status == "Inactive":
            self.market.work(entry)

    def _reject_late(self, entry: Entry) -> None:
        if entry.is_live and not entry.filled:
            self.market.reject(entry, "Order rejected by the exchange", was_live=True)

    # Restarts, nights, the end

    def drop_held(self, ear: EventSocket) -> None:
        """The connection is gone: what was held for the rest of its group never goes out."""
        for entry in self._book.held():
            if self._held_by.get(entry.perm) == ear.name:
                self.market.set(entry, "Dropped", listed=False)

    def resume(self) -> None:
        """After a start: the market has gone on without us, and goes on."""
        for entry in self._book.held():
            self.market.set(entry, "Dropped", listed=False)
        for entry in self._book.live():
            if entry.status == "PendingCancel":
                self.market.end_cancel(entry)
            elif entry.status == "Submitted" and self.market.rng.random() < AWAY_TRADES:
                self.market.execute(entry)
            manner = self.market.manner(entry)
            self.market.plan(entry, manner.first)
            self._wake_after(entry, manner.wakes)

    def begin_day(self, day: str, *, is_away: bool) -> None:
        """Midnight. Nobody is told: day orders are gone, some of the others too. `is_away`: TWS did not run meanwhile,
        and some had a last execution.
        """
        for entry in self._book.live() if self._book.day else []:
            if is_away and entry.status == "Submitted" and self.market.rng.random() < EVENING_TRADES:
                self.market.execute(entry)
            if entry.is_live and (entry.order.get("tif", "DAY") != "GTC" or self.market.rng.random() < NIGHT_ENDS):
                self.market.set(entry, "Expired", listed=False)
                self.market.end_children(entry)
        self._book.write("day", day=day, away=is_away)

    def begin_calm(self) -> None:
        """Faults have ended: all that works is filled soon, what is Inactive comes alive or waits to be cancelled."""
        self.market.calm = True
        for entry in self._book.live():
            delay = self.market.rng.uniform(0.1, CALM_WITHIN)
            self.market.plan(entry, delay)
            if self.market.rng.random() < 0.5:
                self._wake_after(entry, delay)
