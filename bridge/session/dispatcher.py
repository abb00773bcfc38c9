"""Requests that are TWS's to answer: run now, or when TWS is ready for them, or refused; and what their time is worth.

Orders wait longer than all else: until what lives has been told, and until TWS has described what they trade, where a
limit depends on it. Hands each request to the part that answers it, and decides nothing about any.
"""

from __future__ import annotations

from collections.abc import Callable

from bridge.session import topic_names
from bridge.session.config import SessionConfig
from bridge.session.contracts.descriptions import ContractDescriptions
from bridge.session.idempotency import IdempotentRequests, is_once
from bridge.session.link import Link
from bridge.session.orders.positions import LIST
from bridge.session.orders.trading import METHODS as ORDER_METHODS
from bridge.session.orders.trading import PLACING, Trading
from bridge.session.outbox import Outbox
from bridge.session.pending.pending_requests import PendingRequests
from bridge.session.request_queue import QueuedRequest, RequestQueue, keys_of
from bridge.session.requests import Refused, Request
from bridge.session.restarts import Restarts
from bridge.session.rights.limits import Undescribed
from bridge.session.rights.permissions import Permissions, role_of
from bridge.session.rights.pre_trade_checks import PreTradeChecks
from bridge.session.routing import RequestPlan, RoutingTable
from bridge.session.streams.subscriptions import SubscriptionRequest, Subscriptions
from bridge.session.values import Data, Instant

#: Cancels every order of the account.
GLOBAL_CANCEL = "reqGlobalCancel"
#: The param that says what becomes of an order before a planned restart: `refuse`, or `hold` until that is over.
HELD = "duringRestart"


