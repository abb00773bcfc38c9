"""What TWS says of orders that nearly is, or is no longer, so: two under one number, late, partial, unreadable."""

from __future__ import annotations

import pytest

from bridge.session import Send
from bridge.session.rights.grants import Grant
from bridge.session.rights.permissions import Permissions
from bridge.tws.events import DecodeFailed
from tests.session.conftest import AAPL, Bench
from tests.session.test_lost_orders import look
from tests.session.test_order_hazards import ask, change, ref, shown
from tests.session.test_order_log import fill
from tests.session.test_orders import ORDER, opened, status


@pytest.fixture
def working(ready):
    """Alice's order k1, id 100, permId 77, works."""
    ask(ready)
    status(ready, 100)
    return ready


def trader(**limits):
    bench = Bench(permissions=Permissions({"alice": Grant(frozenset({"trade"}), **limits)}))
    bench.ready()
    return bench


def mine(bench):
    return bench.result(bench.ask("cancelMine"))["orderKeys"]


# Two under one number


@pytest.fixture
def doubled(working):
    """A change in an outage has left two: permIds 77 and 88."""
    for perm_id in ("77", "88"):
        shown(working, perm_id=perm_id, ref=ref(working))
    return working


def test_the_end_of_one_is_not_the_end_of_both(doubled):
    status(doubled, 100, "Cancelled", perm_id="77")
    doubled.error(100, 202, "Order Canceled - reason:")
    assert doubled.disk.orders[100].state == "acknowledged"
    assert mine(doubled) == ["k1"]


def test_one_that_shows_up_when_the_other_has_ended_is_its_owners_too(working):
    status(working, 100, "Cancelled", perm_id="77")
    shown(working, perm_id="88", ref=ref(working))
    assert working.disk.orders[100].state == "acknowledged"
    assert mine(working) == ["k1"]


def test_it_is_said_once(doubled):
    for _ in range(5):
        status(doubled, 100, "Submitted", perm_id="88")
        status(doubled, 100, "PreSubmitted", perm_id="77")
    assert len(doubled.on("order.alice.k1.conflict")) == 1


def test_a_held_one_does_not_hide_that_the_other_works():
    bench = trader(max_open_orders=1)
    ask(bench)
    status(bench, 100)
    for perm_id in ("77", "88"):
        shown(bench, perm_id=perm_id, ref=ref(bench))
    status(bench, 100, "Inactive", perm_id="77")
    assert bench.disk.orders[100].state == "acknowledged"
    assert bench.failure(ask(bench, "k2"))["data"]["rule"] == "max_open_orders"


def test_after_error_103_the_number_alone_names_no_order_of_ours(ready):
    ask(ready)
    ready.error(100, 103, "Duplicate order id")
    status(ready, 100, perm_id="55")
    shown(ready, perm_id="55")
    assert ready.disk.orders[100].state == "rejected"
    assert mine(ready) == []


# Alive after all


@pytest.fixture
def abandoned(ready):
    """TWS never had order 100, as far as it says; its key is free."""
    ask(ready)
    ready.wait(31)
    look(ready)
    ready.wait(60)
    look(ready)
    ready.ask("abandon", orderKey="k1")
    ready.error(100, 10147, "not found")
    return ready


def test_its_key_may_be_anothers_by_then_and_the_log_goes_on(abandoned):
    tag = ref(abandoned)
    ask(abandoned)
    status(abandoned, 101, perm_id="99")
    opened(abandoned, 100, order_ref=tag)
    assert abandoned.disk.orders[100].key == "k1-100"
    assert abandoned.on("order.alice.k1-100.conflict")
    assert abandoned.on("system.ledger") == []
    assert set(mine(abandoned)) == {"k1-100", "k1"}
    assert abandoned.result(abandoned.ask("status"))["orders"]["tradable"]


@pytest.mark.parametrize("full", [False, True])
def test_it_may_be_shown_while_that_it_is_gone_is_on_its_way_to_the_disk(ready, full):
    ask(ready)
    ready.wait(31)
    look(ready)
    ready.wait(60)
    look(ready)
    ready.ask("abandon", orderKey="k1")
    ready.disk.held = True
    ready.error(100, 10147, "not found")
    opened(ready, 100, order_ref=ref(ready))
    ready.disk.full = full
    ready.release()
    ready.disk.full = False
    ready.wait(2)
    assert ready.disk.orders[100].state == "acknowledged"
    ready.ask("cancelOrder", orderKey="k1")
    assert len(ready.sends("cancelOrder")) == 2


