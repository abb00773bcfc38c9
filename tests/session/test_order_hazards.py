"""Races, copies and half-truths around live orders: each a way in which money was, or could be, lost."""

from __future__ import annotations

import pytest

from bridge.session.rights.grants import Grant
from bridge.session.rights.permissions import Permissions
from bridge.tws.events import DecodeFailed
from tests.session.conftest import AAPL, Bench
from tests.session.test_lost_orders import look
from tests.session.test_orders import ORDER, opened, status


def ask(bench, key="k1", **params):
    return bench.ask("placeOrder", orderKey=key, contract=AAPL, order=ORDER, **params)


def change(bench, revision=1, **order):
    return bench.ask("modifyOrder", orderKey="k1", revision=revision, order={**ORDER, **order})


def shown(bench, order_id=100, perm_id="77", ref=None, client_id=1, **order):
    fields = {"permId": perm_id, "clientId": client_id, **ORDER, "totalQuantity": "10", "tif": "DAY", **order}
    fields |= {"orderRef": ref} if ref else {}
    bench.tws("openOrder", orderId=order_id, contract=AAPL, order=fields, orderState={"status": "Submitted"})


def reconnect(bench):
    bench.session.on_lost("end of file", bench.now)
    bench.collect()
    bench.wait(2)
    bench.ready(told=False)


@pytest.fixture
def working(ready):
    """Alice's order k1, id 100, permId 77, works."""
    ask(ready)
    status(ready, 100)
    return ready


def ref(bench):
    return bench.last_sent("placeOrder")["order"]["orderRef"]


# A child never leaves as an order of its own


def test_a_child_whose_parent_was_cancelled_before_it_left_stays_with_it(ready):
    ready.disk.held = True
    entry = ask(ready, "entry")
    leave = ask(ready, "exit", parentKey="entry")
    ready.ask("cancelOrder", orderKey="entry")
    ready.release()
    assert ready.sends("placeOrder") == []
    assert [ready.failure(id_)["code"] for id_ in (entry, leave)] == ["cancelled", "parentGone"]


def test_a_child_of_an_order_that_is_being_cancelled_before_it_left_is_refused(ready):
    ready.disk.held = True
    ask(ready, "entry")
    ready.ask("cancelOrder", orderKey="entry")
    assert ready.failure(ask(ready, "exit", parentKey="entry"))["code"] == "unknownOrder"


def test_a_child_whose_parent_ended_meanwhile_does_not_leave(working):
    working.disk.held = True
    leave = ask(working, "exit", parentKey="k1")
    status(working, 100, "Cancelled")
    working.release()
    assert working.failure(leave)["code"] == "parentGone"


def test_a_change_keeps_the_parent_that_the_child_had(ready):
    ask(ready, "entry")
    status(ready, 100, perm_id="1")
    ask(ready, "exit", parentKey="entry")
    status(ready, 101, perm_id="2")
    again = Bench(disk=ready.disk)
    again.ready(told=False)
    status(again, 100, perm_id="1")
    status(again, 101, perm_id="2")
    again.answer_internal_requests()
    again.ask("modifyOrder", orderKey="exit", revision=1, order={**ORDER, "lmtPrice": 9.0})
    assert again.last_sent("placeOrder")["order"]["parentId"] == 100


# What is ours, and how much of it there is


def test_a_second_order_under_our_number_is_told_and_the_key_lives_as_long_as_either(working):
    """Seen in nautilus_trader#4564: a change in an outage left two."""
    change(working, lmtPrice=4.0)
    tag = ref(working)
    reconnect(working)
    shown(working, perm_id="77", ref=tag)
    shown(working, perm_id="88", ref=tag, lmtPrice=4.0)
    working.answer_internal_requests()
    assert len(working.on("order.alice.k1.conflict")) == 1
    assert "77, 88" in working.on("order.alice.k1.conflict")[0]["data"]["reason"]
    assert working.failure(change(working, 2, lmtPrice=3.0))["code"] == "orderUnknown"
    status(working, 100, "Cancelled", perm_id="77")
    assert working.disk.orders[100].state == "acknowledged"
    assert working.result(working.ask("cancelMine"))["orderKeys"] == ["k1"]
    status(working, 100, "Cancelled", perm_id="88")
    assert working.disk.orders[100].state == "cancelled"
    assert working.result(working.ask("cancelMine"))["orderKeys"] == []


