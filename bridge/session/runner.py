"""Requests that are TWS's to answer: run now, or when TWS is ready for them, or refused; and what their time is worth.

Orders wait longer than all else: until what lives has been told, and until TWS has described what they trade, where a
limit depends on it. Hands each request to the part that answers it, and decides nothing about any.
"""

from __future__ import annotations

from collections.abc import Callable

from bridge.session import names
from bridge.session.asks import Ask, Refused
from bridge.session.link import Link
from bridge.session.once import Once, is_once
from bridge.session.orders.positions import LIST
from bridge.session.orders.trading import METHODS as ORDER_METHODS
from bridge.session.orders.trading import PLACING, Trading
from bridge.session.outlet import Outlet
from bridge.session.questions.questions import Questions
from bridge.session.restarts import Restarts
from bridge.session.rights.guard import Guard
from bridge.session.rights.limits import Undescribed
from bridge.session.rights.permissions import Permissions, role_of
from bridge.session.rules import Rules
from bridge.session.streams.describing import Descriptions
from bridge.session.streams.subscriptions import Subscriptions, Wish
from bridge.session.values import Data, Instant
from bridge.session.vocabulary import RequestPlan, Vocabulary
from bridge.session.waiting import Waiting, WaitingRoom, keys_of

#: Cancels every order of the account.
GLOBAL_CANCEL = "reqGlobalCancel"
#: The param that says what becomes of an order before a planned restart: `refuse`, or `hold` until that is over.
HELD = "duringRestart"


