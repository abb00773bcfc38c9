"""The throttle of the HTTP server: at most so many things a second, and a few at once. The others wait."""

from __future__ import annotations

import asyncio
import time


class HttpThrottle:
    """`rate`: how many a second. `burst`: how many at once after a pause."""

    def __init__(self, rate: float, burst: int) -> None:
        self._pause = 1 / rate
        self._ahead = burst / rate
        self._next = 0.0

    async def take(self) -> None:
        """Wait until the next one may come."""
        now = time.monotonic()
        self._next = max(self._next, now - self._ahead) + self._pause
        if self._next > now:
            await asyncio.sleep(self._next - now)
