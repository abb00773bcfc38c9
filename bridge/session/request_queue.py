"""The request queue: requests that wait until TWS is ready for them, or has described their contract, oldest first."""

from __future__ import annotations

import itertools
from bisect import bisect_left, bisect_right, insort
from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator
from typing import NamedTuple

from bridge.session import topic_names
from bridge.session.bounds import reserved, share
from bridge.session.contracts.descriptions import DescriptionRequest
from bridge.session.orders.trading import METHODS as ORDER_METHODS
from bridge.session.orders.trading import PLACING
from bridge.session.pending.shared import MOST_EQUAL, share_key
from bridge.session.queue_heads import Heads, Kind, Place
from bridge.session.requests import Refused, Request
from bridge.session.rights.limits import ContractNotDescribed
from bridge.session.routing import RequestPlan
from bridge.session.values import Data

GLOBAL_CANCEL = "reqGlobalCancel"
#: So many times the limit of requests may wait in all, if many of them are equal.
EQUAL = 20
#: Owner and key of orders.
Keys = frozenset[tuple[str, str]]


class QueuedRequest(NamedTuple):
    """One queued request.

    * `turn`: its number in the order of arrival.
    * `unit`: equal for requests that are one at TWS: the key of a shared request, or the turn of another. `group`:
      equal for those of them that may run at the same time.
    * `keys`: the orders that it would place or change. `names`: those orders, and the orders that they depend on.
    * `twins`: when a request with one of these runs, the others with it may need TWS no more: the key of a shared
      request, the stream, or `keys`. `is_free`: it never needs room.
    * `descriptions`: the contracts that TWS must describe first. `undescribed`: the refusal if TWS does not.
    """

    plan: RequestPlan
    request: Request
    params: Data
    turn: int
    unit: str | int
    group: tuple[object, ...]
    keys: Keys
    names: Keys
    twins: frozenset[Hashable]
    is_free: bool
    descriptions: tuple[DescriptionRequest, ...] = ()
    undescribed: ContractNotDescribed | None = None

    @property
    def needs_description(self) -> bool:
        """Whether the bridge has not yet asked TWS for the contracts that a limit needs."""
        return self.undescribed is not None and not self.descriptions

    @property
    def place(self) -> Place:
        """Return kind and client of the request."""
        kind: Kind = "orders" if self.request.method in PLACING else "free" if self.is_free else "rest"
        return ("describe" if self.needs_description else kind), self.request.client

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


class _Places:
    """How many requests of one kind wait, in all and of each client, by `unit`: equal ones are one."""

    def __init__(self) -> None:
        self._units: Counter[str | int] = Counter()
        self._units_of: dict[str, Counter[str | int]] = {}
        #: About how many messages to TWS they need: one for each order of a group, one for equal requests.
        self.cost = 0
        self._cost_of: Counter[str] = Counter()

    def before(self, client: str, cost: int) -> int:
        """Return about how many messages leave before `cost` more of this client, as clients take turns."""
        clients = len(self._units_of) + (client not in self._units_of)
        return min(self.cost, (self._cost_of[client] + cost) * clients)

    def is_full(self, queued: QueuedRequest, most: int) -> bool:
        """Return whether there is no place for the request."""
        mine = self._units_of.get(queued.request.client, ())
        if queued.unit in self._units:
            return self._units[queued.unit] >= MOST_EQUAL
        return (len(self._units) >= most and len(mine) >= reserved(most)) or len(mine) >= share(most)

    def take(self, queued: QueuedRequest) -> None:
        """The request waits."""
        client, cost = queued.request.client, max(1, len(queued.keys))
        mine = self._units_of.setdefault(client, Counter())
        self.cost += 0 if queued.unit in self._units else cost
        self._cost_of[client] += 0 if queued.unit in mine else cost
        self._units[queued.unit] += 1
        mine[queued.unit] += 1

    def free(self, queued: QueuedRequest) -> None:
        """The request does not wait any more."""
        client, cost = queued.request.client, max(1, len(queued.keys))
        mine = self._units_of[client]
        _count_down(self._units, queued.unit)
        _count_down(mine, queued.unit)
        self.cost -= 0 if queued.unit in self._units else cost
        self._cost_of[client] -= 0 if queued.unit in mine else cost
        if not mine:
            del self._units_of[client], self._cost_of[client]


