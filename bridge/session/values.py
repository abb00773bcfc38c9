"""What the whole session is told in: the fields of a message, the moment, and where an answer goes."""

from __future__ import annotations

from typing import Any, NamedTuple

Data = dict[str, Any]

#: The frames of a request before its body: the peer's routing id and, for REQ clients, the empty delimiter.
Route = tuple[bytes, ...]


class Instant(NamedTuple):
    """One moment on two clocks: `clock` in seconds, steady, for deadlines; `ts` in ns since 1970 UTC, for envelopes."""

    clock: float
    ts: int
