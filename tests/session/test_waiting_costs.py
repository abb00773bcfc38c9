"""What a look at the request queue costs: what leaves, and not what waits (C5.56). An order must not wait behind it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bridge.session.dispatcher import LOOKS, Dispatcher
from tests.session.conftest import AAPL, Bench
from tests.session.test_caching_attack_3 import SMALL
from tests.session.test_merge_attack import ORDER, option, request

SECONDS = 3


def different(client: int, number: int) -> tuple[str, dict[str, Any]]:
    return "reqContractDetails", {"contract": option(1000 * client + number)}


def equal(_client: int, number: int) -> tuple[str, dict[str, Any]]:
    return "reqContractDetails", {"contract": option(number)}


def streams(client: int, number: int) -> tuple[str, dict[str, Any]]:
    return "reqMktData", {"contract": option(1000 * client + number)}


def small_bars(client: int, number: int) -> tuple[str, dict[str, Any]]:
    """TWS's rules let them leave in hours."""
    end = f"20251003 1{number // 60}:{number % 60:02}:00 US/Eastern"
    return "reqHistoricalData", {**SMALL, "contract": option(client), "endDateTime": end}


def steps(monkeypatch: pytest.MonkeyPatch, ask: Callable[[int, int], tuple[str, dict[str, Any]]], each: int) -> int:
    """Return at how many requests the bridge looks in a few seconds, while `each` of ten clients wait."""
    bench = Bench(messages_per_second=10, most_waiting=20_000)
    bench.ready()
    bench.wait(10)
    for client in range(10):
        for number in range(each):
            method, params = ask(client, number)
            request(bench, f"r{client}-{number}", method, f"c{client}", params=params, timeout=600)
    bench.wait(5)
    looks = 0
    cost = Dispatcher._cost

    def count(self: Dispatcher, *args: Any) -> Any:
        nonlocal looks
        looks += 1
        return cost(self, *args)

    monkeypatch.setattr(Dispatcher, "_cost", count)
    bench.wait(SECONDS)
    assert bench.session._dispatcher.waiting() > 5 * each
    order = request(bench, "o", "placeOrder", "trader", params={"orderKey": "k", "contract": AAPL, "order": ORDER})
    bench.wait(0.2)
    assert bench.sends("placeOrder"), order
    monkeypatch.undo()
    return looks


@pytest.mark.parametrize(("ask", "each"), [(different, 100), (equal, 100), (streams, 100), (small_bars, 30)])
def test_a_look_costs_what_leaves_and_not_what_waits(
    monkeypatch: pytest.MonkeyPatch, ask: Callable[[int, int], tuple[str, dict[str, Any]]], each: int
) -> None:
    few, many = steps(monkeypatch, ask, each), steps(monkeypatch, ask, 4 * each)
    assert many <= 1.3 * few + LOOKS, (few, many)


def test_a_request_that_an_answer_has_made_free_is_found_among_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """C5.53. Bob's subscription waits behind his reads. Alice's for the same stream has its turn first."""
    bench = Bench(messages_per_second=10, most_waiting=20_000)
    bench.ready()
    bench.wait(10)
    for number in range(300):
        for client in range(4):
            request(bench, f"r{client}-{number}", "reqContractDetails", f"c{client}",
                    params={"contract": option(1000 * client + number)}, timeout=600)  # fmt: skip
    request(bench, "late", "reqMktData", "c1", params={"contract": AAPL}, timeout=600)
    request(bench, "early", "reqMktData", "alice", params={"contract": AAPL}, timeout=600)
    bench.wait(1)
    assert len(bench.sends("reqMktData")) == 1
    bench.tws("tickPrice", reqId=bench.last_sent("reqMktData")["reqId"], tickType=1, price=1.0, size="1")
    assert bench.answers("early")[0]["ok"]
    assert bench.answers("late")[0]["ok"]
