"""The order log as the asynchronous client follows it: each event once, whoever restarts and whatever is lost."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import threading
import time

import msgpack
import pytest
import zmq

from bridge.simulator import simulator_process
from tests.chaos.world import AAPL, Book, attempt
from tests.end_to_end import processes
from tws_bridge_client import AsyncBridgeClient

#: More than the exchange shows at once: it fills in many parts.
LARGE = {"action": "BUY", "orderType": "MKT", "totalQuantity": 3000}


@pytest.fixture
def simulator():
    """Fresh for each test: its executions are counted."""
    with simulator_process(ticks_per_second=3000) as running:
        yield running


class Strategy:
    """Takes events and keeps them with its position, which survive it."""

    def __init__(self):
        self.position = None
        self.taken = []

    async def run(self, requests, events, until):
        """Follow until `until(self)` or the end of patience, cancelling `next` at every turn that brings nothing."""
        async with AsyncBridgeClient("alice", requests, events) as client, client.orders(self.position) as feed:
            end = time.monotonic() + 40
            while not until(self):
                assert time.monotonic() < end, self.numbers()
                with contextlib.suppress(TimeoutError):
                    event = await asyncio.wait_for(feed.next(), 0.01)
                    self.taken.append(event)
                    self.position = event.position

    def numbers(self):
        return [event.position.n for event in self.taken]

    def executions(self):
        return [event.data["execution"]["execId"] for event in self.taken if event.event == "execDetails"]


def buy(running, key):
    with running.client("alice") as client:
        client.request("reqMktData", {"contract": AAPL}, 15.0)
        told = attempt(client, "placeOrder", {"orderKey": key, "contract": AAPL, "order": LARGE}, 15.0)
    assert told.get("state") in ("acknowledged", "filled"), told


def filled(book, *keys):
    """The executions of all, when the orders of these keys are over."""
    end = time.monotonic() + 30
    while not all(order["status"] == "Filled" for key in keys for order in book.of("alice", key)):
        assert time.monotonic() < end, "the orders were not filled"
        time.sleep(0.1)
    return sorted(book.executions())


def test_each_event_comes_once_over_restarts_of_the_consumer_and_of_the_bridge(simulator, tmp_path):
    strategy = Strategy()

    async def outlive(first, book):
        """Follow from the first bridge to the second, which takes its place while orders fill."""
        with contextlib.ExitStack() as stack:
            executions = []

            def restart():
                buy(first, "k2")
                first.stop(signal.SIGKILL)
                second = stack.enter_context(processes.bridge(simulator.address, tmp_path, *first.places))
                buy(second, "k3")
                executions.extend(filled(book, "k1", "k2", "k3"))

            other = asyncio.create_task(asyncio.to_thread(restart))
            done = lambda s: other.done() and len(s.executions()) >= len(executions)  # noqa: E731
            await strategy.run(first.requests, first.events, done)
            await other
            return executions

    with Book(simulator.address) as book, processes.bridge(simulator.address, tmp_path) as first:
        buy(first, "k1")
        asyncio.run(strategy.run(first.requests, first.events, lambda s: len(s.taken) == 2))
        executions = asyncio.run(outlive(first, book))
    assert len(executions) >= 6
    assert sorted(strategy.executions()) == executions
    assert strategy.numbers() == list(range(1, len(strategy.taken) + 1))
    assert {event.event for event in strategy.taken} >= {"openOrder", "orderStatus", "execDetails"}


class LossyRelay(threading.Thread):
    """Passes order events on, but for two of three, which are lost; and each head, so that the last can be missed."""

    def __init__(self, events):
        super().__init__(daemon=True)
        self._context = zmq.Context()
        self._sub, self._pub = self._context.socket(zmq.SUB), self._context.socket(zmq.PUB)
        self._sub.connect(events)
        self._sub.subscribe(b"order.")
        self.endpoint = f"tcp://127.0.0.1:{self._pub.bind_to_random_port('tcp://127.0.0.1')}"
        self.lost, self.passed = 0, 0
        self._ended = threading.Event()

    def run(self):
        while not self._ended.is_set():
            if self._sub.poll(50):
                topic, body = self._sub.recv_multipart()
                n = msgpack.unpackb(body).get("n")
                if n is None or n % 3 == 0:
                    self._pub.send_multipart([topic, body])
                    self.passed += n is not None
                else:
                    self.lost += 1
        self._context.destroy(linger=0)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self._ended.set()
        self.join(10)


def test_lost_events_are_read_from_the_log_each_once_and_in_order(simulator, tmp_path):
    strategy = Strategy()

    async def follow(running, relay, book):
        other = asyncio.create_task(asyncio.to_thread(lambda: (buy(running, "k1"), filled(book, "k1"))[1]))
        done = lambda s: other.done() and len(s.executions()) >= len(other.result())  # noqa: E731
        await strategy.run(running.requests, relay.endpoint, done)
        return await other

    with (
        Book(simulator.address) as book,
        processes.bridge(simulator.address, tmp_path) as running,
        LossyRelay(running.events) as relay,
    ):
        executions = asyncio.run(follow(running, relay, book))
        lost, passed = relay.lost, relay.passed
    assert lost > passed > 0
    assert sorted(strategy.executions()) == executions
    assert strategy.numbers() == list(range(1, len(strategy.taken) + 1))
