"""No call for a live object outlives its timeout, whatever is wrong at the other end; and the error says what."""

from __future__ import annotations

import asyncio
import time

import pytest

from tests.chaos.world import AAPL
from tests.end_to_end.test_client_timeouts import CASES, MARGIN, TIMEOUT, wrong
from tws_bridge_client import AsyncBridgeClient, BridgeClient

ORDER = {"action": "BUY", "orderType": "MKT", "totalQuantity": "10"}
CALLS = {
    "ticker": (AAPL,),
    "positions": (),
    "open_orders": (),
    "place": ("k1", AAPL, ORDER),
    "order": ("k1",),
}
WRONG = [case for case in CASES if case != "a full queue"]


@pytest.mark.parametrize("case", WRONG)
def test_a_blocking_call_ends_in_time_with_the_cause(case, bridge, guarded, folder):
    kind, text = CASES[case]
    with wrong(case, bridge, guarded, folder) as (endpoints, curve):
        for name, words in (("place", CALLS["place"]),):
            with BridgeClient("alice", *endpoints, curve=curve) as client:
                started = time.monotonic()
                with pytest.raises(kind, match=text):
                    getattr(client, name)(*words, timeout=TIMEOUT)
                assert time.monotonic() - started < TIMEOUT + MARGIN, name


@pytest.mark.parametrize("case", WRONG)
def test_an_asynchronous_call_ends_in_time_with_the_cause(case, bridge, guarded, folder):
    kind, text = CASES[case]

    async def one(name, words, endpoints, curve):
        async with AsyncBridgeClient("alice", *endpoints, curve=curve) as client:
            started = time.monotonic()
            with pytest.raises(kind, match=text):
                await getattr(client, name)(*words, timeout=TIMEOUT)
            assert time.monotonic() - started < TIMEOUT + MARGIN, name

    async def main(endpoints, curve):
        await asyncio.gather(*(one(name, words, endpoints, curve) for name, words in CALLS.items()))

    with wrong(case, bridge, guarded, folder) as (endpoints, curve):
        asyncio.run(main(endpoints, curve))
