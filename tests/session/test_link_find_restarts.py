"""Finds of the hostile tester on planned restarts and the declared trading mode."""

from __future__ import annotations

import pytest

from tests.session.conftest import AAPL, Bench
from tests.session.test_restarts import ORDER, SOON, TO_BEGIN, TO_END, go_to, place


def again(bench, **params):
    """The same order again, by a request that has five seconds."""
    bench.request({"v": 1, "id": "again", "client": "alice", "method": "placeOrder", "timeout": 5,
                   "params": {"orderKey": "k1", "contract": AAPL, "order": ORDER, **params}})  # fmt: skip
    go_to(bench, bench.clock - 1000 + 20)
    return bench.answers("again")


@pytest.fixture
def begun():
    bench = Bench(planned_restarts=(SOON,))
    bench.ready()
    go_to(bench, TO_BEGIN + 1)
    return bench


@pytest.mark.parametrize("params", [{}, {"duringRestart": "hold"}], ids=["not held", "held for a shorter time"])
def test_no_order_is_said_to_have_a_free_key_that_leaves_later(begun, params):
    place(begun, timeout=600, duringRestart="hold")
    answers = again(begun, **params)
    go_to(begun, TO_END + 2)
    assert len(begun.sends("placeOrder")) == 1
    assert {body["error"]["code"] for body in answers if not body["ok"]} <= {"noResponse"}


def test_an_order_that_is_held_can_be_awaited(begun):
    place(begun, timeout=600, duringRestart="hold")
    awaited = begun.ask("awaitOrder", orderKey="k1", until="acknowledged")
    assert [body for body in begun.answers(awaited) if not body["ok"]] == []


def test_a_held_child_of_a_parent_that_has_ended_is_told_so():
    bench = Bench(planned_restarts=(SOON,))
    bench.ready()
    place(bench, "parent")
    order_id = bench.last_sent("placeOrder")["orderId"]
    bench.tws("orderStatus", orderId=order_id, status="Submitted", filled="0", remaining="1", permId="9")
    go_to(bench, TO_BEGIN + 1)
    child = place(bench, "child", timeout=600, duringRestart="hold", parentKey="parent")
    bench.tws("orderStatus", orderId=order_id, status="Cancelled", filled="0", remaining="1", permId="9")
    go_to(bench, TO_END + 2)
    assert bench.failure(child)["code"] == "parentGone"


@pytest.mark.parametrize("mode", ["paper", "live"])
def test_accounts_that_tws_does_not_name_are_not_of_the_declared_kind(mode):
    bench = Bench(trading_mode=mode)
    bench.ready(accounts="")
    place(bench)
    assert bench.sends("placeOrder") == []
