"""`tws-bridge health`: is the bridge alive? It asks through a Unix socket in the state folder, and needs no keys.

Docker starts this every few seconds, so it imports almost nothing. "Alive" says nothing about TWS: `status` does.
"""

from __future__ import annotations

import os
import sys
from _socket import AF_UNIX  # `socket` itself takes longer to import than all the rest
from _socket import socket as Socket

#: The socket, in the state folder. The bridge answers each connection with `ALIVE` and closes it.
SOCKET = "health.sock"
ALIVE = b"alive\n"
STATE = "TWS_BRIDGE_STATE"
DEFAULT_STATE = "tws-bridge-state"
PATIENCE = 3.0
#: The longest path that every system takes for a Unix socket.
_LONGEST = 100


def socket_path(folder: str) -> tuple[str, int | None]:
    """The path of the socket, and the descriptor that it goes through if it would be too long for a Unix socket."""
    path = f"{folder}/{SOCKET}"
    if len(os.fsencode(path)) <= _LONGEST:
        return path, None
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    return f"/proc/self/fd/{descriptor}/{SOCKET}", descriptor


def problem(folder: str, patience: float = PATIENCE) -> str | None:
    """Ask the bridge whose state folder this is. Returns None if it answers in time, and otherwise what is wrong."""
    descriptor = None
    try:
        connection = Socket(AF_UNIX)
        connection.settimeout(patience)
        path, descriptor = socket_path(folder)
        connection.connect(path)
        if connection.recv(len(ALIVE)) == ALIVE:
            return None
        return "the bridge closed the connection without an answer: it is stopping"
    except TimeoutError:
        return f"the bridge does not answer within {patience:g} s: it is frozen, or overloaded"
    except FileNotFoundError:
        return f"{folder}/{SOCKET} is missing: no bridge runs with this state folder, or it is still starting"
    except ConnectionRefusedError:
        return f"nothing listens on {folder}/{SOCKET}: the bridge was killed, or is still starting"
    except OSError as error:
        return f"{folder}/{SOCKET}: {error.strerror or error}"
    finally:
        if descriptor is not None:
            os.close(descriptor)


def main(folder: str | None = None, patience: float = PATIENCE) -> int:
    """Print `alive`, or why the bridge is not. Returns the exit code. Without a folder: the one of the environment."""
    found = problem(folder or os.environ.get(STATE) or DEFAULT_STATE, patience)
    if found is None:
        print("alive")
        return 0
    print(f"tws-bridge: {found}", file=sys.stderr)
    return 1
