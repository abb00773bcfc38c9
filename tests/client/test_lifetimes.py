"""Clients that are closed: what waits ends, what is shown is stale, and each further use is a clear error."""

from __future__ import annotations

import asyncio
import gc
import os
import threading
import time
import warnings

import pytest
import zmq

from tests.client.live.desk import TS
from tws_bridge_client import AsyncBridgeClient, BridgeClient
from tws_bridge_client.generated import messages
from tws_bridge_client.lifetimes import CallGuard, Closed, Lifetime
from tws_bridge_client.live.hub import HEARTBEAT
from tws_bridge_client.live.orders import OpenOrders

NOWHERE = "tcp://127.0.0.1:9", "tcp://127.0.0.1:9"
AAPL = {"conId": 265598, "exchange": "SMART"}
LIMIT = 20.0


def blocking() -> BridgeClient:
    return BridgeClient("me", *NOWHERE)


def asynchronous() -> AsyncBridgeClient:
    return AsyncBridgeClient("me", *NOWHERE)


def run(main):
    return asyncio.run(asyncio.wait_for(main, LIMIT))


async def until(condition):
    async with asyncio.timeout(LIMIT):
        while not condition():
            await asyncio.sleep(0.01)


def fresh(client):
    """A live object that shows what the bridge has just said."""
    hub = client._hub
    live = OpenOrders(hub, hub.orders())
    hub.enter(live)
    for prefix in (HEARTBEAT, live._book.prefix):
        nonce = next(state.nonce for state in hub._follower._prefixes if state.prefix == prefix)
        token = next(state.token for state in hub._follower._prefixes if state.prefix == prefix)
        result = {"epoch": "e", "sequences": {}, "floors": {}, "events": [], "gaps": []}
        hub.on_event(
            f"sync.{nonce}", {"v": 1, "epoch": "e", "seq": 1, "ts": TS, "event": "sync", "data": {}}, hub.now()
        )
        hub.on_answer(token, result, None, hub.now())
    hub.on_drained(hub.now())
    hub.on_link(True)
    assert not live.stale
    return live


# The blocking client


def test_close_twice_and_in_nested_blocks_does_nothing_more():
    with blocking() as client:
        with client:
            pass
        with pytest.raises(Closed, match="the client 'me' is closed"):
            client.request("ping", timeout=1)
        client.close()
    with pytest.raises(Closed), client:
        pass


def test_after_close_each_use_is_an_error_that_says_so():
    client = blocking()
    feed = client.subscribe("system.")
    client.close()
    uses = [
        lambda: client.ticker(AAPL, timeout=1), lambda: client.positions(timeout=1), lambda: client.sleep(0),
        lambda: client.order("k", timeout=1), lambda: client.place("k", AAPL, {"action": "BUY"}, timeout=1),
        lambda: client.subscribe("system."), client.orders, lambda: client.wait_for(lambda: False, 1),
        lambda: next(iter(client)), lambda: client.on(messages.TickPrice, print), lambda: feed.poll(0),
    ]  # fmt: skip
    for use in uses:
        with pytest.raises(Closed):
            use()
    feed.close()


def test_live_objects_are_stale_at_once():
    client = blocking()
    live = fresh(client)
    client.close()
    assert live.stale
    live.close()


def test_closed_in_another_thread_the_call_that_waits_ends():
    waits = [lambda: client.request("ping", timeout=60), lambda: client.wait_for(lambda: False), lambda: feed.poll(60)]
    for wait in waits:
        client = blocking()
        feed = client.subscribe("system.")
        found: list[BaseException] = []
        is_inside = threading.Event()

        def waiter(wait=wait, found=found, is_inside=is_inside):
            is_inside.set()
            try:
                wait()
            except BaseException as error:
                found.append(error)

        thread = threading.Thread(target=waiter)
        thread.start()
        is_inside.wait(LIMIT)
        time.sleep(0.1)
        client.close()
        thread.join(LIMIT)
        assert not thread.is_alive()
        assert isinstance(found[0], Closed)
        assert client._context.closed


def test_a_second_thread_is_refused_while_a_call_is_under_way():
    with blocking() as client:
        is_inside, may_end = threading.Event(), threading.Event()

        def condition():
            is_inside.set()
            may_end.wait(LIMIT)
            return True

        def inside():
            with client.guard:
                condition()

        thread = threading.Thread(target=inside)
        thread.start()
        assert is_inside.wait(LIMIT)
        with pytest.raises(RuntimeError, match="another thread is in a call of the client 'me'"):
            client.request("ping", timeout=1)
        may_end.set()
        thread.join(LIMIT)
        assert client.sleep(0), "after that, a thread may go on where another one has begun"


