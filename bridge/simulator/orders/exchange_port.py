"""The interface through which the order book uses the exchange: events, time, timers and the list of changes.

`exchange/exchange.py` implements it. The order book imports only this module, so that imports go one way.
"""

from collections.abc import Callable
from typing import Protocol

from bridge.simulator.core.values import Data
from bridge.simulator.market.feed import Feed
from bridge.simulator.orders.executions import ExecutionReport
from bridge.simulator.orders.simulated_order import SimulatedOrder


class ChangeLog(Protocol):
    """Takes note of each change to the state that outlives a TWS process."""

    def next_order_id(self, client_id: int, next_id: int) -> None:
        """Mark the next order id of a client as changed."""

    def order(self, order: SimulatedOrder) -> None:
        """Mark a transmitted order as changed."""

    def execution(self, report: ExecutionReport) -> None:
        """Mark an execution as new."""


class ExchangePort(Protocol):
    """The exchange as the order book sees it."""

    now: int
    """Time of the request or timer that the exchange is processing, in ns since 1970 UTC."""

    @property
    def changed(self) -> ChangeLog:
        """The log in which the order book marks what it has changed."""

    def emit(self, client_id: int, name: str, data: Data) -> None:
        """Send an event to a client. Do nothing if the client is not connected."""

    def error(self, client_id: int, request_id: int, code: int, message: str) -> None:
        """Send an `error` event to a client. Do nothing if the client is not connected."""

    def traded(self, feed: Feed, changed: int) -> None:
        """Send a change of a feed to all its subscribers. `changed` has the bits of `market/feed.py`."""

    def later(self, delay: int, action: Callable[[], None]) -> None:
        """Call `action` after `delay` ns."""
