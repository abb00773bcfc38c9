"""What one connected client has asked for and still listens to.

Plain state; `exchange.py` and the handlers fill it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from bridge.simulator.history import Query
from bridge.simulator.market import Feed
from bridge.simulator.values import Data

LIVE, FROZEN, DELAYED, DELAYED_FROZEN = 1, 2, 3, 4


@dataclass(slots=True, eq=False)
class Watch:
    """One reqMktData."""

    client_id: int
    request_id: int
    feed: Feed
    delayed: bool
    generic: frozenset[int]
    last_second: int = 0
    providers: frozenset[str] = frozenset()
    """News providers asked for with generic tick 292; empty for all."""


@dataclass(slots=True, eq=False)
class Stream:
    """One subscription that follows a feed in a way of its own: tick-by-tick data, market depth."""

    client_id: int
    kind: str
    request_id: int
    feed: Feed
    changes: Callable[[int], list[tuple[str, Data]]]
    """The events of a change of the feed, which is told as bits (see `market.py`)."""


@dataclass(slots=True, eq=False)
class KeptBars:
    """One reqHistoricalData that is kept up to date; `last` is the newest bar it has heard of."""

    feed: Feed
    query: Query
    last: Data


@dataclass(slots=True, eq=False)
class LiveBars:
    """One reqRealTimeBars."""

    feed: Feed
    kind: str


@dataclass(slots=True, eq=False)
class Client:
    """A connection, by its client id."""

    id: int
    server_version: int
    data_type: int = LIVE
    watches: dict[int, Watch] = field(default_factory=dict)
    kept: dict[int, KeptBars] = field(default_factory=dict)
    live_bars: dict[int, LiveBars] = field(default_factory=dict)
    account: str = ""
    """The account whose updates it hears; empty without reqAccountUpdates."""
    positions: bool = False
    summaries: dict[int, list[str]] = field(default_factory=dict)
    positions_multi: dict[int, str] = field(default_factory=dict)
    updates_multi: dict[int, tuple[str, bool]] = field(default_factory=dict)
    pnl: dict[int, str] = field(default_factory=dict)
    pnl_single: dict[int, tuple[str, int]] = field(default_factory=dict)
    streams: dict[tuple[str, int], Stream] = field(default_factory=dict)
    """By kind and request id."""
    scans: dict[int, Data] = field(default_factory=dict)
    """The ScannerSubscription of each reqScannerSubscription."""
    bulletins: bool = False
    groups: dict[int, int] = field(default_factory=dict)
    """The display group that each subscribeToGroupEvents follows."""
    horizon: bool = False
    """Whether reqWshMetaData has been answered: without it there are no events."""
    challenge: str = ""
    """What verifyRequest or verifyAndAuthRequest was answered with."""
    told: dict[tuple[str, int], dict[tuple[str, ...], str]] = field(default_factory=dict)
    """Last values by kind of answer and request id, so that only changes are told again."""
