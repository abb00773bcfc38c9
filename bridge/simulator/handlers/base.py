"""The shape of a handler."""

from __future__ import annotations

from collections.abc import Callable

from bridge.simulator.clients import Client
from bridge.simulator.floor import Floor
from bridge.simulator.values import Data

Handler = Callable[[Floor, Client, Data], None]
"""(floor, the asking client, the request's fields); emits through the exchange, raises Refused."""


def request_id(data: Data) -> int:
    """The request's id; -1 where the client sent none."""
    return int(data.get("reqId", -1))
