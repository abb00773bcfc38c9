"""The advice of the order contract, to the letter: what a trader asks next, given what it was told of an intent.

Pure. The same key after `unknown`; another key after `rejected`; what is left under another key after `cancelled` once
`fillsFinal` is true, and only if the trader did not want the cancel; cancel and wait after `inactive`; abandon and the
same key after `notFound`; the same key after what never left.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.campaign.trader.intent import ENDED, Attempt, Data, Intent

#: More orders than this a trader does not place for one intent, nor does it try a key that stays free more often.
MOST_ATTEMPTS = 4
MOST_REFUSALS = 40
#: A bridge that does not know `fillsFinal` is believed when it has said the same for so long, in seconds.
BELIEVED = 3.0


@dataclass(frozen=True)
class Step:
    """A request to make now. `keys`: the orders in its answer."""

    method: str
    params: Data
    timeout: float
    keys: tuple[str, ...]
    revision: int = 0


@dataclass(frozen=True)
class Decision:
    """A line for the trader's file that closes the intent, or begins another attempt; it needs no answer."""

    what: str
    facts: Data


@dataclass
class Adviser:
    """`knows_await`: the bridge has awaitOrder, and tells fillsFinal."""

    contract: Data
    intents: dict[str, Intent]
    knows_await: bool

    def next(self, intent: Intent, now: float, since_start: float) -> Step | Decision | None:
        """What to do now for that intent; None where there is nothing to do yet."""
        if intent.over is not None or since_start < intent.starts:
            return None
        if not intent.attempts:
            return self._begin(intent)
        if intent.parent is not None and _is_untold(intent):
            if self._is_orphan(intent):
                return _close("its parent is over")
            if self._comes_with_group(intent):
                return None
        attempt = intent.current
        match attempt.state:
            case None | "unsent" | "abandoned" | "free":
                return self._place_or_close(intent, attempt)
            case "filled":
                return _close("filled")
            case "rejected":
                return _close("not wanted any more") if intent.wants_cancel else self._again(intent)
            case "cancelled":
                return self._after_cancel(intent, attempt, now)
            case "inactive":
                return self._cancel(attempt, intent) if attempt.last_method != "cancelOrder" else self._ask(intent)
            case "notFound":
                return Step("abandon", {"orderKey": attempt.key}, 4.0, (attempt.key,))
            case _:
                return self._while_it_may_live(intent, attempt, since_start)

    def meanwhile(self, intent: Intent, pending: Step) -> Step | None:
        """What to ask while the answer to `pending` is awaited: a cancel does not wait for the placement's answer."""
        is_placed_alone = pending.method == "placeOrder"
        return self._cancel(intent.current, intent) if intent.wants_cancel and is_placed_alone else None

    def review(self, intent: Intent) -> Step | None:
        """Ask once more what became of an order that is over: its key is shut, so that nothing is placed by that."""
        for attempt in intent.attempts if intent.over is not None else ():
            if attempt.state in ENDED and not attempt.reviewed:
                return Step("placeOrder", self._item(intent, attempt), intent.patience, (attempt.key,))
        return None

    # How an intent begins

    def _begin(self, intent: Intent) -> Decision:
        parent_key = None if intent.parent is None else f"{intent.parent}_0"
        facts = {"key": f"{intent.id}_0", "quantity": intent.quantity, "parentKey": parent_key}
        return Decision("attempt", facts)

    def _place_or_close(self, intent: Intent, attempt: Attempt) -> Step | Decision | None:
        if intent.wants_cancel and attempt.is_free and intent.fickle and not intent.relented:
            return Decision("relent", {})
        if intent.wants_cancel and (attempt.is_free or attempt.asked_at is None):
            return _close("never placed")
        if intent.wants_cancel:
            return self._cancel(attempt, intent)
        if attempt.refused > MOST_REFUSALS:
            return _close("refused too often")
        children = [child for child in self.intents.values() if child.parent == intent.id]
        is_single = attempt.placed_with == "placeOrder" and not attempt.is_free
        if children and not is_single and len(intent.attempts) == 1 and all(_is_untold(child) for child in children):
            return self._place_group(intent, children)
        return Step("placeOrder", self._item(intent), intent.patience, (attempt.key,))

    def _place_group(self, intent: Intent, children: list[Intent]) -> Step | None:
        members = [intent, *children]
        if not all(member.attempts for member in children):
            return None
        items = [self._item(member) for member in members]
        return Step("placeOrders", {"orders": items}, intent.patience, tuple(item["orderKey"] for item in items))

    def _item(self, intent: Intent, attempt: Attempt | None = None) -> Data:
        """The order as it is first placed; asked again, it is the same."""
        attempt = attempt or intent.current
        item: Data = {
            "orderKey": attempt.key,
            "contract": self.contract,
            "order": {**intent.order, "totalQuantity": attempt.quantity},
        }
        return item if attempt.parent_key is None else {**item, "parentKey": attempt.parent_key}

    def _is_orphan(self, intent: Intent) -> bool:
        """Whether a child that has no order of its own has lost what it was to follow."""
        parent = self.intents[intent.parent or ""]
        return parent.over is not None or len(parent.attempts) > 1 or intent.current.refused > 10

    def _comes_with_group(self, intent: Intent) -> bool:
        """Whether its parent is still to be placed, and takes it along."""
        parent = self.intents[intent.parent or ""]
        return not parent.attempts or parent.current.state is None or parent.current.is_free

    # How it goes on

    def _while_it_may_live(self, intent: Intent, attempt: Attempt, since_start: float) -> Step:
        """acknowledged, sent, queued or unknown: every other step asks, those between do what is wanted."""
        is_due = attempt.last_method not in ("cancelOrder", "modifyOrder")
        if intent.wants_cancel and is_due:
            return self._cancel(attempt, intent)
        change = next(
            (n for n, change in enumerate(intent.changes, 1) if n > attempt.changed and since_start >= change.at), None
        )
        if change is not None and is_due and attempt.state == "acknowledged" and not intent.wants_cancel:
            return self._modify(intent, attempt, change)
        return self._ask(intent)

    def _ask(self, intent: Intent) -> Step:
        """Under the same key what became of it; where the bridge can, by waiting for the end, every other time."""
        attempt = intent.current
        if self.knows_await and attempt.last_method != "awaitOrder":
            until = "acknowledged" if attempt.state in ("queued", "sent", "unknown") else "ended"
            params = {"orderKey": attempt.key, "until": until}
            return Step("awaitOrder", params, min(intent.patience, 2.0), (attempt.key,))
        return Step("placeOrder", self._item(intent), intent.patience, (attempt.key,))

    def _cancel(self, attempt: Attempt, intent: Intent) -> Step:
        return Step("cancelOrder", {"orderKey": attempt.key}, intent.patience, (attempt.key,))

    def _modify(self, intent: Intent, attempt: Attempt, revision: int) -> Step:
        order = {**self._item(intent)["order"], "lmtPrice": intent.changes[revision - 1].price}
        params = {"orderKey": attempt.key, "revision": revision, "order": order}
        return Step("modifyOrder", params, intent.patience, (attempt.key,), revision)

    def _after_cancel(self, intent: Intent, attempt: Attempt, now: float) -> Step | Decision:
        if intent.wants_cancel or intent.parent is not None:
            return _close("cancelled")
        is_believed = not self.knows_await and now - attempt.since > BELIEVED
        return self._again(intent) if attempt.is_final or is_believed else self._ask(intent)

    def _again(self, intent: Intent) -> Decision:
        """What is left, under another key."""
        if intent.rest <= 0:
            return _close("executed")
        if len(intent.attempts) >= MOST_ATTEMPTS:
            return _close("tried often enough")
        key = f"{intent.id}_{len(intent.attempts)}"
        return Decision("attempt", {"key": key, "quantity": intent.rest, "parentKey": intent.current.parent_key})


def _close(why: str) -> Decision:
    return Decision("over", {"why": why})


def _is_untold(intent: Intent) -> bool:
    """Whether nothing lives under its first key, as far as it was told."""
    return len(intent.attempts) <= 1 and (not intent.attempts or intent.current.state is None or intent.current.is_free)