class Dispatcher:
    """`managed`: the accounts that TWS has."""

    def __init__(
        self,
        config: SessionConfig,
        outbox: Outbox,
        routing: RoutingTable,
        *,
        link: Link,
        permissions: Permissions,
        checks: PreTradeChecks,
        descriptions: ContractDescriptions,
        pending_requests: PendingRequests,
        subscriptions: Subscriptions,
        trading: Trading,
        once: IdempotentRequests,
        managed: Callable[[], list[str]],
        restarts: Restarts,
    ) -> None:
        self._config = config
        self._outbox = outbox
        self._routing = routing
        self._link = link
        self._permissions = permissions
        self._checks = checks
        self._descriptions = descriptions
        self._pending_requests = pending_requests
        self._subscriptions = subscriptions
        self._trading = trading
        self._once = once
        self._managed = managed
        self._restarts = restarts
        self._waiting = RequestQueue(config.most_waiting)

    def admit(self, plan: RequestPlan, request: Request, params: Data, now: Instant) -> None:
        """Run a request for TWS, or have it wait until TWS is ready for it."""
        request.is_held = params.pop(HELD, None) == "hold"
        try:
            timeout = params.get("timeout") or request.timeout or self._config.request_timeout
            request.timer = self._outbox.timers.at(now.clock + timeout, lambda later: self._time_out(request, later))
            self._checks.fence(request, plan)
            if request.method == "awaitOrder" and self._waiting.is_behind(
                waiting := self._waiting.draw(plan, request, params)
            ):
                self._go(waiting, now)
                return
            if self._trading.answer_known(request, params):
                return
            self._trading.check(request)
            if self._withdraw(request, params):
                return
            self._refuse_before_restart(request, params)
            self._go(self._waiting.draw(plan, request, params), now)
        except Refused as refused:
            self._outbox.fail(request, refused.code, refused.message, data=refused.data)

    def _refuse_before_restart(self, request: Request, params: Data) -> None:
        """Raise Refused for what would add to the risk while TWS restarts by plan, unless its client has it wait.

        What names an order that waits already waits with it.
        """
        standing = self._restarts.standing
        request.is_held = request.is_held or self._waiting.holds(keys_of(request, params))
        if standing is not None and request.method in PLACING and not request.is_held:
            raise Refused(
                "notTradable", f"no order may leave: {self._restarts.not_tradable_reason()}", **standing.told()
            )

    def refuse_unheld(self) -> None:
        """A planned restart is ahead or over: what waits to leave, and is not to be held over one, is refused."""
        for waiting in self._waiting.call(lambda waiting: not self._may_wait(waiting)):
            self._refuse(waiting, Refused("notTradable", f"no order may leave: {self._restarts.not_tradable_reason()}"))

    def _may_wait(self, waiting: QueuedRequest) -> bool:
        return self._restarts.standing is None or waiting.request.method not in PLACING or waiting.request.is_held

    def _refuse(self, waiting: QueuedRequest, refused: Refused) -> None:
        """It waits no longer. While another waits for the same order, nobody may take its key to be free."""
        if self._waiting.shares(waiting.keys):
            message = "another request for the same order waits, and the order may leave: ask again under the same key"
            refused = Refused("noResponse", message)
        self._outbox.fail(waiting.request, refused.code, refused.message, data=refused.data)

    def _withdraw(self, request: Request, params: Data) -> bool:
        """A cancel is for orders that wait, too; whether it was for such alone, and is answered."""
        if request.method == GLOBAL_CANCEL:
            self._cancel_waiting(lambda _waiting: True)
        elif request.method == "cancelMine":
            self._trading.may_cancel(request)
            self.withdraw_of(request.client)
        elif request.method == "cancelOrder" and (key := params.get("orderKey")) is not None:
            self._trading.may_cancel(request)
            owner = params.get("owner", request.client)
            if self._permissions.may_touch(request.client, owner):
                withdrawn = self._cancel_waiting(lambda waiting: (owner, key) in waiting.keys)
                if withdrawn and not self._trading.has(owner, key):
                    self._outbox.succeed(request, "order", {"orderKey": key, "state": "unsent"})
                    return True
        return False

    def withdraw_of(self, client: str) -> None:
        """All orders and changes of the client that wait are cancelled."""
        self._cancel_waiting(lambda waiting: waiting.request.client == client)

    def withdraw_stream(self, client: str, method: str, name: str) -> None:
        """The client releases that stream: its requests for it that wait are cancelled."""
        called = self._waiting.call(
            lambda waiting: (
                (waiting.request.client, waiting.plan.name) == (client, method)
                and topic_names.stream(method, waiting.params) == name
            )
        )
        for waiting in called:
            self._outbox.fail(waiting.request, "cancelled", "its client has released the stream")

    def _cancel_waiting(self, is_meant: Callable[[QueuedRequest], bool]) -> bool:
        called = self._waiting.call(lambda waiting: waiting.request.method in PLACING and is_meant(waiting))
        for waiting in called:
            self._outbox.fail(waiting.request, "cancelled", "cancelled before it left")
        return bool(called)

    def _may_run(self, waiting: QueuedRequest) -> bool:
        """Whether TWS is ready for it: orders wait longer than all else, until what lives has been told."""
        if waiting.request.method not in PLACING:
            return self._link.usable
        return self._link.usable and self._trading.not_tradable_reason() is None and waiting.is_described

    def run_waiting(self, now: Instant) -> None:
        """Run what waits, as far as TWS is ready for it; one may change what the next may."""
        for waiting in self._waiting.call(self._may_run):
            try:
                self._go(waiting, now)
            except Refused as refused:
                self._outbox.fail(waiting.request, refused.code, refused.message, data=refused.data)

    def _go(self, waiting: QueuedRequest, now: Instant) -> None:
        """Run it, or have it wait: for TWS, for one before it that names the same order, or for a description."""
        if not self._may_run(waiting) or self._waiting.is_behind(waiting):
            self._waiting.enter(waiting, self._link.state)
            return
        waiting.check()
        try:
            self._run(waiting.plan, waiting.request, waiting.params, now)
        except Undescribed as undescribed:
            questions = tuple(self._descriptions.question(con_id, now) for con_id in undescribed.con_ids)
            self._waiting.enter(waiting._replace(questions=questions, undescribed=undescribed), self._link.state)

    def refuse_waiting(self, reason: str) -> None:
        for waiting in self._waiting.call():
            self._outbox.fail(waiting.request, "notConnected", reason)

    def _run(self, plan: RequestPlan, request: Request, params: Data, now: Instant) -> None:
        """Hand the request to the part that answers it."""
        self._permissions.params(request.client, plan.name, params, self._managed(), self._config.client_id)
        misfit = self._trading.misfit
        if misfit is not None and (is_once(plan, params) or role_of(request.method, plan) in ("trade", "admin")):
            raise Refused("notTradable", misfit)
        if request.method == GLOBAL_CANCEL:
            self._trading.withdraw_all(now)
        if request.method in ORDER_METHODS:
            self._trading.run(request, params, now)
        elif is_once(plan, params):
            self._once.run(request, params, lambda checked: self._ask_tws(plan, request, checked, now))
        else:
            params.pop("onceKey", None)
            self._ask_tws(plan, request, params, now)

    def _ask_tws(self, plan: RequestPlan, request: Request, params: Data, now: Instant) -> None:
        """A request that is no order: a question, a subscription, or the end of one."""
        version = self._link.server_version or 0
        if not self._link.usable:
            raise Refused("notConnected", f"not connected to TWS ({self._link.state})")
        if plan.name in self._routing.cancels:
            self._cancel(request, self._routing.cancels[plan.name], params, now)
        elif plan.subject is not None:
            req_id = self._subscriptions.subject(request.client, plan.subject, params.pop("stream", None))
            self._pending_requests.ask(plan, {"reqId": req_id, **params}, request, version)
        elif plan.is_stream(params):
            self._subscribe(SubscriptionRequest(plan, params, request), version, now)
        elif plan.cancel == plan.name:
            self._cancel(request, frozenset({plan.name}), {"stream": topic_names.stream(plan.name, params)}, now)
        else:
            self._pending_requests.ask(plan, params, request, version)

    def _subscribe(self, wanted: SubscriptionRequest, version: int, now: Instant) -> None:
        """Where the bridge asks the same for itself, the client takes that over, with what TWS has told so far."""
        plan = wanted.plan
        is_first = plan.name == LIST and not self._subscriptions.is_held(LIST)
        self._subscriptions.subscribe(wanted, version, now)
        if is_first:
            for part in self._pending_requests.give_way(plan):
                name, data = part["event"], part["data"]
                self._outbox.publish(self._subscriptions.prefix_of(plan.family, data, {}), name, data, now)

    def _cancel(self, request: Request, methods: frozenset[str], params: Data, now: Instant) -> None:
        """End what one of `methods` began: the client's hold on a stream, or its own request by id."""
        if "id" not in params:
            released = self._subscriptions.release(request.client, methods, params.get("stream"), now)
            self._outbox.succeed(request, "released", {"released": released})
            return
        other = self._outbox.requests.find(request.client, params["id"])
        if other is None or other.method not in methods or other.answer is not None:
            raise Refused(
                "unknownRequest", f"{request.client} has no open request {params['id']} that {request.method} ends"
            )
        self._outbox.fail(other, "cancelled", f"cancelled by {request.method}")
        self._pending_requests.give_up(other, now)
        self._subscriptions.give_up(other, now)
        self._outbox.succeed(request, "cancelled", {"cancelled": other.id})

    def _time_out(self, request: Request, now: Instant) -> None:
        """The time of an ask is over: answer what is known, and free what it holds."""
        called = self._waiting.call(lambda waiting: waiting.request is request)
        if called:
            self._refuse(called[0], self._why_waiting(called[0]))
            return
        if self._trading.overdue(request, now):
            return
        self._outbox.fail(request, "noResponse", f"TWS has not answered {request.method} in time")
        self._pending_requests.give_up(request, now)
        self._subscriptions.give_up(request, now)

    def _why_waiting(self, waiting: QueuedRequest) -> Refused:
        """What it waited for in vain."""
        if waiting.request.method == "awaitOrder":
            return Refused("noResponse", "the request that places the order waits, and the order may leave")
        if not self._link.usable:
            reason = f"; {self._link.reason}" if self._link.reason else ""
            return Refused("notConnected", f"not connected to TWS: {self._link.state}{reason}")
        if not_tradable_reason := self._trading.not_tradable_reason():
            return Refused("notTradable", f"no order may leave: {not_tradable_reason}")
        if waiting.undescribed is not None and not waiting.is_described:
            return waiting.undescribed
        return Refused("notTradable", "an earlier request that names the same order waits for TWS to describe it")
