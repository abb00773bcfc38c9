"""The orders of this client: what the bridge knows of them, and what their events say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import overload
from weakref import WeakSet, WeakValueDictionary

from tws_bridge_client.calls import BridgeError
from tws_bridge_client.closed import Closed
from tws_bridge_client.executions import base_of, is_combo, is_newer, is_spread
from tws_bridge_client.follow import Event
from tws_bridge_client.generated.contract import REJECTING
from tws_bridge_client.generated.messages import OrderStatus
from tws_bridge_client.generated.types import Contract, Order, OrderFacts
from tws_bridge_client.live.book import Book, Live, Owner, as_time
from tws_bridge_client.live.fills import Fill, fill_of
from tws_bridge_client.struct import Data

#: The states in which an order is over, or was never at TWS.
OVER = frozenset({"filled", "cancelled", "rejected", "notFound", "abandoned", "unsent"})
#: The states in which executions can still arrive although the order is over, until `fillsFinal` is true.
EXECUTED = frozenset({"filled", "cancelled"})
#: The states in which nothing but a question shows the next one.
UNSETTLED = frozenset({"queued", "sent", "unknown"})
#: TWS's words for an order that is over.
_CLOSED = frozenset({"Filled", "Cancelled", "ApiCancelled"})
#: TWS's words for an order that works. Another word can stand for a rejected order too, so the client asks the bridge.
_WORKING = frozenset({"PreSubmitted", "Submitted"})
#: TWS's word for an order that it has rejected, or that it holds and may work later.
_INACTIVE = "Inactive"
#: TWS rejects an order with this word and an error, in either order. They come so close to each other (ns): an error at
#: another time is about a change or a cancel of an order that TWS holds.
_SAME_REFUSAL = 10_000_000_000
#: Seconds until the client asks the bridge for the state of an order without an event.
ASK_UNSETTLED, ASK_SETTLED = 5.0, 30.0
#: So many questions are under way at a time: after a gap the state of each order is asked.
MOST_ASKED = 20
#: So many ended orders the client keeps that no handle shows.
MOST_ENDED = 1000
#: The prefix of the topics of all orders. Only an admin may hear them.
ALL_ORDERS = "order."
#: The reason of an order that the bridge has known, and does not know any more.
LOST = (
    "the bridge has no order with this key any more: its ledger was lost, or it never sent the order. "
    "Look at TWS before you place it again"
)
#: Errors of a change after which its revision cannot be used for another attempt.
_REFUSED_CHANGE = frozenset({"rejectedByTws", "keyConflict", "staleRevision"})
#: The events after which the state of an order can be another one.
_NEWS = frozenset({"openOrder", "orderStatus", "execDetails", "completedOrder", "error", "orderGap", "conflict",
                   "abandoned"})  # fmt: skip


def order_question(key: str) -> Data:
    """The params of `awaitOrder` that ask for the state of an order as it is now."""
    return {"orderKey": key, "until": "acknowledged", "timeout": 0.05}


class OrderRecord:
    """One order of this client, as the newest events show it."""

    def __init__(self, key: str) -> None:
        #: The key of the order.
        self.key = key
        #: The state of the order as the bridge last answered; None if it was not asked.
        self.facts: OrderFacts | None = None
        #: The instrument and the order, as the program placed it or as TWS shows it; None if neither is known.
        self.contract: Contract | None = None
        self.order: Order | None = None
        #: TWS's word for the status, for example `Submitted`.
        self.status = ""
        #: Why the bridge does not know the order any more, as text for people; empty if it does.
        self.lost = ""
        #: Whether the client keeps `facts` current.
        self.is_watched = False
        #: Whether `facts` is the word of an earlier bridge run, and this one has not been asked yet.
        self.is_outdated = False
        self._is_spread = False
        #: The executed quantity in the newest status of TWS.
        self._told = Decimal(0)
        self._average: float | None = None
        self._message = ""
        #: When TWS has shown the order as open, listed it as over, said Inactive, and sent an error that rejects (ns).
        self._shown_at = self._completed_at = self._inactive_at = self._refused_at = 0
        self._executions: dict[str, Fill] = {}

    def __repr__(self) -> str:
        return f"OrderRecord({self.key} {self.state or self.status} filled={self.filled})"

    @property
    def state(self) -> str:
        """The state of the order at the bridge, see docs/guides/orders.md; empty if it was not asked.

        It is `unknown` if the bridge has lost the order.
        """
        if self.lost:
            return "unknown"
        return self.facts.state if self.facts is not None else ""

    @property
    def is_open(self) -> bool:
        """Whether the order works at TWS, or may do so."""
        if self.state:
            return self.state not in OVER
        return self.status not in ("", *_CLOSED) and not self._is_completed and not self._is_rejected

    @property
    def _is_completed(self) -> bool:
        """Whether TWS has listed the order as over, whatever its status is, and has not shown it as open since."""
        return 0 < self._completed_at >= self._shown_at

    @property
    def _is_rejected(self) -> bool:
        """Whether TWS's words say that an Inactive order was rejected. Otherwise TWS holds it, and may work it later.

        The rule of the bridge, as far as the events show it: an error that rejects the order, and no execution.
        """
        if self.status != _INACTIVE or self._told or self._executions or not self._refused_at:
            return False
        return abs(self._refused_at - self._inactive_at) <= _SAME_REFUSAL

    @property
    def is_doubtful(self) -> bool:
        """Whether only the bridge can say if the order is open, and has not been asked yet."""
        return self.facts is None and not self.lost and self.status not in ("", *_CLOSED, *_WORKING)

    @property
    def is_settled(self) -> bool:
        """Whether the order is over and its fills are final."""
        if self.facts is None or self.lost:
            return not self.is_open
        return self.state in OVER and (self.state not in EXECUTED or bool(self.facts.fillsFinal))

    @property
    def fills(self) -> list[Fill]:
        """The executions, the oldest first, with corrections applied."""
        return list(self._executions.values())

    @property
    def filled(self) -> Decimal:
        """The executed quantity: what the bridge has answered, or the sum of the executions that count if it is more.

        The answer may be older than the newest execution. Without an answer the figure of TWS takes its place.
        """
        known = self.facts.filled if self.facts is not None else self._told
        return max(known or Decimal(0), sum((abs(fill.quantity) for fill in self._counted()), Decimal(0)))

    def _counted(self) -> list[Fill]:
        """The executions that count towards the quantity, by the rule of the bridge.

        Those of a combo's legs do not, and none does where an advisor's group or model allocates the order. As long
        as the order is not known, none counts either.
        """
        if self.contract is None or self.order is None or self._is_spread:
            return []
        is_of_combo = is_combo(self.contract)
        return [fill for fill in self.fills if not is_of_combo or is_combo(fill.contract)]

    @property
    def remaining(self) -> Decimal | None:
        """The quantity that is not executed; None if the order's quantity is not known."""
        total = self.order.totalQuantity if self.order is not None else None
        if total is None:
            return Decimal(0) if self.state == "filled" else None
        return max(Decimal(0), total - self.filled)

    @property
    def average_price(self) -> float | None:
        """The average price of the executions, without commission; None if there is none."""
        fills = self._counted()
        total = sum((abs(fill.quantity) for fill in fills), Decimal(0))
        if not total or total < self.filled:
            return self._average
        return float(sum(abs(fill.quantity) * Decimal(repr(fill.price)) for fill in fills) / total)

    @property
    def reason(self) -> str:
        """What is missing, or why the order was rejected, as text for people; empty if there is nothing to say."""
        return self.lost or (self.facts.reason if self.facts is not None else "") or self._message

    def show(self, contract: Contract, order: Order) -> None:
        """Take the instrument and the order."""
        self.contract, self.order = contract, order
        self.note_content(order)

    def note_content(self, order: Order) -> None:
        """Note an order, as the program placed it or as TWS shows it: one of both may leave out how it is allocated."""
        self._is_spread = self._is_spread or is_spread(order)

    def on_event(self, event: Event) -> None:
        """Take an event of the order."""
        data = event.envelope["data"]
        before = self.status
        self._take(event, data)
        self._note_end(event.envelope["event"], data, event.envelope["ts"], before)

    def _note_end(self, name: str, data: Data, ts: int, before: str) -> None:
        """Note when TWS has said what shows whether an Inactive order is over. `before`: its status until now."""
        match name:
            case "openOrder":
                self._shown_at = ts
            case "completedOrder":
                self._completed_at = ts
            case "error" if data.get("errorCode") in REJECTING:
                self._refused_at = ts
        if self.status == _INACTIVE != before:
            self._inactive_at = ts
        elif name in ("openOrder", "orderStatus") and self.status in _WORKING and ts > self._refused_at:
            self._refused_at = 0

    def _take(self, event: Event, data: Data) -> None:
        match event.envelope["event"]:
            case "openOrder" | "completedOrder":
                order = Order.from_dict(data["order"])
                if event.envelope["event"] == "completedOrder" and not order.totalQuantity:
                    # TWS lists an order that is over with a quantity of 0.
                    order = order.copy(totalQuantity=self.order.totalQuantity if self.order is not None else None)
                self.show(Contract.from_dict(data["contract"]), order)
                self.status = data["orderState"].get("status", self.status)
            case "orderStatus":
                self.status = data.get("status", self.status)
                self._average = data.get("avgFillPrice") or self._average
                self._told = OrderStatus.from_dict(data).filled or self._told
            case "execDetails":
                self.take_fill(fill_of(self.key, data, event.envelope["ts"]))
            case "commissionAndFeesReport":
                base = base_of(data.get("execId", ""))
                known = self._executions.get(base)
                if known is not None and known.exec_id == data["execId"]:
                    self._executions[base] = known.with_commission(data)
            case "error" | "orderGap" | "conflict":
                self._message = data.get("message") or data.get("reason") or self._message

    def take_fill(self, fill: Fill) -> None:
        """Take an execution. A snapshot has an execution and its correction: the higher execId is the newer one."""
        base = base_of(fill.exec_id)
        known = self._executions.get(base)
        if known is None or is_newer(fill.exec_id, known.exec_id):
            self._executions[base] = fill

    def on_facts(self, facts: Data) -> None:
        """Take the state as the bridge answers it."""
        self.facts = OrderFacts.from_dict(facts)
        self.lost = ""
        self.is_outdated = False

    def on_unknown_order(self) -> None:
        """The bridge has answered that it has no such order. The key of an order that never left TWS is free."""
        self.is_outdated = False
        if not self.is_settled:
            self.lost = LOST

    def note(self, message: str) -> None:
        """Note what `reason` shows."""
        self._message = message

    def on_error(self, error: BridgeError) -> None:
        """Take an error about the order. It may have the state with it."""
        self._message = error.message
        if "orderKey" in error.data and "state" in error.data:
            self.on_facts(error.data)


