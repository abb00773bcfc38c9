"""Handlers for market depth: level 1 from IDEALPRO and CME, level 2 from stock exchanges and SMART."""

from __future__ import annotations

from bridge.simulator.core.refusals import Refused, duplicate_ticker, invalid
from bridge.simulator.core.values import Data
from bridge.simulator.handlers.client import Client
from bridge.simulator.handlers.context import HandlerContext
from bridge.simulator.handlers.handler import Handler, request_id
from bridge.simulator.instruments.instrument import Instrument
from bridge.simulator.instruments.lookup import one_contract
from bridge.simulator.market.depth import DepthRows
from bridge.simulator.market.subscriptions import FeedSubscription

_KIND = "depth"
_AT_A_TIME = 3
_MOST_ROWS = 60
_EXCHANGES = ("NASDAQ", "ARCA", "BATS", "IEX", "EDGX", "MEMX")
_MAKERS = ("NSDQ", "CITI", "GSCO", "JPMS", "MSCO", "UBSS")
_ALONE = {"CASH": "IDEALPRO", "FUT": "CME"}


def req_mkt_depth_exchanges(context: HandlerContext, client: Client, data: Data) -> None:
    """Send the exchanges that offer market depth."""
    found: list[Data] = [
        {"exchange": exchange, "secType": "STK", "listingExch": "", "serviceDataType": "Deep2", "aggGroup": 1}
        for exchange in _EXCHANGES
    ]
    found += [
        {"exchange": exchange, "secType": sec_type, "listingExch": "", "serviceDataType": "Deep"}
        for sec_type, exchange in _ALONE.items()
    ]
    context.emit(client.id, "mktDepthExchanges", {"depthMarketDataDescriptions": found})


def req_mkt_depth(context: HandlerContext, client: Client, data: Data) -> None:
    """Send all rows, then each change. For a CFD, send rerouteMktDepthReq, which names the underlying instead."""
    asked = request_id(data)
    if (_KIND, asked) in client.feed_subscriptions:
        raise duplicate_ticker()
    if sum(kind == _KIND for kind, _ in client.feed_subscriptions) >= _AT_A_TIME:
        raise Refused(309, f"Max number ({_AT_A_TIME}) of market depth requests has been reached")
    wanted = data.get("contract", {})
    instrument = one_contract(context.universe, wanted)
    count = int(data.get("numRows", 0))
    if not 1 <= count <= _MOST_ROWS:
        raise invalid(f"Number of rows must be from 1 to {_MOST_ROWS}")
    if instrument.secType == "CFD":
        there = {"conId": instrument.underConId, "exchange": "SMART"}
        context.emit(client.id, "rerouteMktDepthReq", {"reqId": asked, **there})
        return
    smart = bool(data.get("isSmartDepth"))
    makers = _makers(instrument, str(wanted["exchange"]), smart)
    rows = DepthRows(context.market.feeds[instrument.conId], asked, count, makers, smart)
    for name, event in rows.first():
        context.emit(client.id, name, event)
    context.subscribe_feed(client, FeedSubscription(client.id, _KIND, asked, rows.feed, rows.changes))


def _makers(instrument: Instrument, exchange: str, smart: bool) -> tuple[str, ...]:
    if smart and instrument.secType == "STK" and exchange == "SMART":
        return _EXCHANGES
    if not smart and instrument.secType == "STK" and exchange in (*_EXCHANGES, "ISLAND"):
        return _MAKERS
    if exchange == _ALONE.get(instrument.secType):
        return ()
    raise Refused(10092, "Deep market data is not supported for this combination of security type/exchange")


def cancel_mkt_depth(context: HandlerContext, client: Client, data: Data) -> None:
    """End market depth. The answer is error 310 if there is no such request."""
    asked = request_id(data)
    subscription = client.feed_subscriptions.get((_KIND, asked))
    if subscription is None:
        raise Refused(310, f"Can't find the subscribed market depth with tickerId:{asked}")
    context.unsubscribe_feed(client, subscription)


HANDLERS: dict[str, Handler] = {
    "reqMktDepthExchanges": req_mkt_depth_exchanges,
    "reqMktDepth": req_mkt_depth,
    "cancelMktDepth": cancel_mkt_depth,
}
