"""Answers to reqHistoricalData: any bar size, duration and kind, from the series of an instrument.

Invalid requests raise Refused with TWS's codes.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import groupby

from bridge.simulator.core import refusals
from bridge.simulator.core.times import DAY, LIQUID_HOURS, local_date, midnight, parse_moment, stamp
from bridge.simulator.core.values import Data
from bridge.simulator.instruments.instrument import Instrument
from bridge.simulator.market.bars import Bar, merged
from bridge.simulator.market.feed import Feed

SIZES = {
    "1 secs": 1, "5 secs": 5, "10 secs": 10, "15 secs": 15, "30 secs": 30, "1 min": 60, "2 mins": 120, "3 mins": 180,
    "5 mins": 300, "10 mins": 600, "15 mins": 900, "20 mins": 1200, "30 mins": 1800, "1 hour": 3600, "2 hours": 7200,
    "3 hours": 10800, "4 hours": 14400, "8 hours": 28800, "1 day": DAY, "1 week": 7 * DAY, "1 month": 30 * DAY,
}  # fmt: skip
_ALIASES = {
    "1 sec": "1 secs", "1 mins": "1 min", "1 hours": "1 hour", "1 days": "1 day", "1D": "1 day", "1W": "1 week",
    "1 weeks": "1 week", "1M": "1 month", "1 months": "1 month", "1h": "1 hour",
}  # fmt: skip
_UNITS = {"S": 1, "D": DAY, "W": 7 * DAY, "M": 30 * DAY, "Y": 365 * DAY}
_PERIODS = {"second": "S", "day": "D", "week": "W", "month": "M", "year": "Y"}
_MOST = 30_000
UPDATED_KINDS = ("TRADES", "MIDPOINT", "BID", "ASK")
"""The kinds that keepUpToDate and real-time bars offer."""
_VOLATILITIES = ("HISTORICAL_VOLATILITY", "OPTION_IMPLIED_VOLATILITY")
_KINDS = (*UPDATED_KINDS, "BID_ASK", "ADJUSTED_LAST", *_VOLATILITIES)
HEAD_KINDS = (*UPDATED_KINDS, "ADJUSTED_LAST", *_VOLATILITIES)
"""The kinds that reqHeadTimeStamp offers."""
_OTHER_KINDS = (
    "FEE_RATE",
    "REBATE_RATE",
    "YIELD_BID",
    "YIELD_ASK",
    "YIELD_BID_ASK",
    "YIELD_LAST",
    "AGGTRADES",
    "SCHEDULE",
)


@dataclass(frozen=True, slots=True)
class HistoryQuery:
    """A checked reqHistoricalData. `start` and `end` are in seconds since 1970 UTC."""

    size: int
    kind: str
    regular: bool
    epoch: bool
    """Whether times are in seconds since 1970 UTC (formatDate 2)."""
    start: int
    end: int
    updated: bool


@dataclass(frozen=True, slots=True)
class BarSpan:
    """The time of a bar: its trading day, start and end."""

    day: date
    start: int
    end: int


def parse(request: Data, instrument: Instrument, now: int) -> HistoryQuery:
    """Check a request. Raises Refused 321 for an invalid field, 162 if there is no such data."""
    size = _size(request)
    kind = checked_kind(request, instrument, _KINDS)
    end = _end(request, instrument, now)
    amount, unit = _duration(request)
    regular = bool(request.get("useRTH")) and not instrument.alwaysLiquid
    if request.get("keepUpToDate"):
        if request.get("endDateTime"):
            raise refusals.invalid("End Date/Time must be empty for a request that is kept up to date")
        if kind not in UPDATED_KINDS:
            raise refusals.history("only TRADES, MIDPOINT, BID and ASK can be kept up to date")
    if kind == "ADJUSTED_LAST" and request.get("endDateTime"):
        raise refusals.invalid("End Date/Time must be empty for ADJUSTED_LAST")
    start = _start(amount, unit, end, instrument.timeZone, regular)
    if (end - start) // size > _MOST or (size == 1 and end - start > 2000):
        raise refusals.history("Time length exceed max.")
    return HistoryQuery(
        size, kind, regular, request.get("formatDate") == 2, start, end, bool(request.get("keepUpToDate"))
    )


def _size(request: Data) -> int:
    text = str(request.get("barSizeSetting", "")).strip()
    size = SIZES.get(_ALIASES.get(text, text))
    if size is None:
        legal = ", ".join(SIZES)
        raise refusals.invalid(f"Historical data bar size setting is invalid. Legal ones are: {legal}")
    return size


def checked_kind(request: Data, instrument: Instrument, known: tuple[str, ...]) -> str:
    """Return whatToShow if the instrument has such data.

    Raises Refused 321 for an unknown word, 162 if there is no data.
    """
    kind = str(request.get("whatToShow", "")).upper()
    if kind not in known:
        if kind in _KINDS or kind in _OTHER_KINDS:
            raise refusals.history(f"HMDS query returned no data: {_place(instrument)} {kind}")
        raise refusals.invalid(f"Invalid or missing whatToShow: {kind}")
    no_trades = instrument.secType == "CASH" and kind in ("TRADES", "ADJUSTED_LAST")
    no_options = kind in _VOLATILITIES and instrument.secType != "STK"
    if no_trades or no_options or (kind == "ADJUSTED_LAST" and instrument.secType != "STK"):
        raise refusals.history(f"HMDS query returned no data: {_place(instrument)} {kind.title()}")
    return kind


def _place(instrument: Instrument) -> str:
    return f"{instrument.localSymbol}@{instrument.defaultExchange}"


def _end(request: Data, instrument: Instrument, now: int) -> int:
    text = str(request.get("endDateTime", ""))
    if not text.strip():
        return now + 1
    return min(moment(text, instrument.timeZone), now + 1)


def moment(text: str, zone_name: str) -> int:
    """Parse a time to seconds since 1970 UTC. Raises Refused 10314 if it is invalid."""
    try:
        return parse_moment(text, zone_name)
    except ValueError:
        raise refusals.Refused(
            10314,
            "End Date/Time: The date, time, or time-zone entered is invalid. The correct format is yyyymmdd hh:mm:ss "
            "xx/xxxx where yyyymmdd and xx/xxxx are optional.",
        ) from None


def _duration(request: Data) -> tuple[int, str]:
    parts = str(request.get("duration", "")).upper().split()
    if len(parts) != 2 or not parts[0].isdecimal() or parts[1] not in _UNITS or int(parts[0]) < 1:
        raise refusals.invalid("Historical data query duration is invalid")
    amount, unit = int(parts[0]), parts[1]
    if unit == "S" and amount > DAY:
        raise refusals.invalid("Historical data requests for durations longer than 86400 seconds must be made in days.")
    if unit in "DWM" and amount * _UNITS[unit] > 366 * DAY:
        raise refusals.invalid("Historical data requests for durations longer than 365 days must be made in years.")
    if unit == "Y" and amount > 100:
        raise refusals.invalid("Historical data query duration is invalid")
    return amount, unit


def span_start(period: str, end: int, instrument: Instrument, regular: bool) -> int:
    """Return when a period such as "3 days" before `end` started. Raises Refused 321 for an invalid period."""
    words = period.lower().split()
    unit = _PERIODS.get(words[1].removesuffix("s")) if len(words) == 2 else None
    if unit is None or not words[0].isdecimal():
        raise refusals.invalid(f"Invalid time period {period}")
    amount, _ = _duration({"duration": f"{words[0]} {unit}"})
    return _start(amount, unit, end, instrument.timeZone, regular)


def _start(amount: int, unit: str, end: int, zone_name: str, regular: bool) -> int:
    if unit != "D" or not regular:
        return end - amount * _UNITS[unit]
    day = local_date(end - 1, zone_name)
    while True:
        opens = session(day, zone_name, True)
        if opens and opens.start < end:
            amount -= 1
            if amount == 0:
                return opens.start
        day -= timedelta(days=1)


def session(day: date, zone_name: str, regular: bool) -> BarSpan | None:
    """Return the trading session of a day; None on a weekend if `regular` is true."""
    start = midnight(day, zone_name)
    if not regular:
        return BarSpan(day, start, midnight(day + timedelta(days=1), zone_name))
    opens, closes = LIQUID_HOURS.get(zone_name, (0, 24 * 60))
    return None if day.weekday() >= 5 else BarSpan(day, start + opens * 60, start + closes * 60)


def week_from(day: date) -> Iterator[date]:
    """Yield seven days. At least one of them is a trading day."""
    return (day + timedelta(days=n) for n in range(7))


def _sessions(query: HistoryQuery, zone_name: str) -> Iterator[BarSpan]:
    day, last = local_date(query.start, zone_name), local_date(query.end - 1, zone_name)
    while day <= last:
        found = session(day, zone_name, query.regular)
        if found and found.start < query.end and found.end > query.start:
            yield found
        day += timedelta(days=1)


def bar_spans(query: HistoryQuery, zone_name: str) -> Iterator[list[BarSpan]]:
    """Yield the times of each bar. A weekly or monthly bar has several sessions."""
    sessions = _sessions(query, zone_name)
    if query.size == SIZES["1 week"]:
        yield from (list(days) for _, days in groupby(sessions, lambda s: s.day.isocalendar()[:2]))
    elif query.size == SIZES["1 month"]:
        yield from (list(days) for _, days in groupby(sessions, lambda s: (s.day.year, s.day.month)))
    elif query.size == DAY:
        yield from ([one] for one in sessions)
    else:
        for one in sessions:
            yield from ([part] for part in _parts(one, query, midnight(one.day, zone_name)))


def _parts(whole: BarSpan, query: HistoryQuery, base: int) -> Iterator[BarSpan]:
    """Intraday bars start at multiples of their size since midnight, the first one at the opening (captured at 200)."""
    start = max(whole.start, base + (max(query.start, whole.start) - base) // query.size * query.size)
    while start < min(whole.end, query.end):
        after = base + ((start - base) // query.size + 1) * query.size
        yield BarSpan(whole.day, start, min(after, whole.end))
        start = after


def bars(query: HistoryQuery, feed: Feed) -> list[Data]:
    """Return the historicalDataBars of the answer, oldest first."""
    found = []
    query = replace(query, start=max(query.start, feed.series.head))
    for group in bar_spans(query, feed.instrument.timeZone):
        bar = merged(part for one in group if (part := _bar(feed, one, query)) is not None)
        if bar is not None:
            found.append(bar_data(bar, feed, query, group[0] if query.size <= DAY else group[-1]))
    return found


def _bar(feed: Feed, one: BarSpan, query: HistoryQuery) -> Bar | None:
    level = 1 if query.size < 60 else 60 if query.size < 1800 else 1800
    kind = {"ADJUSTED_LAST": "TRADES", "BID_ASK": "MIDPOINT"}.get(query.kind, query.kind)
    kind = "MIDPOINT" if kind in _VOLATILITIES else kind
    last = min(one.end, query.end) - 1
    series = feed.series
    indices = range(one.start // level, last // level + 1)
    whole = merged(bar for index in indices if (bar := series.bar(level, index, kind)) is not None)
    if whole is not None and query.kind in _VOLATILITIES:
        return _volatility_bar(whole, feed)
    return whole


def _volatility_bar(bar: Bar, feed: Feed) -> Bar:
    """Volatility rises when the price falls. The values are not in ticks, so they are scaled for `feed.price`."""
    instrument = feed.instrument
    scale = instrument.volatility * instrument.price / float(instrument.minTick) ** 2
    return Bar(scale / bar.open, scale / bar.low, scale / bar.high, scale / bar.close)


def bar_data(bar: Bar, feed: Feed, query: HistoryQuery, one: BarSpan) -> Data:
    """Return one HistoricalDataBar. Kinds other than trades have -1 as volume, average and count."""
    price = feed.price
    data: Data = {"date": _date(query, one, feed.instrument.timeZone)}
    if query.kind in _VOLATILITIES:
        tick = float(feed.instrument.minTick)
        values = (round(ticks * tick, 6) for ticks in (bar.open, bar.high, bar.low, bar.close))
    elif query.kind == "BID_ASK":
        half = feed.instrument.spread / 2
        values = (price(ticks) for ticks in (bar.close - half, bar.high + half, bar.low - half, bar.close + half))
    else:
        values = (price(ticks) for ticks in (bar.open, bar.high, bar.low, bar.close))
    data |= dict(zip(("open", "high", "low", "close"), values, strict=True))
    if query.kind not in ("TRADES", "ADJUSTED_LAST"):
        return data | {"volume": "-1", "WAP": "-1", "barCount": -1}
    average = round(bar.average * float(feed.instrument.minTick), feed.instrument.digits + 1)
    return data | {
        "volume": str(bar.volume),
        "WAP": f"{average:g}" if average < 1000 else str(average),
        "barCount": bar.count,
    }


def _date(query: HistoryQuery, one: BarSpan, zone_name: str) -> str:
    if query.size >= DAY:
        return f"{one.day:%Y%m%d}"
    return str(one.start) if query.epoch else stamp(one.start, zone_name)
