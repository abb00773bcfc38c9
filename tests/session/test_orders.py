"""Orders: ids, owners, keys, tags, and TWS's first word on them."""

from __future__ import annotations

import pytest

from tests.session.conftest import AAPL

ORDER = {"action": "BUY", "orderType": "LMT", "totalQuantity": "10", "lmtPrice": 5.0}


def place(bench, client="alice", **more):
    params = {"contract": AAPL, "order": {**ORDER, **more.pop("order", {})}, **more}
    id_ = bench.ask("placeOrder", client=client, **params)
    return id_, bench.last_sent("placeOrder")["orderId"]


def status(bench, order_id, word="Submitted", perm_id="77", **more):
    data = {"status": word, "filled": "0", "remaining": "10", "permId": perm_id, "clientId": 1, **more}
    bench.tws("orderStatus", orderId=order_id, **data)


def opened(bench, order_id, perm_id="77", client_id=1, order_ref=None):
    order = {"permId": perm_id, "clientId": client_id, **ORDER}
    if order_ref is not None:
        order["orderRef"] = order_ref
    bench.tws("openOrder", orderId=order_id, contract=AAPL, order=order, orderState={"status": "Submitted"})


def test_an_order_gets_an_id_of_the_bridge_and_is_answered_at_the_first_word(ready):
    id_, order_id = place(ready, orderKey="k1")
    assert order_id == 100
    assert ready.answers(id_) == []
    status(ready, order_id)
    assert ready.result(id_) == {
        "orderId": 100, "orderKey": "k1", "permId": "77", "status": "Submitted", "state": "acknowledged"
    }  # fmt: skip


def test_ids_rise_above_every_id_seen(ready):
    opened(ready, 150)
    _, order_id = place(ready)
    assert order_id == 151
    ready.tws("nextValidId", orderId=120)
    assert place(ready)[1] == 152


def test_an_order_id_beyond_the_request_ids_refuses_orders_with_a_diagnosis(make_bench):
    bench = make_bench()
    bench.ready(order_id=2**30)
    id_ = bench.ask("placeOrder", contract=AAPL, order=ORDER)
    assert bench.failure(id_)["code"] == "notTradable"
    assert any("collide" in log.text for log in bench.logs)


def test_the_tag_goes_out_and_the_clients_own_reference_comes_back(ready):
    _, order_id = place(ready, orderKey="k1", order={"orderRef": "mine"})
    sent = ready.last_sent("placeOrder")["order"]["orderRef"]
    assert sent == "mine#tb:feedface:alice:k1:100"
    opened(ready, order_id, order_ref=sent)
    execution = {"orderId": order_id, "execId": "x1", "permId": "77", "clientId": 1, "orderRef": sent}
    ready.tws("execDetails", reqId=-1, contract=AAPL, execution=execution)
    assert ready.on("order.alice.k1.openOrder")[0]["data"]["order"]["orderRef"] == "mine"
    assert ready.on("order.alice.k1.execDetails")[0]["data"]["execution"]["orderRef"] == "mine"


def test_no_reference_stays_no_reference(ready):
    _, order_id = place(ready, orderKey="k1")
    opened(ready, order_id, order_ref="#tb:feedface:alice:k1:100")
    assert "orderRef" not in ready.on("order.alice.k1.openOrder")[0]["data"]["order"]


def test_an_order_of_a_lost_ledger_is_known_by_its_tag_and_shuts_its_key(ready):
    opened(ready, 42, order_ref="mine#tb:01234567:bob:old:42")
    assert ready.on("order.bob.old.openOrder")
    again = ready.ask("placeOrder", client="bob", orderKey="old", contract=AAPL, order=ORDER)
    failure = ready.failure(again)
    assert failure["code"] == "keyConflict"
    assert "found at TWS after its ledger was lost" in failure["message"], "it cannot know whether the content is other"
    ready.ask("cancelOrder", client="bob", orderKey="old")
    assert ready.last_sent("cancelOrder")["orderId"] == 42


