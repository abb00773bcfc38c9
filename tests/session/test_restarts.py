"""Planned restarts: no new order leaves before and in one, a loss in one is routine; paper and live are declared."""

from __future__ import annotations

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from bridge.session.restarts import PlannedRestart, Restarts
from tests.session.conftest import AAPL, Bench

NEW_YORK = ZoneInfo("America/New_York")
NIGHT = PlannedRestart("night", time(23, 45), time(0, 45), NEW_YORK)
ORDER = {"action": "BUY", "orderType": "LMT", "totalQuantity": "1", "lmtPrice": 1.0}
#: What the bench's clock says at 1000.0 s: 2025-10-09 08:53:20 UTC.
START = datetime(2025, 10, 9, 8, 53, 20, tzinfo=UTC)
#: Ten minutes later, for five minutes.
SOON = PlannedRestart("nightly", time(9, 3), time(9, 8), ZoneInfo("UTC"))
TO_LEAD, TO_BEGIN, TO_END = 520.0, 580.0, 880.0


def ns(*when, zone=NEW_YORK):
    return int(datetime(*when, tzinfo=zone).timestamp()) * 10**9


def phase(restarts, *when, zone=NEW_YORK):
    restarts.look(ns(*when, zone=zone))
    return restarts.standing and restarts.standing.phase


@pytest.fixture
def planned():
    bench = Bench(planned_restarts=(SOON,))
    bench.ready()
    return bench


def place(bench, key="k1", timeout=None, **params):
    id_ = f"p-{key}"
    body = {"v": 1, "id": id_, "client": "alice", "method": "placeOrder",
            "params": {"orderKey": key, "contract": AAPL, "order": ORDER, **params}}  # fmt: skip
    bench.request(body | ({"timeout": timeout} if timeout else {}))
    return id_


def go_to(bench, seconds):
    """Let time pass until so many seconds after the bench began, and TWS answer what the bridge asks for itself."""
    while bench.clock < 1000 + seconds:
        bench.wait(min(10.0, 1000 + seconds - bench.clock))
        bench.answer_internal_requests()


# When it is


def test_over_midnight():
    restarts = Restarts((NIGHT,))
    assert phase(restarts, 2026, 11, 27, 23, 43) is None
    assert phase(restarts, 2026, 11, 27, 23, 44) == "ahead"
    assert phase(restarts, 2026, 11, 27, 23, 45) == "begun"
    assert phase(restarts, 2026, 11, 28, 0, 44) == "begun"
    assert phase(restarts, 2026, 11, 28, 0, 45) is None


def test_the_days_are_those_on_which_it_begins():
    friday = PlannedRestart("weekly", time(23, 0), time(3, 0), NEW_YORK, days=frozenset({4}))
    restarts = Restarts((friday,))
    assert phase(restarts, 2026, 11, 27, 23, 30) == "begun"  # a Friday
    assert phase(restarts, 2026, 11, 28, 2, 59) == "begun"
    assert phase(restarts, 2026, 11, 28, 23, 30) is None


@pytest.mark.parametrize("day", [(2026, 3, 8), (2026, 11, 1)], ids=["an hour less", "an hour more"])
def test_it_is_told_in_local_time_on_days_that_change_the_clock(day):
    restarts = Restarts((PlannedRestart("morning", time(6, 0), time(6, 30), NEW_YORK),))
    assert phase(restarts, *day, 5, 58) is None
    assert phase(restarts, *day, 6, 29) == "begun"
    assert phase(restarts, *day, 6, 30) is None


def test_of_two_the_one_that_has_begun_stands():
    restarts = Restarts((NIGHT, PlannedRestart("other", time(23, 40), time(23, 45, 30), NEW_YORK)))
    restarts.look(ns(2026, 11, 27, 23, 44, 30))
    assert (restarts.standing.phase, restarts.standing.name) == ("begun", "other")
    restarts.look(ns(2026, 11, 27, 23, 45, 10))
    assert restarts.standing.name == "night"


# What it does to orders


def test_orders_are_refused_from_a_minute_before(planned):
    go_to(planned, TO_LEAD + 1)
    failure = planned.failure(place(planned))
    assert failure["code"] == "notTradable"
    assert "planned restart 'nightly'" in failure["message"]
    assert (failure["data"]["state"], failure["data"]["name"]) == ("ahead", "nightly")
    assert planned.sends("placeOrder") == []
    status = planned.result(planned.ask("status"))
    assert status["orders"]["tradable"] is False
    assert status["plannedRestart"]["state"] == "ahead"


def test_an_order_that_its_client_has_held_leaves_when_it_is_over(planned):
    go_to(planned, TO_BEGIN + 1)
    id_ = place(planned, timeout=600, duringRestart="hold")
    go_to(planned, TO_END - 2)
    assert planned.sends("placeOrder") == []
    assert planned.answers(id_) == []
    go_to(planned, TO_END + 2)
    assert len(planned.sends("placeOrder")) == 1


