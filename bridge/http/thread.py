"""The thread of the HTTP server, with an event loop of its own: a slow peer cannot delay the bridge's loop."""

from __future__ import annotations

import asyncio
import logging
import socket
import sys
import threading
import traceback

from bridge.http.bridge_side import BridgeSide
from bridge.http.calling import BridgeCalls
from bridge.http.server import HttpServer
from bridge.http.views import Views
from bridge.logs import tell

_LOG = logging.getLogger("bridge.http")
#: Seconds after which Python lets another thread run that waits. Its default, 5 ms, would be the delay of a tick
#: whenever this thread has work.
_SWITCH = 0.0005

#: How many connections the kernel keeps that the server has not accepted.
_BACKLOG = 128


def listening(host: str, port: int) -> socket.socket:
    """Return a socket that listens on this address. Raises OSError."""
    family, kind, protocol, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    bound = socket.socket(family, kind, protocol)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
        bound.listen(_BACKLOG)
        bound.setblocking(False)
    except OSError:
        bound.close()
        raise
    return bound


class HttpThread:
    """Serves on `listener` from `start` to `stop`. `side`: what it may ask of the bridge."""

    def __init__(self, listener: socket.socket, side: BridgeSide, token: str | None) -> None:
        self._listener = listener
        self._side = side
        self._token = token
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self._started = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def address(self) -> str:
        """Where the server is, as a URL."""
        host, port = self._listener.getsockname()[:2]
        return f"http://{f'[{host}]' if ':' in host else host}:{port}/"

    def start(self) -> None:
        """Start the thread. The bridge's loop calls it."""
        sys.setswitchinterval(_SWITCH)
        bridge = asyncio.get_running_loop()
        self._thread = threading.Thread(target=self._run, args=(bridge,), name="http", daemon=True)
        self._thread.start()
        self._started.wait()

    def stop(self) -> None:
        """End all connections and the thread."""
        if self._thread is None:
            self._listener.close()
            return
        if self._loop is not None and self._task is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._task.cancel)
        self._thread.join(timeout=5)

    def _run(self, bridge: asyncio.AbstractEventLoop) -> None:
        try:
            asyncio.run(self._serve(bridge))
        except asyncio.CancelledError:
            _LOG.debug("the HTTP server has ended")
        except Exception as fault:
            tell(_LOG, "defect", what="the HTTP server has ended", reason=repr(fault), traceback=traceback.format_exc())
        finally:
            self._started.set()

    async def _serve(self, bridge: asyncio.AbstractEventLoop) -> None:
        self._loop, self._task = asyncio.get_running_loop(), asyncio.current_task()
        self._started.set()
        views = Views(bridge, self._side.figures)
        await HttpServer(self._listener, views, BridgeCalls(bridge), self._side, self._token).run()
