"""All names of `tws_bridge_client`. The package imports this module when one of them is used first."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from tws_bridge_client.builders import (
    CFD,
    Bag,
    Bond,
    Commodity,
    ContFuture,
    Crypto,
    Forex,
    Fund,
    Future,
    FuturesOption,
    Index,
    Option,
    Stock,
    adaptive,
    algo,
    arrival_price,
    bracket,
    execution_condition,
    leg,
    limit,
    margin_condition,
    market,
    oca,
    opposite,
    percent_condition,
    percent_of_volume,
    price_condition,
    stop,
    stop_limit,
    time_condition,
    trailing,
    trailing_limit,
    twap,
    volume_condition,
    vwap,
)
from tws_bridge_client.calls import BridgeError, BridgeRefusedKey, BridgeTimeout
from tws_bridge_client.closed import Closed
from tws_bridge_client.feeds import OrderFeed, Subscription
from tws_bridge_client.follow import Event
from tws_bridge_client.generated import messages
from tws_bridge_client.generated.types import ComboLeg, Contract, Order, OrderCondition, PlacedOrder
from tws_bridge_client.live.accounts import AccountValues, Portfolio, Positions
from tws_bridge_client.live.fill_log import FillStore
from tws_bridge_client.live.fill_logs import AsyncFillLog, FillLog
from tws_bridge_client.live.fills import Commission, Fill
from tws_bridge_client.live.orders import Fills, OpenOrders
from tws_bridge_client.live.sync import OrderHandle
from tws_bridge_client.live.ticker import Ticker
from tws_bridge_client.naming import unknown
from tws_bridge_client.orderlog import LogEvent, LogPosition
from tws_bridge_client.qualifying import ContractNotUnique
from tws_bridge_client.sockets import Curve
from tws_bridge_client.sync import BridgeClient

if TYPE_CHECKING:
    from tws_bridge_client.aio import AsyncBridgeClient
    from tws_bridge_client.aio_feeds import AsyncOrderFeed, AsyncSubscription
    from tws_bridge_client.live.aio import AsyncOrderHandle
    from tws_bridge_client.live.store import SqliteStore

__all__ = [
    "CFD",
    "AccountValues",
    "AsyncBridgeClient",
    "AsyncFillLog",
    "AsyncOrderFeed",
    "AsyncOrderHandle",
    "AsyncSubscription",
    "Bag",
    "Bond",
    "BridgeClient",
    "BridgeError",
    "BridgeRefusedKey",
    "BridgeTimeout",
    "Closed",
    "ComboLeg",
    "Commission",
    "Commodity",
    "ContFuture",
    "Contract",
    "ContractNotUnique",
    "Crypto",
    "Curve",
    "Event",
    "Fill",
    "FillLog",
    "FillStore",
    "Fills",
    "Forex",
    "Fund",
    "Future",
    "FuturesOption",
    "Index",
    "LogEvent",
    "LogPosition",
    "OpenOrders",
    "Option",
    "Order",
    "OrderCondition",
    "OrderFeed",
    "OrderHandle",
    "PlacedOrder",
    "Portfolio",
    "Positions",
    "SqliteStore",
    "Stock",
    "Subscription",
    "Ticker",
    "adaptive",
    "algo",
    "arrival_price",
    "bracket",
    "execution_condition",
    "leg",
    "limit",
    "margin_condition",
    "market",
    "messages",
    "oca",
    "opposite",
    "percent_condition",
    "percent_of_volume",
    "price_condition",
    "stop",
    "stop_limit",
    "time_condition",
    "trailing",
    "trailing_limit",
    "twap",
    "volume_condition",
    "vwap",
]

#: These need asyncio, which takes as long to import as all the rest, or SQLite.
_LATER = {
    "AsyncBridgeClient": "aio",
    "AsyncOrderFeed": "aio_feeds",
    "AsyncOrderHandle": "live.aio",
    "AsyncSubscription": "aio_feeds",
    "SqliteStore": "live.store",
}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(unknown("tws_bridge_client has no", name, __all__), name=name)
    return getattr(import_module(f"tws_bridge_client.{_LATER[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
