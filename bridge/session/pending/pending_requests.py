"""Requests that are answered and then over: asked from TWS, collected, answered, given up.

Decides what becomes of each flight; `found` knows which answers are whose. Knows no stream and no order.
"""

from __future__ import annotations

from bridge.session import codes
from bridge.session.outbox import Outbox
from bridge.session.pending.pending_table import PendingRequest, PendingTable, RequestIds
from bridge.session.requests import Request
from bridge.session.rights.permissions import changes
from bridge.session.routing import RequestPlan
from bridge.session.values import Data, Instant

#: Seconds for which a lane waits on for the answer that nobody waits for any more: it must not answer the next.
LINGER = 30.0
#: TWS may drop what it is sent in the first seconds after nextValidId (connectivity.md). What it was sent within
#: `EARLY` seconds, and has said nothing on after `AGAIN`, is sent once more, where that does no harm.
EARLY = 5.0
AGAIN = 8.0


class PendingRequests:
    def __init__(self, outbox: Outbox, ids: RequestIds) -> None:
        self._outbox = outbox
        self._table = PendingTable(ids)
        #: What was sent while the connection was new; None: it is not.
        self._early: list[PendingRequest] | None = None
        self._is_connected = False

    def __len__(self) -> int:
        return len(self._table)

    def ask(self, plan: RequestPlan, params: Data, request: Request, server_version: int) -> None:
        """Ask TWS, now or when it is this question's turn."""
        if plan.completes == "none" and not plan.answers:
            self._outbox.send(plan.name, params, request)
            self._outbox.afterwards(lambda: self._outbox.succeed(request, "sent", {"sent": True}))
            return
        pending = self._table.begin(plan, params, request, plan.endings(server_version))
        if pending is not None:
            self._send(pending)

    # What TWS may have dropped

    def connected(self, now: Instant) -> None:
        """TWS takes requests; what it is sent next is early only where it took none before."""
        if self._is_connected:
            return
        self._is_connected = True
        early: list[PendingRequest] = []
        self._early = early
        self._outbox.timers.at(now.clock + EARLY, lambda _later: self._settle(early))
        self._outbox.timers.at(now.clock + AGAIN, lambda _later: self._send_again(early))

    def _settle(self, early: list[PendingRequest]) -> None:
        if self._early is early:
            self._early = None

    def _send_again(self, early: list[PendingRequest]) -> None:
        for pending in early:
            if pending.has_word or not _may_repeat(pending) or not self._table.is_under_way(pending):
                continue
            before = self._table.renew(pending)
            if before is not None and pending.plan.cancel is not None:
                self._outbox.send(pending.plan.cancel, {"reqId": before})
            self._send(pending)

    # What TWS says

    def on_event(self, name: str, data: Data, now: Instant) -> bool:
        """Take a callback that answers a question; False where it answers none."""
        req_id = data.get("reqId")
        pending = self._table.by_id(req_id) if req_id is not None else None
        if pending is None:
            pending = self._table.by_event(name)
        if pending is None:
            if name == "commissionAndFeesReport":
                return self._on_commission(data, now)
            return self._table.is_retired(req_id)
        pending.has_word = True
        for request in pending.requests:
            self._outbox.tell(request, name, data, now)
        if name == "execDetails":
            pending.executions.add(str(data.get("execution", {}).get("execId")))
        if pending.is_over_with(name, data):
            if name not in pending.ends or data.keys() - {"reqId"}:
                self._collect(pending, name, data)
            self._answer(pending, data)
            self._over(pending, now)
        else:
            self._collect(pending, name, data)
        return True

    def is_own(self, name: str) -> bool:
        """Whether this callback, which has no id, answers what the bridge alone asks."""
        pending = self._table.by_event(name)
        return pending is not None and all(request.is_own for request in pending.requests)

    def _on_commission(self, data: Data, now: Instant) -> bool:
        """A commission has no request id: it belongs to who asked for its execution."""
        found = self._table.by_execution(str(data.get("execId")))
        for pending in found:
            for request in pending.requests:
                self._outbox.tell(request, "commissionAndFeesReport", data, now)
            self._collect(pending, "commissionAndFeesReport", data)
        return bool(found)

    def on_error(self, req_id: int, data: Data, now: Instant) -> bool:
        """Take an error that names a question's id: a notice on it, or its end."""
        pending = self._table.by_id(req_id)
        if pending is None:
            return self._table.is_retired(req_id)
        pending.has_word = True
        for request in pending.requests:
            self._outbox.tell(request, "error", data, now)
        code = data.get("errorCode", 0)
        if not codes.is_warning(code):
            for request in pending.requests:
                self._outbox.fail(request, "rejectedByTws", data.get("errorMsg", ""), code)
            self._finish(pending, now)
        return True

    def on_stray_error(self, data: Data, now: Instant) -> None:
        """An error without an id that refuses a request: it ends the only question that has none.

        That is a client's, or the bridge's own for a subscription: nothing waits for that.
        """
        pending = self._table.alone_without_id()
        if data.get("errorCode") not in codes.INVALID_REQUEST or pending is None:
            return
        if any(request.is_own for request in pending.requests) and pending.plan.completes != "stream":
            return
        for request in pending.requests:
            self._outbox.fail(request, "rejectedByTws", data.get("errorMsg", ""), data.get("errorCode"))
        self._finish(pending, now)

    # What else ends a question

    def unsendable(self, pending: PendingRequest, message: str, now: Instant) -> None:
        for request in pending.requests:
            self._outbox.fail(request, "invalidParams", message)
        self._finish(pending, now)

    def give_up(self, request: Request, now: Instant) -> None:
        """The ask was answered otherwise (too late, cancelled): free what it holds at TWS."""
        pending = self._table.of(request)
        if pending is None or any(other.answer is None for other in pending.requests):
            return
        if pending.req_id is None:
            if self._table.is_waiting(pending):
                self._finish(pending, now)
            else:
                self._outbox.timers.at(now.clock + LINGER, lambda later: self._finish(pending, later))
            return
        if pending.plan.cancel is not None:
            self._outbox.send(pending.plan.cancel, {"reqId": pending.req_id})
        self._finish(pending, now)

    def give_way(self, plan: RequestPlan) -> list[Data]:
        """A client has subscribed to what the bridge asks for itself: end that. What TWS has told so far, as parts."""
        parts: list[Data] = []
        for pending in self._table.own(plan):
            self._table.finish(pending)
            if any(
                request.answer is None for request in pending.requests
            ):  # one that was given up told what is old by now
                parts += pending.parts
            for request in pending.requests:
                if request.answer is None:
                    self._outbox.succeed(request, "events", [])
        return parts

    def connection_lost(self, reason: str) -> None:
        self._early, self._is_connected = None, False
        for pending in self._table.drop_all():
            for request in pending.requests:
                self._outbox.fail(
                    request, "connectionLost", f"the connection to TWS was lost before the answer: {reason}"
                )

    def _send(self, pending: PendingRequest) -> None:
        key: Data = {} if pending.req_id is None else {"reqId": pending.req_id}
        self._outbox.send(pending.plan.name, {**key, **pending.params}, pending)
        if self._early is not None:
            self._early.append(pending)

    def _collect(self, pending: PendingRequest, name: str, data: Data) -> None:
        part = {"event": name, "data": data}
        if any(not request.stream for request in pending.requests):
            pending.parts.append(part)
        if pending.plan.completes != "one":
            for request in pending.requests:
                if request.stream:
                    self._outbox.part(request, part)

    def _answer(self, pending: PendingRequest, data: Data) -> None:
        for request in pending.requests:
            if pending.plan.completes == "one":
                self._outbox.succeed(request, "event", data)
            else:
                self._outbox.succeed(request, "events", [] if request.stream else pending.parts)

    def _over(self, pending: PendingRequest, now: Instant) -> None:
        """It is answered. One that was sent twice without an id may be answered twice: that must not end the next."""
        if pending.owed == 0:
            self._finish(pending, now)
            return
        pending.owed -= 1
        pending.requests, pending.parts = [], []
        self._outbox.timers.at(now.clock + LINGER, lambda later: self._finish(pending, later))

    def _finish(self, pending: PendingRequest, now: Instant) -> None:
        waiting = self._table.finish(pending)
        if waiting is not None:
            self._send(waiting)


def _may_repeat(pending: PendingRequest) -> bool:
    """Whether it does no harm, and costs nothing, where TWS gets it twice."""
    is_costly = pending.plan.once or bool(pending.params.get("regulatorySnapshot"))
    return not is_costly and not changes(pending.plan.name, pending.plan)
