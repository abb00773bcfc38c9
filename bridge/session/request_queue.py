"""Requests that wait until TWS is ready for them, or has described what they trade, in the order in which they came."""

from __future__ import annotations

import itertools
from bisect import insort
from collections.abc import Callable
from typing import NamedTuple

from bridge.session.contracts.descriptions import DescriptionRequest
from bridge.session.orders.trading import PLACING
from bridge.session.requests import Refused, Request
from bridge.session.rights.limits import Undescribed
from bridge.session.routing import RequestPlan
from bridge.session.values import Data

#: Owner and key of orders.
Keys = frozenset[tuple[str, str]]


class QueuedRequest(NamedTuple):
    """One request. `turn` counts those that have come; `keys` are of the orders that it would place or change, `names`
    those and their parents. `questions`: what TWS must describe first, and `undescribed` the limit that wants it.
    """

    plan: RequestPlan
    request: Request
    params: Data
    turn: int
    keys: Keys
    names: Keys
    questions: tuple[DescriptionRequest, ...] = ()
    undescribed: Undescribed | None = None

    @property
    def is_described(self) -> bool:
        """Whether it waits for no word of TWS on a contract."""
        return all(question.fate != "open" for question in self.questions)

    def check(self) -> None:
        """Raise Refused where TWS has not described what it had to."""
        for question in self.questions:
            if question.fate == "unknown":
                message = f"TWS knows no contract of conId {question.con_id}: {question.reason}"
                raise Refused("unknownContract", message, candidates=[])
            if question.fate == "unanswered" and self.undescribed is not None:
                message = f"{self.undescribed.message}: {question.reason}"
                raise Refused(self.undescribed.code, message, **self.undescribed.data)


class RequestQueue:
    """`most`: how many may wait."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._waiting: list[QueuedRequest] = []
        self._turns = itertools.count(1)

    def draw(self, plan: RequestPlan, request: Request, params: Data) -> QueuedRequest:
        """A request has come: it keeps its turn, however often it has to wait."""
        keys = keys_of(request, params)
        return QueuedRequest(plan, request, params, next(self._turns), keys, keys | _parents(request, params))

    def enter(self, waiting: QueuedRequest, state: str) -> None:
        """Wait; raise Refused where too many do. `state`: of the connection, for the words of the refusal."""
        if len(self._waiting) >= self._most:
            raise Refused("notConnected", f"too many requests wait for TWS (the connection is {state})")
        insort(self._waiting, waiting, key=lambda other: other.turn)

    def is_behind(self, waiting: QueuedRequest) -> bool:
        """Whether one that came before it waits here, and would place or change an order that it names, too."""
        return any(other.turn < waiting.turn and other.keys & waiting.names for other in self._waiting)

    def shares(self, keys: Keys) -> bool:
        """Whether one waits here that would place or change one of these orders."""
        return any(other.keys & keys for other in self._waiting)

    def holds(self, keys: Keys) -> bool:
        """Whether one of those is held over a planned restart."""
        return any(other.keys & keys and other.request.is_held for other in self._waiting)

    def call(self, is_called: Callable[[QueuedRequest], bool] = lambda _waiting: True) -> list[QueuedRequest]:
        """Those that are called wait no longer."""
        called: list[QueuedRequest] = []
        staying: list[QueuedRequest] = []
        for waiting in self._waiting:
            (called if is_called(waiting) else staying).append(waiting)
        self._waiting = staying
        return called


def keys_of(request: Request, params: Data) -> Keys:
    """Of each order that the request would place or change."""
    if request.method not in PLACING:
        return frozenset()
    if "orders" in params:
        return frozenset((request.client, order["orderKey"]) for order in params["orders"])
    return frozenset({(params.get("owner", request.client), params.get("orderKey") or request.id)})


def _parents(request: Request, params: Data) -> Keys:
    """Of each order that must be there before what the request wants: parents, and the order that it awaits."""
    if request.method == "awaitOrder":
        return (
            frozenset({(params.get("owner", request.client), params["orderKey"])})
            if "orderKey" in params
            else frozenset()
        )
    if request.method not in PLACING:
        return frozenset()
    placed = params.get("orders", [params])
    return frozenset((request.client, key) for order in placed if (key := order.get("parentKey")) is not None)
