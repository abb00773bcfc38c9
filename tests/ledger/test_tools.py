"""`tws-bridge ledger`: what it finds wrong, what a copy has, and what is exported."""

from __future__ import annotations

import csv
import itertools
import sqlite3
import sys
import threading
import time
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pyarrow import parquet

from bridge.cli import main
from bridge.ledger import LedgerUnusable, Store, backup, check, export_orders
from bridge.ledger.check import reading
from bridge.session.records import HighWater, LogRecord, OrderRecord

CONTRACT = {"conId": 265598, "symbol": "AAPL", "secType": "STK"}
ORDER = {"action": "BUY", "totalQuantity": "10", "lmtPrice": 5.0, "orderRef": "mine, and more", "account": "DU1"}
NOVEMBER, DECEMBER = 1_793_491_200_000_000_000, 1_796_083_200_000_000_000  # 2026-11-01 and 2026-12-01


def order(order_id: int, **fields: Any) -> OrderRecord:
    record = OrderRecord(order_id, "alice", f"k{order_id}", "d", "#t", "filled", CONTRACT, ORDER, placed_at=NOVEMBER)
    return record._replace(**fields)


def entry(n: int, order_id: int, event: str, exec_id: str | None, ts: int = NOVEMBER, **data: Any) -> LogRecord:
    shares = data.get("execution", {}).get("shares")
    return LogRecord("alice", n, ts, f"order.alice.k{order_id}.{event}", event, data, order_id, exec_id, shares)


def execution(n: int, order_id: int, exec_id: str, shares: str, ts: int = NOVEMBER) -> LogRecord:
    fields = {"execId": exec_id, "shares": shares, "price": 187.5, "side": "BOT", "acctNumber": "DU1", "time": "t"}
    return entry(n, order_id, "execDetails", exec_id, ts, contract=CONTRACT, execution=fields)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "ledger.sqlite"
    store = Store(path, 1)
    store.write([
        HighWater(9), order(7, perm_id="97", filled="10", final_filled="10"),
        order(8, state="acknowledged", placed_at=DECEMBER), order(9, state="unknown", placed_at=DECEMBER),
        execution(1, 7, "x.01", "4"),
        entry(2, 7, "commissionAndFeesReport", "x.01", execId="x.01", commissionAndFees=1.25, currency="USD"),
        execution(3, 7, "x.02", "6", DECEMBER),
        entry(4, 8, "openOrder", None),
    ])  # fmt: skip
    store.close()
    return path


def damaged(path: Path, *statements: str) -> None:
    db = sqlite3.connect(path, isolation_level=None)
    for statement in statements:
        db.execute(statement)
    db.close()


# check


def test_a_sound_ledger_is_described(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ledger", "check", str(path)]) == 0
    told = capsys.readouterr().out.splitlines()
    assert "orders that have not ended: 1 acknowledged" in told
    assert "orders that have not ended: 1 unknown" in told
    assert "order log of alice: 4 events, newest number 4" in told
    assert told[-1] == "0 problems"


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ("DELETE FROM log WHERE n = 2", "order log of alice: 1 numbers are missing up to 4"),
        ("DELETE FROM log WHERE n = 1", "the first is 2"),
        ("UPDATE orders SET state = 'odd' WHERE order_id = 7", "a state that this program does not know: 7"),
        ("UPDATE orders SET change = 'odd' WHERE order_id = 7", "a change that this program does not know: 7"),
        ("UPDATE orders SET contract = '{' WHERE order_id = 8", "whose contract is no JSON object: 8"),
        ("UPDATE log SET data = '{' WHERE n = 3", "whose data is no JSON object: alice 3"),
        ("DELETE FROM orders WHERE order_id = 7", "without an order: alice 1, alice 2, alice 3"),
        ("UPDATE orders SET parent = 'gone' WHERE order_id = 9", "children whose parent is missing: 9"),
        ("PRAGMA user_version = 77", "version 77 of the tables"),
    ],
)
def test_each_kind_of_problem_is_found(
    path: Path, capsys: pytest.CaptureFixture[str], statement: str, problem: str
) -> None:
    damaged(path, statement)
    assert main(["ledger", "check", str(path)]) == 1
    told = capsys.readouterr().out
    assert problem in told
    assert told.endswith("1 problems\n")


def test_two_orders_with_one_key_and_an_execution_twice_are_found(path: Path) -> None:
    damaged(
        path, "DROP INDEX one_order_per_key", "DROP INDEX one_number_per_report",
        "UPDATE orders SET key = 'k8' WHERE order_id = 9", "UPDATE log SET exec_id = 'x.01' WHERE n = 3",
    )  # fmt: skip
    problems = check(path).problems
    assert "orders with a key that two orders use: 9" in problems
    assert "executions with two numbers in one order log: x.01" in problems


def test_a_page_that_is_damaged_is_found(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-4096 * 2 :] = b"\xff" * 4096 * 2
    path.write_bytes(content)
    try:
        assert check(path).problems
    except LedgerUnusable as error:
        assert "malformed" in str(error)


