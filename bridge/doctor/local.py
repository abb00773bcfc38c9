"""The checks of this machine: environment, state folder, ledger, disk and keys. They make and change nothing.

Another user than the bridge's may run the doctor: a file that it made would keep the bridge from starting.
"""

from __future__ import annotations

import os
import pwd
import shutil
import stat
from pathlib import Path
from typing import NamedTuple

from bridge import keys, state_folder
from bridge.doctor.findings import Examination
from bridge.ledger import LedgerUnread, LedgerUnusable, glance
from bridge.settings import BridgeSettings, unknown_variables
from bridge.state_folder import StateInUse, StateTaken

#: The least free space on the disk of the state folder.
LEAST_FREE = 1 << 30
_OWNER = "Give the folder and its files to the bridge's user alone, or name another folder as `state`."
_RESTORE = "Restore a backup, and reconcile with TWS before you trade: docs/guides/deployment.md."


class Held(NamedTuple):
    """What the state folder says. `is_running`: a process uses it. `accounts`: those of the ledger."""

    is_running: bool = False
    accounts: frozenset[str] = frozenset()


def check_environment(found: Examination) -> None:
    """Name variables that look like settings and are none."""
    for line in unknown_variables():
        found.warn("environment", line, "Correct the name of the variable, or remove it.")


def check_state(found: Examination, settings: BridgeSettings) -> Held:
    """Check the state folder and what is in it."""
    folder: Path = settings.state
    try:
        if not folder.exists():
            _check_parent(found, folder)
            return Held()
        if not folder.is_dir():
            found.fail("state folder", f"{folder}: it is a file", "Name a folder as `state`, or remove the file.")
            return Held()
        state_folder.check_mode(folder)
        if not _is_usable(found, folder):
            return Held()
        state_folder.check_free(folder)
    except StateInUse as error:
        found.ok("state folder", str(error))
        return Held(is_running=True)
    except StateTaken as error:
        found.fail("state folder", str(error), _OWNER)
        return Held()
    except OSError as error:
        found.fail("state folder", f"{error.filename or folder}: {os.strerror(error.errno or 0)}", _OWNER)
        return Held()
    found.ok("state folder", f"{folder}: no other process uses it")
    accounts = _check_files(found, folder, settings.client_id)
    _check_disk(found, folder)
    return Held(accounts=frozenset(accounts))


def _check_parent(found: Examination, folder: Path) -> None:
    """The bridge makes the folder, if it may."""
    parent = next(parent for parent in folder.absolute().parents if parent.exists())
    if not parent.is_dir() or not os.access(parent, os.W_OK | os.X_OK, effective_ids=True):
        why = "it is a file" if not parent.is_dir() else "this user may not make a folder there"
        remedy = "Make the folder as the bridge's user, or name another one as `state`."
        found.fail("state folder", f"{folder} cannot be made in {parent}: {why}", remedy)
        return
    found.ok("state folder", f"{folder}: the bridge makes it when it starts")
    found.ok("ledger", f"{folder / 'ledger.sqlite'}: the bridge makes it when it starts")
    _check_disk(found, parent)


def _is_usable(found: Examination, folder: Path) -> bool:
    """Whether this user, and the owner of the folder, may write there."""
    status = folder.stat()
    mode = stat.S_IMODE(status.st_mode)
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK, effective_ids=True) or (
        status.st_uid and mode < stat.S_IRWXU
    ):
        text = f"{folder}: mode {mode:04o}, of user {_name(status.st_uid)}: user {_name(os.geteuid())} cannot use it"
        found.fail("state folder", text, f"chmod 700 {folder}. {_OWNER}")
        return False
    if status.st_uid != os.geteuid():
        text = f"{folder} belongs to user {_name(status.st_uid)}; the doctor runs as {_name(os.geteuid())}"
        found.warn("user", text, "Run the doctor as the user of the bridge: only then it sees what that user may do.")
    return True


def _name(user: int) -> str:
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return str(user)


def _check_disk(found: Examination, folder: Path) -> None:
    free = shutil.disk_usage(folder).free
    if free < LEAST_FREE:
        text = f"{folder}: {free >> 20} MiB are free on its disk"
        found.warn("disk", text, f"Free space: the ledger grows, and below {LEAST_FREE >> 20} MiB it may soon be full.")
    else:
        found.ok("disk", f"{free >> 30} GiB are free")


def _check_files(found: Examination, folder: Path, client_id: int) -> set[str]:
    """Check the files in the folder. Return the accounts of the ledger."""
    owner = folder.stat().st_uid
    for path in (folder / name for name in state_folder.OWN):
        if path.exists() and not path.is_dir() and not os.access(path, os.R_OK | os.W_OK, effective_ids=True):
            found.fail("state folder", f"{path}: user {_name(os.geteuid())} may not read and write it", _OWNER)
        elif path.exists() and path.stat().st_uid != owner:
            found.warn("state folder", f"{path} belongs to {_name(path.stat().st_uid)}, its folder does not", _OWNER)
    try:
        state_folder.load_runs(folder)
    except StateTaken as error:
        found.fail("state folder", str(error), _RESTORE)
    for reason in (state_folder.halt_reason(folder), state_folder.load_halt(folder)):
        if reason is not None:
            found.fail("kill switch", f"trading is halted: {reason}", code="halted")
    return _check_ledger(found, folder / "ledger.sqlite", client_id)


def _check_ledger(found: Examination, path: Path, client_id: int) -> set[str]:
    if not path.exists() or (path.is_file() and not path.stat().st_size):
        found.ok("ledger", f"{path}: the bridge makes it when it starts")
        return set()
    try:
        problems, accounts = glance(path, client_id)
    except LedgerUnread as error:
        found.warn("ledger", f"ledger {error}", "`tws-bridge ledger check`, as the bridge's user, reads it.")
        return set()
    except LedgerUnusable as error:
        found.fail("ledger", f"ledger {error}", _RESTORE)
        return set()
    for problem in problems:
        remedy = "Use the state folder of this client id, and a tws-bridge as new as the one that made the ledger."
        found.fail("ledger", f"ledger {problem}", remedy)
    if not problems:
        found.ok("ledger", f"{path}: of client id {client_id}")
    return accounts


def check_keys(found: Examination, settings: BridgeSettings) -> None:
    """Check the bridge's key file."""
    if settings.key is None:
        found.ok("keys", "the bridge uses none: only programs on this machine can connect")
        return
    try:
        settings.access(settings.permissions)
    except keys.KeyFileError as error:
        found.fail("keys", str(error), "Make the key with `tws-bridge keys new`, and let the bridge's user read it.")
    else:
        found.ok("keys", f"{settings.key}, and {len(settings.clients)} clients")
