"""Orders that TWS has said nothing of: looked for, found, not found, given up; and never sent again by guess."""

from __future__ import annotations

import pytest

from tests.session.conftest import AAPL, Bench
from tests.session.test_orders import ORDER, opened, place, status

TAG = "#tb:feedface:alice:k1:100"


@pytest.fixture
def lost(ready):
    """Alice's order k1, id 100: it has left, and TWS has said nothing."""
    place(ready, orderKey="k1")
    ready.wait(31)
    assert state(ready) == "unknown"
    return ready


def state(bench, key="k1"):
    body = bench.ask("placeOrder", orderKey=key, contract=AAPL, order=ORDER)
    (answer,) = bench.answers(body)
    return answer["result"]["state"] if answer["ok"] else answer["error"]["code"]


def look(bench, *events):
    """Let the next pass begin, and answer it with these events."""
    while not bench.internal_requests:
        bench.wait(1)
    for name, data in events:
        bench.tws(name, **data)
    bench.answer_internal_requests()


def completed(status="Cancelled", ref=TAG, perm_id="77", **order):
    fields = {"permId": perm_id, **ORDER, **order} | ({"orderRef": ref} if ref else {})
    return "completedOrder", {"contract": AAPL, "order": fields, "orderState": {"status": status}}


def executed(shares="10", **more):
    execution = {"orderId": 100, "clientId": 1, "permId": "77", "execId": "x1.01", "shares": shares, **more}
    return "execDetails", {"reqId": 1, "contract": AAPL, "execution": execution}


def test_it_is_looked_for_soon(lost):
    lost.wait(5)
    assert [send.name for send in lost.internal_requests] == ["reqAllOpenOrders", "reqPositions"]


def test_open_orders_are_there_before_the_other_lists_are_asked_for(lost):
    """Found by the model check: what is executed while TWS makes its lists could be in none of them."""
    lost.wait(5)
    lost.internal_requests.clear()
    lost.tws("openOrderEnd")
    assert [send.name for send in lost.internal_requests] == ["reqCompletedOrders", "reqExecutions"]


def test_the_second_pass_that_counts_begins_a_pause_after_the_first_has_ended(lost):
    """Found by the model check: what was on its way in the first pass could be so still in the second."""
    look(lost)
    lost.wait(10)
    lost.session._trading._reconciler._downloads.plan(lost.clock)
    lost.wait(0)
    assert lost.internal_requests
    lost.wait(55)
    lost.answer_internal_requests()
    assert state(lost) == "unknown"


def test_a_warning_shows_that_tws_has_the_order(lost):
    """Found by the model check."""
    lost.error(100, 399, "Order Message: held until the exchange opens")
    for _ in range(3):
        look(lost)
        lost.wait(60)
    assert state(lost) == "unknown"


def test_an_execution_that_tws_repeats_unasked_is_in_no_list(lost):
    """Found by the model check: TWS's lists had been cut, and did not have it."""
    name, data = executed("4")
    lost.tws(name, **data)
    for _ in range(3):
        look(lost, (name, {**data, "reqId": -1}))
        lost.wait(60)
    assert state(lost) == "unknown"


def test_where_tws_has_told_more_filled_than_it_lists_its_lists_prove_nothing(lost):
    """Found by the model check."""
    status(lost, 100, "Submitted", filled="7", remaining="3")
    look(lost, executed("4"))
    lost.wait(60)
    for _ in range(3):
        look(lost, executed("4"))
        lost.wait(60)
    assert state(lost) == "unknown"


def test_two_passes_a_minute_apart_and_it_is_not_found_and_its_key_stays_shut(lost):
    look(lost)
    assert state(lost) == "unknown"
    lost.wait(59)
    assert not lost.internal_requests
    look(lost)
    assert state(lost) == "notFound"
    assert lost.on("order.alice.k1.orderGap")[0]["data"]["unrecoverable"] is True
    assert len(lost.sends("placeOrder")) == 1
    assert lost.disk.orders[100].state == "notFound"


