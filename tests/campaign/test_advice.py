"""A trader does what the contract advises for each answer, and nothing else, before a restart and after it."""

from __future__ import annotations

import pytest

from tests.campaign.trader.advice import Adviser, Decision, Step
from tests.campaign.trader.intent import replay

PLAN = {
    "contract": {"conId": 1},
    "intents": [{"id": "i0", "quantity": 5, "order": {"lmtPrice": 1.0}, "starts": 0.0, "patience": 1.0}],
}
BEGUN = [
    {"t": 1.0, "what": "attempt", "intent": "i0", "key": "i0_0", "quantity": 5},
    {"t": 1.0, "what": "asked", "intent": "i0", "key": "i0_0", "method": "placeOrder"},
]
WISH = {"t": 1.5, "what": "wish", "intent": "i0"}


def told(**facts):
    return {"t": 2.0, "what": "told", "intent": "i0", "key": "i0_0", "method": "placeOrder", "told": facts}


def following(*lines, knows_await=True):
    intents = replay(PLAN, [*BEGUN, *lines])
    return Adviser(PLAN["contract"], intents, knows_await).next(intents["i0"], 100.0, 50.0)


@pytest.mark.parametrize("state", ["queued", "sent", "acknowledged", "unknown"])
def test_what_may_live_is_asked_for_under_the_same_key(state):
    step = following(told(state=state))
    assert isinstance(step, Step)
    assert (step.method, step.params["orderKey"]) in (("awaitOrder", "i0_0"), ("placeOrder", "i0_0"))


def test_a_rejected_order_is_tried_under_another_key():
    assert following(told(state="rejected")) == Decision("attempt", {"key": "i0_1", "quantity": 5, "parentKey": None})


def test_what_is_left_of_a_cancelled_one_is_placed_when_its_fills_are_final():
    step = following(told(state="cancelled", filled="2"))
    assert isinstance(step, Step) and step.params["orderKey"] == "i0_0"
    final = told(state="cancelled", filled="2", fillsFinal=True)
    assert following(final) == Decision("attempt", {"key": "i0_1", "quantity": 3, "parentKey": None})
    assert following(WISH, final) == Decision("over", {"why": "cancelled"})


def test_an_inactive_one_is_cancelled_before_another_is_placed():
    step = following(told(state="inactive"))
    assert isinstance(step, Step) and step.method == "cancelOrder"


def test_what_was_not_found_is_abandoned_and_placed_again_under_the_same_key():
    step = following(told(state="notFound"))
    assert isinstance(step, Step) and step.method == "abandon"
    for free in ("abandoned", "unsent"):
        step = following(told(state="notFound"), told(state=free))
        assert isinstance(step, Step) and (step.method, step.params["orderKey"]) == ("placeOrder", "i0_0")


def test_what_is_filled_or_not_wanted_any_more_is_over():
    assert isinstance(following(told(state="filled", filled="5")), Decision)
    assert following(WISH, told(state="unsent")) == Decision("over", {"why": "never placed"})


def test_a_wish_to_cancel_reaches_what_may_live_also_where_no_answer_came():
    for lines in ((WISH,), (WISH, told(state="unknown")), (WISH, told(state="acknowledged"))):
        step = following(*lines)
        assert isinstance(step, Step) and step.method == "cancelOrder"


def test_a_parent_that_was_asked_for_alone_without_an_answer_is_asked_for_alone_again():
    plan = {**PLAN, "intents": [*PLAN["intents"], {**PLAN["intents"][0], "id": "i1", "parent": "i0"}]}
    child = {"intent": "i1", "key": "i1_0"}
    group = [{**line, "method": "placeOrders"} for line in (BEGUN[1], {**BEGUN[1], **child})]
    freed = told(state="abandoned")
    lines = [
        BEGUN[0], {**BEGUN[0], **child, "parentKey": "i0_0"}, *group, freed,
        {**freed, **child, "told": {"state": "unknown"}}, BEGUN[1], {**freed, **child},
    ]  # fmt: skip
    intents = replay(plan, lines)
    step = Adviser(plan["contract"], intents, True).next(intents["i0"], 100.0, 50.0)
    assert isinstance(step, Step) and step.method == "placeOrder"
