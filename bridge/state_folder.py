"""The state folder. The bridge makes it if it is missing, and locks it, so that only one process uses it.

The bridge refuses a folder to which its group or others have access. It does not change the mode, because the folder
may have other uses (`/tmp`), and because a process that had access before may hold files in it open.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import stat
from pathlib import Path
from typing import Self

_RUNS = "instances.json"
_HALTED = "halted-by-admin"
#: The files of the bridge; only its user may read them. SQLite gives its other files the mode of the first.
OWN = (_RUNS, _HALTED, "ledger.sqlite", "ledger.sqlite-wal", "ledger.sqlite-shm", "lock")
_OWNER_ONLY = 0o600
_NOT_REGULAR = "it is not a regular file"


def halt_reason(folder: Path) -> str | None:
    """Returns the first line of the file `halt` in the state folder, which halts trading; None if there is no file.

    Whatever else has that name, or cannot be read, also halts trading, such as a folder or a link to nothing.
    """
    return _reason(folder / "halt")


def _reason(path: Path) -> str | None:
    """The first line of the file; None if nothing has that name. It never waits: the bridge's event loop calls it."""
    name = f"the file {path.name} in the state folder"
    try:
        with open(path, encoding="utf-8", errors="replace", opener=_open_at_once) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                return f"{name}: it is not a regular file"
            return file.readline(1000).strip() or name
    except FileNotFoundError:
        return f"{name}: it is a link to nothing" if path.is_symlink() else None
    except OSError as error:
        return f"{name}: {os.strerror(error.errno or 0)}"


def open_regular(path: str | Path, flags: int, mode: int = 0o666) -> int:
    """Open as `open` does, but raise OSError where the file is not a regular one: a FIFO would wait for a writer."""
    descriptor = os.open(path, flags | os.O_NONBLOCK | os.O_CLOEXEC, mode)
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return descriptor
    os.close(descriptor)
    raise OSError(errno.EINVAL, _NOT_REGULAR, str(path))


def _open_at_once(path: str, flags: int) -> int:
    """Without O_NONBLOCK a FIFO would wait for a writer."""
    return os.open(path, flags | os.O_NONBLOCK)


class StateTaken(Exception):
    """The state folder cannot be used; the text says why."""


class StateInUse(StateTaken):
    """Another process holds the lock of the state folder."""


def load_runs(folder: Path) -> dict[str, list[str]]:
    """Read the runs that `save_runs` wrote; empty if there is no file. Raises StateTaken if it cannot be read."""
    path = folder / _RUNS
    try:
        with open(path, encoding="utf-8", opener=open_regular) as file:
            found = json.load(file)
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise StateTaken(f"{path}: cannot read which runs of clients are fenced: {error}") from None
    if not isinstance(found, dict) or not all(isinstance(runs, list) for runs in found.values()):
        raise StateTaken(f"{path}: cannot read which runs of clients are fenced: it does not have lists by client")
    return {str(client): [str(run) for run in runs] for client, runs in found.items()}


def save_runs(folder: Path, runs: dict[str, list[str]]) -> None:
    """Store which runs of each client have sent `hello`, oldest first. Raises OSError."""
    _replace(folder / _RUNS, json.dumps(runs))


def load_halt(folder: Path) -> str | None:
    """Read why an admin has halted trading; None if nobody has. A file that cannot be read also halts trading."""
    return _reason(folder / _HALTED)


def save_halt(folder: Path, reason: str | None) -> None:
    """Store why an admin has halted trading; None removes the halt. Raises OSError."""
    if reason is not None:
        _replace(folder / _HALTED, reason)
    else:
        (folder / _HALTED).unlink(missing_ok=True)
        _sync(folder)


def _replace(path: Path, text: str) -> None:
    """Replace the file atomically. The new text is on disk when this returns."""
    fresh = path.with_name(f"{path.name}.new")
    with open(fresh, "w", encoding="utf-8", opener=_open_private) as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    _sync(path.parent)