@pytest.mark.parametrize(("order_id", "client_id"), [(0, 0), (7, 9), (200, 1)])
def test_a_copy_of_our_order_made_by_hand_is_external(working, order_id, client_id):
    shown(working, order_id, perm_id="88", ref=ref(working), client_id=client_id)
    assert working.disk.orders[100].perm_id == "77"
    assert working.on("order.external.88.openOrder")
    fields = {"permId": "88", **ORDER, "orderRef": ref(working)}
    working.tws("completedOrder", contract=AAPL, order=fields, orderState={"status": "Cancelled"})
    assert working.disk.orders[100].state == "acknowledged"


def test_a_tag_that_was_cut_is_nobodys():
    bench = Bench()
    bench.ready(order_id=10)
    ask(bench, "a")
    bench.tws("nextValidId", orderId=100)
    ask(bench, "b")
    fields = {"permId": "2", **ORDER, "orderRef": ref(bench)[:-1]}
    bench.tws("completedOrder", contract=AAPL, order=fields, orderState={"status": "Cancelled"})
    assert [bench.disk.orders[id_].state for id_ in (10, 100)] == ["sent", "sent"]


def test_an_order_that_got_our_number_first_is_not_ours(ready):
    """Error 103: another program has used the number, and its order is told under it."""
    ask(ready)
    ready.error(100, 103, "Duplicate order id")
    shown(ready, perm_id="55")
    assert ready.result(ready.ask("cancelMine"))["orderKeys"] == []
    assert ready.on("order.external.55.openOrder")


# Cancels reach what waits


def test_a_cancel_reaches_orders_that_wait_for_ibkr(ready):
    ready.error(-1, 1100, "lost")
    first, second, third = ask(ready, "k1"), ask(ready, "k2"), ask(ready, "k3")
    assert ready.result(ready.ask("cancelOrder", orderKey="k1")) == {"orderKey": "k1", "state": "unsent"}
    assert ready.failure(first)["code"] == "cancelled"
    ready.ask("cancelMine")
    assert [ready.failure(id_)["code"] for id_ in (second, third)] == ["cancelled"] * 2
    ready.error(-1, 1102, "restored")
    ready.answer_internal_requests()
    assert ready.sends("placeOrder") == []


@pytest.mark.parametrize("method", ["cancelMine", "reqGlobalCancel"])
def test_cancelling_all_while_tws_is_away_leaves_no_order_behind(ready, method):
    grants = {"alice": Grant(frozenset({"trade"})), "boss": Grant(frozenset({"admin"}))}
    bench = Bench(permissions=Permissions(grants))
    bench.ready()
    bench.session.on_lost("end of file", bench.now)
    bench.collect()
    id_ = ask(bench)
    bench.ask(method, client="alice" if method == "cancelMine" else "boss")
    bench.wait(1)
    bench.ready()
    assert bench.failure(id_)["code"] == "cancelled"
    assert bench.sends("placeOrder") == []


def test_the_waiting_order_of_a_lost_client_does_not_leave_later():
    bench = Bench(permissions=Permissions({"alice": Grant(frozenset({"trade"}), when_lost="cancel")}))
    bench.ready()
    bench.session.on_lost("end of file", bench.now)
    bench.collect()
    body = {"v": 1, "id": "x", "client": "alice", "method": "placeOrder", "timeout": 600.0}
    bench.request({**body, "params": {"orderKey": "k1", "contract": AAPL, "order": ORDER}})
    bench.wait(60)
    bench.ready()
    assert bench.failure("x")["code"] == "cancelled"
    assert bench.sends("placeOrder") == []


def test_a_change_does_not_leave_after_the_cancel(working):
    working.disk.held = True
    changed = change(working, lmtPrice=4.0)
    working.ask("cancelOrder", orderKey="k1")
    working.release()
    assert working.failure(changed)["code"] == "cancelled"
    assert working.failure(change(working, lmtPrice=4.0))["code"] == "orderClosed"
    assert len(working.sends("placeOrder")) == 1
    working.error(100, 10148, "too late")
    change(working, lmtPrice=4.0)
    assert len(working.sends("placeOrder")) == 2


