"""The ledger's disk: it takes time, commits in groups, is full for a while, hangs; and what a crash interrupts is lost.

As `bridge/ledger/worker.py` does, jobs that come while one commit is under way share the next one.
"""

from __future__ import annotations

from random import Random

from bridge.session import DropCached, Persist, ReadCache, ReadLog, WriteCache
from bridge.session.records import LogRecord, OrderRecord, Record
from tests.session.cache_file import CacheFile
from tests.session.disk import Disk
from tests.simulation.clock import Clock

_FREE = ("abandoned", "unsent")


class Reporter:
    """What a running bridge is told of its jobs."""

    def on_persisted(self, token: int) -> None: ...
    def on_persist_failed(self, token: int, reason: str) -> None: ...
    def on_log_read(self, token: int, events: list[dict[str, object]]) -> None: ...
    def on_cache_read(self, token: int, found: dict[str, object]) -> None: ...


class SimulatedDisk(Disk):
    """`hangs_until`: nothing is committed before. `teller` is the bridge that runs, or None."""

    def __init__(self, clock: Clock, dice: Random) -> None:
        super().__init__()
        self._clock = clock
        self._dice = dice
        self._busy = False
        self._life = 0
        self.hangs_until = 0.0
        self.calm = False
        self.teller: Reporter | None = None
        #: The cache file is another file on the same disk. Its luck is its own, so that seeds stay what they were.
        self.cache = CacheFile()
        self._cache_dice = Random(0)
        self._heads: dict[str, int] = {}
        self._shut: dict[tuple[str, str], int] = {}

    @property
    def jobs(self) -> int:
        return len(self._waiting)

    def take(self, effect: Persist | ReadLog) -> None:
        self._waiting.append(effect)
        self._begin()

    def take_cache(self, effect: ReadCache | WriteCache | DropCached) -> None:
        """A read takes its time, or finds nothing, or is never answered; the file forgets entries now and then."""
        luck = self._cache_dice.random()
        if not isinstance(effect, ReadCache):
            if luck > 0.02 and not self.full:
                self.cache.take(effect)
            return
        if luck < 0.02:
            return
        found = {} if luck < 0.1 else self.cache.read(effect.keys)
        delay = self._cache_dice.choice((0.0005, 0.002, 0.05, 3.0 if luck < 0.2 else 0.01))
        done = max(self._clock.now, self.hangs_until) + delay
        self._clock.at(done, self._end_cache, effect.token, found, self._life)

    def _end_cache(self, token: int, found: dict[str, object], life: int) -> None:
        if life == self._life and self.teller is not None:
            self.teller.on_cache_read(token, found)

    def _begin(self) -> None:
        if self._busy or not self._waiting:
            return
        self._busy = True
        first = self._waiting[0]
        if isinstance(first, ReadLog):
            group = [first]
        else:
            end = next((n for n, job in enumerate(self._waiting) if isinstance(job, ReadLog)), len(self._waiting))
            group = list(self._waiting[:end])
        slow = 0.003 if self.calm else self._dice.choice((0.001, 0.003, 0.003, 0.02, 0.2))
        done = max(self._clock.now, self.hangs_until) + self._dice.random() * slow
        self._clock.at(done, self._end, group, self._life)

    def _end(self, group: list[Persist | ReadLog], life: int) -> None:
        if life != self._life or self.teller is None:
            return
        self._waiting = self._waiting[len(group) :]
        self._busy = False
        outcomes = [(job, self._do(job)) for job in group]
        for job, failure in outcomes:
            if self.teller is None or life != self._life:
                return  # the bridge has died of what it was told
            if isinstance(job, ReadLog):
                self.teller.on_log_read(job.token, self.read_log(job.owner, job.after, job.limit))
            elif failure is None:
                self.teller.on_persisted(job.token)
            else:
                self.teller.on_persist_failed(job.token, failure)
        self._begin()

    def _do(self, job: Persist | ReadLog) -> str | None:
        if isinstance(job, ReadLog):
            return None
        if self.full:
            return "database or disk is full"
        if self._twins(job):
            return "UNIQUE constraint failed: orders.owner, orders.key"
        for record in job.records:
            self._write(record)
        return None

    def crash(self) -> None:
        """The bridge is gone. Of the group that is being committed all is on disk, or nothing."""
        if self._busy and self._dice.random() < 0.5 and self._clock.now >= self.hangs_until:
            for job in self._waiting[: 1 + self._dice.randrange(3)]:
                if isinstance(job, ReadLog) or self._do(job) is not None:
                    break
        self._waiting = []
        self._busy = False
        self._life += 1
        self.teller = None

    # The same as on the bench, for many orders

    def _twins(self, effect: Persist) -> set[tuple[str, str]]:
        shut = dict(self._shut)
        refused = set()
        for record in effect.records:
            if isinstance(record, OrderRecord):
                name = (record.owner, record.key)
                holder = shut.get(name)
                if record.state not in _FREE:
                    if holder not in (None, record.order_id):
                        refused.add(name)
                    shut[name] = record.order_id
                elif holder == record.order_id:
                    del shut[name]
        return refused

    def _write(self, record: Record) -> None:
        if isinstance(record, OrderRecord):
            self._keep(record)
            name = (record.owner, record.key)
            if record.state not in _FREE:
                self._shut[name] = record.order_id
            elif self._shut.get(name) == record.order_id:
                del self._shut[name]
        elif isinstance(record, LogRecord):
            assert record.n == self._heads.get(record.owner, 0) + 1, record
            self._heads[record.owner] = record.n
            self._keep(record)
        else:
            super()._write(record)

    def read_log(self, owner: str, after: int, limit: int) -> list[dict[str, object]]:
        last = min(self._heads.get(owner, 0), after + limit)
        entries = [self.log[owner, n] for n in range(after + 1, last + 1)]
        return [
            {"n": e.n, "ts": e.ts, "topic": e.topic, "event": e.event, "data": e.data}
            | ({"replayed": True} if e.replayed else {})
            for e in entries
        ]
