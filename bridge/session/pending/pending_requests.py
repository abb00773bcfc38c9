"""Pending requests: sent to TWS, and over when TWS has answered, when their time is over, or when they are cancelled.

This module decides what happens to each pending request; `pending_table` knows which answer belongs to which request.
It knows no stream and no order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from bridge.session import codes
from bridge.session.outbox import Outbox
from bridge.session.pacing.history import is_small
from bridge.session.pending.pending_life import WANTED
from bridge.session.pending.pending_table import PendingRequest, PendingTable
from bridge.session.pending.shared import MOST_EQUAL
from bridge.session.request_ids import RequestIds
from bridge.session.requests import Refused, Request
from bridge.session.rights.permissions import changes
from bridge.session.routing import RequestPlan
from bridge.session.values import Data, Instant

#: For so many seconds a lane stays blocked after its request was given up: a late answer must not answer the next one.
LINGER = 30.0
#: TWS may drop requests in the first seconds after nextValidId (connectivity.md). If a request was sent within `EARLY`
#: seconds and TWS has sent nothing for it after `AGAIN` seconds, the bridge sends it once more, if that is safe.
EARLY = 5.0
AGAIN = 8.0


class PendingRequests:
    """The requests that TWS answers once."""

    def __init__(self, outbox: Outbox, ids: RequestIds) -> None:
        self._outbox = outbox
        self._table = PendingTable(ids)
        #: Called with each request that TWS has answered, and whether no equal one was sent after it.
        self.answered: Callable[[PendingRequest, bool, Instant], None] = lambda _pending, _is_newest, _now: None
        #: How many requests have joined an equal one.
        self.joined = 0
        #: The requests sent while the connection is new; None when it is not new any more.
        self._early: list[PendingRequest] | None = None
        self._is_connected = False

    def __len__(self) -> int:
        return len(self._table)

    def count(self, methods: frozenset[str]) -> int:
        """Return how many requests of these methods TWS has not answered."""
        return sum(pending.plan.name in methods for pending in self._table)

    def count_lines(self, line: str) -> Counter[str]:
        """Return, by client, how many requests use a line of that kind until TWS has answered them."""
        return Counter(
            next(iter(pending.waiting)).client
            for pending in self._table
            if pending.plan.line == line and pending.waiting
        )

    def ask(self, plan: RequestPlan, params: Data, request: Request, server_version: int, now: Instant) -> None:
        """Send the request to TWS, now or when its lane is free. Raise Refused if too many wait for an equal one."""
        if plan.completes == "none" and not plan.answers:
            self._outbox.send(plan.name, params, request)
            self._outbox.when_left(request, lambda: self._outbox.succeed(request, "sent", {"sent": True}))
            return
        joined = self._table.joinable(plan, params, request, now.clock)
        if joined is not None:
            self._join(joined, request)
            return
        pending = self._table.begin(plan, params, request, plan.endings(server_version))
        if pending is not None:
            self._send(pending, now)

    def joins(self, plan: RequestPlan, params: Data, request: Request, now: Instant) -> bool:
        """Return whether `ask` would send TWS nothing, because TWS has an equal request or gets one."""
        return self._table.joinable(plan, params, request, now.clock) is not None

    def _join(self, pending: PendingRequest, request: Request) -> None:
        """Let the request wait for the answer to an equal one. It first gets what TWS has sent so far."""
        if len(pending.waiting) >= MOST_EQUAL and not request.is_own:
            raise Refused("notConnected", f"{MOST_EQUAL} requests wait for this answer of TWS already")
        self._table.join(pending, request)
        self.joined += 1
        for name, data, at in pending.told:
            self._outbox.tell(request, name, data, at)
        if request.stream and pending.plan.completes != "one":
            for part in pending.parts:
                self._outbox.part(request, part)

    # Requests that TWS may have dropped

    def connected(self, now: Instant) -> None:
        """TWS accepts requests. Requests sent next count as early only if the connection is new."""
        if self._is_connected:
            return
        self._is_connected = True
        early: list[PendingRequest] = []
        self._early = early
        self._outbox.timers.at(now.clock + EARLY, lambda _later: self._end_early(early))
        self._outbox.timers.at(now.clock + AGAIN, lambda later: self._send_again(early, later))

    def _end_early(self, early: list[PendingRequest]) -> None:
        if self._early is early:
            self._early = None

    def _send_again(self, early: list[PendingRequest], now: Instant) -> None:
        for pending in early:
            if pending.state != "sent" or not _may_repeat(pending):
                continue
            before = self._table.renew(pending)
            if before is not None and pending.plan.cancel is not None:
                self._outbox.send(pending.plan.cancel, {"reqId": before})
            self._send(pending, now)

    # Messages of TWS

    def on_event(self, name: str, data: Data, now: Instant) -> bool:
        """Take a callback that answers a pending request. Return False if it answers none."""
        req_id = data.get("reqId")
        pending = self._table.by_id(req_id) if req_id is not None else None
        if pending is None:
            pending = self._table.by_event(name, data)
        if pending is None:
            if name == "commissionAndFeesReport":
                return self._on_commission(data, now)
            return self._table.is_retired(req_id)
        pending.life.happen("told")
        self._tell(pending, name, data, now)
        if name == "execDetails":
            pending.executions.add(str(data.get("execution", {}).get("execId")))
        if pending.is_over_with(name, data):
            if name not in pending.ends or data.keys() - {"reqId"}:
                self._collect(pending, name, data)
            self._over(pending, data, now)
        else:
            self._collect(pending, name, data)
        return True

    def params_of(self, req_id: int) -> Data | None:
        """Return the params of the request with this id, as far as they name a contract; None if there is none."""
        return self._table.params_of(req_id)

    def _on_commission(self, data: Data, now: Instant) -> bool:
        """Take a commission. It has no request id: it belongs to the requests that received its execution."""
        found = self._table.by_execution(str(data.get("execId")))
        for pending in found:
            for request in pending.waiting:
                self._outbox.tell(request, "commissionAndFeesReport", data, now)
            self._collect(pending, "commissionAndFeesReport", data)
        return bool(found)

    def on_error(self, req_id: int, data: Data, now: Instant) -> bool:
        """Take an error that names a pending request's id. A warning is passed on; any other error ends the request."""
        pending = self._table.by_id(req_id)
        if pending is None:
            return self._table.is_retired(req_id)
        pending.life.happen("told")
        self._tell(pending, "error", data, now)
        code = data.get("errorCode", 0)
        if not codes.is_warning(code):
            pending.life.happen("answered")
            for request in pending.requests:
                self._outbox.fail(request, "rejectedByTws", data.get("errorMsg", ""), code)
            self._finish(pending, now)
        return True

    def on_stray_error(self, data: Data, now: Instant) -> None:
        """Take an error without an id that refuses a request. It ends the only pending request without an id.

        An internal request ends only if it requests a subscription: the bridge waits for the others.
        """
        pending = self._table.alone_without_id()
        if data.get("errorCode") not in codes.INVALID_REQUEST or pending is None:
            return
        if any(request.is_own for request in pending.waiting) and pending.plan.completes != "stream":
            return
        pending.life.happen("answered")
        for request in pending.requests:
            self._outbox.fail(request, "rejectedByTws", data.get("errorMsg", ""), data.get("errorCode"))
        self._finish(pending, now)

    # Other ends of a pending request

    def unsendable(self, pending: PendingRequest, refused: Refused, now: Instant) -> None:
        """The shell did not send the request: fail it."""
        pending.life.happen("ended")
        for request in pending.requests:
            self._outbox.refuse(request, refused)
        self._finish(pending, now)

    def give_up(self, request: Request, now: Instant) -> None:
        """The client's request timed out or was cancelled: end it at TWS, unless another client waits for it."""
        pending = self._table.leave(request)
        if pending is None:
            return
        if pending.req_id is None:
            if pending.state == "inLane":
                self._finish(pending, now)
            else:
                pending.life.happen("left")
                self._outbox.timers.at(now.clock + LINGER, lambda later: self._finish(pending, later))
            return
        if pending.plan.cancel is not None:
            self._outbox.send(pending.plan.cancel, {"reqId": pending.req_id})
        self._table.give_up(pending)
        self._finish(pending, now)

    def give_way(self, plan: RequestPlan) -> list[Data]:
        """A client has subscribed to what an internal request asks for: end that request, and return its parts."""
        parts: list[Data] = []
        for pending in self._table.own(plan):
            if pending.state in WANTED:  # the data of a request that was given up is old
                parts += pending.parts
            self._table.finish(pending)
            for request in pending.requests:
                self._outbox.succeed(request, "events", [])
        return parts

    def connection_lost(self, reason: str) -> None:
        """The connection has ended: fail all pending requests."""
        self._early, self._is_connected = None, False
        for pending in self._table.drop_all():
            for request in pending.requests:
                self._outbox.fail(
                    request, "connectionLost", f"the connection to TWS was lost before the answer: {reason}"
                )

    def _send(self, pending: PendingRequest, now: Instant) -> None:
        key: Data = {} if pending.req_id is None else {"reqId": pending.req_id}
        pending.heard_at = pending.sent_at = now.clock
        pending.life.happen("sent")
        is_for_order = any(request.is_for_order for request in pending.waiting)
        self._outbox.send(pending.plan.name, {**key, **pending.params}, pending, is_for_order=is_for_order)
        if self._early is not None:
            self._early.append(pending)

    def _tell(self, pending: PendingRequest, name: str, data: Data, now: Instant) -> None:
        pending.heard_at = now.clock
        if pending.plan.shared:
            pending.told.append((name, data, now))
        for request in pending.waiting:
            self._outbox.tell(request, name, data, now)

    def _collect(self, pending: PendingRequest, name: str, data: Data) -> None:
        part = {"event": name, "data": data}
        if pending.plan.shared or any(not request.stream for request in pending.waiting):
            pending.parts.append(part)
        if pending.plan.completes != "one":
            for request in pending.waiting:
                if request.stream:
                    self._outbox.part(request, part)

    def _answer(self, pending: PendingRequest, data: Data) -> None:
        for request in pending.requests:
            if pending.plan.completes == "one":
                self._outbox.succeed(request, "event", data)
            else:
                self._outbox.succeed(request, "events", [] if request.stream else pending.parts)

    def _over(self, pending: PendingRequest, data: Data, now: Instant) -> None:
        """The request is answered: pass the answer on.

        If it was sent twice without an id, TWS may answer twice. The second answer must not end the next request.
        """
        is_second, is_doubled = pending.state == "owed", pending.is_doubled
        pending.life.happen("answeredOnce" if is_doubled else "answered")
        self._answer(pending, data)
        if not is_second and pending.share_key is not None:
            self.answered(pending, self._table.is_newest(pending), now)
        if is_doubled:
            self._table.settle(pending)
            self._outbox.timers.at(now.clock + LINGER, lambda later: self._finish(pending, later))
        else:
            self._finish(pending, now)

    def _finish(self, pending: PendingRequest, now: Instant) -> None:
        waiting = self._table.finish(pending)
        if waiting is not None:
            self._send(waiting, now)


def _may_repeat(pending: PendingRequest) -> bool:
    """Return whether it is harmless and free of charge if TWS receives the request twice.

    TWS does not take an identical request for small bars within 15 seconds.
    """
    is_costly = pending.plan.once or bool(pending.params.get("regulatorySnapshot"))
    return (
        not is_costly
        and not is_small(pending.plan.name, pending.params)
        and not changes(pending.plan.name, pending.plan)
    )
