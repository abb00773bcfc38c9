"""What client and bridge agree on outside of the schemas: default endpoints, and messages as msgpack."""

from __future__ import annotations

from typing import Any

import msgpack  # type: ignore[import-untyped]

#: Version of the wire contract (schemas/contract.json).
VERSION = 1
#: Where the bridge listens unless it is told otherwise.
REQUESTS = "tcp://127.0.0.1:7500"
EVENTS = "tcp://127.0.0.1:7501"


def pack(body: Any) -> bytes:
    """Pack a message as msgpack."""
    packed: bytes = msgpack.packb(body, use_bin_type=True)
    return packed


def unpack(body: bytes) -> dict[str, Any]:
    """Unpack the envelope of an event, or a reply."""
    envelope: dict[str, Any] = msgpack.unpackb(body, raw=False, strict_map_key=False)
    return envelope
