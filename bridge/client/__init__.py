"""The Python client of the bridge: requests, and subscriptions that join late and find their gaps.

Two faces, `BridgeClient` and `AsyncBridgeClient`, over the same pure parts: `follow`, `orderlog` and `calls`.
"""

from bridge.client.aio import AsyncBridgeClient
from bridge.client.aio_feeds import AsyncOrderFeed, AsyncSubscription
from bridge.client.calls import BridgeError, BridgeTimeout
from bridge.client.feeds import OrderFeed, Subscription
from bridge.client.follow import Event
from bridge.client.orderlog import LogEvent, Position
from bridge.client.sockets import Curve
from bridge.client.sync import BridgeClient

__all__ = [
    "AsyncBridgeClient",
    "AsyncOrderFeed",
    "AsyncSubscription",
    "BridgeClient",
    "BridgeError",
    "BridgeTimeout",
    "Curve",
    "Event",
    "LogEvent",
    "OrderFeed",
    "Position",
    "Subscription",
]
