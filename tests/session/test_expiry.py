"""A request with `expires`: late, the bridge does nothing of it, and says by how much it was late."""

from __future__ import annotations

import pytest

from tests.session.conftest import AAPL, Bench
from tests.session.test_idempotency import answer
from tests.session.test_orders import ORDER, place, status

PLACE = {"orderKey": "k1", "contract": AAPL, "order": ORDER}


def send(bench, method, params, *, left, id_="e1", **more):
    """A request that expires in `left` seconds."""
    body = {"v": 1, "id": id_, "client": "alice", "method": method, "params": params, **more}
    bench.request({**body, "expires": bench.now.ts + round(left * 1e9)})
    return id_


def stop_for(bench, seconds):
    """The process is stopped: time passes, and no timer runs."""
    bench.clock += seconds


def test_an_order_that_arrives_late_is_refused_with_the_seconds_and_leaves_its_key_free(ready):
    error = ready.failure(send(ready, "placeOrder", PLACE, left=-60.25))
    assert (error["code"], error["data"]) == ("expired", {"secondsLate": 60.25})
    assert "60.250 s" in error["message"] and "clocks" in error["message"]
    ready.wait(100)
    assert ready.sends("placeOrder") == []
    send(ready, "placeOrder", PLACE, left=10, id_="e2")
    status(ready, ready.last_sent("placeOrder")["orderId"])
    assert ready.result("e2")["state"] == "acknowledged"


def test_an_order_that_arrives_in_time_leaves(ready):
    id_ = send(ready, "placeOrder", PLACE, left=0.001)
    status(ready, ready.last_sent("placeOrder")["orderId"])
    assert ready.result(id_)["state"] == "acknowledged"


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("placeOrders", {"orders": [PLACE]}),
        ("modifyOrder", {"orderKey": "old", "revision": 1, "order": {**ORDER, "lmtPrice": 6.0}}),
        ("cancelOrder", {"orderKey": "old"}),
        ("cancelMine", {}),
        ("replaceFA", {"onceKey": "g1", "faDataType": 1, "xml": "<groups/>"}),
        ("reqContractDetails", {"contract": AAPL}),
        ("reqMktData", {"contract": AAPL}),
    ],
)
def test_a_late_request_sends_tws_nothing_whatever_its_method(ready, method, params):
    _, order_id = place(ready, orderKey="old")
    status(ready, order_id)
    before = list(ready.sent)
    assert ready.failure(send(ready, method, params, left=-1))["code"] == "expired"
    ready.wait(100)
    assert ready.sent == before


@pytest.mark.parametrize(
    ("method", "params"),
    [("status", {}), ("ping", {}), ("orderLog", {"after": 0}), ("halt", {"reason": "test"}), ("reload", {})],
)
def test_late_reads_and_methods_of_the_bridge_are_refused_too(ready, method, params):
    assert ready.failure(send(ready, method, params, left=-1))["code"] == "expired"
    assert (ready.halted, ready.reloads) == (None, [])


def test_a_late_copy_of_an_accepted_order_gets_its_answer(ready):
    order_id = place(ready, orderKey="k1")[1]
    late = send(ready, "placeOrder", PLACE, left=-60)
    assert ready.answers(late) == []  # TWS has not answered the order yet
    status(ready, order_id)
    assert ready.result(late)["state"] == "acknowledged"
    again = Bench(disk=ready.disk)
    again.ready()
    assert again.result(send(again, "placeOrder", PLACE, left=-60))["orderKey"] == "k1"
    assert (len(ready.sends("placeOrder")), again.sends("placeOrder")) == (1, [])


def test_a_late_copy_under_the_same_id_gets_the_stored_answer(ready):
    send(ready, "placeOrder", PLACE, left=10)
    status(ready, ready.last_sent("placeOrder")["orderId"])
    send(ready, "placeOrder", PLACE, left=-60)
    assert [one["result"]["state"] for one in ready.answers("e1")] == ["acknowledged"] * 2
    assert len(ready.sends("placeOrder")) == 1


def test_a_late_copy_with_other_content_is_a_conflict(ready):
    place(ready, orderKey="k1")
    other = {**PLACE, "order": {**ORDER, "totalQuantity": "11"}}
    assert ready.failure(send(ready, "placeOrder", other, left=-60))["code"] == "keyConflict"