@pytest.mark.parametrize("method", ["halt", "reqGlobalCancel"])
def test_what_was_taken_and_has_not_left_stays_when_all_is_stopped(method):
    grants = {"alice": Grant(frozenset({"trade"})), "boss": Grant(frozenset({"admin"}))}
    bench = Bench(permissions=Permissions(grants))
    bench.ready()
    ask(bench, "k1")
    status(bench, 100)
    bench.disk.held = True
    placed, enlarged = ask(bench, "k2"), change(bench, totalQuantity=1000)
    bench.ask(method, client="boss")
    bench.release()
    code = "notPermitted" if method == "halt" else "cancelled"
    assert [bench.failure(id_)["code"] for id_ in (placed, enlarged)] == [code, code]
    assert len(bench.sends("placeOrder")) == 1


# Giving up, and being wrong about it


@pytest.fixture
def lost(ready):
    ask(ready)
    ready.wait(31)
    return ready


def test_no_order_is_given_up_before_it_was_looked_for(lost):
    assert lost.failure(lost.ask("abandon", orderKey="k1"))["code"] == "notTradable"
    reconnect(lost)
    assert lost.failure(lost.ask("abandon", orderKey="k1"))["code"] == "notTradable"
    look(lost)
    assert lost.failure(lost.ask("abandon", orderKey="k1"))["code"] == "orderUnknown"
    lost.wait(60)
    look(lost)
    lost.ask("abandon", orderKey="k1")
    assert lost.sends("cancelOrder")


def test_an_abandoned_order_that_lives_after_all_is_its_owners_again(lost):
    look(lost)
    lost.wait(60)
    look(lost)
    lost.ask("abandon", orderKey="k1")
    lost.error(100, 10147, "not found")
    assert lost.disk.orders[100].state == "abandoned"
    opened(lost, 100, order_ref=ref(lost))
    assert lost.disk.orders[100].state == "acknowledged"
    assert lost.on("order.alice.k1.conflict")
    assert lost.result(lost.ask("cancelMine"))["orderKeys"] == ["k1"]
    assert lost.failure(lost.ask("placeOrder", orderKey="k1", contract=AAPL, order={**ORDER, "lmtPrice": 1.0}))


def test_the_tws_of_another_account_is_asked_nothing_and_told_nothing(working):
    wrong = Bench(disk=working.disk)
    wrong.ready(accounts="U9")
    assert wrong.internal_requests == []
    assert wrong.disk.orders[100].state == "acknowledged"
    for method, params in (("cancelMine", {}), ("cancelOrder", {"orderKey": "k1"}), ("abandon", {"orderKey": "k1"})):
        assert wrong.failure(wrong.ask(method, **params))["code"] == "notTradable"
    status(wrong, 100, "Cancelled")
    assert wrong.disk.orders[100].state == "acknowledged"
    assert wrong.on("order.external.77.orderStatus")
    assert wrong.sends("cancelOrder") == []


def test_a_login_may_gain_an_account_and_none_at_all_binds_nothing():
    bench = Bench()
    bench.ready(accounts="")
    assert bench.disk.facts.get("accounts") is None
    for accounts in ("DU1", "DU1,DU2", "DU2"):
        again = Bench(disk=bench.disk)
        again.ready(accounts=accounts)
        assert again.result(again.ask("status"))["orders"]["tradable"]
    assert bench.disk.facts["accounts"] == "DU1,DU2"


def test_an_exercise_is_not_given_up_for_a_cancel_proves_nothing_of_it(ready):
    option = {"conId": 1, "symbol": "AAPL", "secType": "OPT", "exchange": "SMART", "currency": "USD"}
    params = {"contract": option, "exerciseAction": 1, "exerciseQuantity": 1, "account": "DU1", "override": False}
    ready.ask("exerciseOptions", orderKey="x", **params)
    ready.wait(31)
    look(ready)
    assert ready.failure(ready.ask("abandon", orderKey="x"))["data"]["field"] == "orderKey"


# What an error is about


@pytest.mark.parametrize("code", [131, 399, 404, 481, 2109, 10018, 10233, 10331])
def test_a_warning_is_no_rejection(ready, code):
    id_ = ask(ready)
    ready.error(100, code, "warning")
    assert ready.answers(id_) == []
    status(ready, 100)
    assert ready.result(id_)["state"] == "acknowledged"


def test_an_error_about_a_cancel_does_not_end_the_order(lost):
    id_ = lost.ask("cancelOrder", orderKey="k1", orderCancel={"manualOrderCancelTime": "garbage"})
    lost.error(100, 391, "The time or time-zone entered is invalid")
    assert lost.failure(id_)["twsCode"] == 391
    assert lost.disk.orders[100].state == "unknown"
    assert lost.result(lost.ask("cancelMine"))["orderKeys"] == ["k1"]


