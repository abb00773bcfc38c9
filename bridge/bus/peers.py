"""The peer of a ZeroMQ connection, by file descriptor: its address, its identity, and how to disconnect it.

ZeroMQ has no function for these. The descriptor belongs to ZeroMQ, so this module uses only copies of it.
"""

from __future__ import annotations

import contextlib
import os
import socket as sockets
import sys

#: The place of tcpi_bytes_received in struct tcp_info.
_BYTES_RECEIVED = 128


def address(descriptor: int) -> str:
    """The address of the peer, or a text if there is none."""
    try:
        with sockets.socket(fileno=os.dup(descriptor)) as copy:
            found = copy.getpeername()
    except OSError:
        return "a peer that has disconnected"
    return f"{found[0]}:{found[1]}" if isinstance(found, tuple) else "this machine"


def identity(descriptor: int) -> tuple[int, int] | None:
    """Identifies the connection among all that use the same descriptor over time. None if it has ended."""
    try:
        found = os.fstat(descriptor)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def arrived_bytes(descriptor: int) -> int | None:
    """How many bytes have arrived on a connection since it began. None if it is not TCP, or not on Linux.

    Source: `tcpi_bytes_received` of `struct tcp_info` in Linux's linux/tcp.h.
    """
    if not sys.platform.startswith("linux"):
        return None
    try:
        with sockets.socket(fileno=os.dup(descriptor)) as copy:
            if copy.family not in (sockets.AF_INET, sockets.AF_INET6):
                return None
            info = copy.getsockopt(sockets.IPPROTO_TCP, sockets.TCP_INFO, _BYTES_RECEIVED + 8)
    except OSError:
        return None
    return int.from_bytes(info[_BYTES_RECEIVED:], sys.byteorder) if len(info) == _BYTES_RECEIVED + 8 else None


def disconnect(descriptor: int, endpoint: str) -> None:
    """Disconnect a connection of the socket that is bound to `endpoint`. ZeroMQ sees it as a disconnect by the peer.

    If the connection has ended and the descriptor is of something else now, this does nothing.
    """
    with contextlib.suppress(OSError), sockets.socket(fileno=os.dup(descriptor)) as copy:
        if _is_at(copy.getsockname(), endpoint):
            copy.shutdown(sockets.SHUT_RDWR)


def _is_at(name: object, endpoint: str) -> bool:
    """Whether the local address of a connection is that of the endpoint."""
    if isinstance(name, tuple):
        return endpoint.startswith("tcp://") and endpoint.endswith(f":{name[1]}")
    path = name.decode() if isinstance(name, bytes) else str(name)
    return endpoint == "ipc://" + path.replace("\0", "@")