class Runner:
    """`managed`: the accounts that TWS has."""

    def __init__(
        self,
        rules: Rules,
        outlet: Outlet,
        vocabulary: Vocabulary,
        *,
        link: Link,
        permissions: Permissions,
        guard: Guard,
        descriptions: Descriptions,
        questions: Questions,
        subscriptions: Subscriptions,
        trading: Trading,
        once: Once,
        managed: Callable[[], list[str]],
        restarts: Restarts,
    ) -> None:
        self._rules = rules
        self._outlet = outlet
        self._vocabulary = vocabulary
        self._link = link
        self._permissions = permissions
        self._guard = guard
        self._descriptions = descriptions
        self._questions = questions
        self._subscriptions = subscriptions
        self._trading = trading
        self._once = once
        self._managed = managed
        self._restarts = restarts
        self._waiting = WaitingRoom(rules.most_waiting)

    def admit(self, plan: RequestPlan, ask: Ask, params: Data, now: Instant) -> None:
        """Run a request for TWS, or have it wait until TWS is ready for it."""
        ask.is_held = params.pop(HELD, None) == "hold"
        try:
            timeout = params.get("timeout") or ask.timeout or self._rules.request_timeout
            ask.timer = self._outlet.agenda.at(now.clock + timeout, lambda later: self._time_out(ask, later))
            self._guard.fence(ask, plan)
            if ask.method == "awaitOrder" and self._waiting.is_behind(waiting := self._waiting.draw(plan, ask, params)):
                self._go(waiting, now)
                return
            if self._trading.recall(ask, params):
                return
            self._trading.check(ask)
            if self._withdraw(ask, params):
                return
            self._refuse_before_restart(ask, params)
            self._go(self._waiting.draw(plan, ask, params), now)
        except Refused as refused:
            self._outlet.fail(ask, refused.code, refused.message, data=refused.data)

    def _refuse_before_restart(self, ask: Ask, params: Data) -> None:
        """Raise Refused for what would add to the risk while TWS restarts by plan, unless its client has it wait.

        What names an order that waits already waits with it.
        """
        standing = self._restarts.standing
        ask.is_held = ask.is_held or self._waiting.holds(keys_of(ask, params))
        if standing is not None and ask.method in PLACING and not ask.is_held:
            raise Refused("notTradable", f"no order may leave: {self._restarts.obstacle()}", **standing.told())

    def refuse_unheld(self) -> None:
        """A planned restart is ahead or over: what waits to leave, and is not to be held over one, is refused."""
        for waiting in self._waiting.call(lambda waiting: not self._may_wait(waiting)):
            self._refuse(waiting, Refused("notTradable", f"no order may leave: {self._restarts.obstacle()}"))

    def _may_wait(self, waiting: Waiting) -> bool:
        return self._restarts.standing is None or waiting.ask.method not in PLACING or waiting.ask.is_held

    def _refuse(self, waiting: Waiting, refused: Refused) -> None:
        """It waits no longer. While another waits for the same order, nobody may take its key to be free."""
        if self._waiting.shares(waiting.keys):
            message = "another request for the same order waits, and the order may leave: ask again under the same key"
            refused = Refused("noResponse", message)
        self._outlet.fail(waiting.ask, refused.code, refused.message, data=refused.data)

    def _withdraw(self, ask: Ask, params: Data) -> bool:
        """A cancel is for orders that wait, too; whether it was for such alone, and is answered."""
        if ask.method == GLOBAL_CANCEL:
            self._cancel_waiting(lambda _waiting: True)
        elif ask.method == "cancelMine":
            self._trading.may_cancel(ask)
            self.withdraw_of(ask.client)
        elif ask.method == "cancelOrder" and (key := params.get("orderKey")) is not None:
            self._trading.may_cancel(ask)
            owner = params.get("owner", ask.client)
            if self._permissions.may_touch(ask.client, owner):
                withdrawn = self._cancel_waiting(lambda waiting: (owner, key) in waiting.keys)
                if withdrawn and not self._trading.has(owner, key):
                    self._outlet.succeed(ask, {"orderKey": key, "state": "unsent"})
                    return True
        return False

    def withdraw_of(self, client: str) -> None:
        """All orders and changes of the client that wait are cancelled."""
        self._cancel_waiting(lambda waiting: waiting.ask.client == client)

    def withdraw_stream(self, client: str, method: str, name: str) -> None:
        """The client releases that stream: its requests for it that wait are cancelled."""
        called = self._waiting.call(
            lambda waiting: (
                (waiting.ask.client, waiting.plan.name) == (client, method)
                and names.stream(method, waiting.params) == name
            )
        )
        for waiting in called:
            self._outlet.fail(waiting.ask, "cancelled", "its client has released the stream")

    def _cancel_waiting(self, is_meant: Callable[[Waiting], bool]) -> bool:
        called = self._waiting.call(lambda waiting: waiting.ask.method in PLACING and is_meant(waiting))
        for waiting in called:
            self._outlet.fail(waiting.ask, "cancelled", "cancelled before it left")
        return bool(called)

    def _may_run(self, waiting: Waiting) -> bool:
        """Whether TWS is ready for it: orders wait longer than all else, until what lives has been told."""
        if waiting.ask.method not in PLACING:
            return self._link.usable
        return self._link.usable and self._trading.obstacle() is None and waiting.is_described

    def run_waiting(self, now: Instant) -> None:
        """Run what waits, as far as TWS is ready for it; one may change what the next may."""
        for waiting in self._waiting.call(self._may_run):
            try:
                self._go(waiting, now)
            except Refused as refused:
                self._outlet.fail(waiting.ask, refused.code, refused.message, data=refused.data)

    def _go(self, waiting: Waiting, now: Instant) -> None:
        """Run it, or have it wait: for TWS, for one before it that names the same order, or for a description."""
        if not self._may_run(waiting) or self._waiting.is_behind(waiting):
            self._waiting.enter(waiting, self._link.state)
            return
        waiting.check()
        try:
            self._run(waiting.plan, waiting.ask, waiting.params, now)
        except Undescribed as undescribed:
            questions = tuple(self._descriptions.question(con_id, now) for con_id in undescribed.con_ids)
            self._waiting.enter(waiting._replace(questions=questions, undescribed=undescribed), self._link.state)

    def refuse_waiting(self, reason: str) -> None:
        for waiting in self._waiting.call():
            self._outlet.fail(waiting.ask, "notConnected", reason)

    def _run(self, plan: RequestPlan, ask: Ask, params: Data, now: Instant) -> None:
        """Hand the request to the part that answers it."""
        self._permissions.params(ask.client, plan.name, params, self._managed(), self._rules.client_id)
        misfit = self._trading.misfit
        if misfit is not None and (is_once(plan, params) or role_of(ask.method, plan) in ("trade", "admin")):
            raise Refused("notTradable", misfit)
        if ask.method == GLOBAL_CANCEL:
            self._trading.withdraw_all(now)
        if ask.method in ORDER_METHODS:
            self._trading.run(ask, params, now)
        elif is_once(plan, params):
            self._once.run(ask, params, lambda checked: self._ask_tws(plan, ask, checked, now))
        else:
            params.pop("onceKey", None)
            self._ask_tws(plan, ask, params, now)

    def _ask_tws(self, plan: RequestPlan, ask: Ask, params: Data, now: Instant) -> None:
        """A request that is no order: a question, a subscription, or the end of one."""
        version = self._link.server_version or 0
        if not self._link.usable:
            raise Refused("notConnected", f"not connected to TWS ({self._link.state})")
        if plan.name in self._vocabulary.cancels:
            self._cancel(ask, self._vocabulary.cancels[plan.name], params, now)
        elif plan.subject is not None:
            req_id = self._subscriptions.subject(ask.client, plan.subject, params.pop("stream", None))
            self._questions.ask(plan, {"reqId": req_id, **params}, ask, version)
        elif plan.is_stream(params):
            self._subscribe(Wish(plan, params, ask), version, now)
        elif plan.cancel == plan.name:
            self._cancel(ask, frozenset({plan.name}), {"stream": names.stream(plan.name, params)}, now)
        else:
            self._questions.ask(plan, params, ask, version)

    def _subscribe(self, wish: Wish, version: int, now: Instant) -> None:
        """Where the bridge asks the same for itself, the client takes that over, with what TWS has told so far."""
        plan = wish.plan
        is_first = plan.name == LIST and not self._subscriptions.is_held(LIST)
        self._subscriptions.subscribe(wish, version, now)
        if is_first:
            for part in self._questions.give_way(plan):
                name, data = part["event"], part["data"]
                self._outlet.publish(self._subscriptions.prefix_of(plan.family, data, {}), name, data, now)

    def _cancel(self, ask: Ask, methods: frozenset[str], params: Data, now: Instant) -> None:
        """End what one of `methods` began: the client's hold on a stream, or its own request by id."""
        if "id" not in params:
            released = self._subscriptions.release(ask.client, methods, params.get("stream"), now)
            self._outlet.succeed(ask, {"released": released})
            return
        other = self._outlet.asks.find(ask.client, params["id"])
        if other is None or other.method not in methods or other.answer is not None:
            raise Refused("unknownRequest", f"{ask.client} has no open request {params['id']} that {ask.method} ends")
        self._outlet.fail(other, "cancelled", f"cancelled by {ask.method}")
        self._questions.give_up(other, now)
        self._subscriptions.give_up(other, now)
        self._outlet.succeed(ask, {"cancelled": other.id})

    def _time_out(self, ask: Ask, now: Instant) -> None:
        """The time of an ask is over: answer what is known, and free what it holds."""
        called = self._waiting.call(lambda waiting: waiting.ask is ask)
        if called:
            self._refuse(called[0], self._why_waiting(called[0]))
            return
        if self._trading.overdue(ask, now):
            return
        self._outlet.fail(ask, "noResponse", f"TWS has not answered {ask.method} in time")
        self._questions.give_up(ask, now)
        self._subscriptions.give_up(ask, now)

    def _why_waiting(self, waiting: Waiting) -> Refused:
        """What it waited for in vain."""
        if waiting.ask.method == "awaitOrder":
            return Refused("noResponse", "the request that places the order waits, and the order may leave")
        if not self._link.usable:
            reason = f"; {self._link.reason}" if self._link.reason else ""
            return Refused("notConnected", f"not connected to TWS: {self._link.state}{reason}")
        if obstacle := self._trading.obstacle():
            return Refused("notTradable", f"no order may leave: {obstacle}")
        if waiting.undescribed is not None and not waiting.is_described:
            return waiting.undescribed
        return Refused("notTradable", "an earlier request that names the same order waits for TWS to describe it")