def test_an_order_found_late_is_cancelled_for_a_client_that_is_still_lost():
    bench = trader(when_lost="cancel")
    ask(bench)
    for _ in range(3):
        bench.wait(62)
        bench.answer_internal_requests()
    assert bench.disk.orders[100].state == "notFound"
    before = len(bench.sends("cancelOrder"))
    status(bench, 100)
    bench.wait(2)
    assert len(bench.sends("cancelOrder")) > before


# Half of it


def test_an_order_that_was_filled_in_part_was_not_rejected(ready):
    id_ = ready.ask("placeOrder", orderKey="k1", contract=AAPL, order={**ORDER, "tif": "IOC"})
    fill(ready, "x1.01", shares="4")
    status(ready, 100, "Cancelled", filled="4", remaining="6")
    assert ready.result(id_)["state"] == "acknowledged"
    facts = ready.result(ready.ask("awaitOrder", orderKey="k1", until="ended"))
    assert (facts["state"], facts["filled"], facts["fillsFinal"]) == ("cancelled", "4", True)


def test_what_its_owner_cancels_before_the_first_word_is_cancelled_not_rejected(ready):
    id_ = ask(ready)
    ready.ask("cancelOrder", orderKey="k1")
    status(ready, 100, "Cancelled")
    assert ready.result(id_)["state"] == "cancelled"


# Changes


def test_what_tws_ignores_of_an_order_does_not_hide_that_its_change_was_made(ready):
    ready.ask("placeOrder", orderKey="k1", contract=AAPL, order={**ORDER, "outsideRth": True})
    status(ready, 100)
    changed = change(ready, outsideRth=True, lmtPrice=6.0)
    shown(ready, outsideRth=False, lmtPrice=6.0)
    assert ready.result(changed)["revision"] == 1


@pytest.mark.parametrize(("name", "old", "new"), [("trailStopPrice", 95.0, 90.0), ("goodTillDate", "a", "b")])
def test_a_field_that_tws_shows_now_and_then_tells_too(ready, name, old, new):
    ready.ask("placeOrder", orderKey="k1", contract=AAPL, order={**ORDER, name: old})
    status(ready, 100)
    changed = change(ready, **{name: new})
    shown(ready, **{name: old})
    assert ready.answers(changed) == []
    ready.error(100, 201, "no")
    assert ready.failure(changed)["twsCode"] == 201
    assert ready.disk.orders[100].order[name] == old


def test_no_change_leaves_after_a_global_cancel():
    bench = Bench(permissions=Permissions({"alice": Grant(frozenset({"admin"}))}))
    bench.ready()
    ask(bench)
    status(bench, 100)
    bench.ask("reqGlobalCancel")
    assert bench.failure(change(bench, lmtPrice=4.0))["code"] == "orderClosed"


def test_a_cancel_that_never_left_or_was_never_answered_forbids_no_change(working):
    body = {"v": 1, "id": "c", "client": "alice", "method": "cancelOrder", "params": {"orderKey": "k1"}}
    working.session.on_request((b"alice",), body, working.now)
    (send,) = (effect for effect in working.session.effects(working.now) if isinstance(effect, Send))
    working.session.on_unsendable(send, "needs server version 192", working.now)
    working.collect()
    assert working.answers(change(working, lmtPrice=4.0)) == []
    shown(working, lmtPrice=4.0)
    working.ask("cancelOrder", orderKey="k1")
    working.wait(31)
    assert working.answers(change(working, 2, lmtPrice=3.0)) == []


# Children


@pytest.mark.parametrize("spoil", ["unknown", "cancelled"])
def test_no_child_is_attached_to_a_parent_that_is_lost_sight_of_or_being_cancelled(ready, spoil):
    ask(ready)
    if spoil == "unknown":
        ready.wait(31)
        ready.answer_internal_requests()
    else:
        status(ready, 100)
        ready.ask("cancelOrder", orderKey="k1")
    assert ready.failure(ask(ready, "exit", parentKey="k1"))["code"] == "unknownOrder"


# Passes


def test_an_order_that_cannot_be_read_does_not_stop_trading_nor_is_tws_asked_without_end(working):
    broken = DecodeFailed("openOrder", 5, "order.x", "why", 213, b"")
    passes = 0
    for _ in range(3600):
        working.wait(1)
        if working.internal_requests:
            passes += 1
            working.session.on_event(broken, working.now)
            working.collect()
            working.answer_internal_requests()
        elif passes == 0:
            working.session.on_event(broken, working.now)
            working.collect()
    assert 1 < passes <= 60
    assert working.result(working.ask("status"))["orders"]["tradable"]


