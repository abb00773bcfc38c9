"""Passes over TWS's lists: when the bridge asks for open orders, completed orders and executions, and when all came.

A pass counts only when all answers have ended while IBKR was connected. Decides nothing about any order: what a pass
proves is said in `reconcile.py` and `evidence.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from bridge.session.effects import Log
from bridge.session.outbox import Outbox
from bridge.session.requests import Request
from bridge.session.values import Data, Instant

#: One after the other: what is executed while TWS makes its lists is open in the first, or in one of the second.
#: All open orders, not only our client's: as client id 0, reqOpenOrders would bind what was entered by hand.
QUERIES: tuple[tuple[tuple[str, Data], ...], ...] = (
    (("reqAllOpenOrders", {}),),
    (("reqCompletedOrders", {"apiOnly": False}), ("reqExecutions", {"executionFilter": {}})),
)
#: Seconds from a doubt to a pass, and until a pass that failed is made again.
SOON = 5.0
#: Seconds between the beginnings of two passes, whoever asks for them.
SPACING = 1.0
#: Seconds for one pass: a question that was given up holds the next of its kind back for a while.
PASS_TIMEOUT = 60.0


class InternalRequests(NamedTuple):
    """How the bridge asks TWS for itself, and takes a question back; whether a client holds a stream of a method."""

    send: Callable[[Request], None]
    withdraw: Callable[[Request, Instant], None]
    is_held: Callable[[str], bool]


class ListDownloads:
    """`begun`: when the pass under way began, or None. `has_hole`: something of it could not be read."""

    def __init__(self, outbox: Outbox, internal_requests: InternalRequests) -> None:
        """`ended(begun, now)` and `failed(now)` are called at the end of each pass.

        `begins(now)` asks what goes with it, and does not count.
        """
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
        self._last = float("-inf")
        self._planned: float | None = None
        self._is_wanted = False

    def connected(self, now: Instant) -> None:
        """TWS is there, and IBKR behind it: what it says can be believed from now on, and is asked for."""
        self._is_connected = True
        self._begin(now)

    def disconnected(self, now: Instant) -> None:
        """Whatever TWS says now proves nothing, until it is connected again."""
        self._is_connected = False
        self._drop(now)

    def plan(self, at: float) -> None:
        """Have a pass begin then (steady clock); where one is under way, another one follows it."""
        at = max(at, self._last + SPACING)
        if self._planned is None or at < self._planned:
            self._planned = at
            self._outbox.timers.at(at, self._ring)

    def _ring(self, now: Instant) -> None:
        if self._planned is not None and now.clock >= self._planned:
            self._planned = None
            if self._is_connected and self.begun is None:
                self._begin(now)
            elif self._is_connected:
                self._is_wanted = True

    def _begin(self, now: Instant) -> None:
        self.begun, self._last = now, now.clock
        self._number += 1
        self._requests, self._asked = [], 0
        self._is_wanted = self.has_hole = False
        number = self._number
        self._outbox.timers.at(now.clock + PASS_TIMEOUT, lambda later: self._fail(number, "no answer in time", later))
        self._ask_next()
        self.begins(now)

    def _ask_next(self) -> None:
        """Ask for the next lists."""
        number, begun = self._number, self.begun
        requests = []
        for method, params in QUERIES[self._asked]:
            request = Request("bridge", f"pass-{number}-{method}", method, params, None, False, "", is_own=True)
            request.then = lambda outcome: self._answered(number, outcome, begun)
            requests.append(request)
        self._asked += 1
        self._left = len(requests)
        self._requests += requests
        for request in requests:
            self._internal_requests.send(request)

    def _answered(self, number: int, outcome: Data, begun: Instant | None) -> None:
        if number != self._number or begun is None:
            return
        if outcome["ok"]:
            self._left -= 1
        elif outcome["error"]["code"] == "connectionLost":
            self._drop(begun)  # with the connection, which is said elsewhere
        else:
            self._fail(number, outcome["error"]["message"], begun)

    def advance(self, now: Instant) -> bool:
        """Something was answered; whether it was the last that a pass waits for."""
        if self.begun is None or self._left:
            return False
        if self._asked < len(QUERIES):
            self._ask_next()
            return False
        begun, self.begun = self.begun, None
        self._number += 1
        self.ended(begun, now)
        if self._is_wanted:
            self.plan(now.clock)
        return True

    def _fail(self, number: int, reason: str, now: Instant) -> None:
        """The pass says nothing."""
        if number == self._number and self.begun is not None:
            self._drop(now)
            self._outbox.log(Log("warning", f"orders could not be reconciled: {reason}"))
            self.failed(now)

    def _drop(self, now: Instant) -> None:
        """End the pass without a result, and its questions with it: one that is never answered holds up the next."""
        self.begun = None
        self._number += 1
        for request in self._requests:
            if request.answer is None:
                self._internal_requests.withdraw(request, now)
