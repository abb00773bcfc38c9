"""The state of one connected client: its subscriptions and the values that it has received.

The exchange and the handlers change it.
"""

from dataclasses import dataclass, field

from bridge.simulator.core.values import Data
from bridge.simulator.market.feed import Feed
from bridge.simulator.market.history import HistoryQuery
from bridge.simulator.market.subscriptions import FeedSubscription, QuoteSubscription

LIVE, FROZEN, DELAYED, DELAYED_FROZEN = 1, 2, 3, 4


@dataclass(slots=True, eq=False)
class UpdatedBars:
    """One reqHistoricalData with keepUpToDate. `last` is the newest bar that the client has received."""

    feed: Feed
    query: HistoryQuery
    last: Data


@dataclass(slots=True, eq=False)
class RealTimeBars:
    """One reqRealTimeBars."""

    feed: Feed
    kind: str


@dataclass(slots=True, eq=False)
class Client:
    """A connected client."""

    id: int
    server_version: int
    data_type: int = LIVE
    quote_subscriptions: dict[int, QuoteSubscription] = field(default_factory=dict)
    updated_bars: dict[int, UpdatedBars] = field(default_factory=dict)
    real_time_bars: dict[int, RealTimeBars] = field(default_factory=dict)
    account: str = ""
    """The account whose updates the client receives; empty without reqAccountUpdates."""
    positions: bool = False
    summaries: dict[int, list[str]] = field(default_factory=dict)
    positions_multi: dict[int, str] = field(default_factory=dict)
    updates_multi: dict[int, tuple[str, bool]] = field(default_factory=dict)
    pnl: dict[int, str] = field(default_factory=dict)
    pnl_single: dict[int, tuple[str, int]] = field(default_factory=dict)
    feed_subscriptions: dict[tuple[str, int], FeedSubscription] = field(default_factory=dict)
    """By kind and request id."""
    scans: dict[int, Data] = field(default_factory=dict)
    """The ScannerSubscription of each reqScannerSubscription."""
    wants_bulletins: bool = False
    groups: dict[int, int] = field(default_factory=dict)
    """The display group of each subscribeToGroupEvents."""
    has_wsh_metadata: bool = False
    """Whether the client has received reqWshMetaData's answer. TWS sends no WSH events before that."""
    challenge: str = ""
    """The challenge sent as answer to verifyRequest or verifyAndAuthRequest."""
    sent: dict[tuple[str, int], dict[tuple[str, ...], str]] = field(default_factory=dict)
    """The values sent last, by kind of answer and request id. Only changes are sent again."""
