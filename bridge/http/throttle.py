"""The throttle of the HTTP server: at most so many things a second, and a few at once. The others wait."""

from __future__ import annotations

import asyncio
import time


class HttpThrottle:
    """`rate`: how many a second. `burst`: how many at once after a pause.

    They come in their order. One that is cancelled while it waits takes nothing: a peer that gives its requests up
    does not delay those of others.
    """

    def __init__(self, rate: float, burst: int) -> None:
        self._pause = 1 / rate
        self._ahead = burst / rate
        self._next = 0.0
        self._turn = asyncio.Lock()

    async def take(self) -> None:
        """Wait until the next one may come."""
        async with self._turn:
            now = time.monotonic()
            due = max(self._next, now - self._ahead) + self._pause
            if due > now:
                await asyncio.sleep(due - now)
            self._next = due
