"""The checks of the endpoints and of the HTTP address: whether the bridge can bind them, and who has them now."""

from __future__ import annotations

import contextlib
import os
import socket
import stat
from pathlib import Path

import zmq

from bridge.bus.endpoints import http_address, ipc_path
from bridge.doctor.findings import Examination
from bridge.settings import BridgeSettings

#: The longest path of a Unix socket in Linux.
_LONGEST = 107
#: Seconds for a program on this machine to accept a connection.
_ACCEPTS_IN = 2.0
_STOP = "Stop the program that uses it, or choose another endpoint."
#: Where a program listens on all addresses of the machine -> where to connect to it.
_HERE = {"*": "127.0.0.1", "0.0.0.0": "127.0.0.1", "[::]": "[::1]"}


def has_place(endpoint: str) -> bool:
    """Whether the endpoint has a place that others can know: no free port that the bridge chooses."""
    return not endpoint.endswith((":*", ":0"))


def to_connect(endpoint: str) -> str:
    """The endpoint where a client on this machine connects."""
    scheme, _, address = endpoint.partition("://")
    host, _, port = address.rpartition(":")
    return f"tcp://{_HERE[host]}:{port}" if scheme == "tcp" and host in _HERE else endpoint


def answers(endpoint: str) -> bool:
    """Whether a program accepts connections there."""
    if not has_place(endpoint):
        return False
    path = ipc_path(endpoint)
    with contextlib.suppress(OSError, ValueError):
        if path is not None:
            with socket.socket(socket.AF_UNIX) as peer:
                peer.settimeout(_ACCEPTS_IN)
                peer.connect(path)
            return True
        host, _, port = to_connect(endpoint).removeprefix("tcp://").rpartition(":")
        with socket.create_connection((host.strip("[]"), int(port)), _ACCEPTS_IN):
            return True
    return False


def check_endpoints(found: Examination, settings: BridgeSettings) -> None:
    """Whether the bridge can bind its endpoints. Only while no bridge runs with these settings."""
    for name, endpoint in (("events", settings.events), ("requests", settings.requests)):
        path = ipc_path(endpoint)
        trouble = _trouble_of_port(endpoint) if path is None else _trouble_of_ipc(endpoint, Path(path))
        if trouble is None:
            found.ok(name, f"{endpoint}: free")
        else:
            found.fail(name, f"{endpoint}: {trouble[0]}", trouble[1])
    if settings.http is not None:
        from bridge.http.thread import listening  # noqa: PLC0415 - its libraries are large

        try:
            listening(*http_address(settings.http)).close()
        except OSError as error:
            remedy = "Stop the program that uses it, or choose another address."
            found.fail("http", f"{settings.http}: {error.strerror or error}", remedy)
        else:
            found.ok("http", f"{settings.http}: free")


def _trouble_of_port(endpoint: str) -> tuple[str, str] | None:
    """Why the bridge cannot bind this endpoint, and what to do. It binds it for a moment, which leaves nothing."""
    context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
    try:
        with context.socket(zmq.PUB) as bound:
            bound.bind(endpoint)
    except zmq.ZMQError as error:
        return os.strerror(error.errno) if error.errno else str(error), _STOP
    finally:
        context.term()
    return None


def _trouble_of_ipc(endpoint: str, path: Path) -> tuple[str, str] | None:
    """The same for a file. It makes none, since its owner would be the user of the doctor."""
    folder = path.absolute().parent
    write = "Let the bridge's user write to the folder, or choose another endpoint."
    try:
        if len(os.fsencode(path)) > _LONGEST:
            return f"the path has more than {_LONGEST} bytes", "Choose a shorter path."
        if not folder.is_dir():
            what = "is not a folder" if folder.exists() else "is missing"
            return f"the folder {folder} {what}", "Make the folder for the bridge's user, or choose another endpoint."
        if path.is_dir():
            return "it is a folder", "Choose another endpoint, or remove the folder."
        if not os.access(folder, os.W_OK | os.X_OK, effective_ids=True):
            return f"this user may not write to the folder {folder}", write
        if path.exists() and _is_kept(path, folder):
            return f"in {folder} only the owner of the file may replace it, and that is another user", write
    except OSError as error:
        return os.strerror(error.errno or 0), write
    if answers(endpoint):
        return "a program listens there", _STOP
    return None


def _is_kept(path: Path, folder: Path) -> bool:
    """Whether the folder is sticky, as /tmp is, so that this user cannot remove a file of another one."""
    status, user = folder.stat(), os.geteuid()
    return bool(status.st_mode & stat.S_ISVTX) and user not in (0, status.st_uid, path.lstat().st_uid)
