"""The client processes of the demo. Each uses `tws_bridge_client` and reports to its parent on stdout.

A report is one JSON object per line. SIGTERM ends the process.
"""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Callable
from typing import Any

from tws_bridge_client import BridgeClient, Event

AAPL = {"symbol": "AAPL", "secType": "STK", "exchange": "SMART", "currency": "USD"}
EURUSD = {"symbol": "EUR", "secType": "CASH", "exchange": "IDEALPRO", "currency": "USD"}
QUANTITY = 300

#: Seconds between two reports of a subscriber.
_REPORT = 0.25
_FIELDS = {1: "bid", 2: "ask", 4: "last"}


class _Ended(Exception):
    """The process has received SIGTERM."""


def _end(*_: object) -> None:
    raise _Ended


def subscriber(name: str, events: str, requests: str) -> int:
    """Subscribe to two instruments, as the other subscriber does, and follow their ticks."""
    signal.signal(signal.SIGTERM, _end)
    report = _Report(name)
    try:
        with BridgeClient(name, requests, events) as client, client.subscribe("market.") as market:
            for symbol, contract in (("AAPL", AAPL), ("EUR.USD", EURUSD)):
                report.streams[client.request("reqMktData", {"contract": contract})["stream"]] = symbol
            due = 0.0
            while True:
                event = market.poll(_REPORT)
                if event is not None:
                    report.take(event)
                if time.monotonic() >= due:
                    due = time.monotonic() + _REPORT
                    report.send()
    except _Ended:
        report.send()
        return 0


class _Report:
    """What one subscriber has received: counts, quotes, and price ticks by topic and number."""

    def __init__(self, name: str) -> None:
        self.streams: dict[str, str] = {}
        self._name = name
        self._live = self._gaps = 0
        self._quotes: dict[str, dict[str, float]] = {}
        self._seen: dict[str, list[Any]] = {}

    def take(self, event: Event) -> None:
        """Count one event."""
        if event.origin == "gap":
            self._gaps += 1
            return
        stream, data = event.topic.split(".")[1], event.data
        if event.origin == "live":
            self._live += 1
            if event.envelope["event"] == "tickPrice":
                self._seen[f"{event.topic} {event.envelope['seq']}"] = [data["tickType"], data.get("price")]
        if field := _FIELDS.get(data.get("tickType", 0)):
            self._quotes.setdefault(stream, {})[field] = data.get("price", 0.0)

    def send(self) -> None:
        """Report the counts, the quotes, and the ticks since the last report."""
        quotes = {symbol: self._quotes.get(stream, {}) for stream, symbol in self.streams.items()}
        _report(client=self._name, live=self._live, gaps=self._gaps, quotes=quotes, seen=self._seen)
        self._seen = {}


def trader(name: str, events: str, requests: str) -> int:
    """Request the details of a contract, buy it, and follow the order until SIGTERM."""
    signal.signal(signal.SIGTERM, _end)
    try:
        with BridgeClient(name, requests, events) as client, client.subscribe(f"order.{name}.") as orders:
            parts = client.request("reqContractDetails", {"contract": AAPL})
            details = parts[0]["data"]
            _report(
                client=name, answered=f"{details['contract']['symbol']} is {details['contractDetails']['longName']}"
            )
            while not orders.is_live:
                orders.poll(0.1)
            order = {"action": "BUY", "orderType": "MKT", "totalQuantity": QUANTITY, "tif": "DAY"}
            placed = client.request("placeOrder", {"contract": details["contract"], "order": order, "orderKey": "demo"})
            _report(client=name, order=f"order {placed['orderId']}: buy {QUANTITY} AAPL at market, {placed['status']}")
            for event in orders:
                _follow(name, event)
    except _Ended:
        return 0
    return 1


def _follow(name: str, event: Event) -> None:
    """Report one order event."""
    data = event.data
    match event.envelope["event"]:
        case "orderStatus":
            text = f"{data['status']}, {data['filled']} filled, {data['remaining']} remaining"
            _report(client=name, order=text, status=data["status"], filled=data["filled"])
        case "execDetails":
            execution = data["execution"]
            _report(client=name, order=f"execution: {execution['shares']} at {execution['price']}")
        case "commissionAndFeesReport":
            _report(client=name, order=f"commission: {data['commissionAndFees']:.2f} {data.get('currency', '')}")


def _report(**facts: Any) -> None:
    print(json.dumps(facts), flush=True)


ROLES: dict[str, Callable[[str, str, str], int]] = {"subscriber": subscriber, "trader": trader}
