"""The shape of a handler."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from bridge.simulator.clients import Client
from bridge.simulator.values import Data

if TYPE_CHECKING:
    from bridge.simulator.exchange import Exchange

Handler = Callable[["Exchange", Client, Data], None]
"""(exchange, the asking client, the request's fields); emits through the exchange, raises Refused."""


def request_id(data: Data) -> int:
    """The request's id; -1 where the client sent none."""
    return int(data.get("reqId", -1))
