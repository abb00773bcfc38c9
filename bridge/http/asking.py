"""How the thread of the HTTP server asks the bridge's loop: one question at a time, and at most one in a second.

All requests share the answer. When nobody asks, the bridge's loop does nothing. If the loop does not answer in
`PATIENCE` seconds, the asker goes on without: the question stays, and its answer counts when it comes.
"""

from __future__ import annotations

import asyncio
import logging
import time
import traceback
from collections.abc import Callable
from typing import Generic, NamedTuple, TypeVar

from bridge.logs import tell

_T = TypeVar("_T")
_LOG = logging.getLogger("bridge.http")
#: Seconds for which an answer is used again.
FRESH = 1.0
#: Seconds that the bridge's loop has for an answer.
PATIENCE = 2.0


class Answer(NamedTuple, Generic[_T]):
    """The newest value, and when it came (steady clock). `is_fresh`: the loop has answered in time."""

    value: _T | None
    at: float
    is_fresh: bool


class Asking(Generic[_T]):
    """One question to the bridge's loop. `answer` runs there. All methods belong to the thread of the HTTP server."""

    def __init__(self, bridge: asyncio.AbstractEventLoop, answer: Callable[[], _T]) -> None:
        self._bridge = bridge
        self._answer = answer
        self._value: _T | None = None
        self._at = float("-inf")
        #: When the last question was answered, also by a failure, and when the last one was put.
        self._settled_at = self._asked_at = float("-inf")
        self._open: asyncio.Future[None] | None = None
        self._failed = False

    async def ask(self) -> Answer[_T]:
        """Return an answer that is at most a second old, or the last one if the loop does not answer in time."""
        now = time.monotonic()
        if now - self._settled_at >= FRESH:
            if self._open is None:
                self._put(now)
            await self._wait(PATIENCE - (now - self._asked_at))
        is_late = self._open is not None and time.monotonic() - self._asked_at >= PATIENCE
        return Answer(self._value, self._at, self._value is not None and not is_late and not self._failed)

    async def _wait(self, seconds: float) -> None:
        if self._open is not None and seconds > 0:
            await asyncio.wait((self._open,), timeout=seconds)

    def _put(self, now: float) -> None:
        """Put the question to the bridge's loop."""
        loop = asyncio.get_running_loop()
        self._open, self._asked_at = loop.create_future(), now
        try:
            self._bridge.call_soon_threadsafe(self._run, loop)
        except RuntimeError:  # the bridge's loop is closed: nobody will answer
            self._asked_at = float("-inf")

    def _run(self, asker: asyncio.AbstractEventLoop) -> None:
        """In the bridge's loop: make the answer. A failure must not reach the loop."""
        try:
            value: _T | None = self._answer()
        except Exception as fault:
            tell(
                _LOG, "defect", what="it cannot make its overview", reason=repr(fault), traceback=traceback.format_exc()
            )
            value = None
        try:
            asker.call_soon_threadsafe(self._take, value)
        except RuntimeError:  # the HTTP server has ended meanwhile
            _LOG.debug("nobody waits for the overview any more")

    def _take(self, value: _T | None) -> None:
        self._failed = value is None
        self._settled_at = time.monotonic()
        if value is not None:
            self._value, self._at = value, self._settled_at
        if self._open is not None:
            self._open.set_result(None)
            self._open = None
