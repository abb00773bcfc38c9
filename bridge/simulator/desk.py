"""What the parts of the exchange need from the whole: a way to speak, a clock, a later moment.

The parts see only this; `exchange.py` is it.
"""

from collections.abc import Callable
from typing import Protocol

from bridge.simulator.kept import Changes
from bridge.simulator.market import Feed
from bridge.simulator.values import Data


class Desk(Protocol):
    """The exchange as its parts see it."""

    changed: Changes
    """Where a part says what it has changed of all that outlives TWS."""
    now: int
    """ns since 1970 UTC, of what is being handled."""

    def emit(self, client_id: int, name: str, data: Data) -> None:
        """Sends an event to a client; nothing happens if it is not connected."""

    def error(self, client_id: int, request_id: int, code: int, message: str) -> None:
        """Sends an `error` event."""

    def traded(self, feed: Feed, changed: int) -> None:
        """Tells those who watch a feed what has changed on it."""

    def later(self, delay: int, action: Callable[[], None]) -> None:
        """Runs `action` in `delay` ns."""
