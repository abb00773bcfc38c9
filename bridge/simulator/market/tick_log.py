"""The most recent quotes and trades of one instrument, in ticks.

`historical_ticks.py` generates earlier ones from bars.
"""

from collections import deque
from typing import NamedTuple

_KEPT = 2000


class Quote(NamedTuple):
    """Bid and ask after a change. `time` is in seconds since 1970 UTC."""

    time: int
    bid: int
    ask: int
    bid_size: int
    ask_size: int


class TradePrint(NamedTuple):
    """One trade. `time` is in seconds since 1970 UTC."""

    time: int
    price: int
    size: int
    exchange: str


class TickLog:
    """The most recent ticks of one instrument."""

    def __init__(self, opened: int) -> None:
        """The log is complete from `opened` (seconds since 1970 UTC) on, until it is full."""
        self.opened = opened
        self.quotes: deque[Quote] = deque(maxlen=_KEPT)
        self.prints: deque[TradePrint] = deque(maxlen=_KEPT)

    def quoted(self, quote: Quote) -> None:
        """Add a quote change."""
        self.quotes.append(quote)

    def traded(self, trade: TradePrint) -> None:
        """Add a trade."""
        self.prints.append(trade)

    @property
    def quotes_since(self) -> int:
        """The first second whose quotes are all in the log."""
        return self.opened if len(self.quotes) < _KEPT else self.quotes[0].time + 1

    @property
    def prints_since(self) -> int:
        """The first second whose trades are all in the log."""
        return self.opened if len(self.prints) < _KEPT else self.prints[0].time + 1
