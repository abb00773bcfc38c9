"""The order log: each event of an order numbered for its owner, on disk before it is published.

One batch is under way at a time, so that numbers reach the disk in order and a reader sees no hole; what cannot be
written is tried again each second, and waits. The changed records of orders go along; once they are on disk, and not
before, `told` lets clients hear of them. An execution or commission gets one number ever, and an exact repeat of an
order's last status gets none.
"""

from __future__ import annotations

from collections.abc import Callable

from bridge.session.effects import Log
from bridge.session.orders.executions import Standing, bare, report
from bridge.session.orders.order import Order
from bridge.session.outbox import Outbox
from bridge.session.records import LogRecord, OrderRecord, Record, RecoveredState
from bridge.session.values import Data, Instant

#: Seconds until what could not be written is tried again.
RETRY = 1.0
#: Seconds after which a disk that says nothing counts as one that fails.
HANGS = 5.0
#: Events that repeat what TWS has told before, when it is asked.
_REPEATED = frozenset({"openOrder", "orderStatus", "completedOrder", "orderBound"})
#: Events of the moment: nothing is kept of them for late joiners.
_PASSING = frozenset({"error", "orderGap", "conflict", "abandoned"})


class OrderLog:
    """`failure` is why the ledger cannot be written now, or None. `told` is called with each order that is on disk."""

    def __init__(self, outbox: Outbox, recovered_state: RecoveredState) -> None:
        self.log = recovered_state.log
        self.failure: str | None = None
        self.told: Callable[[Order], None] = lambda _order: None
        self._outbox = outbox
        self._numbers = dict(recovered_state.heads)
        self._heads = dict(recovered_state.heads)
        self._reported = {(told.event, told.exec_id): told.n for told in recovered_state.reported}
        self._shown: set[tuple[str, str]] = set()
        self._standing = Standing(recovered_state.reported)
        self._last: dict[tuple[int, str, object], Data] = {}
        self._pending: list[LogRecord] = []
        self._flying: list[LogRecord] = []
        self._touched: dict[int, Order] = {}
        self._busy = self._resting = False
        self._hangs = False
        self._writing: int | None = None
        self._writing_since = 0.0

    def head(self, owner: str) -> int:
        """The newest number of the owner's log that is on disk."""
        return self._heads.get(owner, 0)

    def heads(self) -> dict[str, int]:
        return dict(self._heads)

    def add(
        self, order: Order, event: str, data: Data, now: Instant, *, replayed: bool = False, once: str | None = None
    ) -> None:
        """One event of an order. `replayed`: we have asked TWS for it. `once`: what is told one time only, ever."""
        if event in _REPEATED:
            which = (order.order_id, event, data.get("permId") or data.get("order", {}).get("permId"))
            if self._last.get(which) == data:
                return
            self._last[which] = data
        counts = event == "execDetails" and order.counts(data.get("contract", {}))
        exec_id, shares = report(event, data, counts=counts)
        exec_id = exec_id or once
        if exec_id is not None and self._is_known(order, event, exec_id, data, now):
            return
        n = self._numbers[order.owner] = self._numbers.get(order.owner, 0) + 1
        if exec_id is not None:
            self._reported[event, exec_id] = n
            self._shown.add((event, exec_id))
        topic = order.prefix + event
        self._pending.append(
            LogRecord(order.owner, n, now.ts, topic, event, data, order.order_id, exec_id, shares, replayed)
        )
        self.touch(order)

    def _is_known(self, order: Order, event: str, exec_id: str, data: Data, now: Instant) -> bool:
        """Whether it has its number; one from before our start is shown again under it, for who joins late."""
        n = self._reported.get((event, exec_id))
        if n is None:
            return False
        if event not in _PASSING and (event, exec_id) not in self._shown:
            self._shown.add((event, exec_id))
            self.show(order.prefix, event, data, now, {"n": n, "replayed": True})
        return True

    def show(self, prefix: str, event: str, data: Data, now: Instant, extra: Data | None = None) -> None:
        """Publish; of an execution or commission and its corrections late joiners are shown the newest alone."""
        self._outbox.publish(prefix, event, data, now, extra)
        exec_id, _ = report(event, data)
        if exec_id is not None and (gone := self._standing.add(event, exec_id)) is not None:
            self._outbox.retract(prefix, event, bare(event, gone))

    def touch(self, order: Order) -> None:
        """The order's record has changed. One that has not left gets on disk by its placement, or not at all."""
        if not order.is_here:
            self._touched[order.order_id] = order

    def untouch(self, order: Order) -> None:
        """The order's record is on disk as it is, or was never there and must not get there."""
        self._touched.pop(order.order_id, None)

    def flush(self) -> None:
        """Have written what there is, unless a batch is under way."""
        if self._busy or self._resting or not (self._pending or self._touched):
            return
        self._flying, self._pending = self._flying + self._pending, []
        records: list[Record] = [*self._flying]
        records += [order.ahead() for order in self._touched.values()]
        flown = [(order, order.record) for order in self._touched.values()]
        self._touched = {}
        self._busy = True
        self._outbox.persist(
            records,
            lambda now: self._written(flown, now),
            lambda reason, now: self._not_written(flown, reason, now),
        )

    def _written(self, flown: list[tuple[Order, OrderRecord]], now: Instant) -> None:
        self._busy = False
        if self.failure is not None:
            self._recover(now)
        flying, self._flying = self._flying, []
        for entry in flying:
            self._heads[entry.owner] = entry.n
            prefix = entry.topic.removesuffix(entry.event)
            publish: Callable[..., None] = self._outbox.pass_on if entry.event in _PASSING else self.show
            extra: Data = {"n": entry.n, "replayed": True} if entry.replayed else {"n": entry.n}
            publish(prefix, entry.event, entry.data, Instant(0.0, entry.ts), extra)
        for order, record in flown:
            order.told = record
        for order, _ in flown:
            self.told(order)

    def _not_written(self, flown: list[tuple[Order, OrderRecord]], reason: str, now: Instant) -> None:
        """Nothing of the batch is on disk: all of it stays first in line."""
        self._busy, self._resting = False, True
        self._touched = {order.order_id: order for order, _ in flown} | self._touched
        self._fail(reason, now)
        self._outbox.timers.at(now.clock + RETRY, self._retry)

    def _recover(self, now: Instant) -> None:
        self.failure, self._hangs = None, False
        self._outbox.log(Log("info", "the ledger can be written again"))
        self._outbox.pass_on("system.", "ledger", {"state": "written"}, now)

    def _fail(self, reason: str, now: Instant) -> None:
        if self.failure is None:
            self._outbox.log(Log("error", f"the ledger cannot be written, order events wait: {reason}"))
            self._outbox.pass_on("system.", "ledger", {"state": "failed", "reason": reason}, now)
        self.failure = reason

    def _retry(self, _now: Instant) -> None:
        self._resting = False
        self.flush()

    def watch(self, now: Instant) -> None:
        """Each second: see whether the disk hangs, which it does not say."""
        oldest = self._outbox.oldest_writing()
        if oldest != self._writing:
            self._writing, self._writing_since = oldest, now.clock
            if self._hangs:
                self._recover(now)
        elif oldest is not None and self.failure is None and now.clock - self._writing_since >= HANGS:
            self._hangs = True
            self._fail(f"the disk has not answered for {HANGS:g} s", now)

    def tell_heads(self, now: Instant) -> None:
        """Each second: `order.<owner>.head`, for followers that have lost the last event."""
        for owner, head in self._heads.items():
            self._outbox.publish(f"order.{owner}.", "head", {"log": self.log, "head": head}, now)
