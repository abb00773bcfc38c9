"""Handlers for the start of an instrument's history (reqHeadTimeStamp) and its histogram (reqHistogramData)."""

from __future__ import annotations

from collections import Counter

from bridge.simulator.core.refusals import history as no_history
from bridge.simulator.core.times import DAY, local, local_date
from bridge.simulator.core.values import Data
from bridge.simulator.handlers.client import Client
from bridge.simulator.handlers.context import HandlerContext
from bridge.simulator.handlers.handler import Handler, request_id
from bridge.simulator.instruments.lookup import one_contract
from bridge.simulator.market import history
from bridge.simulator.market.feed import Feed
from bridge.simulator.market.history import HEAD_KINDS, HistoryQuery, bar_spans, checked_kind, span_start

_LONGEST = 366 * DAY
_FINE = 3 * DAY
"""A histogram is made of bars of a minute up to this period, and of bars of half an hour beyond it."""


def req_head_time_stamp(context: HandlerContext, client: Client, data: Data) -> None:
    """Send the time of the first data; in regular hours, the first opening."""
    instrument = one_contract(context.universe, data.get("contract", {}))
    checked_kind(data, instrument, HEAD_KINDS)
    head = context.market.feeds[instrument.conId].series.head
    if data.get("useRTH"):
        day = local_date(head + DAY, instrument.timeZone)
        days = (history.session(date, instrument.timeZone, True) for date in history.week_from(day))
        head = next(one.start for one in days if one is not None)
    text = str(head) if data.get("formatDate") == 2 else f"{local(head, 'UTC'):%Y%m%d-%H:%M:%S}"
    context.emit(client.id, "headTimestamp", {"reqId": request_id(data), "headTimestamp": text})


def req_histogram_data(context: HandlerContext, client: Client, data: Data) -> None:
    """Send the traded volume at each price."""
    instrument = one_contract(context.universe, data.get("contract", {}))
    if instrument.secType == "CASH":
        raise no_history(f"HMDS query returned no data: {instrument.localSymbol} Trades")
    regular = bool(data.get("useRTH"))
    end = context.seconds + 1
    feed = context.market.feeds[instrument.conId]
    start = max(span_start(str(data.get("timePeriod", "")), end, instrument, regular), feed.series.head)
    if end - start > _LONGEST:
        raise no_history("Time length exceed max.")
    query = HistoryQuery(DAY, "TRADES", regular, False, start, end, False)
    found = sorted(histogram(feed, query).items())
    entries = [{"price": feed.price(price), "size": str(size)} for price, size in found]
    context.emit(client.id, "histogramData", {"reqId": request_id(data), "histogramDataEntries": entries})


def histogram(feed: Feed, query: HistoryQuery) -> Counter[int]:
    """Return the volume at each price, in ticks. The volume of a bar counts at its average price."""
    level = 60 if query.end - query.start <= _FINE else 1800
    volumes: Counter[int] = Counter()
    for group in bar_spans(query, feed.instrument.timeZone):
        for one in group:
            first, last = max(one.start, query.start), min(one.end, query.end) - 1
            for index in range(first // level, last // level + 1):
                bar = feed.series.bar(level, index, "TRADES")
                if bar is not None and bar.volume:
                    volumes[round(bar.average)] += bar.volume
    return volumes


def _silent(context: HandlerContext, client: Client, data: Data) -> None:
    """Do nothing: both answers are sent at once, so nothing is left to cancel."""


HANDLERS: dict[str, Handler] = {
    "reqHeadTimeStamp": req_head_time_stamp,
    "cancelHeadTimeStamp": _silent,
    "reqHistogramData": req_histogram_data,
    "cancelHistogramData": _silent,
}
