"""Handlers for single ticks: live tick-by-tick data and historical ticks."""

from __future__ import annotations

from collections.abc import Callable

from bridge.simulator.core.refusals import Refused, duplicate_ticker, invalid, unknown_ticker
from bridge.simulator.core.values import Data
from bridge.simulator.handlers.client import Client
from bridge.simulator.handlers.context import HandlerContext
from bridge.simulator.handlers.handler import Handler, request_id
from bridge.simulator.instruments.instrument import Instrument
from bridge.simulator.instruments.lookup import one_contract
from bridge.simulator.market import historical_ticks, tick_events
from bridge.simulator.market.feed import ASK, BID, TRADE, Feed
from bridge.simulator.market.historical_ticks import Span
from bridge.simulator.market.history import moment
from bridge.simulator.market.subscriptions import FeedSubscription

_KIND = "ticks"
_AT_A_TIME = 5
_MOST_TICKS = 1000
_LAST, _ALL_LAST, _BID_ASK, _MID_POINT = 1, 2, 3, 4
_NUMBERS = {"Last": _LAST, "AllLast": _ALL_LAST, "BidAsk": _BID_ASK, "MidPoint": _MID_POINT}
_DAY_BACK = 86_400

TickEvents = list[tuple[str, Data]]


def req_tick_by_tick_data(context: HandlerContext, client: Client, data: Data) -> None:
    """Send the requested number of past ticks, then each new tick."""
    asked = request_id(data)
    if (_KIND, asked) in client.feed_subscriptions:
        raise duplicate_ticker()
    number = _NUMBERS.get(str(data.get("tickType", "")))
    if number is None:
        raise invalid(f"Invalid tick-by-tick type {data.get('tickType', '')}")
    count = int(data.get("numberOfTicks", 0))
    if not 0 <= count <= _MOST_TICKS:
        raise invalid(f"Number of ticks must be from 0 to {_MOST_TICKS}")
    if sum(kind == _KIND for kind, _ in client.feed_subscriptions) >= _AT_A_TIME:
        raise Refused(10190, "Max number of tick-by-tick requests has been reached.")
    instrument = one_contract(context.universe, data.get("contract", {}))
    _has_ticks(instrument, number in (_LAST, _ALL_LAST), 10189, "Failed to request tick-by-tick data:")
    feed = context.market.feeds[instrument.conId]
    if count:
        span = Span(range(context.seconds, context.seconds - _DAY_BACK, -1), count, exact=True)
        context.emit(client.id, *_past(feed, data, number, span))
    context.subscribe_feed(client, FeedSubscription(client.id, _KIND, asked, feed, _live(feed, asked, number, data)))


def _has_ticks(instrument: Instrument, trades: bool, code: int, words: str) -> None:
    if instrument.secType == "CFD" or (trades and instrument.secType == "CASH"):
        raise Refused(code, f"{words}No data of this kind for {instrument.localSymbol}")


def _live(feed: Feed, asked: int, number: int, data: Data) -> Callable[[int], TickEvents]:
    touching = BID | ASK if number == _MID_POINT or data.get("ignoreSize") else ~TRADE

    def last(changed: int) -> TickEvents:
        if not changed & TRADE:
            return []
        tick = tick_events.trade(feed, feed.log.prints[-1])
        return [("tickByTickAllLast", {"reqId": asked, "tickType": number, "historicalTickLast": tick})]

    def bid_ask(changed: int) -> TickEvents:
        if not changed & touching:
            return []
        tick = tick_events.bid_ask(feed, feed.log.quotes[-1])
        return [("tickByTickBidAsk", {"reqId": asked, "tickType": number, "historicalTickBidAsk": tick})]

    def mid_point(changed: int) -> TickEvents:
        if not changed & touching:
            return []
        tick = tick_events.midpoint(feed, feed.log.quotes[-1])
        return [("tickByTickMidPoint", {"reqId": asked, "tickType": number, "historicalTickMidPoint": tick})]

    return {_BID_ASK: bid_ask, _MID_POINT: mid_point}.get(number, last)


def cancel_tick_by_tick_data(context: HandlerContext, client: Client, data: Data) -> None:
    """End tick-by-tick data. The answer is error 300 if there is no such request."""
    subscription = client.feed_subscriptions.get((_KIND, request_id(data)))
    if subscription is None:
        raise unknown_ticker(request_id(data))
    context.unsubscribe_feed(client, subscription)


def req_historical_ticks(context: HandlerContext, client: Client, data: Data) -> None:
    """Send the ticks after a start or before an end. The ticks of the last second are complete."""
    instrument = one_contract(context.universe, data.get("contract", {}))
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
    feed = context.market.feeds[instrument.conId]
    now, head = context.seconds, feed.series.head
    at = moment(start or end, instrument.timeZone)
    # The end is exclusive. The current second is not complete: the answer has its ticks so far.
    seconds = range(max(at, head), now + 1) if start else range(min(at - 1, now), head - 1, -1)
    context.emit(client.id, *_past(feed, data, number, Span(seconds, count, bool(data.get("useRTH")))))


def _past(feed: Feed, data: Data, number: int, span: Span) -> tuple[str, Data]:
    asked = request_id(data)
    if number in (_LAST, _ALL_LAST):
        return tick_events.trades_answer(feed, asked, historical_ticks.prints(feed, span))
    quotes = historical_ticks.quotes(feed, span, moves=number == _MID_POINT or bool(data.get("ignoreSize")))
    send = tick_events.midpoint_answer if number == _MID_POINT else tick_events.bid_ask_answer
    return send(feed, asked, quotes)


def cancel_historical_ticks(context: HandlerContext, client: Client, data: Data) -> None:
    """Do nothing: the ticks are sent at once, so nothing is left to cancel."""


HANDLERS: dict[str, Handler] = {
    "reqTickByTickData": req_tick_by_tick_data,
    "cancelTickByTickData": cancel_tick_by_tick_data,
    "reqHistoricalTicks": req_historical_ticks,
    "cancelHistoricalTicks": cancel_historical_ticks,
}