def test_the_console_lists_each_order_that_the_verdict_counts(lost):
    """An order that is not found is not open any more, but a person must look at it."""

    def counted():
        return [one["because"] for one in lost.session.overview(lost.now)["verdict"]["also"]
                if one["code"] == "ordersInDoubt"]  # fmt: skip

    def listed():
        orders = lost.session.overview(lost.now)["orders"]
        return orders["inDoubtCount"], [(one["orderKey"], one["state"]) for one in orders["inDoubt"]]

    assert (counted(), listed()) == (["1 order is in doubt"], (1, [("k1", "unknown")]))
    look(lost)
    lost.wait(59)
    look(lost)
    assert (counted(), listed()) == (["1 order is in doubt"], (1, [("k1", "notFound")]))
    lost.ask("abandon", orderKey="k1", force=True)
    lost.wait(1)
    assert (counted(), listed()) == ([], (0, []))


def test_a_pass_during_which_ibkr_was_away_proves_nothing(lost):
    look(lost)
    lost.wait(59)
    lost.wait(1)
    lost.error(-1, 1100, "lost")
    lost.answer_internal_requests()
    assert state(lost) == "unknown"
    lost.error(-1, 1102, "restored")
    look(lost)
    assert state(lost) == "notFound"


def test_two_passes_in_one_minute_count_once(lost):
    look(lost)
    lost.error(-1, 1100, "lost")
    lost.error(-1, 1102, "restored")
    look(lost)
    assert state(lost) == "unknown"


@pytest.mark.parametrize(
    ("event", "found"),
    [
        (completed("Cancelled"), "cancelled"),
        (completed("Filled"), "filled"),
        (completed("Inactive"), "cancelled"),  # what is completed does not come alive
    ],
)
def test_it_is_found_among_completed_orders_by_its_tag(lost, event, found):
    look(lost, event)
    assert state(lost) == found


def test_it_is_found_among_open_orders_by_its_id(lost):
    order = {"permId": "77", "clientId": 1, **ORDER}
    look(lost, ("openOrder", {"orderId": 100, "contract": AAPL, "order": order, "orderState": {"status": "Submitted"}}))
    assert state(lost) == "acknowledged"


def test_an_order_with_all_its_executions_that_is_not_open_is_over(lost):
    look(lost, executed("4"))
    assert state(lost) == "unknown"
    lost.wait(60)
    look(lost, executed("4"))
    facts = lost.result(place(lost, orderKey="k1")[0])
    assert (facts["state"], facts["filled"], facts["fillsFinal"]) == ("cancelled", "4", True)
    assert "not open" in lost.on("order.alice.k1.orderGap")[0]["data"]["reason"]


@pytest.mark.parametrize("ref", ["#tb:01234567:alice:k1:100", "#tb:feedface:alice:k1:99", ""])
def test_an_order_with_another_tag_is_not_it(lost, ref):
    look(lost, completed(ref=ref))
    lost.wait(60)
    look(lost)
    assert state(lost) == "notFound"


def test_an_order_that_only_has_our_number_is_not_it(ready):
    place(ready, orderKey="k1")
    status(ready, 100, perm_id="77")
    opened(ready, 100, perm_id="78")
    assert ready.on("order.external.78.openOrder")
    assert not ready.on("order.alice.k1.openOrder")


def test_a_late_word_finds_it(lost):
    look(lost)
    lost.wait(60)
    look(lost)
    status(lost, 100)
    assert state(lost) == "acknowledged"


def test_a_late_rejection_settles_it(lost):
    lost.error(100, 201, "no margin")
    assert state(lost) == "rejectedByTws"


def test_an_acknowledged_order_that_is_no_longer_mentioned_is_unknown(ready):
    place(ready, orderKey="k1")
    status(ready, 100)
    again = Bench(disk=ready.disk)
    again.ready()
    assert state(again) == "unknown"


def test_an_order_placed_during_a_pass_is_not_judged_by_it(lost):
    look(lost)
    place(lost, orderKey="k2")
    status(lost, 101, perm_id="78")
    lost.wait(60)
    assert lost.internal_requests
    place(lost, orderKey="k3")
    lost.answer_internal_requests()
    status(lost, 102, perm_id="79")
    assert state(lost, "k3") == "acknowledged"


