"""Requests for market depth: level 1 from an exchange that trades alone, level 2 for stocks and from SMART."""

from __future__ import annotations

from bridge.simulator.checks import one_contract
from bridge.simulator.clients import Client, Stream
from bridge.simulator.depth import Book
from bridge.simulator.floor import Floor
from bridge.simulator.handlers.base import Handler, request_id
from bridge.simulator.instruments import Instrument
from bridge.simulator.refusals import Refused, duplicate_ticker, invalid
from bridge.simulator.values import Data

_KIND = "depth"
_AT_A_TIME = 3
_MOST_ROWS = 60
_EXCHANGES = ("NASDAQ", "ARCA", "BATS", "IEX", "EDGX", "MEMX")
_MAKERS = ("NSDQ", "CITI", "GSCO", "JPMS", "MSCO", "UBSS")
_ALONE = {"CASH": "IDEALPRO", "FUT": "CME"}


def req_mkt_depth_exchanges(floor: Floor, client: Client, data: Data) -> None:
    """Where depth can be asked for."""
    found: list[Data] = [
        {"exchange": exchange, "secType": "STK", "listingExch": "", "serviceDataType": "Deep2", "aggGroup": 1}
        for exchange in _EXCHANGES
    ]
    found += [
        {"exchange": exchange, "secType": sec_type, "listingExch": "", "serviceDataType": "Deep"}
        for sec_type, exchange in _ALONE.items()
    ]
    floor.emit(client.id, "mktDepthExchanges", {"depthMarketDataDescriptions": found})


def req_mkt_depth(floor: Floor, client: Client, data: Data) -> None:
    """All rows, then each change; a CFD is asked for elsewhere (rerouteMktDepthReq)."""
    asked = request_id(data)
    if (_KIND, asked) in client.streams:
        raise duplicate_ticker()
    if sum(kind == _KIND for kind, _ in client.streams) >= _AT_A_TIME:
        raise Refused(309, f"Max number ({_AT_A_TIME}) of market depth requests has been reached")
    wanted = data.get("contract", {})
    instrument = one_contract(floor.universe, wanted)
    count = int(data.get("numRows", 0))
    if not 1 <= count <= _MOST_ROWS:
        raise invalid(f"Number of rows must be from 1 to {_MOST_ROWS}")
    if instrument.secType == "CFD":
        there = {"conId": instrument.underConId, "exchange": "SMART"}
        floor.emit(client.id, "rerouteMktDepthReq", {"reqId": asked, **there})
        return
    smart = bool(data.get("isSmartDepth"))
    makers = _makers(instrument, str(wanted["exchange"]), smart)
    book = Book(floor.market.feeds[instrument.conId], asked, count, makers, smart)
    for name, event in book.first():
        floor.emit(client.id, name, event)
    floor.listen(client, Stream(client.id, _KIND, asked, book.feed, book.changes))


def _makers(instrument: Instrument, exchange: str, smart: bool) -> tuple[str, ...]:
    if smart and instrument.secType == "STK" and exchange == "SMART":
        return _EXCHANGES
    if not smart and instrument.secType == "STK" and exchange in (*_EXCHANGES, "ISLAND"):
        return _MAKERS
    if exchange == _ALONE.get(instrument.secType):
        return ()
    raise Refused(10092, "Deep market data is not supported for this combination of security type/exchange")


def cancel_mkt_depth(floor: Floor, client: Client, data: Data) -> None:
    """310 for one that does not run."""
    asked = request_id(data)
    stream = client.streams.get((_KIND, asked))
    if stream is None:
        raise Refused(310, f"Can't find the subscribed market depth with tickerId:{asked}")
    floor.unlisten(client, stream)


HANDLERS: dict[str, Handler] = {
    "reqMktDepthExchanges": req_mkt_depth_exchanges,
    "reqMktDepth": req_mkt_depth,
    "cancelMktDepth": cancel_mkt_depth,
}
