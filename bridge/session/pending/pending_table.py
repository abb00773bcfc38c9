"""Questions under way at TWS, and whose they are: request ids, answers collected until an end, lanes without ids.

A question bears our request id, and so do its answers. Where TWS's message has no room for an id, questions that share
answers take turns in a *lane*: one under way, the others wait, those that ask the same alike together. So no answer
can be taken for another's. Knows nothing of clients' routes; what is to be told to whom is returned.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from bridge.session.requests import Request
from bridge.session.routing import Endings, RequestPlan
from bridge.session.values import Data

#: Request ids live in [FIRST_REQUEST_ID, 2^31), order ids below.
FIRST_REQUEST_ID = 1 << 30
_LAST_REQUEST_ID = (1 << 31) - 1
_MOST_RETIRED = 1000


@dataclass(slots=True, eq=False)
class PendingRequest:
    """One question. `ends` are the events that complete it; where there are none its first answer does.

    `has_word`: TWS has said something on it.
    """

    plan: RequestPlan
    params: Data
    requests: list[Request]
    ends: Endings = field(default_factory=dict)
    req_id: int | None = None
    parts: list[Data] = field(default_factory=list)
    #: Executions among the parts: their commissions come without an id, and belong here too.
    executions: set[str] = field(default_factory=set)
    #: How often it was sent without an id beyond the first time: as many answers may come that nobody waits for.
    owed: int = 0
    has_word: bool = False

    def is_over_with(self, event: str, data: Data) -> bool:
        """Whether this callback completes the question."""
        if not self.ends:
            return True
        flag = self.ends.get(event)
        return event in self.ends and (flag is None or bool(data.get(flag)))

    def is_like(self, plan: RequestPlan, params: Data) -> bool:
        return self.plan is plan and self.params == params


class RequestIds:
    """Request ids, in order, never one that is still taken."""

    def __init__(self) -> None:
        self._next = FIRST_REQUEST_ID

    def take(self) -> int:
        req_id = self._next
        self._next = FIRST_REQUEST_ID if req_id == _LAST_REQUEST_ID else req_id + 1
        return req_id


class PendingTable:
    """All questions under way. The session sends what `begin` and `finish` say may leave now."""

    def __init__(self, ids: RequestIds) -> None:
        self._ids = ids
        self._by_id: dict[int, PendingRequest] = {}
        self._lanes: dict[str, list[PendingRequest]] = {}
        #: Ids under which a question was sent before it was sent again: TWS may answer these, too.
        self._retired: dict[int, None] = {}

    def __len__(self) -> int:
        return len(self._by_id) + sum(len(lane) for lane in self._lanes.values())

    def begin(self, plan: RequestPlan, params: Data, request: Request, ends: Endings) -> PendingRequest | None:
        """A question to be sent now, or None where it waits its turn (perhaps together with one that is alike)."""
        pending = PendingRequest(plan, params, [request], ends)
        if plan.keyed:
            pending.req_id = self._ids.take()
            self._by_id[pending.req_id] = pending
            return pending
        lane = self._lanes.setdefault(plan.lane, [])
        for waiting in lane[1:]:
            if waiting.is_like(plan, params):
                waiting.requests.append(request)
                return None
        lane.append(pending)
        return pending if len(lane) == 1 else None

    def by_id(self, req_id: object) -> PendingRequest | None:
        return self._by_id.get(req_id) if isinstance(req_id, int) else None

    def renew(self, pending: PendingRequest) -> int | None:
        """The question is sent again: under another id, or once more without one. Returns the id that it had."""
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
        return req_id in self._retired

    def by_execution(self, exec_id: str) -> list[PendingRequest]:
        """The questions among whose answers this execution was."""
        return [pending for pending in self._by_id.values() if exec_id in pending.executions]

    def by_event(self, name: str) -> PendingRequest | None:
        """The question without an id that this callback may answer."""
        for lane in self._lanes.values():
            if lane and name in lane[0].plan.answers:
                return lane[0]
        return None

    def own(self, plan: RequestPlan) -> list[PendingRequest]:
        """The questions of that kind that the bridge asks for itself."""
        return [
            pending
            for pending in self._all()
            if pending.plan is plan and all(request.is_own for request in pending.requests)
        ]

    def alone_without_id(self) -> PendingRequest | None:
        """The one question without an id that is under way, if there is only one."""
        return next(iter(self._lanes.values()))[0] if len(self._lanes) == 1 else None

    def is_waiting(self, pending: PendingRequest) -> bool:
        """Whether it is another's turn in the lane of this question."""
        return self._lanes.get(pending.plan.lane, [pending])[0] is not pending

    def is_under_way(self, pending: PendingRequest) -> bool:
        """Whether TWS was sent it, and it is not over."""
        if pending.req_id is not None:
            return self._by_id.get(pending.req_id) is pending
        return self._lanes.get(pending.plan.lane, [None])[0] is pending

    def of(self, request: Request) -> PendingRequest | None:
        """The question that carries this ask."""
        return next((pending for pending in self._all() if request in pending.requests), None)

    def finish(self, pending: PendingRequest) -> PendingRequest | None:
        """The question is over. The next of its lane, which is to be sent now, if one waits."""
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
        """Forget every question, as the connection is gone; these are the ones that were open."""
        found = list(self._all())
        self._by_id.clear()
        self._lanes.clear()
        return found

    def _all(self) -> Iterator[PendingRequest]:
        yield from self._by_id.values()
        for lane in self._lanes.values():
            yield from lane
