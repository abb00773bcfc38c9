"""Attacks on the ledger's file and its tools: odd content, journals that a kill left, exports that fail."""

from __future__ import annotations

import math
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from bridge.cli import main
from bridge.ledger import LedgerUnusable, Store, backup, check
from bridge.ledger.archive import SqliteArchive
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
    them back; but `json_valid` of SQLite knows no NaN, so that check.py `_RULES` calls a sound ledger damaged."""
    store = Store(path, 1)
    store.write([entry(2, 7, "orderStatus", None, status="Filled", avgFillPrice=math.nan, lastFillPrice=math.inf)])
    assert len(store.read_log("alice", 0, 9)) == 2
    store.close()
    assert check(path).problems == []


def test_a_ledger_with_a_journal_that_a_kill_left_is_opened(path: Path, tmp_path: Path) -> None:
    """A kill while SQLite changes the journal mode (store.py `_prepare`), or writes a copy that is not in WAL mode,
    leaves a `-journal`. SQLite rolls it back when it may write; migrate.py `version_of` opens the file with `mode=ro`
    before, which fails, and the bridge never starts again with this ledger."""
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA journal_mode=DELETE")
    db.execute("PRAGMA cache_size=1")
    db.execute("BEGIN IMMEDIATE")
    for n in range(100):  # so much that SQLite writes pages before the end
        db.execute("INSERT INTO facts VALUES (?, hex(zeroblob(500)))", (f"f{n}",))
    killed = tmp_path / "killed.sqlite"
    shutil.copy(path, killed)
    shutil.copy(f"{path}-journal", f"{killed}-journal")
    db.close()
    store = Store(killed, 1)
    assert store.recover().high_water == 7
    store.close()


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
    """check.py `_RULES` looks for JSON only, and not at all into `once`; a text as `n` ends it with a traceback."""
    damaged(path, statement)
    assert check(path).problems != []


@pytest.mark.parametrize("statement", ODD.values(), ids=ODD)
def test_an_export_of_odd_content_ends_with_a_sentence(path: Path, tmp_path: Path, statement: str) -> None:
    """export.py `_export` catches no TypeError and no AttributeError."""
    damaged(path, statement)
    for what in ("--orders", "--fills"):
        assert main(["ledger", "export", str(path), what, str(tmp_path / f"{what}.csv")]) in (0, 1)


def test_an_export_that_fails_leaves_no_half_of_a_file(path: Path, tmp_path: Path) -> None:
    """export.py `_export` writes straight to the name: half of the rows looks like all of them, and a second try is
    refused because the file exists."""
    store = Store(path, 1)
    store.write([order(8), order(9)])
    store.close()
    damaged(path, "UPDATE orders SET contract = '{' WHERE order_id = 9")
    to = tmp_path / "orders.csv"
    assert main(["ledger", "export", str(path), "--orders", str(to)]) == 1
    assert not to.exists()


READS: dict[str, Callable[[SqliteArchive], object]] = {
    "contract": lambda archive: archive.order(7),
    "outcome": lambda archive: archive.once_record("alice", "o1"),
}


@pytest.mark.parametrize("name", READS)
def test_a_row_that_cannot_be_read_is_refused(path: Path, name: str) -> None:
    """archive.py `once_record` lets the ValueError of the JSON through; the session only expects Refused."""
    damaged(path, "UPDATE orders SET contract = '{'", "UPDATE once SET outcome = '{'")
    with pytest.raises(Refused, match="could not read the ledger"):
        READS[name](SqliteArchive(path))


@pytest.mark.parametrize("end", ["-wal", "-shm"])
def test_a_copy_never_replaces_a_part_of_the_ledger(path: Path, end: str) -> None:
    """backup.py `backup` compares the target with the ledger only: with `force` it replaces the WAL of the ledger,
    and with it all that the running bridge has written since the last checkpoint, and the file is no database."""
    store = Store(path, 1)
    store.write([order(8)])
    with pytest.raises(LedgerUnusable):
        backup(path, path.with_name(path.name + end), force=True)
    assert SqliteArchive(path).order(8) is not None
