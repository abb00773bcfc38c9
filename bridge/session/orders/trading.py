"""Orders of clients: who asks for what, and what TWS says of it, brought to the part that decides.

`placing` has orders leave and `closing` ends them, `reconcile` looks for what is lost, `previews` asks what if, and the
`journal` numbers what is told. An order is answered at TWS's first word on it. Knows no stream.
"""

from __future__ import annotations

from bridge.session import codes, names
from bridge.session.asks import VERSION, Ask, Refused, failure
from bridge.session.effects import Log
from bridge.session.orders import marks
from bridge.session.orders.book import KEY, Book, Order
from bridge.session.orders.closing import Closing
from bridge.session.orders.executions import Fills
from bridge.session.orders.journal import Journal
from bridge.session.orders.orphans import Orphans
from bridge.session.orders.placing import Placing, Wish
from bridge.session.orders.previews import Preview, Previews
from bridge.session.orders.reconcile import Inquiries, Reconciler
from bridge.session.outlet import Outlet
from bridge.session.records import Fact, Recollection, State
from bridge.session.rights.guard import Guard
from bridge.session.values import Data, Instant, Route

#: What adds to the risk, and waits until orders may leave.
PLACING = frozenset({"placeOrder", "placeOrders", "modifyOrder", "exerciseOptions"})
#: What takes from it, and waits for nothing but the connection.
CLOSING = frozenset({"cancelOrder", "cancelMine"})
METHODS = PLACING | CLOSING | {"abandon"}

