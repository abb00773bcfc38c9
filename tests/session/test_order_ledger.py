"""Orders and the disk: nothing leaves that is not written, and a new start knows what was."""

from __future__ import annotations

import pytest

from bridge.session.orders.ledger_health import RETRY
from tests.session.conftest import AAPL, Bench
from tests.session.test_orders import ORDER, opened, place, status


@pytest.fixture
def held(ready):
    ready.disk.held = True
    return ready


def ask(bench, key="k1", **more):
    return bench.ask("placeOrder", orderKey=key, contract=AAPL, order={**ORDER, **more})


def restart(bench, **more):
    """The same bridge after a crash: only what is on the disk remains."""
    bench.disk.lose_power()
    again = Bench(disk=bench.disk)
    again.ready(**more)
    return again


def test_the_bytes_wait_for_the_disk(held):
    id_ = ask(held)
    assert held.sends("placeOrder") == []
    held.release()
    assert held.last_sent("placeOrder")["orderId"] == 100
    record = held.disk.orders[100]
    assert (record.owner, record.key, record.state, record.tag) == ("alice", "k1", "sent", "#tb:feedface:alice:k1:100")
    assert held.disk.high_water == 100
    assert held.answers(id_) == []


def test_a_full_disk_refuses_orders_and_lets_cancels_through(ready):
    _, order_id = place(ready, orderKey="old")
    status(ready, order_id)
    ready.disk.full = True
    refused = ask(ready)
    assert ready.failure(refused)["code"] == "ledgerFailed"
    ready.ask("cancelOrder", orderKey="old")
    assert ready.last_sent("cancelOrder")["orderId"] == order_id
    assert len(ready.sends("placeOrder")) == 1


def test_while_the_disk_is_full_cancels_leave_and_what_tws_says_of_them_waits(ready):
    _, order_id = place(ready, orderKey="k1")
    status(ready, order_id)
    ready.disk.full = True
    cancel = ready.ask("cancelOrder", orderKey="k1")
    status(ready, order_id, "Cancelled")
    late = ready.ask("cancelOrder", orderKey="k1")
    ready.wait(31)
    assert {ready.failure(id_)["code"] for id_ in (cancel, late)} == {"noResponse"}
    waits = ready.ask("awaitOrder", orderKey="k1", until="ended", timeout=90)
    assert [body["n"] for body in ready.on("order.alice.k1.orderStatus")] == [1]
    assert ready.on("system.ledger")[-1]["data"]["state"] == "failed"
    assert ready.failure(ask(ready, "k2"))["code"] == "ledgerFailed"
    ready.disk.full = False
    ready.wait(2)
    assert ready.result(waits)["state"] == "cancelled"
    assert [body["n"] for body in ready.on("order.alice.k1.orderStatus")] == [1, 2]
    assert ready.on("system.ledger")[-1]["data"] == {"state": "written"}
    ask(ready, "k2")
    assert len(ready.sends("placeOrder")) == 2


def test_an_order_that_was_refused_for_the_disk_may_be_asked_for_again(ready):
    ready.disk.full = True
    assert ready.failure(ask(ready))["code"] == "ledgerFailed"
    ready.disk.full = False
    ready.wait(2)
    ask(ready)
    assert ready.last_sent("placeOrder")["orderId"] == 101


def test_an_order_that_is_not_written_in_time_never_leaves(held):
    id_ = ask(held)
    held.wait(31)
    assert held.failure(id_)["code"] == "ledgerFailed"
    held.release()
    assert held.sends("placeOrder") == []
    held.wait(2 * RETRY + 0.1)
    ask(held)
    assert held.last_sent("placeOrder")["orderId"] == 101


def test_an_order_cancelled_before_it_is_written_never_leaves(held):
    id_ = ask(held)
    cancel = held.ask("cancelOrder", orderKey="k1")
    held.release()
    assert held.failure(id_)["code"] == "cancelled"
    assert held.result(cancel)["state"] == "unsent"
    assert held.sends("placeOrder") == held.sends("cancelOrder") == []


def test_an_order_written_after_the_connection_was_lost_never_leaves_and_frees_its_key(held):
    id_ = ask(held)
    held.session.on_lost("end of file", held.now)
    held.release()
    error = held.failure(id_)
    assert (error["code"], error["data"]["state"]) == ("notTradable", "unsent")
    held.wait(1)
    held.ready()
    ask(held)
    assert held.last_sent("placeOrder")["orderId"] == 101
    assert held.disk.orders[100].state == "unsent"


