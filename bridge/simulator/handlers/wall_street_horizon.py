"""Handlers for corporate events of Wall Street Horizon: the types of events, and events by instrument or filter."""

from __future__ import annotations

import json
from datetime import date, timedelta

from bridge.simulator.core.refusals import Refused
from bridge.simulator.core.times import EXCHANGE_ZONE, local_date
from bridge.simulator.core.values import Data
from bridge.simulator.handlers.client import Client
from bridge.simulator.handlers.context import HandlerContext
from bridge.simulator.handlers.handler import Handler, request_id
from bridge.simulator.instruments.instrument import Instrument

KINDS = {"wshe_ed": "Earnings Date", "wshe_div": "Dividend"}
_QUARTER, _MOST = 91, 100


def req_wsh_meta_data(context: HandlerContext, client: Client, data: Data) -> None:
    """Send the types of events."""
    kinds = [{"tag": tag, "name": name} for tag, name in KINDS.items()]
    client.has_wsh_metadata = True
    text = json.dumps({"meta_data": {"event_types": kinds}})
    context.emit(client.id, "wshMetaData", {"reqId": request_id(data), "dataJson": text})


def req_wsh_event_data(context: HandlerContext, client: Client, data: Data) -> None:
    """Send the events of one instrument, or of all instruments of a filter.

    The answer is error 10282 before reqWshMetaData.
    """
    if not client.has_wsh_metadata:
        raise Refused(10282, "WSH metadata not requested")
    by_filter = _filter(data)
    if bool(data.get("conId")) == bool(by_filter):
        raise _failed("give either conId or filter")
    watched = by_filter.get("watchlist", []) if by_filter else [data["conId"]]
    if not isinstance(watched, list):
        raise _failed("watchlist is not a list")
    wanted = {str(con_id) for con_id in watched}
    stocks = [one for one in context.universe if one.secType == "STK" and str(one.conId) in wanted]
    if wanted and not stocks:
        raise _failed("unknown conId")
    kinds = [tag for tag in KINDS if not by_filter or by_filter.get(tag, True) in (True, "true")]
    first, last = _span(data, local_date(context.seconds, EXCHANGE_ZONE))
    found = [event for stock in stocks for tag in kinds for event in _events(stock, tag, first, last)]
    found = sorted(found, key=lambda event: str(event["date"]))[: min(int(data.get("totalLimit") or _MOST), _MOST)]
    context.emit(client.id, "wshEventData", {"reqId": request_id(data), "dataJson": json.dumps(found)})


def _failed(reason: str) -> Refused:
    return Refused(10283, f"Fail request WSH event data: {reason}")


def _filter(data: Data) -> Data:
    text = str(data.get("filter", ""))
    if not text:
        return {}
    try:
        found = json.loads(text)
    except ValueError:
        raise _failed("filter is not JSON") from None
    if not isinstance(found, dict) or not found:
        raise _failed("filter is not an object")
    return found


def _span(data: Data, today: date) -> tuple[date, date]:
    days = []
    for name, default in (("startDate", today), ("endDate", today + timedelta(days=2 * _QUARTER))):
        text = str(data.get(name, ""))
        try:
            days.append(date(int(text[:4]), int(text[4:6]), int(text[6:])) if text else default)
        except ValueError:
            raise _failed(f"{name} is not yyyymmdd") from None
    return days[0], days[1]


def _events(stock: Instrument, tag: str, first: date, last: date) -> list[Data]:
    """Return one event in each quarter, on a day that depends on the instrument."""
    start = first.toordinal()
    shift = (stock.conId + 30 * list(KINDS).index(tag) - start) % _QUARTER
    days = range(start + shift, min(last.toordinal(), start + 40 * _QUARTER) + 1, _QUARTER)
    event = {"event_type": tag, "conid": stock.conId, "ticker": stock.symbol, "name": KINDS[tag]}
    return [event | {"date": f"{date.fromordinal(day):%Y%m%d}"} for day in days if day <= date.max.toordinal()]


def _silent(context: HandlerContext, client: Client, data: Data) -> None:
    """Do nothing: both answers are sent at once, so nothing is left to cancel."""


HANDLERS: dict[str, Handler] = {
    "reqWshMetaData": req_wsh_meta_data,
    "cancelWshMetaData": _silent,
    "reqWshEventData": req_wsh_event_data,
    "cancelWshEventData": _silent,
}
