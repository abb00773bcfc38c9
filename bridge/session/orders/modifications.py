"""Changes of working orders. Each change has a higher revision than the one before.

The bridge writes each change to disk before it sends it.

The bridge regards a change as applied when TWS shows the order with it. Where the bridge may have sent the change and
TWS does not answer, the change is `unknown` until TWS shows the order again. Then the change was applied, or it is
`notApplied` and the order is as before. Where the order ends first, the change is `orderEnded`.
"""

from __future__ import annotations

from collections.abc import Callable

from bridge.session import codes
from bridge.session.orders.echo import without_tws_own
from bridge.session.orders.evidence import Evidences
from bridge.session.orders.lifecycle import Lifecycle
from bridge.session.orders.order import Order, PendingModification
from bridge.session.orders.order_log import OrderLog
from bridge.session.orders.order_message import is_exercise, sending
from bridge.session.orders.order_store import OrderStore
from bridge.session.orders.placement_spec import change_digest, is_newest_change
from bridge.session.orders.shown import differing, has_all, is_made
from bridge.session.orders.state import ChangeEvent
from bridge.session.outbox import Outbox
from bridge.session.records import OrderRecord
from bridge.session.requests import Refused, Request
from bridge.session.rights.pre_trade_checks import PreTradeChecks
from bridge.session.values import Data, Instant

#: Seconds for which the answer to a change whose time is over waits for the disk.
GRACE = 1.0


