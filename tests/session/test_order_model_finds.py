"""What the model check of `tests/model/` found last, as it was told at the wire: each had an intent executed twice."""

from __future__ import annotations

import pytest

from bridge.session.rights.grants import Grant
from bridge.session.rights.permissions import Permissions
from tests.session.conftest import AAPL, Bench
from tests.session.test_order_hazards import ask
from tests.session.test_orders import ORDER, status

#: "Cannot cancel the filled order", of a TWS that does not speak English.
FOREIGN = "Order kann nicht storniert werden"


def shown(bench: Bench, word: str) -> None:
    order = {"permId": "77", "clientId": 1, **ORDER}
    bench.tws("openOrder", orderId=100, contract=AAPL, order=order, orderState={"status": word})


def state(bench: Bench) -> str:
    return bench.disk.orders[100].state


@pytest.fixture
def ready() -> Bench:
    roles = {"alice": Grant(frozenset({"trade"})), "boss": Grant(frozenset({"trade", "admin"}))}
    bench = Bench(permissions=Permissions(roles))
    bench.ready()
    ask(bench)
    return bench


def test_a_refused_cancel_in_any_language_and_a_late_inactive_reject_no_order(ready: Bench) -> None:
    ready.ask("cancelOrder", orderKey="k1")
    shown(ready, "Submitted")
    ready.error(100, 201, FOREIGN)
    shown(ready, "Inactive")
    assert state(ready) == "inactive"


def test_a_refused_cancel_of_an_order_that_was_given_up_by_force_rejects_no_order(ready: Bench) -> None:
    ready.wait(31)
    ready.ask("abandon", client="boss", owner="alice", orderKey="k1", force=True)
    assert state(ready) == "abandoned"
    shown(ready, "Inactive")
    ready.error(100, 201, "Cannot cancel the filled order")
    assert state(ready) == "inactive"


def test_a_refusal_after_a_cancel_counts_once_tws_no_longer_has_the_order_also_on_another_connection(
    ready: Bench,
) -> None:
    shown(ready, "PreSubmitted")
    ready.ask("cancelOrder", orderKey="k1")
    ready.error(100, 201, "margin")
    status(ready, 100, "Inactive")
    ready.session.on_lost("end of file", ready.now)
    ready.collect()
    ready.wait(2)
    ready.ready()
    assert state(ready) == "rejected"


def test_how_much_was_executed_when_an_order_ended_again_is_told_by_a_pass_that_began_after_that(ready: Bench) -> None:
    shown(ready, "Submitted")
    ready.error(100, 202, "Order Canceled")
    while not ready.internal_requests:
        ready.wait(1)
    shown(ready, "Submitted")
    ready.error(100, 202, "Order Canceled")
    ready.answer_internal_requests()
    assert (state(ready), ready.disk.orders[100].final_filled) == ("cancelled", None)
    ready.wait(6)
    ready.answer_internal_requests()
    assert ready.disk.orders[100].final_filled == "0"


def test_how_much_was_executed_is_told_also_to_a_bridge_that_was_started_anew(ready: Bench) -> None:
    shown(ready, "Submitted")
    ready.error(100, 202, "Order Canceled")
    again = Bench(ready.disk)
    again.ready()
    assert (state(again), again.disk.orders[100].final_filled) == ("cancelled", "0")


def test_how_much_was_executed_is_told_of_an_order_that_ends_as_tws_had_said_before(ready: Bench) -> None:
    shown(ready, "Submitted")
    ready.error(100, 202, "Order Canceled")
    shown(ready, "Submitted")
    for _ in range(3):
        ready.wait(61)
        ready.answer_internal_requests()
    assert (state(ready), ready.disk.orders[100].final_filled) == ("cancelled", "0")