def test_a_rejection_asks_tws_nothing(ready):
    ask(ready)
    ready.error(100, 201, "no")
    ready.wait(30)
    assert ready.internal_requests == []


def hurry(bench, key, timeout=0.3):
    body = {"v": 1, "id": f"hurry-{key}", "client": "alice", "method": "placeOrder", "timeout": timeout}
    bench.request({**body, "params": {"orderKey": key, "contract": AAPL, "order": ORDER}})
    return body["id"]


def tradable(bench):
    return bench.result(bench.ask("status"))["orders"]["tradable"]


def test_an_order_that_left_during_a_pass_is_looked_for_in_the_next(ready):
    ready.session._trading._reconciler.doubt(ready.now)
    ready.wait(5)
    assert ready.internal_requests
    hurry(ready, "k1")
    ready.wait(1)
    ready.answer_internal_requests()
    assert not tradable(ready)
    ready.wait(1)
    assert ready.internal_requests
    ready.answer_internal_requests()
    assert tradable(ready)


def test_while_one_is_looked_for_no_other_order_leaves_however_short_its_clients_patience(ready):
    """Case 9: `timeout: 3`, and the next order left while the first was unknown."""
    first = hurry(ready, "k1", 3)
    ready.wait(3)
    assert ready.result(first)["state"] == "unknown"
    second = ask(ready, "k2")
    assert len(ready.sends("placeOrder")) == 1
    ready.answer_internal_requests()
    assert len(ready.sends("placeOrder")) == 2
    status(ready, 101, perm_id="78")
    assert ready.result(second)["state"] == "acknowledged"


def test_a_client_without_patience_holds_others_up_for_one_pass_a_second_at_most(ready):
    passes = 0
    for number in range(50):
        hurry(ready, f"k{number}", 0.1)
        ready.wait(0.2)
        passes += bool(ready.internal_requests)
        ready.answer_internal_requests()
    assert passes <= 11
    ready.wait(1)
    ready.answer_internal_requests()
    assert tradable(ready)


def test_fills_that_no_pass_mentions_are_a_gap_all_the_same(working):
    status(working, 100, "Filled", filled="10", remaining="0")
    for _ in range(4):
        working.wait(6)
        working.answer_internal_requests()
    assert len(working.on("order.alice.k1.orderGap")) == 1


def test_a_disk_that_hangs_on_a_new_order_is_noticed_too(ready):
    ready.disk.held = True
    ask(ready)
    ready.wait(7)
    assert ready.on("system.ledger")[-1]["data"]["state"] == "failed"
    ready.release()
    ready.wait(1)
    assert ready.on("system.ledger")[-1]["data"]["state"] == "written"


# The wrong TWS


def test_nothing_is_sent_to_the_tws_of_another_account_that_changes_anything(working):
    grants = Permissions({"alice": Grant(frozenset({"admin"}))})
    wrong = Bench(disk=working.disk, permissions=grants)
    wrong.start()
    waiting = wrong.ask("reqGlobalCancel")
    wrong.ready(accounts="U9")
    for id_ in (waiting, wrong.ask("reqGlobalCancel"), wrong.ask("replaceFA", onceKey="g", faDataType=1, xml="<x/>")):
        assert wrong.failure(id_)["code"] == "notTradable"
    assert {send.name for send in wrong.sent} == set()
    assert wrong.result(wrong.ask("status"))["orders"]["reason"]


def test_one_that_is_known_by_its_execution_only_is_asked_for(working):
    """completedOrder has no number: as long as its permId is not known it could be a copy."""
    execution = {
        "orderId": 100,
        "clientId": 1,
        "permId": "88",
        "execId": "y1.01",
        "shares": "10",
        "orderRef": ref(working),
    }
    working.tws("execDetails", reqId=-1, contract=AAPL, execution=execution)
    status(working, 100, "Cancelled", perm_id="77")
    completed = {"permId": "88", **ORDER, "orderRef": ref(working), "filledQuantity": "10"}
    for _ in range(3):
        working.wait(61)
        if working.internal_requests:
            working.tws("completedOrder", contract=AAPL, order=completed, orderState={"status": "Filled"})
            working.answer_internal_requests()
    assert working.disk.orders[100].state == "filled"
