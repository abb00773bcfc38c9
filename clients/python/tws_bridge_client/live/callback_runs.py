"""The callbacks of the asyncio client. A coroutine function runs once at a time; what comes meanwhile waits."""

from __future__ import annotations

import asyncio
import inspect
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

from tws_bridge_client.live import shared
from tws_bridge_client.live.listeners import Due

#: So many calls of one callback wait until it is done with the one before. Then all of them are dropped, with an error
#: in the log. The calls of `on_update` need no place: one that waits shows the newest state.
MOST_WAITING = 10_000

_Key = tuple[Callable[..., Any], int | None]


class CallbackRuns:
    """The runs of callbacks that are coroutines."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()
        #: The calls that wait for the one that runs, by callback, and by object if it shows the state of one.
        self._waiting: dict[_Key, deque[Due]] = {}

    def call(self, due: Due) -> None:
        """Call the callback now, or when its run is over."""
        key = due.callback, id(due.arguments[0]) if due.shows_state else None
        waiting = self._waiting.get(key)
        if waiting is None:
            self._begin(key, due)
        elif not due.shows_state or not waiting:
            waiting.append(due)
            if len(waiting) > MOST_WAITING:
                shared.log.error("%r is too slow: %d of its calls are dropped", due.callback, len(waiting))
                waiting.clear()

    def cancel(self) -> None:
        """Cancel all runs, except the one that calls this."""
        self._waiting = {key: deque() for key in self._waiting}
        current = asyncio.current_task() if self._tasks else None
        for task in self._tasks:
            if task is not current:
                task.cancel()

    def _begin(self, key: _Key, due: Due) -> None:
        found = shared.run(due.callback, due.arguments)
        if inspect.isawaitable(found):
            self._waiting[key] = deque()
            task = asyncio.get_running_loop().create_task(self._run(key, due.callback, found))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _run(self, key: _Key, callback: Callable[..., Any], found: Awaitable[Any]) -> None:
        try:
            await _finish(callback, found)
            while self._waiting[key]:
                later = self._waiting[key].popleft()
                again = shared.run(later.callback, later.arguments)
                if inspect.isawaitable(again):
                    await _finish(callback, again)
        finally:
            del self._waiting[key]


async def _finish(callback: Callable[..., Any], found: Awaitable[Any]) -> None:
    """Wait until the coroutine is done. Its exception is logged; a cancellation from outside ends the run."""
    try:
        await found
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise
        shared.log.exception("a callback has failed: %r", callback)
    except Exception:
        shared.log.exception("a callback has failed: %r", callback)
