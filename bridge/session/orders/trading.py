"""The entry point for orders: passes the requests of clients and the messages of TWS to the modules that decide.

`new_orders` places orders, `modifications` changes them, `cancellations` cancels them, `reconcile` finds out the state
of lost ones, `what_if` asks TWS for margin and commission, and `order_log` numbers the events. The bridge answers a
request that places an order when TWS sends its first message about that order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from bridge.session.archive import Archive
from bridge.session.bounds import limit_reached, reserved, share
from bridge.session.orders import placement_spec
from bridge.session.orders.account_binding import AccountBinding, TradingMode
from bridge.session.orders.awaiting import Awaitings
from bridge.session.orders.cancel_on_disconnect import CancelOnDisconnect
from bridge.session.orders.cancellations import Cancellations
from bridge.session.orders.evidence import Evidences
from bridge.session.orders.executions import Fills
from bridge.session.orders.external_orders import ExternalOrders
from bridge.session.orders.ledger_health import LedgerHealth
from bridge.session.orders.lifecycle import Lifecycle
from bridge.session.orders.list_downloads import InternalRequests, ListDownloads
from bridge.session.orders.modifications import Modifications
from bridge.session.orders.new_orders import NewOrders
from bridge.session.orders.order import Order
from bridge.session.orders.order_answers import OrderAnswers
from bridge.session.orders.order_events import OrderEvents
from bridge.session.orders.order_index import OrderIndex
from bridge.session.orders.order_log import OrderLog
from bridge.session.orders.order_store import OrderStore
from bridge.session.orders.position_list import PositionList
from bridge.session.orders.positions import Positions
from bridge.session.orders.reconcile import Reconciler
from bridge.session.orders.retention import Retention, RetentionRule
from bridge.session.orders.what_if import WhatIfOrder, WhatIfOrders
from bridge.session.outbox import Outbox
from bridge.session.records import RecoveredState, Reported
from bridge.session.requests import VERSION, Refused, Request, failure, success
from bridge.session.restarts import Restarts
from bridge.session.rights.pre_trade_checks import PreTradeChecks
from bridge.session.tws_day import TwsDay
from bridge.session.values import Data, Instant, Route

#: Methods that may add risk. They wait until the bridge may send orders.
PLACING = frozenset({"placeOrder", "placeOrders", "modifyOrder", "exerciseOptions"})
#: Methods that only reduce risk. They wait for the connection only.
CLOSING = frozenset({"cancelOrder", "cancelMine"})
METHODS = PLACING | CLOSING | {"abandon", "awaitOrder"}


class Trading:
    """All that the session does with orders. Its methods raise Refused where the bridge refuses a request."""

    def __init__(
        self,
        outbox: Outbox,
        checks: PreTradeChecks,
        recovered_state: RecoveredState,
        internal_requests: InternalRequests,
        *,
        archive: Archive,
        retention: RetentionRule,
        client_id: int,
        pause: float,
        mode: TradingMode | None,
        restarts: Restarts,
    ) -> None:
        """`archive`: what is on disk. `retention`: how long ended orders stay in memory.

        `client_id`: the bridge's client ID at TWS. `pause`: least seconds between two passes that count.

        `mode`: the trading mode of the configuration, or None.
        """
        self._outbox = outbox
        self._account_binding = AccountBinding(outbox, recovered_state.accounts, mode)
        self._restarts = restarts
        self._bad_ids: str | None = None
        self._connected = False
        self.positions = Positions()
        self.ledger_health = LedgerHealth(outbox)
        self.order_log = order_log = OrderLog(outbox, recovered_state, archive, self.ledger_health)
        self._day = TwsDay()
        fills, evidences = Fills(archive), Evidences()

        def load(order_id: int, reports: Sequence[Reported]) -> None:
            fills.load(order_id, reports)
            order_log.load(order_id, reports)

        index = OrderIndex(archive, self.positions, load)
        self._order_store = order_store = OrderStore(client_id, recovered_state, index)
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
        #: By client, how many reads of its order log are under way.
        self.log_reads: Counter[str] = Counter()
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
        self._external = ExternalOrders(outbox, retention.topics)
        self._reconciler.pass_ended = self._external.pass_ended
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
            external=self._external,
        )
        self._retention = Retention(
            outbox, order_store, order_log, fills=fills, reconciler=self._reconciler, rule=retention
        )
        index.recalled = self._retention.on_stored
        order_log.on_stored = self._on_stored

    def _on_stored(self, order: Order) -> None:
        """The record of the order is on disk: free its key where it may be free, and answer the waiting requests."""
        self._order_store.on_stored(order)
        self._retention.on_stored(order)
        if order.is_awaited:
            self._new_orders.on_stored(order)
            self._modifications.on_stored(order)
            self._cancellations.on_stored(order)
            self._awaitings.on_stored(order)

    # Whether the bridge may send orders

    def not_tradable_reason(self) -> str | None:
        """Why the bridge sends no orders now; None where it may."""
        if lasting := self.lasting_refusal_reason():
            return lasting
        if planned := self._restarts.not_tradable_reason():
            return planned
        if not self._connected:
            return "TWS and IBKR are not both connected"
        if self.order_log.failure is not None:
            return f"the bridge cannot write orders to disk: {self.order_log.failure}"
        if not self._reconciler.complete:
            return "TWS has not yet sent all its open orders, completed orders and executions"
        return None

    def lasting_refusal_reason(self) -> str | None:
        """A reason that does not end by waiting, or None: wrong accounts, or no usable order IDs."""
        return self.account_mismatch or self.bad_order_ids

    @property
    def bad_order_ids(self) -> str | None:
        """Why the bridge has no order ID that it may use, or None."""
        return self._bad_ids

    @property
    def is_reconciled(self) -> bool:
        """Whether TWS has sent all its open orders, completed orders and executions."""
        return self._reconciler.complete

    @property
    def answers(self) -> OrderAnswers:
        """Whether TWS answers orders, cancels and changes."""
        return self._lifecycle.answers

    @property
    def listed_at(self) -> float:
        """When the newest pass began that TWS has answered in full (steady clock)."""
        return self._reconciler.listed_at

    def lists_refused(self, reason: str, now: Instant) -> None:
        """TWS refuses its lists of orders: a running pass fails at once."""
        self._reconciler.lists_refused(reason, now)

    def in_doubt(self) -> Iterator[Order]:
        """Return the orders that may or may not be at TWS, and those that TWS never had."""
        return iter(self._order_store.in_doubt.values())

    def count_in_doubt(self) -> int:
        """Return how many orders may or may not be at TWS, with those of whose last change the same is true."""
        return len(self._order_store.in_doubt)

    # Requests of clients

    def answer_known(self, request: Request, params: Data) -> bool:
        """Answer a request that existing orders can answer, even while the bridge sends no orders.

        Returns False where the request needs more. Raises Refused where the params do not fit the existing orders.
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
        """Raise Refused where the bridge cannot place orders, and waiting does not help."""
        if request.method in PLACING:
            if self.order_log.failure is not None:
                raise Refused("ledgerFailed", f"the bridge cannot write orders to disk: {self.order_log.failure}")
            if lasting := self.lasting_refusal_reason():
                raise Refused("notTradable", lasting)

    def run(self, request: Request, params: Data, now: Instant) -> None:
        """Run a request of `METHODS`. Raises Refused where the bridge refuses it."""
        match request.method:
            case "cancelOrder":
                self._cancellations.cancel(request, params, now)
            case "cancelMine":
                self._cancellations.cancel_mine(request, params, now)
            case "abandon":
                if not params.get("force") and not (self._connected and self._reconciler.complete):
                    message = "a client can abandon an order only after TWS has sent all its lists of orders"
                    raise Refused("notTradable", message)
                self._cancellations.abandon(request, params, now)
            case "awaitOrder":
                self._awaitings.begin(request, params)
            case "modifyOrder":
                if not self._modifications.answer_known(request, params):
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
            self._new_orders.place(request, wanted, grouped, request.instance, now)

    def read_log(self, request: Request, params: Data, route: Route) -> None:
        """Answer `orderLog` from the ledger. The bridge does not store the reply: a repeated request reads again.

        `params`: `after`, the number to read from, exclusive; `limit`, the most events. `route`: where to send the
        reply.
        """

        def then(events: list[Data], failed: str | None, _now: Instant) -> None:
            self.log_reads.subtract((request.client,))
            if not self.log_reads[request.client]:
                del self.log_reads[request.client]
            head = max(self.order_log.head(request.client), events[-1]["n"] if events else 0)
            read = {"epoch": self._outbox.epoch, "log": self.order_log.log, "head": head, "events": events}
            outcome = success("orderLog", read)
            if failed is not None:
                self._outbox.log("orderLogUnreadable", client=request.client, reason=failed)
                outcome = failure("ledgerFailed", f"the bridge could not read the order log: {failed}")
            self._outbox.reply(route, {"v": VERSION, "id": request.id, **outcome})

        client, most = request.client, self._outbox.bounds.log_reads
        if self.log_reads.total() >= most and self.log_reads[client] >= reserved(most):
            raise limit_reached("orderLogReads", most, f"{self.log_reads.total()} reads of order logs under way")
        if self.log_reads[client] >= share(most):
            raise limit_reached("orderLogReads", share(most), f"{self.log_reads[client]} reads under way", client)
        self.log_reads[client] += 1
        self._outbox.read_log(client, params["after"], params["limit"], then)

    def live_orders(self) -> Iterator[Order]:
        """The orders that are or may be open, or that a request waits for."""
        return iter(self._order_store)

    def count_orders(self) -> int:
        """How many orders are in memory: the open ones, and those that ended in the last week."""
        return len(self._order_store.index)

    def count_cancels(self, request: Request, params: Data, now: Instant) -> int:
        """How many cancels the request sends to TWS."""
        return self._cancellations.count(request, params, now)

    def may_cancel(self, request: Request) -> None:
        """Raise Refused where the client may not cancel orders now."""
        self._checks.cancel(request)

    def has(self, owner: str, key: str) -> bool:
        """Whether an order of the owner uses the key."""
        return self._order_store.by_key(owner, key) is not None

    def withdraw_all(self, now: Instant) -> None:
        """The bridge cancels all orders at TWS: withdraw those that it has not sent; nobody can change the others."""
        self._cancellations.withdraw_all(now)

    def unsent_cancel(self, order_id: int | None, refused: Refused) -> None:
        """The bridge did not send the cancel of that order (None: of all orders). `refused`: the error for clients."""
        self._cancellations.unsent(order_id, refused)

    @property
    def account_mismatch(self) -> str | None:
        """Why the ledger does not belong to this TWS (other accounts, or another trading mode), or None."""
        return self._account_binding.account_mismatch

    def on_undecoded(self, now: Instant) -> None:
        """The bridge could not decode a message of TWS about an order."""
        self._reconciler.on_undecoded(now)

    def reconfigure(self, pause: float) -> None:
        """`pause`: least seconds between two passes that count, from now on."""
        self._reconciler.pause = pause

    def withdraw_what_if(self, request: Request) -> bool:
        """The client may not ask for a what-if order any more: forget it. Return whether the request asks for one."""
        return self._what_if.give_up(request)

    def await_refusal(self, request: Request) -> Refused | None:
        """Return the refusal where the request waits for an order that its client may not see any more."""
        return self._awaitings.refusal(request)

    def give_up_await(self, request: Request) -> None:
        """An `awaitOrder` request has its answer."""
        self._awaitings.give_up(request)

    # Clients that come and go

    def owners(self) -> set[str]:
        """The clients with orders that are or may be open."""
        return {order.owner for order in self._order_store if order.is_open}

    def on_handshake(self, connection_time: str, now: Instant) -> None:
        """TWS has sent its time in the handshake."""
        self._day.connected(connection_time, now)

    def client_lost(self, client: str) -> list[str]:
        """The client is lost, and the bridge must cancel its orders. Returns their keys.

        `cancel_orders_of_lost_clients` cancels them.
        """
        return [order.record.key for order in self._cancel_on_disconnect.lost(client)]

    def client_back(self, client: str) -> None:
        """The client is back: stop cancelling its orders."""
        self._cancel_on_disconnect.back(client)

    def forget_old(self, now: Instant) -> None:
        """Drop what the rule of retention no longer keeps in memory. Called each second."""
        self._retention.advance(now)
        self._external.advance(now)

    def look(self, now: Instant) -> None:
        """Check open orders against TWS's lists from time to time. Called each second while TWS is connected."""
        if self._connected:
            self._reconciler.look(now)

    def cancel_orders_of_lost_clients(self, now: Instant) -> None:
        """Cancel open orders of lost clients. The session calls this each second while TWS is connected."""
        self._cancel_on_disconnect.advance(now)

    # Messages of TWS

    def allow_from(self, order_id: int) -> None:
        """Take nextValidId."""
        self._bad_ids = self._order_store.allow_from(order_id)
        if self._bad_ids is not None:
            self._outbox.log("orderIdsUnusable", reason=self._bad_ids)

    def on_accounts(self, accounts: list[str]) -> None:
        """Take managedAccounts."""
        self._account_binding.on_accounts(accounts)
        self.positions.accounts = accounts

    def on_event(self, name: str, data: Data, now: Instant) -> None:
        """Take an order message of TWS. `name`: the callback. `data`: its fields."""
        self._order_events.on_event(name, data, now, is_foreign=self._account_binding.account_mismatch is not None)

    def on_error(self, order_id: int, data: Data, now: Instant) -> bool:
        """Take an error with an order ID. Returns False where the bridge has no order with that ID."""
        return self._order_events.on_error(order_id, data, now)

    def contract_of(self, order_id: int) -> Data | None:
        """Return the contract of the order or what-if order with that ID; None if it is not in memory."""
        order = self._order_store.index.in_memory(order_id)
        return self._what_if.contract_of(order_id) if order is None else order.record.contract

    # The connection, and the time

    def on_link(self, state: str, reason: str, now: Instant) -> None:
        """The connection has a new state. The bridge sends orders while it is `ready`, after a complete pass."""
        if state == "ready" and not self._connected and self._account_binding.account_mismatch is None:
            self._connected = True
            self._reconciler.connected(now)
        elif state in ("lost", "stopped") or (state != "ready" and self._connected):
            self._connected = False
            self._reconciler.disconnected(now)
        if state in ("lost", "stopped"):
            self._connection_lost(reason, now)

    def _connection_lost(self, reason: str, now: Instant) -> None:
        message = f"the connection to TWS was lost before TWS answered the order: {reason}"
        self._what_if.connection_lost(reason)
        self.positions.connection_lost()
        for order in self._order_store:
            if order.record.state == "sent":
                self._new_orders.mark_unknown(order, message, now)
            if order.record.change == "sent":
                self._modifications.lose(order, now)
            self._cancellations.connection_lost(order, message)

    def advance(self, now: Instant) -> bool:
        """TWS has answered a request, perhaps one of a pass. Returns whether a pass ended with it."""
        return self._reconciler.advance(now)

    def unsendable(self, about: Order | WhatIfOrder, refused: Refused, now: Instant) -> None:
        """The shell did not send an order, change or what-if, nor the rest of the group."""
        if refused.code == "notConnected":
            refused = Refused("notTradable", f"the bridge did not send the order: {refused.message}")
        if isinstance(about, WhatIfOrder):
            self._what_if.refuse(about, refused)
        elif about.changing is not None:
            self._modifications.take_back(about, refused.code, refused.message, refused.data)
        else:
            self._new_orders.hold_back(about.family, refused.code, refused.message, now, refused.data)

    def overdue(self, request: Request, now: Instant) -> bool:
        """The request timed out: orders and changes that TWS did not answer become `unknown`.

        Returns whether this module answers the request.
        """
        if self._new_orders.overdue(request, now) or self._modifications.overdue(request, now):
            self._reconciler.look_for_lost(now)
            return True
        if self._awaitings.overdue(request):
            return True
        self._what_if.give_up(request)
        facts = self._cancellations.give_up(request)
        if facts:
            message = f"TWS has not answered {request.method} in time"
            if self.order_log.failure is not None:
                message = f"the bridge cannot write the result of {request.method} now: {self.order_log.failure}"
            self._outbox.fail(request, "noResponse", message, data=facts)
        return bool(facts)
