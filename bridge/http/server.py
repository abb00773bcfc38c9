"""The HTTP server: it accepts connections, and answers each request from the views.

It runs on an event loop of its own, in a thread of its own (`thread.py`). It does not know the session.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import Awaitable, Callable

from aiohttp import web
from aiohttp.web_request import BaseRequest
from aiohttp.web_server import Server

from bridge.http.answers import SECURITY, encoded, text, told
from bridge.http.bridge_side import BridgeSide
from bridge.http.calling import BridgeCalls, NotCalled
from bridge.http.connection import MOST_STREAMS, Connections, HttpConnection
from bridge.http.gate import Gate
from bridge.http.operations import Operation, OperationRefused, operation
from bridge.http.page_files import PAGE_PATHS, page_files
from bridge.http.throttle import HttpThrottle
from bridge.http.topics import MOST_PREFIX, told_topics
from bridge.http.views import Views
from bridge.session.values import Data

_LOG = logging.getLogger("bridge.http")
#: How many connections and requests the server takes in a second, and at once. The others wait.
_CONNECTIONS_A_SECOND = 50.0
_REQUESTS_A_SECOND = 50.0
_BURST = 50
#: Seconds between two overviews on a stream, and that the peer has to take one.
_EVERY = 1.0
_TAKES = 5.0
#: How many times a second the server looks for topics, because the bridge's loop pays for it.
_LOOKS_A_SECOND = 2.0
_LOOKS = 4
_POST = {"Allow": "POST"}

Route = Callable[[BaseRequest], Awaitable[web.StreamResponse]]
#: These need no token. They say yes or no, and nothing else without it.
PUBLIC = frozenset({"/livez", "/readyz", *PAGE_PATHS})
#: These change something, so they take POST only.
CHANGING = frozenset({"/api/halt", "/api/resume"})


class HttpServer:
    """Answers on one socket, which listens already, and which it owns."""

    def __init__(
        self, listener: socket.socket, views: Views, calls: BridgeCalls, side: BridgeSide, token: str | None
    ) -> None:
        self._listener = listener
        self._views = views
        self._calls = calls
        self._side = side
        self._gate = Gate(token)
        #: Only who has a token may change something.
        self._may_operate = token is not None
        self._server = Server(self._answer, handler_cancellation=True)
        self._connections = Connections(self._server)
        self._throttle = HttpThrottle(_REQUESTS_A_SECOND, _BURST)
        self._looks = HttpThrottle(_LOOKS_A_SECOND, _LOOKS)
        self._page = page_files()
        self._routes: dict[str, Route] = {
            "/livez": self._livez,
            "/readyz": self._readyz,
            "/metrics": self._metrics,
            "/api/overview": self._overview,
            "/api/events": self._events,
            "/api/topics": self._topics,
            **dict.fromkeys(CHANGING, self._operate),
            **dict.fromkeys(self._page, self._file),
        }

    async def run(self) -> None:
        """Serve until the task is cancelled."""
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._accept())
                tasks.create_task(self._end_slow())
        finally:
            self._listener.close()
            for connection in list(self._connections):
                connection.abort()

    async def _accept(self) -> None:
        """Accept connections, not too many a second. While there are too many, the idle ones make room."""
        loop, throttle = asyncio.get_running_loop(), HttpThrottle(_CONNECTIONS_A_SECOND, _BURST)
        while True:
            await throttle.take()
            try:
                accepted, _ = await loop.sock_accept(self._listener)
            except OSError as error:  # the peer has gone, or the process has no descriptor left
                _LOG.debug("cannot accept an HTTP connection: %s", error)
                await asyncio.sleep(_EVERY)
                continue
            self._connections.make_room()
            with contextlib.suppress(OSError):
                await loop.connect_accepted_socket(lambda: HttpConnection(self._server, loop), accepted)

    async def _end_slow(self) -> None:
        while True:
            await asyncio.sleep(_EVERY)
            self._connections.end_slow()

    # Requests

    async def _answer(self, request: BaseRequest) -> web.StreamResponse:
        """Answer one request. aiohttp calls it."""
        await self._throttle.take()
        connection = request.protocol
        assert isinstance(connection, HttpConnection)
        connection.since = asyncio.get_running_loop().time()
        path = request.path if request.path in self._routes else "other"
        answer = self._refusal(request, path) or await self._routes[path](request)
        self._views.answers[path, str(answer.status)] += 1
        return answer

    def _refusal(self, request: BaseRequest, path: str) -> web.Response | None:
        """Return the answer to a request that the server does not take."""
        refusal = self._gate.judge(request.method, request.headers, is_public=path in PUBLIC)
        if refusal is not None:
            headers = {"WWW-Authenticate": "Bearer"} if refusal.status == 401 else {}
            answer = told({"error": refusal.message}, refusal.status, headers)
            answer.force_close()
            return answer
        if path not in self._routes:
            return told({"error": "there is no such path", "paths": sorted(self._routes)}, 404)
        if path in CHANGING:
            return None if request.method == "POST" else told({"error": f"{path} takes POST only"}, 405, _POST)
        if request.method not in ("GET", "HEAD"):
            return told({"error": f"{path} takes GET only"}, 405, {"Allow": "GET, HEAD"})
        return None

    async def _livez(self, _request: BaseRequest) -> web.StreamResponse:
        alive = await self._views.is_alive()
        return told({"alive": alive}, 200 if alive else 503)

    async def _readyz(self, request: BaseRequest) -> web.StreamResponse:
        reason = await self._views.not_ready()
        if reason is None:
            return told({"ready": True})
        body: dict[str, object] = {"ready": False}
        if self._gate.is_known(request.headers):
            body |= {"code": reason[0], "reason": reason[1]}
        return told(body, 503)

    async def _metrics(self, request: BaseRequest) -> web.StreamResponse:
        return text(*await self._views.metrics(request.headers.get("Accept", "")))

    async def _overview(self, _request: BaseRequest) -> web.StreamResponse:
        body, is_fresh = await self._views.overview()
        if not is_fresh:
            return told({"error": "the bridge's event loop does not answer"}, 503)
        return text(body, "application/json; charset=utf-8")

    async def _file(self, request: BaseRequest) -> web.StreamResponse:
        return self._page[request.path].answer()

    async def _topics(self, request: BaseRequest) -> web.StreamResponse:
        """Answer with some topics below `?prefix=` and their values."""
        prefix = request.query.get("prefix", "")
        if len(prefix) > MOST_PREFIX:
            return told({"error": f"prefix: expected at most {MOST_PREFIX} characters"}, 400)
        await self._looks.take()
        try:
            seen = await self._calls.call(lambda: self._side.topics(prefix))
        except NotCalled as error:
            return told({"error": str(error)}, 503)
        return told(told_topics(prefix, seen))

    async def _operate(self, request: BaseRequest) -> web.StreamResponse:
        """Halt or resume trading."""
        try:
            wanted = await operation(request, may_operate=self._may_operate)
        except OperationRefused as refused:
            answer = told({"error": str(refused)}, refused.status)
            answer.force_close()
            return answer
        return await self._carry_out(wanted)

    async def _carry_out(self, wanted: Operation) -> web.StreamResponse:
        try:
            outcome: Data = await self._calls.ask(lambda then: self._side.operate(wanted.method, wanted.params, then))
        except NotCalled as error:
            doubt = f"{error}; it may still {wanted.method}: look at the verdict" if error.has_left else str(error)
            return told({"error": doubt}, 503)
        if outcome["ok"]:
            return told(outcome["result"])
        return told({"error": outcome["error"]["message"], "code": outcome["error"]["code"]}, 409)

    async def _events(self, request: BaseRequest) -> web.StreamResponse:
        """Send the overview each second, as server-sent events.

        First `server`: what the server allows. Then `overview`, or `late` if the bridge does not answer.
        """
        connection = request.protocol
        assert isinstance(connection, HttpConnection)
        if self._connections.streams() >= MOST_STREAMS:
            return told({"error": f"there are {MOST_STREAMS} streams of events already"}, 503)
        connection.is_stream = request.method == "GET"
        answer = web.StreamResponse(headers={**SECURITY, "Content-Type": "text/event-stream; charset=utf-8"})
        try:
            await answer.prepare(request)
            if connection.is_stream:
                await self._stream(answer)
        except TimeoutError:
            connection.abort()  # the peer does not read
        except ConnectionError:
            _LOG.debug("the peer of a stream of events has gone")
        return answer

    async def _stream(self, answer: web.StreamResponse) -> None:
        """Send events until the peer goes. Raises TimeoutError if it does not read, ConnectionError if it has gone."""
        last: bytes | None = None
        server = encoded({"mayOperate": self._may_operate})
        await asyncio.wait_for(answer.write(b"event: server\ndata: " + server + b"\n\n"), _TAKES)
        while True:
            body, is_fresh = await self._views.overview()
            event = b"event: late\ndata: {}\n\n" if not is_fresh else b"event: overview\ndata: " + body + b"\n\n"
            if not is_fresh or body is not last:
                last = body
                await asyncio.wait_for(answer.write(event), _TAKES)
            await asyncio.sleep(_EVERY)