@pytest.mark.parametrize("content", [None, b"", b"no database" * 500])
def test_a_file_that_is_no_ledger_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes | None
) -> None:
    path = tmp_path / "other"
    if content is not None:
        path.write_bytes(content)
    for command in (["check", str(path)], ["backup", str(path), str(tmp_path / "to")]):
        assert main(["ledger", *command]) == 1
        assert str(path) in capsys.readouterr().err
    assert {file.name for file in tmp_path.iterdir()} <= {"other"}


def test_a_check_does_not_stop_a_bridge_that_writes(path: Path) -> None:
    store = Store(path, 1)
    db = reading(path)
    store.write([order(10, state="sent"), HighWater(10)])
    assert check(path).problems == []
    db.close()
    store.close()


# backup


def files(folder: Path) -> set[str]:
    """The files, less those that SQLite leaves beside a ledger that is read."""
    return {file.name for file in folder.iterdir() if not file.name.endswith(("-wal", "-shm"))}


def test_a_copy_has_all_and_only_its_owner_may_read_it(path: Path, tmp_path: Path) -> None:
    to = tmp_path / "copy.sqlite"
    assert main(["ledger", "backup", str(path), str(to)]) == 0
    assert to.stat().st_mode & 0o777 == 0o600
    assert check(to).facts == check(path).facts
    store = Store(to, 1)
    assert [live.order_id for live in store.recover().orders] == [8, 9]
    store.close()


def test_a_file_is_replaced_only_by_force(path: Path, tmp_path: Path) -> None:
    to = tmp_path / "copy.sqlite"
    to.write_text("other")
    assert main(["ledger", "backup", str(path), str(to)]) == 1
    assert to.read_text() == "other"
    assert main(["ledger", "backup", "--force", str(path), str(to)]) == 0
    assert check(to).problems == []
    assert main(["ledger", "backup", "--force", str(path), str(path)]) == 1
    assert check(path).problems == []
    assert files(tmp_path) == {path.name, to.name}


@pytest.mark.parametrize("end", ["-wal", "-journal"])
def test_no_copy_is_put_beside_the_wal_of_another_file(path: Path, tmp_path: Path, end: str) -> None:
    """SQLite would take the WAL for that of the copy."""
    (tmp_path / f"copy.sqlite{end}").write_bytes(b"something")
    with pytest.raises(LedgerUnusable, match="belongs to another ledger"):
        backup(path, tmp_path / "copy.sqlite")
    assert not (tmp_path / "copy.sqlite").exists()


def test_a_copy_that_cannot_be_finished_leaves_nothing(path: Path, tmp_path: Path) -> None:
    def full(_done: int, _all: int) -> None:
        raise OSError(28, "No space left on device")

    to = tmp_path / "copy.sqlite"
    with pytest.raises(LedgerUnusable, match="No space left"):
        backup(path, to, progress=full)
    assert files(tmp_path) == {path.name}


def test_a_damaged_ledger_is_not_kept_as_a_copy(path: Path, tmp_path: Path) -> None:
    damaged(path, "CREATE TABLE pages (x)", f"INSERT INTO pages VALUES ('{'y' * 40_000}')")
    content = bytearray(path.read_bytes())
    content[-4096:] = b"\xff" * 4096
    path.write_bytes(content)
    with pytest.raises(LedgerUnusable, match="damaged"):
        backup(path, tmp_path / "copy.sqlite")
    assert not (tmp_path / "copy.sqlite").exists()


def test_a_copy_made_in_full_trade_is_of_one_moment_and_the_trade_loses_nothing(path: Path, tmp_path: Path) -> None:
    store, over, numbers = Store(path, 1), threading.Event(), []
    store.write([order(id_, order={"text": "x" * 3000}) for id_ in range(1000, 3000)])

    def trade() -> None:
        order_id, n = 10_000, 4
        while not over.is_set():
            order_id, n = order_id + 1, n + 1
            store.write([order(order_id), HighWater(order_id), execution(n, order_id, f"y{n}.01", "1")])
            numbers.append(n)

    thread = threading.Thread(target=trade)
    thread.start()
    try:
        backup(path, tmp_path / "copy.sqlite", pause=0.005)
    finally:
        over.set()
        thread.join()
    store.close()
    assert len(numbers) > 20
    assert check(tmp_path / "copy.sqlite").problems == []
    assert check(path).problems == []
    db = reading(path)
    assert db.execute("SELECT max(n) FROM log").fetchone() == (numbers[-1],)
    db.close()