def test_a_thread_that_does_not_leave_in_time_closes_the_sockets_itself(monkeypatch):
    monkeypatch.setattr("tws_bridge_client.lifetimes._LEAVE", 0.05)
    client = blocking()
    is_inside, may_end = threading.Event(), threading.Event()

    def inside():
        with client.guard:
            is_inside.set()
            may_end.wait(LIMIT)

    thread = threading.Thread(target=inside)
    thread.start()
    assert is_inside.wait(LIMIT)
    client.close()
    assert not client._context.closed
    may_end.set()
    thread.join(LIMIT)
    assert client._context.closed


def test_a_callback_may_close_the_client():
    client = blocking()
    live = fresh(client)
    after = []

    def close(_live):
        client.close()
        after.append(client._context.closed)

    client.on_update(live, close)
    client.on_update(live, after.append)
    client._hub._touched.update(live.prefixes)
    with pytest.raises(Closed):
        client.wait_for(lambda: False, LIMIT)
    assert after == [False], "the sockets close when the call is over, and no further callback is called"
    assert client._context.closed


def test_a_loop_over_the_client_ends_when_its_body_closes_the_client():
    client = blocking()
    hub = client._hub
    fresh(client)
    book = f"order.{hub.client}."
    event = {"v": 1, "epoch": "e", "seq": 1, "ts": TS, "event": "orderStatus", "data": {}}
    hub.on_event(f"{book}k.orderStatus", event, hub.now())
    seen = []
    for one in client:
        seen.append(one.topic)
        client.close()
    assert seen == [f"{book}k.orderStatus"]


def test_a_callback_that_raises_cancelled_error_harms_nothing(caplog):
    with blocking() as client:
        live = fresh(client)
        called = []

        def cancelled(_live):
            raise asyncio.CancelledError

        client.on_update(live, cancelled)
        client.on_update(live, called.append)
        client._hub._touched.update(live.prefixes)
        client.sleep(0)
        assert called == [live]
        assert "a callback has failed" in caplog.text


def test_a_client_that_is_dropped_warns_by_name_and_closes_its_sockets():
    client = blocking()
    context = client._context
    client.subscribe("system.")
    with pytest.warns(ResourceWarning, match="the client 'me' was not closed"):
        del client
        gc.collect()
    assert context.closed


def test_a_client_that_is_closed_does_not_warn():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for _ in range(2):
            with blocking() as client:
                client.subscribe("system.")
        with pytest.raises(zmq.ZMQError):
            BridgeClient("me", "no endpoint")
        gc.collect()


def test_descriptors_come_back():
    def opened():
        return len(os.listdir("/proc/self/fd"))

    def one():
        with blocking() as client:
            client.subscribe("system.")
            fresh(client)

    one()
    before = opened()
    for _ in range(5):
        one()
    gc.collect()
    assert opened() <= before


