"""The Python client of the bridge: requests, subscriptions to topics, and the client's order log.

`BridgeClient` blocks; `AsyncBridgeClient` is for asyncio. Both have the same methods:

    from tws_bridge_client import BridgeClient

    with BridgeClient("momentum") as client:
        contract = {"conId": 265598, "exchange": "SMART"}
        stream = client.request("reqMktData", {"contract": contract})["stream"]
        with client.subscribe(f"market.{stream}.") as events:
            for event in events:
                print(event.origin, event.topic, event.data)

A subscription first delivers the last values (a snapshot), and then each event. When the client loses events, it says
so with a `gap` event and takes a new snapshot. `orders` delivers each event of the client's orders exactly once.
"""

from tws_bridge_client.aio import AsyncBridgeClient
from tws_bridge_client.aio_feeds import AsyncOrderFeed, AsyncSubscription
from tws_bridge_client.calls import BridgeError, BridgeRefusedKey, BridgeTimeout
from tws_bridge_client.feeds import OrderFeed, Subscription
from tws_bridge_client.follow import Event
from tws_bridge_client.orderlog import LogEvent, LogPosition
from tws_bridge_client.sockets import Curve
from tws_bridge_client.sync import BridgeClient

__version__ = "0.1.0"

__all__ = [
    "AsyncBridgeClient",
    "AsyncOrderFeed",
    "AsyncSubscription",
    "BridgeClient",
    "BridgeError",
    "BridgeRefusedKey",
    "BridgeTimeout",
    "Curve",
    "Event",
    "LogEvent",
    "LogPosition",
    "OrderFeed",
    "Subscription",
]
