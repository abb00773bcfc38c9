"""The fill log: each execution once, whatever restarts, with corrections and commissions."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tws_bridge_client.live.fill_log import FillReader
from tws_bridge_client.live.fill_logs import AsyncFillLog, FillLog
from tws_bridge_client.live.fills import Commission, Fill
from tws_bridge_client.live.store import SqliteStore
from tws_bridge_client.orderlog import LogEvent, LogPosition


@pytest.fixture
def store(tmp_path):
    with SqliteStore(tmp_path / "fills.db") as store:
        yield store


def event(n, name, data, log="L1", key="k1"):
    return LogEvent(LogPosition(log, n), f"order.me.{key}.{name}", name, data, n * 1000)


def filled(n, exec_id="a.1.01", shares="4", side="BOT", **more):
    data = {"contract": {"conId": 1}, "execution": {"execId": exec_id, "shares": shares, "price": 10.0, "side": side}}
    return event(n, "execDetails", data, **more)


def charged(n, exec_id="a.1.01", amount=1.5, **more):
    data = {"execId": exec_id, "commissionAndFees": amount, "currency": "USD", "realizedPNL": 7.0}
    return event(n, "commissionAndFeesReport", {key: value for key, value in data.items() if value is not None}, **more)


def played(store, events, **options):
    """What a program gets that asks for one fill after another."""
    reader = FillReader(store, "me", **options)
    taken = []
    for one in events:
        reader.settle()
        if (fill := reader.take(one)) is not None:
            taken.append(fill)
    reader.settle()
    return taken


def test_fills_come_once_and_are_in_the_store_with_the_position(store):
    events = [event(1, "openOrder", {}), filled(2), charged(3), filled(4, "b.1.01", "3", "SLD", key="k2")]
    assert [(fill.key, int(fill.change)) for fill in played(store, events)] == [("k1", 4), ("k2", -3)]
    assert store.position("me") == LogPosition("L1", 4)
    assert [(fill.exec_id, fill.commission, fill.ts) for fill in store.fills()] == [
        ("a.1.01", 1.5, 2000),
        ("b.1.01", None, 4000),
    ]
    assert played(store, events) == []
    assert (store.position("you"), store.fills("you")) == (None, [])


def test_a_fill_that_was_in_hand_at_a_crash_comes_again_with_what_was_written_for_it(tmp_path):
    def crash_at_the_second():
        with SqliteStore(tmp_path / "f.db") as store:
            store.connection.execute("CREATE TABLE IF NOT EXISTS mine (exec_id TEXT)")
            reader = FillReader(store, "me")
            for one in (filled(1), filled(2, "b.1.01")):
                reader.settle()
                if (fill := reader.take(one)) is not None:
                    store.connection.execute("INSERT INTO mine VALUES (?)", (fill.exec_id,))
        # The process dies: nothing of the last fill is committed.

    crash_at_the_second()
    with SqliteStore(tmp_path / "f.db") as store:
        assert [row[0] for row in store.connection.execute("SELECT exec_id FROM mine")] == ["a.1.01"]
        assert [fill.exec_id for fill in store.fills()] == ["a.1.01"]
        assert [fill.exec_id for fill in played(store, [filled(1), filled(2, "b.1.01")])] == ["b.1.01"]


def test_a_fill_over_which_the_program_fails_comes_again(store):
    store.connection.execute("CREATE TABLE mine (exec_id TEXT)")
    reader = FillReader(store, "me")
    reader.take(filled(1))
    store.connection.execute("INSERT INTO mine VALUES ('a.1.01')")
    reader.abandon()
    assert store.fills() == []
    assert store.connection.execute("SELECT count(*) FROM mine").fetchone() == (0,)
    assert len(played(store, [filled(1)])) == 1


def test_a_correction_is_a_fill_that_replaces(store):
    first, second = played(store, [filled(1), charged(2), filled(3, "a.1.02", "1")])
    assert (first.replaces, second.replaces.exec_id, int(second.change)) == (None, "a.1.01", -3)
    assert [(fill.exec_id, int(fill.quantity)) for fill in store.fills()] == [("a.1.02", 1)]
    third = played(store, [filled(4, "a.1.10", "2")])
    assert int(third[0].change) == 1, "the tenth correction is later than the second"


def test_a_commission_of_a_corrected_execution_does_not_count_for_the_correction(store):
    played(store, [filled(1), filled(2, "a.1.02"), charged(3, "a.1.01")])
    assert store.fills()[0].commission is None
    played(store, [charged(4, "a.1.02"), charged(5, "unknown.1.01")])
    assert store.fills()[0].commission == 1.5


def test_a_new_log_brings_the_executions_of_the_day_again_and_each_counts_once(store, caplog):
    played(store, [filled(1), filled(2, "b.1.01")])
    reader = FillReader(store, "me")
    gap = LogEvent(
        LogPosition("L2", 0), "order.me.orderGap", "orderGap", {"reason": "a new log", "unrecoverable": True}, 0
    )
    assert reader.take(gap) is None
    assert reader.lost == ["a new log"]
    assert "a new log" in caplog.text
    again = [filled(1, log="L2"), filled(2, "b.1.01", log="L2"), filled(3, "c.1.01", log="L2")]
    assert [fill.exec_id for fill in played(store, again)] == ["c.1.01"]
    assert store.position("me") == LogPosition("L2", 3)


def test_the_file_is_in_wal_mode_and_survives_being_opened_twice(tmp_path):
    with SqliteStore(tmp_path / "f.db") as one, SqliteStore(tmp_path / "f.db") as other:
        played(one, [filled(1)])
        assert [fill.exec_id for fill in other.fills()] == ["a.1.01"]
        assert one.connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


@settings(deadline=None, max_examples=20)
@given(st.data())
def test_whatever_dies_when_each_execution_comes_once(tmp_path_factory, data):
    """Runs that die at any event, and read the log from the stored position on. What is stored is what happened."""
    path = tmp_path_factory.mktemp("fills") / "f.db"
    log = [filled(1), charged(2), filled(3, "b.1.01"), filled(4, "a.1.02", "1"), event(5, "orderStatus", {}),
           filled(6, "c.1.01", "9", "SLD"), charged(7, "c.1.01")]  # fmt: skip
    position, runs = 0, 0
    while True:
        with SqliteStore(path) as store:
            assert sum(fill.quantity for fill in store.fills()) == store_position(store)
            reader = FillReader(store, "me")
            begin = reader.position()
            rest = log[begin.n if begin is not None else 0 :]
            lives = data.draw(st.integers(0, len(rest))) if runs < 5 else len(rest)
            runs += 1
            for one in rest[:lives]:
                reader.settle()
                if (fill := reader.take(one)) is not None:
                    store.connection.execute("INSERT INTO book VALUES (?)", (int(fill.change),))
            if lives == len(rest):
                reader.settle()
                position = store_position(store)
                assert sum(fill.quantity for fill in store.fills()) == position == 1 + 4 - 9
                return


def store_position(store):
    store.connection.execute("CREATE TABLE IF NOT EXISTS book (change INTEGER)")
    return store.connection.execute("SELECT coalesce(sum(change), 0) FROM book").fetchone()[0]


# Commissions as entries of the log


def shown(entries):
    """Fills as (execId, change), commissions as (execId, "commission", change)."""
    return [
        (entry.exec_id, int(entry.change))
        if isinstance(entry, Fill)
        else (entry.fill.exec_id, "commission", round(entry.change, 2))
        for entry in entries
    ]


def test_a_commission_is_an_entry_after_its_fill_and_comes_once(store):
    events = [filled(1), filled(2, "b.1.01"), charged(3, "b.1.01", 2.0), event(4, "orderStatus", {}), charged(5)]
    entries = played(store, events, commissions=True)
    assert shown(entries) == [
        ("a.1.01", 4),
        ("b.1.01", 4),
        ("b.1.01", "commission", 2.0),
        ("a.1.01", "commission", 1.5),
    ]
    assert [entry.commission for entry in entries[:2]] == [None, None]
    assert (entries[3].fill.realized, entries[3].fill.commission_currency, entries[3].replaces) == (7.0, "USD", None)
    assert store.position("me") == LogPosition("L1", 5)
    assert [fill.commission for fill in store.fills()] == [1.5, 2.0]
    again = [filled(1, log="L2"), charged(2, log="L2"), charged(3, "b.1.01", 2.0, log="L2")]
    assert played(store, again, commissions=True) == [], "the log of a bridge that has lost its disk"


def test_the_commission_of_a_correction_adds_the_difference(store):
    events = [filled(1), charged(2), filled(3, "a.1.02", "3"), charged(4), filled(5, "a.1.03", "2"),
              charged(6, "a.1.03", 1.25), charged(7, "a.1.02", 9.0)]  # fmt: skip
    entries = played(store, events, commissions=True)
    assert shown(entries) == [
        ("a.1.01", 4), ("a.1.01", "commission", 1.5), ("a.1.02", -1), ("a.1.03", -1), ("a.1.03", "commission", -0.25),
    ]  # fmt: skip
    assert entries[-1].replaces.exec_id == "a.1.01"
    assert [fill.commission for fill in store.fills()] == [1.25]


def test_a_report_without_an_amount_is_no_entry(store):
    assert shown(played(store, [filled(1), charged(2, amount=None), charged(3)], commissions=True)) == [
        ("a.1.01", 4), ("a.1.01", "commission", 1.5),
    ]  # fmt: skip


def test_a_commission_over_which_the_program_fails_comes_again(store):
    played(store, [filled(1)], commissions=True)
    reader = FillReader(store, "me", commissions=True)
    assert isinstance(reader.take(charged(2)), Commission)
    reader.abandon()
    assert store.fills()[0].commission is None
    assert shown(played(store, [charged(2)], commissions=True)) == [("a.1.01", "commission", 1.5)]


@settings(deadline=None, max_examples=20)
@given(st.data())
def test_whatever_dies_when_the_sum_of_commissions_is_right(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("fills") / "f.db"
    log = [filled(1), charged(2, amount=2.0), filled(3, "b.1.01"), filled(4, "a.1.02"), charged(5, "b.1.01", 4.0),
           charged(6, "a.1.02", 1.0), event(7, "orderStatus", {})]  # fmt: skip
    for run in range(6):
        with SqliteStore(path) as store:
            store.connection.execute("CREATE TABLE IF NOT EXISTS paid (change REAL)")
            reader = FillReader(store, "me", commissions=True)
            begin = reader.position()
            rest = log[begin.n if begin is not None else 0 :]
            for one in rest[: data.draw(st.integers(0, len(rest))) if run < 5 else len(rest)]:
                reader.settle()
                if isinstance(entry := reader.take(one), Commission):
                    store.connection.execute("INSERT INTO paid VALUES (?)", (entry.change,))
            if run == 5:
                reader.settle()
                assert store.connection.execute("SELECT sum(change) FROM paid").fetchone() == (5.0,)


# The time of `poll`


class Feed:
    """An order feed with a status each 0.3 s, and no fill. It moves the clock that `poll` reads."""

    def __init__(self):
        self.now = 100.0
        self.n = 0

    def monotonic(self):
        return self.now

    def poll(self, timeout):
        if timeout < 0.3:
            self.now += timeout
            return None
        assert self.now < 200.0, "it never ends"
        self.now += 0.3
        self.n += 1
        return event(self.n, "orderStatus", {})


@pytest.mark.parametrize("timeout", [0.0, 0.1, 1.0, 5.0])
def test_the_timeout_of_poll_is_of_the_whole_call(store, monkeypatch, timeout):
    feed = Feed()
    monkeypatch.setattr("tws_bridge_client.live.fill_logs.time", feed)
    assert FillLog(feed, FillReader(store, "me")).poll(timeout) is None
    assert feed.now == pytest.approx(100.0 + timeout)
    assert feed.n == int(timeout / 0.3)


def test_poll_without_time_takes_all_that_has_arrived(store):
    arrived = [event(1, "orderStatus", {}), filled(2)]

    class Arrived:
        def poll(self, timeout):
            assert timeout == 0.0
            return arrived.pop(0) if arrived else None

    assert FillLog(Arrived(), FillReader(store, "me")).poll(0).exec_id == "a.1.01"


# Losses, and changed commissions


def gap(n, state, **more):
    return event(n, "orderGap", {"reason": f"gap {n}", "unrecoverable": True, "state": state, **more})


def test_an_order_that_tws_never_had_is_no_loss_of_fills(store, caplog):
    reader = FillReader(store, "me")
    assert reader.take(gap(1, "notFound")) is None
    assert (reader.lost, caplog.text) == ([], "")
    for n, state, filled_so_far in ((2, "cancelled", "0"), (3, "filled", "4"), (4, "notFound", "4")):
        reader.take(gap(n, state, filled=filled_so_far))
    assert reader.lost == ["gap 2", "gap 3", "gap 4"]


def test_so_many_losses_are_kept(store, monkeypatch):
    monkeypatch.setattr("tws_bridge_client.live.fill_log.MOST_LOST", 3)
    reader = FillReader(store, "me")
    lost = reader.lost
    for n in range(9):
        reader.take(gap(n, "filled"))
    assert lost == ["gap 6", "gap 7", "gap 8"]


def test_a_commission_that_tws_changes_is_an_entry_with_the_difference(store):
    entries = played(store, [filled(1), charged(2, amount=1.0), charged(3, amount=1.5), charged(4)], commissions=True)
    assert shown(entries) == [("a.1.01", 4), ("a.1.01", "commission", 1.0), ("a.1.01", "commission", 0.5)]
    assert entries[-1].replaces.commission == 1.0
    assert [fill.commission for fill in store.fills()] == [1.5]


# A loop that is left


class Arrived:
    """The order feed of a test: events that have arrived."""

    def __init__(self, *events):
        self.events = list(events)

    def poll(self, timeout):
        return self.events.pop(0) if self.events else None

    async def next(self):
        if not self.events:
            await asyncio.Event().wait()
        return self.events.pop(0)

    def close(self):
        pass


class AsyncArrived(Arrived):
    async def close(self):
        pass


def booked(store):
    return [row[0] for row in store.connection.execute("SELECT exec_id FROM mine")]


@pytest.fixture
def books(store):
    store.connection.execute("CREATE TABLE mine (exec_id TEXT)")
    store.connection.commit()
    return store


def book(store, entry):
    store.connection.execute("INSERT INTO mine VALUES (?)", (entry.exec_id,))


def fail_once(log, store):
    """A loop whose body fails over the first entry, halfway."""
    for entry in log:
        book(store, entry)
        raise ValueError(entry.exec_id)


@pytest.mark.parametrize("how", ["poll", "loop", "end"])
def test_an_entry_over_which_the_body_of_a_loop_fails_comes_again_in_the_same_log(books, how):
    feed = Arrived(filled(1), filled(2, "b.1.01"))
    with FillLog(feed, FillReader(books, "me")) as log:
        with pytest.raises(ValueError, match=r"a\.1\.01"):
            fail_once(log, books)
        if how == "poll":
            assert log.poll(0).exec_id == "a.1.01"
            assert booked(books) == []
            assert log.poll(0).exec_id == "b.1.01"
        elif how == "loop":
            for entry in log:
                book(books, entry)
                if entry.exec_id == "b.1.01":
                    break
    assert booked(books) == {"poll": [], "loop": ["a.1.01", "b.1.01"], "end": []}[how]
    assert [fill.exec_id for fill in books.fills()] == ([] if how == "end" else ["a.1.01", "b.1.01"])


def test_an_exception_that_is_handled_at_the_loop_counts_too(books):
    with FillLog(Arrived(filled(1)), FillReader(books, "me")) as log:
        try:
            for entry in log:
                book(books, entry)
                raise ValueError
        except ValueError:
            pass
    assert (booked(books), books.fills()) == ([], [])


def take_one(log, store):
    for entry in log:
        book(store, entry)
        return entry
    return None


def test_a_loop_that_is_left_by_break_or_return_has_delivered_its_entry(books):
    with FillLog(Arrived(filled(1), filled(2, "b.1.01"), filled(3, "c.1.01")), FillReader(books, "me")) as log:
        for entry in log:
            book(books, entry)
            break
        assert take_one(log, books).exec_id == "b.1.01"
        book(books, log.poll(0))
    assert booked(books) == ["a.1.01", "b.1.01", "c.1.01"]


def test_the_asyncio_log_does_the_same(books):
    async def run():
        feed = AsyncArrived(filled(1), filled(2, "b.1.01"), filled(3, "c.1.01"))
        async with AsyncFillLog(feed, FillReader(books, "me")) as log:
            try:
                async for entry in log:
                    book(books, entry)
                    raise ValueError
            except ValueError:
                pass
            async for entry in log:
                assert booked(books) == []
                book(books, entry)
                break
            book(books, await log.poll(20))
            book(books, await log.poll(20))
            assert await log.poll(0) is None

    asyncio.run(run())
    assert booked(books) == ["a.1.01", "b.1.01", "c.1.01"]
