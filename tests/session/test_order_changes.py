"""Changes of orders by revision, groups of orders, and a client's cancel of all that is its own."""

from __future__ import annotations

import pytest

from tests.session.conftest import AAPL, Bench
from tests.session.test_orders import ORDER, place, status


@pytest.fixture
def working(ready):
    """Alice's order k1, id 100, which TWS has acknowledged."""
    place(ready, orderKey="k1")
    status(ready, 100)
    return ready


def change(bench, revision=1, key="k1", **order):
    return bench.ask("modifyOrder", orderKey=key, revision=revision, order={**ORDER, **order})


def shown(bench, order_id=100, **order):
    fields = {"permId": "77", "clientId": 1, **ORDER, "totalQuantity": "10", **order}
    bench.tws("openOrder", orderId=order_id, contract=AAPL, order=fields, orderState={"status": "Submitted"})


def test_a_change_is_written_leaves_under_the_same_id_and_is_answered_when_tws_shows_it(working):
    working.disk.held = True
    id_ = change(working, lmtPrice=4.0)
    assert len(working.sends("placeOrder")) == 1
    working.release()
    sent = working.last_sent("placeOrder")
    assert (sent["orderId"], sent["order"]["lmtPrice"], sent["contract"]) == (100, 4.0, AAPL)
    assert sent["order"]["orderRef"] == "#tb:feedface:alice:k1:100"
    assert working.disk.orders[100].revision == 1
    shown(working, lmtPrice=5.0)
    assert working.answers(id_) == []
    shown(working, lmtPrice=4.0)
    assert working.result(id_)["revision"] == 1
    assert "change" not in working.result(id_)


def test_the_same_revision_is_the_same_change(working):
    first, second = change(working, lmtPrice=4.0), change(working, lmtPrice=4.0)
    shown(working, lmtPrice=4.0)
    third = change(working, lmtPrice=4.0)
    assert working.result(first) == working.result(second) == working.result(third)
    assert len(working.sends("placeOrder")) == 2
    assert working.failure(change(working, lmtPrice=3.0))["code"] == "keyConflict"


def test_a_late_retry_is_refused(working):
    change(working, 1, lmtPrice=4.0)
    shown(working, lmtPrice=4.0)
    change(working, 3, lmtPrice=3.0)
    shown(working, lmtPrice=3.0)
    assert working.failure(change(working, 2, lmtPrice=4.0))["code"] == "staleRevision"
    assert working.failure(change(working, 1, lmtPrice=4.0))["code"] == "staleRevision"
    assert len(working.sends("placeOrder")) == 3


@pytest.mark.parametrize("code", [110, 201, 2102, 10148])
def test_a_change_that_tws_refuses_leaves_the_order_as_it_was(working, code):
    id_ = change(working, lmtPrice=4.123)
    working.error(100, code, "no")
    error = working.failure(id_)
    assert (error["code"], error["twsCode"], error["data"]["state"]) == ("rejectedByTws", code, "acknowledged")
    assert working.failure(change(working, lmtPrice=4.123))["twsCode"] == code
    assert working.disk.orders[100].order["lmtPrice"] == ORDER["lmtPrice"]
    second = change(working, 2, lmtPrice=4.0)
    shown(working, lmtPrice=4.0)
    assert working.result(second)["revision"] == 2


def test_one_change_at_a_time(working):
    change(working, 1, lmtPrice=4.0)
    assert working.failure(change(working, 2, lmtPrice=3.0))["code"] == "changePending"


def test_a_change_without_a_word_is_unknown_until_tws_shows_the_order(working):
    id_ = change(working, lmtPrice=4.0)
    working.wait(30)
    assert working.result(id_)["change"] == "unknown"
    assert working.failure(change(working, 2, lmtPrice=3.0))["code"] == "changePending"
    for seconds in (5, 61):
        working.wait(seconds)
        assert working.internal_requests
        shown(working, lmtPrice=5.0)
        working.answer_internal_requests()
    assert working.result(change(working, lmtPrice=4.0))["change"] == "notApplied"
    change(working, 2, lmtPrice=3.0)
    assert len(working.sends("placeOrder")) == 3


