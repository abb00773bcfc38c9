"""What client and bridge agree on outside of the schemas: default endpoints, and messages as msgpack."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgpack  # type: ignore[import-untyped]

#: Where the bridge listens unless it is told otherwise.
REQUESTS = "tcp://127.0.0.1:7500"
EVENTS = "tcp://127.0.0.1:7501"


def pack(body: Any) -> bytes:
    """Pack a message as msgpack."""
    packed: bytes = msgpack.packb(body, use_bin_type=True)
    return packed


#: Unpack the envelope of an event, or a reply. There is no function of Python around it, because each tick takes it.
unpack: Callable[[bytes], dict[str, Any]] = msgpack.unpackb
