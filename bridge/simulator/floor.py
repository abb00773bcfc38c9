"""What handlers of requests see of the exchange: its parts, its clients, a way to answer.

A protocol and nothing else, so that imports go one way: `exchange.py` imports the handlers and implements this.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Protocol

from bridge.simulator.account import Account
from bridge.simulator.balances import Balances
from bridge.simulator.clients import Client, Stream, Watch
from bridge.simulator.configuration import Configuration
from bridge.simulator.instruments import Universe
from bridge.simulator.market import Feed, Market
from bridge.simulator.orders import OrderBook
from bridge.simulator.values import Data


class Floor(Protocol):
    """The exchange as a handler sees it; `exchange.py` says what each part does."""

    now: int
    """ns since 1970 UTC, of what is being handled."""
    universe: Universe
    market: Market
    accounts: dict[str, Account]
    book: OrderBook
    clients: dict[int, Client]
    groups: dict[int, str]
    """What each display group shows."""
    configuration: Configuration
    advice: dict[int, str]
    """An advisor's configuration, by faDataType; empty where no account is an advisor's."""

    @property
    def seconds(self) -> int:
        """Whole seconds since 1970 UTC."""

    def emit(self, client_id: int, name: str, data: Data) -> None:
        """Sends an event to a client; nothing happens if it is not connected."""

    def error(self, client_id: int, request_id: int, code: int, message: str) -> None:
        """Sends an `error` event."""

    def later(self, delay: int, action: Callable[[], None]) -> None:
        """Runs `action` in `delay` ns."""

    def mark(self, con_id: int) -> Decimal:
        """The price at which a position is valued."""

    def balances(self, account: str) -> Balances:
        """The account's sums at present prices."""

    def watch(self, client: Client, watch: Watch) -> None:
        """Sends this feed's changes to the client from now on."""

    def unwatch(self, client: Client, request_id: int) -> None:
        """Ends what `watch` began. Raises KeyError for a request id that watches nothing."""

    def listen(self, client: Client, stream: Stream) -> None:
        """Tells this stream each change of its feed from now on."""

    def unlisten(self, client: Client, stream: Stream) -> None:
        """Ends what `listen` began."""

    def traded(self, feed: Feed, changed: int) -> None:
        """Tells those who watch a feed what has changed on it."""