@pytest.mark.parametrize("started_anew", [False, True])
def test_an_order_that_never_left_is_not_what_another_program_placed_under_its_number(held, started_anew):
    ask(held)
    held.session.on_lost("end of file", held.now)
    held.release()
    held.wait(1)
    bench = restart(held) if started_anew else held
    if not started_anew:
        bench.ready()
    ask(bench)
    status(bench, 100, perm_id="55")
    assert bench.on("order.external.55.orderStatus")
    assert {order.state for order in bench.disk.orders.values()} == {"unsent", "sent"}


def test_a_crash_before_the_disk_forgets_the_order_for_good(held):
    ask(held)
    again = restart(held)
    place(again, orderKey="k1")
    assert len(again.sends("placeOrder")) == 1


def test_a_crash_after_the_disk_leaves_the_order_unknown_and_sends_it_no_more(held):
    ask(held)
    held.disk.write_unheard(1)
    again = restart(held)
    id_ = ask(again)
    facts = again.result(id_)
    assert (facts["orderId"], facts["orderKey"], facts["state"]) == (100, "k1", "unknown")
    assert again.sends("placeOrder") == []
    assert place(again, orderKey="k2")[1] == 101


def test_ids_rise_across_starts_though_tws_rolls_back(ready):
    _, first = place(ready, orderKey="k1")
    again = restart(ready, order_id=1)
    _, second = place(again, orderKey="k2")
    assert (first, second) == (100, 101)


def test_an_order_that_tws_shows_after_a_new_start_is_known_again(ready):
    _, order_id = place(ready, orderKey="k1")
    again = restart(ready, told=False)
    opened(again, order_id, order_ref="#tb:feedface:alice:k1:100")
    again.answer_internal_requests()
    assert again.result(ask(again))["state"] == "acknowledged"
    again.ask("cancelOrder", orderKey="k1")
    assert again.last_sent("cancelOrder")["orderId"] == order_id


def test_a_rejection_is_the_stored_answer_after_a_new_start(ready):
    _, order_id = place(ready, orderKey="k1")
    ready.error(order_id, 201, "no margin")
    again = restart(ready)
    error = again.failure(ask(again))
    assert (error["code"], error["twsCode"], error["message"]) == ("rejectedByTws", 201, "no margin")


def test_orders_of_another_account_are_refused(ready):
    place(ready, orderKey="k1")
    again = restart(ready, accounts="U9")
    error = again.failure(ask(again, "k2"))
    assert error["code"] == "notTradable"
    assert "DU1" in error["message"] and "U9" in error["message"]


def test_orders_wait_until_all_that_lives_was_told(make_bench):
    bench = make_bench()
    bench.ready(told=False)
    waiting = ask(bench)
    assert bench.sends("placeOrder") == []
    told = bench.result(bench.ask("status"))["orders"]
    assert told["tradable"] is False and "TWS has not yet sent all" in told["reason"]
    bench.answer_internal_requests()
    assert bench.result(bench.ask("status"))["orders"] == {"tradable": True}
    assert len(bench.sends("placeOrder")) == 1
    assert bench.answers(waiting) == []


def test_an_order_that_waited_too_long_is_refused_with_the_reason(make_bench):
    bench = make_bench()
    bench.ready(told=False)
    id_ = ask(bench)
    bench.wait(30)
    assert bench.failure(id_)["code"] == "notTradable"
    assert bench.sends("placeOrder") == []


def test_no_order_leaves_while_ibkr_is_away_and_cancels_do(ready):
    _, order_id = place(ready, orderKey="k1")
    status(ready, order_id)
    ready.error(-1, 1100, "Connectivity lost")
    ask(ready, "k2")
    ready.ask("cancelOrder", orderKey="k1")
    assert len(ready.sends("placeOrder")) == 1
    assert len(ready.sends("cancelOrder")) == 1
    ready.error(-1, 1102, "restored")
    assert len(ready.sends("placeOrder")) == 1
    ready.answer_internal_requests()
    assert len(ready.sends("placeOrder")) == 2


def test_what_tws_does_not_answer_is_asked_again(make_bench):
    bench = make_bench()
    bench.ready(told=False)
    first = list(bench.internal_requests)
    bench.internal_requests.clear()
    bench.wait(95)
    assert {send.name for send in bench.internal_requests} == {send.name for send in first}
    bench.answer_internal_requests()
    ask(bench)
    assert len(bench.sends("placeOrder")) == 1


def test_an_order_costs_a_commit_before_it_leaves_and_one_for_what_tws_says_of_it(ready):
    written = []
    take = ready.disk.take
    ready.disk.take = lambda effect: (written.append(effect), take(effect))
    place(ready, orderKey="k1")
    assert len(written) == 1
    status(ready, 100)
    assert len(written) == 2
