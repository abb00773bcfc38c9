"""The bridge's side of `tws-bridge health`: a Unix socket in the state folder.

The bridge answers a connection when a message of its own has come back through the ROUTER socket. So an answer proves
that the event loop turns and that it serves requests. It says nothing about TWS.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections import deque
from pathlib import Path

from bridge.bus.probe import Probe
from bridge.health import ALIVE, SOCKET, socket_path
from bridge.logs import tell

_LOG = logging.getLogger("bridge")
_OWNER_ONLY = 0o600


class HealthSocket:
    """Answers on the socket between `start` and `close`. The caller has locked the state folder."""

    def __init__(self, folder: Path, probe: Probe) -> None:
        self._folder = folder
        self._probe = probe
        self._server: asyncio.Server | None = None
        #: The connections that wait for their message to come back, oldest first.
        self._waiting: deque[asyncio.Transport] = deque()

    async def start(self) -> None:
        """Listen. If the file system cannot hold a socket, the log says so, and the bridge runs without."""
        loop = asyncio.get_running_loop()
        try:
            listener = _listen(self._folder)
        except OSError as error:
            tell(_LOG, "healthUnavailable", path=str(self._folder / SOCKET), reason=error.strerror or str(error))
            return
        loop.add_reader(self._probe.descriptor(), self._answer)
        self._server = await loop.create_unix_server(lambda: _Question(self), sock=listener)

    def close(self) -> None:
        """Stop listening. Connections that wait get no answer."""
        if self._server is None:
            return
        asyncio.get_running_loop().remove_reader(self._probe.descriptor())
        self._server.close()
        (self._folder / SOCKET).unlink(missing_ok=True)
        while self._waiting:
            self._waiting.popleft().abort()

    def ask(self, transport: asyncio.Transport) -> None:
        """Answer this connection when a message has come back."""
        self._waiting.append(transport)
        self._probe.send()
        self._answer()

    def _answer(self) -> None:
        for _ in range(self._probe.answers()):
            if self._waiting:
                transport = self._waiting.popleft()
                if not transport.is_closing():
                    transport.write(ALIVE)
                    transport.close()


class _Question(asyncio.Protocol):
    """One connection of `tws-bridge health`."""

    def __init__(self, health: HealthSocket) -> None:
        self._health = health

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._health.ask(transport)


def _listen(folder: Path) -> socket.socket:
    """A socket in the place of one that a killed bridge has left. Raises OSError."""
    (folder / SOCKET).unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX)
    descriptor = None
    try:
        path, descriptor = socket_path(str(folder))
        listener.bind(path)
        (folder / SOCKET).chmod(_OWNER_ONLY)
    except OSError:
        listener.close()
        raise
    finally:
        if descriptor is not None:
            os.close(descriptor)
    return listener
