"""The checks of this machine: state folder, ledger, disk, keys and endpoints."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import zmq

from bridge import keys, state_folder
from bridge.bus.endpoints import http_address
from bridge.doctor.findings import Examination
from bridge.http.thread import listening
from bridge.ledger import LedgerUnusable, glance
from bridge.settings import BridgeSettings, unknown_variables
from bridge.state_folder import StateFolder, StateTaken

#: The least free space on the disk of the state folder.
LEAST_FREE = 1 << 30


def check_environment(found: Examination) -> None:
    """Name variables that look like settings and are none."""
    for line in unknown_variables():
        found.warn("environment", line, "Correct the name of the variable, or remove it.")


def check_state(found: Examination, settings: BridgeSettings) -> bool | None:
    """Check the state folder. Return whether a bridge runs with it; None if the folder cannot be used."""
    folder: Path = settings.state
    try:
        with StateFolder(folder):
            is_running = False
            found.ok("state folder", f"{folder}: no other process uses it")
            _check_halt(found, folder)
            _check_ledger(found, folder / "ledger.sqlite", settings.client_id)
    except StateTaken as error:
        if "in use" not in str(error):
            found.fail("state folder", str(error), "Give the folder to the bridge's user alone, or name another one.")
            return None
        is_running = True
        found.ok("state folder", str(error))
    free = shutil.disk_usage(folder).free
    if free < LEAST_FREE:
        text = f"{folder}: {free >> 20} MiB are free on its disk"
        found.warn("disk", text, f"Free space: the ledger grows, and below {LEAST_FREE >> 20} MiB it may soon be full.")
    else:
        found.ok("disk", f"{free >> 30} GiB are free")
    return is_running


def _check_halt(found: Examination, folder: Path) -> None:
    for reason in (state_folder.halt_reason(folder), state_folder.load_halt(folder)):
        if reason is not None:
            found.fail("kill switch", f"trading is halted: {reason}", code="halted")


def _check_ledger(found: Examination, path: Path, client_id: int) -> None:
    if not path.exists():
        found.ok("ledger", f"{path}: the bridge makes it when it starts")
        return
    try:
        problems = glance(path, client_id)
    except LedgerUnusable as error:
        remedy = "Restore a backup, and reconcile with TWS before you trade: docs/guides/deployment.md."
        found.fail("ledger", f"ledger {error}", remedy)
        return
    for problem in problems:
        remedy = "Use the state folder of this client id, and a tws-bridge as new as the one that made the ledger."
        found.fail("ledger", f"ledger {problem}", remedy)
    if not problems:
        found.ok("ledger", f"{path}: of client id {client_id}")


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


def check_endpoints(found: Examination, settings: BridgeSettings) -> None:
    """Bind the endpoints for a moment. Only while no bridge runs with these settings."""
    context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
    try:
        for name, endpoint in (("events", settings.events), ("requests", settings.requests)):
            if endpoint.startswith("ipc://") and Path(endpoint.removeprefix("ipc://")).exists():
                found.ok(name, f"{endpoint}: the bridge replaces this socket when it starts")
                continue
            with context.socket(zmq.PUB) as socket:
                try:
                    socket.bind(endpoint)
                except zmq.ZMQError as error:
                    remedy = "Stop the program that uses it, or choose another endpoint."
                    found.fail(name, f"{endpoint}: {os.strerror(error.errno) if error.errno else error}", remedy)
                else:
                    found.ok(name, f"{endpoint}: free")
    finally:
        context.term()
    if settings.http is not None:
        try:
            listening(*http_address(settings.http)).close()
        except OSError as error:
            remedy = "Stop the program that uses it, or choose another address."
            found.fail("http", f"{settings.http}: {error.strerror or error}", remedy)
        else:
            found.ok("http", f"{settings.http}: free")
