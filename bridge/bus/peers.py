"""The other end of a connection that ZeroMQ holds, by its descriptor: who it is, and an end to it.

ZeroMQ itself has no word for either. The descriptor is its own: we only ever look at a copy.
"""

from __future__ import annotations

import contextlib
import os
import socket as sockets


def address(descriptor: int) -> str:
    """The address at the other end."""
    try:
        with sockets.socket(fileno=os.dup(descriptor)) as copy:
            found = copy.getpeername()
    except OSError:
        return "an address that has gone"
    return f"{found[0]}:{found[1]}" if isinstance(found, tuple) else "this machine"


def identity(descriptor: int) -> tuple[int, int] | None:
    """What tells this connection from any other that has had or gets the same descriptor; None where it has ended."""
    try:
        found = os.fstat(descriptor)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def hang_up(descriptor: int, endpoint: str) -> None:
    """End a connection of the socket that is bound to `endpoint`; ZeroMQ takes it for the peer's doing.

    It may have ended by itself, and its descriptor be something else by now: that is left alone.
    """
    with contextlib.suppress(OSError), sockets.socket(fileno=os.dup(descriptor)) as copy:
        if _is_at(copy.getsockname(), endpoint):
            copy.shutdown(sockets.SHUT_RDWR)


def _is_at(name: object, endpoint: str) -> bool:
    """Whether this end of a connection has the address of the endpoint."""
    if isinstance(name, tuple):
        return endpoint.startswith("tcp://") and endpoint.endswith(f":{name[1]}")
    path = name.decode() if isinstance(name, bytes) else str(name)
    return endpoint == "ipc://" + path.replace("\0", "@")