def test_between_two_steps_the_disk_is_free_for_as_long_as_the_step_took(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, pauses, steps = Store(path, 1), list[float](), list[int]()
    store.write([order(id_, order={"text": "x" * 3000}) for id_ in range(1000, 3000)])
    store.close()
    clock = itertools.count(0.0, 0.25)
    monkeypatch.setattr(time, "monotonic", lambda: next(clock))
    monkeypatch.setattr(time, "sleep", pauses.append)
    backup(path, tmp_path / "copy.sqlite", pause=0.01, progress=lambda done, _all: steps.append(done))
    assert len(steps) > 10 and len(pauses) == len(steps) - 1  # no pause after the last one
    assert set(pauses) == {0.25}
    pauses.clear()
    backup(path, tmp_path / "other.sqlite", pause=0.5)
    assert set(pauses) == {0.5}


# export


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_orders_and_fills_are_exported(path: Path, tmp_path: Path) -> None:
    orders, fills = tmp_path / "orders.csv", tmp_path / "fills.csv"
    assert main(["ledger", "export", str(path), "--orders", str(orders), "--fills", str(fills)]) == 0
    first, *_ = rows(orders)
    assert [row["orderId"] for row in rows(orders)] == ["7", "8", "9"]
    assert (first["orderKey"], first["symbol"], first["lmtPrice"], first["orderRef"]) == (
        "k7", "AAPL", "5.0", "mine, and more",
    )  # fmt: skip
    assert (first["placedAt"], first["permId"], first["finalFilled"]) == ("2026-11-01T00:00:00.000000Z", "97", "10")
    original, correction = rows(fills)
    assert (original["shares"], original["isValid"], original["commissionAndFees"]) == ("4", "false", "1.25")
    assert (correction["shares"], correction["isValid"], correction["orderKey"]) == ("6", "true", "k7")


def test_the_newest_commission_is_exported_where_tws_has_changed_it(path: Path, tmp_path: Path) -> None:
    fees = {"execId": "x.01", "currency": "USD"}
    store = Store(path, 1)
    store.write([
        entry(5, 7, "commissionAndFeesReport", "x.01~f00dfeed", **fees, commissionAndFees=2.5),
        entry(6, 7, "commissionAndFeesReport", "x.01~0000feed", **fees, commissionAndFees=3.5),
        entry(7, 7, "commissionAndFeesReport", "x.011", **fees, commissionAndFees=9.0),
    ])  # fmt: skip
    store.close()
    assert main(["ledger", "export", str(path), "--fills", str(tmp_path / "fills.csv")]) == 0
    assert [row["commissionAndFees"] for row in rows(tmp_path / "fills.csv")] == ["3.5", ""]


def test_parquet_has_the_same_rows_with_types(path: Path, tmp_path: Path) -> None:
    for what in ("orders", "fills"):
        for form in ("csv", "parquet"):
            assert main(["ledger", "export", str(path), f"--{what}", str(tmp_path / f"{what}.{form}")]) == 0
        plain, table = rows(tmp_path / f"{what}.csv"), parquet.read_table(tmp_path / f"{what}.parquet")
        assert table.column_names == list(plain[0])
        assert len(plain) == table.num_rows > 1
        for text, typed in zip(plain, table.to_pylist(), strict=True):
            assert {name: as_text(value) for name, value in typed.items()} == text
    types = {field.name: str(field.type) for field in table.schema}
    assert (types["shares"], types["reportedAt"], types["isValid"], types["price"]) == (
        "decimal128(38, 16)", "timestamp[ns, tz=UTC]", "bool", "double",
    )  # fmt: skip


def as_text(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case Decimal():
            return f"{value.normalize():f}"
        case datetime():
            return f"{value:%Y-%m-%dT%H:%M:%S.%fZ}"
        case _:
            return str(value)


def test_parquet_without_its_package_is_refused(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    assert main(["ledger", "export", str(path), "--orders", str(tmp_path / "orders.parquet")]) == 1
    assert "pip install 'tws-bridge[parquet]'" in capsys.readouterr().err
    assert not list(tmp_path.glob("orders*"))


@pytest.mark.parametrize(
    ("column", "stored"),
    [("filled", "'many'"), ("filled", "'1e30'"), ("filled", "'0.12345678901234567'"), ("perm_id", "'x'")],
)
def test_parquet_names_the_row_that_it_cannot_hold(path: Path, tmp_path: Path, column: str, stored: str) -> None:
    damaged(path, f"UPDATE orders SET {column} = {stored} WHERE order_id = 8")
    with pytest.raises(LedgerUnusable, match="row 8"):
        export_orders(path, tmp_path / "orders.parquet")
    assert not list(tmp_path.glob("orders*"))


def test_an_export_since_a_day(path: Path, tmp_path: Path) -> None:
    orders, fills = tmp_path / "orders.csv", tmp_path / "fills.csv"
    flags = ["--orders", str(orders), "--fills", str(fills), "--since", "2026-11-02"]
    assert main(["ledger", "export", str(path), *flags]) == 0
    assert [row["orderId"] for row in rows(orders)] == ["8", "9"]
    assert [row["execId"] for row in rows(fills)] == ["x.02"]


def test_a_wrong_export_is_refused(path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ledger", "export", str(path)]) == 2
    assert main(["ledger", "export", str(path), "--orders", "x", "--since", "yesterday"]) == 2
    assert "--since" in capsys.readouterr().err
    to = tmp_path / "orders.csv"
    to.write_text("other")
    assert main(["ledger", "export", str(path), "--orders", str(to)]) == 1
    assert to.read_text() == "other"
    damaged(path, "PRAGMA user_version = 4")
    assert main(["ledger", "export", str(path), "--orders", str(tmp_path / "new")]) == 1
    assert "version 4" in capsys.readouterr().err