class Modifications:
    """Changes orders and answers the requests for that.

    `not_tradable_reason`: returns why the bridge sends no orders now, or None.
    """

    def __init__(
        self,
        outbox: Outbox,
        order_store: OrderStore,
        order_log: OrderLog,
        checks: PreTradeChecks,
        *,
        lifecycle: Lifecycle,
        evidences: Evidences,
        not_tradable_reason: Callable[[], str | None],
    ) -> None:
        self._outbox = outbox
        self._order_store = order_store
        self._order_log = order_log
        self._checks = checks
        self._lifecycle = lifecycle
        self._evidences = evidences
        self._not_tradable_reason = not_tradable_reason

    # Requests of clients

    def answer_known(self, request: Request, params: Data) -> bool:
        """Answer a request that repeats the newest change, now or when it is settled. Returns False for a new change.

        Raises Refused `staleRevision` for an old revision, `keyConflict` where the revision was another change, and
        what `_check` raises for a new one.
        """
        order = self._order_store.wanted(request, params, self._checks)
        params = {**params, "order": without_tws_own(order, params["order"])}
        revision = params["revision"]
        if revision < order.record.revision:
            message = f"revision {revision} of {order.record.key} is old: the newest is {order.record.revision}"
            raise Refused("staleRevision", message, **order.facts())
        if revision > order.record.revision:
            self._check(order)
            return False
        if not is_newest_change(params, order.record):
            message = f"revision {revision} of {order.record.key} was another change"
            raise Refused("keyConflict", message, **order.facts())
        if order.changing is not None:
            order.changing.requests.append(request)
        elif order.changed and order.changed[-1].verdict is None:
            order.changed[-1].requests.append(request)
        else:
            self._answer(order, PendingModification([request], order.stored))
        return True

    def begin(self, request: Request, params: Data, now: Instant) -> None:
        """Check a change, write it to disk, and send it when it is on disk.

        Raises Refused where the order cannot be changed now, or a check refuses the change.
        """
        order = self._order_store.wanted(request, params, self._checks)
        self._check(order)
        params = {**params, "order": without_tws_own(order, params["order"])}
        before = order.record
        contract = params.get("contract") or before.contract
        if not contract:
            message = f"contract: required, because the bridge does not know the contract of {before.key}"
            raise Refused("invalidParams", message, field="contract")
        content = self._checks.modify(request, _as_sent(before), {"contract": contract, "order": params["order"]}, now)
        generation = self._checks.generation
        changing = order.changing = PendingModification([request], before)
        self._lifecycle.on_change(order, "asked")
        order.update(
            revision=params["revision"],
            change_digest=change_digest(params),
            change_verdict=None,
            before=before.content,
            **content,
        )
        self._outbox.persist_to_send(
            1,
            [order.ahead()],
            lambda later: self._on_disk(order, changing, generation, later),
            lambda reason, _later: self._not_written(order, changing, reason),
        )

    @staticmethod
    def _check(order: Order) -> None:
        """Raise Refused where the client cannot change the order, now or ever."""
        record = order.record
        if is_exercise(record.order):
            raise Refused(
                "invalidParams", f"{record.key} is an option exercise, which cannot be changed", field="orderKey"
            )
        if record.state != "acknowledged":
            is_untold = record.state in ("queued", "written", "sent", "unknown", "notFound", "inactive")
            code = "orderUnknown" if is_untold else "orderClosed"
            raise Refused(code, f"order {record.key} is {record.state}: it cannot be changed", **order.facts())
        if order.incarnations:
            message = f"TWS has several orders with the order ID of {record.key}: the client can only cancel it"
            raise Refused("orderUnknown", message, **order.facts())
        if order.cancel_pending or record.status == "PendingCancel":
            message = f"order {record.key} has a pending cancel: the bridge cannot change it"
            raise Refused("orderClosed", message, **order.facts())
        if record.change in ("queued", "sent", "unknown"):
            message = f"the bridge does not know yet whether TWS applied revision {record.revision} of {record.key}"
            raise Refused("changePending", message, **order.facts())

    def _on_disk(self, order: Order, changing: PendingModification, generation: int, _now: Instant) -> None:
        changing.waits_for_room = True
        self._outbox.when_room("orders", 1, lambda later: self._leave(order, changing, generation, later))

    def _leave(self, order: Order, changing: PendingModification, generation: int, now: Instant) -> None:
        """There is room for the change: send it, if it may be sent now."""
        if order.changing is not changing or order.record.change != "queued":
            return
        if order.record.state != "acknowledged" or order.cancel_pending:
            state = "being cancelled" if order.cancel_pending else order.record.state
            message = f"the bridge did not send the change: the order is {state}"
            self.take_back(order, "orderClosed", message)
        elif all(request.is_over(now) for request in changing.requests):
            self.take_back(order, "expired", "the bridge did not send the change: the time of the request was over")
        elif refusal := self._checks.may_leave(_as_sent(changing.before), order.record.content):
            self.take_back(order, refusal.code, refusal.message, refusal.data)
        elif withdrawn := self._checks.withdrawn(changing.requests[0].client, [order.record.content], generation):
            self.take_back(order, withdrawn.code, withdrawn.message, withdrawn.data)
        elif not_tradable_reason := self._not_tradable_reason():
            self.take_back(order, "notTradable", f"the bridge did not send the change: {not_tradable_reason}")
        else:
            self._lifecycle.on_change(order, "left")
            order.left_at = now.clock
            if not has_all(order.record.order, changing.before.order, order.shown or {}):
                self._lifecycle.answers.on_asked(order, "change", now)
            order.stored = order.stored._replace(
                change="sent", revision=order.record.revision, change_digest=order.record.change_digest,
                change_verdict=None,
            )  # fmt: skip
            send = sending(order)
            self._outbox.send(send.name, send.data, order)

    def take_back(self, order: Order, code: str, message: str, data: Data | None = None) -> None:
        """Do not send the change: the order is as before, and the client may use the revision again.

        `code`, `message`, `data`: the error of the reply.
        """
        changing = order.changing
        if changing is None:
            return
        was = changing.before
        order.update(
            revision=was.revision, change_digest=was.change_digest, change_verdict=was.change_verdict,
            contract=was.contract, order=was.order,
        )  # fmt: skip
        changing.verdict = {"code": code, "message": message} | ({"data": data} if data else {})
        self._lifecycle.on_change(order, "takenBack")

    def _not_written(self, order: Order, changing: PendingModification, reason: str) -> None:
        """The ledger does not have the change, and will not write it."""
        if order.changing is changing:
            self.take_back(order, "ledgerFailed", f"the bridge could not write the change to disk: {reason}")
            self.on_stored(order)

    def withdraw(self, order: Order) -> None:
        """The client cancels the order: withdraw a change that the bridge has not sent."""
        if order.record.change == "queued":
            self.take_back(order, "cancelled", "the client cancelled the order before the bridge sent the change")

    def overdue(self, request: Request, now: Instant) -> bool:
        """The request timed out: a change that is `sent` becomes `unknown`. Returns False where it changes no order."""
        for order in self._order_store:
            if order.changing is not None and request in order.changing.requests:
                self.lose(order, now)
                self._answer_without_disk(order)
                self._plan_to_give_up(order, request, now)
                return True
            if any(request in changing.requests for changing in order.changed):
                self._answer_without_disk(order)
                return True
        return False

    def _plan_to_give_up(self, order: Order, request: Request, now: Instant) -> None:
        self._outbox.timers.at(now.clock + GRACE, lambda _later: self._give_up(order, request))

    def _give_up(self, order: Order, request: Request) -> None:
        """The disk has not confirmed the new state of the change in time: answer with what the bridge knows."""
        if request.answer is None:
            message = "the bridge could not write the state of the change to disk in time"
            self._outbox.fail(request, "noResponse", message, data=order.facts())

    def _answer_without_disk(self, order: Order) -> None:
        """Answer the requests that wait for the disk now, where the ledger cannot be written."""
        if self._order_log.failure is not None:
            changed, order.changed = order.changed, []
            for changing in changed:
                for request in changing.requests:
                    message = f"the bridge cannot write the state of the change now: {self._order_log.failure}"
                    self._outbox.fail(request, "noResponse", message, data=order.facts())

    # Messages of TWS

    def on_shown(self, order: Order, shown: Data, now: Instant) -> None:
        """TWS shows the fields of the order: check whether they have the change that is `sent` or `unknown`."""
        if order.record.change == "notApplied" and order.declined is not None:
            self._find_late(order, order.declined, shown)
        elif order.record.change in ("sent", "unknown"):
            before = (order.record.before or {}).get("order", {})
            if is_made(order.record.order, before, shown):
                self._settle(order, "shownMade")
            else:
                self._evidences.of(order.order_id).shown_before = now.clock

    def _find_late(self, order: Order, declined: Data, shown: Data) -> None:
        """Check whether TWS has applied a change late: it is `notApplied`, but TWS shows the order with it."""
        if differing(declined["order"], order.record.order, shown) and is_made(
            declined["order"], order.record.order, shown
        ):
            order.update(**declined)
            self._settle(order, "shownMade")

    def on_error(self, order: Order, message: str, code: int) -> bool:
        """Take an error of TWS. Returns whether it refuses the change; the order then is as before."""
        if order.record.change != "sent" or order.changing is None or not codes.refuses_change(code):
            return False
        order.update(change_verdict={"code": "rejectedByTws", "message": message, "twsCode": code})
        self._restore(order)
        self._settle(order, "refuses")
        return True

    def lose(self, order: Order, now: Instant) -> None:
        """The connection ended, or the request timed out, before TWS showed the change: it becomes `unknown`."""
        if order.record.change == "queued" and order.changing is not None and order.changing.waits_for_room:
            told = {"waitSeconds": round(self._outbox.pacer.wait("orders", 1, now.clock), 3)}
            self.take_back(order, "paced", "the change waited for room until its time was over", told)
        elif order.record.change == "queued":
            self.take_back(order, "notTradable", "the bridge did not send the change")
        else:
            self._lifecycle.on_change(order, "silence")

    def not_made(self, order: Order) -> None:
        """TWS shows the order without the `unknown` change: the change becomes `notApplied`."""
        declined = order.record.content
        self._restore(order)
        self._settle(order, "notMade")
        order.declined = declined

    # Settling

    @staticmethod
    def _restore(order: Order) -> None:
        if order.record.before is not None:
            order.update(**order.record.before)

    def _settle(self, order: Order, event: ChangeEvent) -> None:
        order.declined = None
        self._evidences.of(order.order_id).unmade_since = None
        self._lifecycle.on_change(order, event)

    def on_stored(self, order: Order) -> None:
        """The record of the order is on disk: answer the requests that wait for settled changes."""
        changed, order.changed = order.changed, []
        for changing in changed:
            self._answer(order, changing)

    def _answer(self, order: Order, changing: PendingModification) -> None:
        verdict = changing.verdict or order.stored.change_verdict
        if order.stored.change == "orderEnded" and verdict is None:
            message = f"the order is {order.stored.state}: it ended before TWS applied the change"
            verdict = {"code": "orderClosed", "message": message}
        for request in changing.requests:
            if verdict is None:
                self._outbox.succeed(request, "order", order.facts())
            else:
                data = verdict.get("data", order.facts())
                self._outbox.fail(request, verdict["code"], verdict["message"], verdict.get("twsCode"), data)


def _as_sent(record: OrderRecord) -> Data:
    """Contract and order as TWS has them: once a group is complete at TWS, `transmit` of each member is true."""
    return {"contract": record.contract, "order": {**record.order, "transmit": True}}
