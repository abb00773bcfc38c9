"""One HTTP connection, and how many of them the server has.

A peer may be slow or hostile. So there are few connections, and each has little time. When there is no room, the one
that has been idle for longest makes room for the next: idle connections cannot keep Prometheus out.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterator

from aiohttp import web
from aiohttp.web_protocol import RequestHandler
from aiohttp.web_request import BaseRequest
from aiohttp.web_server import Server

from bridge.http.answers import told

_LOG = logging.getLogger("bridge.http")
#: How many connections there may be, and how many of them may be streams of events.
MOST_CONNECTIONS = 64
MOST_STREAMS = 16
#: Seconds that a connection has for its next request with its answer, from its beginning or its last request.
PATIENCE = 15.0
#: The longest request line, header field, and number of header fields.
_LINE = 2048
_FIELD = 4096
_FIELDS = 50


class HttpConnection(RequestHandler):
    """aiohttp's protocol of one connection. `since`: when its last request began. `is_stream`: it carries events."""

    __slots__ = ("is_stream", "since")

    def __init__(self, server: Server, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(
            server,
            loop=loop, access_log=None,  # type: ignore[arg-type]  # None is how aiohttp itself turns it off
            keepalive_timeout=PATIENCE, lingering_time=0.0, max_line_size=_LINE,
            max_field_size=_FIELD, max_headers=_FIELDS, auto_decompress=False, logger=_LOG,
        )  # fmt: skip
        self.since = time.monotonic()
        self.is_stream = False

    @property
    def is_idle(self) -> bool:
        """Whether the server is not answering a request on it."""
        return not self._request_in_progress

    def abort(self) -> None:
        """End the connection at once, with all that waits to be sent."""
        if self.transport is not None:
            self.transport.abort()

    def handle_error(
        self, request: BaseRequest, status: int = 500, exc: BaseException | None = None, message: str | None = None
    ) -> web.StreamResponse:
        """Answer a request that is not HTTP, or that failed. aiohttp calls it; its own answer would show a page."""
        if status == 500:
            self.log_exception("a defect of the bridge: it failed to answer %s", request.path, exc_info=exc)
        answer = told({"error": "the request is not valid HTTP" if status == 400 else "the bridge failed"}, status)
        answer.force_close()
        return answer


class Connections:
    """All open connections of a server."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def __iter__(self) -> Iterator[HttpConnection]:
        return (one for one in self._server.connections if isinstance(one, HttpConnection) and one.transport)

    def make_room(self) -> None:
        """End the connection that has been idle for longest, if there are too many. Streams stay."""
        ordinary = [one for one in self if not one.is_stream]
        if len(ordinary) >= MOST_CONNECTIONS - MOST_STREAMS:
            min(ordinary, key=lambda one: (not one.is_idle, one.since)).abort()

    def end_slow(self) -> None:
        """End the connections that have had too much time."""
        limit = time.monotonic() - PATIENCE
        for connection in list(self):
            if connection.since < limit and not connection.is_stream:
                connection.abort()

    def streams(self) -> int:
        """Return how many connections carry events."""
        return sum(one.is_stream for one in self)
