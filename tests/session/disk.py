"""A ledger that is a list: what was written is there at the next start, what was not yet is lost with the power."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from bridge.session import Instant, Persist, ReadLog, RecoveredState, Session
from bridge.session.records import Fact, HighWater, HoldRecord, LogRecord, OnceRecord, OrderRecord, Record, Reported

_FREE = ("abandoned", "unsent")
_ENDED = (*_FREE, "filled", "cancelled", "rejected")


class Disk:
    """Also the archive of the session: what it looks up is what was written.

    `held`: nothing reaches the disk. `full`: nothing can be written, and that is said. `asked`: how often it was read.
    """

    def __init__(self) -> None:
        self.held = False
        self.full = False
        self.name = "feedfacefeedface"
        self.facts: dict[str, str] = {}
        self.high_water = 0
        self.orders: dict[int, OrderRecord] = {}
        self.log: dict[tuple[str, int], LogRecord] = {}
        self.once: dict[tuple[str, str], OnceRecord] = {}
        self.holds: dict[tuple[str, str, str], HoldRecord] = {}
        self._waiting: list[Persist | ReadLog] = []
        self.asked = 0
        self._ids_of_key: dict[tuple[str, str], set[int]] = {}
        self._ids_of_perm: dict[str, set[int]] = {}
        self._ids_of_day: dict[str, set[int]] = {}
        self._open: set[int] = set()
        self._reports: dict[int, list[Reported]] = {}
        self._reports_with: dict[str, list[Reported]] = {}

    def take(self, effect: Persist | ReadLog) -> None:
        self._waiting.append(effect)

    def report(self, session: Session, now: Instant, most: int | None = None) -> bool:
        """Do what waits, or the first `most` of it, and tell the session so; whether there was anything."""
        waiting, self._waiting = self._waiting[:most], [] if most is None else self._waiting[most:]
        for effect in waiting:
            match effect:
                case ReadLog():
                    session.on_log_read(
                        effect.token, self.read_log(effect.owner, effect.after, effect.limit), None, now
                    )
                case Persist() if self.full:
                    session.on_persist_failed(effect.token, "database or disk is full", now)
                case Persist() if twins := self._twins(effect):
                    session.on_persist_failed(effect.token, f"UNIQUE constraint failed: {twins}", now)
                case Persist():
                    for record in effect.records:
                        self._write(record)
                    session.on_persisted(effect.token, now)
        return bool(waiting)

    def _twins(self, effect: Persist) -> set[tuple[str, str]]:
        """The keys for which the ledger would have two orders: it refuses that, all of it."""
        orders = dict(self.orders)
        refused = set()
        for record in effect.records:
            if isinstance(record, OrderRecord):
                orders[record.order_id] = record
                shut = [(o.owner, o.key) for o in orders.values() if o.state not in ("abandoned", "unsent")]
                refused |= {name for name in shut if shut.count(name) > 1}
        return refused

    def write_unheard(self, count: int) -> None:
        """Write the first so many of what waits, and let the power fail before anyone hears of it."""
        for effect in self._waiting[:count]:
            if isinstance(effect, Persist) and not self._twins(effect):
                for record in effect.records:
                    self._write(record)

    def lose_power(self) -> None:
        """What was not on disk yet is gone."""
        self._waiting = []
        self.held = False

    def _write(self, record: Record) -> None:
        match record:
            case OrderRecord():
                twin = [o for o in self.orders.values() if (o.owner, o.key) == (record.owner, record.key)]
                shut = {o.order_id for o in (*twin, record) if o.state not in ("abandoned", "unsent")}
                assert len(shut - {record.order_id}) == 0 or record.state in ("abandoned", "unsent"), (twin, record)
                self._keep(record)
            case LogRecord():
                assert (record.owner, record.n) not in self.log, record
                assert record.n == 1 + max((n for owner, n in self.log if owner == record.owner), default=0), record
                self._keep(record)
            case HighWater():
                self.high_water = max(self.high_water, record.order_id)
            case Fact():
                self.facts[record.name] = record.value
            case OnceRecord():
                self.once[record.owner, record.key] = record
            case HoldRecord(client, method, stream, None):
                self.holds.pop((client, method, stream), None)
            case HoldRecord(client, method, stream):
                self.holds[client, method, stream] = record

    def read_log(self, owner: str, after: int, limit: int) -> list[dict[str, Any]]:
        entries = sorted((e for e in self.log.values() if e.owner == owner and e.n > after), key=lambda e: e.n)
        return [
            {"n": e.n, "ts": e.ts, "topic": e.topic, "event": e.event, "data": e.data}
            | ({"replayed": True} if e.replayed else {})
            for e in entries[:limit]
        ]

    def _keep(self, record: OrderRecord | LogRecord) -> None:
        if isinstance(record, LogRecord):
            self.log[record.owner, record.n] = record
            if record.exec_id is not None:
                told = Reported(record.owner, record.n, record.event, record.order_id, record.exec_id, record.shares)
                self._reports.setdefault(record.order_id, []).append(told)
                self._reports_with.setdefault(record.exec_id, []).append(told)
            return
        before = self.orders.get(record.order_id)
        for one, change in ((before, set.discard), (record, set.add)):
            if one is not None:
                change(self._ids_of_key.setdefault((one.owner, one.key), set()), one.order_id)
                change(self._ids_of_perm.setdefault(one.perm_id or "", set()), one.order_id)
                change(self._ids_of_day.setdefault(one.placed_day or "", set()), one.order_id)
        self.orders[record.order_id] = record
        (set.discard if record.state in _ENDED else set.add)(self._open, record.order_id)

    # The archive

    def order(self, order_id: int) -> OrderRecord | None:
        self.asked += 1
        return self.orders.get(order_id)

    def order_of_key(self, owner: str, key: str) -> OrderRecord | None:
        self.asked += 1
        found = [self.orders[id_] for id_ in self._ids_of_key.get((owner, key), ())]
        return next((order for order in found if order.state not in _FREE), None)

    def abandoned(self, owner: str, key: str) -> OrderRecord | None:
        found = [self.orders[id_] for id_ in sorted(self._ids_of_key.get((owner, key), ()), reverse=True)]
        return next((order for order in found if order.state == "abandoned"), None)

    def order_of_perm(self, perm_id: str) -> OrderRecord | None:
        self.asked += 1
        found = [self.orders[id_] for id_ in self._ids_of_perm.get(perm_id, ())]
        return max((order for order in found if order.state != "unsent"), key=lambda o: o.order_id, default=None)

    def executed_on(self, day: str) -> Sequence[int]:
        ids = sorted(self._ids_of_day.get(day, ()))
        return [id_ for id_ in ids if self.orders[id_].filled != "0" or self._is_executed(id_)]

    def _is_executed(self, order_id: int) -> bool:
        return any(told.event == "execDetails" for told in self._reports.get(order_id, ()))

    def reports_of_order(self, order_id: int) -> Sequence[Reported]:
        return tuple(self._reports.get(order_id, ()))

    def reports_with(self, exec_id: str) -> Sequence[Reported]:
        self.asked += 1
        return tuple(self._reports_with.get(exec_id, ()))

    def event_data(self, owner: str, n: int) -> dict[str, Any] | None:
        self.asked += 1
        entry = self.log.get((owner, n))
        return None if entry is None else json.loads(json.dumps(entry.data))

    def once_record(self, owner: str, key: str) -> OnceRecord | None:
        return self.once.get((owner, key))

    # The start

    def _unsure(self) -> list[int]:
        day = max((day for day, ids in self._ids_of_day.items() if day and ids), default="")
        of_day = [self.orders[id_] for id_ in self._ids_of_day.get(day, ()) if day]
        return [o.order_id for o in of_day if o.state in ("filled", "cancelled") and o.final_filled is None]

    def recover(self) -> RecoveredState:
        """As the ledger is read when the bridge starts."""
        heads: dict[str, int] = {}
        for owner, n in self.log:
            heads[owner] = max(n, heads.get(owner, 0))
        return RecoveredState(
            log=self.name,
            accounts=self.facts.get("accounts"),
            high_water=max([self.high_water, *self.orders]),
            orders=tuple(self.orders[id_] for id_ in sorted({*self._open, *self._unsure()})),
            heads=heads,
            holds=tuple(self.holds[name] for name in sorted(self.holds)),
        )