def in_child(check) -> bool:
    """Whether this holds in a forked process."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if not child:
        code = 1
        try:
            code = int(not check())
        finally:
            os._exit(code)
    return os.waitpid(child, 0)[1] == 0


def test_a_forked_process_cannot_use_the_client_of_its_parent_and_does_not_close_it():
    with blocking() as client:
        live, feed = fresh(client), client.subscribe("system.")

        def check():
            for use in (lambda: client.request("ping", timeout=1), lambda: feed.poll(0), lambda: client.sleep(0)):
                with pytest.raises(RuntimeError, match="was made by another process: make a client after the fork"):
                    use()
            assert live.stale
            feed.close()
            client.close()
            client.close()
            with pytest.raises(Closed):
                client.sleep(0)
            return not client._context.closed

        assert in_child(check)
        assert not live.stale
        assert client.sleep(0)


def test_a_guard_closes_once():
    closed = []
    guard = CallGuard(Lifetime("it"), lambda: closed.append(1))
    with guard, guard:
        guard.close()
        guard.close()
        assert not closed
    assert closed == [1]
    with pytest.raises(Closed), guard:
        pass


# The asyncio client


def test_asyncio_close_ends_what_waits_and_twice_does_nothing():
    async def main():
        async def loop_over(client):
            async for _ in client:
                pytest.fail("there is no event")
            return "ended"

        before = asyncio.all_tasks()
        client = asynchronous()
        feed = client.subscribe("system.")
        live = fresh(client)
        waits = [asyncio.create_task(wait) for wait in (
            client.wait_for(lambda: False), client.request("ping", timeout=60), feed.next(), client.ticker(AAPL),
        )]  # fmt: skip
        loop = asyncio.create_task(loop_over(client))
        await asyncio.sleep(0.05)
        await client.close()
        assert live.stale
        for wait in waits:
            with pytest.raises(Closed):
                await asyncio.wait_for(wait, LIMIT)
        assert await asyncio.wait_for(loop, LIMIT) == "ended"
        await client.close()
        assert asyncio.all_tasks() == before
        return client

    assert run(main())._context.closed


def test_asyncio_after_close_each_use_is_an_error():
    async def main():
        client = asynchronous()
        await client.close()
        uses = [
            lambda: client.ticker(AAPL, timeout=1), lambda: client.positions(timeout=1), lambda: client.sleep(0),
            lambda: client.order("k", timeout=1), lambda: client.wait_for(lambda: False, 1),
            lambda: client.request("ping", timeout=1), lambda: anext(aiter(client)), client.__aenter__,
        ]  # fmt: skip
        for use in uses:
            with pytest.raises(Closed):
                await use()
        for plain in (client.orders, client.subscribe, lambda: client.on(messages.TickPrice, print)):
            with pytest.raises(Closed):
                plain()

    run(main())


def test_an_asyncio_client_belongs_to_one_event_loop():
    client = asynchronous()

    async def begin():
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(client.request("ping", timeout=5), 0.05)
        return fresh(client)

    live = asyncio.run(begin())
    assert live.stale, "nothing reads for it any more"

    async def again():
        uses = (
            lambda: client.request("ping", timeout=1),
            lambda: client.ticker(AAPL, timeout=1),
            lambda: client.sleep(0),
        )
        for use in uses:
            with pytest.raises(RuntimeError, match="the client 'me' belongs to another event loop"):
                await use()
        await client.close()

    run(again())
    assert client._context.closed


def test_an_asyncio_client_is_not_closed_from_another_loop_while_its_own_runs():
    async def main():
        async with asynchronous() as client:
            with pytest.raises(RuntimeError, match="belongs to another event loop"):
                await asyncio.to_thread(asyncio.run, client.close())
            assert await client.sleep(0)

    run(main())


def test_a_coroutine_callback_may_close_the_client():
    async def main():
        client = asynchronous()
        live = fresh(client)
        closed = asyncio.Event()

        async def close(_live):
            await client.close()
            closed.set()

        client.on_update(live, close)
        client._hub._touched.update(live.prefixes)
        with pytest.raises(Closed):
            await client.wait_for(lambda: False, LIMIT)
        await asyncio.wait_for(closed.wait(), LIMIT)
        return client

    assert run(main())._context.closed


@pytest.mark.parametrize("is_coroutine", [False, True])
def test_asyncio_a_callback_that_raises_cancelled_error_harms_nothing(is_coroutine, caplog):
    async def main():
        async with asynchronous() as client:
            live = fresh(client)
            called = []

            def cancelled(_live):
                raise asyncio.CancelledError

            async def cancelled_later(_live):
                raise asyncio.CancelledError

            client.on_update(live, cancelled_later if is_coroutine else cancelled)
            client.on_update(live, called.append)
            for _ in range(2):
                client._hub._touched.update(live.prefixes)
                assert not await client.wait_for(lambda: False, 0.05)
            assert called == [live, live]

    run(main())
    assert caplog.text.count("a callback has failed") == 2


def test_a_slow_coroutine_callback_runs_once_at_a_time_and_then_with_the_newest_state():
    async def main():
        async with asynchronous() as client:
            live = fresh(client)
            running, most, runs, may_end = 0, 0, 0, asyncio.Event()

            async def slow(_live):
                nonlocal running, most, runs
                running, runs = running + 1, runs + 1
                most = max(most, running)
                await may_end.wait()
                running -= 1

            client.on_update(live, slow)
            feed = client._feed_of_live()
            for _ in range(50):
                client._hub._touched.update(live.prefixes)
                feed._advance()
                await asyncio.sleep(0)
            may_end.set()
            await until(lambda: runs == 2 and not running)
            assert most == 1

    run(main())


def test_the_events_of_a_slow_coroutine_callback_come_in_order_and_their_number_is_bounded(monkeypatch, caplog):
    monkeypatch.setattr("tws_bridge_client.live.callback_runs.MOST_WAITING", 10)

    async def main():
        async with asynchronous() as client:
            hub, seen, may_end = client._hub, [], asyncio.Event()
            fresh(client)

            async def slow(_message, event):
                seen.append(event.envelope["seq"])
                await may_end.wait()

            client.on(messages.OrderStatus, slow)

            def play(numbers):
                for number in numbers:
                    data = {"orderId": number}
                    event = {"v": 1, "epoch": "e", "seq": number, "ts": TS, "event": "orderStatus", "data": data}
                    hub.on_event("order.me.k.orderStatus", event, hub.now())
                client._feed_of_live()._advance()

            play(range(1, 6))
            may_end.set()
            await until(lambda: len(seen) == 5)
            await asyncio.sleep(0)
            may_end.clear()
            play(range(6, 40))
            may_end.set()
            await until(lambda: client._feed_of_live()._runs._waiting == {})
            assert seen[:6] == [1, 2, 3, 4, 5, 6]
            assert seen == sorted(seen)
            assert len(seen) < 39

    run(main())
    assert "is too slow: 11 of its calls are dropped" in caplog.text
