"""Whether a process listens on the file of an ipc endpoint."""

from __future__ import annotations

import errno
import socket

import zmq

from bridge.bus.endpoints import ipc_path


def check_free(endpoint: str) -> None:
    """Raise zmq.ZMQError (EADDRINUSE) if a process listens on the ipc endpoint: ZeroMQ would take its file silently."""
    if (path := ipc_path(endpoint)) is None:
        return
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(1.0)
        try:
            client.connect(path)
        except BlockingIOError:  # its queue of connections is full
            pass
        except OSError:
            return
    raise zmq.ZMQError(errno.EADDRINUSE)