def private(path: Path) -> Path:
    """Make an empty file if it is missing, and let only its owner read it. Returns the path. Raises StateTaken."""
    try:
        descriptor = open_regular(path, os.O_RDWR | os.O_CREAT, _OWNER_ONLY)
        os.fchmod(descriptor, _OWNER_ONLY)
        os.close(descriptor)
    except OSError as error:
        raise StateTaken(f"{path}: {error.strerror}") from None
    return path


def _open_private(path: str | Path, flags: int) -> int:
    descriptor = os.open(path, flags, _OWNER_ONLY)
    os.fchmod(descriptor, _OWNER_ONLY)
    return descriptor


def _sync(folder: Path) -> None:
    """Flush the folder to disk, so that a new or removed file survives a loss of power."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def check_mode(folder: Path) -> None:
    """Raises StateTaken if others than the owner have access to the folder, OSError if it cannot be read."""
    if (foreign := _foreign(folder)) is not None:
        raise StateTaken(f"state folder {folder}: {foreign}")
    mode = stat.S_IMODE(folder.stat().st_mode)
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise StateTaken(
            f"state folder {folder}: its group or others have access to it (mode {mode:04o}); "
            f"only the bridge may use it: chmod 700 {folder}"
        )


def _foreign(folder: Path) -> str | None:
    """Say whose the folder is if it is another user's, and this process is not root; else None. Raises OSError.

    It is how a volume looks that another container has made. To change its mode would not help.
    """
    owner, own = folder.stat().st_uid, os.geteuid()
    if own in (0, owner):
        return None
    return (
        f"it belongs to the uid {owner}, and this process has the uid {own}. "
        f"As root: chown -R {own} {folder} && chmod 700 {folder}. Or run the bridge as the uid {owner}"
    )


def check_free(folder: Path) -> None:
    """Raises StateInUse if a process holds the lock of the folder, OSError if that cannot be seen.

    It makes and changes nothing, so that another user than the bridge's may call it.
    """
    try:
        lock = _open_lock(folder, os.O_RDONLY)
    except FileNotFoundError:
        return
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        raise _in_use(folder, lock) from None
    finally:
        os.close(lock)


def _open_lock(folder: Path, flags: int) -> int:
    """Raises StateTaken if the lock is not a regular file, or else OSError if it cannot be opened."""
    path = folder / "lock"
    try:
        return open_regular(path, flags, _OWNER_ONLY)
    except OSError as error:
        if error.strerror == _NOT_REGULAR:
            raise StateTaken(f"{path}: {_NOT_REGULAR}; remove it") from None
        raise


def _in_use(folder: Path, lock: int) -> StateInUse:
    holder = os.read(lock, 32).decode("ascii", "replace").strip()
    return StateInUse(f"state folder {folder}: it is in use (process {holder or '?'})")


class StateFolder:
    """A context manager that holds the lock of the state folder. The lock ends with the process."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = -1

    def __enter__(self) -> Self:
        """Lock the folder. Raises StateTaken if another process holds it, others have access, or it cannot be made."""
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            check_mode(self.path)
            while not self._hold_lock():
                os.close(self._lock)
        except OSError as error:
            raise StateTaken(f"state folder {self.path}: {os.strerror(error.errno or 0)}") from None
        os.ftruncate(self._lock, 0)
        os.write(self._lock, f"{os.getpid()}\n".encode())
        self._restrict_files()
        return self

    def _hold_lock(self) -> bool:
        """Lock the file. Returns False if another process has removed it meanwhile: a second bridge would lock another.

        Raises StateTaken if another process holds the lock.
        """
        self._lock = _open_lock(self.path, os.O_RDWR | os.O_CREAT)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            taken = _in_use(self.path, self._lock)
            os.close(self._lock)
            raise taken from None
        try:
            return os.path.samestat(os.fstat(self._lock), os.stat(self.path / "lock"))
        except FileNotFoundError:
            return False

    def _restrict_files(self) -> None:
        """Remove the access of others to files of an earlier version or from a backup."""
        for path in (self.path / name for name in OWN):
            if path.is_file() and path.stat().st_mode & 0o077:
                path.chmod(_OWNER_ONLY)

    def __exit__(self, *_: object) -> None:
        os.close(self._lock)
