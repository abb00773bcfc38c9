"""Storms over an archive that is SQLite, and over one whose reads fail now and then."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from bridge.ledger import Store
from bridge.ledger.archive import SqliteArchive
from bridge.session import Effect, RecoveredState
from bridge.session.orders.retention import RetentionRule
from bridge.session.records import Record
from bridge.session.requests import Refused
from tests.depth import share
from tests.session.conftest import AAPL, Bench
from tests.session.disk import Disk
from tests.session.fake_tws import FakeTws
from tests.session.storm import FIGURES, FREE, STATUSES, Storm, StormDisk
from tests.session.test_eviction import Lazy

READS = ("order", "order_of_key", "abandoned", "order_of_perm", "executed_on", "reports_of_order", "reports_with")
STEPS = 60


class SqliteDisk(StormDisk):
    """Writes a real ledger too, and requires that each answer of it is that of the disk in memory."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._store = Store(path, 1)
        self._store._db.execute("PRAGMA synchronous=OFF")
        self._archive = SqliteArchive(path)
        for name in READS:
            setattr(self, name, self._both(getattr(self, name), getattr(self._archive, name)))

    @staticmethod
    def _both(fake: Callable[..., Any], real: Callable[..., Any]) -> Callable[..., Any]:
        def read(*names: Any) -> Any:
            expected, found = fake(*names), real(*names)
            as_list = isinstance(expected, Sequence) and not hasattr(expected, "_fields")
            assert found == (list(expected) if as_list else expected), (real.__name__, names)
            return found

        return read

    def _write(self, record: Record) -> None:
        super()._write(record)
        self._store.write([record])

    def recover(self) -> RecoveredState:
        expected, found = super().recover(), self._store.recover()
        assert (found.orders, found.heads, found.high_water) == (expected.orders, expected.heads, expected.high_water)
        return expected

    def close(self) -> None:
        self._archive.close()
        self._store.close()


