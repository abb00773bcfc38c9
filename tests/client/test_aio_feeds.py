"""The asynchronous order log on sockets that stand for a bridge with a long log: what it asks, and when it does not."""

from __future__ import annotations

import asyncio
import threading

import msgpack
import pytest
import zmq

from tws_bridge_client import AsyncBridgeClient, BridgeClient
from tws_bridge_client.closed import Closed
from tws_bridge_client.orderlog import PAGE

LENGTH = 20 * PAGE


class LongLog(threading.Thread):
    """Answers `orderLog` from a log of LENGTH events, and counts the pages."""

    def __init__(self):
        super().__init__(daemon=True)
        self._context = zmq.Context()
        self._router = self._context.socket(zmq.ROUTER)
        self._ended = threading.Event()
        self.requests = f"tcp://127.0.0.1:{self._router.bind_to_random_port('tcp://127.0.0.1')}"
        self.pages = 0

    def run(self):
        while not self._ended.is_set():
            if self._router.poll(20):
                route, body = self._router.recv_multipart()
                asked = msgpack.unpackb(body)
                answer = {
                    "v": 1,
                    "id": asked["id"],
                    "ok": True,
                    "kind": "orderLog",
                    "result": self._read(**asked["params"]),
                }
                self._router.send_multipart([route, msgpack.packb(answer)])
        self._context.destroy(linger=0)

    def _read(self, after, limit):
        self.pages += 1
        last = min(after + limit, LENGTH)
        events = [self._event(n) for n in range(after + 1, last + 1)]
        return {"epoch": "e", "log": "l", "head": LENGTH, "events": events}

    def _event(self, n):
        return {"n": n, "ts": n, "topic": "order.alice.k.orderStatus", "event": "orderStatus", "data": {}}


@pytest.fixture
def log():
    log = LongLog()
    log.start()
    yield log
    log._ended.set()
    log.join(10)


def follow(log, main):
    async def run():
        async with AsyncBridgeClient("alice", log.requests, "tcp://127.0.0.1:9") as client, client.orders() as feed:
            return await main(feed)

    return asyncio.run(asyncio.wait_for(run(), 60))


def test_a_long_log_is_not_read_further_than_its_user_keeps_up(log, monkeypatch):
    monkeypatch.setattr("tws_bridge_client.aio_feeds._MOST_READY", 2 * PAGE)

    async def main(feed):
        first = await feed.next()
        await asyncio.sleep(1)
        pages = log.pages
        rest = [(await feed.next()).position.n for _ in range(LENGTH - 1)]
        return pages, [first.position.n, *rest]

    pages, numbers = follow(log, main)
    assert 1 <= pages <= 3
    assert numbers == list(range(1, LENGTH + 1))


def test_next_may_be_cancelled_at_any_time(log):
    async def main(feed):
        numbers, cancelled = [], 0
        while len(numbers) < LENGTH:
            waiting = asyncio.ensure_future(feed.next())
            await asyncio.sleep(0)
            if waiting.done():
                numbers.append(waiting.result().position.n)
            else:
                cancelled += waiting.cancel()
                await asyncio.sleep(0.001)
        return numbers, cancelled

    numbers, cancelled = follow(log, main)
    assert numbers == list(range(1, LENGTH + 1))
    assert cancelled > 0


def test_it_is_closed_with_its_client_and_by_itself_and_twice(log):
    async def main(feed):
        async for event in feed:
            assert event.position.n == 1
            break
        await feed.close()
        await feed.close()

    follow(log, main)


def test_who_waits_when_it_is_closed_does_not_wait_for_ever(log):
    async def main(feed):
        for _ in range(LENGTH):
            await feed.next()
        waiting = asyncio.create_task(feed.next())
        await asyncio.sleep(0.05)
        assert not waiting.done()
        await feed.close()
        for late in (waiting, feed.next()):
            with pytest.raises(Closed):
                await asyncio.wait_for(late, 5)

    follow(log, main)


def test_the_blocking_one_says_the_same_when_it_is_closed(log):
    with BridgeClient("alice", log.requests, "tcp://127.0.0.1:9") as client:
        feed = client.orders()
        feed.close()
        with pytest.raises(Closed):
            feed.poll(1)
