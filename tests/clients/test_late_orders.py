"""An order whose call has failed is not executed later, whatever became of the bridge meanwhile."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest

from bridge.simulator.shell.process import Running
from tests.clients.test_examples import typescript
from tests.end_to_end import processes
from tws_bridge_client import AsyncBridgeClient, BridgeClient, BridgeError

AAPL = {"conId": 265598, "symbol": "AAPL", "secType": "STK", "exchange": "SMART", "currency": "USD"}
MARKET = {"action": "BUY", "totalQuantity": "100", "orderType": "MKT"}
NAME = "alice"
#: A call after that time fails; a machine that runs tests is busy.
SOON, LONG = 2.0, 30.0


class Caller(Protocol):
    """A client that is used by `ask` only, and between the calls not at all. `ask` returns the code, or None."""

    def ask(self, method: str, params: dict[str, Any], timeout: float) -> str | None: ...

    def close(self) -> None: ...


class Blocking:
    def __init__(self, bridge: processes.Bridge) -> None:
        self._client = BridgeClient(NAME, bridge.requests, bridge.events)

    def ask(self, method: str, params: dict[str, Any], timeout: float) -> str | None:
        try:
            self._client.request(method, params, timeout)
        except BridgeError as error:
            return error.code
        return None

    def close(self) -> None:
        self._client.close()


class Asynchronous:
    """Its event loop does not run between the calls. `gives_up`: it cancels the calls itself."""

    def __init__(self, bridge: processes.Bridge, *, gives_up: bool = False) -> None:
        self._loop = asyncio.new_event_loop()
        self._gives_up = gives_up
        self._client = AsyncBridgeClient(NAME, bridge.requests, bridge.events)

    def ask(self, method: str, params: dict[str, Any], timeout: float) -> str | None:
        return self._loop.run_until_complete(self._ask(method, params, timeout))

    async def _ask(self, method: str, params: dict[str, Any], timeout: float) -> str | None:
        try:
            if self._gives_up and method == "placeOrder" and timeout == SOON:
                await asyncio.wait_for(self._client.request(method, params, 4 * timeout), timeout)
            else:
                await self._client.request(method, params, timeout)
        except BridgeError as error:
            return error.code
        except TimeoutError:
            await asyncio.sleep(1)  # the loop goes on
            return "noBridge"
        return None

    def close(self) -> None:
        self._loop.run_until_complete(self._client.close())
        self._loop.close()


class Program:
    def __init__(self, bridge: processes.Bridge, *words: str) -> None:
        places = {"REQUESTS": bridge.requests, "EVENTS": bridge.events, "CLIENT": NAME}
        environment = {**os.environ, **{f"TWS_BRIDGE_{name}": value for name, value in places.items()}}
        self._process = subprocess.Popen(
            words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )

    def ask(self, method: str, params: dict[str, Any], timeout: float) -> str | None:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps({"method": method, "params": params, "timeout": timeout}) + "\n")
        self._process.stdin.flush()
        said: dict[str, Any] = json.loads(self._process.stdout.readline())
        return said.get("error")

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()


Make = Callable[[processes.Bridge], Caller]


@pytest.fixture(params=["blocking", "asynchronous", "cancelled", "typescript", "cpp"])
def caller(request: pytest.FixtureRequest) -> Iterator[Make]:
    made: list[Caller] = []

    def make(bridge: processes.Bridge) -> Caller:
        match request.param:
            case "blocking":
                made.append(Blocking(bridge))
            case "asynchronous":
                made.append(Asynchronous(bridge))
            case "cancelled":
                made.append(Asynchronous(bridge, gives_up=True))
            case "typescript":
                made.append(Program(bridge, *typescript("lines")))
            case _:
                made.append(Program(bridge, str(request.getfixturevalue("cpp") / "program"), "lines"))
        return made[-1]

    yield make
    for one in made:
        one.close()


def order(key: str) -> dict[str, Any]:
    """A market order. The simulator outlives a test, so each test has keys of its own."""
    return {"orderKey": key, "contract": AAPL, "order": MARKET}


def executed(bridge: processes.Bridge, key: str) -> list[str]:
    """The topics of the events of this order, once the bridge has had a while for it."""
    with BridgeClient(NAME, bridge.requests, bridge.events) as book:
        book.request("reqCurrentTime", timeout=LONG)
        time.sleep(2)
        log = book.request("orderLog", {"after": 0, "limit": 500}, LONG)
    return [event["topic"] for event in log["events"] if event["topic"].startswith(f"order.{NAME}.{key}.")]


def test_an_order_that_failed_without_a_bridge_is_not_executed_by_a_later_one(
    caller: Make, simulator: Running, tmp_path: Path
) -> None:
    key = f"late-{secrets.token_hex(4)}"
    with processes.bridge(simulator.address, tmp_path) as bridge:
        client = caller(bridge)
        assert client.ask("reqCurrentTime", {}, LONG) is None
        bridge.stop(signal.SIGKILL)
        assert client.ask("placeOrder", order(key), SOON) == "noBridge"
        time.sleep(1)
        with processes.bridge(simulator.address, tmp_path, *bridge.places) as later:
            assert executed(later, key) == []
            assert client.ask("ping", {}, LONG) is None  # what the client had queued would have come before
            assert executed(later, key) == []
            assert client.ask("placeOrder", order(key), LONG) is None
            assert executed(later, key) != []


def test_an_order_that_failed_at_a_stopped_bridge_is_not_executed_when_it_goes_on(
    caller: Make, simulator: Running, tmp_path: Path
) -> None:
    key = f"late-{secrets.token_hex(4)}"
    with processes.bridge(simulator.address, tmp_path) as bridge:
        client = caller(bridge)
        assert client.ask("reqCurrentTime", {}, LONG) is None
        bridge.process.send_signal(signal.SIGSTOP)
        assert client.ask("placeOrder", order(key), SOON) == "noBridge"
        time.sleep(6)  # the cancelled call asks for 5.6 s
        bridge.process.send_signal(signal.SIGCONT)
        assert executed(bridge, key) == []
        assert client.ask("ping", {}, LONG) is None
        assert executed(bridge, key) == []
        assert bridge.logs("expired")
        assert client.ask("placeOrder", order(key), LONG) is None
        assert executed(bridge, key) != []