class OrderBook(Book):
    """The orders below `order.<client>.`, by key. It keeps them over gaps: a snapshot adds what is new.

    It keeps the open orders, the newest `MOST_ENDED` of those that have ended, and all that a handle shows. As long as
    there is a list of fills, it keeps all.
    """

    def __init__(self, prefix: str) -> None:
        super().__init__(prefix)
        self.records: dict[str, OrderRecord] = {}
        #: The lists of fills that show all records.
        self.lists: WeakSet[Fills] = WeakSet()
        #: Whether the book has ever dropped an order.
        self.has_dropped = False
        #: Orders that the book has dropped, and a handle shows.
        self._dropped: WeakValueDictionary[str, OrderRecord] = WeakValueDictionary()
        #: The keys of the records that have ended, the oldest first.
        self._ended: dict[str, None] = {}
        #: When to ask for the state of the orders that can still change.
        self._asks: dict[str, float] = {}
        self._asked: set[str] = set()
        self._has_news: set[str] = set()

    def record(self, key: str) -> OrderRecord:
        """The record of the order of that key."""
        found = self.records.get(key) or self._dropped.get(key)
        if found is None:
            found = self.records[key] = OrderRecord(key)
        return found

    def on_restart(self) -> None:
        for record in [*self.records.values(), *self._dropped.values()]:
            record.is_outdated = record.facts is not None and not record.is_settled

    def reset(self) -> None:
        for record in [*self.records.values(), *self._dropped.values()]:
            if record.is_watched or record.is_open:
                self._has_news.add(record.key)

    def on_event(self, event: Event) -> None:
        key, _, _ = event.topic.removeprefix(self.prefix).rpartition(".")
        if key:
            record = self.record(key)
            record.on_event(event)
            if (record.is_watched or self._is_to_ask(record)) and event.envelope["event"] in _NEWS:
                self._has_news.add(key)
            self.keep(record)

    def _is_to_ask(self, record: OrderRecord) -> bool:
        """Whether to ask for the state of an order that no handle shows."""
        return record.is_doubtful

    def keep(self, record: OrderRecord) -> None:
        """Keep a record that has changed, and drop the oldest ended ones."""
        self.records[record.key] = record
        self._dropped.pop(record.key, None)
        self._ended.pop(record.key, None)
        if record.is_settled:
            self._ended[record.key] = None
        while len(self._ended) > MOST_ENDED and not self.lists:
            oldest = next(iter(self._ended))
            del self._ended[oldest]
            self._dropped[oldest] = self.records.pop(oldest)
            self.has_dropped = True

    # The state at the bridge

    def watch(self, key: str, now: float) -> None:
        """Keep the state of this order current from now on."""
        record = self.record(key)
        record.is_watched = True
        self._plan(record, now)
        self.keep(record)
        if key in self._asks:  # its events may have overtaken the answer from which we know the state
            self._asks[key] = now

    def keys_to_ask(self, now: float) -> list[str]:
        """Return the orders whose state the client asks for now. The answer goes to `on_facts`."""
        due = dict.fromkeys([*self._has_news, *(key for key, at in self._asks.items() if now >= at)])
        chosen = [key for key in due if key not in self._asked][: MOST_ASKED - len(self._asked)]
        for key in chosen:
            self._asked.add(key)
            self._has_news.discard(key)
            self._asks.pop(key, None)
        return chosen

    def next_ask(self) -> float:
        """When to call `keys_to_ask` next."""
        if len(self._asked) >= MOST_ASKED:
            return float("inf")
        if self._has_news - self._asked:
            return float("-inf")
        return min((at for key, at in self._asks.items() if key not in self._asked), default=float("inf"))

    def on_facts(self, key: str, result: Data | None, error: BridgeError | None, now: float) -> None:
        """Take the state of an order, or the error of the question."""
        self._asked.discard(key)
        record = self.record(key)
        if result is not None:
            record.on_facts(result)
        elif error is not None and error.code == "unknownOrder":
            record.on_unknown_order()
        record.is_watched = True
        self._plan(record, now)
        self.keep(record)

    def _plan(self, record: OrderRecord, now: float) -> None:
        if record.facts is not None and record.is_settled:
            self._asks.pop(record.key, None)
        elif not record.state or record.state in UNSETTLED or record.state in EXECUTED:
            self._asks[record.key] = now + ASK_UNSETTLED
        else:
            self._asks[record.key] = now + ASK_SETTLED