def test_while_an_order_that_got_no_word_is_looked_for_no_other_leaves(lost):
    assert lost.internal_requests
    id_ = lost.ask("placeOrder", orderKey="k2", contract=AAPL, order=ORDER)
    assert len(lost.sends("placeOrder")) == 1
    lost.answer_internal_requests()
    assert len(lost.sends("placeOrder")) == 2
    assert lost.answers(id_) == []


def test_while_tws_says_nothing_at_all_no_order_leaves(lost):
    """A pass that fails is no proof that TWS is there."""
    lost.wait(600)
    ids = [lost.ask("placeOrder", orderKey=f"m{n}", contract=AAPL, order=ORDER) for n in range(3)]
    lost.wait(60)
    assert {lost.failure(id_)["code"] for id_ in ids} == {"notTradable"}
    assert len(lost.sends("placeOrder")) == 1


# Giving up


@pytest.fixture
def absent(lost):
    """Two passes have shown that TWS never had it."""
    look(lost)
    lost.wait(60)
    look(lost)
    assert state(lost) == "notFound"
    return lost


@pytest.mark.parametrize("code", [10147, 135])
def test_an_order_that_tws_does_not_know_is_abandoned_after_a_cancel_and_frees_its_key(absent, code):
    id_ = absent.ask("abandon", orderKey="k1")
    assert absent.last_sent("cancelOrder")["orderId"] == 100
    assert absent.answers(id_) == []
    absent.error(100, code, "not found")
    assert absent.result(id_)["state"] == "abandoned"
    assert absent.result(absent.ask("abandon", orderKey="k1"))["state"] == "abandoned"
    place(absent, orderKey="k1")
    assert absent.last_sent("placeOrder")["orderId"] == 101
    again = Bench(disk=absent.disk)
    again.ready()
    assert state(again) == "unknown"
    assert again.sends("placeOrder") == []


def test_the_key_is_free_only_when_that_is_on_the_disk(absent):
    id_ = absent.ask("abandon", orderKey="k1")
    absent.disk.full = True
    absent.error(100, 10147)
    assert absent.answers(id_) == []
    absent.wait(30)
    assert absent.failure(id_)["code"] == "noResponse"
    assert state(absent) == "notFound"
    absent.disk.full = False
    absent.wait(2)
    assert absent.result(absent.ask("abandon", orderKey="k1"))["state"] == "abandoned"


def test_an_order_that_lives_after_all_is_cancelled_and_its_key_stays_shut(absent):
    id_ = absent.ask("abandon", orderKey="k1")
    status(absent, 100, "PendingCancel")
    status(absent, 100, "Cancelled")
    assert absent.result(id_)["state"] in ("acknowledged", "cancelled")
    assert state(absent) == "cancelled"
    assert len(absent.sends("placeOrder")) == 1


def test_an_order_that_is_filled_after_all_is_not_given_up(absent):
    id_ = absent.ask("abandon", orderKey="k1")
    status(absent, 100, "Filled", filled="10")
    assert absent.result(id_)["state"] == "filled"


def test_no_word_on_the_cancel_gives_nothing_up(absent):
    id_ = absent.ask("abandon", orderKey="k1")
    absent.wait(30)
    assert absent.failure(id_)["code"] == "noResponse"
    assert state(absent) == "notFound"


def test_only_what_is_lost_can_be_abandoned(ready):
    place(ready, orderKey="k1")
    assert ready.failure(ready.ask("abandon", orderKey="k1"))["code"] == "orderKnown"
    status(ready, 100)
    assert ready.failure(ready.ask("abandon", orderKey="k1"))["code"] == "orderKnown"


def test_nothing_is_abandoned_while_ibkr_is_away(lost):
    lost.error(-1, 1100, "lost")
    assert lost.failure(lost.ask("abandon", orderKey="k1"))["code"] == "notTradable"


def test_an_error_that_is_in_no_table_is_a_warning(ready):
    id_, _ = place(ready, orderKey="k1")
    ready.error(100, 10999, "something new")
    assert ready.answers(id_) == []
    ready.wait(30)
    assert ready.result(id_)["state"] == "unknown"