def test_a_tag_in_the_clients_own_text_gives_it_no_other_order(ready):
    place(ready, orderKey="k1")
    forged = "#tb:feedface:alice:k1:100"
    bobs, bobs_id = place(ready, client="bob", orderKey="b1", order={"orderRef": forged})
    opened(ready, bobs_id, perm_id="78", order_ref=ready.last_sent("placeOrder")["order"]["orderRef"])
    assert ready.result(bobs)["orderKey"] == "b1"
    assert ready.on("order.bob.b1.openOrder")[0]["data"]["order"]["orderRef"] == forged
    assert not ready.on("order.alice.k1.openOrder")


def test_the_key_defaults_to_the_requests_id(ready):
    id_ = ready.ask("placeOrder", id="my-order", contract=AAPL, order=ORDER)
    status(ready, 100)
    assert ready.result(id_)["orderKey"] == "my-order"
    refused = ready.ask("placeOrder", id="my order!", contract=AAPL, order=ORDER)
    assert ready.failure(refused)["data"]["field"] == "orderKey"


def test_fill_and_commission_reach_the_owner_once(ready):
    _, order_id = place(ready, orderKey="k1")
    execution = {"orderId": order_id, "execId": "x1", "permId": "77", "clientId": 1, "shares": "10"}
    for _ in range(2):
        ready.tws("execDetails", reqId=-1, contract=AAPL, execution=execution)
        ready.tws("commissionAndFeesReport", execId="x1", commissionAndFees=1.0)
    assert len(ready.on("order.alice.k1.execDetails")) == 1
    assert len(ready.on("order.alice.k1.commissionAndFeesReport")) == 1


def test_orders_of_others_are_external(ready):
    opened(ready, 100, perm_id="55", client_id=9)
    status(ready, 100, perm_id="55", clientId=9)
    assert len(ready.on("order.external.55.openOrder")) == len(ready.on("order.external.55.orderStatus")) == 1


def test_another_clients_order_with_our_number_is_not_ours(ready):
    id_, order_id = place(ready, orderKey="k1")
    status(ready, order_id, perm_id="55", clientId=9)
    assert ready.answers(id_) == []
    assert ready.on("order.external.55.orderStatus")


@pytest.mark.parametrize("code", [103, 110, 200, 201, 321, 10052])
def test_an_error_that_rejects_answers_with_its_code(ready, code):
    id_, order_id = place(ready, orderKey="k1")
    ready.error(order_id, code, "Order rejected")
    error = ready.failure(id_)
    assert (error["code"], error["twsCode"], error["data"]["orderId"]) == ("rejectedByTws", code, order_id)
    assert ready.on("order.alice.k1.error")[0]["data"]["errorCode"] == code


@pytest.mark.parametrize("code", [399, 404, 2109, 10349])
def test_a_warning_leaves_the_answer_to_the_status(ready, code):
    id_, order_id = place(ready)
    ready.error(order_id, code)
    assert ready.answers(id_) == []
    status(ready, order_id, "PreSubmitted")
    assert ready.result(id_)["status"] == "PreSubmitted"


@pytest.mark.parametrize(("word", "state"), [("Inactive", "inactive"), ("Cancelled", "cancelled")])
def test_a_status_alone_is_no_rejection(ready, word, state):
    id_, order_id = place(ready)
    status(ready, order_id, word)
    assert ready.result(id_)["state"] == state


def test_an_inactive_order_is_rejected_only_together_with_an_error(ready):
    id_, order_id = place(ready, orderKey="k1")
    status(ready, order_id, "Inactive")
    assert ready.result(id_)["state"] == "inactive"
    ready.error(order_id, 201, "no margin")
    assert ready.failure(place(ready, orderKey="k1")[0])["twsCode"] == 201


def test_no_word_in_time_is_unknown(ready):
    id_, order_id = place(ready, orderKey="k1")
    ready.wait(30)
    assert ready.result(id_) == {
        "orderId": order_id, "orderKey": "k1", "state": "unknown", "sentAt": 1_760_000_000_000_000_000,
        "reason": "TWS has not answered placeOrder in time",
        "position": {"then": "0", "now": "0", "at": 1_760_000_000_000_000_000},
    }  # fmt: skip
    status(ready, order_id)
    assert len(ready.answers(id_)) == 1
    again, _ = place(ready, orderKey="k1")
    assert ready.result(again)["state"] == "acknowledged"


