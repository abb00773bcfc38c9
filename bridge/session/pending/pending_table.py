"""The pending requests at TWS: their request ids, the answers collected for them, and lanes for those without an id.

A request with a reqId has answers with the same reqId. Some messages of TWS have no reqId. Such requests that share
answers wait in a *lane*: TWS has one of them at a time, and equal requests that wait are sent as one. So the bridge
never takes the answer to one request for the answer to another. A request whose declaration says `shared` joins an
equal one that TWS has already. This module sends nothing; it returns what to send.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from bridge.session.pending.pending_life import UNTOLD, WANTED, PendingLife, PendingState
from bridge.session.pending.shared import CON_IDS, share_key
from bridge.session.request_ids import RequestIds
from bridge.session.requests import Request
from bridge.session.routing import Endings, RequestPlan
from bridge.session.values import Data, Instant

_MOST_RETIRED = 1000
#: No request joins one for which TWS has sent nothing for so many seconds. Orders may wait for internal requests.
QUIET, QUIET_OWN = 10.0, 2.0


@dataclass(slots=True, eq=False)
class PendingRequest:
    """One request that TWS has or that waits in its lane.

    `waiting`: the clients' requests that it answers. `ends`: the events that complete it; if empty, its first answer
    does. `is_own`: only internal requests of the bridge have waited for it. `share_key`: the key by which others join
    it, or None. `told`: the callbacks of a shared request so far, each with the time, for those that join later.
    """

    plan: RequestPlan
    params: Data
    waiting: dict[Request, None]
    is_own: bool
    ends: Endings = field(default_factory=dict)
    req_id: int | None = None
    parts: list[Data] = field(default_factory=list)
    #: Executions among the parts. Their commissions come without a request id, and belong to this request, too.
    executions: set[str] = field(default_factory=set)
    #: It was sent twice without an id, and TWS has answered neither.
    is_doubled: bool = False
    share_key: str | None = None
    #: When it was sent, or TWS sent its last message for it (steady clock); infinity while it is in its lane.
    heard_at: float = float("inf")
    #: When it was sent last (steady clock).
    sent_at: float = float("inf")
    told: list[tuple[str, Data, Instant]] = field(default_factory=list)
    life: PendingLife = field(default_factory=PendingLife)

    @property
    def state(self) -> PendingState:
        return self.life.state

    @property
    def requests(self) -> list[Request]:
        """The clients' requests that it answers."""
        return list(self.waiting)

    def is_over_with(self, event: str, data: Data) -> bool:
        """Return whether this callback completes the request."""
        if not self.ends:
            return True
        flag = self.ends.get(event)
        return event in self.ends and (flag is None or bool(data.get(flag)))

    def is_like(self, plan: RequestPlan, params: Data) -> bool:
        """Return whether a request with this plan and these params is equal."""
        return self.plan is plan and self.params == params

    def is_answered_by(self, event: str, data: Data) -> bool:
        """Return whether this callback without an id may be its answer: it names nothing else than the request."""
        return event in self.plan.answers and all(
            data.get(name, self.params.get(name)) == self.params.get(name) for name in self.plan.echoes
        )


