"""The request queue: requests that wait until TWS is ready for them, or has described their contract, oldest first."""

from __future__ import annotations

import itertools
from bisect import insort
from collections.abc import Callable
from typing import NamedTuple

from bridge.session.contracts.descriptions import DescriptionRequest
from bridge.session.orders.trading import PLACING
from bridge.session.requests import Refused, Request
from bridge.session.rights.limits import ContractNotDescribed
from bridge.session.routing import RequestPlan
from bridge.session.values import Data

#: So many times the limit of requests may wait in all, if many of them are equal.
EQUAL = 20
#: Owner and key of orders.
Keys = frozenset[tuple[str, str]]


class QueuedRequest(NamedTuple):
    """One queued request.

    * `turn`: its number in the order of arrival.
    * `keys`: the orders that it would place or change. `names`: those orders, and the orders that they depend on.
    * `descriptions`: the contracts that TWS must describe first. `undescribed`: the refusal if TWS does not.
    """

    plan: RequestPlan
    request: Request
    params: Data
    turn: int
    keys: Keys
    names: Keys
    descriptions: tuple[DescriptionRequest, ...] = ()
    undescribed: ContractNotDescribed | None = None

    @property
    def needs_description(self) -> bool:
        """Whether the bridge has not yet asked TWS for the contracts that a limit needs."""
        return self.undescribed is not None and not self.descriptions

    @property
    def is_described(self) -> bool:
        """Whether no description from TWS is outstanding."""
        return all(description.status != "open" for description in self.descriptions)

    def check(self) -> None:
        """Raise Refused if TWS has not described a contract that a limit needs."""
        for description in self.descriptions:
            if description.status == "unknown":
                message = f"TWS knows no contract with conId {description.con_id}: {description.reason}"
                raise Refused("unknownContract", message, candidates=[])
            if description.status == "unanswered" and self.undescribed is not None:
                message = f"{self.undescribed.message}: {description.reason}"
                raise Refused(self.undescribed.code, message, **self.undescribed.data)


class RequestQueue:
    """The requests that wait, in the order in which they came. `most`: how many may wait."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._queued: list[QueuedRequest] = []
        self._turns = itertools.count(1)

    def __len__(self) -> int:
        return len(self._queued)

    @property
    def cost(self) -> int:
        """About how many messages to TWS the queued requests need: each order of a group is one."""
        return sum(max(1, len(queued.keys)) for queued in self._queued)

    def new_entry(self, plan: RequestPlan, request: Request, params: Data) -> QueuedRequest:
        """Give a request its turn. The request keeps its turn, however often it waits."""
        keys = keys_of(request, params)
        return QueuedRequest(plan, request, params, next(self._turns), keys, keys | _parents(request, params))

    def put(self, queued: QueuedRequest, state: str) -> None:
        """Queue the request. Raise Refused if too many wait, in all or of this client.

        `state`: of the connection, for the error message. Equal shared requests count as one, because TWS gets one of
        them.
        """
        mine = {_unit(other) for other in self._queued if other.request.client == queued.request.client}
        waiting = {_unit(other) for other in self._queued}
        is_new = _unit(queued) not in waiting
        is_full = is_new and (len(waiting) >= self._most or len(mine) >= max(1, self._most // 2))
        if is_full or len(self._queued) >= max(1, self._most) * EQUAL:
            raise Refused("notConnected", f"too many requests wait for TWS (the connection is {state})")
        insort(self._queued, queued, key=lambda other: other.turn)

    def is_behind(self, queued: QueuedRequest) -> bool:
        """Return whether an earlier request waits that would place or change an order that this request names."""
        names = queued.names
        return bool(names) and any(other.turn < queued.turn and other.keys & names for other in self._queued)

    def ready(self, is_selected: Callable[[QueuedRequest], bool]) -> list[QueuedRequest]:
        """Return the requests that `is_selected` selects, in order. They stay in the queue."""
        return [queued for queued in self._queued if is_selected(queued)]

    def remove(self, queued: QueuedRequest) -> None:
        """Remove one request."""
        self._queued = [other for other in self._queued if other.turn != queued.turn]

    def has_request_for(self, keys: Keys) -> bool:
        """Return whether a queued request would place or change one of these orders."""
        return any(other.keys & keys for other in self._queued)

    def has_held_request_for(self, keys: Keys) -> bool:
        """Return whether a request for one of these orders is held until a planned restart is over."""
        return any(other.keys & keys and other.request.is_held for other in self._queued)

    def take(self, is_selected: Callable[[QueuedRequest], bool] = lambda _queued: True) -> list[QueuedRequest]:
        """Remove the requests that `is_selected` selects from the queue, and return them in order."""
        taken: list[QueuedRequest] = []
        staying: list[QueuedRequest] = []
        for queued in self._queued:
            (taken if is_selected(queued) else staying).append(queued)
        self._queued = staying
        return taken


def _unit(queued: QueuedRequest) -> str | int:
    return queued.request.share_key or queued.turn


def keys_of(request: Request, params: Data) -> Keys:
    """Return owner and key of each order that the request would place or change."""
    if request.method not in PLACING:
        return frozenset()
    if "orders" in params:
        return frozenset((request.client, order["orderKey"]) for order in params["orders"])
    return frozenset({(params.get("owner", request.client), params.get("orderKey") or request.id)})


def _parents(request: Request, params: Data) -> Keys:
    """Return the orders that must exist before this request: the parents, and the order that `awaitOrder` names."""
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