class AllOrderBook(OrderBook):
    """The orders of all clients, and of those that no client has placed, by `<owner>.<key>`.

    Only the events say how they stand: a gap empties the book, as others are emptied.
    """

    def reset(self) -> None:
        self.records.clear()
        self._ended.clear()

    def on_event(self, event: Event) -> None:
        if event.envelope["event"] != "head":
            super().on_event(event)

    def _is_to_ask(self, record: OrderRecord) -> bool:
        return False  # the bridge tells the state of an order to its owner only


class OrderView(Live):
    """The properties of an order handle. The two clients add what waits: `cancel`, `modify`, `wait` or `done`."""

    def __init__(self, owner: Owner, book: OrderBook, key: str) -> None:
        super().__init__(owner, None)
        self._book = book
        self._record = book.record(key)
        book.keep(self._record)
        #: The order as this program sent it last, and the revision of that.
        self._sent: tuple[int, Order] | None = None
        #: The change whose outcome this program does not know: its revision, the changed fields, and the whole order.
        self._tried: tuple[int, Data, Order] | None = None

    def __repr__(self) -> str:
        shown = f"{self.key} {self.state} filled={self.filled} remaining={self.remaining}"
        return f"{type(self).__name__}({shown}{' stale' if self.stale else ''})"

    @property
    def prefixes(self) -> Iterable[str]:
        return (self._book.prefix,)

    @property
    def stale(self) -> bool:
        """Whether the values may be out of date. See `Live.stale`; also if the bridge has lost the order.

        After a restart of the bridge it is true until that has told the state of the order.
        """
        return bool(self._record.lost) or self._record.is_outdated or super().stale

    @property
    def error(self) -> BridgeError | None:
        """`unknownOrder` if the bridge has known the order and does not know it any more; otherwise None."""
        lost = self._record.lost
        return BridgeError({"code": "unknownOrder", "message": f"{self.key}: {lost}"}) if lost else None

    @property
    def key(self) -> str:
        """The key of the order."""
        return self._record.key

    @property
    def state(self) -> str:
        """The state of the order at the bridge: `acknowledged`, `filled`, `unknown` ... (docs/guides/orders.md)."""
        return self._record.state

    @property
    def status(self) -> str:
        """TWS's word for the status, for example `Submitted`; empty if it has sent none."""
        return self._record.status or (self._record.facts.status if self._record.facts is not None else "")

    @property
    def contract(self) -> Contract | None:
        """The instrument; None if it is not known."""
        return self._record.contract

    @property
    def order(self) -> Order | None:
        """The order as TWS shows it, or as this program placed it; None if neither is known."""
        return self._record.order

    @property
    def filled(self) -> Decimal:
        """The executed quantity. It falls only by a correction of TWS.

        It has the unit of the order's `totalQuantity`: for a combo, executions of its legs do not count.
        """
        return self._record.filled

    @property
    def remaining(self) -> Decimal | None:
        """The quantity that is not executed; None if the order's quantity is not known."""
        return self._record.remaining

    @property
    def average_price(self) -> float | None:
        """The average price of the executions, without commission; None if there is none."""
        return self._record.average_price

    @property
    def fills(self) -> list[Fill]:
        """The executions, with corrections applied. The bridge keeps them for a day after the order has ended."""
        return self._record.fills

    @property
    def reason(self) -> str:
        """What is missing, or why the order was rejected, as text for people; empty if there is nothing to say."""
        return self._record.reason

    @property
    def is_done(self) -> bool:
        """Whether the order is over: filled, cancelled, rejected, or never at TWS. See also `fills_final`."""
        return self.state in OVER

    @property
    def fills_final(self) -> bool:
        """Whether no more will be executed than `filled` says. Place the rest under another key only then."""
        return self.is_done and self._record.is_settled

    # For the clients

    def show_sent(self, contract: Contract, order: Order, revision: int) -> None:
        """Note what this program has placed, or changed the order to."""
        self._sent = revision, order
        self._record.note_content(order)
        known = self._record
        if known.order is None or revision:
            known.show(contract, order)
        elif known.order.totalQuantity is None and not (known.facts and known.facts.revision):
            known.show(contract, known.order.copy(totalQuantity=order.totalQuantity))

    def change_of(self, changes: Data) -> tuple[int, Order]:
        """A new revision, and the whole order with these changes.

        A change whose outcome is not known has the same revision when it is repeated, so that TWS gets it once.

        Raises ValueError if the order is not known, because TWS has not shown it yet.
        """
        known = self._record.facts.revision if self._record.facts is not None else None
        revision = known or 0
        if self._tried is not None and self._tried[0] >= revision and self._tried[1] == changes:
            return self._tried[0], self._tried[2]
        base = self._sent[1] if self._sent is not None and self._sent[0] == revision else self.order
        if base is None:
            raise ValueError(f"TWS has not shown the order {self.key} yet: it cannot be changed")
        Order(**changes)  # raises TypeError for a field that an order does not have
        order = base.copy(**changes)
        revision = max(revision, self._tried[0] if self._tried is not None else 0) + 1
        self._tried = revision, dict(changes), order
        return revision, order

    def take_change_error(self, error: BridgeError, revision: int) -> None:
        """Take the error of a change. TWS may have used up the revision, or the bridge has used it before."""
        facts = error.data
        if "state" not in facts:
            return
        before = self._record.facts.revision if self._record.facts is not None else None
        self.take(facts, self._owner.now())
        if error.code in _REFUSED_CHANGE and facts.get("revision", 0) >= revision:
            self._tried = None
            if error.code == "rejectedByTws" and self._sent is not None and self._sent[0] == (before or 0):
                self._sent = revision, self._sent[1]  # the order is as it was before the change

    def take(self, facts: Data, now: float) -> None:
        """Take the state as the bridge has answered it."""
        self._record.on_facts(facts)
        self._book.watch(self.key, now)
        if self._book.has_dropped and self._record.facts is not None and self._record.facts.filled and not self.fills:
            self._owner.renew(self._book.prefix)  # the book has dropped the order, and the bridge has its fills

    def is_waited_for(self) -> bool:
        """Whether the end of the order is still to come, and the handle hears of it."""
        return not (self.fills_final or self._record.lost) and self._is_open

    def end_of_wait(self) -> bool:
        """Whether the order is over and its fills are final.

        Raises `error` if there is one. Raises Closed after `close` if it is not known that the order is over.
        """
        if self.error is not None:
            raise self.error
        if not (self._is_open or self.fills_final):
            raise Closed(f"the handle of the order {self.key}")
        return self.fills_final

    def take_change(self, facts: Data, order: Order, revision: int) -> None:
        """Take the answer to a change of the order."""
        contract = self.contract
        self.take(facts, self._owner.now())
        if "change" not in facts:
            self._tried = None
        if contract is not None and "change" not in facts:
            self.show_sent(contract, order, revision)

    def note_reason(self, message: str) -> None:
        """Note why TWS has rejected the order."""
        self._record.note(message)

    def take_error(self, error: BridgeError, now: float) -> None:
        """Take an error that has the state of the order."""
        self._record.on_error(error)
        self._book.watch(self.key, now)


