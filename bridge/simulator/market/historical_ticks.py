"""Historical trades, quotes and midpoints that agree with the bars of the same instrument.

The feed's log has the most recent ticks. For earlier times, this module divides the bar of each second into ticks.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice, pairwise
from typing import TypeVar

from bridge.simulator.core.times import is_liquid
from bridge.simulator.market.bars import shares
from bridge.simulator.market.feed import Feed
from bridge.simulator.market.tick_log import Quote, TradePrint

_VENUES = ("ARCA", "NASDAQ", "BATS", "IEX", "EDGX", "MEMX")
_MINUTE = 60
_MOST_MINUTES = 4_000
_MOST_SECONDS = 20_000
"""Limits of a search: minutes looked at, and seconds looked at within minutes that have ticks."""

Tick = TypeVar("Tick", TradePrint, Quote)


@dataclass(frozen=True, slots=True)
class Span:
    """Where to search: `seconds` since 1970 UTC, backwards if the step is -1, until `count` ticks are found."""

    seconds: range
    count: int
    regular: bool = False
    """Whether to search in regular hours only."""
    exact: bool = False
    """Whether to return at most `count` ticks, the newest ones. If false, the last second is complete, as at TWS."""


def prints(feed: Feed, span: Span) -> list[TradePrint]:
    """Return trades, oldest first. Trades of an option before the exchange opened exist only as bars."""
    if feed.instrument.secType == "OPT":
        span = replace(span, seconds=_since(span.seconds, feed.log.opened))
    logged = _by_second(feed.log.prints)
    since = feed.log.prints_since

    def of(second: int) -> list[TradePrint]:
        return logged.get(second, []) if second >= since else _old_prints(feed, second)

    return _collect(_busy(feed, span, "TRADES"), span, of)


def quotes(feed: Feed, span: Span, moves: bool = False) -> list[Quote]:
    """Return quote changes, oldest first. With `moves`, only those that changed a price."""
    logged = _by_second(_moves(feed.log.quotes) if moves else feed.log.quotes)
    since = feed.log.quotes_since

    def of(second: int) -> list[Quote]:
        return logged.get(second, []) if second >= since else _old_quotes(feed, second)

    return _collect(_busy(feed, span, "BID"), span, of)


def _since(seconds: range, first: int) -> range:
    """Return the part of a range, in either direction, that is not before `first`."""
    if seconds.step > 0:
        return range(max(seconds.start, first), seconds.stop)
    return range(seconds.start, max(seconds.stop, first - 1), -1)


def _moves(found: Iterable[Quote]) -> list[Quote]:
    kept: list[Quote] = []
    for quote in found:
        if not kept or (quote.bid, quote.ask) != (kept[-1].bid, kept[-1].ask):
            kept.append(quote)
    return kept


def _by_second(ticks: Iterable[Tick]) -> dict[int, list[Tick]]:
    found: dict[int, list[Tick]] = defaultdict(list)
    for tick in ticks:
        found[tick.time].append(tick)
    return found


def _collect(busy: Iterable[int], span: Span, of: Callable[[int], list[Tick]]) -> list[Tick]:
    groups: list[list[Tick]] = []
    total = 0
    for second in islice(busy, _MOST_SECONDS):
        group = of(second)
        if group:
            groups.append(group)
            total += len(group)
        if total >= span.count:
            break
    if span.seconds.step < 0:
        groups.reverse()
    found = [tick for group in groups for tick in group]
    return found[-span.count :] if span.exact else found


def _busy(feed: Feed, span: Span, kind: str) -> Iterator[int]:
    """Yield the seconds of each minute in which anything happened."""
    seconds = span.seconds
    if not seconds:
        return
    step, low, high = seconds.step, min(seconds[0], seconds[-1]), max(seconds[0], seconds[-1])
    minutes = iter(range(seconds[0] // _MINUTE, seconds[-1] // _MINUTE + step, step))
    always, zone_name = feed.instrument.alwaysLiquid, feed.instrument.timeZone
    if span.regular:
        minutes = (minute for minute in minutes if is_liquid(minute * _MINUTE, zone_name, always))
    for minute in islice(minutes, _MOST_MINUTES):
        bar = feed.series.bar(_MINUTE, minute, kind)
        if bar is None or (kind == "TRADES" and not bar.count):
            continue
        first = max(low, minute * _MINUTE)
        last = min(high, minute * _MINUTE + _MINUTE - 1)
        yield from range(first, last + 1) if step > 0 else range(last, first - 1, -1)


def _old_prints(feed: Feed, second: int) -> list[TradePrint]:
    """Generate the trades of one second: their number and total volume are those of the second's bar."""
    bar = feed.series.bar(1, second, "TRADES")
    if bar is None or not bar.count or not bar.volume:
        return []
    count = min(bar.count, bar.volume)
    first = [bar.open, bar.high, bar.low][: count - 1]
    prices = first + [bar.close] * (count - len(first))
    instrument = feed.instrument
    venues = _VENUES if instrument.secType == "STK" else instrument.validExchanges[-1:]
    sizes = shares(bar.volume, [1.0] * count)
    return [
        TradePrint(second, int(price), size, venues[(second + n) % len(venues)])
        for n, (price, size) in enumerate(zip(prices, sizes, strict=True))
    ]


def _old_quotes(feed: Feed, second: int) -> list[Quote]:
    """Generate the quotes of one second from open to close; none if the quote did not move."""
    bar = feed.series.bar(1, second, "BID")
    if bar is None or bar.high == bar.low:
        return []
    between = (bar.low, bar.high) if bar.close >= bar.open else (bar.high, bar.low)
    way = [int(price) for price in (bar.open, *between, bar.close)]
    return [_quote(feed, second, price) for before, price in pairwise(way) if price != before]


def _quote(feed: Feed, second: int, bid: int) -> Quote:
    lot = feed.instrument.lot
    return Quote(second, bid, bid + feed.instrument.spread, lot * (1 + (second + bid) % 12), lot * (1 + bid % 9))
