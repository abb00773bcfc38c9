"""What the machine of `test_order_machine.py` has found, each as the shortest way there."""

from __future__ import annotations

from bridge.session.request_ids import FIRST_REQUEST_ID
from tests.session.conftest import AAPL, Bench
from tests.session.test_lost_orders import completed, look
from tests.session.test_order_hazards import reconnect, ref, shown
from tests.session.test_order_log import fill
from tests.session.test_orders import ORDER, opened, status


def ask(bench, key="k1", **params):
    return bench.ask("placeOrder", orderKey=key, contract=AAPL, order=ORDER, **params)


def restart(bench, **more):
    """The same bridge after a crash: only what is on the disk remains."""
    bench.disk.lose_power()
    again = Bench(disk=bench.disk)
    again.ready(**more)
    return again


def test_an_order_that_was_on_its_way_in_a_crash_says_from_the_start_why_it_is_unknown(ready):
    ask(ready)
    again = restart(ready, told=False)
    facts = again.result(ask(again))
    assert facts["state"] == "unknown"
    assert "the bridge restarted" in facts["reason"]


def test_an_execution_that_is_told_again_in_a_pass_does_not_wake_an_order_that_tws_holds(ready):
    ask(ready)
    fill(ready, "x1.01", shares="3")
    status(ready, 100, "Inactive", filled="3")
    ready.error(-1, 1100)
    ready.error(-1, 1102)
    fields = {"permId": "77", "clientId": 1, **ORDER, "filledQuantity": "3"}
    held = {"orderId": 100, "contract": AAPL, "order": fields, "orderState": {"status": "Inactive"}}
    execution = {"orderId": 100, "clientId": 1, "permId": "77", "execId": "x1.01", "shares": "3"}
    told = {"reqId": FIRST_REQUEST_ID, "contract": AAPL, "execution": execution}
    look(ready, ("openOrder", held), ("execDetails", told))
    assert ready.disk.orders[100].state == "inactive"


def test_a_pass_does_not_miss_an_order_that_is_over_and_waits_for_the_disk(ready):
    ready.disk.held = True
    ask(ready)
    ready.ask("cancelOrder", orderKey="k1")
    ready.disk.report(ready.session, ready.now, 1)
    ready.error(-1, 1100)
    ready.error(-1, 1102)
    ready.answer_internal_requests()
    ready.release()
    assert ready.disk.orders[100].state == "unsent"
    assert ready.on("order.alice.k1.conflict") == []


def test_an_order_that_an_old_word_has_brought_back_is_looked_for(ready):
    ask(ready)
    opened(ready, 100)
    status(ready, 100, "Cancelled")
    ready.wait(6)
    ready.answer_internal_requests()
    opened(ready, 100)
    assert ready.disk.orders[100].state == "acknowledged"
    ready.wait(6)
    assert ready.internal_requests
    look(ready, completed("Cancelled"))
    assert ready.disk.orders[100].state == "cancelled"


def test_an_unknown_order_that_tws_answers_a_cancel_of_as_too_late_still_says_why_it_is_unknown(ready):
    ask(ready)
    again = restart(ready, told=False)
    again.ask("cancelOrder", orderKey="k1")
    again.error(100, 10148)
    facts = again.result(ask(again))
    assert facts["state"] == "unknown"
    assert "the bridge restarted" in facts["reason"]


def test_a_change_that_waits_for_the_disk_while_its_order_ends_is_not_unknown_after_a_crash(ready):
    ask(ready)
    status(ready, 100)
    ready.disk.held = True
    ready.ask("modifyOrder", orderKey="k1", revision=1, order={**ORDER, "lmtPrice": 4.0})
    status(ready, 100, "Cancelled")
    ready.disk.write_unheard(2)
    again = restart(ready)
    facts = again.result(again.ask("cancelOrder", orderKey="k1"))
    assert facts["state"] == "cancelled"
    assert facts["change"] == "orderEnded"


def test_of_two_orders_of_one_number_one_that_is_completed_as_inactive_is_over(ready):
    ask(ready)
    for perm_id in ("77", "88"):
        shown(ready, perm_id=perm_id, ref=ref(ready))
    status(ready, 100, "Cancelled", perm_id="77")
    ready.error(-1, 1100)
    ready.error(-1, 1102)
    look(ready, completed("Cancelled", perm_id="77"), completed("Inactive", perm_id="88"))
    assert ready.disk.orders[100].state == "cancelled"


def test_what_tws_says_while_ibkr_is_away_counts_on_that_connection_only(ready):
    ask(ready)
    status(ready, 100, "Cancelled")
    ready.error(-1, 1100)
    opened(ready, 100)
    reconnect(ready)
    ready.answer_internal_requests()
    assert ready.disk.orders[100].state == "unknown"


def test_of_two_orders_of_one_number_one_that_tws_no_longer_lists_is_not_taken_to_live(ready):
    ask(ready)
    for perm_id in ("77", "88"):
        shown(ready, perm_id=perm_id, ref=ref(ready))
    reconnect(ready)
    look(ready, completed("Cancelled", perm_id="88"))
    facts = ready.result(ask(ready))
    assert facts["state"] == "unknown"
    assert "does not list it as open" in facts["reason"]


def test_a_permid_that_tws_gives_twice_does_not_make_one_order_of_two(ready):
    ask(ready)
    shown(ready, ref=ref(ready))
    ask(ready, "k2")
    shown(ready, order_id=101, ref=ref(ready))
    status(ready, 101, "Filled", filled="10", remaining="0")
    assert [ready.disk.orders[number].state for number in (100, 101)] == ["acknowledged", "filled"]
