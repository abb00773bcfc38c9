"""The rules for historical data, as TWS counts them. `test_bridge` holds the bridge's own rules against them."""

from __future__ import annotations

import random
from typing import Any

import pytest

from bridge.session.pacing.history import HistoryRules
from bridge.simulator.shell.history_limit import HistoryLimit

SECOND = 1_000_000_000


def bars(con_id: int = 1, end: int = 1, what: str = "TRADES", size: str = "5 secs") -> dict[str, Any]:
    return {"contract": {"conId": con_id}, "endDateTime": str(end), "whatToShow": what, "barSizeSetting": size}


def verdicts(*asked: tuple[float, dict[str, Any]]) -> list[bool]:
    limit = HistoryLimit()
    return [limit.is_violated("reqHistoricalData", {"reqId": n, **data}, int(at * SECOND)) for n, (at, data) in
            enumerate(asked)]  # fmt: skip


def test_an_identical_request_within_15_seconds() -> None:
    assert verdicts((0, bars()), (14.9, bars()), (15.1, bars()), (16, bars(end=2))) == [False, True, False, False]


def test_the_sixth_of_a_series_within_two_seconds() -> None:
    asked = [(0.1 * number, bars(end=number)) for number in range(6)]
    assert verdicts(*asked, (0.7, bars(end=9, what="BID")), (2.1, bars(end=10))) == [False] * 5 + [True, False, False]


def test_more_than_60_in_ten_minutes_and_bid_ask_counts_twice() -> None:
    asked = [(number, bars(con_id=number, what="BID_ASK")) for number in range(31)]
    assert verdicts(*asked) == [False] * 30 + [True]


def test_large_bars_have_no_limit() -> None:
    assert not any(verdicts(*((0, bars(size="1 hour")) for _ in range(100))))


@pytest.mark.parametrize("seed", range(10))
def test_bridge(seed: int) -> None:
    """Whatever the bridge's rules let through at some time, TWS takes."""
    dice, now = random.Random(seed), 0.0
    rules, limit = HistoryRules(lambda: 0), HistoryLimit()
    for _ in range(300):
        now += dice.choice([0.0, 0.1, 1.0, 5.0])
        params = bars(dice.randrange(3), dice.randrange(4), dice.choice(["TRADES", "BID_ASK"]))
        while (wait := rules.wait("reqHistoricalData", params, now)) > 0:
            now += wait
        rules.count("reqHistoricalData", params, now)
        assert not limit.is_violated("reqHistoricalData", {"reqId": 1, **params}, round(now * SECOND))
