"""Handlers for bars: historical bars, historical bars kept up to date, and real-time bars of five seconds."""

from __future__ import annotations

from dataclasses import replace

from bridge.simulator.core.refusals import Refused, duplicate_ticker, invalid
from bridge.simulator.core.refusals import history as no_history
from bridge.simulator.core.times import stamp
from bridge.simulator.core.values import Data
from bridge.simulator.handlers.client import Client, RealTimeBars, UpdatedBars
from bridge.simulator.handlers.context import HandlerContext
from bridge.simulator.handlers.handler import Handler, request_id
from bridge.simulator.instruments.lookup import one_contract
from bridge.simulator.market import history
from bridge.simulator.market.bars import merged
from bridge.simulator.market.feed import Feed
from bridge.simulator.market.schedule import schedule

END_SINCE = 196
"""From this server version on, start and end of the data are in an event of their own."""
_OPEN_AT_ONCE = 50
_REAL_TIME = 5


def req_historical_data(context: HandlerContext, client: Client, data: Data) -> None:
    """Send all bars in one event, and the end; then send updates if keepUpToDate is set."""
    asked = request_id(data)
    if asked in client.updated_bars:
        raise duplicate_ticker()
    if len(client.updated_bars) >= _OPEN_AT_ONCE:
        raise Refused(366, "Too many historical data requests are open")
    instrument = one_contract(context.universe, data.get("contract", {}))
    if str(data.get("whatToShow", "")).upper() == "SCHEDULE":
        context.emit(client.id, "historicalSchedule", {"reqId": asked, **schedule(data, instrument, context.seconds)})
        return
    query = history.parse(data, instrument, context.seconds)
    feed = context.market.feeds[instrument.conId]
    bars = history.bars(query, feed)
    if not bars:
        raise no_history(f"HMDS query returned no data: {instrument.localSymbol}@{instrument.defaultExchange}")
    start, end = stamp(query.start, instrument.timeZone), stamp(query.end, instrument.timeZone)
    span = {"startDateStr": start, "endDateStr": end}
    answer: Data = {"reqId": asked, "historicalDataBars": bars}
    if client.server_version < END_SINCE:
        answer |= span
    context.emit(client.id, "historicalData", answer)
    if client.server_version >= END_SINCE:
        context.emit(client.id, "historicalDataEnd", {"reqId": asked, **span})
    if query.updated:
        client.updated_bars[asked] = UpdatedBars(feed, query, bars[-1])


def cancel_historical_data(context: HandlerContext, client: Client, data: Data) -> None:
    """End the updates. As at TWS, the answer is error 366 if the request has already been answered completely."""
    asked = request_id(data)
    if client.updated_bars.pop(asked, None) is None:
        raise Refused(366, f"No historical data query found for ticker id:{asked}")


def req_real_time_bars(context: HandlerContext, client: Client, data: Data) -> None:
    """Send a bar every five seconds. As at TWS, the requested bar size has no effect."""
    asked = request_id(data)
    if asked in client.real_time_bars:
        raise duplicate_ticker()
    instrument = one_contract(context.universe, data.get("contract", {}))
    kind = str(data.get("whatToShow", "")).upper()
    if kind not in history.UPDATED_KINDS:
        raise invalid(f"Invalid or missing whatToShow: {kind}")
    if kind == "TRADES" and instrument.secType == "CASH":
        raise Refused(420, f"Invalid Real-time Query:No trades for {instrument.localSymbol}")
    client.real_time_bars[asked] = RealTimeBars(context.market.feeds[instrument.conId], kind)


def cancel_real_time_bars(context: HandlerContext, client: Client, data: Data) -> None:
    """End the bars. The answer is error 300 if there is no such request."""
    asked = request_id(data)
    if client.real_time_bars.pop(asked, None) is None:
        raise Refused(300, f"Can't find EId with tickerId:{asked}")


def refresh_bars(context: HandlerContext, client: Client) -> None:
    """Send changes of bars that are kept up to date, every second, and real-time bars, every five seconds."""
    for asked, updated_bars in client.updated_bars.items():
        _update(context, client, asked, updated_bars)
    if context.seconds % _REAL_TIME == 0:
        for asked, live in client.real_time_bars.items():
            context.emit(client.id, "realtimeBar", real_time_bar(asked, live, context.seconds - _REAL_TIME))


def _update(context: HandlerContext, client: Client, asked: int, updated_bars: UpdatedBars) -> None:
    """Send the newest bar. If it has just started, send the final state of the bar before it first."""
    now = context.seconds
    recent = replace(updated_bars.query, start=now - min(2 * updated_bars.query.size, 40 * 86_400), end=now + 1)
    bars = history.bars(recent, updated_bars.feed)
    for bar in bars[-2:]:
        if bar["date"] < updated_bars.last["date"] or bar == updated_bars.last:
            continue
        updated_bars.last = bar
        context.emit(client.id, "historicalDataUpdate", {"reqId": asked, "historicalDataBar": bar})


def real_time_bar(asked: int, live: RealTimeBars, start: int) -> Data:
    """Return the bar of the five seconds from `start` (seconds since 1970 UTC)."""
    feed: Feed = live.feed
    seconds = range(start, start + _REAL_TIME)
    bar = merged(found for second in seconds if (found := feed.series.bar(1, second, live.kind)) is not None)
    if bar is None:
        raise LookupError(f"no second of {start} to {start + _REAL_TIME} in the recorder")
    price = feed.price
    data: Data = {"reqId": asked, "time": start, "open": price(bar.open), "high": price(bar.high)}
    data |= {"low": price(bar.low), "close": price(bar.close)}
    if live.kind != "TRADES":
        return data | {"volume": "-1", "WAP": "-1", "count": -1}
    average = round(bar.average * float(feed.instrument.minTick), feed.instrument.digits + 1)
    return data | {"volume": str(bar.volume), "WAP": str(average), "count": bar.count}


HANDLERS: dict[str, Handler] = {
    "reqHistoricalData": req_historical_data,
    "cancelHistoricalData": cancel_historical_data,
    "reqRealTimeBars": req_real_time_bars,
    "cancelRealTimeBars": cancel_real_time_bars,
}
