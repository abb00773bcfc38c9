"""The market's walk: seeded, on the grid, options consistent with what they are written on."""

from datetime import date
from math import exp

from hypothesis import given
from hypothesis import strategies as st

from bridge.simulator.instruments.universe import build_universe
from bridge.simulator.market.black_scholes import implied, value
from bridge.simulator.market.feed import ASK, BID, TRADE
from bridge.simulator.market.market import Market
from bridge.simulator.market.option_feed import OptionFeed

OPENED = 1773255610
UNIVERSE = build_universe(date(2026, 3, 11))


def stream(seed: int, opened: int = OPENED, steps: int = 3000) -> list[tuple[int, int, int, int, int]]:
    market = Market(UNIVERSE, seed, opened)
    found = []
    for number in range(steps):
        feed, changed = market.step(opened + number // 100)
        found.append((feed.instrument.conId, changed, feed.bid, feed.ask, feed.last))
    return found


def test_the_same_seed_gives_the_same_stream() -> None:
    assert stream(7) == stream(7)
    assert stream(7) != stream(8)


def test_the_stream_does_not_depend_on_when_it_began() -> None:
    def linear(opened: int) -> list[tuple[int, int, int, int, int]]:
        return [step for step in stream(7, opened) if UNIVERSE.by_id[step[0]].secType != "OPT"]  # options age

    assert linear(OPENED) == linear(OPENED + 200_000)


def test_quotes_stay_apart_and_changes_are_told() -> None:
    market = Market(UNIVERSE, 3, OPENED)
    before = {con_id: (feed.bid, feed.ask, feed.volume) for con_id, feed in market.feeds.items()}
    kinds = set()
    for number in range(20_000):
        feed, changed = market.step(OPENED + number // 100)
        con_id = feed.instrument.conId
        bid, _, volume = before[con_id]
        assert feed.ask - feed.bid == feed.instrument.spread and feed.bid > 0
        assert bool(changed & (BID | ASK)) == (feed.bid != bid)
        assert bool(changed & TRADE) == (feed.volume != volume)
        before[con_id] = (feed.bid, feed.ask, feed.volume)
        kinds.add(changed)
    assert len(kinds) == 4
    assert all(feed.low <= feed.last <= feed.high for feed in market.feeds.values() if feed.trades)


def test_options_follow_their_underlying() -> None:
    market = Market(UNIVERSE, 5, OPENED)
    for number in range(20_000):
        feed, changed = market.step(OPENED + number // 100)
        if isinstance(feed, OptionFeed) and changed & BID:
            assert abs(feed.mark - feed.valuation().price) < 0.05
            assert feed.spot == market.feeds[265598].mark


@given(st.floats(50, 500), st.floats(0.8, 1.2), st.floats(0.02, 2), st.floats(0.1, 1), st.sampled_from("CP"))
def test_an_implied_volatility_gives_its_price_back(
    spot: float, moneyness: float, years: float, volatility: float, right: str
) -> None:
    strike = spot * moneyness
    worth = value(spot, strike, years, volatility, right)
    found = implied(worth.price, spot, strike, years, right)
    if worth.vega > 1e-4:
        assert found is not None and abs(found.price - worth.price) < 1e-4


@given(st.floats(50, 500), st.floats(0.7, 1.3), st.floats(0.02, 2), st.floats(0.1, 1))
def test_put_and_call_are_in_parity(spot: float, moneyness: float, years: float, volatility: float) -> None:
    strike = spot * moneyness
    call, put = value(spot, strike, years, volatility, "C"), value(spot, strike, years, volatility, "P")
    assert abs(call.price - put.price - (spot - strike * exp(-0.04 * years))) < 1e-6
    assert abs(call.delta - put.delta - 1) < 1e-9