def test_a_change_that_was_on_its_way_in_a_crash_is_unknown_and_not_sent_again(working):
    change(working, lmtPrice=4.0)
    again = Bench(disk=working.disk)
    again.ready(told=False)
    shown(again, lmtPrice=4.0)
    again.answer_internal_requests()
    assert "change" not in again.result(change(again, lmtPrice=4.0))
    assert again.sends("placeOrder") == []


@pytest.mark.parametrize("word", ["Filled", "Cancelled"])
def test_an_order_that_has_ended_cannot_be_changed(working, word):
    pending = change(working, lmtPrice=4.0)
    status(working, 100, word)
    assert working.failure(pending)["code"] == "orderClosed"
    assert working.failure(pending)["data"]["change"] == "orderEnded"
    assert working.failure(change(working, 2, lmtPrice=3.0))["code"] == "orderClosed"


def test_an_order_without_a_word_cannot_be_changed(ready):
    place(ready, orderKey="k1")
    assert ready.failure(change(ready))["code"] == "orderUnknown"


def test_a_change_on_a_full_disk_is_taken_back(working):
    working.disk.full = True
    assert working.failure(change(working, lmtPrice=4.0))["code"] == "ledgerFailed"
    working.disk.full = False
    working.wait(2)
    change(working, lmtPrice=4.0)
    assert len(working.sends("placeOrder")) == 2
    assert working.disk.orders[100].revision == 1


def test_a_change_that_cannot_be_encoded_is_taken_back(working):
    id_ = change(working, lmtPrice=4.0)
    working.session.on_unsendable(working.sent[-1], "needs server version 192", working.now)
    working.collect()
    assert working.failure(id_)["code"] == "invalidParams"
    assert working.disk.orders[100].revision == 0


# Groups


def bracket(bench, client="alice", **more):
    orders = [
        {"orderKey": "entry", "contract": AAPL, "order": {**ORDER, **more}},
        {"orderKey": "profit", "contract": AAPL, "order": {**ORDER, "action": "SELL"}, "parentKey": "entry"},
        {"orderKey": "stop", "contract": AAPL, "parentKey": "entry",
         "order": {"action": "SELL", "orderType": "STP", "auxPrice": 4.0, "totalQuantity": 10}},
    ]  # fmt: skip
    return bench.ask("placeOrders", client=client, orders=orders)


def test_after_a_duplicate_id_tws_is_asked_which_one_is_free(ready):
    id_, order_id = place(ready)
    ready.error(order_id, 103, "Duplicate order id")
    assert ready.failure(id_)["twsCode"] == 103
    assert ready.sends("reqIds")
    ready.tws("nextValidId", orderId=5000)
    assert place(ready)[1] == 5000


def test_a_bracket_leaves_as_one_with_contiguous_ids_and_transmits_with_the_last(ready):
    id_ = bracket(ready)
    sends = ready.sends("placeOrder")
    assert [send["orderId"] for send in sends] == [100, 101, 102]
    assert [send["order"].get("transmit") for send in sends] == [False, False, True]
    assert [send["order"].get("parentId") for send in sends] == [None, 100, 100]
    for order_id, perm_id in ((100, "1"), (101, "2"), (102, "3")):
        assert ready.answers(id_) == []
        status(ready, order_id, perm_id=perm_id)
    assert [order["orderKey"] for order in ready.result(id_)["orders"]] == ["entry", "profit", "stop"]
    again = bracket(ready)
    assert ready.result(again)["orders"] == ready.result(id_)["orders"]
    assert len(ready.sends("placeOrder")) == 3
    assert ready.failure(bracket(ready, lmtPrice=1.0))["code"] == "keyConflict"


def test_a_group_is_written_in_one_transaction(ready):
    ready.disk.held = True
    bracket(ready)
    ready.disk.write_unheard(1)
    assert sorted(ready.disk.orders) == [100, 101, 102]


def test_a_group_of_which_one_cannot_be_encoded_never_leaves(ready):
    id_ = bracket(ready)
    ready.session.on_unsendable(ready.sent[-1], "needs server version 192", ready.now)
    ready.collect()
    assert ready.failure(id_)["code"] == "invalidParams"
    assert {ready.disk.orders[order_id].state for order_id in (100, 101, 102)} == {"unsent"}


