"""Handlers for market scanners over the stocks of the simulated exchange."""

from __future__ import annotations

from collections.abc import Callable
from xml.sax.saxutils import escape

from bridge.simulator.core.refusals import duplicate_ticker, history, invalid
from bridge.simulator.core.values import Data
from bridge.simulator.handlers.client import Client
from bridge.simulator.handlers.context import HandlerContext
from bridge.simulator.handlers.handler import Handler, request_id
from bridge.simulator.instruments.details import scanned_contract
from bridge.simulator.market.feed import Feed

PERIOD = 30
"""Seconds between two results of a scanner."""
_AT_A_TIME = 10
_MOST_ROWS = 50


def _gain(feed: Feed) -> float:
    return (feed.last - feed.close) / feed.close


_RANKS: dict[str, tuple[str, Callable[[Feed], float]]] = {
    "TOP_PERC_GAIN": ("Top % Gainers", lambda feed: -_gain(feed)),
    "TOP_PERC_LOSE": ("Top % Losers", _gain),
    "MOST_ACTIVE": ("Most Active", lambda feed: -feed.volume),
    "HOT_BY_VOLUME": ("Hot Contracts by Volume", lambda feed: -feed.volume),
    "HOT_BY_PRICE": ("Hot Contracts by Price", lambda feed: -abs(_gain(feed))),
    "TOP_PRICE_RANGE": ("Top Price Range", lambda feed: feed.low - feed.high),
    "HIGH_OPT_IMP_VOLAT": ("Highest Option Imp Vol", lambda feed: -feed.instrument.volatility),
}
"""scanCode -> its name and the sort key of its rows."""
_LOCATIONS = {"STK.US": "US Stocks", "STK.US.MAJOR": "Listed/NASDAQ", "STK.NASDAQ": "NASDAQ", "STK.NYSE": "NYSE"}
_LISTED = {"STK.NASDAQ": "NASDAQ", "STK.NYSE": "NYSE"}


def req_scanner_parameters(context: HandlerContext, client: Client, data: Data) -> None:
    """Send the available scanners as XML, in TWS's form."""
    context.emit(client.id, "scannerParameters", {"xml": parameters()})


def parameters() -> str:
    """Return the XML with instruments, locations and scan codes."""
    places = "".join(
        f"<Location><displayName>{escape(name)}</displayName><locationCode>{code}</locationCode>"
        "<instruments>STK</instruments></Location>"
        for code, name in _LOCATIONS.items()
    )
    scans = "".join(
        f"<ScanType><displayName>{escape(name)}</displayName><scanCode>{code}</scanCode>"
        "<instruments>STK</instruments></ScanType>"
        for code, (name, _) in _RANKS.items()
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<ScanParameterResponse>'
        "<InstrumentList><Instrument><name>US Stocks</name><type>STK</type></Instrument></InstrumentList>"
        f"<LocationTree>{places}</LocationTree><ScanTypeList>{scans}</ScanTypeList></ScanParameterResponse>\n"
    )


def req_scanner_subscription(context: HandlerContext, client: Client, data: Data) -> None:
    """Send the rows, now and every half minute."""
    asked = request_id(data)
    if asked in client.scans:
        raise duplicate_ticker()
    if len(client.scans) >= _AT_A_TIME:
        raise history(f"Only {_AT_A_TIME} simultaneous API scanner subscriptions are allowed.")
    wanted = data.get("scannerSubscription", {})
    if wanted.get("instrument") != "STK" or wanted.get("locationCode") not in _LOCATIONS:
        raise history(f"Scanner: no location {wanted.get('locationCode', '')} for {wanted.get('instrument', '')}")
    if wanted.get("scanCode") not in _RANKS:
        raise history(f"Scanner: no scan code {wanted.get('scanCode', '')}")
    client.scans[asked] = wanted
    _send_rows(context, client, asked)


def cancel_scanner_subscription(context: HandlerContext, client: Client, data: Data) -> None:
    """End a scanner. As at TWS, error 162 confirms it."""
    asked = request_id(data)
    if client.scans.pop(asked, None) is None:
        raise invalid(f"No scanner subscription found for ticker id:{asked}")
    raise history(f"API scanner subscription cancelled: {asked}")


def refresh_scans(context: HandlerContext, client: Client) -> None:
    """Send the rows of all scanners of the client every half minute."""
    if context.seconds % PERIOD == 0:
        for asked in client.scans:
            _send_rows(context, client, asked)


def _send_rows(context: HandlerContext, client: Client, asked: int) -> None:
    wanted = client.scans[asked]
    feeds = [feed for feed in context.market.feeds.values() if _passes(feed, wanted)]
    feeds.sort(key=_RANKS[wanted["scanCode"]][1])
    rows = int(wanted.get("numberOfRows", -1))
    feeds = feeds[: rows if 0 < rows < _MOST_ROWS else _MOST_ROWS]
    found = [
        {"rank": rank, "contract": scanned_contract(feed.instrument), "marketName": feed.instrument.marketName}
        for rank, feed in enumerate(feeds)
    ]
    context.emit(client.id, "scannerData", {"reqId": asked, "scannerDataElement": found})


def _passes(feed: Feed, wanted: Data) -> bool:
    instrument, price = feed.instrument, feed.price(feed.last)
    listed = _LISTED.get(wanted["locationCode"])
    return (
        instrument.secType == "STK"
        and listed in (None, instrument.primaryExch)
        and price >= (wanted.get("abovePrice") or 0.0)
        and price <= (wanted.get("belowPrice") or float("inf"))
        and feed.volume >= (wanted.get("aboveVolume") or 0)
    )


HANDLERS: dict[str, Handler] = {
    "reqScannerParameters": req_scanner_parameters,
    "reqScannerSubscription": req_scanner_subscription,
    "cancelScannerSubscription": cancel_scanner_subscription,
}
