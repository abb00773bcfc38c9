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

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tws_bridge_client.public import *  # noqa: F403 - type checkers read it

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """Find a name in `public`. The bridge itself needs only some modules of this package, not all names."""
    is_module = find_spec(f"{__name__}.{name}") is not None  # `from tws_bridge_client import sockets` asks here first
    if is_module or (name.startswith("__") and name != "__all__"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name)
    found = globals()[name] = getattr(import_module(f"{__name__}.public"), name)
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__getattr__("__all__")})
