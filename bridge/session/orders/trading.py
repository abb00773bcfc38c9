"""Orders of clients: who asks for what, and what TWS says of it, brought to the part that decides.

`placing` has orders leave, `changes` changes and `closing` ends them, `reconcile` looks for what is lost, `previews`
asks what if, and the `journal` numbers what is told. An order is answered at TWS's first word on it. Knows no stream.
"""

from __future__ import annotations

from bridge.session import codes, names
from bridge.session.asks import VERSION, Ask, Refused, failure
from bridge.session.effects import Log
from bridge.session.orders import marks
from bridge.session.orders.book import KEY, Book, Order
from bridge.session.orders.changes import Changes
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
        self._changes = Changes(outlet, book, journal, guard, self.obstacle)
        self._closing = Closing(outlet, book, journal, guard, placing=self._placing, changes=self._changes)
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
            not_made=self._changes.not_made,
        )

    # Whether orders may leave

    def obstacle(self) -> str | None:
        """Why no order may leave now; None where orders may."""
        if lasting := self.lasting_obstacle():
            return lasting
        if not self._connected:
            return "TWS and IBKR are not both connected"
        if self.journal.failure is not None:
            return f"orders cannot be written down: {self.journal.failure}"
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
                return self._changes.recall(ask, params)
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
        if self._misfit is not None:
            raise Refused("notTradable", self._misfit)
        match ask.method:
            case "cancelOrder":
                self._closing.cancel(ask, params)
            case "cancelMine":
                self._closing.cancel_mine(ask, params)
            case "abandon":
                if not (self._connected and self._reconciler.complete):
                    message = "an order can be given up only when TWS has told all that lives"
                    raise Refused("notTradable", message)
                self._closing.abandon(ask, params)
            case "modifyOrder":
                if not self._changes.recall(ask, params):
                    self.check(ask)
                    self._changes.begin(ask, params, now)
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

    def may_cancel(self, ask: Ask) -> None:
        """Raise Refused where the client may cancel nothing now."""
        self._guard.cancel(ask)

    def has(self, owner: str, key: str) -> bool:
        """Whether the key stands for an order."""
        return self._book.by_key(owner, key) is not None

    def withdraw_all(self) -> None:
        """All orders are being cancelled: those that have not left stay here."""
        self._closing.withdraw_all()

    def on_undecoded(self, now: Instant) -> None:
        """TWS said something of an order that could not be read."""
        self._reconciler.on_undecoded(now)

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
        """The ledger is bound to the accounts that it has seen: paper and live never mix.

        A login may gain and lose accounts; one that shares none with those seen before is another.
        """
        seen, known = {account for account in accounts if account}, set((self._accounts or "").split(",")) - {""}
        if not seen:
            return
        if known and not known & seen:
            names = (",".join(sorted(known)), ",".join(sorted(seen)))
            self._misfit = "this state folder belongs to {}, but TWS has {}: use another folder".format(*names)
            self._outlet.log(Log("error", self._misfit))
            return
        self._misfit = None
        if not seen <= known:
            self._bind(",".join(sorted(seen | known)))

    def _bind(self, accounts: str) -> None:
        before, self._accounts = self._accounts, accounts
        self._outlet.persist(
            [Fact("accounts", accounts)], lambda _now: None, lambda reason, _now: self._not_bound(before, reason)
        )

    def _not_bound(self, before: str | None, reason: str) -> None:
        self._accounts = before
        self._outlet.log(Log("error", f"the accounts could not be written down: {reason}"))

    def on_event(self, name: str, data: Data, now: Instant) -> None:
        """An order event: numbered and published where it belongs, and its consequences drawn."""
        if name == "openOrder" and self._previews.on_open_order(data, self._client_id, now):
            return
        order = self._book.belongs(name, data) if self._misfit is None else None
        if order is None:
            self._publish_external(name, data, now)
            return
        order.seen = now.clock
        self._reconciler.mention(order)
        self.journal.add(order, name, marks.incoming(name, data, order.owner), now, replayed=self._reconciler.asking)
        if name == "execDetails":
            execution = data["execution"]
            self._fills.add(order.order_id, str(execution.get("execId")), execution.get("shares", "0"))
        elif name in ("openOrder", "orderStatus", "completedOrder"):
            self._on_status(order, name, data, now)

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
            self._changes.on_shown(order, fields)
        perm_id = str((data if name == "orderStatus" else fields).get("permId"))
        if perm_id in order.incarnations:
            status = self._of_several(order, perm_id, status, now)
        self._enter(order, status, told.get("rejectReason"), now)
        self._closing.on_status(order, status)
        self._reconciler.on_status(order, now)

    def _of_several(self, order: Order, perm_id: str, status: str | None, now: Instant) -> str | None:
        """TWS has several orders of this number: together they stand as the one that lives longest."""
        if "" in order.incarnations.values():
            reason = f"TWS has several orders of the number of this one: {', '.join(order.incarnations)}"
            self._outlet.log(Log("error", f"order {order.order_id} of {order.owner}: {reason}"))
            self.journal.add(order, "conflict", {"reason": reason, **order.facts()}, now)
        order.incarnations[perm_id] = status or "Unknown"
        living = (other for other in order.incarnations.values() if other and _STATES.get(other) not in _FINAL)
        return next(living, status)

    def _enter(self, order: Order, status: str | None, reason: str | None, now: Instant) -> None:
        """The state that follows from a status. What has ended stays so, whatever is repeated late, but for a fill."""
        state = _STATES.get(status or "", "acknowledged")
        if order.record.state == "abandoned" and state == "acknowledged":
            self._revive(order, now)
        if order.record.state == "abandoned" or (order.record.state in _FINAL and state != "filled"):
            return
        dead = state in ("cancelled", "inactive")
        if dead and order.record.state == "rejected":
            return
        if dead and order.record.state == "sent":
            self._reject(order, reason or f"TWS says the order is {status}", None)
            return
        order.update(state=state)
        if state in _FINAL:
            order.cancel_out = False
        if state != "acknowledged" and order.changing is not None:
            self._changes.lose(order)
        self.journal.touch(order)
        self._placing.settle(order)

    def _revive(self, order: Order, now: Instant) -> None:
        """TWS has an order of which it had said that there was none."""
        order.update(state="acknowledged")
        self._book.revive(order)
        reason = "TWS has this order after all, though it had answered a cancel that there was none"
        self._outlet.log(Log("error", f"order {order.order_id} of {order.owner}: {reason}"))
        self.journal.add(order, "conflict", {"reason": reason, **order.facts()}, now)

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
            self._enter(order, "Cancelled", text, now)
            self._closing.on_status(order, "Cancelled")
        elif code in codes.CANCEL_REFUSED and (order.cancel_out or order.abandoning):
            self._closing.on_refused(order, code, text)
            self._reconciler.doubt(now)
        elif not self._changes.on_error(order, text, code) and codes.rejects_order(code) and order.left:
            self._on_rejection(order, code, text, now)
        return True

    def _on_rejection(self, order: Order, code: int, text: str, now: Instant) -> None:
        """TWS says no: to the order, or to a cancel of it."""
        is_about_cancel = (order.cancel_out or order.abandoning) and code not in codes.ABOUT_ORDER
        if is_about_cancel:
            self._closing.on_error(order, code, text)
        if order.record.state in ("sent", "unknown") and not is_about_cancel:
            self._reject(order, text, code)
        elif order.record.state == "sent":
            self._placing.lose_sight(order)
        self._reconciler.doubt(now)

    # The connection, and the time

    def on_link(self, state: str, reason: str, now: Instant) -> None:
        """The connection has entered a state. Orders leave while it is `ready`, after all that lives has been told."""
        if state == "ready" and not self._connected and self._misfit is None:
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
                self._changes.lose(order)
            self._closing.connection_lost(order, message)

    def advance(self, now: Instant) -> bool:
        """A question was answered, perhaps one of ours; whether orders may leave that could not before."""
        return self._reconciler.advance(now)

    def unsendable(self, about: Order | Preview, message: str) -> None:
        """It could not be encoded: it never left, and none of those that were to leave with it."""
        if isinstance(about, Preview):
            self._previews.fail(about, "invalidParams", message)
        elif about.changing is not None:
            self._changes.take_back(about, "invalidParams", message)
        else:
            self._placing.unsent(about.family, "invalidParams", message)

    def overdue(self, ask: Ask, now: Instant) -> bool:
        """The ask's time is over; whether it was answered: what has left without a word is `unknown`."""
        if self._placing.overdue(ask) or self._changes.overdue(ask):
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
    """The order key of an order whose client named none: its request's id. Raises Refused where that can be no key."""
    if not KEY.fullmatch(request_id):
        message = "orderKey: required where the request's id is not 1 to 64 of A-Z a-z 0-9 _ -"
        raise Refused("invalidParams", message, field="orderKey")
    return request_id
