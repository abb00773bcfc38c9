"""Attacks on the ledger's file and its tools: odd content, journals that a kill left, exports that fail."""

from __future__ import annotations

import math
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from bridge.cli import main
from bridge.ledger import (
    Ledger,
    LedgerRefused,
    LedgerUnusable,
    SqliteArchive,
    Store,
    backup,
    check,
    export_fills,
    export_orders,
)
from bridge.ledger.schema import MIGRATIONS
from bridge.session.records import OnceRecord
from bridge.session.requests import Refused
from tests.ledger.test_tools import damaged, entry, execution, order


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "ledger.sqlite"
    store = Store(path, 1)
    store.write([order(7), execution(1, 7, "x.01", "4"), OnceRecord("alice", "o1", "m", "d", {"ok": True})])
    store.close()
    return path


def test_a_figure_that_is_no_number_is_no_damage(path: Path) -> None:
    """TWS may send NaN or infinity (executions.py `figure`). The bridge writes them as Python's JSON does, and reads
    them back; `json_valid` of SQLite knows no NaN."""
    store = Store(path, 1)
    store.write([entry(2, 7, "orderStatus", None, status="Filled", avgFillPrice=math.nan, lastFillPrice=math.inf)])
    assert len(store.read_log("alice", 0, 9)) == 2
    store.close()
    assert check(path).problems == []


def killed_in_a_transaction(path: Path, tmp_path: Path, version: int) -> Path:
    """A copy of the ledger, with this version and the rollback journal of a transaction that never ended."""
    db = sqlite3.connect(path, isolation_level=None)
    db.execute(f"PRAGMA user_version={version}")
    db.execute("PRAGMA journal_mode=DELETE")
    db.execute("PRAGMA cache_size=1")
    db.execute("BEGIN IMMEDIATE")
    for n in range(100):  # so much that SQLite writes pages before the end
        db.execute("INSERT INTO facts VALUES (?, hex(zeroblob(500)))", (f"f{n}",))
    killed = tmp_path / "killed.sqlite"
    shutil.copy(path, killed)
    shutil.copy(f"{path}-journal", f"{killed}-journal")
    db.close()
    return killed


@pytest.mark.parametrize("mode", [b"\1\1", b"\2\2"], ids=["rollback", "WAL"])
def test_a_ledger_with_a_journal_that_a_kill_left_is_opened(path: Path, tmp_path: Path, mode: bytes) -> None:
    """A kill while SQLite changes the journal mode (store.py `_prepare`), or writes a copy that is not in WAL mode,
    leaves a `-journal`. SQLite rolls it back when it may write; with `mode=ro` it cannot even read the version."""
    killed = killed_in_a_transaction(path, tmp_path, len(MIGRATIONS))
    content = bytearray(killed.read_bytes())
    content[18:20] = mode  # the header says which mode the file is in; a kill may leave either
    killed.write_bytes(content)
    store = Store(killed, 1)
    assert store.recover().high_water == 7
    store.close()


def test_a_newer_ledger_with_a_journal_stays_as_it_is(path: Path, tmp_path: Path) -> None:
    killed = killed_in_a_transaction(path, tmp_path, len(MIGRATIONS) + 1)
    journal = Path(f"{killed}-journal")
    before = (killed.read_bytes(), journal.read_bytes())
    with pytest.raises(LedgerRefused, match="newer tws-bridge"):
        Store(killed, 1)
    assert (killed.read_bytes(), journal.read_bytes()) == before


#: Content that is valid JSON and valid SQL, and that the bridge cannot read.
ODD = {
    "contract": "UPDATE orders SET contract = '[]'",
    "order": """UPDATE orders SET "order" = 'null'""",
    "placed_at": "UPDATE orders SET placed_at = 'x'",
    "owner": "UPDATE orders SET owner = CAST(x'ff41' AS TEXT)",
    "data": "UPDATE log SET data = 'null'",
    "ts": "UPDATE log SET ts = 'x'",
    "exec_id": "UPDATE log SET exec_id = x'00ff'",
    "n": "UPDATE log SET n = 'x'",
    "outcome": "UPDATE once SET outcome = '{'",
}


@pytest.mark.parametrize("statement", ODD.values(), ids=ODD)
def test_a_check_finds_content_of_the_wrong_kind(path: Path, statement: str) -> None:
    damaged(path, statement)
    assert check(path).problems != []


@pytest.mark.parametrize("statement", ODD.values(), ids=ODD)
def test_an_export_of_odd_content_ends_with_a_sentence(path: Path, tmp_path: Path, statement: str) -> None:
    damaged(path, statement)
    for what in ("--orders", "--fills"):
        assert main(["ledger", "export", str(path), what, str(tmp_path / f"{what}.csv")]) in (0, 1)


