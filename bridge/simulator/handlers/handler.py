"""The type of a request handler."""

from __future__ import annotations

from collections.abc import Callable

from bridge.simulator.core.values import Data
from bridge.simulator.handlers.client import Client
from bridge.simulator.handlers.context import HandlerContext

Handler = Callable[[HandlerContext, Client, Data], None]
"""A function of (exchange, client, fields of the request).

It sends events through the exchange and may raise Refused.
"""


def request_id(data: Data) -> int:
    """Return the request id; -1 if the request has none."""
    return int(data.get("reqId", -1))
