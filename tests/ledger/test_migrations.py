"""A ledger of each earlier version is brought up to date: all of it or nothing, whenever the process is killed."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bridge.ledger import LedgerRefused, SqliteArchive, Store
from bridge.ledger import migrate as migrating
from bridge.ledger.migrate import split
from bridge.ledger.schema import MIGRATIONS

NEWEST = len(MIGRATIONS)
#: Columns that a version added to orders, with a value of that time.
ADDED: dict[int, dict[str, Any]] = {
    2: {"parent_id": 100, "before": None},
    4: {
        "placed_at": 5, "placed_day": "20261121", "heard": 1, "final_filled": "10", "reason": None, "position": "3",
    },
}  # fmt: skip


def put(db: sqlite3.Connection, table: str, row: dict[str, Any]) -> None:
    names, places = ", ".join(f'"{name}"' for name in row), ", ".join("?" * len(row))
    db.execute(f"INSERT INTO {table} ({names}) VALUES ({places})", tuple(row.values()))


def order(order_id: int, version: int, **fields: Any) -> dict[str, Any]:
    row: dict[str, Any] = {
        "order_id": order_id, "owner": "alice", "key": f"k{order_id}", "digest": "d", "tag": "#tb:t", "revision": 0,
        "contract": '{"conId":1}', "order": '{"lmtPrice":1.5}', "filled": "0", "state": "filled", "parent": None,
    }  # fmt: skip
    for since, added in ADDED.items():
        row |= added if version >= since else {}
    return row | fields


def build(path: Path, version: int) -> None:
    """A file as the bridge of that version left it: the tables from its SQL, and the rows as it wrote them."""
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("PRAGMA synchronous=OFF")
    db.executescript("".join(MIGRATIONS[:version]))
    put(db, "facts", {"name": "log", "value": "feedface"})
    put(db, "facts", {"name": "clientId", "value": "1"})
    put(db, "facts", {"name": "highWater", "value": "300"})
    put(db, "orders", order(100, version, perm_id="900", filled="10", status="Filled"))
    put(db, "orders", order(101, version, state="acknowledged", parent="k100", change="sent"))
    put(db, "orders", order(102, version, state="cancelled", change="sent"))
    put(db, "orders", order(103, version, state="abandoned", key="k100x"))
    put(db, "orders", order(104, version, state="unsent", key="k100x"))
    for n, (event, exec_id, order_id) in enumerate(
        [("execDetails", "x1", 100), ("commissionAndFeesReport", "x1", 100), ("openOrder", None, 101)], 1
    ):
        put(db, "log", {
            "owner": "alice", "n": n, "ts": n, "topic": f"order.alice.k.{event}", "event": event,
            "data": f'{{"n":{n}}}', "order_id": order_id, "exec_id": exec_id,
            "shares": "10" if event == "execDetails" else None,
        })  # fmt: skip
    put(db, "once", {"owner": "alice", "key": "o1", "method": "m", "digest": "d", "outcome": json.dumps({"ok": True})})
    if version >= 5:
        put(db, "holds", {"client": "alice", "method": "reqMktData", "stream": "1", "params": "{}"})
    db.execute(f"PRAGMA user_version={version}")
    db.close()


@pytest.mark.parametrize("version", range(1, NEWEST + 1))
def test_a_file_of_each_version_is_read_with_all_that_it_has(tmp_path: Path, version: int) -> None:
    path = tmp_path / "ledger.sqlite"
    build(path, version)
    store = Store(path, 1)
    assert store._db.execute("PRAGMA user_version").fetchone() == (NEWEST,)
    state, archive = store.recover(), SqliteArchive(path)
    assert (state.log, state.high_water, state.heads) == ("feedface", 300, {"alice": 3})
    assert [(live.order_id, live.state, live.change) for live in state.orders] == [(101, "acknowledged", "sent")]
    assert len(state.holds) == (version >= 5)
    filled = archive.order_of_key("alice", "k100")
    assert filled is not None
    assert archive.order(100) == archive.order_of_perm("900") == filled
    assert (filled.state, filled.filled, filled.heard) == ("filled", "10", True)
    assert (filled.placed_day, filled.position) == (("20261121", "3") if version >= 4 else (None, None))
    cancelled = archive.order(102)
    assert cancelled is not None
    assert cancelled.change == ("orderEnded" if version < 4 else "sent")
    assert archive.order_of_key("alice", "k100x") is None
    abandoned = archive.abandoned("alice", "k100x")
    assert abandoned is not None
    assert abandoned.order_id == 103
    assert [told.event for told in archive.reports_of_order(100)] == ["execDetails", "commissionAndFeesReport"]
    assert archive.reports_with("x1") == archive.reports_of_order(100)
    once = archive.once_record("alice", "o1")
    assert once is not None
    assert once.outcome == {"ok": True}
    assert [event["data"] for event in store.read_log("alice", 0, 10)] == [{"n": 1}, {"n": 2}, {"n": 3}]
    archive.close()
    store.close()


def test_a_migrated_file_has_the_tables_of_a_new_one(tmp_path: Path) -> None:
    def schema(path: Path) -> set[tuple[str, ...]]:
        db = sqlite3.connect(path)
        found = {tuple(row) for row in db.execute("SELECT type, name, sql FROM sqlite_master")}
        db.close()
        return found

    Store(tmp_path / "new", 1).close()
    for version in range(1, NEWEST):
        build(tmp_path / str(version), version)
        Store(tmp_path / str(version), 1).close()
        assert schema(tmp_path / str(version)) == schema(tmp_path / "new")


KILLED = """
import os, signal, sqlite3, sys
from pathlib import Path
from bridge.ledger.migrate import migrate
from bridge.ledger.schema import MIGRATIONS

