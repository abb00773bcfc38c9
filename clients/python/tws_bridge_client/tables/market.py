"""Bars and ticks as tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

from tws_bridge_client.generated import messages as m
from tws_bridge_client.generated import types as t
from tws_bridge_client.struct import Struct
from tws_bridge_client.tables.table import Column, Table, parts
from tws_bridge_client.tws_times import day, from_seconds, is_day, moment

_BARS = (m.HistoricalData, m.HistoricalDataUpdate, m.RealtimeBar, t.HistoricalDataBar)
_BAR_COLUMNS = [
    Column("open", "float"), Column("high", "float"), Column("low", "float"), Column("close", "float"),
    Column("volume", "decimal"), Column("WAP", "decimal"), Column("barCount", "int"),
]  # fmt: skip


def bars(source: Any, tws_zone: str | None = None) -> Table:
    """Bars by their start: `time`, or `date` for bars of a day and longer. A bar with a known start replaces that one.

    It takes `historicalData`, `historicalDataUpdate` and `realtimeBar`. The columns: time or date, open, high, low,
    close, volume, WAP, barCount.
    """
    found: dict[date | datetime | None, list[Any]] = {}
    for start, bar in _bars(source, tws_zone):
        count = bar.count if isinstance(bar, m.RealtimeBar) else bar.barCount
        found[start] = [start, bar.open, bar.high, bar.low, bar.close, bar.volume, bar.WAP, count]
    kinds = {type(start) for start in found if start is not None}
    if len(kinds) > 1:
        raise ValueError("date: some bars begin at a time and some on a day: make one table of each")
    first = Column("date", "date") if kinds == {date} else Column("time", "time")
    return Table([first, *_BAR_COLUMNS], list(found.values()))


_Start = date | datetime | None


def _bars(source: Any, zone: str | None) -> Iterator[tuple[_Start, t.HistoricalDataBar | m.RealtimeBar]]:
    """The bars with their starts."""
    starts = _Starts(zone)
    for part in parts(source, "bars", _BARS):
        match part:
            case m.HistoricalData():
                starts = _Starts(zone)
                for bar in part.historicalDataBars:
                    yield starts.next(bar.date), bar
            case m.HistoricalDataUpdate():
                bar = part.historicalDataBar
                yield starts.same_or_next(bar.date), bar
            case t.HistoricalDataBar():
                yield starts.next(part.date), part
            case m.RealtimeBar():
                yield None if part.time is None else from_seconds(part.time), part


class _Starts:
    """The starts of bars that follow each other, from their texts."""

    def __init__(self, zone: str | None) -> None:
        self._zone = zone
        self._text = ""
        self._last: datetime | None = None

    def next(self, text: str) -> date | datetime:
        """The start of a bar after the last one."""
        if is_day(text):
            return day(text, "date")
        self._text, self._last = text, moment(text, "date", self._zone, self._last)
        return self._last

    def same_or_next(self, text: str) -> date | datetime:
        """The start of a bar that is the last one or a later one."""
        return self._last if self._last is not None and text == self._text else self.next(text)


_TICKS = (
    m.HistoricalTicks, m.HistoricalTicksBidAsk, m.HistoricalTicksLast, m.TickByTickAllLast, m.TickByTickBidAsk,
    m.TickByTickMidPoint, t.HistoricalTick, t.HistoricalTickBidAsk, t.HistoricalTickLast,
)  # fmt: skip
_TIME = Column("time", "time")
_TRADE_COLUMNS = [
    _TIME, Column("price", "float"), Column("size", "decimal"), Column("exchange", "text"),
    Column("specialConditions", "text"), Column("pastLimit", "bool"), Column("unreported", "bool"),
]  # fmt: skip
_QUOTE_COLUMNS = [
    _TIME, Column("priceBid", "float"), Column("priceAsk", "float"), Column("sizeBid", "decimal"),
    Column("sizeAsk", "decimal"), Column("bidPastLow", "bool"), Column("askPastHigh", "bool"),
]  # fmt: skip
_MIDPOINT_COLUMNS = [_TIME, Column("price", "float")]


def ticks(source: Any) -> Table:
    """Ticks in their order: trades, bids and asks, or midpoints, but only one of the three.

    It takes `historicalTicks`, `historicalTicksBidAsk`, `historicalTicksLast` and the three `tickByTick...` messages.
    The columns of trades: time, price, size, exchange, specialConditions, pastLimit, unreported. Of bids and asks:
    time, priceBid, priceAsk, sizeBid, sizeAsk, bidPastLow, askPastHigh. Of midpoints: time, price. Without any message
    it has the columns of midpoints.
    """
    kind: type[Struct] | None = None
    rows: list[list[Any]] = []
    for one, found in map(_ticks, parts(source, "ticks", _TICKS)):
        if kind is not None and kind is not one:
            raise ValueError(f"ticks: some are {kind.__name__}, some {one.__name__}: make one table of each")
        kind = one
        rows += map(_tick_row, found)
    if kind is t.HistoricalTickLast:
        return Table(list(_TRADE_COLUMNS), rows)
    return Table(list(_QUOTE_COLUMNS if kind is t.HistoricalTickBidAsk else _MIDPOINT_COLUMNS), rows)


_Tick = t.HistoricalTick | t.HistoricalTickBidAsk | t.HistoricalTickLast


def _ticks(part: Struct) -> tuple[type[Struct], Sequence[_Tick]]:
    """The ticks of a message, and their kind: a message may have none."""
    match part:
        case m.HistoricalTicksLast():
            return t.HistoricalTickLast, part.historicalTicksLast
        case m.HistoricalTicksBidAsk():
            return t.HistoricalTickBidAsk, part.historicalTicksBidAsk
        case m.HistoricalTicks():
            return t.HistoricalTick, part.historicalTicks
        case m.TickByTickAllLast(tickType=1 | 2):
            return t.HistoricalTickLast, [part.historicalTickLast]
        case m.TickByTickBidAsk(tickType=3):
            return t.HistoricalTickBidAsk, [part.historicalTickBidAsk]
        case m.TickByTickMidPoint(tickType=4):
            return t.HistoricalTick, [part.historicalTickMidPoint]
        case t.HistoricalTickLast() | t.HistoricalTickBidAsk() | t.HistoricalTick():
            return type(part), [part]
    raise ValueError(f"ticks: {part!r} has no tick of a known kind")


def _tick_row(tick: _Tick) -> list[Any]:
    time = None if tick.time is None else from_seconds(tick.time)
    match tick:
        case t.HistoricalTickLast():
            flags = tick.tickAttribLast or t.TickAttribLast()
            conditions = tick.specialConditions
            return [time, tick.price, tick.size, tick.exchange, conditions, flags.pastLimit, flags.unreported]
        case t.HistoricalTickBidAsk():
            marks = tick.tickAttribBidAsk or t.TickAttribBidAsk()
            sizes = tick.sizeBid, tick.sizeAsk
            return [time, tick.priceBid, tick.priceAsk, *sizes, marks.bidPastLow, marks.askPastHigh]
    return [time, tick.price]
