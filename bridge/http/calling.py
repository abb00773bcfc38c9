"""How the thread of the HTTP server lets the bridge's loop do something once. See `asking` for what it asks often."""

from __future__ import annotations

import asyncio
import functools
import logging
import traceback
from collections.abc import Callable
from typing import TypeVar

from bridge.logs import tell

_T = TypeVar("_T")
_LOG = logging.getLogger("bridge.http")
#: Seconds that the bridge's loop has.
PATIENCE = 5.0
#: How many calls may wait for the bridge's loop.
MOST_OPEN = 4


class NotCalled(Exception):
    """The bridge's loop has not answered. It may still carry the call out, unless `has_left` is False."""

    def __init__(self, message: str, *, has_left: bool) -> None:
        super().__init__(message)
        self.has_left = has_left


class BridgeCalls:
    """Calls functions in the bridge's loop. All methods belong to the thread of the HTTP server."""

    def __init__(self, bridge: asyncio.AbstractEventLoop) -> None:
        self._bridge = bridge
        self._open = 0

    async def call(self, function: Callable[[], _T]) -> _T:
        """Return what the function returns in the bridge's loop. Raises NotCalled."""
        return await self.ask(lambda then: then(function()))

    async def ask(self, function: Callable[[Callable[[_T], None]], None]) -> _T:
        """Return what the function gives, now or later in the bridge's loop, to its argument. Raises NotCalled."""
        if self._open >= MOST_OPEN:
            raise NotCalled("too many calls wait for the bridge's event loop", has_left=False)
        asker = asyncio.get_running_loop()
        answer: asyncio.Future[_T] = asker.create_future()
        self._open += 1
        answer.add_done_callback(self._ended)
        try:
            self._bridge.call_soon_threadsafe(_run, function, asker, answer)
        except RuntimeError:  # the bridge's loop is closed
            answer.cancel()
            raise NotCalled("the bridge has ended", has_left=False) from None
        done, _ = await asyncio.wait((answer,), timeout=PATIENCE)
        if not done:
            raise NotCalled("the bridge's event loop does not answer", has_left=True)
        if answer.cancelled():
            raise NotCalled("the bridge failed; its log says why", has_left=True)
        return answer.result()

    def _ended(self, _answer: object) -> None:
        self._open -= 1


def _run(
    function: Callable[[Callable[[_T], None]], None], asker: asyncio.AbstractEventLoop, answer: asyncio.Future[_T]
) -> None:
    """In the bridge's loop: a failure must not reach the loop."""
    try:
        function(lambda value: _settle(asker, functools.partial(_set, answer, value)))
    except Exception as fault:
        what = "it failed to answer the console"
        tell(_LOG, "defect", what=what, reason=repr(fault), traceback=traceback.format_exc())
        _settle(asker, answer.cancel)


def _set(answer: asyncio.Future[_T], value: _T) -> None:
    if not answer.done():
        answer.set_result(value)


def _settle(asker: asyncio.AbstractEventLoop, then: Callable[[], object]) -> None:
    try:
        asker.call_soon_threadsafe(then)
    except RuntimeError:  # the HTTP server has ended meanwhile
        _LOG.debug("nobody waits for the answer any more")