class PendingTable:
    """All pending requests. The caller sends the requests that `begin` and `finish` return."""

    def __init__(self, ids: RequestIds) -> None:
        self._ids = ids
        self._by_id: dict[int, PendingRequest] = {}
        self._lanes: dict[str, list[PendingRequest]] = {}
        #: The shared requests, by key: of equal ones the one that was sent last.
        self._shared: dict[str, PendingRequest] = {}
        #: The pending request that answers a client's request.
        self._by_request: dict[Request, PendingRequest] = {}
        #: Ids of requests that were sent again under another id: TWS may answer these ids, too.
        self._retired: dict[int, None] = {}
        #: By id, the contracts of requests that were given up or sent again: TWS may still refuse the contract.
        self._given_up: dict[int, Data] = {}

    def __len__(self) -> int:
        return len(self._by_id) + sum(len(lane) for lane in self._lanes.values())

    def begin(self, plan: RequestPlan, params: Data, request: Request, ends: Endings) -> PendingRequest | None:
        """Add a request. Return it if the caller must send it now; None if it waits in its lane.

        An equal request that waits already takes it in.
        """
        pending = PendingRequest(plan, params, {}, request.is_own, ends)
        if plan.shared:
            pending.share_key = share_key(plan, request, params)
        if not plan.keyed:
            lane = self._lanes.setdefault(plan.lane, [])
            equal = next((waiting for waiting in lane[1:] if waiting.is_like(plan, params)), None)
            if equal is None:
                lane.append(pending)
            pending = equal or pending
        else:
            pending.req_id = self._ids.take()
            self._by_id[pending.req_id] = pending
        if pending.share_key is not None:
            self._shared[pending.share_key] = pending
        self.join(pending, request)
        return pending if pending.req_id is not None or lane[0] is pending else None

    def joinable(self, plan: RequestPlan, params: Data, request: Request, clock: float) -> PendingRequest | None:
        """Return the pending request that this one may join: an equal one for which a client still waits.

        A request for a fresh answer does not join one that TWS has begun to answer. None joins one for which TWS has
        long sent nothing: TWS may have dropped it.
        """
        if not plan.shared:
            return None
        pending = self._shared.get(share_key(plan, request, params))
        allowed = UNTOLD if request.is_fresh else WANTED
        if pending is None or pending.state not in allowed:
            return None
        return pending if clock < pending.heard_at + (QUIET_OWN if request.is_own else QUIET) else None

    def join(self, pending: PendingRequest, request: Request) -> None:
        """Let the request wait for the answer to this one."""
        pending.waiting[request] = None
        pending.is_own = pending.is_own and request.is_own
        self._by_request[request] = pending

    def is_newest(self, pending: PendingRequest) -> bool:
        """Return whether no equal request has been sent after this one."""
        return pending.share_key is not None and self._shared.get(pending.share_key) is pending

    def by_id(self, req_id: object) -> PendingRequest | None:
        """Return the pending request with this id."""
        return self._by_id.get(req_id) if isinstance(req_id, int) else None

    def renew(self, pending: PendingRequest) -> int | None:
        """The request is sent again, under a new id or once more without one. Return its previous id, or None."""
        before = pending.req_id
        if before is None:
            pending.is_doubled = True
            return None
        self.give_up(pending)
        del self._by_id[before]
        self._retired[before] = None
        if len(self._retired) > _MOST_RETIRED:
            del self._retired[next(iter(self._retired))]
        pending.req_id = self._ids.take()
        self._by_id[pending.req_id] = pending
        return before

    def params_of(self, req_id: int) -> Data | None:
        """Return the params of the request with this id; of one that was given up, what names its contract."""
        pending = self._by_id.get(req_id)
        return self._given_up.get(req_id) if pending is None else pending.params

    def give_up(self, pending: PendingRequest) -> None:
        """No client waits for an answer under this id any more: remember which contract the request is about."""
        if pending.req_id is not None:
            named = {name: value for name, value in pending.params.items() if name in ("contract", *CON_IDS)}
            self._given_up[pending.req_id] = named
            if len(self._given_up) > _MOST_RETIRED:
                del self._given_up[next(iter(self._given_up))]

    def is_retired(self, req_id: object) -> bool:
        """Return whether a request was sent under this id before it was sent again."""
        return req_id in self._retired

    def by_execution(self, exec_id: str) -> list[PendingRequest]:
        """Return the pending requests that received this execution."""
        return [pending for pending in self._by_id.values() if exec_id in pending.executions]

    def by_event(self, name: str, data: Data) -> PendingRequest | None:
        """Return the pending request without an id that this callback may answer."""
        for lane in self._lanes.values():
            if lane and lane[0].is_answered_by(name, data):
                return lane[0]
        return None

    def own(self, plan: RequestPlan) -> list[PendingRequest]:
        """Return the internal pending requests of this kind."""
        return [pending for pending in self._all() if pending.plan is plan and pending.is_own]

    def alone_without_id(self) -> PendingRequest | None:
        """Return the one pending request without an id; None unless exactly one lane is in use."""
        return next(iter(self._lanes.values()))[0] if len(self._lanes) == 1 else None

    def leave(self, request: Request) -> PendingRequest | None:
        """The client waits no more. Return the pending request if now no client waits for it."""
        pending = self._by_request.pop(request, None)
        if pending is None:
            return None
        pending.waiting.pop(request, None)
        return None if pending.waiting else pending

    def settle(self, pending: PendingRequest) -> None:
        """TWS has answered, and may answer once more: nobody waits for that."""
        self._forget_waiting(pending)
        pending.waiting, pending.parts, pending.told, pending.is_doubled = {}, [], [], False

    def finish(self, pending: PendingRequest) -> PendingRequest | None:
        """The request is over. Return the next request of its lane, which the caller must send now, or None."""
        pending.life.happen("ended")
        self._forget_waiting(pending)
        if self.is_newest(pending) and pending.share_key is not None:
            del self._shared[pending.share_key]
        if pending.req_id is not None:
            self._by_id.pop(pending.req_id, None)
            return None
        lane = self._lanes.get(pending.plan.lane, [])
        if pending not in lane:
            return None
        first = lane[0] is pending
        lane.remove(pending)
        if lane:
            return lane[0] if first else None
        del self._lanes[pending.plan.lane]
        return None

    def _forget_waiting(self, pending: PendingRequest) -> None:
        for request in pending.waiting:
            self._by_request.pop(request, None)

    def drop_all(self) -> list[PendingRequest]:
        """Forget all pending requests, because the connection has ended. Return them."""
        found = list(self._all())
        for pending in found:
            pending.life.happen("ended")
        self._by_id.clear()
        self._lanes.clear()
        self._shared.clear()
        self._by_request.clear()
        self._given_up.clear()
        return found

    def __iter__(self) -> Iterator[PendingRequest]:
        return self._all()

    def _all(self) -> Iterator[PendingRequest]:
        yield from self._by_id.values()
        for lane in self._lanes.values():
            yield from lane