_STATES: dict[str, State] = {
    "Filled": "filled",
    "Cancelled": "cancelled",
    "ApiCancelled": "cancelled",
    "Inactive": "inactive",
}
_FINAL = frozenset({"filled", "cancelled"})


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
    ) -> None:
        self._outlet = outlet
        self._client_id = client_id
        self._accounts = recollection.accounts
        self._misfit: str | None = None
        self._bad_ids: str | None = None
        self._connected = False
        self._reported: set[str] = set()
        self._book = book = Book(client_id, recollection)
        self.journal = journal = Journal(outlet, recollection)
        self._fills = Fills(recollection.reported)
        self._placing = Placing(outlet, book, journal, guard, self.obstacle)
        self._closing = Closing(outlet, book, journal, guard)
        self._orphans = Orphans(book, self._closing)
        self._previews = Previews(outlet, book, self.obstacle)
        self._guard = guard
        self._reconciler = Reconciler(
            outlet,
            book=book,
            journal=journal,
            fills=self._fills,
            inquiries=inquiries,
            pause=pause,
            settle=self._placing.settle,
            not_made=self._placing.not_made,
        )

    # Whether orders may leave

    def obstacle(self) -> str | None:
        """Why no order may leave now; None where orders may."""
        if lasting := self.lasting_obstacle():
            return lasting
        if not self._connected:
            return "TWS and IBKR are not both connected"
        if not self._reconciler.complete:
            return "open orders, completed orders and executions have not all been told yet"
        return None

    def lasting_obstacle(self) -> str | None:
        """One that no waiting takes away."""
        return self._misfit or self._bad_ids

    # What clients want

    def recall(self, ask: Ask, params: Data) -> bool:
        """Answer from what is known of the keys, whether orders may leave or not; False where there is more to do.

        Raises Refused where the params or the keys are at odds with what is known.
        """
        match ask.method:
            case "placeOrder" | "placeOrders" | "exerciseOptions":
                wishes = _wishes(ask, params)
                return not _is_preview(wishes) and self._placing.recall(ask, wishes, ask.method == "placeOrders")
            case "modifyOrder":
                return self._placing.recall_change(ask, params)
            case "abandon":
                return self._closing.recall_abandoned(ask, params)
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
                self._closing.cancel(ask, params)
            case "cancelMine":
                self._closing.cancel_mine(ask, params)
            case "abandon":
                if not self._connected:
                    raise Refused("notTradable", "only while TWS and IBKR are connected can an order be given up")
                self._closing.abandon(ask, params)
            case "modifyOrder":
                if not self._placing.recall_change(ask, params):
                    self.check(ask)
                    self._placing.change(ask, params, now)
            case _:
                self._place(ask, params, now)

    def _place(self, ask: Ask, params: Data, now: Instant) -> None:
        wishes = _wishes(ask, params)
        if _is_preview(wishes):
            self._guard.place(ask, wishes[0].content, self._book.count_open(ask.client), now)
            self._previews.ask(ask, wishes[0].contract, wishes[0].order)
            return
        grouped = ask.method == "placeOrders"
        if not self._placing.recall(ask, wishes, grouped):
            self.check(ask)
            self._placing.place(ask, wishes, grouped, ask.instance, now)

    def read_log(self, ask: Ask, params: Data, route: Route) -> None:
        """Answer with what the ledger has of the client's order log. Asked again, it looks again."""

        def then(events: list[Data], failed: str | None, _now: Instant) -> None:
            head = max(self.journal.head(ask.client), events[-1]["n"] if events else 0)
            outcome: Data = {"ok": True, "result": {"log": self.journal.log, "head": head, "events": events}}
            if failed is not None:
                outcome = failure("ledgerFailed", f"the order log could not be read: {failed}")
            self._outlet.reply(route, {"v": VERSION, "id": ask.id, **outcome})

        self._outlet.read_log(ask.client, params["after"], params["limit"], then)

    # Clients that come and go

    def owners(self) -> set[str]:
        """The clients with orders that live, or may."""
        return {order.owner for order in self._book if order.is_open}

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
        """The ledger is bound to the accounts that it saw first: paper and live never mix."""
        seen = ",".join(sorted(accounts))
        if self._accounts is None:
            self._accounts = seen
            self._outlet.persist([Fact("accounts", seen)], lambda _now: None, self._not_bound)
        elif self._accounts != seen:
            self._misfit = f"this state folder belongs to {self._accounts}, but TWS has {seen}: use another folder"
            self._outlet.log(Log("error", self._misfit))
            return
        self._misfit = None

    def _not_bound(self, reason: str, _now: Instant) -> None:
        self._accounts = None
        self._outlet.log(Log("error", f"the accounts could not be written down: {reason}"))

    def on_event(self, name: str, data: Data, now: Instant) -> None:
        """An order event: numbered and published where it belongs, and its consequences drawn."""
        if name == "openOrder" and self._previews.on_open_order(data, self._client_id, now):
            return
        order = self._book.belongs(name, data)
        if order is None:
            self._publish_external(name, data, now)
            return
        order.seen = now.clock
        self._reconciler.mention(order)
        self._journal_event(order, name, data, now)
        if name == "execDetails":
            execution = data["execution"]
            self._fills.add(order.order_id, str(execution.get("execId")), execution.get("shares", "0"))
        elif name in ("openOrder", "orderStatus", "completedOrder"):
            self._on_status(order, name, data, now)

    def _journal_event(self, order: Order, name: str, data: Data, now: Instant) -> None:
        data = marks.incoming(name, data, order.owner)
        self.journal.add(order, name, data, now, self._reconciler.asking)

    def _publish_external(self, name: str, data: Data, now: Instant) -> None:
        """An order that is not ours: it has no log, but an execution of it is told once too."""
        if name in ("execDetails", "commissionAndFeesReport"):
            report = f"{name} {data.get('execId') or data.get('execution', {}).get('execId')}"
            if report in self._reported:
                return
            self._reported.add(report)
        prefix = f"order.external.{names.token(self._book.external_key(name, data))}."
        self.journal.show(prefix, name, marks.incoming(name, data, None), now)

    def _on_status(self, order: Order, name: str, data: Data, now: Instant) -> None:
        """TWS's word on how the order stands."""
        order.told = now.clock
        fields, told = data.get("order", {}), data.get("orderState", {})
        status = data.get("status") if name == "orderStatus" else told.get("status")
        filled = data.get("filled") if name == "orderStatus" else fields.get("filledQuantity")
        order.update(status=status or order.record.status, filled=filled or order.record.filled)
        if name == "openOrder":
            self._placing.on_shown(order, fields)
        self._enter(order, status, told.get("rejectReason"))
        self._closing.on_status(order, status)

    def _enter(self, order: Order, status: str | None, reason: str | None) -> None:
        """The state that follows from a status. What has ended stays so, whatever is repeated late."""
        state = _STATES.get(status or "", "acknowledged")
        if order.record.state == "abandoned" and state == "acknowledged":
            self._outlet.log(Log("error", f"TWS has order {order.order_id} of {order.owner}, after it said it had not"))
        if order.record.state in _FINAL or order.record.state == "abandoned":
            return
        dead = state in ("cancelled", "inactive")
        if dead and order.record.state == "rejected":
            return
        if dead and order.record.state == "sent":
            self._reject(order, reason or f"TWS says the order is {status}", None)
            return
        order.update(state=state)
        if state != "acknowledged" and order.changing is not None:
            self._placing.lose_change(order)
        self.journal.touch(order)
        self._placing.settle(order)

    def _reject(self, order: Order, message: str, code: int | None) -> None:
        verdict: Data = {"code": "rejectedByTws", "message": message}
        if code is not None:
            verdict["twsCode"] = code
        order.update(state="rejected", verdict=verdict)
        self.journal.touch(order)
        self._placing.settle(order)

    def on_error(self, order_id: int, data: Data, now: Instant) -> bool:
        """Take an error that names an order: a notice on it, its rejection, or the word on its cancel."""
        if self._previews.on_error(order_id, data, now):
            return True
        order = self._book.by_id(order_id)
        if order is None:
            return False
        self.journal.add(order, "error", data, now)
        code, text = data.get("errorCode", 0), data.get("errorMsg", "")
        if code == codes.DUPLICATE_ID:
            self._outlet.send("reqIds", {"numIds": 1})
        if code == codes.CANCELLED:
            order.told = order.seen = now.clock
            order.update(status="Cancelled")
            self._enter(order, "Cancelled", text)
            self._closing.on_status(order, "Cancelled")
        elif code in codes.CANCEL_REFUSED and (order.cancelling or order.abandoning):
            self._closing.on_refused(order, code, text)
        elif codes.refuses_change(code) and order.changing is not None and order.changing.left:
            self._placing.refuse_change(order, text, code)
        elif codes.rejects_order(code) and order.record.state in ("sent", "unknown") and order.left:
            self._reject(order, text, code)
        return True

    # The connection, and the time

    def on_link(self, state: str, reason: str, now: Instant) -> None:
        """The connection has entered a state. Orders leave while it is `ready`, after all that lives has been told."""
        if state == "ready" and not self._connected:
            self._connected = True
            self._reconciler.connected(now)
        elif state != "ready" and self._connected:
            self._connected = False
            self._reconciler.disconnected(now)
        if state in ("lost", "stopped"):
            self._connection_lost(reason)

    def _connection_lost(self, reason: str) -> None:
        message = f"the connection to TWS was lost before its word on the order: {reason}"
        self._previews.connection_lost(reason)
        for order in self._book:
            if order.left and order.record.state == "sent":
                self._placing.lose_sight(order)
            if order.changing is not None and order.changing.left:
                self._placing.lose_change(order)
            self._closing.connection_lost(order, message)

    def advance(self, now: Instant) -> bool:
        """A question was answered, perhaps one of ours; whether orders may leave that could not before."""
        return self._reconciler.advance(now)

    def unsendable(self, about: Order | Preview, message: str) -> None:
        """It could not be encoded: it never left, and none of those that were to leave with it."""
        if isinstance(about, Preview):
            self._previews.fail(about, "invalidParams", message)
        elif about.changing is not None:
            self._placing.unsent_change(about, "invalidParams", message)
        else:
            self._placing.unsent(about.family, "invalidParams", message)

    def overdue(self, ask: Ask, now: Instant) -> bool:
        """The ask's time is over; whether it was answered: what has left without a word is `unknown`."""
        if self._placing.overdue(ask) or self._placing.overdue_change(ask):
            self._reconciler.look_for_lost(now)
            return True
        self._previews.give_up(ask)
        facts = self._closing.give_up(ask)
        if facts:
            self._outlet.fail(ask, "noResponse", f"TWS has not answered {ask.method} in time", data=facts)
        return bool(facts)


def _wishes(ask: Ask, params: Data) -> list[Wish]:
    """The orders that are to be placed; an exercise of options is one. Raises Refused for a what-if among several."""
    if ask.method == "exerciseOptions":
        exercise = {name: value for name, value in params.items() if name not in ("orderKey", "contract")}
        params = {"orderKey": params.get("orderKey"), "contract": params["contract"], "order": exercise}
    if ask.method == "placeOrders":
        items = params["orders"]
    else:
        items = [{**params, "orderKey": params.get("orderKey") or _key(ask.id)}]
    wishes = [Wish(item["orderKey"], item["contract"], item["order"], item.get("parentKey")) for item in items]
    if len(wishes) > 1 and any(wish.order.get("whatIf") for wish in wishes):
        raise Refused("invalidParams", "whatIf: ask for one order at a time", field="order.whatIf")
    return wishes


def _is_preview(wishes: list[Wish]) -> bool:
    return bool(wishes[0].order.get("whatIf"))


def _key(request_id: str) -> str:
    """The order key of an order whose client named none: its request's id, in the characters of a key."""
    return request_id if KEY.fullmatch(request_id) else names.token(request_id)
