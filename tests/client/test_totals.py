"""Calls that ask the bridge several times: the timeout is for all together, and mistakes are named before."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from itertools import pairwise

import pytest

from tests.client.test_builders import details
from tws_bridge_client import AsyncBridgeClient, BridgeClient, BridgeError, BridgeTimeout, PlacedOrder, Stock, market

NOWHERE = {"requests": "tcp://127.0.0.1:9", "events": "tcp://127.0.0.1:9"}
PART = 0.05
GROUP = [PlacedOrder(orderKey=key, contract=Stock("A"), order=market("BUY", 1)) for key in ("a", "b", "c")]
UNKEYED = {"contract": Stock("A"), "order": market("BUY", 1)}


class Handle:
    """An order that takes its time to begin."""

    def close(self):
        """Nothing to close."""


class Slow(BridgeClient):
    def __init__(self):
        super().__init__("slow", **NOWHERE)
        self.timeouts = []

    def req_contract_details(self, contract, *, timeout=30.0, **_):
        self.take(timeout)
        return details(5)

    def _handle(self, key, timeout):
        self.take(timeout)
        return Handle()

    def request(self, method, params=None, timeout=30.0, **_):
        self.take(timeout)
        raise BridgeTimeout(method, timeout, "slow")

    def take(self, timeout):
        self.timeouts.append(timeout)
        time.sleep(PART)


class AsyncSlow(AsyncBridgeClient):
    def __init__(self):
        super().__init__("slow", **NOWHERE)
        self.timeouts = []

    async def req_contract_details(self, contract, *, timeout=30.0, **_):
        Slow.take(self, timeout)
        return details(5)

    async def _handle(self, key, timeout):
        Slow.take(self, timeout)
        return Handle()

    async def request(self, method, params=None, timeout=30.0, **_):
        Slow.take(self, timeout)
        raise BridgeTimeout(method, timeout, "slow")


def sync_timeouts(call):
    with Slow() as client:
        with suppress(BridgeTimeout):
            call(client)
        return client.timeouts


def async_timeouts(call):
    async def run():
        async with AsyncSlow() as client:
            with suppress(BridgeTimeout):
                await call(client)
            return client.timeouts

    return asyncio.run(run())


@pytest.mark.parametrize("timeouts", [sync_timeouts, async_timeouts])
@pytest.mark.parametrize(
    ("call", "parts"),
    [
        (lambda client: client.qualify(Stock("A"), Stock("B"), Stock("C"), timeout=10), 3),
        (lambda client: client.place_group(GROUP, timeout=10), 4),
    ],
)
def test_a_timeout_is_a_total(timeouts, call, parts):
    found = timeouts(call)
    assert len(found) == parts
    assert found[0] <= 10
    assert all(later <= earlier - PART for earlier, later in pairwise(found)), found


@pytest.mark.parametrize("timeouts", [sync_timeouts, async_timeouts])
@pytest.mark.parametrize(
    ("orders", "said"),
    [
        ([UNKEYED], r"orders\.0\.orderKey: expected the key"),
        ([GROUP[0], PlacedOrder(**UNKEYED)], r"orders\.1\.orderKey: expected the key"),
        ([{**UNKEYED, "orderKey": 5}], r"orders\.0\.orderKey: expected the key"),
        ([GROUP[0], GROUP[0]], r"orders\.1\.orderKey: a is the key of another order of the group too"),
        (["a"], r"orders\.0\.orderKey: expected the key"),
    ],
)
def test_each_order_of_a_group_needs_a_key_of_its_own(timeouts, orders, said):
    with pytest.raises(ValueError, match=said) as error:
        timeouts(lambda client: client.place_group(orders, timeout=0.1))
    assert not isinstance(error.value, BridgeError)


@pytest.mark.parametrize("timeouts", [sync_timeouts, async_timeouts])
def test_a_mistake_in_a_description_is_named_before_any_is_asked_for(timeouts):
    with pytest.raises(TypeError, match=r"^contract\.symbol: expected a text"):
        timeouts(lambda client: client.qualify(Stock("A"), {"symbol": 5}))