class RequestQueue:
    """The requests that wait, in the order in which they came. `most`: how many may wait. `cancels`: the methods that
    end requests and streams.

    A request is found by its turn, and by the client's request, without a look at the others: very many equal requests
    may wait, and leave the queue together. `leaders` has one of each group of them.
    """

    def __init__(self, most: int, cancels: Collection[str] = ()) -> None:
        self._most = max(1, most)
        self._cancels = cancels
        self._queued: dict[int, QueuedRequest] = {}
        #: The turns of the queued requests, in order.
        self._order: list[int] = []
        #: The turns of each group, in order. See `QueuedRequest`.
        self._groups: dict[tuple[object, ...], list[int]] = {}
        #: The leaders of the groups.
        self._heads = Heads()
        #: The turns of the requests with a twin, in order. See `QueuedRequest`.
        self._twins: dict[Hashable, list[int]] = {}
        #: The turn at which the last look at some of all ended.
        self._looked = 0
        #: The turn of each queued request, also by the request for which an internal one is sent.
        self._turn_of: dict[Request, int] = {}
        #: Orders and cancels do not wait for places that reads have.
        self._places = {True: _Places(), False: _Places()}
        self._turns = itertools.count(1)

    def bound(self, most: int) -> None:
        """So many requests may wait from now on. Those that wait stay."""
        self._most = max(1, most)

    def __len__(self) -> int:
        return len(self._queued)

    def __contains__(self, queued: QueuedRequest) -> bool:
        return queued.turn in self._queued

    def __iter__(self) -> Iterator[QueuedRequest]:
        return (self._queued[turn] for turn in self._order)

    def new_entry(self, plan: RequestPlan, request: Request, params: Data) -> QueuedRequest:
        """Give a request its turn. The request keeps its turn, however often it waits."""
        keys, turn = keys_of(request, params), next(self._turns)
        unit = share_key(plan, request, params) if plan.shared else turn
        told = (request.is_fresh, request.has_looked) if plan.shared and request.waits else (turn,)
        names, is_stream = keys | _parents(request, params), plan.is_stream(params)
        twins: frozenset[Hashable] = frozenset({unit}) if plan.shared else keys
        if is_stream:
            twins = frozenset({("stream", plan.name, topic_names.stream(plan.name, params))})
        is_end = plan.name in self._cancels or (plan.cancel == plan.name and not is_stream)
        is_free = is_end or (_is_order(request) and request.method not in PLACING)
        group = (request.client, unit, *told)
        return QueuedRequest(plan, request, params, turn, unit, group, keys, names, twins, is_free)

    def put(self, queued: QueuedRequest, state: str) -> None:
        """Queue the request. Raise Refused if too many wait, in all or of this client; orders are counted apart.

        A few requests of each client may always wait, however many of other clients do.

        `state`: of the connection, for the error message. Equal shared requests count as one, because TWS gets one of
        them; at most `MOST_EQUAL` equal ones wait.
        """
        is_order = _is_order(queued.request)
        has_too_many = not is_order and len(self._queued) >= self._most * EQUAL
        if has_too_many or self._places[is_order].is_full(queued, self._most):
            raise Refused("notConnected", f"too many requests wait for TWS (the connection is {state})")
        self._queued[queued.turn] = queued
        for known in _known_by(queued):
            self._turn_of[known] = queued.turn
        insort(self._order, queued.turn)
        group = self._groups.setdefault(queued.group, [])
        before = group[0] if group else None
        insort(group, queued.turn)
        if group[0] != before:
            if before is not None:
                self._heads.remove(self._queued[before].place, before)
            self._heads.put(queued.place, queued.turn)
        for twin in queued.twins:
            insort(self._twins.setdefault(twin, []), queued.turn)
        self._places[is_order].take(queued)

    def before(self, queued: QueuedRequest, cost: int) -> tuple[int, int]:
        """Return about how many messages leave before the `cost` messages of this request: orders, and of its kind."""
        is_order = _is_order(queued.request)
        mine = self._places[is_order].before(queued.request.client, cost)
        return (0 if is_order else self._places[True].cost), mine

    def is_behind(self, queued: QueuedRequest) -> bool:
        """Return whether an earlier request waits that would place or change an order that this request names."""
        names = queued.names
        return any(name in self._twins and self._twins[name][0] < queued.turn for name in names)

    def ready(self, is_selected: Callable[[QueuedRequest], bool]) -> list[QueuedRequest]:
        """Return the requests that `is_selected` selects, in order. They stay in the queue."""
        return [queued for queued in self if is_selected(queued)]

    def leaders(self) -> list[QueuedRequest]:
        """Return the oldest request of each group, in order. The others of the group may run when it has run."""
        return [self._queued[turn] for turn in sorted(group[0] for group in self._groups.values())]

    def heads(self, client: str, kinds: Iterable[Kind]) -> Iterator[QueuedRequest]:
        """Return the client's leaders of these kinds, in order. The queue may change meanwhile."""
        for kind in kinds:
            turn: int | None = 0
            while turn is not None and (turn := self._heads.after((kind, client), turn)) is not None:
                yield self._queued[turn]

    def clients(self, kinds: Iterable[Kind]) -> list[str]:
        """Return the clients that have leaders of these kinds."""
        return self._heads.clients(kinds)

    def set_aside(self, leader: QueuedRequest, until: float) -> None:
        """A rule of TWS makes the request wait: leave it out of `heads` until that time (steady clock)."""
        self._heads.set_aside(leader.place, leader.turn, until)

    def bring_back(self, now: float) -> float | None:
        """Have the requests in `heads` again whose time has come. Return the time of the next one, or None."""
        return self._heads.bring_back(now)

    def some(self, most: int) -> list[QueuedRequest]:
        """Return the leaders that never need room, and `most` requests of all: at each call those that come next."""
        begin = bisect_right(self._order, self._looked)
        turns = self._order[begin : begin + most]
        turns += self._order[: min(begin, most - len(turns))]
        self._looked = turns[-1] if turns else 0
        free = [queued for client in self.clients(("free",)) for queued in self.heads(client, ("free",))]
        return [*free, *(queued for turn in turns if (queued := self._queued[turn]).place[0] != "free")]

    def twins_of(self, queued: QueuedRequest) -> list[QueuedRequest]:
        """Return the requests that may need TWS no more when this one has run, in order."""
        turns = {turn for twin in queued.twins for turn in self._twins.get(twin, ())}
        return [self._queued[turn] for turn in sorted(turns)]

    def is_leader(self, queued: QueuedRequest) -> bool:
        """Return whether the request waits, and is the oldest of its group."""
        group = self._groups.get(queued.group)
        return group is not None and group[0] == queued.turn

    def next_of(self, queued: QueuedRequest) -> QueuedRequest | None:
        """Return the request that leads the group of this one, which has left the queue."""
        group = self._groups.get(queued.group)
        return None if group is None else self._queued[group[0]]

    def remove(self, queued: QueuedRequest) -> None:
        """Remove one request. It may have left the queue before."""
        if self._queued.pop(queued.turn, None) is None:
            return
        del self._order[bisect_left(self._order, queued.turn)]
        group = self._groups[queued.group]
        is_leader = group[0] == queued.turn
        del group[bisect_left(group, queued.turn)]
        if not group:
            del self._groups[queued.group]
        if is_leader:
            self._heads.remove(queued.place, queued.turn)
            if group:
                self._heads.put(self._queued[group[0]].place, group[0])
        for twin in queued.twins:
            turns = self._twins[twin]
            del turns[bisect_left(turns, queued.turn)]
            if not turns:
                del self._twins[twin]
        for known in _known_by(queued):
            del self._turn_of[known]
        self._places[_is_order(queued.request)].free(queued)

    def has_request_for(self, keys: Keys) -> bool:
        """Return whether a queued request would place or change one of these orders."""
        return any(key in self._twins for key in keys)

    def has_held_request_for(self, keys: Keys) -> bool:
        """Return whether a request for one of these orders is held until a planned restart is over."""
        return any(self._queued[turn].request.is_held for key in keys for turn in self._twins.get(key, ()))

    def take_request(self, request: Request | None) -> QueuedRequest | None:
        """Remove the entry of this request, or of the internal one that is sent for it. Return it, or None."""
        turn = None if request is None else self._turn_of.get(request)
        if turn is None:
            return None
        queued = self._queued[turn]
        self.remove(queued)
        return queued

    def take(self, is_selected: Callable[[QueuedRequest], bool] = lambda _queued: True) -> list[QueuedRequest]:
        """Remove the requests that `is_selected` selects from the queue, and return them in order."""
        taken = self.ready(is_selected)
        for queued in taken:
            self.remove(queued)
        return taken


def _is_order(request: Request) -> bool:
    return request.method in ORDER_METHODS or request.method == GLOBAL_CANCEL


def _known_by(queued: QueuedRequest) -> tuple[Request, ...]:
    request = queued.request
    return (request,) if request.asker is None else (request, request.asker)


def _count_down(counter: Counter[str | int], unit: str | int) -> None:
    counter[unit] -= 1
    if not counter[unit]:
        del counter[unit]


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
