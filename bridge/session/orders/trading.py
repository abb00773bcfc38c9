"""Orders of clients: takes their requests, and what TWS says about their orders, to the part that decides.

`new_orders` sends orders, `modifications` changes them, `cancellations` ends them, `reconcile` finds out what became of
lost ones, `what_if` asks TWS for margin and fees, and `order_log` numbers the events. The bridge answers an order at
TWS's first message about it. Knows no stream.
"""

from __future__ import annotations

from bridge.session.effects import Log
from bridge.session.orders import placement_spec
from bridge.session.orders.account_binding import AccountBinding, TradingMode
from bridge.session.orders.awaiting import Awaitings
from bridge.session.orders.cancel_on_disconnect import CancelOnDisconnect
from bridge.session.orders.cancellations import Cancellations
from bridge.session.orders.evidence import Evidences
from bridge.session.orders.executions import Fills
from bridge.session.orders.lifecycle import Lifecycle
from bridge.session.orders.list_downloads import InternalRequests, ListDownloads
from bridge.session.orders.modifications import Modifications
from bridge.session.orders.new_orders import NewOrders
from bridge.session.orders.order import Order
from bridge.session.orders.order_events import OrderEvents
from bridge.session.orders.order_log import OrderLog
from bridge.session.orders.order_store import OrderStore
from bridge.session.orders.position_list import PositionList
from bridge.session.orders.positions import Positions
from bridge.session.orders.reconcile import Reconciler
from bridge.session.orders.what_if import WhatIfOrder, WhatIfOrders
from bridge.session.outbox import Outbox
from bridge.session.records import RecoveredState
from bridge.session.requests import VERSION, Refused, Request, failure, success
from bridge.session.restarts import Restarts
from bridge.session.rights.pre_trade_checks import PreTradeChecks
from bridge.session.tws_day import TwsDay
from bridge.session.values import Data, Instant, Route

#: What adds to the risk, and waits until orders may leave.
PLACING = frozenset({"placeOrder", "placeOrders", "modifyOrder", "exerciseOptions"})
#: What takes from it, and waits for nothing but the connection.
CLOSING = frozenset({"cancelOrder", "cancelMine"})
METHODS = PLACING | CLOSING | {"abandon", "awaitOrder"}


