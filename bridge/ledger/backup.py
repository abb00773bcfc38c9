"""Copies a ledger while a bridge uses it.

The copy is the state of one moment: the connection holds one read transaction from the beginning to the end, and in
WAL mode that delays no writer. The copy is made in small steps. After each step the command waits for at least as long
as the step took, so that the bridge can commit orders meanwhile, also on a disk with a limit of bytes per second. The
check of the copy makes no pauses. The copy gets its name only when it is complete and checked.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

from bridge.ledger.check import STILL, LedgerUnusable, reading
from bridge.ledger.store import HEADS

#: Pages of 4 KiB in one step, and the least seconds between two steps.
STEP, PAUSE = 128, 0.005
#: What SQLite appends to the name of a ledger for each of its files.
_ENDS = ("", "-wal", "-shm", "-journal")

#: Called with the pages that are copied, and with all pages.
Progress = Callable[[int, int], None]


def backup(path: Path, to: Path, *, force: bool = False, pause: float = PAUSE, progress: Progress | None = None) -> int:
    """Copy the ledger `path` to the file `to`. Returns the bytes of the copy.

    `force`: replace `to` if it exists. `pause`: the least seconds between two steps. Raises LedgerUnusable if the copy
    cannot be made; then `to` is as before.
    """
    if any(_is(to, part) for part in _files(path)):
        raise LedgerUnusable(f"{to}: the file is the ledger itself, or SQLite keeps a part of the ledger in it")
    if to.exists() and not force:
        raise LedgerUnusable(f"{to}: the file exists already")
    for end in ("-wal", "-journal"):
        other = to.with_name(f"{to.name}{end}")
        if other.exists() and other.stat().st_size:
            raise LedgerUnusable(f"{other}: this file belongs to another ledger {to.name}, and would damage the copy")
    if not to.parent.is_dir():
        raise LedgerUnusable(f"{to.parent}: there is no such folder")
    part = to.with_name(f"{to.name}.part-{os.getpid()}")
    source = reading(path)
    try:
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        _verify(part, _copy(source, part, pause, progress))
        _sync(part)
        if force:
            part.replace(to)
        else:
            to.hardlink_to(part)  # fails if somebody has made the file meanwhile
        _sync(to.parent)
        return to.stat().st_size
    except (sqlite3.Error, OSError) as error:
        raise LedgerUnusable(f"cannot copy {path} to {to}: {error}") from None
    finally:
        source.close()
        part.unlink(missing_ok=True)


def _files(path: Path) -> list[Path]:
    """The files in which SQLite keeps this ledger, whether they exist or not. SQLite follows a symbolic link first."""
    return [ledger.with_name(f"{ledger.name}{end}") for ledger in (path, path.resolve()) for end in _ENDS]


def _is(one: Path, other: Path) -> bool:
    return one.resolve() == other.resolve() or (one.exists() and other.exists() and one.samefile(other))


def _copy(source: sqlite3.Connection, part: Path, pause: float, progress: Progress | None) -> list[object]:
    """Copy all pages. Returns what the ledger had at that moment.

    The read transaction is as short as possible: until its end SQLite cannot shorten the WAL.
    """
    source.execute("BEGIN")  # without it SQLite begins again whenever the bridge writes
    had = _content(source)
    copy = sqlite3.connect(part, isolation_level=None)
    descriptor = os.open(part, os.O_WRONLY)
    begun = time.monotonic()
    try:

        def told(_status: int, left: int, total: int) -> None:
            nonlocal begun
            os.fdatasync(descriptor)  # in small parts: the bridge's own flushes must not wait for a large one
            if progress is not None:
                progress(total - left, total)
            if left:  # SQLite's own `sleep` is for a busy source only
                time.sleep(max(pause, time.monotonic() - begun))
            begun = time.monotonic()

        source.backup(copy, pages=STEP, progress=told)
    finally:
        source.execute("COMMIT")
        os.close(descriptor)
        copy.close()
    return had


def _verify(part: Path, had: list[object]) -> None:
    """Raise LedgerUnusable if the copy is damaged, or does not have what the ledger `had` when the copy began."""
    copy = reading(part, STILL)
    try:
        damage = [line for (line,) in copy.execute("PRAGMA integrity_check(5)") if line != "ok"]
        if damage:
            raise LedgerUnusable(f"the copy is damaged, and is not kept: {'; '.join(damage)}")
        if _content(copy) != had:
            raise LedgerUnusable("the copy differs from the ledger, and is not kept")
    finally:
        copy.close()


def _content(db: sqlite3.Connection) -> list[object]:
    queries = (
        "PRAGMA user_version",
        "SELECT * FROM facts",
        HEADS,
        "SELECT max(order_id) FROM orders",
    )
    return [db.execute(query).fetchall() for query in queries]


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
