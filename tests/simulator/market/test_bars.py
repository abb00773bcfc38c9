"""Bars: taken apart and put together again; the generated history; the recorder."""

from itertools import pairwise
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from bridge.simulator.market.bar_recorder import BarRecorder
from bridge.simulator.market.bars import Bar, merged, shares, subdivided
from bridge.simulator.market.generated_history import GeneratedHistory
from bridge.simulator.market.series import KINDS, Series

PAST = GeneratedHistory("1/265598", 23000, 360.0, 40_000_000, 1773255610)


@st.composite
def bar(draw: st.DrawFn) -> Bar:
    low = draw(st.integers(1, 10_000))
    high = draw(st.integers(low, low + 500))
    first, last = draw(st.integers(low, high)), draw(st.integers(low, high))
    volume = draw(st.integers(0, 100_000))
    return Bar(first, high, low, last, volume, volume // 100, 0.0)


@given(bar(), st.sampled_from([2, 30, 48, 60]), st.integers())
def test_parts_make_the_whole_again(whole: Bar, n: int, seed: int) -> None:
    parts = subdivided(whole, n, Random(seed))
    again = merged(parts)
    assert again is not None and len(parts) == n
    again.value = 0.0
    assert again == whole
    for before, after in pairwise(parts):
        assert after.open == before.close
    for part in parts:
        assert part.low <= min(part.open, part.close) <= max(part.open, part.close) <= part.high
        assert part.low <= part.average <= part.high
        assert part.volume >= 0


@given(st.integers(0, 10**9), st.lists(st.floats(0.1, 10), min_size=1, max_size=60))
def test_shares_sum_up(total: int, weights: list[float]) -> None:
    assert sum(shares(total, weights)) == total


@given(st.integers(1, 200_000))
def test_coarse_bars_of_the_past_agree_with_fine_ones(minutes_ago: int) -> None:
    half_hour = (1773255610 // 60 - minutes_ago) // 30
    whole = PAST.bar(1800, half_hour)
    minutes = [PAST.bar(60, half_hour * 30 + i) for i in range(30)]
    found = merged(bar for bar in minutes if bar is not None)
    assert whole is not None and found is not None
    assert (found.open, found.high, found.low, found.close, found.volume) == (
        whole.open, whole.high, whole.low, whole.close, whole.volume
    )  # fmt: skip


def test_the_past_is_without_gaps_and_ends_at_the_base() -> None:
    last = PAST.origin // 1800
    bars = [PAST.bar(1800, index) for index in range(last - 200, last + 1)]
    for before, after in pairwise(bars):
        assert before is not None and after is not None
        assert before.close == after.open
    final = PAST.bar(1800, last)
    assert final is not None and final.close == 23000
    assert PAST.bar(1800, PAST.head // 1800 - 1) is None


@given(st.lists(st.tuples(st.integers(0, 400), st.integers(90, 110), st.booleans()), max_size=60))
def test_the_tape_holds_every_quote_and_trade(steps: list[tuple[int, int, bool]]) -> None:
    start = 1773255590
    recorder = BarRecorder(start, 100, 101, 100)
    second, seen, volume = start, [(start, 100)], 0
    for wait, price, trade in steps:
        second += wait
        if trade:
            recorder.trade(second, price, 5)
            volume += 5
        else:
            recorder.quote(second, price, price + 1)
            seen.append((second, price))
    for level in (1, 60, 1800):
        for at, price in seen:
            sample = recorder.sample(level, at // level)
            assert sample is not None
            assert sample.bid.low <= price <= sample.bid.high
            assert sample.ask.low <= price + 1 <= sample.ask.high
        spans = range(start // level, second // level + 1)
        samples = [recorder.sample(level, index) for index in spans]
        assert sum(sample.last.volume for sample in samples if sample is not None) == volume


def test_what_the_tape_no_longer_keeps_is_told_from_coarser_samples() -> None:
    opened = 1773255610
    rng, recorder = Random(1), BarRecorder(opened, 23000, 23001, 23000)
    series = Series(PAST, recorder, opened, 1)
    for second in range(opened, opened + 3 * 3600):
        recorder.quote(second, price := 23000 + rng.randrange(-50, 50), price + 1)
        recorder.trade(second, price, 100)
    minute = opened // 60 + 5
    assert not recorder.keeps(1, minute * 60) and recorder.keeps(60, minute)
    for kind in KINDS:
        whole = series.bar(60, minute, kind)
        parts = merged(bar for i in range(60) if (bar := series.bar(1, minute * 60 + i, kind)) is not None)
        assert whole is not None and parts is not None
        assert (parts.open, parts.high, parts.low, parts.close, parts.volume) == (
            whole.open, whole.high, whole.low, whole.close, whole.volume
        )  # fmt: skip
