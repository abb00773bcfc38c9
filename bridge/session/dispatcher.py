"""The dispatcher: it runs each request for TWS now, queues it until TWS is ready, or refuses it when its time is over.

Orders wait longer than other requests: until TWS has listed the open orders, and, where a limit needs it, until TWS has
described the contract. The dispatcher hands each request to the part that answers it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping

from bridge.session import topic_names
from bridge.session.caching.question import Question
from bridge.session.caching.reference_cache import ReferenceCache
from bridge.session.config import SessionConfig
from bridge.session.contracts.descriptions import ContractDescriptions
from bridge.session.idempotency import IdempotentRequests, is_once
from bridge.session.link import Link
from bridge.session.orders.positions import LIST
from bridge.session.orders.trading import METHODS as ORDER_METHODS
from bridge.session.orders.trading import PLACING, Trading
from bridge.session.outbox import Outbox
from bridge.session.pacing.history import HistoryRules, is_small
from bridge.session.pacing.lane_queue import Lane
from bridge.session.pacing.turns import FairTurns
from bridge.session.pending.pending_requests import PendingRequests
from bridge.session.queue_heads import Kind
from bridge.session.request_queue import GLOBAL_CANCEL, QueuedRequest, RequestQueue, keys_of
from bridge.session.requests import Refused, Request, late_refusal
from bridge.session.restarts import Restarts
from bridge.session.rights.limits import ContractNotDescribed
from bridge.session.rights.permissions import Permissions, role_of
from bridge.session.rights.pre_trade_checks import PreTradeChecks
from bridge.session.routing import LIKE, RequestPlan, RoutingTable
from bridge.session.streams.joining import SubscriptionRequest
from bridge.session.streams.subscriptions import Subscriptions
from bridge.session.timers import Timer
from bridge.session.values import Data, Instant

#: Seconds between two looks at requests that wait for room, at least.
LOOK = 0.02
#: At so many queued requests the bridge looks, at each look, whether they need no room any more.
LOOKS = 100
#: A look sets so many requests of a client aside at most.
MOST_ASIDE = 20
#: The requests that need room in a lane. Of a client's, the descriptions that its orders wait for come first: they
#: count as the orders.
_KINDS: Mapping[Lane, tuple[Kind, ...]] = {"orders": ("describe", "orders"), "rest": ("rest",)}
#: The param for an order that arrives before a planned restart: `refuse` it, or `hold` it until the restart is over.
HELD = "duringRestart"


class Dispatcher:
    """See the module. `managed` returns the accounts that TWS manages."""

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
        history: HistoryRules,
        managed: Callable[[], list[str]],
        restarts: Restarts,
        reference: ReferenceCache,
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
        self._reference = reference
        reference.resume = reference.bars.resume = self._resume
        reference.bars.withdraw = self._withdraw_own
        reference.bars.is_at_tws = lambda one, now: pending_requests.joins(one.plan, one.params, one.request, now)
        self._queue = RequestQueue(config.most_waiting, routing.cancels)
        self._pacer = outbox.pacer
        self._history = history
        self._turns: dict[Lane, FairTurns] = {"orders": FairTurns(), "rest": FairTurns()}
        #: The lanes in which requests wait for room. A new request waits behind them.
        self._paced: set[Lane] = set()
        self._wake: Timer | None = None

    def admit(self, plan: RequestPlan, request: Request, params: Data, now: Instant) -> None:
        """Run a request for TWS, or queue it until TWS is ready for it. A refusal is sent as the reply."""
        request.is_held = params.pop(HELD, None) == "hold"
        try:
            timeout = params.get("timeout") or request.timeout or self._config.request_timeout
            due = now.clock + min(timeout, max(0.0, request.seconds_left(now)))
            request.timer = self._outbox.timers.at(due, lambda later: self._time_out(request, later))
            self._checks.fence(request, plan)
            self._refuse_large_group(params)
            queued = self._queue.new_entry(plan, request, params)
            if (late := late_refusal(request, now)) is not None:
                self._answer_late(queued, late)
                return
            if self._answer_known(queued, now) or self._withdraw(request, params):
                return
            self._refuse_before_restart(request, params)
            self._run_or_queue(queued, now)
        except Refused as refused:
            self._outbox.refuse(request, refused)

    def _answer_late(self, queued: QueuedRequest, late: Refused) -> None:
        """Answer a request that came after its `expires`, from the record of its first copy if there is one.

        Raise Refused where there is none.
        """
        request, params = queued.request, queued.params
        if self._queue.has_request_for(queued.keys):
            message = "another request for this order waits, so the order may still go to TWS: use the same key again"
            raise Refused("noResponse", message)
        if request.method == "awaitOrder":
            raise late
        if request.method in ORDER_METHODS and self._trading.answer_known(request, params):
            return
        if not (is_once(queued.plan, params) and self._once.recall(request, params)):
            raise late

    def _answer_known(self, queued: QueuedRequest, now: Instant) -> bool:
        """Answer a request that existing orders can answer, so that it need not wait. Return whether they did.

        Raise Refused where waiting does not help. `Trading.run` does the same for an order that runs now.
        """
        is_behind = self._queue.is_behind(queued)
        if queued.request.method in PLACING and not is_behind and self._may_run(queued) and self._has_room(queued, now):
            return False
        if queued.request.method in ("awaitOrder", "modifyOrder") and is_behind:
            return False
        if self._trading.answer_known(queued.request, queued.params):
            return True
        self._trading.check(queued.request)
        return False

    def _refuse_before_restart(self, request: Request, params: Data) -> None:
        """Raise Refused for an order during a planned restart, unless the client asked the bridge to hold it.

        A request that names an order which is held already is held, too.
        """
        standing = self._restarts.standing
        request.is_held = request.is_held or self._queue.has_held_request_for(keys_of(request, params))
        if standing is not None and request.method in PLACING and not request.is_held:
            raise Refused(
                "notTradable",
                f"the bridge sends no order now: {self._restarts.not_tradable_reason()}",
                **standing.as_data(),
            )

    def refuse_unheld(self) -> None:
        """Refuse the queued orders that need not be held. Called when a planned restart approaches, begins or ends."""
        for queued in self._queue.take(lambda queued: not self._may_wait(queued)):
            reason = f"the bridge sends no order now: {self._restarts.not_tradable_reason()}"
            self._refuse(queued, Refused("notTradable", reason))

    def _may_wait(self, queued: QueuedRequest) -> bool:
        return self._restarts.standing is None or queued.request.method not in PLACING or queued.request.is_held

    def _refuse(self, queued: QueuedRequest, refused: Refused) -> None:
        """Refuse a queued request.

        While another request for the same order is queued, or has placed the order, the answer must not tell the client
        that the key is free.
        """
        if self._settle_known(queued):
            return
        if self._queue.has_request_for(queued.keys):
            message = "another request for this order waits, so the order may still go to TWS: use the same key again"
            refused = Refused("noResponse", message)
        self._outbox.refuse(queued.request, refused)

    def _withdraw(self, request: Request, params: Data) -> bool:
        """Withdraw the queued orders that this cancel names.

        Return True if the cancel named only queued orders, and is answered now.
        """
        if request.method == GLOBAL_CANCEL:
            self._cancel_queued(lambda _queued: True)
        elif request.method == "cancelMine":
            self._trading.may_cancel(request)
            self.withdraw_of(request.client)
        elif request.method == "cancelOrder" and (key := params.get("orderKey")) is not None:
            self._trading.may_cancel(request)
            owner = params.get("owner", request.client)
            if self._permissions.may_touch(request.client, owner):
                withdrawn = self._cancel_queued(lambda queued: (owner, key) in queued.keys)
                if withdrawn and not self._trading.has(owner, key):
                    self._outbox.succeed(request, "order", {"orderKey": key, "state": "unsent"})
                    return True
        return False

    def withdraw_of(self, client: str) -> None:
        """Cancel all queued orders and changes of the client."""
        self._cancel_queued(lambda queued: queued.request.client == client)

    def withdraw_streams_of(self, client: str) -> None:
        """Cancel the queued subscriptions of a lost client: it would not keep the streams."""
        taken = self._queue.take(
            lambda queued: queued.request.client == client and queued.plan.is_stream(queued.params)
        )
        for queued in taken:
            self._outbox.fail(queued.request, "cancelled", "the lease of the client is over")

    def withdraw_stream(self, client: str, method: str, name: str) -> None:
        """Cancel the client's queued requests for this stream, because the client releases it."""
        taken = self._queue.take(
            lambda queued: (
                (queued.request.client, queued.plan.name) == (client, method)
                and queued.plan.is_stream(queued.params)
                and topic_names.stream(method, queued.params) == name
            )
        )
        for queued in taken:
            self._outbox.fail(queued.request, "cancelled", "the client has released the stream")

    def reconfigure(self, config: SessionConfig) -> None:
        """Other limits hold from now on."""
        self._config = config
        self._queue.bound(config.most_waiting)
        for queued in self._queue.ready(lambda queued: "orders" in queued.params):
            try:
                self._refuse_large_group(queued.params)
            except Refused as refused:
                self._queue.remove(queued)
                self._refuse(queued, refused)

    def refusal(self, client: str, method: str, plan: RequestPlan, params: Data) -> Refused | None:
        """Return the refusal where the client may not call the method with these params; None where it may."""
        told = {name: value for name, value in params.items() if value is not None}
        try:
            self._permissions.method(client, method, plan)
            self._permissions.params(client, plan.name, told, self._managed(), self._config.client_id)
        except Refused as refused:
            return refused
        return None

    def withdraw_refused(self, clients: Collection[str], now: Instant) -> None:
        """Refuse what these clients may do no longer: what waits here, and questions that TWS has not answered.

        A request that may have changed something at TWS, or whose order is on disk, gets the answer that it gets
        without this.
        """
        for queued in self._queue.ready(lambda queued: queued.request.client in clients):
            refused = self.refusal(queued.request.client, queued.request.method, queued.plan, queued.params)
            if refused is not None and not queued.request.is_own:
                self._queue.remove(queued)
                self._refuse(queued, refused)
        for request in self._outbox.requests.open_of(clients):
            plan = self._plan_of(request.method)
            refused = self._trading.await_refusal(request)
            if refused is None and plan is not None:
                refused = self.refusal(request.client, request.method, plan, request.params)
            if refused is None:
                continue
            if self._trading.withdraw_what_if(request):
                self._outbox.refuse(request, refused)
            elif not request.changes:
                self._queue.take_request(request)
                self._trading.give_up_await(request)
                self._outbox.refuse(request, refused)
                self._pending_requests.give_up(request, now)
                self._subscriptions.give_up(request, now)

    def _plan_of(self, method: str) -> RequestPlan | None:
        return self._routing.requests.get(LIKE.get(method, method))

    def _cancel_queued(self, is_selected: Callable[[QueuedRequest], bool]) -> bool:
        taken = self._queue.take(lambda queued: queued.request.method in PLACING and is_selected(queued))
        for queued in taken:
            if not self._settle_known(queued):
                self._outbox.fail(queued.request, "cancelled", "cancelled before the bridge sent the order")
        return bool(taken)

    def _settle_known(self, queued: QueuedRequest) -> bool:
        """Answer a queued request whose order another request has placed meanwhile. Return whether that is so."""
        if not self._is_known(queued):
            return False
        try:
            return self._trading.answer_known(queued.request, queued.params)
        except Refused as refused:
            self._outbox.refuse(queued.request, refused)
            return True

    def _is_known(self, queued: QueuedRequest) -> bool:
        """Whether the request places orders whose keys are in use already."""
        is_placing = queued.request.method in PLACING and queued.request.method != "modifyOrder"
        try:
            return is_placing and any(self._trading.has(owner, key) for owner, key in queued.keys)
        except Refused:  # the disk cannot be read: when the request runs, it is refused
            return False

    def _may_run(self, queued: QueuedRequest) -> bool:
        """Return whether TWS is ready for the request. Orders wait until TWS has listed the open orders."""
        if queued.request.method not in PLACING:
            return self._link.usable
        return self._link.usable and self._trading.not_tradable_reason() is None and queued.is_described

    def run_waiting(self, now: Instant) -> None:
        """Run the queued requests that TWS is ready for, one by one: each may change what the next one may do.

        Cancels, and requests that send nothing to TWS, do not wait for room here. Of the others, orders come first.
        Clients take turns. This costs what leaves, and not what waits.
        """
        self._paced.clear()
        self._pacer.is_urgent_waiting = False
        if not self._queue or not self._link.usable:
            self._queue.bring_back(float("inf"))  # on another connection the rules may allow them earlier
            self._pacer.keep_for_orders(0)
            return
        self._queue.bring_back(now.clock)
        self._run_free(self._queue.some(LOOKS), now)
        for lane, turns in self._turns.items():
            self._run_in_turns(lane, turns, now)
            if "orders" not in self._paced:
                self._pacer.keep_for_orders(0)
        self._run_free(self._queue.some(LOOKS), now)
        if (due := self._queue.bring_back(now.clock)) is not None:
            self._look_at(due, now)

    def _run_free(self, requests: list[QueuedRequest], now: Instant) -> None:
        """Run those of these requests that need no room."""
        for first in requests:
            queued: QueuedRequest | None = first if self._queue.is_leader(first) else None
            while queued is not None and self._may_run_free(queued, now):
                self._run_queued(queued, now)
                following = self._queue.next_of(queued)
                queued = following if following is not None and following.turn != queued.turn else None

    def _may_run_free(self, queued: QueuedRequest, now: Instant) -> bool:
        """Return whether the request may run, and needs no room. It may have left the queue meanwhile."""
        is_free = queued in self._queue and self._may_run(queued) and self._cost(queued, now)[1] == 0
        return is_free and not self._queue.is_behind(queued)

    def _candidates(self, lane: Lane, client: str, now: Instant) -> Iterator[tuple[QueuedRequest, int]]:
        """Return the client's requests that need room in this lane, in order, each with its cost.

        Those that a rule makes wait come back when their time has come. So many may do so at once that one look takes
        only some of them.
        """
        set_aside = 0
        for queued in self._queue.heads(client, _KINDS[lane]):
            if not self._may_run(queued) or not (cost := self._cost(queued, now)[1]):
                continue
            if (wait := self._rule_wait(queued, now)) <= 0:
                yield queued, cost
                continue
            self._queue.set_aside(queued, now.clock + wait)
            set_aside += 1
            if set_aside == MOST_ASIDE:
                self._look_at(now.clock, now)
                return

    def _run_in_turns(self, lane: Lane, turns: FairTurns, now: Instant) -> None:
        clients = self._queue.clients(_KINDS[lane])
        round_ = turns.begin({client: self._candidates(lane, client, now) for client in clients})
        while (turn := round_.next()) is not None:
            queued, cost = turn
            if not self._queue.is_leader(queued) or not self._may_run(queued) or self._queue.is_behind(queued):
                round_.skip()
            elif not self._cost(queued, now)[1]:
                round_.skip()
                self._run_free([queued], now)
            elif (wait := self._rule_wait(queued, now)) > 0:
                round_.skip()
                self._queue.set_aside(queued, now.clock + wait)
            elif self._is_next(lane, now) and self._pacer.reserve(lane, cost, now.clock):
                round_.take()
                self._run_queued(queued, now)
                self._run_free(self._queue.twins_of(queued), now)
            elif not queued.request.waits:
                round_.skip()
                self._queue.remove(queued)
                self._refuse(queued, _paced(self._pacer.wait(lane, cost, now.clock), "the request would wait"))
            else:
                self._wait_for_room(lane, cost, now)
                return

    def _run_queued(self, queued: QueuedRequest, now: Instant) -> None:
        self._queue.remove(queued)
        told = queued.request.asker or queued.request
        self._outbox.tallies.waits.observe(now.clock - told.received)
        if queued.request.is_over(now):
            self._refuse(
                queued, Refused("expired", f"the time of {queued.request.method} was over before it could leave")
            )
            return
        try:
            self._checks.fence(queued.request, queued.plan)
            if queued.needs_description and queued.undescribed is not None:
                asked = tuple(self._descriptions.request(con_id, now) for con_id in queued.undescribed.con_ids)
                self._queue.put(queued._replace(descriptions=asked), self._link.state)
            else:
                self._run_now(queued, now)
        except Refused as refused:
            self._outbox.refuse(queued.request, refused)

    def _run_or_queue(self, queued: QueuedRequest, now: Instant) -> None:
        """Run the request, or queue it: for TWS, for an earlier request on the same order, or for room."""
        if not self._may_run(queued) or self._queue.is_behind(queued):
            if self._may_run(queued) and not queued.request.waits:
                raise _paced(0.0, "the request would wait for an earlier one for the same order")
            self._queue.put(queued, self._link.state)
            return
        if self._paced and not queued.request.waits:
            self.run_waiting(now)  # those who waited may not wait any more
        lane, cost = self._cost(queued, now)
        if cost and (wait := self._rule_wait(queued, now)) > 0:
            self._queue_for_room(queued, now)
            self._look_at(now.clock + wait, now)
            return
        is_turn = cost == 0 or (lane not in self._paced and self._is_next(lane, now))
        if not is_turn or not (cost == 0 or self._pacer.reserve(lane, cost, now.clock)):
            self._queue_for_room(queued, now)
            self._wait_for_room(lane, cost, now)
            return
        if lane == "cancels":
            self._tell_wait_of_cancel(queued, now)
        self._run_now(queued, now)

    def _run_now(self, queued: QueuedRequest, now: Instant) -> None:
        """Run the request. If a limit needs the description of a contract first, queue the request for that."""
        queued.check()
        try:
            self._run(queued.plan, queued.request, queued.params, now)
        except ContractNotDescribed as undescribed:
            self._describe(queued._replace(descriptions=(), undescribed=undescribed), now)

    def _describe(self, queued: QueuedRequest, now: Instant) -> None:
        """Queue an order until TWS has described its contracts. The bridge asks when it is the client's turn."""
        if queued.undescribed is None:
            return
        cost = len(queued.undescribed.con_ids)
        if "orders" not in self._paced and self._pacer.reserve("orders", cost, now.clock):
            asked = tuple(self._descriptions.request(con_id, now) for con_id in queued.undescribed.con_ids)
            self._queue.put(queued._replace(descriptions=asked), self._link.state)
        else:
            self._queue.put(queued, self._link.state)
            self._wait_for_room("orders", cost, now)

    # Pacing

    def _cost(self, queued: QueuedRequest, now: Instant) -> tuple[Lane, int]:
        """Return the lane of the request, and for how many messages to TWS it needs room."""
        plan, params = queued.plan, queued.params
        if queued.needs_description and queued.undescribed is not None:
            return "orders", len(queued.undescribed.con_ids)
        if queued.request.method in PLACING:
            return "orders", 0 if self._is_known(queued) else len(params.get("orders", [params]))
        if queued.request.method in ORDER_METHODS or plan.name == GLOBAL_CANCEL:
            return "cancels", 0  # cancels wait in the pacer
        if plan.name in self._routing.cancels:
            return "rest", 0
        if plan.is_stream(params):
            return "rest", self._subscriptions.joining.cost(plan, params)
        if self._reference.may_answer(plan, queued.request, params, now):
            return "rest", 0
        if self._pending_requests.joins(plan, params, queued.request, now):
            return "rest", 0
        return "rest", 0 if plan.cancel == plan.name else 1

    def _has_room(self, queued: QueuedRequest, now: Instant) -> bool:
        """Return whether the request may run now, as far as pacing goes."""
        lane, cost = self._cost(queued, now)
        if cost == 0:
            return True
        is_turn = lane not in self._paced and self._is_next(lane, now)
        return is_turn and self._pacer.wait(lane, cost, now.clock) == 0 and self._rule_wait(queued, now) == 0

    def _is_next(self, lane: Lane, now: Instant) -> bool:
        """Return whether no streams are renewed before the requests of this lane. The pacer looks at orders."""
        return lane != "rest" or not self._subscriptions.is_renewing(now)

    def _wait_for_room(self, lane: Lane, cost: int, now: Instant) -> None:
        """Requests of this lane wait: look again when there may be room."""
        if lane == "orders" and lane not in self._paced:  # else another one is next
            self._pacer.is_urgent_waiting = True
            self._pacer.keep_for_orders(cost)
        self._paced.add(lane)
        self._look_at(now.clock + self._pacer.wait(lane, cost, now.clock), now)

    def _look_at(self, due: float, now: Instant) -> None:
        """Look at the queue again at that time."""
        due = max(due, now.clock + LOOK)
        if self._wake is None or self._wake.at > due:
            if self._wake is not None:
                self._wake.cancel()
            self._wake = self._outbox.timers.at(due, self._on_wake)

    def _on_wake(self, now: Instant) -> None:
        self._wake = None
        self.run_waiting(now)

    def _rule_wait(self, queued: QueuedRequest, now: Instant) -> float:
        """Return the seconds that TWS's rules for historical data make the request wait; 0 for none."""
        return self._history.wait(queued.plan.name, queued.params, now.clock)

    def _queue_for_room(self, queued: QueuedRequest, now: Instant) -> None:
        """Queue the request, and tell the client. Raise Refused if the client does not want to wait."""
        seconds = self._estimate(queued, now)
        if not queued.request.waits:
            raise _paced(seconds, "the request would wait")
        self._queue.put(queued, self._link.state)
        self._tell_wait(queued.request, seconds, now)

    def _estimate(self, queued: QueuedRequest, now: Instant) -> float:
        """Return about the longest time in seconds that the request waits for room."""
        lane, cost = self._cost(queued, now)
        urgent, before = self._queue.before(queued, cost)
        room = self._pacer.estimate(lane, before + cost, now.clock, urgent=urgent)
        return round(max(room, self._rule_estimate(queued, now)), 3)

    def _rule_estimate(self, queued: QueuedRequest, now: Instant) -> float:
        """Return about how long TWS's rules for historical data make the request wait."""
        plan, params = queued.plan, queued.params
        if not is_small(plan.name, params):
            return self._rule_wait(queued, now)
        ahead = {other.unit: other.params for other in self._queue.leaders() if other.plan is plan}
        ahead.pop(queued.unit, None)
        return self._history.estimate(plan.name, params, ahead.values(), now.clock)

    def _tell_wait_of_cancel(self, queued: QueuedRequest, now: Instant) -> None:
        """Tell the client if its cancel must wait for room. Raise Refused if the client does not want to wait."""
        is_global = queued.plan.name == GLOBAL_CANCEL
        cost = 1 if is_global else self._trading.count_cancels(queued.request, queued.params, now)
        if not cost:
            return
        seconds = round(self._pacer.estimate("cancels", cost, now.clock), 3)
        if seconds and not queued.request.waits:
            raise _paced(seconds, "the cancel would wait")
        if seconds:
            self._tell_wait(queued.request, seconds, now)

    def _tell_wait(self, request: Request, seconds: float, now: Instant) -> None:
        told = request.asker or request
        self._outbox.tell(told, "queued", {"method": request.method, "waitSeconds": seconds}, now)

    def waiting(self) -> int:
        """Return how many requests wait: for TWS, for room, or for another request."""
        return len(self._queue)

    def _refuse_large_group(self, params: Data) -> None:
        rate = self._config.messages_per_second
        if rate is not None and len(params.get("orders", ())) > rate:
            message = f"orders: at most {rate} in a group, because the bridge sends {rate} messages a second to TWS"
            raise Refused("invalidParams", message, field="orders")

    def refuse_waiting(self, reason: str) -> None:
        """Refuse all queued requests, because the bridge stops."""
        for queued in self._queue.take():
            self._outbox.fail(queued.request, "notConnected", reason)
        for question in self._reference.take_waiting():
            self._outbox.fail(question.request, "notConnected", reason)

    def _run(self, plan: RequestPlan, request: Request, params: Data, now: Instant) -> None:
        """Hand the request to the part that answers it."""
        self._permissions.params(request.client, plan.name, params, self._managed(), self._config.client_id)
        account_mismatch = self._trading.account_mismatch
        if account_mismatch is not None and (
            is_once(plan, params) or role_of(request.method, plan) in ("trade", "admin")
        ):
            raise Refused("notTradable", account_mismatch)
        if request.method == GLOBAL_CANCEL:
            self._trading.withdraw_all(now)
        if request.method in ORDER_METHODS:
            self._trading.run(request, params, now)
        elif is_once(plan, params):
            self._once.run(request, params, lambda checked: self._ask_once(plan, request, checked, now))
        else:
            params.pop("onceKey", None)
            self._ask_tws(plan, request, params, now)

    def _ask_once(self, plan: RequestPlan, request: Request, params: Data, now: Instant) -> None:
        """Send a request whose key is on disk. Raise Refused if a reload has taken the right to it meanwhile."""
        if (refused := self.refusal(request.client, request.method, plan, params)) is not None:
            raise refused
        self._ask_tws(plan, request, params, now)

    def _ask_tws(self, plan: RequestPlan, request: Request, params: Data, now: Instant) -> None:
        """Run a request that is not an order: a one-time request, a subscription, or the end of one."""
        version = self._link.server_version or 0
        if not self._link.usable:
            raise Refused("notConnected", f"not connected to TWS ({self._link.state})")
        if plan.name in self._routing.cancels:
            self._cancel(request, self._routing.cancels[plan.name], params, now)
        elif plan.subject is not None:
            req_id = self._subscriptions.subject(request.client, plan.subject, params.pop("stream", None))
            self._pending_requests.ask(plan, {"reqId": req_id, **params}, request, version, now)
        elif plan.is_stream(params):
            self._subscribe(SubscriptionRequest(plan, params, request), version, now)
        elif plan.cancel == plan.name:
            self._cancel(request, frozenset({plan.name}), {"stream": topic_names.stream(plan.name, params)}, now)
        elif not self._reference.take(Question(plan, request, params), now):
            self._subscriptions.joining.make_room(plan.line, request.client, now)
            self._pending_requests.ask(plan, params, request, version, now)

    def _resume(self, question: Question, now: Instant) -> None:
        """The cache has no answer: TWS must give it, if the request is not over."""
        if question.request.answer is not None:
            return
        try:
            self._run_or_queue(self._queue.new_entry(*question), now)
        except Refused as refused:
            self._outbox.refuse(question.request, refused)

    def _withdraw_own(self, request: Request, now: Instant) -> None:
        """End an internal request of the cache."""
        self._queue.take_request(request)
        self._outbox.fail(request, "cancelled", "TWS has not answered in time")
        self._pending_requests.give_up(request, now)

    def _subscribe(self, wanted: SubscriptionRequest, version: int, now: Instant) -> None:
        """Subscribe the client. If an internal request has the same data, the client takes over what TWS has sent."""
        plan = wanted.plan
        is_first = plan.name == LIST and not self._subscriptions.is_held(LIST)
        self._subscriptions.joining.subscribe(wanted, version, now)
        if is_first:
            for part in self._pending_requests.give_way(plan):
                name, data = part["event"], part["data"]
                self._outbox.publish(self._subscriptions.prefixes.of_event(plan.family, data, {}), name, data, now)

    def _cancel(self, request: Request, methods: frozenset[str], params: Data, now: Instant) -> None:
        """End what one of `methods` began: the client's hold on a stream, or the client's own request (`id`)."""
        if "id" not in params:
            released = self._release(request.client, methods, params.get("stream"), now)
            self._outbox.succeed(request, "released", {"released": released})
            return
        other = self._outbox.requests.find(request.client, params["id"])
        if other is None or other.method not in methods or other.answer is not None:
            raise Refused(
                "unknownRequest", f"{request.client} has no open request {params['id']} that {request.method} can end"
            )
        self._queue.take_request(other)  # if it waits, it never goes to TWS
        self._outbox.fail(other, "cancelled", f"cancelled by {request.method}")
        self._pending_requests.give_up(other, now)
        self._subscriptions.give_up(other, now)
        self._outbox.succeed(request, "cancelled", {"cancelled": other.id})

    def _release(self, client: str, methods: frozenset[str], name: str | None, now: Instant) -> str:
        """End the client's hold on a stream, and withdraw its queued subscriptions to it. Return the stream's name.

        If the client has no hold yet, the queued subscriptions decide which stream that is.
        """
        queued = {
            topic_names.stream(queued.plan.name, queued.params)
            for queued in self._queue.ready(lambda queued: queued.request.client == client)
            if queued.plan.name in methods and queued.plan.is_stream(queued.params)
        }
        try:
            return self._subscriptions.release(client, methods, name, now)
        except Refused as refused:
            selected = queued if name is None else queued & {name}
            if refused.code != "unknownStream" or len(selected) != 1:
                raise
            (found,) = selected
            for method in methods:
                self.withdraw_stream(client, method, found)
            return found

    def _time_out(self, request: Request, now: Instant) -> None:
        """Fail a request that TWS has not answered in time, and free what it holds."""
        if (queued := self._queue.take_request(request)) is not None:
            self._refuse(queued, self._timeout_refusal(queued, now))
            return
        if self._trading.overdue(request, now):
            return
        self._outbox.fail(request, "noResponse", f"TWS has not answered {request.method} in time")
        self._pending_requests.give_up(request, now)
        self._subscriptions.give_up(request, now)

    def _timeout_refusal(self, queued: QueuedRequest, now: Instant) -> Refused:
        """Return the refusal for a queued request whose time is over."""
        if queued.request.method == "awaitOrder":
            return Refused("noResponse", "the request that places the order still waits; the order may still go to TWS")
        if not self._link.usable:
            reason = f"; {self._link.reason}" if self._link.reason else ""
            return Refused("notConnected", f"not connected to TWS: {self._link.state}{reason}")
        is_order = queued.request.method in PLACING
        if is_order and (not_tradable_reason := self._trading.not_tradable_reason()):
            return Refused("notTradable", f"the bridge sends no order now: {not_tradable_reason}")
        if queued.undescribed is not None and not queued.is_described:
            return queued.undescribed
        if not self._queue.is_behind(queued):
            return _paced(self._estimate(queued, now), "the request waited until its time was over")
        return Refused("notTradable", "an earlier request for this order waits until TWS has described the contract")


def _paced(seconds: float, what: str) -> Refused:
    message = f"TWS takes no more messages now: {what}; the bridge has sent nothing"
    return Refused("paced", message, waitSeconds=seconds)
