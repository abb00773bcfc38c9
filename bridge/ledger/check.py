"""Checks a ledger, also while a bridge uses it. It only reads."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, get_args

from bridge.ledger import rows
from bridge.ledger.schema import MIGRATIONS
from bridge.session.orders.state import ENDED, Change, State

#: At most so many examples of one kind of problem.
_EXAMPLES = 5
_ENDED = ", ".join(f"'{state}'" for state in sorted(ENDED))


#: For SQLite: nobody changes the file, and all is in it.
STILL = "&immutable=1"


class LedgerUnusable(Exception):
    """The file cannot be read as a ledger, or a copy of it cannot be made; the text says why."""


class LedgerUnread(LedgerUnusable):
    """The file cannot be read without a change beside it, which only the bridge may make."""


@dataclass(frozen=True, slots=True)
class LedgerCheck:
    """What a check found. `facts`: lines about the ledger. `problems`: lines about what is wrong with it."""

    facts: list[str]
    problems: list[str]


class Glance(NamedTuple):
    """`problems`: why a bridge would not start with the ledger. `accounts`: those that it belongs to."""

    problems: list[str]
    accounts: set[str]


def reading(path: Path, more: str = "") -> sqlite3.Connection:
    """A connection that only reads. `more`: further parameters of SQLite's URI. Raises LedgerUnusable."""
    if not path.is_file():
        raise LedgerUnusable(f"{path}: {'it is a folder' if path.is_dir() else 'there is no such file'}")
    uri = f"{path.resolve().as_uri()}?mode=ro{more}"
    try:
        db = sqlite3.connect(uri, uri=True, isolation_level=None, timeout=5.0)
        db.text_factory = rows.decoded
        tables = {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    except sqlite3.Error as error:
        raise LedgerUnusable(f"{path}: {error}") from None
    if not {"facts", "orders", "log", "once"} <= tables:
        db.close()
        raise LedgerUnusable(f"{path}: it is not a ledger of tws-bridge")
    return db


def check(path: Path) -> LedgerCheck:
    """Check the whole file. It reads all of it, so that a large ledger takes minutes. Raises LedgerUnusable."""
    db = reading(path)
    try:
        return LedgerCheck([*map(rows.shown, _facts(db))], [*map(rows.shown, _problems(db))])
    except sqlite3.Error as error:
        raise LedgerUnusable(f"{path}: {error}") from None
    finally:
        db.close()


def glance(path: Path, client_id: int) -> Glance:
    """Look at a ledger that no bridge uses now, as a bridge with this client id would find it. Raises LedgerUnusable.

    It reads a few rows of the file, however large that is. It makes and changes no file.
    """
    log, index = (path.with_name(path.name + ending) for ending in ("-wal", "-shm"))
    if not log.exists() or not log.stat().st_size:
        more = STILL
    elif index.exists():
        more = "&readonly_shm=1"
    else:
        text = f"{path}: it was copied without its index {index.name}; the bridge makes that anew when it starts"
        raise LedgerUnread(text)
    db = reading(path, more)
    try:
        version, facts = _one(db, "PRAGMA user_version"), dict(db.execute("SELECT name, value FROM facts"))
    except sqlite3.Error as error:
        raise LedgerUnusable(f"{path}: {error}") from None
    finally:
        db.close()
    problems = []
    if not isinstance(version, int) or version > len(MIGRATIONS):
        problems.append(f"{path}: a newer tws-bridge made it (version {version} of the tables)")
    if facts.get("clientId", str(client_id)) != str(client_id):
        problems.append(f"{path}: it belongs to client id {facts['clientId']}, not {client_id}")
    return Glance(problems, set(str(facts.get("accounts", "")).split(",")) - {""})


def _one(db: sqlite3.Connection, query: str) -> object:
    return db.execute(query).fetchone()[0]


def _facts(db: sqlite3.Connection) -> Iterator[str]:
    facts = dict(db.execute("SELECT name, value FROM facts"))
    yield f"log {facts.get('log', '?')}, client id {facts.get('clientId', '?')}, accounts {facts.get('accounts', '-')}"
    yield f"version {_one(db, 'PRAGMA user_version')} of the tables; this program has {len(MIGRATIONS)}"
    yield f"orders: {_one(db, 'SELECT count(*) FROM orders')}; highest order id used: {facts.get('highWater', 0)}"
    for state, count in db.execute(f"SELECT state, count(*) FROM orders WHERE state NOT IN ({_ENDED}) GROUP BY state"):
        yield f"orders that have not ended: {count} {state}"
    yield f"idempotent requests: {_one(db, 'SELECT count(*) FROM once')}"
    for owner, newest, count in db.execute("SELECT owner, max(n), count(*) FROM log GROUP BY owner"):
        yield f"order log of {owner}: {count} events, newest number {newest}"


def _problems(db: sqlite3.Connection) -> Iterator[str]:
    version = _one(db, "PRAGMA user_version")
    if not isinstance(version, int) or not 0 < version <= len(MIGRATIONS):
        yield f"version {version} of the tables is not one of this program (1 to {len(MIGRATIONS)})"
    else:
        yield from _odd_content(db)
    for (line,) in db.execute(f"PRAGMA integrity_check({_EXAMPLES})"):
        if line != "ok":
            yield f"SQLite: {line}"
    for owner, first, newest, count in db.execute(_NUMBERS):
        if first != 1 or count != newest:
            yield f"order log of {owner}: {newest - count} numbers are missing up to {newest}; the first is {first}"
    for about, query in _RULES.items():
        found = [str(name) for (name,) in db.execute(f"{query} LIMIT {_EXAMPLES}")]
        if found:
            yield f"{about}: {', '.join(found)}"


def _odd_content(db: sqlite3.Connection) -> Iterator[str]:
    """Read every column as the bridge does, and name the rows where it cannot."""
    for table, keys in _KEYS.items():
        odd: dict[tuple[str, str], list[str]] = {}  # a column, and what its content is not -> rows
        if not db.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", (table,)).fetchone():
            continue  # an older file
        found = db.execute(f"SELECT * FROM {table}")
        names = [name for name, *_ in found.description]
        for row in found:
            for name, stored in zip(names, row, strict=True):
                try:
                    rows.cell(name, stored)
                except rows.OddContent as error:
                    examples = odd.setdefault((error.column, error.what), [])
                    if len(examples) < _EXAMPLES:
                        examples.append(" ".join(str(row[names.index(key)]) for key in keys))
        for (column, what), examples in odd.items():
            yield f"rows of the table {table} whose {column} is {what}: {', '.join(examples)}"


def _listed(of: object) -> str:
    return ", ".join(f"'{value}'" for value in get_args(of))


#: The tables, and the columns that name a row.
_KEYS = {
    "facts": ("name",),
    "orders": ("order_id",),
    "log": ("owner", "n"),
    "once": ("owner", "key"),
    "holds": ("client", "method", "stream"),
}
_NUMBERS = "SELECT owner, min(n), max(n), count(*) FROM log WHERE typeof(n) = 'integer' GROUP BY owner"
#: What is wrong -> a query that finds it.
_RULES = {
    "orders with a state that this program does not know": "SELECT order_id FROM orders "
    f"WHERE state NOT IN ({_listed(State)})",
    "orders with a change that this program does not know": "SELECT order_id FROM orders "
    f"WHERE change NOT IN ({_listed(Change)})",
    "facts that must be whole numbers": "SELECT name FROM facts WHERE name IN ('clientId', 'highWater') "
    "AND value IS NOT CAST(CAST(value AS INTEGER) AS TEXT)",
    "orders with a key that two orders use": "SELECT max(order_id) FROM orders "
    "WHERE state NOT IN ('abandoned', 'unsent') GROUP BY owner, key HAVING count(*) > 1",
    "children whose parent is missing": "SELECT order_id FROM orders AS child WHERE parent IS NOT NULL AND NOT EXISTS "
    "(SELECT 1 FROM orders WHERE owner = child.owner AND key = child.parent)",
    "events of the order log without an order": "SELECT owner || ' ' || n FROM log "
    "WHERE NOT EXISTS (SELECT 1 FROM orders WHERE orders.order_id = log.order_id)",
    "executions with two numbers in one order log": "SELECT exec_id FROM log "
    "WHERE exec_id IS NOT NULL GROUP BY owner, event, exec_id HAVING count(*) > 1",
}
