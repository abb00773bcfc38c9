"""The state folder: made if missing, and locked, so that it is one process's alone; nobody else may enter it.

A folder that others may enter is refused and left as it is: it may be there for more than us (`/tmp`), and whoever had
access to it before may hold files of it open.
"""

from __future__ import annotations

import fcntl
import json
import os
import stat
from pathlib import Path
from typing import Self

_RUNS = "instances.json"
_HALTED = "halted-by-admin"
#: What the bridge writes there, for its user alone; SQLite gives its other files the mode of the first.
_OWN = (_RUNS, _HALTED, "ledger.sqlite", "ledger.sqlite-wal", "ledger.sqlite-shm", "lock")
_OWNER_ONLY = 0o600


def halt_reason(folder: Path) -> str | None:
    """Why trading is halted by a file `halt` in the state folder: its first line; None where there is no such file.

    A file that cannot be read halts, too.
    """
    return _reason(folder / "halt")


def _reason(path: Path) -> str | None:
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            return file.readline(1000).strip() or f"the file {path.name} in the state folder"
    except FileNotFoundError:
        return None
    except OSError as error:
        return f"the file {path.name} in the state folder: {os.strerror(error.errno or 0)}"


class StateTaken(Exception):
    """The folder cannot be used, and why."""


def load_runs(folder: Path) -> dict[str, list[str]]:
    """What `save_runs` wrote; empty where it never did. Raises StateTaken where it cannot be read."""
    path = folder / _RUNS
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise StateTaken(f"{path}: cannot be read, and says which runs of clients are fenced off: {error}") from None
    return {str(client): [str(run) for run in runs] for client, runs in found.items()}


def save_runs(folder: Path, runs: dict[str, list[str]]) -> None:
    """Keep which runs of each client have said hello. Raises OSError."""
    _replace(folder / _RUNS, json.dumps(runs))


def load_halt(folder: Path) -> str | None:
    """Why an admin has halted trading, as `save_halt` kept it; a file that cannot be read halts, too."""
    return _reason(folder / _HALTED)


def save_halt(folder: Path, reason: str | None) -> None:
    """Keep why an admin has halted trading; None: nobody has. Raises OSError."""
    if reason is not None:
        _replace(folder / _HALTED, reason)
    else:
        (folder / _HALTED).unlink(missing_ok=True)
        _sync(folder)


def _replace(path: Path, text: str) -> None:
    """The file has the old text or the new, never half; the new is on disk when this returns."""
    fresh = path.with_name(f"{path.name}.new")
    with open(fresh, "w", encoding="utf-8", opener=_open_private) as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    _sync(path.parent)


def private(path: Path) -> Path:
    """The path of a file that only its owner may read, made empty where it is not there. Raises StateTaken."""
    try:
        os.close(_open_private(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC))
    except OSError as error:
        raise StateTaken(f"{path}: {os.strerror(error.errno or 0)}") from None
    return path


def _open_private(path: str | Path, flags: int) -> int:
    descriptor = os.open(path, flags, _OWNER_ONLY)
    os.fchmod(descriptor, _OWNER_ONLY)
    return descriptor


def _sync(folder: Path) -> None:
    """Have the names in the folder on disk: a new file, or one that is gone."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class StateFolder:
    """A context: locked inside, free again after, also when the process dies."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = -1

    def __enter__(self) -> Self:
        """Raises StateTaken where another process holds the folder, others may enter it, or it cannot be made."""
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._refuse_others()
            self._lock = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _OWNER_ONLY)
        except OSError as error:
            raise StateTaken(f"state folder {self.path}: {os.strerror(error.errno or 0)}") from None
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = os.read(self._lock, 32).decode("ascii", "replace").strip()
            os.close(self._lock)
            raise StateTaken(f"state folder {self.path}: it is in use (process {holder or '?'})") from None
        os.ftruncate(self._lock, 0)
        os.write(self._lock, f"{os.getpid()}\n".encode())
        self._close_files()
        return self

    def _refuse_others(self) -> None:
        mode = stat.S_IMODE(self.path.stat().st_mode)
        if mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise StateTaken(
                f"state folder {self.path}: its group or others may use it (mode {mode:04o}), and what lies there is "
                f"nobody's but the bridge's: chmod 700 {self.path}"
            )

    def _close_files(self) -> None:
        """Files of an earlier version, or copied back from elsewhere, may have been readable to others."""
        for path in (self.path / name for name in _OWN):
            if path.is_file() and path.stat().st_mode & 0o077:
                path.chmod(_OWNER_ONLY)

    def __exit__(self, *_: object) -> None:
        os.close(self._lock)
