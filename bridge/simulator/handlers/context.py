"""The interface through which request handlers use the exchange: its parts, its clients, and events to clients.

`exchange/exchange.py` implements it. The handlers import only this module, so that imports go one way.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Protocol

from bridge.simulator.accounts.account import Account
from bridge.simulator.accounts.balances import Balances
from bridge.simulator.core.values import Data
from bridge.simulator.handlers.client import Client
from bridge.simulator.handlers.configuration import Configuration
from bridge.simulator.instruments.instrument import Universe
from bridge.simulator.market.feed import Feed
from bridge.simulator.market.market import Market
from bridge.simulator.market.subscriptions import FeedSubscription, QuoteSubscription
from bridge.simulator.orders.order_book import OrderBook


class HandlerContext(Protocol):
    """The exchange as a request handler sees it."""

    now: int
    """Time of the request or timer that the exchange is processing, in ns since 1970 UTC."""
    universe: Universe
    market: Market
    accounts: dict[str, Account]
    book: OrderBook
    clients: dict[int, Client]
    groups: dict[int, str]
    """What each display group shows."""
    configuration: Configuration
    advisor_configuration: dict[int, str]
    """Configuration of an advisor, by faDataType; empty if no account belongs to an advisor."""

    @property
    def seconds(self) -> int:
        """The current time in whole seconds since 1970 UTC."""

    def emit(self, client_id: int, name: str, data: Data) -> None:
        """Send an event to a client. Do nothing if the client is not connected."""

    def error(self, client_id: int, request_id: int, code: int, message: str) -> None:
        """Send an `error` event to a client. Do nothing if the client is not connected."""

    def later(self, delay: int, action: Callable[[], None]) -> None:
        """Call `action` after `delay` ns."""

    def mark(self, con_id: int) -> Decimal:
        """Return the mark price of an instrument: positions are valued at it."""

    def balances(self, account: str) -> Balances:
        """Return the balances of an account at current mark prices."""

    def subscribe_quotes(self, client: Client, subscribe_quotes: QuoteSubscription) -> None:
        """Start a reqMktData subscription: send each change of its feed to the client."""

    def unsubscribe_quotes(self, client: Client, request_id: int) -> None:
        """End a reqMktData subscription. Raises KeyError if the request id has none."""

    def subscribe_feed(self, client: Client, subscription: FeedSubscription) -> None:
        """Start a subscription to tick-by-tick data or market depth."""

    def unsubscribe_feed(self, client: Client, subscription: FeedSubscription) -> None:
        """End a subscription to tick-by-tick data or market depth."""

    def traded(self, feed: Feed, changed: int) -> None:
        """Send a change of a feed to all its subscribers. `changed` has the bits of `market/feed.py`."""
