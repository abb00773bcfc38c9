"""The values that all parts of the session use: the fields of a message, the time, and the route of a reply."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, NamedTuple

Data = dict[str, Any]

#: The frames of a request before its body: the peer's routing id and, for REQ clients, the empty delimiter.
Route = tuple[bytes, ...]


def utc(ts: int) -> str:
    """A time in ns since 1970 UTC as text: RFC 3339, with milliseconds."""
    return f"{datetime.fromtimestamp(ts // 10**9, UTC):%Y-%m-%dT%H:%M:%S}.{ts // 10**6 % 1000:03}Z"


class Instant(NamedTuple):
    """One moment on two clocks.

    `clock`: seconds on the steady clock, for deadlines. `ts`: ns since 1970 UTC, for envelopes.
    """

    clock: float
    ts: int
