"""The programs of the demo, each a process of its own. Each reports its facts."""

from __future__ import annotations

import time
from decimal import Decimal
from typing import Any

from bridge.demo.report import report
from tws_bridge_client import BridgeClient, Event, Forex, Stock, Subscription, Ticker, limit

INSTRUMENTS = {"AAPL": Stock("AAPL"), "MSFT": Stock("MSFT"), "EUR.USD": Forex("EURUSD")}
#: The order of the strategy: far below the market, so that it stays open.
QUANTITY, PRICE = 100, 150.0

#: Seconds between two reports of a reader.
_REPORT = 0.25


def reader(name: str, requests: str, events: str) -> None:
    """Follow the quotes of all instruments."""
    facts = _Heard()
    with BridgeClient(name, requests, events) as client:
        tickers = {symbol: client.ticker(contract) for symbol, contract in INSTRUMENTS.items()}
        with client.subscribe(*(f"market.{ticker.stream}." for ticker in tickers.values())) as market:
            while True:
                facts.follow(market, time.monotonic() + _REPORT)
                facts.tell(tickers)


class _Heard:
    """What a reader has received: how many events, how often it lost some, and each price by topic and number."""

    def __init__(self) -> None:
        self._live = self._lost = 0
        self._ticks: dict[str, Any] = {}

    def follow(self, market: Subscription, until: float) -> None:
        while (left := until - time.monotonic()) > 0:
            event = market.poll(left)
            if event is not None:
                self._take(event)

    def _take(self, event: Event) -> None:
        self._lost += event.origin == "gap"
        if event.origin == "live":
            self._live += 1
            if event.envelope["event"] == "tickPrice":
                data = event.data
                self._ticks[f"{event.topic} {event.envelope['seq']}"] = [data["tickType"], data.get("price")]

    def tell(self, tickers: dict[str, Ticker]) -> None:
        quotes = {
            symbol: {"bid": one.bid, "bidSize": _size(one.bid_size), "ask": one.ask, "askSize": _size(one.ask_size)}
            for symbol, one in tickers.items()
        }
        fresh = not any(ticker.stale for ticker in tickers.values())
        report(live=self._live, lost=self._lost, quotes=quotes, fresh=fresh, ticks=self._ticks)
        self._ticks = {}


def _size(size: Decimal | None) -> str:
    return "none" if size is None else f"{size:f}"


def strategy(name: str, requests: str, events: str, key: str) -> None:
    """Place one order under a key that does not change, so that a restart repeats the same order."""
    with BridgeClient(name, requests, events) as client:
        (aapl,) = client.qualify(INSTRUMENTS["AAPL"])
        report(placing=key)
        order = client.place(key, aapl, limit("BUY", QUANTITY, PRICE, tif="GTC"))
        report(
            state=order.state,
            orderId=client.request("awaitOrder", {"orderKey": key, "until": "acknowledged"})["orderId"],
        )