def test_a_cancel_that_comes_too_late_is_not_the_refusal_of_a_change(working):
    changed = change(working, lmtPrice=6.0)
    working.ask("cancelMine")
    working.error(100, 10148, "cannot be cancelled")
    assert working.answers(changed) == []
    shown(working, lmtPrice=6.0)
    assert working.result(changed)["state"] == "acknowledged"
    assert working.disk.orders[100].order["lmtPrice"] == 6.0


@pytest.mark.parametrize("code", [10147, 201])
def test_what_contradicts_a_working_order_has_it_looked_for(working, code):
    working.ask("cancelOrder", orderKey="k1")
    working.error(100, code, "what")
    working.wait(6)
    assert working.internal_requests


# What a change was


@pytest.mark.parametrize(
    ("wish", "before", "after"),
    [
        ({"tif": "GTC"}, {"tif": "DAY"}, {"tif": "GTC"}),
        ({"orderType": "MKT"}, {"orderType": "LMT"}, {"orderType": "MKT"}),
        ({"outsideRth": True}, {}, {"outsideRth": True}),
        ({"totalQuantity": 5}, {}, {"totalQuantity": "5"}),
    ],
)
def test_a_change_is_made_when_tws_shows_it_and_not_before(working, wish, before, after):
    changed = change(working, **wish)
    shown(working, **before)
    assert working.answers(changed) == []
    shown(working, **after)
    assert working.result(changed)["revision"] == 1


def test_what_a_change_leaves_out_must_be_gone(ready):
    ready.ask("placeOrder", orderKey="k1", contract=AAPL, order={**ORDER, "tif": "GTC"})
    status(ready, 100)
    changed = change(ready)
    shown(ready, tif="GTC")
    assert ready.answers(changed) == []
    shown(ready, tif="DAY")
    assert ready.result(changed)["revision"] == 1


@pytest.mark.parametrize("restart", [False, True])
def test_a_change_that_was_not_made_leaves_the_order_as_it_was(working, restart):
    change(working, totalQuantity=1000)
    working.wait(31)
    bench = Bench(disk=working.disk) if restart else working
    if restart:
        bench.ready(told=False)
    order = {"permId": "77", "clientId": 1, **ORDER, "totalQuantity": "10"}
    told = {"orderId": 100, "contract": AAPL, "order": order, "orderState": {"status": "Submitted"}}
    for state in ("unknown", "notApplied"):
        look(bench, ("openOrder", told))
        assert bench.disk.orders[100].change == state
    record = bench.disk.orders[100]
    assert (record.order["totalQuantity"], record.before) == ("10", None)
    shown(bench, totalQuantity="1000")
    record = bench.disk.orders[100]
    assert (record.order["totalQuantity"], record.change) == ("1000", "none")


def test_an_order_of_a_lost_ledger_is_changed_only_with_its_contract(ready):
    opened(ready, 100, order_ref="#tb:0badcafe:alice:k1:100")
    assert ready.failure(change(ready, lmtPrice=4.0))["data"]["field"] == "contract"
    ready.ask("modifyOrder", orderKey="k1", revision=1, order=ORDER, contract=AAPL)
    assert ready.last_sent("placeOrder")["contract"] == AAPL


# Silence


def test_a_disk_that_hangs_is_noticed_said_and_recovered_from(working):
    working.disk.held = True
    status(working, 100, "PreSubmitted")
    working.wait(7)
    assert working.on("system.ledger")[-1]["data"]["state"] == "failed"
    assert not working.result(working.ask("status"))["orders"]["tradable"]
    assert working.failure(ask(working, "k2"))["code"] == "ledgerFailed"
    working.release()
    assert working.on("system.ledger")[-1]["data"]["state"] == "written"
    ask(working, "k3")
    assert len(working.sends("placeOrder")) == 2


def test_a_disk_that_is_busy_all_the_time_does_not_hang(working):
    """Each second another batch is under way."""
    working.disk.held = True
    for number in range(12):
        status(working, 100, "PreSubmitted", filled=str(number))
        working.wait(1)
        working.disk.report(working.session, working.now)
        status(working, 100, "Submitted", filled=str(number))
        working.collect()
    assert working.on("system.ledger") == []


