"""The throttle of the HTTP server: it keeps its rate, and who gives up leaves its place to the next."""

from __future__ import annotations

import asyncio
import time

from bridge.http.throttle import HttpThrottle

#: Seconds that the test waits for what must come.
PATIENCE = 20.0


def test_it_keeps_its_rate():
    async def run() -> float:
        throttle, begun = HttpThrottle(50.0, 5), time.monotonic()
        for _ in range(50):
            await throttle.take()
        return time.monotonic() - begun

    assert asyncio.run(run()) >= 0.85, "45 of the 50 wait for 20 ms each"


def test_the_waiting_come_in_their_order():
    async def run() -> list[int]:
        throttle, came = HttpThrottle(100.0, 1), list[int]()

        async def one(number: int) -> None:
            await throttle.take()
            came.append(number)

        async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as tasks:
            for number in range(20):
                tasks.create_task(one(number))
        return came

    assert asyncio.run(run()) == list(range(20))


def test_who_gives_up_leaves_its_place_to_the_next():
    """At two a second, 400 that keep their places would hold the next up for 200 seconds."""

    async def run() -> None:
        throttle = HttpThrottle(2.0, 4)
        given_up = [asyncio.create_task(throttle.take()) for _ in range(400)]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        for task in given_up:
            task.cancel()
        await asyncio.wait_for(throttle.take(), PATIENCE)

    asyncio.run(run())