class FlakyDisk(StormDisk):
    """Reads fail, `rate` of them."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.failed = 0
        self.rate = 0.0
        self._random = random.Random(seed)
        for name in READS:
            setattr(self, name, self._flaky(getattr(self, name)))

    def _flaky(self, read: Callable[..., Any]) -> Callable[..., Any]:
        def flaky(*names: Any) -> Any:
            if self._random.random() < self.rate:
                self.failed += 1
                raise Refused("ledgerFailed", "the bridge could not read the ledger: disk I/O error")
            return read(*names)

        return flaky


class Unreadable(Lazy):
    """The bridge may fail to handle a message that needs the disk."""

    may_fail = True


class OverDisk(Storm):
    """A storm over the given disk."""

    bench_class = Lazy

    def __init__(self, seed: int, disk: StormDisk) -> None:
        made, self.bench_class = self.bench_class, lambda storm, _disk: made(storm, disk)  # type: ignore[assignment, misc]
        super().__init__(seed)
        self.bench_class = made

    def play(self, seed: int) -> None:
        try:
            for _ in range(STEPS):
                self.step()
            self.rest()
        except Exception as fault:
            fault.add_note(f"seed {seed}:\n" + "\n".join(self.trace))
            raise


class FlakyStorm(OverDisk):
    """What TWS says while the disk cannot be read may be lost, and TWS here may not repeat it."""

    bench_class = Unreadable
    bench: Any

    def step(self) -> None:
        self.bench.disk.rate = self.random.choice((0.0, 0.2, 1.0))
        super().step()
        self.bench.disk.rate = 0.0

    def _crash(self) -> None:
        rate, self.bench.disk.rate = self.bench.disk.rate, 0.0
        super()._crash()
        self.bench.disk.rate = rate

    def _settled(self) -> bool:
        super()._settled()
        return False

    def check(self) -> None:
        """Only what holds whatever is lost: see `on_placed` and `on_reply`."""

    def rest(self) -> None:
        """As in any storm, but the connection stays: a new one would begin everything anew."""
        bench = self.bench
        is_ready = self.connected and bench.session._link.state == "ready"
        bench.error = (lambda *_: None) if is_ready else bench.error
        super().rest()


class Forgetful(Lazy):
    """Forgets each ended order as early as it may."""


class Mindful(Lazy):
    """Forgets nothing before it stops."""

    retention = RetentionRule(topics=1e12, orders=1e12)


class OldNews(OverDisk):
    """TWS speaks of every order that ever was, also by its permId or its tag alone, and as of another client."""

    def check(self) -> None:
        """Two storms are compared instead."""

    def _settled(self) -> bool:
        return False

    def _word(self) -> None:
        if not self.connected or not self.placed:
            return
        order_id = self.random.choice(sorted(self.placed))
        words = (self._odd_status, self._odd_open, self._odd_completed, self._odd_execution, self._fee, self._error)
        self.random.choice(words)(order_id)

    def _names(self, order_id: int) -> tuple[dict[str, Any], int, int]:
        """permId and tag, the client ID and the order ID of a message about the order: each may be missing."""
        pick = self.random.choice
        fields = {"permId": pick((str(9000 + order_id),) * 6 + ("0", str(7000 + order_id)))}
        if self._chance(0.7):
            fields["orderRef"] = self.placed[order_id]["order"]["orderRef"]
        return fields, pick((1, 1, 1, 1, 0, 9)), pick((order_id,) * 5 + (0, order_id + 1))

    def _odd_status(self, order_id: int) -> None:
        fields, client_id, named = self._names(order_id)
        self._say(
            "orderStatus", orderId=named, status=self.random.choice(STATUSES), filled=self.random.choice(FIGURES),
            permId=fields["permId"], clientId=client_id,
        )  # fmt: skip

    def _odd_open(self, order_id: int) -> None:
        fields, client_id, named = self._names(order_id)
        told = {**self.placed[order_id]["order"], "orderRef": "", **fields, "clientId": client_id}
        state = {"status": self.random.choice(STATUSES)}
        self._say("openOrder", orderId=named, contract=AAPL, order=told, orderState=state)

    def _odd_completed(self, order_id: int) -> None:
        fields, _, _ = self._names(order_id)
        figure = {"filledQuantity": figure} if (figure := self.random.choice(FIGURES)) is not None else {}
        told = {**self.placed[order_id]["order"], "orderRef": "", **fields, **figure}
        state = {"status": self.random.choice(("Filled", "Cancelled", "Inactive"))}
        self._say("completedOrder", contract=AAPL, order=told, orderState=state)

    def _odd_execution(self, order_id: int, req_id: int = -1) -> None:
        fields, client_id, named = self._names(order_id)
        exec_id = f"x{order_id}.{self.random.randrange(3)}.{self.random.choice((1, 1, 2, 3)):02}"
        shares = self._shares.setdefault(exec_id, self.random.choice(("1", "2", "3", "10", "0")))
        told = {"orderId": named, "clientId": client_id, "execId": exec_id, "shares": shares, **fields}
        self._say("execDetails", reqId=req_id, contract=AAPL, execution=told)
        if self._chance(0.3):
            self._fee(order_id)

    def _fee(self, order_id: int) -> None:
        exec_id = f"x{order_id}.{self.random.randrange(3)}.{self.random.choice((1, 1, 2)):02}"
        self._say("commissionAndFeesReport", execId=exec_id, commissionAndFees=1.0)

    def _executed(self, order_id: int, req_id: int = -1) -> None:
        self._odd_execution(order_id, req_id)

    def _opened(self, order_id: int) -> None:
        self._odd_open(order_id)

    def _completed(self, order_id: int) -> None:
        self._odd_completed(order_id)


@pytest.mark.parametrize("first", share((7000, 7008), 2))
def test_sqlite_answers_as_the_disk_in_memory(tmp_path: Path, first: int) -> None:
    for seed in range(first, first + 8):
        disk = SqliteDisk(tmp_path / f"{seed}.sqlite")
        OverDisk(seed, disk).play(seed)
        disk.close()


@pytest.mark.parametrize("first", share((8000, 8020), 2))
def test_reads_that_fail_lose_no_request_and_stop_no_order(first: int) -> None:
    failed = 0
    for seed in range(first, first + 20):
        disk = FlakyDisk(seed)
        FlakyStorm(seed, disk).play(seed)
        failed += disk.failed
    assert failed > 50


class Told(OldNews):
    """Keeps what came out of its benches."""

    def __init__(self, seed: int, bench_class: type[Lazy]) -> None:
        self.bench_class, self._benches = bench_class, list[Any]()
        super().__init__(seed, StormDisk())

    def _crash(self) -> None:
        self._benches.append(self.bench)
        super()._crash()

    def on_placed(self, data: dict[str, Any]) -> None:
        self.placed[data["orderId"]] = data

    def on_reply(self, body: dict[str, Any]) -> None:
        if "part" not in body:
            self.answered.add(body["id"])

    def told(self) -> dict[str, Any]:
        """Without repeats of a status: an order that has left memory gets each once more, as after a restart."""
        benches, disk = [*self._benches, self.bench], self.bench.disk
        repeated = ("openOrder", "orderStatus", "completedOrder")
        return {
            "sent": [(send.name, send.data) for bench in benches for send in bench.sent],
            "replies": [reply.body for bench in benches for reply in bench.replies],
            "orders": disk.orders,
            "log": [(*e[3:6], *e[6:9]) for e in disk.log.values() if e.event not in repeated],
        }


@pytest.mark.parametrize("first", share((4000, 4030), 2))
def test_an_order_that_left_memory_is_as_one_that_stayed(first: int) -> None:
    for seed in range(first, first + 30):
        forgetful, mindful = Told(seed, Forgetful), Told(seed, Mindful)
        forgetful.play(seed)
        mindful.play(seed)
        told, expected = forgetful.told(), mindful.told()
        for name, value in expected.items():
            assert told[name] == value, f"seed {seed}: {name}\n" + "\n".join(forgetful.trace)


class FlakyNews(FlakyStorm, OldNews):
    """Old news, while the disk cannot always be read."""

    def on_placed(self, data: dict[str, Any]) -> None:
        """Only what holds whatever TWS says: one order to a key."""
        orders = self.bench.disk.orders
        key = orders[data["orderId"]].owner, orders[data["orderId"]].key
        users = [o.order_id for o in orders.values() if (o.owner, o.key) == key and o.state not in FREE]
        assert users == [data["orderId"]]
        self.placed[data["orderId"]] = data


@pytest.mark.parametrize("first", share((8085, 8100), 2))
def test_old_news_that_cannot_be_looked_up_stops_no_order(first: int) -> None:
    """Seeds 8090 and 8105 find `test_a_pass_whose_end_cannot_read_the_disk_is_followed_by_another`."""
    for seed in range(first, first + 15):
        FlakyNews(seed, FlakyDisk(seed)).play(seed)


class HonestBench(Bench):
    """A bench with a TWS that is honest, and a disk that often cannot be read or written. It keeps no order alive."""

    may_fail = True

    def __init__(self, disk: Disk, tws: FakeTws) -> None:
        self.fake, self.placed = tws, list[dict[str, Any]]()
        self._left: list[tuple[str, dict[str, Any]]] = []
        super().__init__(disk, retention=RetentionRule(topics=0.0, orders=0.0), settle_pause=20.0)

    def _sort(self, effect: Effect) -> None:
        super()._sort(effect)
        self._left += [(send.name, send.data) for send in self.sent]
        self.placed += [send.data for send in self.sent if send.name == "placeOrder"]
        self.sent.clear()

    def pump(self, seconds: int = 0) -> None:
        """TWS hears and answers all, now and for so many seconds."""
        for _ in range(seconds):
            self.wait(1)
            self.pump()
        while self._left or self.internal_requests or self.fake.out:
            heard = self._left + [(send.name, send.data) for send in self.internal_requests]
            self._left, self.internal_requests = [], []
            for name, data in heard:
                getattr(self.fake, f"_{name}")(data)
            while self.fake.out:
                name, data = self.fake.out.popleft()
                self.tws(name, **data)

    def place(self, key: str) -> None:
        fields = {"action": "BUY", "orderType": "LMT", "totalQuantity": "10", "lmtPrice": 5.0}
        self.ask("placeOrder", contract=AAPL, order=fields, orderKey=key)
        self.pump()


def honest_story(seed: int) -> tuple[HonestBench, list[dict[str, Any]]]:
    """Orders, executions, cancels and restarts over a bad disk; then all is well for some minutes."""
    pick, disk, tws, placed = random.Random(seed), FlakyDisk(seed), FakeTws(), list[dict[str, Any]]()
    bench = HonestBench(disk, tws)
    bench.ready(told=False)
    for _ in range(60):
        disk.rate, disk.full = pick.choice((0.0, 0.0, 0.3, 1.0)), pick.random() < 0.15
        disk.held = pick.random() < (0.5 if disk.held else 0.15)
        bench.collect()
        match pick.randrange(9):
            case 0 | 1 | 2:
                bench.place(f"k{pick.randrange(6)}")
            case 3 | 4 | 5 if tws.book:
                tws.fill(pick.choice(list(tws.book.values())), pick.choice((3, 10)))
            case 6:
                bench.ask("cancelOrder", orderKey=f"k{pick.randrange(6)}")
            case 7:
                bench.pump(pick.choice((3, 30)))
            case 8 if pick.random() < 0.3:
                disk.rate, clock = 0.0, bench.clock
                placed += bench.placed
                disk.lose_power()
                bench = HonestBench(disk, tws)
                bench.clock = clock + 1
                bench.ready(told=False)
        bench.pump()
    disk.rate, disk.full, disk.held = 0.0, False, False
    bench.collect()
    bench.pump(400)
    return bench, placed + bench.placed


@pytest.mark.parametrize("first", (0, 20))
def test_with_an_honest_tws_a_bad_disk_loses_and_doubles_nothing(first: int) -> None:
    for seed in range(first, first + 20):
        bench, placed = honest_story(seed)
        keys = Counter(bench.disk.orders[data["orderId"]].key for data in placed)
        assert not keys or max(keys.values()) == 1, seed
        executions = Counter(told["execId"] for _, told in bench.fake.executions)
        for event in ("execDetails", "commissionAndFeesReport"):
            assert Counter(e.exec_id for e in bench.disk.log.values() if e.event == event) == executions, (seed, event)
        for held in bench.fake.book.values():
            record = bench.disk.orders[held.order_id]
            told = {"Filled": "filled", "Cancelled": "cancelled", "Submitted": "acknowledged"}[held.status]
            assert (record.state, int(record.filled)) == (told, held.filled), seed
        bench.place("last")
        assert bench.fake.book[max(bench.fake.book)].name == ("alice", "last"), seed
