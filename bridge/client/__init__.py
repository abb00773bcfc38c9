"""The Python client of the bridge: requests, and subscriptions that join late and find their gaps.

Two faces, `BridgeClient` and `AsyncBridgeClient`, over the same pure parts: `follow` and `calls`.
"""

from bridge.client.aio import AsyncBridgeClient, AsyncSubscription
from bridge.client.calls import BridgeError, BridgeTimeout
from bridge.client.follow import Event
from bridge.client.links import Curve
from bridge.client.orderlog import LogEvent, Position
from bridge.client.orders import OrderFeed
from bridge.client.sync import BridgeClient, Subscription

__all__ = [
    "AsyncBridgeClient",
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