def test_a_lost_connection_leaves_the_order_unknown(ready):
    id_, _ = place(ready)
    ready.session.on_lost("end of file", ready.now)
    ready.collect()
    assert ready.result(id_)["state"] == "unknown"


def test_the_same_key_is_the_same_order(ready):
    first, order_id = place(ready, orderKey="k1")
    second, _ = place(ready, orderKey="k1")
    status(ready, order_id)
    third, _ = place(ready, orderKey="k1")
    assert ready.result(first) == ready.result(second) == ready.result(third)
    assert len(ready.sends("placeOrder")) == 1


def test_a_key_with_other_content_is_a_conflict(ready):
    place(ready, orderKey="k1")
    other, _ = place(ready, orderKey="k1", order={"lmtPrice": 6.0})
    failure = ready.failure(other)
    assert failure["code"] == "keyConflict"
    assert "which has other content" in failure["message"]
    assert place(ready, client="bob", orderKey="k1", order={"lmtPrice": 6.0})[1] == 101


def test_a_cancel_by_key_or_id_is_answered_by_its_status(ready):
    _, order_id = place(ready, orderKey="k1")
    status(ready, order_id)
    by_key, by_id = ready.ask("cancelOrder", orderKey="k1"), ready.ask("cancelOrder", orderId=order_id)
    status(ready, order_id)
    assert ready.answers(by_key) == []
    status(ready, order_id, "PendingCancel")
    assert ready.result(by_key)["status"] == ready.result(by_id)["status"] == "PendingCancel"


def test_202_says_a_cancel_succeeded(ready):
    _, order_id = place(ready)
    status(ready, order_id)
    id_ = ready.ask("cancelOrder", orderId=order_id)
    ready.error(order_id, 202, "Order Canceled - reason:")
    assert ready.result(id_)["status"] == "Cancelled"


@pytest.mark.parametrize("code", [161, 10147, 10148])
def test_a_cancel_that_tws_refuses_says_why(ready, code):
    _, order_id = place(ready)
    status(ready, order_id)
    id_ = ready.ask("cancelOrder", orderId=order_id)
    ready.error(order_id, code)
    assert ready.failure(id_)["twsCode"] == code


def test_only_the_owner_cancels_and_changes(ready):
    _, order_id = place(ready, orderKey="k1")
    assert ready.failure(ready.ask("cancelOrder", client="bob", orderId=order_id))["code"] == "notPermitted"
    assert ready.failure(ready.ask("cancelOrder", client="bob", orderKey="k1"))["code"] == "unknownOrder"
    change = ready.ask("modifyOrder", client="bob", orderKey="k1", revision=1, order=ORDER)
    assert ready.failure(change)["code"] == "unknownOrder"
    assert ready.failure(ready.ask("abandon", client="bob", orderKey="k1"))["code"] == "unknownOrder"
    assert ready.sends("cancelOrder") == []


def test_a_what_if_is_answered_with_the_order_state(ready):
    id_, order_id = place(ready, order={"whatIf": True}, orderKey="k1")
    state = {"status": "PreSubmitted", "initMarginAfter": 5.0}
    ready.tws("openOrder", orderId=order_id, contract=AAPL, order={"permId": "1", "clientId": 1}, orderState=state)
    assert ready.result(id_)["orderState"] == state
    assert place(ready, orderKey="k1")[1] == 101


def test_an_order_that_cannot_be_sent_never_was(ready):
    id_, _ = place(ready, orderKey="k1")
    ready.session.on_unsendable(ready.sent[-1], "manualOrderIndicator needs server version 192, TWS has 187", ready.now)
    ready.collect()
    assert "192" in ready.failure(id_)["message"]
    assert place(ready, orderKey="k1")[1] == 101