@pytest.mark.parametrize(
    ("what", "name", "error"),
    [
        ("--orders", "contract", "table orders, row 7: contract is no JSON object"),
        ("--orders", "order", "table orders, row 7: order is no JSON object"),
        ("--orders", "placed_at", "table orders, row 7: placed_at is no whole number"),
        ("--orders", "owner", "table orders, row 7: owner is no valid UTF-8"),
        ("--fills", "data", "table log, row alice 1: data is no JSON object"),
        ("--fills", "ts", "table log, row alice 1: ts is no whole number"),
        ("--fills", "exec_id", "table log, row alice 1: exec_id is no text"),
        ("--fills", "n", "table log, row alice x: n is no whole number"),
    ],
)
def test_an_export_names_the_row_and_the_column(path: Path, tmp_path: Path, what: str, name: str, error: str) -> None:
    damaged(path, ODD[name])
    with pytest.raises(LedgerUnusable, match=error):
        (export_orders if what == "--orders" else export_fills)(path, tmp_path / "to.csv")
    assert not list(tmp_path.glob("to.csv*"))


def test_a_name_that_is_too_long_is_refused(path: Path, tmp_path: Path) -> None:
    with pytest.raises(LedgerUnusable, match="too long"):
        export_fills(path, tmp_path / ("x" * 250))


def test_an_export_names_the_row_of_odd_data_in_an_event(path: Path, tmp_path: Path) -> None:
    damaged(path, """UPDATE log SET data = '{"execution": []}'""")
    with pytest.raises(LedgerUnusable, match="table log, row alice 1: execution in data is no JSON object"):
        export_fills(path, tmp_path / "to.csv")
    damaged(path, """UPDATE log SET data = '{"execution": {"side": "\\ud800"}}'""")
    with pytest.raises(LedgerUnusable, match="table log, row alice 1: 'utf-8' codec"):
        export_fills(path, tmp_path / "to.csv")


@pytest.mark.parametrize("statement", ODD.values(), ids=ODD)
def test_what_a_check_finds_can_be_printed(path: Path, capsys: pytest.CaptureFixture[str], statement: str) -> None:
    damaged(path, statement)
    assert main(["ledger", "check", str(path)]) == 1
    assert capsys.readouterr().out.encode()


def test_a_high_water_that_is_no_number_is_found(path: Path) -> None:
    damaged(path, "INSERT INTO facts VALUES ('highWater', 'x')")
    assert check(path).problems == ["facts that must be whole numbers: highWater"]


def test_an_export_that_fails_leaves_no_half_of_a_file(path: Path, tmp_path: Path) -> None:
    """Half of the rows would look like all of them, and the file would block a second try."""
    store = Store(path, 1)
    store.write([order(8), order(9)])
    store.close()
    damaged(path, "UPDATE orders SET contract = '{' WHERE order_id = 9")
    to = tmp_path / "orders.csv"
    assert main(["ledger", "export", str(path), "--orders", str(to)]) == 1
    assert not list(tmp_path.glob("orders.csv*"))
    damaged(path, "UPDATE orders SET contract = '{}' WHERE order_id = 9")
    assert main(["ledger", "export", str(path), "--orders", str(to)]) == 0
    assert len(to.read_text().splitlines()) == 4


#: Odd content, and a look-up that meets it.
READS: dict[str, Callable[[SqliteArchive], object]] = {
    "contract": lambda archive: archive.order(7),
    "order": lambda archive: archive.order_of_key("alice", "k7"),
    "placed_at": lambda archive: archive.order(7),
    "owner": lambda archive: archive.order(7),
    "exec_id": lambda archive: archive.reports_of_order(7),
    "n": lambda archive: archive.reports_with("x.01"),
    "outcome": lambda archive: archive.once_record("alice", "o1"),
}


@pytest.mark.parametrize("name", READS)
def test_a_row_that_cannot_be_read_is_refused(path: Path, name: str) -> None:
    """The session only expects Refused."""
    damaged(path, ODD[name])
    with pytest.raises(Refused, match="could not read the ledger") as refused:
        READS[name](SqliteArchive(path))
    assert refused.value.code == "ledgerFailed"


@pytest.mark.parametrize("statement", [ODD["n"], "UPDATE orders SET state = 'sent', contract = '[]'"])
def test_a_start_with_odd_content_is_refused(path: Path, statement: str) -> None:
    damaged(path, statement)
    with pytest.raises(LedgerRefused, match="is no "):
        Ledger(path, 1)


def test_a_ledger_that_the_archive_cannot_open_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(_path: Path) -> SqliteArchive:
        raise sqlite3.OperationalError("database is locked")

    monkeypatch.setattr("bridge.ledger.worker.SqliteArchive", busy)
    with pytest.raises(LedgerRefused, match=r"ledger\.sqlite: database is locked"):
        Ledger(path, 1)


@pytest.mark.parametrize("end", ["", "-wal", "-shm", "-journal"])
def test_a_copy_never_replaces_a_part_of_the_ledger(path: Path, end: str) -> None:
    """The WAL has all that the running bridge has written since the last checkpoint."""
    store = Store(path, 1)
    store.write([order(8)])
    with pytest.raises(LedgerUnusable):
        backup(path, path.with_name(path.name + end), force=True)
    link = path.with_name("link")
    link.symlink_to(path)
    with pytest.raises(LedgerUnusable):
        backup(link, path.with_name(path.name + end), force=True)
    assert SqliteArchive(path).order(8) is not None