left = int(sys.argv[2])

class Connection(sqlite3.Connection):
    def execute(self, *statement):
        global left
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        left -= 1
        return super().execute(*statement)

path = Path(sys.argv[1])
db = sqlite3.connect(path, isolation_level=None, factory=Connection)
migrate(db, path, MIGRATIONS)
print("done")
"""


def content(path: Path) -> tuple[int, list[Any]]:
    db = sqlite3.connect(path)
    (version,) = db.execute("PRAGMA user_version").fetchone()
    found = [list(db.execute(f"SELECT * FROM {table}")) for table in ("facts", "orders", "log", "once")]
    schema = list(db.execute("SELECT name, sql FROM sqlite_master ORDER BY name"))
    (intact,) = db.execute("PRAGMA integrity_check").fetchone()
    assert intact == "ok"
    db.close()
    return version, [schema, found]


@pytest.mark.parametrize("version", [1, NEWEST - 1])
def test_killed_at_any_statement_the_file_is_the_old_one_or_the_new_one(tmp_path: Path, version: int) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    build(old, version)
    build(new, version)
    db = sqlite3.connect(new, isolation_level=None)
    migrating.migrate(db, new, MIGRATIONS)
    db.close()
    seen, ended = set(), False
    for step in range(100):
        path = tmp_path / f"at{step}"
        build(path, version)
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
        child = subprocess.run(
            [sys.executable, "-c", KILLED, str(path), str(step)], env=environment, timeout=30, check=False
        )
        found = content(path)
        assert found in (content(old), content(new))
        seen.add(found[0])
        if ended := child.returncode == 0:
            break
    assert ended
    assert seen == {version, NEWEST}


def test_a_statement_that_fails_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "ledger.sqlite"
    build(path, 2)
    before = content(path)
    monkeypatch.setattr("bridge.ledger.store.MIGRATIONS", (*MIGRATIONS, "CREATE TABLE more (x); SELECT no_such_thing;"))
    with pytest.raises(LedgerRefused, match="no_such_thing"):
        Store(path, 1)
    assert content(path) == before


def test_a_newer_file_is_refused_and_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    build(path, NEWEST)
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA journal_mode=DELETE")
    db.execute(f"PRAGMA user_version={NEWEST + 1}")
    db.close()
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    with pytest.raises(LedgerRefused, match=f"newer tws-bridge .version {NEWEST + 1}"):
        Store(path, 1)
    assert hashlib.sha256(path.read_bytes()).hexdigest() == before
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_a_newer_file_with_a_wal_stays_as_it_is(tmp_path: Path) -> None:
    """A newer bridge was killed: its newest commits are in the WAL, and only it may move them."""
    path, wal = tmp_path / "ledger.sqlite", tmp_path / "ledger.sqlite-wal"
    build(path, NEWEST)
    script = (
        "import os, sqlite3, sys; db = sqlite3.connect(sys.argv[1], isolation_level=None);"
        f"db.execute('PRAGMA user_version={NEWEST + 1}'); os._exit(0)"
    )
    subprocess.run([sys.executable, "-c", script, str(path)], check=True, timeout=30)
    before = (path.read_bytes(), wal.read_bytes())
    assert before[1]
    with pytest.raises(LedgerRefused, match="newer tws-bridge"):
        Store(path, 1)
    assert (path.read_bytes(), wal.read_bytes()) == before


def test_a_migration_is_told_in_the_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "ledger.sqlite"
    build(path, 1)
    with caplog.at_level(logging.INFO, "bridge.ledger"):
        Store(path, 1).close()
    assert [record.getMessage().split(",")[0] for record in caplog.records] == [
        f"the bridge brings the ledger {path} from version 1 to {NEWEST}", "the ledger is up to date",
    ]  # fmt: skip
    assert [record.msg.event for record in caplog.records] == ["ledgerMigrates", "ledgerMigrated"]
    caplog.clear()
    Store(path, 1).close()
    Store(tmp_path / "new", 1).close()
    assert caplog.records == []


def test_the_statements_of_a_script_are_all_of_it() -> None:
    for script in MIGRATIONS:
        db, whole = sqlite3.connect(":memory:"), "".join(MIGRATIONS[: MIGRATIONS.index(script)])
        db.executescript(whole)
        for statement in split(script):
            db.execute(statement)
        other = sqlite3.connect(":memory:")
        other.executescript(whole + script)
        assert list(db.execute("SELECT * FROM sqlite_master")) == list(other.execute("SELECT * FROM sqlite_master"))