def test_one_rejection_fails_the_group_and_tells_of_all(ready):
    id_ = bracket(ready)
    status(ready, 100, perm_id="1")
    ready.error(101, 201, "no")
    status(ready, 102, perm_id="3")
    error = ready.failure(id_)
    assert (error["code"], error["twsCode"]) == ("rejectedByTws", 201)
    assert [order["state"] for order in error["data"]["orders"]] == ["acknowledged", "rejected", "acknowledged"]


@pytest.mark.parametrize(
    ("orders", "code"),
    [
        ([("a", "missing")], "unknownOrder"),
        ([("a", None), ("a", None)], "keyConflict"),
        ([("child", "parent"), ("parent", None)], "unknownOrder"),
        ([("a", None), ("b", "a"), ("c", "b")], "invalidParams"),
    ],
)
def test_an_impossible_group_never_leaves(ready, orders, code):
    items = [
        {"orderKey": key, "contract": AAPL, "order": ORDER} | ({"parentKey": parent} if parent else {})
        for key, parent in orders
    ]
    assert ready.failure(ready.ask("placeOrders", orders=items))["code"] == code
    assert ready.sends("placeOrder") == []


def test_a_parent_is_of_the_same_owner(ready):
    place(ready, client="bob", orderKey="entry")
    child = ready.ask("placeOrder", orderKey="c", contract=AAPL, order=ORDER, parentKey="entry")
    assert ready.failure(child)["code"] == "unknownOrder"


def test_an_oca_group_is_its_owners_alone_and_comes_back_as_it_was(ready):
    place(ready, orderKey="k1", order={"ocaGroup": "g", "ocaType": 1})
    place(ready, client="bob", orderKey="k1", order={"ocaGroup": "g", "ocaType": 1})
    assert [send["order"]["ocaGroup"] for send in ready.sends("placeOrder")] == ["alice:g", "bob:g"]
    shown(ready, ocaGroup="alice:g")
    assert ready.on("order.alice.k1.openOrder")[0]["data"]["order"]["ocaGroup"] == "g"


@pytest.mark.parametrize(("field", "value"), [("parentId", 100), ("whatIf", True)])
def test_what_does_not_go_in_a_group(ready, field, value):
    assert ready.failure(bracket(ready, **{field: value}))["code"] == "invalidParams"


@pytest.mark.parametrize("extra", [{"orderId": 5}, {"attachedOrders": {"slOrderId": 9}}])
def test_order_ids_are_the_bridges_alone(ready, extra):
    id_ = ready.ask("placeOrder", contract=AAPL, order=ORDER, **extra)
    assert ready.failure(id_)["code"] == "invalidParams"


def test_cancel_mine_cancels_all_of_ones_own_that_may_live(ready):
    for key in ("k1", "k2", "k3"):
        place(ready, orderKey=key)
    place(ready, client="bob", orderKey="k1")
    status(ready, 100, perm_id="1")
    status(ready, 101, "Filled", perm_id="2")
    assert ready.result(ready.ask("cancelMine")) == {"orderKeys": ["k1", "k3"]}
    assert [send["orderId"] for send in ready.sends("cancelOrder")] == [100, 102]


# The whole order, as openOrder shows it


@pytest.fixture
def as_shown(working):
    """The order as TWS shows it to its client, in the event."""
    shown(working, filledQuantity="0", parentId=0, volatilityType=0, faMethod="")
    return working.on("order.alice.k1.openOrder")[-1]["data"]["order"]


def test_a_change_takes_the_order_as_it_was_shown(working, as_shown):
    assert {"permId", "clientId", "filledQuantity"} <= as_shown.keys()
    id_ = working.ask("modifyOrder", orderKey="k1", revision=1, order={**as_shown, "lmtPrice": 4.0})
    assert working.last_sent("placeOrder")["order"]["lmtPrice"] == 4.0
    assert "permId" not in working.last_sent("placeOrder")["order"]
    shown(working, lmtPrice=4.0)
    assert working.result(id_)["revision"] == 1


@pytest.mark.parametrize(
    ("name", "value"), [("permId", "78"), ("orderId", 101), ("filledQuantity", "3"), ("parentId", 5)]
)
def test_a_change_of_what_only_tws_sets_is_refused_by_name(working, as_shown, name, value):
    id_ = working.ask("modifyOrder", orderKey="k1", revision=1, order={**as_shown, name: value})
    assert working.failure(id_)["data"]["field"] == f"order.{name}"
    assert len(working.sends("placeOrder")) == 1
