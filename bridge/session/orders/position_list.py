"""The bridge's own question for all positions: asked with each pass, which neither waits for it nor fails with it.

At TWS it is a subscription, and there is one for all. Where a client holds it, its values go by and the bridge asks for
nothing. Else the bridge ends it when all has come, unless a client has taken it over by then.
"""

from __future__ import annotations

import itertools

from bridge.session.orders.list_downloads import InternalRequests
from bridge.session.orders.positions import LIST, Positions
from bridge.session.outbox import Outbox
from bridge.session.requests import Request
from bridge.session.values import Data, Instant

#: Seconds after which a question without an answer is given up, and may be asked again.
PATIENCE = 60.0


class PositionList:
    def __init__(self, outbox: Outbox, internal_requests: InternalRequests, positions: Positions) -> None:
        self._outbox = outbox
        self._internal_requests = internal_requests
        self._positions = positions
        self._open: Request | None = None
        self._numbers = itertools.count(1)

    def ask(self, now: Instant) -> None:
        """Ask TWS, unless it is asked already or a client holds the subscription."""
        if self._open is not None or self._internal_requests.is_held(LIST):
            return
        request = Request("bridge", f"positions-{next(self._numbers)}", LIST, {}, None, False, "", is_own=True)
        request.then = lambda outcome: self._ended(request, outcome)
        self._open = request
        self._positions.asked()
        self._outbox.timers.at(now.clock + PATIENCE, lambda later: self._give_up(request, later))
        self._internal_requests.send(request)

    def _give_up(self, request: Request, now: Instant) -> None:
        if self._open is request:
            self._internal_requests.withdraw(request, now)

    def _ended(self, request: Request, outcome: Data) -> None:
        """All has come, or never will; or a client has taken it over, and holds it now."""
        self._open = None
        is_lost = not outcome["ok"] and outcome["error"]["code"] == "connectionLost"
        if not outcome["ok"] and not is_lost:
            self._positions.cancelled()
        if not is_lost and not self._internal_requests.is_held(LIST):
            self._outbox.send("cancelPositions", {}, request)
