"""Changes of orders that live: each bears a revision, which rises, and is on disk before its bytes leave.

A change counts as made when TWS shows the order as it was wished. What may have left and got no word is `unknown`,
until TWS shows the order again; then it was made, or `notApplied` and the order is what it was before. Where the order
ends first, the change is `orderEnded`.
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
from bridge.session.orders.shown import differing, is_made
from bridge.session.orders.state import ChangeEvent
from bridge.session.outbox import Outbox
from bridge.session.records import OrderRecord
from bridge.session.requests import Refused, Request
from bridge.session.rights.pre_trade_checks import PreTradeChecks
from bridge.session.values import Data, Instant


class Modifications:
    """`not_tradable_reason` says why no order may leave now, or None."""

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

    # What clients want

    def answer_known(self, request: Request, params: Data) -> bool:
        """Answer a change that was made before, or join it; False where it is new. Raises Refused."""
        order = self._order_store.wanted(request, params, self._checks)
        params = {**params, "order": without_tws_own(order, params["order"])}
        revision = params["revision"]
        if revision < order.record.revision:
            message = f"revision {revision} of {order.record.key} comes after {order.record.revision}"
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
            self._answer(order, PendingModification([request], order.told))
        return True

    def begin(self, request: Request, params: Data, now: Instant) -> None:
        """A new revision of an order of which TWS has spoken."""
        order = self._order_store.wanted(request, params, self._checks)
        self._check(order)
        params = {**params, "order": without_tws_own(order, params["order"])}
        before = order.record
        contract = params.get("contract") or before.contract
        if not contract:
            raise Refused("invalidParams", f"contract: what {before.key} trades is not known here", field="contract")
        content = self._checks.modify(request, _as_sent(before), {"contract": contract, "order": params["order"]}, now)
        changing = order.changing = PendingModification([request], before)
        self._lifecycle.on_change(order, "asked")
        order.update(
            revision=params["revision"],
            change_digest=change_digest(params),
            change_verdict=None,
            before=before.content,
            **content,
        )
        self._outbox.persist(
            [order.ahead()],
            lambda later: self._on_disk(order, changing, later),
            lambda reason, _later: self._not_written(order, changing, reason),
        )

    @staticmethod
    def _check(order: Order) -> None:
        """Raise Refused where the order can't be changed now, or at all."""
        record = order.record
        if is_exercise(record.order):
            raise Refused("invalidParams", f"{record.key} is an exercise of options, which cannot be changed")
        if record.state != "acknowledged":
            is_untold = record.state in ("queued", "written", "sent", "unknown", "notFound", "inactive")
            code = "orderUnknown" if is_untold else "orderClosed"
            raise Refused(code, f"order {record.key} is {record.state}: it cannot be changed", **order.facts())
        if order.incarnations:
            message = f"TWS has several orders of the number of {record.key}: it can only be cancelled"
            raise Refused("orderUnknown", message, **order.facts())
        if order.cancel_pending or record.status == "PendingCancel":
            message = f"order {record.key} is being cancelled: it cannot be changed"
            raise Refused("orderClosed", message, **order.facts())
        if record.change in ("queued", "sent", "unknown"):
            message = f"it is not known yet whether revision {record.revision} of {record.key} was made"
            raise Refused("changePending", message, **order.facts())

    def _on_disk(self, order: Order, changing: PendingModification, now: Instant) -> None:
        if order.changing is not changing:
            return
        if order.record.state != "acknowledged":
            self.take_back(order, "orderClosed", f"the change has not left: the order is {order.record.state}")
        elif refusal := self._checks.may_leave(_as_sent(changing.before), order.record.content):
            self.take_back(order, refusal.code, refusal.message, refusal.data)
        elif not_tradable_reason := self._not_tradable_reason():
            self.take_back(order, "notTradable", f"the change has not left: {not_tradable_reason}")
        else:
            self._lifecycle.on_change(order, "left")
            order.left_at = now.clock
            order.told = order.told._replace(
                change="sent", revision=order.record.revision, change_digest=order.record.change_digest,
                change_verdict=None,
            )  # fmt: skip
            send = sending(order)
            self._outbox.send(send.name, send.data, order)

    def take_back(self, order: Order, code: str, message: str, data: Data | None = None) -> None:
        """The change has never left: the order is what it was, and the revision may be used again."""
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
        """Nothing of it is on disk, and nothing will be: the order there is what it was."""
        if order.changing is changing:
            self.take_back(order, "ledgerFailed", f"the change could not be written: {reason}")
            self.told(order)

    def withdraw(self, order: Order) -> None:
        """The order is being cancelled: a change that has not left stays here."""
        if order.record.change == "queued":
            self.take_back(order, "cancelled", "the order was cancelled before the change left")

    def overdue(self, request: Request) -> bool:
        for order in self._order_store:
            if order.changing is not None and request in order.changing.requests:
                self.lose(order)
                self._hurry(order)
                return True
            if any(request in changing.requests for changing in order.changed):
                self._hurry(order)
                return True
        return False

    def _hurry(self, order: Order) -> None:
        """Where the disk takes nothing, who waits for it is answered all the same."""
        if self._order_log.failure is not None:
            changed, order.changed = order.changed, []
            for changing in changed:
                for request in changing.requests:
                    message = f"what became of the change cannot be written now: {self._order_log.failure}"
                    self._outbox.fail(request, "noResponse", message, data=order.facts())

    # What TWS says

    def on_shown(self, order: Order, shown: Data, now: Instant) -> None:
        """TWS shows the order's fields: a change that is awaited, or was lost sight of, may be among them."""
        if order.record.change == "notApplied" and order.declined is not None:
            self._find_late(order, order.declined, shown)
        elif order.record.change in ("sent", "unknown"):
            before = (order.record.before or {}).get("order", {})
            if is_made(order.record.order, before, shown):
                self._settle(order, "shownMade")
            else:
                self._evidences.of(order.order_id).shown_before = now.clock

    def _find_late(self, order: Order, declined: Data, shown: Data) -> None:
        """A change that counts as not made may have been made after all."""
        if differing(declined["order"], order.record.order, shown) and is_made(
            declined["order"], order.record.order, shown
        ):
            order.update(**declined)
            self._settle(order, "shownMade")

    def on_error(self, order: Order, message: str, code: int) -> bool:
        """TWS refuses the change, and the order goes on as it was; False where the error is about something else."""
        if order.record.change != "sent" or order.changing is None or not codes.refuses_change(code):
            return False
        order.update(change_verdict={"code": "rejectedByTws", "message": message, "twsCode": code})
        self._restore(order)
        self._settle(order, "refuses")
        return True

    def lose(self, order: Order) -> None:
        """The connection, or time, has ended before it was seen whether the change was made."""
        if order.record.change == "queued":
            self.take_back(order, "notTradable", "the change has not left")
        else:
            self._lifecycle.on_change(order, "silence")

    def not_made(self, order: Order) -> None:
        """TWS has the order, and shows it without the change that was lost sight of."""
        declined = order.record.content
        self._restore(order)
        self._settle(order, "notMade")
        order.declined = declined

    # How it goes on

    @staticmethod
    def _restore(order: Order) -> None:
        if order.record.before is not None:
            order.update(**order.record.before)

    def _settle(self, order: Order, event: ChangeEvent) -> None:
        order.declined = None
        self._evidences.of(order.order_id).unmade_since = None
        self._lifecycle.on_change(order, event)

    def told(self, order: Order) -> None:
        """The order's record is on disk: who waits for a change that is settled is answered."""
        changed, order.changed = order.changed, []
        for changing in changed:
            self._answer(order, changing)

    def _answer(self, order: Order, changing: PendingModification) -> None:
        verdict = changing.verdict or order.told.change_verdict
        if order.told.change == "orderEnded" and verdict is None:
            message = f"the order is {order.told.state}: it ended before TWS showed the change"
            verdict = {"code": "orderClosed", "message": message}
        for request in changing.requests:
            if verdict is None:
                self._outbox.succeed(request, "order", order.facts())
            else:
                data = verdict.get("data", order.facts())
                self._outbox.fail(request, verdict["code"], verdict["message"], verdict.get("twsCode"), data)


def _as_sent(record: OrderRecord) -> Data:
    """What TWS has: a member of a group was held back by `transmit` until the last was there, and is no more."""
    return {"contract": record.contract, "order": {**record.order, "transmit": True}}