class OpenOrders(Live, Mapping[str, OrderRecord]):
    """The orders of this client that work at TWS, or may do so, by key. `client.open_orders()` makes it.

    `client.open_orders(all=True)` has the orders of all clients, by `<owner>.<key>`. The owner `external` stands for
    orders that no client of the bridge has placed, with the permId as key.
    """

    def __init__(self, owner: Owner, book: OrderBook) -> None:
        super().__init__(owner, None)
        self._book = book

    @property
    def prefixes(self) -> Iterable[str]:
        return (self._book.prefix,)

    @property
    def stale(self) -> bool:
        """Whether the orders may be out of date. See `Live.stale`; also while the client asks if an order is open."""
        return super().stale or any(record.is_doubtful for record in self._book.records.values() if self._is_own)

    @property
    def _is_own(self) -> bool:
        return not isinstance(self._book, AllOrderBook)

    def _open(self) -> dict[str, OrderRecord]:
        return {key: record for key, record in self._book.records.items() if record.is_open}

    def __getitem__(self, key: str) -> OrderRecord:
        return self._open()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._open())

    def __len__(self) -> int:
        return len(self._open())


class Fills(Live, Sequence[Fill]):
    """The executions of this client's orders, the oldest first, with corrections applied. `client.fills()` makes it.

    `client.fills(all=True)` has those of all clients. The `key` of a fill is `<owner>.<key>` there.

    It has the executions of orders that are open or ended less than a day ago, and all since the object exists. It
    grows until `close`. A fill log has all executions, and keeps none in memory (`client.fill_log`).
    """

    def __init__(self, owner: Owner, book: OrderBook, since: datetime | None) -> None:
        super().__init__(owner, None)
        self._book = book
        book.lists.add(self)
        if book.has_dropped:
            owner.renew(book.prefix)
        self._since = since

    @property
    def prefixes(self) -> Iterable[str]:
        return (self._book.prefix,)

    def close(self) -> None:
        self._book.lists.discard(self)
        super().close()

    def _all(self) -> list[Fill]:
        found = [fill for record in self._book.records.values() for fill in record.fills]
        if self._since is not None:
            found = [fill for fill in found if as_time(fill.ts) >= self._since]
        return sorted(found, key=lambda fill: fill.ts)

    @overload
    def __getitem__(self, index: int) -> Fill: ...
    @overload
    def __getitem__(self, index: slice) -> list[Fill]: ...
    def __getitem__(self, index: int | slice) -> Fill | list[Fill]:
        return self._all()[index]

    def __len__(self) -> int:
        return len(self._all())
