"""What goes wrong at the exchange itself: subscriptions that are forgotten, a market that jumps. Pure.

Functions on an Exchange; what they make it say is among its next events.
"""

from __future__ import annotations

from decimal import Decimal

from bridge.simulator.exchange import Exchange
from bridge.simulator.market import ASK, BID, TRADE
from bridge.simulator.times import NS
from bridge.simulator.universe import STOCKS


def forget(exchange: Exchange, requests: frozenset[str]) -> None:
    """TWS has no such subscriptions any more, and says nothing."""
    for client in exchange.clients.values():
        if "reqMktData" in requests:
            client.watches.clear()
        if "reqRealTimeBars" in requests:
            client.live_bars.clear()
        if "reqHistoricalData" in requests:
            client.kept.clear()
        if "reqScannerSubscription" in requests:
            client.scans.clear()
        for key in [key for key, stream in client.streams.items() if _request_of(stream.kind) in requests]:
            del client.streams[key]
    for watches in exchange.watches.values():
        watches[:] = [watch for watch in watches if _has_client(exchange, watch.client_id, watch.request_id)]
    for streams in exchange.streams.values():
        streams[:] = [each for each in streams if _request_of(each.kind) not in requests]


def _has_client(exchange: Exchange, client_id: int, request_id: int) -> bool:
    return client_id in exchange.clients and request_id in exchange.clients[client_id].watches


def _request_of(kind: str) -> str:
    return "reqMktDepth" if kind == "depth" else "reqTickByTickData"


def move(exchange: Exchange, symbol: str, price: Decimal) -> None:
    """Bid, ask and last are there now; orders that it reaches will be filled."""
    feed = exchange.market.feeds[STOCKS[symbol]]
    feed.jump(exchange.now // NS, round(price / feed.instrument.minTick))
    exchange.traded(feed, BID | ASK)
    exchange.traded(feed, TRADE)
    exchange.book.on_quote(feed)
