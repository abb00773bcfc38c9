"""Subscriptions to a feed: quotes (reqMktData), and data with its own events (tick-by-tick data, market depth)."""

from collections.abc import Callable
from dataclasses import dataclass

from bridge.simulator.core.values import Data
from bridge.simulator.market.feed import Feed


@dataclass(slots=True, eq=False)
class QuoteSubscription:
    """One reqMktData."""

    client_id: int
    request_id: int
    feed: Feed
    delayed: bool
    generic: frozenset[int]
    """The generic ticks that the client has requested."""
    last_second: int = 0
    """The time of the last trade that was sent, in seconds since 1970 UTC: TWS sends each time once."""
    providers: frozenset[str] = frozenset()
    """News providers requested with generic tick 292; empty for all providers."""


@dataclass(slots=True, eq=False)
class FeedSubscription:
    """One subscription to tick-by-tick data or market depth."""

    client_id: int
    kind: str
    request_id: int
    feed: Feed
    changes: Callable[[int], list[tuple[str, Data]]]
    """Returns the events for a change of the feed. The argument has the bits of `market/feed.py`."""
