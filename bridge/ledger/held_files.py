"""Whether the files of an open ledger, and the lock of its folder, are still those that the process holds open."""

from __future__ import annotations

import os
from pathlib import Path


class LogRemoved(OSError):
    """The write-ahead log has been removed, and nobody has made another."""


class HeldFiles:
    """The ledger at `path`, the files that SQLite keeps beside it, and the lock, as they are now.

    Another program can remove or replace them. The process would go on with files that nobody finds again, and a second
    bridge could lock another file. The check takes a few microseconds, so each commit can afford it.
    """

    def __init__(self, path: Path) -> None:
        self._log = f"{path}-wal"
        names = (str(path), self._log, f"{path}-shm", str(path.with_name("lock")))
        self._held = tuple((name, _identity(name)) for name in names if os.path.lexists(name))

    def check(self) -> None:
        """Raise OSError, or its LogRemoved, if a file has been removed or replaced."""
        for name, identity in self._held:
            try:
                found = _identity(name)
            except FileNotFoundError:
                kind = LogRemoved if name == self._log else OSError
                raise kind(f"the file {name} has been removed while the bridge runs: restart it") from None
            if found != identity:
                raise OSError(f"the file {name} has been replaced while the bridge runs: restart it")


def _identity(name: str) -> tuple[int, int]:
    """Device and inode of the file. Raises OSError."""
    status = os.stat(name)
    return status.st_dev, status.st_ino
