"""Faults of the exchange itself: lost subscriptions and sudden price changes.

Pure functions of an Exchange. The next call of the exchange returns the resulting events.
"""

from __future__ import annotations

from decimal import Decimal

from bridge.simulator.core.times import NS
from bridge.simulator.exchange.exchange import Exchange
from bridge.simulator.instruments.universe import STOCKS
from bridge.simulator.market.feed import ASK, BID, TRADE


def forget(exchange: Exchange, requests: frozenset[str]) -> None:
    """Remove the subscriptions of these requests without an event."""
    for client in exchange.clients.values():
        if "reqMktData" in requests:
            client.quote_subscriptions.clear()
        if "reqRealTimeBars" in requests:
            client.real_time_bars.clear()
        if "reqHistoricalData" in requests:
            client.updated_bars.clear()
        if "reqScannerSubscription" in requests:
            client.scans.clear()
        streams = client.feed_subscriptions
        for key in [key for key, stream in streams.items() if _request_of(stream.kind) in requests]:
            del streams[key]
    for quotes in exchange.quote_subscriptions.values():
        quotes[:] = [quote for quote in quotes if _has_client(exchange, quote.client_id, quote.request_id)]
    for feeds in exchange.feed_subscriptions.values():
        feeds[:] = [feed for feed in feeds if _request_of(feed.kind) not in requests]


def _has_client(exchange: Exchange, client_id: int, request_id: int) -> bool:
    return client_id in exchange.clients and request_id in exchange.clients[client_id].quote_subscriptions


def _request_of(kind: str) -> str:
    return "reqMktDepth" if kind == "depth" else "reqTickByTickData"


def move(exchange: Exchange, symbol: str, price: Decimal) -> None:
    """Move bid, ask and last price. The orders that the new price reaches will fill."""
    feed = exchange.market.feeds[STOCKS[symbol]]
    feed.jump(exchange.now // NS, round(price / feed.instrument.minTick))
    exchange.traded(feed, BID | ASK)
    exchange.traded(feed, TRADE)
    exchange.book.on_quote(feed)
