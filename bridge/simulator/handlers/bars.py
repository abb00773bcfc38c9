"""Requests for bars: history, history kept up to date, real-time bars of five seconds."""

from __future__ import annotations

from dataclasses import replace

from bridge.simulator import history
from bridge.simulator.bars import merged
from bridge.simulator.checks import one_contract
from bridge.simulator.clients import Client, KeptBars, LiveBars
from bridge.simulator.floor import Floor
from bridge.simulator.handlers.base import Handler, request_id
from bridge.simulator.market import Feed
from bridge.simulator.refusals import Refused, duplicate_ticker, invalid
from bridge.simulator.refusals import history as no_history
from bridge.simulator.schedule import schedule
from bridge.simulator.times import stamp
from bridge.simulator.values import Data

END_SINCE = 196
"""The server version from which start and end travel in an event of their own."""
_OPEN_AT_ONCE = 50
_REAL_TIME = 5


def req_historical_data(floor: Floor, client: Client, data: Data) -> None:
    """All bars in one event, its end; then updates, if it is kept up to date."""
    asked = request_id(data)
    if asked in client.kept:
        raise duplicate_ticker()
    if len(client.kept) >= _OPEN_AT_ONCE:
        raise Refused(366, "Too many historical data requests are open")
    instrument = one_contract(floor.universe, data.get("contract", {}))
    if str(data.get("whatToShow", "")).upper() == "SCHEDULE":
        floor.emit(client.id, "historicalSchedule", {"reqId": asked, **schedule(data, instrument, floor.seconds)})
        return
    query = history.parse(data, instrument, floor.seconds)
    feed = floor.market.feeds[instrument.conId]
    bars = history.bars(query, feed)
    if not bars:
        raise no_history(f"HMDS query returned no data: {instrument.localSymbol}@{instrument.defaultExchange}")
    start, end = stamp(query.start, instrument.timeZone), stamp(query.end, instrument.timeZone)
    span = {"startDateStr": start, "endDateStr": end}
    answer: Data = {"reqId": asked, "historicalDataBars": bars}
    if client.server_version < END_SINCE:
        answer |= span
    floor.emit(client.id, "historicalData", answer)
    if client.server_version >= END_SINCE:
        floor.emit(client.id, "historicalDataEnd", {"reqId": asked, **span})
    if query.updated:
        client.kept[asked] = KeptBars(feed, query, bars[-1])


def cancel_historical_data(floor: Floor, client: Client, data: Data) -> None:
    """366 for a request that has already been answered, as TWS does."""
    asked = request_id(data)
    if client.kept.pop(asked, None) is None:
        raise Refused(366, f"No historical data query found for ticker id:{asked}")


def req_real_time_bars(floor: Floor, client: Client, data: Data) -> None:
    """A bar each five seconds, whatever size is asked, as TWS does."""
    asked = request_id(data)
    if asked in client.live_bars:
        raise duplicate_ticker()
    instrument = one_contract(floor.universe, data.get("contract", {}))
    kind = str(data.get("whatToShow", "")).upper()
    if kind not in history.UPDATED_KINDS:
        raise invalid(f"Invalid or missing whatToShow: {kind}")
    if kind == "TRADES" and instrument.secType == "CASH":
        raise Refused(420, f"Invalid Real-time Query:No trades for {instrument.localSymbol}")
    client.live_bars[asked] = LiveBars(floor.market.feeds[instrument.conId], kind)


def cancel_real_time_bars(floor: Floor, client: Client, data: Data) -> None:
    """300 for one that does not run."""
    asked = request_id(data)
    if client.live_bars.pop(asked, None) is None:
        raise Refused(300, f"Can't find EId with tickerId:{asked}")


def refresh_bars(floor: Floor, client: Client) -> None:
    """Once a second: what has changed in bars that are kept up to date; each five seconds the real-time bars."""
    for asked, kept in client.kept.items():
        _update(floor, client, asked, kept)
    if floor.seconds % _REAL_TIME == 0:
        for asked, live in client.live_bars.items():
            floor.emit(client.id, "realtimeBar", real_time_bar(asked, live, floor.seconds - _REAL_TIME))


def _update(floor: Floor, client: Client, asked: int, kept: KeptBars) -> None:
    """The newest bar and, where that has just begun, the last word on the one before."""
    now = floor.seconds
    recent = replace(kept.query, start=now - min(2 * kept.query.size, 40 * 86_400), end=now + 1)
    bars = history.bars(recent, kept.feed)
    for bar in bars[-2:]:
        if bar["date"] < kept.last["date"] or bar == kept.last:
            continue
        kept.last = bar
        floor.emit(client.id, "historicalDataUpdate", {"reqId": asked, "historicalDataBar": bar})


def real_time_bar(asked: int, live: LiveBars, start: int) -> Data:
    """The bar of the five seconds from `start` (since 1970 UTC)."""
    feed: Feed = live.feed
    seconds = range(start, start + _REAL_TIME)
    bar = merged(found for second in seconds if (found := feed.series.bar(1, second, live.kind)) is not None)
    if bar is None:
        raise LookupError(f"no second of {start} to {start + _REAL_TIME} on the tape")
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
