"""A timeout is a number of seconds. Anything else is an error at once that names it, in each call that has one."""

from __future__ import annotations

import asyncio
import math
from datetime import timedelta
from decimal import Decimal

import numpy as np
import pytest

from tws_bridge_client import AsyncBridgeClient, BridgeClient, BridgeTimeout, Stock, limit
from tws_bridge_client.values import seconds

NOWHERE = {"requests": "tcp://127.0.0.1:9", "events": "tcp://127.0.0.1:9"}
WRONG = ["5", True, timedelta(seconds=5), math.nan, -1, Decimal("NaN"), [1]]
AAPL, BUY = Stock("AAPL"), limit("BUY", 1, 5)
ORDER = {"orderKey": "k", "contract": AAPL, "order": BUY}
#: Calls that ask the bridge. Each takes no 0, None or infinity either.
CALLS = {
    "request": lambda client, timeout: client.request("status", timeout=timeout),
    "status": lambda client, timeout: client.status(timeout=timeout),
    "place": lambda client, timeout: client.place("k", AAPL, BUY, timeout=timeout),
    "place_group": lambda client, timeout: client.place_group([ORDER], timeout=timeout),
    "order": lambda client, timeout: client.order("k", timeout=timeout),
    "ticker": lambda client, timeout: client.ticker(AAPL, timeout=timeout),
    "fills": lambda client, timeout: client.fills(timeout=timeout),
    "open_orders": lambda client, timeout: client.open_orders(all=True, timeout=timeout),
    "qualify": lambda client, timeout: client.qualify(AAPL, timeout=timeout),
}
#: Calls that wait. 0 and infinity have a meaning for them.
WAITS = {
    "wait_for": lambda client, timeout: client.wait_for(lambda: False, timeout),
    "sleep": lambda client, timeout: client.sleep(timeout),
    "poll": lambda client, timeout: client.subscribe("system.").poll(timeout),
    "orders": lambda client, timeout: client.orders().poll(timeout),
}


@pytest.fixture(scope="module")
def client():
    with BridgeClient("a", **NOWHERE) as client:
        yield client


@pytest.mark.parametrize("timeout", [*WRONG, None, 0, math.inf], ids=repr)
@pytest.mark.parametrize("name", CALLS)
def test_a_call_names_its_wrong_timeout(client, name, timeout):
    with pytest.raises((TypeError, ValueError), match=r"^timeout: expected a "):
        CALLS[name](client, timeout)

    async def later():
        async with AsyncBridgeClient("a", **NOWHERE) as other:
            with pytest.raises((TypeError, ValueError), match=r"^timeout: expected a "):
                await CALLS[name](other, timeout)

    asyncio.run(later())


@pytest.mark.parametrize("timeout", WRONG, ids=repr)
@pytest.mark.parametrize("name", WAITS)
def test_a_wait_names_its_wrong_limit(client, name, timeout):
    with pytest.raises((TypeError, ValueError), match=r"^(timeout|seconds): expected "):
        WAITS[name](client, timeout)

    async def later():
        async with AsyncBridgeClient("a", **NOWHERE) as other:
            with pytest.raises((TypeError, ValueError), match=r"^(timeout|seconds): expected "):
                await WAITS[name](other, timeout)

    asyncio.run(later())


def test_what_is_a_number_of_seconds(client):
    assert [seconds(one) for one in (5, 0.5, Decimal(5), np.float32(5), np.int64(5))] == [5, 0.5, 5, 5, 5]
    assert [seconds(one, is_wait=True) for one in (0, math.inf)] == [0, math.inf]
    with pytest.raises(BridgeTimeout):
        client.status(timeout=Decimal("0.01"))
    assert client.wait_for(lambda: True, math.inf)
    assert client.sleep(0)
