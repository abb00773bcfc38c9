"""Reconciliation passes: one pass downloads TWS's lists of open orders, completed orders and executions.

A pass counts only where all downloads end while TWS is connected to IBKR. This module decides nothing about orders:
`reconcile.py` and `evidence.py` decide what a pass proves.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from bridge.session.outbox import Outbox
from bridge.session.requests import Request
from bridge.session.values import Data, Instant

#: The requests of a pass, in two steps. If an order is executed during a pass, it is in the list of open orders or in
#: one of the lists of the second step. The bridge requests all open orders, because with client ID 0 reqOpenOrders
#: would bind the orders that a person entered by hand.
QUERIES: tuple[tuple[tuple[str, Data], ...], ...] = (
    (("reqAllOpenOrders", {}),),
    (("reqCompletedOrders", {"apiOnly": False}), ("reqExecutions", {"executionFilter": {}})),
)
#: Seconds until the next pass, after a pass failed or TWS sent a message that does not fit.
SOON = 5.0
#: Least seconds between the starts of two passes.
SPACING = 1.0
#: Seconds until a pass times out. After that, TWS may still answer: the next request of the same method waits a while.
PASS_TIMEOUT = 60.0


class InternalRequests(NamedTuple):
    """Requests that the bridge itself sends to TWS.

    `send` sends a request and `withdraw` cancels it. `is_held`: whether a client holds a stream of that method.
    """

    send: Callable[[Request, Instant], None]
    withdraw: Callable[[Request, Instant], None]
    is_held: Callable[[str], bool]


class ListDownloads:
    """Runs the passes, one at a time.

    `begun`: when the running pass began, or None. `last`: when the last pass began. `planned`: when the next one is to
    begin, or None. `has_hole`: the bridge could not decode a message of this pass.
    `begins(now)`, `ended(begun, now)` and `failed(now)`: callbacks at the start, at the end and at the failure of a
    pass. What `begins` requests does not belong to the pass.
    """

    def __init__(self, outbox: Outbox, internal_requests: InternalRequests) -> None:
        self._outbox = outbox
        self._internal_requests = internal_requests
        self.ended: Callable[[Instant, Instant], None] = lambda _begun, _now: None
        self.failed: Callable[[Instant], None] = lambda _now: None
        self.begins: Callable[[Instant], None] = lambda _now: None
        self.begun: Instant | None = None
        self.has_hole = False
        self._is_connected = False
        self._requests: list[Request] = []
        self._number = 0
        self._left = self._asked = 0
        self.last = float("-inf")
        self.planned: float | None = None
        self._is_wanted = False

    def connected(self, now: Instant) -> None:
        """TWS is connected, and connected to IBKR: its lists are valid. Begin a pass."""
        self._is_connected = True
        self._begin(now)

    def disconnected(self, now: Instant) -> None:
        """TWS or IBKR is not connected: TWS's lists prove nothing now. Drop the running pass."""
        self._is_connected = False
        self._drop(now)

    def refused(self, reason: str, now: Instant) -> None:
        """TWS refuses a list, with an error that does not name the request."""
        self._fail(self._number, reason, now)

    def plan(self, at: float) -> None:
        """Begin a pass at that time (steady clock). Where one is running then, another one follows it."""
        at = max(at, self.last + SPACING)
        if self.planned is None or at < self.planned:
            self.planned = at
            self._outbox.timers.at(at, self._on_time)

    def _on_time(self, now: Instant) -> None:
        if self.planned is not None and now.clock >= self.planned:
            self.planned = None
            if self._is_connected and self.begun is None:
                self._begin(now)
            elif self._is_connected:
                self._is_wanted = True

    def _begin(self, now: Instant) -> None:
        self.begun, self.last = now, now.clock
        self._number += 1
        self._requests, self._asked = [], 0
        self._is_wanted = self.has_hole = False
        number = self._number
        self._outbox.timers.at(now.clock + PASS_TIMEOUT, lambda later: self._fail(number, "no answer in time", later))
        self._ask_next(now)
        self.begins(now)

    def _ask_next(self, now: Instant) -> None:
        """Request the lists of the next step."""
        number, begun = self._number, self.begun
        requests = []
        for method, params in QUERIES[self._asked]:
            id_ = f"pass-{number}-{method}"
            request = Request("bridge", id_, method, params, None, False, "", is_own=True, is_for_order=True)
            request.then = lambda outcome: self._answered(number, outcome, begun)
            requests.append(request)
        self._asked += 1
        self._left = len(requests)
        self._requests += requests
        for request in requests:
            self._internal_requests.send(request, now)

    def _answered(self, number: int, outcome: Data, begun: Instant | None) -> None:
        if number != self._number or begun is None:
            return
        if outcome["ok"]:
            self._left -= 1
        elif outcome["error"]["code"] == "connectionLost":
            self._drop(begun)  # no warning: the session reports the lost connection
        else:
            self._fail(number, outcome["error"]["message"], begun)

    def advance(self, now: Instant) -> bool:
        """TWS has answered a request: continue the pass. Returns whether the pass ended with it."""
        if self.begun is None or self._left:
            return False
        if self._asked < len(QUERIES):
            self._ask_next(now)
            return False
        begun, self.begun = self.begun, None
        self._number += 1
        self.ended(begun, now)
        if self._is_wanted:
            self.plan(now.clock)
        return True

    def _fail(self, number: int, reason: str, now: Instant) -> None:
        """The pass failed, and proves nothing."""
        if number == self._number and self.begun is not None:
            self._drop(now)
            self._outbox.log("reconcileFailed", reason=reason)
            self.failed(now)

    def _drop(self, now: Instant) -> None:
        """End the pass without a result and withdraw its open requests, which would block those of the next pass."""
        self.begun = None
        self._number += 1
        for request in self._requests:
            if request.answer is None:
                self._internal_requests.withdraw(request, now)