def test_a_held_order_whose_time_is_over_has_not_left_and_its_key_is_free(planned):
    go_to(planned, TO_BEGIN + 1)
    id_ = place(planned, timeout=30, duringRestart="hold")
    go_to(planned, TO_BEGIN + 40)
    assert planned.failure(id_)["code"] == "notTradable"
    go_to(planned, TO_END + 2)
    assert planned.sends("placeOrder") == []
    planned.request({"v": 1, "id": "again", "client": "alice", "method": "placeOrder",
                     "params": {"orderKey": "k1", "contract": AAPL, "order": ORDER}})  # fmt: skip
    assert len(planned.sends("placeOrder")) == 1


def test_a_held_order_can_be_cancelled(planned):
    go_to(planned, TO_BEGIN + 1)
    id_ = place(planned, timeout=600, duringRestart="hold")
    cancel = planned.ask("cancelOrder", orderKey="k1")
    assert planned.result(cancel)["state"] == "unsent"
    assert planned.failure(id_)["code"] == "cancelled"


def test_what_waits_when_a_restart_comes_ahead_is_refused(make_bench):
    bench = make_bench(planned_restarts=(SOON,), request_timeout=600.0)
    bench.start()
    bench.wait(TO_LEAD - 5)
    waits, held = place(bench), place(bench, "k2", duringRestart="hold")
    bench.wait(10)
    assert bench.failure(waits)["code"] == "notTradable"
    assert bench.answers(held) == []


def test_cancels_go_through(planned):
    place(planned)
    order_id = planned.last_sent("placeOrder")["orderId"]
    go_to(planned, TO_BEGIN + 1)
    planned.ask("cancelOrder", orderKey="k1")
    assert [sent["orderId"] for sent in planned.sends("cancelOrder")] == [order_id]


def test_the_same_key_again_is_answered_with_what_is_known(planned):
    place(planned)
    order_id = planned.last_sent("placeOrder")["orderId"]
    go_to(planned, TO_BEGIN + 1)
    planned.tws("orderStatus", orderId=order_id, status="Submitted", filled="0", remaining="1", permId="9")
    planned.request({"v": 1, "id": "again", "client": "alice", "method": "placeOrder",
                     "params": {"orderKey": "k1", "contract": AAPL, "order": ORDER}})  # fmt: skip
    assert planned.result("again")["state"] == "acknowledged"


# What it does to a loss


def test_a_loss_in_it_is_routine(planned):
    go_to(planned, TO_BEGIN + 1)
    planned.session.on_lost("TWS closed the connection", planned.now)
    planned.collect()
    lost = next(body["data"] for body in planned.on("system.connection") if body["data"]["state"] == "lost")
    assert lost["planned"] == "nightly"
    assert [log.level for log in planned.logs if "lost" in log.text] == ["info"]


def test_a_loss_before_it_is_none(planned):
    go_to(planned, TO_LEAD + 1)
    planned.session.on_lost("TWS closed the connection", planned.now)
    planned.collect()
    lost = next(body["data"] for body in planned.on("system.connection") if body["data"]["state"] == "lost")
    assert "planned" not in lost
    assert [log.level for log in planned.logs if "connection lost" in log.text] == ["warning"]


def test_each_step_is_told(planned):
    go_to(planned, TO_END + 5)
    assert [body["data"]["state"] for body in planned.on("system.plannedRestart")] == ["ahead", "begun", "over"]


# Paper and live


@pytest.mark.parametrize(
    ("mode", "accounts", "may"),
    [
        ("paper", "DU1", True),
        ("paper", "U1", False),
        ("live", "U1,F2", True),
        ("live", "DU1", False),
        ("live", "U1,DU2", False),
        ("paper", "", False),
        ("live", ",", False),
        (None, "U1", True),
    ],
)
def test_the_accounts_must_be_of_the_kind_that_the_configuration_says(make_bench, mode, accounts, may):
    bench = make_bench(trading_mode=mode)
    bench.ready(accounts=accounts)
    id_ = place(bench)
    assert len(bench.sends("placeOrder")) == may
    if not may:
        assert bench.failure(id_)["code"] == "notTradable"
        assert f"trading_mode {mode}" in bench.failure(id_)["message"]
        assert "accounts" not in bench.disk.facts


# Asynchronous connect


def test_start_api_is_sent_by_the_session_where_the_configuration_says_so(make_bench):
    bench = make_bench(async_connect=True)
    bench.ready()
    assert bench.starts == 1
    place(bench)
    assert len(bench.sends("placeOrder")) == 1


def test_otherwise_the_connection_sends_it(ready):
    assert ready.starts == 0
