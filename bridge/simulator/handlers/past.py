"""Requests about the history of an instrument as a whole: how far back it goes, at which prices it traded."""

from __future__ import annotations

from collections import Counter

from bridge.simulator import history
from bridge.simulator.checks import one_contract
from bridge.simulator.clients import Client
from bridge.simulator.floor import Floor
from bridge.simulator.handlers.base import Handler, request_id
from bridge.simulator.history import HEAD_KINDS, Query, checked_kind, span_start, stretches
from bridge.simulator.market import Feed
from bridge.simulator.refusals import history as no_history
from bridge.simulator.times import DAY, local, local_date
from bridge.simulator.values import Data

_LONGEST = 366 * DAY
_FINE = 3 * DAY
"""Up to here a histogram is made of minutes, beyond of half hours."""


def req_head_time_stamp(floor: Floor, client: Client, data: Data) -> None:
    """The first moment of the history; in regular hours, the first opening."""
    instrument = one_contract(floor.universe, data.get("contract", {}))
    checked_kind(data, instrument, HEAD_KINDS)
    head = floor.market.feeds[instrument.conId].series.head
    if data.get("useRTH"):
        day = local_date(head + DAY, instrument.timeZone)
        days = (history.session(date, instrument.timeZone, True) for date in history.week_from(day))
        head = next(one.start for one in days if one is not None)
    text = str(head) if data.get("formatDate") == 2 else f"{local(head, 'UTC'):%Y%m%d-%H:%M:%S}"
    floor.emit(client.id, "headTimestamp", {"reqId": request_id(data), "headTimestamp": text})


def req_histogram_data(floor: Floor, client: Client, data: Data) -> None:
    """How much traded at which price."""
    instrument = one_contract(floor.universe, data.get("contract", {}))
    if instrument.secType == "CASH":
        raise no_history(f"HMDS query returned no data: {instrument.localSymbol} Trades")
    regular = bool(data.get("useRTH"))
    end = floor.seconds + 1
    feed = floor.market.feeds[instrument.conId]
    start = max(span_start(str(data.get("timePeriod", "")), end, instrument, regular), feed.series.head)
    if end - start > _LONGEST:
        raise no_history("Time length exceed max.")
    query = Query(DAY, "TRADES", regular, False, start, end, False)
    found = sorted(histogram(feed, query).items())
    entries = [{"price": feed.price(price), "size": str(size)} for price, size in found]
    floor.emit(client.id, "histogramData", {"reqId": request_id(data), "histogramDataEntries": entries})


def histogram(feed: Feed, query: Query) -> Counter[int]:
    """Volume by price (in ticks): that of each bar at its average."""
    level = 60 if query.end - query.start <= _FINE else 1800
    volumes: Counter[int] = Counter()
    for group in stretches(query, feed.instrument.timeZone):
        for one in group:
            first, last = max(one.start, query.start), min(one.end, query.end) - 1
            for index in range(first // level, last // level + 1):
                bar = feed.series.bar(level, index, "TRADES")
                if bar is not None and bar.volume:
                    volumes[round(bar.average)] += bar.volume
    return volumes


def _silent(floor: Floor, client: Client, data: Data) -> None:
    """Both are answered at once: there is never anything left to cancel."""


HANDLERS: dict[str, Handler] = {
    "reqHeadTimeStamp": req_head_time_stamp,
    "cancelHeadTimeStamp": _silent,
    "reqHistogramData": req_histogram_data,
    "cancelHistogramData": _silent,
}
