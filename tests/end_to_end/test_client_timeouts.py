"""No call of a client outlives its timeout, whatever is wrong at the other end; and the error says what is wrong."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import time

import pytest
import zmq

from tests.end_to_end import processes
from tws_bridge_client import AsyncBridgeClient, BridgeClient, BridgeError, BridgeRefusedKey, BridgeTimeout, Curve

TIMEOUT = 0.6
#: A call may last so much longer than its timeout. Machines that run tests are busy.
MARGIN = 0.2

#: What is wrong: the error, and a part of its text.
CASES = {
    "no bridge": (BridgeTimeout, "nothing listens on"),
    "a bridge that is stopped": (BridgeTimeout, "stopped or overloaded, or another program listens"),
    "a bridge that says nothing": (BridgeTimeout, "is connected, but silent"),
    "another service": (BridgeTimeout, "stopped or overloaded, or another program listens"),
    "an unknown key": (BridgeRefusedKey, "does not know this key"),
    "no key": (BridgeRefusedKey, "with a key only"),
    "a key for a bridge without": (BridgeRefusedKey, "has no keys|does the bridge have keys"),
    "a wrong server key": (BridgeRefusedKey, "is the server key its public key"),
    "a full queue": (BridgeTimeout, "nothing listens on"),
}


@contextlib.contextmanager
def wrong(case, bridge, guarded, folder):
    """Yields the endpoints and keys of that case."""
    alice = Curve.load(folder / "alice.secret", str(folder / "bridge.public"))
    stranger = Curve.load(folder / "stranger.secret", str(folder / "bridge.public"))
    context = zmq.Context()
    listener = socket.create_server(("127.0.0.1", 0), backlog=50)
    mute = f"tcp://127.0.0.1:{listener.getsockname()[1]}"
    silent = context.socket(zmq.ROUTER)
    port = silent.bind_to_random_port("tcp://127.0.0.1")
    try:
        match case:
            case "no bridge" | "a full queue":
                yield ("tcp://127.0.0.1:9", "tcp://127.0.0.1:9"), None
            case "another service" | "a bridge that is stopped":
                yield (mute, mute), None  # the kernel accepts connections for a process that is stopped
            case "a bridge that says nothing":
                yield (f"tcp://127.0.0.1:{port}", bridge.events), None
            case "an unknown key":
                yield (guarded.requests, guarded.events), stranger
            case "no key":
                yield (guarded.requests, guarded.events), None
            case "a key for a bridge without":
                yield (bridge.requests, bridge.events), alice
            case _:
                yield (guarded.requests, guarded.events), Curve(alice.pair, stranger.pair.public)
    finally:
        listener.close()
        context.destroy(linger=0)


@pytest.mark.parametrize("case", CASES)
def test_a_blocking_call_ends_in_time_with_the_cause(case, bridge, guarded, folder):
    kind, text = CASES[case]
    with (
        wrong(case, bridge, guarded, folder) as (endpoints, curve),
        BridgeClient("alice", *endpoints, curve=curve) as c,
    ):
        if case == "a full queue":
            fill(c)
        for _ in range(2):
            started = time.monotonic()
            with pytest.raises(kind, match=text):
                c.request("ping", timeout=TIMEOUT)
            assert time.monotonic() - started < TIMEOUT + MARGIN


@pytest.mark.parametrize("case", CASES)
def test_an_asynchronous_call_ends_in_time_and_does_not_stop_the_loop(case, bridge, guarded, folder):
    kind, text = CASES[case]

    async def pulse(gaps):
        while True:
            before = time.monotonic()
            await asyncio.sleep(0.01)
            gaps.append(time.monotonic() - before)

    async def main(endpoints, curve):
        async with AsyncBridgeClient("alice", *endpoints, curve=curve) as c:
            if case == "a full queue":
                fill(c)
            gaps = [0.0]
            pulsing = asyncio.create_task(pulse(gaps))
            for _ in range(2):
                started = time.monotonic()
                with pytest.raises(kind, match=text):
                    await c.request("ping", timeout=TIMEOUT)
                assert time.monotonic() - started < TIMEOUT + MARGIN
            pulsing.cancel()
            assert max(gaps) < 0.25

    with wrong(case, bridge, guarded, folder) as (endpoints, curve):
        asyncio.run(main(endpoints, curve))


def test_a_new_client_of_a_frozen_bridge_learns_that_it_may_be_frozen(simulator, tmp_path):
    with processes.bridge(simulator.address, tmp_path) as running:
        running.process.send_signal(signal.SIGSTOP)
        with (
            running.client("late") as c,
            pytest.raises(BridgeTimeout, match="but does not answer: the bridge is stopped"),
        ):
            c.request("ping", timeout=TIMEOUT)


@pytest.mark.parametrize("case", ["an unknown key", "no key", "a key for a bridge without", "a wrong server key"])
def test_a_feed_says_that_its_connection_is_refused(case, bridge, guarded, folder):
    with (
        wrong(case, bridge, guarded, folder) as (endpoints, curve),
        BridgeClient("alice", *endpoints, curve=curve) as c,
    ):
        with c.subscribe("system.") as events, pytest.raises(BridgeRefusedKey):
            for _ in range(20):
                events.poll(0.1)

        with c.orders() as orders, pytest.raises(BridgeRefusedKey):
            for _ in range(20):
                orders.poll(0.1)

    async def main(endpoints, curve):
        async with AsyncBridgeClient("alice", *endpoints, curve=curve) as c, c.subscribe("system.") as events:
            with pytest.raises(BridgeRefusedKey):
                await asyncio.wait_for(events.next(), 5)

    with wrong(case, bridge, guarded, folder) as (endpoints, curve):
        asyncio.run(main(endpoints, curve))


def fill(client):
    """More messages than ZeroMQ queues for a peer that is not there."""
    for _ in range(2000):
        client._socket.send(b"x")
    with pytest.raises(zmq.Again):
        client._socket.dealer.send(b"x", zmq.DONTWAIT)


def test_a_client_goes_on_when_the_bridge_knows_its_key_at_last(guarded, folder):
    """The bridge may have been started with another configuration for a moment."""
    context = zmq.Context()
    other = context.socket(zmq.ROUTER)  # a bridge without keys on the port
    port = other.bind_to_random_port("tcp://127.0.0.1")
    endpoint = f"tcp://127.0.0.1:{port}"
    curve = Curve.load(folder / "alice.secret", str(folder / "bridge.public"))
    with BridgeClient("alice", endpoint, endpoint, curve=curve) as c:
        with pytest.raises(BridgeRefusedKey):
            c.request("ping", timeout=5)
        other.close()
        context.destroy(linger=0)
        with pytest.raises(BridgeTimeout):
            c.request("ping", timeout=0.3)


def test_poll_without_time_takes_what_has_arrived(client):
    with client.subscribe("system.heartbeat") as events:
        found, end = None, time.monotonic() + 10
        while found is None and time.monotonic() < end:
            found = events.poll(0)
            time.sleep(0.01)
        assert found is not None and found.topic == "system.heartbeat"
        started = time.monotonic()
        for _ in range(50):
            events.poll(0)
        assert time.monotonic() - started < 1


def test_an_asynchronous_client_begins_at_its_first_use(bridge):
    async def main():
        client = AsyncBridgeClient("notebook", bridge.requests, bridge.events)
        try:
            async with client.subscribe("system.heartbeat") as events:
                assert (await asyncio.wait_for(events.next(), 10)).topic == "system.heartbeat"
            assert (await client.request("ping"))["ts"] > 0
        finally:
            await client.close()

    asyncio.run(main())


def test_a_misspelt_prefix_is_an_error_and_not_silence(bridge, client):
    with client.subscribe("markt.") as events, pytest.raises(BridgeError, match=r"did you mean market\.\?"):
        for _ in range(20):
            events.poll(0.2)

    async def main():
        async with AsyncBridgeClient("typo", bridge.requests, bridge.events) as c, c.subscribe("markt.") as events:
            with pytest.raises(BridgeError, match="invalidParams"):
                await asyncio.wait_for(events.next(), 5)

    asyncio.run(main())
