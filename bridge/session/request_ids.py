"""The ids that the bridge gives to its requests to TWS: apart from all order ids, which share their space."""

from __future__ import annotations

#: Request ids live in [FIRST_REQUEST_ID, 2^31), order ids below.
FIRST_REQUEST_ID = 1 << 30
_LAST_REQUEST_ID = (1 << 31) - 1


class RequestIds:
    """Request ids, in order, never one that is still taken."""

    def __init__(self) -> None:
        self._next = FIRST_REQUEST_ID

    def take(self) -> int:
        req_id = self._next
        self._next = FIRST_REQUEST_ID if req_id == _LAST_REQUEST_ID else req_id + 1
        return req_id