def test_who_joins_an_order_that_waits_for_a_hung_disk_is_answered_too(ready):
    ready.disk.held = True
    ask(ready)
    ready.wait(20)
    joined = ask(ready)
    ready.wait(31)
    assert ready.answers(joined)


def test_an_execution_that_does_not_come_is_asked_for_soon(working):
    status(working, 100, "Filled", filled="10", remaining="0")
    assert not working.internal_requests
    working.wait(6)
    assert working.internal_requests.pop(0).name == "reqAllOpenOrders"
    working.tws("openOrderEnd")
    assert "reqExecutions" in [send.name for send in working.internal_requests]


def test_a_message_about_an_order_that_cannot_be_read_has_it_looked_for_and_spoils_a_pass(lost):
    broken = DecodeFailed("openOrder", 5, "order.x", "why", 213, b"")
    lost.session.on_event(broken, lost.now)
    lost.collect()
    lost.internal_requests.clear()
    look(lost)
    assert lost.disk.orders[100].state == "unknown"
    lost.wait(61)
    lost.session.on_event(broken, lost.now)
    lost.internal_requests.clear()
    lost.wait(1)
    assert lost.disk.orders[100].state == "unknown"


def test_a_gap_that_nobody_can_fill_is_told_once_across_restarts(working):
    bench = working
    for _ in range(3):
        bench = Bench(disk=bench.disk)
        bench.ready(told=False)
        for _ in range(4):
            status(bench, 100, filled="4")
            bench.answer_internal_requests()
            bench.wait(6)
    gaps = [event for event in bench.disk.read_log("alice", 0, 99) if event["event"] == "orderGap"]
    assert len(gaps) == 1


def test_a_change_still_open_when_its_order_ended_is_not_looked_for_for_ever(working):
    change(working, lmtPrice=4.0)
    status(working, 100, "Filled", filled="10", remaining="0")
    bench = Bench(disk=working.disk)
    bench.ready()
    bench.wait(3600)
    assert bench.internal_requests == []


def test_inactive_orders_are_cancelled_with_the_rest(working):
    status(working, 100, "Inactive")
    assert working.result(working.ask("cancelMine"))["orderKeys"] == ["k1"]


def test_a_cancel_that_cannot_be_said_is_no_success():
    ready = Bench(permissions=Permissions({"alice": Grant(frozenset({"admin"}))}))
    ready.ready()
    ask(ready)
    status(ready, 100)
    for method in ("cancelMine", "reqGlobalCancel"):
        before = len(ready.sent)
        id_ = method
        body = {"v": 1, "id": id_, "client": "alice", "method": method, "params": {"orderCancel": {"extOperator": "x"}}}
        ready.session.on_request((b"alice",), body, ready.now)
        for effect in ready.session.effects(ready.now):
            ready._sort(effect)
        for send in ready.sent[before:]:
            ready.session.on_unsendable(send, "extOperator needs server version 192", ready.now)
        ready.collect()
        assert ready.failure(id_)["code"] == "invalidParams"
    assert ready.answers(change(ready, lmtPrice=4.0)) == []
    assert len(ready.sends("placeOrder")) == 2


def test_a_what_if_shares_the_names_of_groups_with_nobody(ready):
    order = {**ORDER, "whatIf": True, "ocaGroup": "g"}
    ready.ask("placeOrder", contract=AAPL, order=order)
    assert ready.last_sent("placeOrder")["order"]["ocaGroup"] == "alice:g"


def test_while_halted_the_parent_of_a_bracket_may_be_made_smaller():
    grants = {"alice": Grant(frozenset({"trade"})), "boss": Grant(frozenset({"admin"}))}
    bench = Bench(permissions=Permissions(grants))
    bench.ready()
    leave = {"orderKey": "exit", "parentKey": "k1", "contract": AAPL, "order": {**ORDER, "action": "SELL"}}
    bench.ask("placeOrders", orders=[{"orderKey": "k1", "contract": AAPL, "order": ORDER}, leave])
    for order_id in (100, 101):
        status(bench, order_id, perm_id=str(order_id))
    bench.ask("halt", client="boss")
    assert bench.failure(change(bench, totalQuantity=11))["data"]["rule"] == "halt"
    change(bench, totalQuantity=9)
    assert bench.last_sent("placeOrder")["order"]["totalQuantity"] == "9"
