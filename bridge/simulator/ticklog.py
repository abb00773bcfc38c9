"""The newest quotes and trades one by one, in ticks; what is older is told from bars (`pastticks.py`).

Knows one instrument's prices as whole ticks; knows nothing of who listens.
"""

from collections import deque
from typing import NamedTuple

_KEPT = 2000


class Quote(NamedTuple):
    """Bid and ask as they stood after a change; `time` in seconds since 1970 UTC."""

    time: int
    bid: int
    ask: int
    bid_size: int
    ask_size: int


class Print(NamedTuple):
    """One trade."""

    time: int
    price: int
    size: int
    exchange: str


class TickLog:
    """The last ticks of one instrument."""

    def __init__(self, opened: int) -> None:
        """Complete from `opened` (seconds since 1970 UTC) on, until it is full."""
        self.opened = opened
        self.quotes: deque[Quote] = deque(maxlen=_KEPT)
        self.prints: deque[Print] = deque(maxlen=_KEPT)

    def quoted(self, quote: Quote) -> None:
        """A quote has changed."""
        self.quotes.append(quote)

    def traded(self, trade: Print) -> None:
        """A trade has happened."""
        self.prints.append(trade)

    @property
    def quotes_since(self) -> int:
        """The first second whose quotes are all here."""
        return self.opened if len(self.quotes) < _KEPT else self.quotes[0].time + 1

    @property
    def prints_since(self) -> int:
        """The first second whose trades are all here."""
        return self.opened if len(self.prints) < _KEPT else self.prints[0].time + 1
