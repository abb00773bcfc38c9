"""The pending requests at TWS: their request ids, the answers collected for them, and lanes for those without an id.

A request with a reqId has answers with the same reqId. Some messages of TWS have no reqId. Such requests that share
answers wait in a *lane*: TWS has one of them at a time, and equal requests that wait are sent as one. So the bridge
never takes the answer to one request for the answer to another. A request whose declaration says `shared` joins an
equal one that TWS has already. This module sends nothing; it returns what to send.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from bridge.session.pending.shared import share_key
from bridge.session.request_ids import RequestIds
from bridge.session.requests import Request
from bridge.session.routing import Endings, RequestPlan
from bridge.session.values import Data, Instant

_MOST_RETIRED = 1000


@dataclass(slots=True, eq=False)
class PendingRequest:
    """One request that TWS has or that waits in its lane.

    `requests`: the clients' requests that it answers. `ends`: the events that complete it; if empty, its first answer
    does. `has_message`: TWS has sent a message for it. `share_key`: the key by which others join it, or None. `told`:
    the callbacks of a shared request so far, each with the time, for those that join later.
    """

    plan: RequestPlan
    params: Data
    requests: list[Request]
    ends: Endings = field(default_factory=dict)
    req_id: int | None = None
    parts: list[Data] = field(default_factory=list)
    #: Executions among the parts. Their commissions come without a request id, and belong to this request, too.
    executions: set[str] = field(default_factory=set)
    #: How often it was sent again without an id: TWS may send as many answers that the bridge must discard.
    owed: int = 0
    has_message: bool = False
    share_key: str | None = None
    told: list[tuple[str, Data, Instant]] = field(default_factory=list)

    def is_over_with(self, event: str, data: Data) -> bool:
        """Return whether this callback completes the request."""
        if not self.ends:
            return True
        flag = self.ends.get(event)
        return event in self.ends and (flag is None or bool(data.get(flag)))

    def is_like(self, plan: RequestPlan, params: Data) -> bool:
        """Return whether a request with this plan and these params is equal."""
        return self.plan is plan and self.params == params


class PendingTable:
    """All pending requests. The caller sends the requests that `begin` and `finish` return."""

    def __init__(self, ids: RequestIds) -> None:
        self._ids = ids
        self._by_id: dict[int, PendingRequest] = {}
        self._lanes: dict[str, list[PendingRequest]] = {}
        #: The shared requests, by key.
        self._shared: dict[str, PendingRequest] = {}
        #: Ids of requests that were sent again under another id: TWS may answer these ids, too.
        self._retired: dict[int, None] = {}

    def __len__(self) -> int:
        return len(self._by_id) + sum(len(lane) for lane in self._lanes.values())

    def begin(self, plan: RequestPlan, params: Data, request: Request, ends: Endings) -> PendingRequest | None:
        """Add a request. Return it if the caller must send it now; None if it waits in its lane.

        An equal request that waits already takes it in.
        """
        pending = PendingRequest(plan, params, [request], ends)
        if plan.shared:
            pending.share_key = share_key(plan, request, params)
            self._shared[pending.share_key] = pending
        if plan.keyed:
            pending.req_id = self._ids.take()
            self._by_id[pending.req_id] = pending
            return pending
        lane = self._lanes.setdefault(plan.lane, [])
        for waiting in lane[1:]:
            if waiting.is_like(plan, params):
                waiting.requests.append(request)
                if pending.share_key is not None:
                    self._shared[pending.share_key] = waiting
                return None
        lane.append(pending)
        return pending if len(lane) == 1 else None

    def joinable(self, plan: RequestPlan, params: Data, request: Request) -> PendingRequest | None:
        """Return the pending request that this one may join: an equal one for which a client still waits.

        A request for a fresh answer does not join one that TWS has begun to answer.
        """
        if not plan.shared:
            return None
        pending = self._shared.get(share_key(plan, request, params))
        if pending is None or all(other.answer is not None for other in pending.requests):
            return None
        return None if request.is_fresh and pending.has_message else pending

    def by_id(self, req_id: object) -> PendingRequest | None:
        """Return the pending request with this id."""
        return self._by_id.get(req_id) if isinstance(req_id, int) else None

    def renew(self, pending: PendingRequest) -> int | None:
        """The request is sent again, under a new id or once more without one. Return its previous id, or None."""
        before = pending.req_id
        if before is None:
            pending.owed += 1
            return None
        del self._by_id[before]
        self._retired[before] = None
        if len(self._retired) > _MOST_RETIRED:
            del self._retired[next(iter(self._retired))]
        pending.req_id = self._ids.take()
        self._by_id[pending.req_id] = pending
        return before

    def is_retired(self, req_id: object) -> bool:
        """Return whether a request was sent under this id before it was sent again."""
        return req_id in self._retired

    def by_execution(self, exec_id: str) -> list[PendingRequest]:
        """Return the pending requests that received this execution."""
        return [pending for pending in self._by_id.values() if exec_id in pending.executions]

    def by_event(self, name: str) -> PendingRequest | None:
        """Return the pending request without an id that this callback may answer."""
        for lane in self._lanes.values():
            if lane and name in lane[0].plan.answers:
                return lane[0]
        return None

    def own(self, plan: RequestPlan) -> list[PendingRequest]:
        """Return the internal pending requests of this kind."""
        return [
            pending
            for pending in self._all()
            if pending.plan is plan and all(request.is_own for request in pending.requests)
        ]

    def alone_without_id(self) -> PendingRequest | None:
        """Return the one pending request without an id; None unless exactly one lane is in use."""
        return next(iter(self._lanes.values()))[0] if len(self._lanes) == 1 else None

    def is_waiting(self, pending: PendingRequest) -> bool:
        """Return whether TWS has another request of this one's lane."""
        return self._lanes.get(pending.plan.lane, [pending])[0] is not pending

    def is_under_way(self, pending: PendingRequest) -> bool:
        """Return whether the request was sent to TWS and is not over."""
        if pending.req_id is not None:
            return self._by_id.get(pending.req_id) is pending
        return self._lanes.get(pending.plan.lane, [None])[0] is pending

    def of(self, request: Request) -> PendingRequest | None:
        """Return the pending request that answers this client's request."""
        return next((pending for pending in self._all() if request in pending.requests), None)

    def finish(self, pending: PendingRequest) -> PendingRequest | None:
        """The request is over. Return the next request of its lane, which the caller must send now, or None."""
        if pending.share_key is not None and self._shared.get(pending.share_key) is pending:
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

    def drop_all(self) -> list[PendingRequest]:
        """Forget all pending requests, because the connection has ended. Return them."""
        found = list(self._all())
        self._by_id.clear()
        self._lanes.clear()
        self._shared.clear()
        return found

    def __iter__(self) -> Iterator[PendingRequest]:
        return self._all()

    def _all(self) -> Iterator[PendingRequest]:
        yield from self._by_id.values()
        for lane in self._lanes.values():
            yield from lane
