"""What a session is told by its configuration, and never changes."""

from __future__ import annotations

from dataclasses import dataclass, field

from bridge.session.link import Timing
from bridge.session.orders.account_binding import TradingMode
from bridge.session.restarts import PlannedRestart
from bridge.session.rights.permissions import Permissions
from bridge.session.streams.upstream import SubscriptionTiming


@dataclass(frozen=True, slots=True)
class SessionConfig:
    """Which TWS to talk to, as which client; how long things may take (seconds), how many may wait; who may do what.

    `market_data_type`: which data TWS is asked for on each connection (1 live to 4 delayed and frozen); None: as it is.
    `trading_mode`: which kind of account TWS must have; None: any. `async_connect`: the session has startApi sent.
    """

    host: str
    port: int
    client_id: int
    request_timeout: float = 30.0
    patience: SubscriptionTiming = field(default_factory=SubscriptionTiming)
    lease: float = 30.0
    settle_pause: float = 60.0
    most_waiting: int = 1000
    market_data_type: int | None = None
    trading_mode: TradingMode | None = None
    async_connect: bool = False
    planned_restarts: tuple[PlannedRestart, ...] = ()
    timing: Timing = field(default_factory=Timing)
    permissions: Permissions = field(default_factory=Permissions)
