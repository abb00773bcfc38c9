"""The session's configuration. A reload replaces it as a whole: see `reconfiguration.py`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bridge.session.bounds import Bounds
from bridge.session.link import LinkTiming
from bridge.session.orders.account_binding import TradingMode
from bridge.session.orders.retention import RetentionRule
from bridge.session.restarts import PlannedRestart
from bridge.session.rights.permissions import Permissions
from bridge.session.streams.upstream import SubscriptionTiming


@dataclass(frozen=True, slots=True)
class SessionConfig:
    """Where TWS is, how long the session waits (in seconds), how many requests may wait, and what each may do.

    `market_data_type`: the data that the bridge requests on each connection, from 1 (live) to 4 (delayed and frozen);
    None leaves TWS's setting unchanged. `trading_mode`: the kind of account that TWS must have; None accepts any.
    `messages_per_second`: the most messages that the bridge sends to TWS in a second; None for no limit.
    `caches`: whether the session keeps answers of TWS for later requests. `retention`: how long ended orders stay in
    memory. `lines`: by kind, how many subscriptions TWS serves at a time; a kind that is absent has no limit.
    `async_connect`: the session sends startApi after the handshake. `bounds`: how
    much of other things the session keeps.
    """

    host: str
    port: int
    client_id: int
    request_timeout: float = 30.0
    patience: SubscriptionTiming = field(default_factory=SubscriptionTiming)
    lease: float = 30.0
    settle_pause: float = 60.0
    retention: RetentionRule = field(default_factory=RetentionRule)
    most_waiting: int = 1000
    bounds: Bounds = field(default_factory=Bounds)
    messages_per_second: int | None = None
    lines: Mapping[str, int] = field(default_factory=dict)
    market_data_type: int | None = None
    trading_mode: TradingMode | None = None
    async_connect: bool = False
    caches: bool = False
    planned_restarts: tuple[PlannedRestart, ...] = ()
    timing: LinkTiming = field(default_factory=LinkTiming)
    permissions: Permissions = field(default_factory=Permissions)
