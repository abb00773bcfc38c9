"""The bridge's own request for all positions. It goes out with each reconciliation pass, but does not belong to it.

At TWS, reqPositions is a subscription, and there is only one. While a client holds it, the bridge gets its values and
sends no request. Else the bridge cancels the subscription when TWS has sent all positions, unless a client holds it by
then.
"""

from __future__ import annotations

import itertools

from bridge.session.orders.list_downloads import InternalRequests
from bridge.session.orders.positions import LIST, Positions
from bridge.session.outbox import Outbox
from bridge.session.requests import Request
from bridge.session.values import Data, Instant

#: Seconds until the request times out. Then the bridge may send it again.
PATIENCE = 60.0


class PositionList:
    """Requests the list of all positions, one request at a time."""

    def __init__(self, outbox: Outbox, internal_requests: InternalRequests, positions: Positions) -> None:
        self._outbox = outbox
        self._internal_requests = internal_requests
        self._positions = positions
        self._open: Request | None = None
        self._numbers = itertools.count(1)

    def ask(self, now: Instant) -> None:
        """Request the list, unless a request is open or a client holds the subscription."""
        if self._open is not None or self._internal_requests.is_held(LIST):
            return
        id_ = f"positions-{next(self._numbers)}"
        request = Request("bridge", id_, LIST, {}, None, False, "", is_own=True, is_for_order=True)
        request.then = lambda outcome: self._ended(request, outcome)
        self._open = request
        self._positions.asked()
        self._outbox.timers.at(now.clock + PATIENCE, lambda later: self._give_up(request, later))
        self._internal_requests.send(request, now)

    def _give_up(self, request: Request, now: Instant) -> None:
        if self._open is request:
            self._internal_requests.withdraw(request, now)

    def _ended(self, request: Request, outcome: Data) -> None:
        """The request has ended: TWS has sent all positions, or it failed. A client may hold the subscription now."""
        self._open = None
        is_lost = not outcome["ok"] and outcome["error"]["code"] in ("connectionLost", "notConnected")
        if not outcome["ok"] and not is_lost:
            self._positions.cancelled()
        if not is_lost and not self._internal_requests.is_held(LIST):
            self._outbox.send("cancelPositions", {}, request)
