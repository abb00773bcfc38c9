"""Requests for single ticks: tick by tick as they happen, and those of the past."""

from __future__ import annotations

from collections.abc import Callable

from bridge.simulator import pastticks, tickevents
from bridge.simulator.checks import one_contract
from bridge.simulator.clients import Client, Stream
from bridge.simulator.floor import Floor
from bridge.simulator.handlers.base import Handler, request_id
from bridge.simulator.history import moment
from bridge.simulator.instruments import Instrument
from bridge.simulator.market import ASK, BID, TRADE, Feed
from bridge.simulator.pastticks import Span
from bridge.simulator.refusals import Refused, duplicate_ticker, invalid, unknown_ticker
from bridge.simulator.values import Data

_KIND = "ticks"
_AT_A_TIME = 5
_MOST_TICKS = 1000
_LAST, _ALL_LAST, _BID_ASK, _MID_POINT = 1, 2, 3, 4
_NUMBERS = {"Last": _LAST, "AllLast": _ALL_LAST, "BidAsk": _BID_ASK, "MidPoint": _MID_POINT}
_DAY_BACK = 86_400

Told = list[tuple[str, Data]]


def req_tick_by_tick_data(floor: Floor, client: Client, data: Data) -> None:
    """Past ticks if asked for, then each as it happens."""
    asked = request_id(data)
    if (_KIND, asked) in client.streams:
        raise duplicate_ticker()
    number = _NUMBERS.get(str(data.get("tickType", "")))
    if number is None:
        raise invalid(f"Invalid tick-by-tick type {data.get('tickType', '')}")
    count = int(data.get("numberOfTicks", 0))
    if not 0 <= count <= _MOST_TICKS:
        raise invalid(f"Number of ticks must be from 0 to {_MOST_TICKS}")
    if sum(kind == _KIND for kind, _ in client.streams) >= _AT_A_TIME:
        raise Refused(10190, "Max number of tick-by-tick requests has been reached.")
    instrument = one_contract(floor.universe, data.get("contract", {}))
    _has_ticks(instrument, number in (_LAST, _ALL_LAST), 10189, "Failed to request tick-by-tick data:")
    feed = floor.market.feeds[instrument.conId]
    if count:
        span = Span(range(floor.seconds, floor.seconds - _DAY_BACK, -1), count, exact=True)
        floor.emit(client.id, *_past(feed, data, number, span))
    floor.listen(client, Stream(client.id, _KIND, asked, feed, _live(feed, asked, number, data)))


def _has_ticks(instrument: Instrument, trades: bool, code: int, words: str) -> None:
    if instrument.secType == "CFD" or (trades and instrument.secType == "CASH"):
        raise Refused(code, f"{words}No data of this kind for {instrument.localSymbol}")


def _live(feed: Feed, asked: int, number: int, data: Data) -> Callable[[int], Told]:
    touching = BID | ASK if number == _MID_POINT or data.get("ignoreSize") else ~TRADE

    def last(changed: int) -> Told:
        if not changed & TRADE:
            return []
        tick = tickevents.trade(feed, feed.log.prints[-1])
        return [("tickByTickAllLast", {"reqId": asked, "tickType": number, "historicalTickLast": tick})]

    def bid_ask(changed: int) -> Told:
        if not changed & touching:
            return []
        tick = tickevents.bid_ask(feed, feed.log.quotes[-1])
        return [("tickByTickBidAsk", {"reqId": asked, "tickType": number, "historicalTickBidAsk": tick})]

    def mid_point(changed: int) -> Told:
        if not changed & touching:
            return []
        tick = tickevents.midpoint(feed, feed.log.quotes[-1])
        return [("tickByTickMidPoint", {"reqId": asked, "tickType": number, "historicalTickMidPoint": tick})]

    return {_BID_ASK: bid_ask, _MID_POINT: mid_point}.get(number, last)


def cancel_tick_by_tick_data(floor: Floor, client: Client, data: Data) -> None:
    """300 for one that does not run."""
    stream = client.streams.get((_KIND, request_id(data)))
    if stream is None:
        raise unknown_ticker(request_id(data))
    floor.unlisten(client, stream)


def req_historical_ticks(floor: Floor, client: Client, data: Data) -> None:
    """Ticks from a start on, or up to an end; the last second is told in full."""
    instrument = one_contract(floor.universe, data.get("contract", {}))
    number = {"TRADES": _LAST, "BID_ASK": _BID_ASK, "MIDPOINT": _MID_POINT}.get(str(data.get("whatToShow", "")).upper())
    if number is None:
        raise invalid(f"Invalid whatToShow for historical ticks: {data.get('whatToShow', '')}")
    count = int(data.get("numberOfTicks", 0))
    if not 1 <= count <= _MOST_TICKS:
        raise invalid(f"Number of ticks must be from 1 to {_MOST_TICKS}")
    _has_ticks(instrument, number == _LAST, 10187, "Failed to request historical ticks:")
    start, end = str(data.get("startDateTime", "")).strip(), str(data.get("endDateTime", "")).strip()
    if bool(start) == bool(end):
        raise Refused(10187, "Failed to request historical ticks:Give either a start or an end, not both")
    feed = floor.market.feeds[instrument.conId]
    now, head = floor.seconds, feed.series.head
    at = moment(start or end, instrument.timeZone)
    # The end is exclusive, and the running second is still being written: ticks of it are told as far as they go.
    seconds = range(max(at, head), now + 1) if start else range(min(at - 1, now), head - 1, -1)
    floor.emit(client.id, *_past(feed, data, number, Span(seconds, count, bool(data.get("useRTH")))))


def _past(feed: Feed, data: Data, number: int, span: Span) -> tuple[str, Data]:
    asked = request_id(data)
    if number in (_LAST, _ALL_LAST):
        return tickevents.trades_answer(feed, asked, pastticks.prints(feed, span))
    quotes = pastticks.quotes(feed, span, moves=number == _MID_POINT or bool(data.get("ignoreSize")))
    tell = tickevents.midpoint_answer if number == _MID_POINT else tickevents.bid_ask_answer
    return tell(feed, asked, quotes)


def cancel_historical_ticks(floor: Floor, client: Client, data: Data) -> None:
    """Answered at once: there is never anything left to cancel."""


HANDLERS: dict[str, Handler] = {
    "reqTickByTickData": req_tick_by_tick_data,
    "cancelTickByTickData": cancel_tick_by_tick_data,
    "reqHistoricalTicks": req_historical_ticks,
    "cancelHistoricalTicks": cancel_historical_ticks,
}
