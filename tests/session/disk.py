"""A ledger that is a list: what was written is there at the next start, what was not yet is lost with the power."""

from __future__ import annotations

from typing import Any

from bridge.session import Instant, Persist, ReadLog, RecoveredState, Session
from bridge.session.records import Fact, HighWater, HoldRecord, LogRecord, OnceRecord, OrderRecord, Record, Reported


class Disk:
    """`held`: nothing reaches the disk. `full`: nothing can be written, and that is said."""

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
                self.orders[record.order_id] = record
            case LogRecord():
                assert (record.owner, record.n) not in self.log, record
                assert record.n == 1 + max((n for owner, n in self.log if owner == record.owner), default=0), record
                self.log[record.owner, record.n] = record
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

    def recover(self) -> RecoveredState:
        """As the ledger is read when the bridge starts."""
        heads: dict[str, int] = {}
        for owner, n in self.log:
            heads[owner] = max(n, heads.get(owner, 0))
        return RecoveredState(
            log=self.name,
            accounts=self.facts.get("accounts"),
            high_water=self.high_water,
            orders=tuple(self.orders[id_] for id_ in sorted(self.orders)),
            heads=heads,
            reported=tuple(
                Reported(e.owner, e.n, e.event, e.order_id, e.exec_id, e.shares)
                for e in self.log.values()
                if e.exec_id is not None
            ),
            once=tuple(self.once.values()),
            holds=tuple(self.holds[name] for name in sorted(self.holds)),
        )