class Trading:
    def __init__(
        self,
        outbox: Outbox,
        checks: PreTradeChecks,
        recovered_state: RecoveredState,
        internal_requests: InternalRequests,
        *,
        client_id: int,
        pause: float,
        mode: TradingMode | None,
        restarts: Restarts,
    ) -> None:
        self._outbox = outbox
        self._account_binding = AccountBinding(outbox, recovered_state.accounts, mode)
        self._restarts = restarts
        self._bad_ids: str | None = None
        self._connected = False
        self.positions = Positions()
        self._order_store = order_store = OrderStore(client_id, recovered_state, self.positions)
        self.order_log = order_log = OrderLog(outbox, recovered_state)
        self._day = TwsDay()
        fills, evidences = Fills(recovered_state.reported), Evidences()
        self._lifecycle = lifecycle = Lifecycle(outbox, order_store, order_log, fills)
        self._new_orders = NewOrders(
            outbox,
            order_store,
            order_log,
            checks,
            lifecycle=lifecycle,
            day=self._day,
            positions=self.positions,
            not_tradable_reason=self.not_tradable_reason,
        )
        self._modifications = Modifications(
            outbox,
            order_store,
            order_log,
            checks,
            lifecycle=lifecycle,
            evidences=evidences,
            not_tradable_reason=self.not_tradable_reason,
        )
        self._cancellations = Cancellations(
            outbox, order_store, lifecycle, checks, new_orders=self._new_orders, changes=self._modifications
        )
        self._awaitings = Awaitings(outbox, order_store, checks)
        self._cancel_on_disconnect = CancelOnDisconnect(order_store, self._cancellations)
        self._what_if = WhatIfOrders(outbox, order_store, self.not_tradable_reason)
        self._checks = checks
        downloads = ListDownloads(outbox, internal_requests)
        downloads.begins = PositionList(outbox, internal_requests, self.positions).ask
        self._reconciler = Reconciler(
            outbox,
            order_store=order_store,
            order_log=order_log,
            fills=fills,
            lifecycle=lifecycle,
            evidences=evidences,
            downloads=downloads,
            day=self._day,
            pause=pause,
            not_made=self._modifications.not_made,
        )
        self._order_events = OrderEvents(
            outbox,
            order_store,
            order_log,
            client_id=client_id,
            fills=fills,
            lifecycle=lifecycle,
            changes=self._modifications,
            cancellations=self._cancellations,
            what_if=self._what_if,
            reconciler=self._reconciler,
        )
        order_log.told = self._told

    def _told(self, order: Order) -> None:
        """The order's record is on disk: its key may be free, and who waits for it is answered."""
        self._order_store.told(order)
        if order.is_awaited:
            self._new_orders.told(order)
            self._modifications.told(order)
            self._cancellations.told(order)
            self._awaitings.told(order)

    # Whether orders may leave

    def not_tradable_reason(self) -> str | None:
        """Why no order may leave now; None where orders may."""
        if lasting := self.lasting_obstacle():
            return lasting
        if planned := self._restarts.not_tradable_reason():
            return planned
        if not self._connected:
            return "TWS and IBKR are not both connected"
        if self.order_log.failure is not None:
            return f"orders cannot be written down: {self.order_log.failure}"
        if not self._reconciler.complete:
            return "open orders, completed orders and executions have not all been told yet"
        return None

    def lasting_obstacle(self) -> str | None:
        """One that no waiting takes away."""
        return self._account_binding.misfit or self._bad_ids

    # What clients want

    def answer_known(self, request: Request, params: Data) -> bool:
        """Answer from what is known of the keys, whether orders may leave or not; False where there is more to do.

        Raises Refused where the params or the keys are at odds with what is known.
        """
        match request.method:
            case "placeOrder" | "placeOrders" | "exerciseOptions":
                wanted = placement_spec.read(request, params)
                return not placement_spec.is_what_if(wanted) and self._new_orders.answer_known(
                    request, wanted, request.method == "placeOrders"
                )
            case "modifyOrder":
                return self._modifications.answer_known(request, params)
            case "abandon":
                return self._cancellations.recall_abandoned(request, params)
            case "cancelOrder":
                return self._cancellations.recall_ended(request, params)
            case "awaitOrder":
                self._awaitings.begin(request, params)
                return True
        return False

    def check(self, request: Request) -> None:
        """Raise Refused where no waiting would help."""
        if request.method in PLACING:
            if self.order_log.failure is not None:
                raise Refused("ledgerFailed", f"orders cannot be written down: {self.order_log.failure}")
            if lasting := self.lasting_obstacle():
                raise Refused("notTradable", lasting)

    def run(self, request: Request, params: Data, now: Instant) -> None:
        """Do what is asked; raise Refused where the client may not."""
        match request.method:
            case "cancelOrder":
                self._cancellations.cancel(request, params, now)
            case "cancelMine":
                self._cancellations.cancel_mine(request, params, now)
            case "abandon":
                if not params.get("force") and not (self._connected and self._reconciler.complete):
                    message = "an order can be given up only when TWS has told all that lives"
                    raise Refused("notTradable", message)
                self._cancellations.abandon(request, params, now)
            case "awaitOrder":
                self._awaitings.begin(request, params)
            case "modifyOrder":
                if not self._modifications.answer_known(request, params):
                    self.check(request)
                    self._modifications.begin(request, params, now)
            case _:
                self._place(request, params, now)

    def _place(self, request: Request, params: Data, now: Instant) -> None:
        wanted = placement_spec.read(request, params)
        if placement_spec.is_what_if(wanted):
            judged = self._checks.place(
                request, wanted[0].content, lambda: self._order_store.count_open(request.client), now
            )
            self._what_if.ask(request, judged["contract"], judged["order"])
            return
        grouped = request.method == "placeOrders"
        if not self._new_orders.answer_known(request, wanted, grouped):
            self.check(request)
            self._new_orders.place(request, wanted, grouped, request.instance, now)

    def read_log(self, request: Request, params: Data, route: Route) -> None:
        """Answer with what the ledger has of the client's order log. Asked again, it looks again."""

        def then(events: list[Data], failed: str | None, _now: Instant) -> None:
            head = max(self.order_log.head(request.client), events[-1]["n"] if events else 0)
            read = {"epoch": self._outbox.epoch, "log": self.order_log.log, "head": head, "events": events}
            outcome = success("orderLog", read)
            if failed is not None:
                outcome = failure("ledgerFailed", f"the order log could not be read: {failed}")
            self._outbox.reply(route, {"v": VERSION, "id": request.id, **outcome})

        self._outbox.read_log(request.client, params["after"], params["limit"], then)

    def may_cancel(self, request: Request) -> None:
        """Raise Refused where the client may cancel nothing now."""
        self._checks.cancel(request)

    def has(self, owner: str, key: str) -> bool:
        """Whether the key stands for an order."""
        return self._order_store.by_key(owner, key) is not None

    def withdraw_all(self, now: Instant) -> None:
        """All orders are being cancelled: those that have not left stay here, the others can't be changed."""
        self._cancellations.withdraw_all(now)

    def unsent_cancel(self, order_id: int | None) -> None:
        """A cancel could not be encoded: of that order, or of all."""
        self._cancellations.unsent(order_id)

    @property
    def misfit(self) -> str | None:
        """Why what is here is not for this TWS: it has other accounts than the ledger, or of another kind."""
        return self._account_binding.misfit

    def on_undecoded(self, now: Instant) -> None:
        """TWS said something of an order that could not be read."""
        self._reconciler.on_undecoded(now)

    # Clients that come and go

    def owners(self) -> set[str]:
        """The clients with orders that live, or may."""
        return {order.owner for order in self._order_store if order.is_open}

    def on_handshake(self, connection_time: str, now: Instant) -> None:
        """TWS has said which time it is there."""
        self._day.connected(connection_time, now)

    def orphan(self, client: str) -> list[str]:
        """The client is lost, and its orders are to be cancelled: their keys. `advance_orphans` does it."""
        return [order.record.key for order in self._cancel_on_disconnect.lost(client)]

    def reclaim(self, client: str) -> None:
        """The client is back."""
        self._cancel_on_disconnect.back(client)

    def advance_orphans(self, now: Instant) -> None:
        """Each second, while TWS is there."""
        self._cancel_on_disconnect.advance(now)

    # What TWS says

    def allow_from(self, order_id: int) -> None:
        """Take nextValidId into account."""
        self._bad_ids = self._order_store.allow_from(order_id)
        if self._bad_ids is not None:
            self._outbox.log(Log("error", self._bad_ids))

    def on_accounts(self, accounts: list[str]) -> None:
        """Take managedAccounts into account."""
        self._account_binding.on_accounts(accounts)
        self.positions.accounts = accounts

    def on_event(self, name: str, data: Data, now: Instant) -> None:
        """Take an order event."""
        self._order_events.on_event(name, data, now, is_foreign=self._account_binding.misfit is not None)

    def on_error(self, order_id: int, data: Data, now: Instant) -> bool:
        """Take an error that names an order; False where it names none of ours."""
        return self._order_events.on_error(order_id, data, now)

    # The connection, and the time

    def on_link(self, state: str, reason: str, now: Instant) -> None:
        """The connection has entered a state. Orders leave while it is `ready`, after all that lives has been told."""
        if state == "ready" and not self._connected and self._account_binding.misfit is None:
            self._connected = True
            self._reconciler.connected(now)
        elif state in ("lost", "stopped") or (state != "ready" and self._connected):
            self._connected = False
            self._reconciler.disconnected(now)
        if state in ("lost", "stopped"):
            self._connection_lost(reason, now)

    def _connection_lost(self, reason: str, now: Instant) -> None:
        message = f"the connection to TWS was lost before its word on the order: {reason}"
        self._what_if.connection_lost(reason)
        self.positions.connection_lost()
        for order in self._order_store:
            if order.record.state == "sent":
                self._new_orders.lose_sight(order, message, now)
            if order.record.change == "sent":
                self._modifications.lose(order)
            self._cancellations.connection_lost(order, message)

    def advance(self, now: Instant) -> bool:
        """A question was answered, perhaps one of ours; whether orders may leave that could not before."""
        return self._reconciler.advance(now)

    def unsendable(self, about: Order | WhatIfOrder, message: str, now: Instant) -> None:
        """It could not be encoded: it never left, and none of those that were to leave with it."""
        if isinstance(about, WhatIfOrder):
            self._what_if.fail(about, "invalidParams", message)
        elif about.changing is not None:
            self._modifications.take_back(about, "invalidParams", message)
        else:
            self._new_orders.hold_back(about.family, "invalidParams", message, now)

    def overdue(self, request: Request, now: Instant) -> bool:
        """The ask's time is over; whether it was answered: what has left without a word is `unknown`."""
        if self._new_orders.overdue(request, now) or self._modifications.overdue(request):
            self._reconciler.look_for_lost(now)
            return True
        if self._awaitings.overdue(request):
            return True
        self._what_if.give_up(request)
        facts = self._cancellations.give_up(request)
        if facts:
            message = f"TWS has not answered {request.method} in time"
            if self.order_log.failure is not None:
                message = f"what became of {request.method} cannot be written now: {self.order_log.failure}"
            self._outbox.fail(request, "noResponse", message, data=facts)
        return bool(facts)
