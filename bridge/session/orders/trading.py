"""Orders of clients: who asks for what, and what TWS says of it, brought to the part that decides.

`placing` has orders leave, `changes` changes and `closing` ends them, `reconcile` looks for what is lost, `previews`
asks what if, and the `journal` numbers what is told. An order is answered at TWS's first word on it. Knows no stream.
"""

from __future__ import annotations

from bridge.session.asks import VERSION, Ask, Refused, failure
from bridge.session.effects import Log
from bridge.session.orders import wishes
from bridge.session.orders.awaiting import Awaitings
from bridge.session.orders.binding import Binding, TradingMode
from bridge.session.orders.book import Book
from bridge.session.orders.changes import Changes
from bridge.session.orders.closing import Closing
from bridge.session.orders.evidence import Evidences
from bridge.session.orders.executions import Fills
from bridge.session.orders.journal import Journal
from bridge.session.orders.lifecycle import Lifecycle
from bridge.session.orders.order import Order
from bridge.session.orders.orphans import Orphans
from bridge.session.orders.passes import Inquiries, Passes
from bridge.session.orders.placing import Placing
from bridge.session.orders.position_list import PositionList
from bridge.session.orders.positions import Positions
from bridge.session.orders.previews import Preview, Previews
from bridge.session.orders.reconcile import Reconciler
from bridge.session.orders.telling import Telling
from bridge.session.outlet import Outlet
from bridge.session.records import Recollection
from bridge.session.restarts import Restarts
from bridge.session.rights.guard import Guard
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
        outlet: Outlet,
        guard: Guard,
        recollection: Recollection,
        inquiries: Inquiries,
        *,
        client_id: int,
        pause: float,
        mode: TradingMode | None,
        restarts: Restarts,
    ) -> None:
        self._outlet = outlet
        self._binding = Binding(outlet, recollection.accounts, mode)
        self._restarts = restarts
        self._bad_ids: str | None = None
        self._connected = False
        self.positions = Positions()
        self._book = book = Book(client_id, recollection, self.positions)
        self.journal = journal = Journal(outlet, recollection)
        self._day = TwsDay()
        fills, evidences = Fills(recollection.reported), Evidences()
        self._lifecycle = lifecycle = Lifecycle(outlet, book, journal, fills)
        self._placing = Placing(
            outlet,
            book,
            journal,
            guard,
            lifecycle=lifecycle,
            day=self._day,
            positions=self.positions,
            obstacle=self.obstacle,
        )
        self._changes = Changes(
            outlet, book, journal, guard, lifecycle=lifecycle, evidences=evidences, obstacle=self.obstacle
        )
        self._closing = Closing(outlet, book, lifecycle, guard, placing=self._placing, changes=self._changes)
        self._awaitings = Awaitings(outlet, book, guard)
        self._orphans = Orphans(book, self._closing)
        self._previews = Previews(outlet, book, self.obstacle)
        self._guard = guard
        passes = Passes(outlet, inquiries)
        passes.begins = PositionList(outlet, inquiries, self.positions).ask
        self._reconciler = Reconciler(
            outlet,
            book=book,
            journal=journal,
            fills=fills,
            lifecycle=lifecycle,
            evidences=evidences,
            passes=passes,
            day=self._day,
            pause=pause,
            not_made=self._changes.not_made,
        )
        self._telling = Telling(
            outlet,
            book,
            journal,
            client_id=client_id,
            fills=fills,
            lifecycle=lifecycle,
            changes=self._changes,
            closing=self._closing,
            previews=self._previews,
            reconciler=self._reconciler,
        )
        journal.told = self._told

    def _told(self, order: Order) -> None:
        """The order's record is on disk: its key may be free, and who waits for it is answered."""
        self._book.told(order)
        if order.is_awaited:
            self._placing.told(order)
            self._changes.told(order)
            self._closing.told(order)
            self._awaitings.told(order)

    # Whether orders may leave

    def obstacle(self) -> str | None:
        """Why no order may leave now; None where orders may."""
        if lasting := self.lasting_obstacle():
            return lasting
        if planned := self._restarts.obstacle():
            return planned
        if not self._connected:
            return "TWS and IBKR are not both connected"
        if self.journal.failure is not None:
            return f"orders cannot be written down: {self.journal.failure}"
        if not self._reconciler.complete:
            return "open orders, completed orders and executions have not all been told yet"
        return None

    def lasting_obstacle(self) -> str | None:
        """One that no waiting takes away."""
        return self._binding.misfit or self._bad_ids

    # What clients want

    def recall(self, ask: Ask, params: Data) -> bool:
        """Answer from what is known of the keys, whether orders may leave or not; False where there is more to do.

        Raises Refused where the params or the keys are at odds with what is known.
        """
        match ask.method:
            case "placeOrder" | "placeOrders" | "exerciseOptions":
                wanted = wishes.read(ask, params)
                return not wishes.is_preview(wanted) and self._placing.recall(ask, wanted, ask.method == "placeOrders")
            case "modifyOrder":
                return self._changes.recall(ask, params)
            case "abandon":
                return self._closing.recall_abandoned(ask, params)
            case "cancelOrder":
                return self._closing.recall_ended(ask, params)
            case "awaitOrder":
                self._awaitings.begin(ask, params)
                return True
        return False

    def check(self, ask: Ask) -> None:
        """Raise Refused where no waiting would help."""
        if ask.method in PLACING:
            if self.journal.failure is not None:
                raise Refused("ledgerFailed", f"orders cannot be written down: {self.journal.failure}")
            if lasting := self.lasting_obstacle():
                raise Refused("notTradable", lasting)

    def run(self, ask: Ask, params: Data, now: Instant) -> None:
        """Do what is asked; raise Refused where the client may not."""
        match ask.method:
            case "cancelOrder":
                self._closing.cancel(ask, params, now)
            case "cancelMine":
                self._closing.cancel_mine(ask, params, now)
            case "abandon":
                if not params.get("force") and not (self._connected and self._reconciler.complete):
                    message = "an order can be given up only when TWS has told all that lives"
                    raise Refused("notTradable", message)
                self._closing.abandon(ask, params, now)
            case "awaitOrder":
                self._awaitings.begin(ask, params)
            case "modifyOrder":
                if not self._changes.recall(ask, params):
                    self.check(ask)
                    self._changes.begin(ask, params, now)
            case _:
                self._place(ask, params, now)

    def _place(self, ask: Ask, params: Data, now: Instant) -> None:
        wanted = wishes.read(ask, params)
        if wishes.is_preview(wanted):
            judged = self._guard.place(ask, wanted[0].content, lambda: self._book.count_open(ask.client), now)
            self._previews.ask(ask, judged["contract"], judged["order"])
            return
        grouped = ask.method == "placeOrders"
        if not self._placing.recall(ask, wanted, grouped):
            self.check(ask)
            self._placing.place(ask, wanted, grouped, ask.instance, now)

    def read_log(self, ask: Ask, params: Data, route: Route) -> None:
        """Answer with what the ledger has of the client's order log. Asked again, it looks again."""

        def then(events: list[Data], failed: str | None, _now: Instant) -> None:
            head = max(self.journal.head(ask.client), events[-1]["n"] if events else 0)
            outcome: Data = {"ok": True, "result": {"log": self.journal.log, "head": head, "events": events}}
            if failed is not None:
                outcome = failure("ledgerFailed", f"the order log could not be read: {failed}")
            self._outlet.reply(route, {"v": VERSION, "id": ask.id, **outcome})

        self._outlet.read_log(ask.client, params["after"], params["limit"], then)

    def may_cancel(self, ask: Ask) -> None:
        """Raise Refused where the client may cancel nothing now."""
        self._guard.cancel(ask)

    def has(self, owner: str, key: str) -> bool:
        """Whether the key stands for an order."""
        return self._book.by_key(owner, key) is not None

    def withdraw_all(self, now: Instant) -> None:
        """All orders are being cancelled: those that have not left stay here, the others can't be changed."""
        self._closing.withdraw_all(now)

    def unsent_cancel(self, order_id: int | None) -> None:
        """A cancel could not be encoded: of that order, or of all."""
        self._closing.unsent(order_id)

    @property
    def misfit(self) -> str | None:
        """Why what is here is not for this TWS: it has other accounts than the ledger, or of another kind."""
        return self._binding.misfit

    def on_undecoded(self, now: Instant) -> None:
        """TWS said something of an order that could not be read."""
        self._reconciler.on_undecoded(now)

    # Clients that come and go

    def owners(self) -> set[str]:
        """The clients with orders that live, or may."""
        return {order.owner for order in self._book if order.is_open}

    def on_handshake(self, connection_time: str, now: Instant) -> None:
        """TWS has said which time it is there."""
        self._day.connected(connection_time, now)

    def orphan(self, client: str) -> list[str]:
        """The client is lost, and its orders are to be cancelled: their keys. `advance_orphans` does it."""
        return [order.record.key for order in self._orphans.lost(client)]

    def reclaim(self, client: str) -> None:
        """The client is back."""
        self._orphans.back(client)

    def advance_orphans(self, now: Instant) -> None:
        """Each second, while TWS is there."""
        self._orphans.advance(now)

    # What TWS says

    def allow_from(self, order_id: int) -> None:
        """Take nextValidId into account."""
        self._bad_ids = self._book.allow_from(order_id)
        if self._bad_ids is not None:
            self._outlet.log(Log("error", self._bad_ids))

    def on_accounts(self, accounts: list[str]) -> None:
        """Take managedAccounts into account."""
        self._binding.on_accounts(accounts)
        self.positions.accounts = accounts

    def on_event(self, name: str, data: Data, now: Instant) -> None:
        """Take an order event."""
        self._telling.on_event(name, data, now, is_foreign=self._binding.misfit is not None)

    def on_error(self, order_id: int, data: Data, now: Instant) -> bool:
        """Take an error that names an order; False where it names none of ours."""
        return self._telling.on_error(order_id, data, now)

    # The connection, and the time

    def on_link(self, state: str, reason: str, now: Instant) -> None:
        """The connection has entered a state. Orders leave while it is `ready`, after all that lives has been told."""
        if state == "ready" and not self._connected and self._binding.misfit is None:
            self._connected = True
            self._reconciler.connected(now)
        elif state in ("lost", "stopped") or (state != "ready" and self._connected):
            self._connected = False
            self._reconciler.disconnected(now)
        if state in ("lost", "stopped"):
            self._connection_lost(reason, now)

    def _connection_lost(self, reason: str, now: Instant) -> None:
        message = f"the connection to TWS was lost before its word on the order: {reason}"
        self._previews.connection_lost(reason)
        self.positions.connection_lost()
        for order in self._book:
            if order.record.state == "sent":
                self._placing.lose_sight(order, message, now)
            if order.record.change == "sent":
                self._changes.lose(order)
            self._closing.connection_lost(order, message)

    def advance(self, now: Instant) -> bool:
        """A question was answered, perhaps one of ours; whether orders may leave that could not before."""
        return self._reconciler.advance(now)

    def unsendable(self, about: Order | Preview, message: str, now: Instant) -> None:
        """It could not be encoded: it never left, and none of those that were to leave with it."""
        if isinstance(about, Preview):
            self._previews.fail(about, "invalidParams", message)
        elif about.changing is not None:
            self._changes.take_back(about, "invalidParams", message)
        else:
            self._placing.hold_back(about.family, "invalidParams", message, now)

    def overdue(self, ask: Ask, now: Instant) -> bool:
        """The ask's time is over; whether it was answered: what has left without a word is `unknown`."""
        if self._placing.overdue(ask, now) or self._changes.overdue(ask):
            self._reconciler.look_for_lost(now)
            return True
        if self._awaitings.overdue(ask):
            return True
        self._previews.give_up(ask)
        facts = self._closing.give_up(ask)
        if facts:
            message = f"TWS has not answered {ask.method} in time"
            if self.journal.failure is not None:
                message = f"what became of {ask.method} cannot be written now: {self.journal.failure}"
            self._outlet.fail(ask, "noResponse", message, data=facts)
        return bool(facts)
