"""A simulated exchange in a test's hand: requests in, time forward, events out."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from bridge.simulator.exchange.exchange import Exchange, ExchangeSettings

NS = 1_000_000_000
#: Wednesday, 2026-03-11 15:00:10 in New York.
OPENED = 1773255610

AAPL = {"conId": 265598, "exchange": "SMART"}
EURUSD = {"symbol": "EUR", "secType": "CASH", "currency": "USD", "exchange": "IDEALPRO"}

Event = tuple[int, str, dict[str, Any]]


class World:
    """An exchange at a time; every event is kept in `log`."""

    def __init__(self, *, clients: tuple[int, ...] = (1,), version: int = 226, **settings: Any) -> None:
        self.now = OPENED * NS
        self.exchange = Exchange(ExchangeSettings(**settings), self.now)
        self.log: list[Event] = []
        for client_id in clients:
            self.log += self.exchange.on_connect(client_id, self.now, version)

    def ask(self, name: str, client: int = 1, **data: Any) -> list[tuple[str, dict[str, Any]]]:
        """The events that the asking client gets at once."""
        events = self.exchange.on_request(client, name, data, self.now)
        self.log += events
        return [(event, fields) for to, event, fields in events if to == client]

    def run(self, seconds: float, step: float = 0.05) -> list[Event]:
        """Lets time pass in steps."""
        events: list[Event] = []
        end = self.now + int(seconds * NS)
        while self.now < end:
            self.now = min(end, self.now + int(step * NS))
            events += self.exchange.on_time(self.now)
        self.log += events
        return events

    def until_filled(self, *order_ids: int, seconds: int = 120) -> None:
        """Lets time pass until one of the orders has filled; AssertionError if it does not come to that."""
        for _ in range(seconds * 2):
            self.run(0.5, step=0.5)
            if any("Filled" in self.statuses(order_id) for order_id in order_ids):
                return
        raise AssertionError(f"none of {order_ids} has filled")

    def place(self, order_id: int, action: str, quantity: str, kind: str = "MKT", **more: Any) -> list[Any]:
        """placeOrder for AAPL, transmitted, unless `more` says otherwise."""
        client, contract = more.pop("client", 1), more.pop("contract", AAPL)
        order = {"action": action, "totalQuantity": quantity, "orderType": kind, "transmit": True} | more
        return self.ask("placeOrder", client, orderId=order_id, contract=contract, order=order)

    def events(self, name: str, client: int | None = None) -> Iterator[dict[str, Any]]:
        """All events of a name so far."""
        return (data for to, event, data in self.log if event == name and client in (None, to))

    def statuses(self, order_id: int, client: int = 1) -> list[str]:
        """The statuses that an order went through, without repetitions."""
        found: list[str] = []
        for data in self.events("orderStatus", client):
            if data["orderId"] == order_id and found[-1:] != [data["status"]]:
                found.append(data["status"])
        return found

    def errors(self, client: int = 1) -> list[tuple[int, int]]:
        """(id, code) of every error but the farm notices."""
        return [
            (e["id"], e["errorCode"]) for e in self.events("error", client) if e["errorCode"] < 2100 or e["id"] != -1
        ]

    @property
    def quote(self) -> tuple[float, float]:
        """AAPL's bid and ask."""
        feed = self.exchange.market.feeds[265598]
        return feed.price(feed.bid), feed.price(feed.ask)

    def position(self, con_id: int = 265598, account: str = "DU1234567") -> Decimal:
        """What an account holds."""
        held = self.exchange.accounts[account].positions.get(con_id)
        return held.quantity if held else Decimal(0)