def test_a_late_copy_of_a_change_gets_its_answer(ready):
    status(ready, place(ready, orderKey="k1")[1])
    change = {"orderKey": "k1", "revision": 1, "order": {**ORDER, "lmtPrice": 6.0}}
    first = send(ready, "modifyOrder", change, left=10)
    late = send(ready, "modifyOrder", change, left=-1, id_="e2")
    assert len(ready.sends("placeOrder")) == 2
    ready.wait(31)
    assert ready.answers(first)[0]["ok"] == ready.answers(late)[0]["ok"]


def test_a_late_copy_of_a_paid_request_gets_its_answer(ready):
    params = {"onceKey": "g1", "faDataType": 1, "xml": "<groups/>"}
    send(ready, "replaceFA", params, left=10)
    answer(ready)
    assert ready.result(send(ready, "replaceFA", params, left=-60, id_="e2"))["text"] == "done"
    assert len(ready.sends("replaceFA")) == 1


def test_a_late_copy_of_an_order_that_waits_does_not_say_that_nothing_happens(bench):
    bench.ready(told=False)
    first = send(bench, "placeOrder", PLACE, left=20)
    assert bench.failure(send(bench, "placeOrder", PLACE, left=-1, id_="e2"))["code"] == "noResponse"
    bench.answer_internal_requests()
    status(bench, bench.last_sent("placeOrder")["orderId"])
    assert bench.result(first)["state"] == "acknowledged"


def test_what_waits_in_the_bridge_does_not_leave_after_it_expires(bench):
    bench.ready(told=False)
    id_ = send(bench, "placeOrder", PLACE, left=5, timeout=600)
    bench.wait(4.9)
    assert bench.answers(id_) == []
    bench.wait(0.2)
    assert bench.failure(id_)["code"] == "notTradable"
    bench.answer_internal_requests()
    bench.wait(100)
    assert bench.sends("placeOrder") == []


def test_what_waits_does_not_leave_when_the_bridge_was_stopped_meanwhile(bench):
    bench.ready(told=False)
    id_ = send(bench, "placeOrder", PLACE, left=5)
    stop_for(bench, 60)
    bench.answer_internal_requests()  # TWS's lists come before the timers run
    assert bench.failure(id_)["code"] == "expired"
    assert bench.sends("placeOrder") == []


@pytest.mark.parametrize("more", [{}, {"timeout": 5}])
def test_an_order_does_not_leave_when_the_bridge_was_stopped_before_it_was_on_disk(ready, more):
    ready.disk.held = True
    id_ = send(ready, "placeOrder", PLACE, left=100 if more else 5, **more)
    stop_for(ready, 60)
    ready.release()
    assert ready.failure(id_)["code"] == "expired"
    assert ready.sends("placeOrder") == []
    send(ready, "placeOrder", PLACE, left=5, id_="e2")
    assert len(ready.sends("placeOrder")) == 1


def test_an_order_leaves_as_long_as_one_of_its_requests_wants_it(ready):
    ready.disk.held = True
    send(ready, "placeOrder", PLACE, left=5)
    send(ready, "placeOrder", PLACE, left=100, id_="e2", timeout=100)
    stop_for(ready, 60)
    ready.release()
    assert len(ready.sends("placeOrder")) == 1


def test_a_change_does_not_leave_when_the_bridge_was_stopped_before_it_was_on_disk(ready):
    status(ready, place(ready, orderKey="k1")[1])
    ready.disk.held = True
    change = {"orderKey": "k1", "revision": 1, "order": {**ORDER, "lmtPrice": 6.0}}
    id_ = send(ready, "modifyOrder", change, left=5)
    stop_for(ready, 60)
    ready.release()
    assert ready.failure(id_)["code"] == "expired"
    assert len(ready.sends("placeOrder")) == 1


def test_a_paid_request_does_not_leave_when_the_bridge_was_stopped_before_it_was_on_disk(ready):
    params = {"onceKey": "g1", "faDataType": 1, "xml": "<groups/>"}
    ready.disk.held = True
    id_ = send(ready, "replaceFA", params, left=5)
    stop_for(ready, 60)
    ready.release()
    assert ready.failure(id_)["code"] == "expired"
    assert ready.sends("replaceFA") == []
    send(ready, "replaceFA", params, left=5, id_="e2")
    assert len(ready.sends("replaceFA")) == 1


@pytest.mark.parametrize("wrong", [0, -1, 1.5, "soon", True, 1 << 63])
def test_a_wrong_time_names_the_field(ready, wrong):
    ready.request({"v": 1, "id": "w", "client": "alice", "method": "ping", "expires": wrong})
    error = ready.failure("w")
    assert (error["code"], error["data"]["field"]) == ("invalidRequest", "expires")
