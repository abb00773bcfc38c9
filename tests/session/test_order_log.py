"""The order log: numbers without holes, on disk before they are told, and each execution numbered once ever."""

from __future__ import annotations

import pytest

from tests.session.conftest import AAPL, Bench
from tests.session.test_orders import place, status
from tws_bridge_client.orderlog import LogFollower

NAME = "feedfacefeedface"


def fill(bench, exec_id="x.01", shares="4", commission=True):
    execution = {"orderId": 100, "execId": exec_id, "permId": "77", "clientId": 1, "shares": shares}
    bench.tws("execDetails", reqId=-1, contract=AAPL, execution=execution)
    if commission:
        bench.tws("commissionAndFeesReport", execId=exec_id, commissionAndFees=1.0)


def log(bench, client="alice", after=0, **more):
    return bench.result(bench.ask("orderLog", client=client, after=after, **more))


def live(bench, owner="alice"):
    return [
        (body["n"], body["event"]) for name, body in bench.events if name.startswith(f"order.{owner}.") and "n" in body
    ]


@pytest.fixture
def working(ready):
    place(ready, orderKey="k1")
    status(ready, 100)
    return ready


def test_events_are_numbered_per_owner_without_holes(working):
    place(working, client="bob", orderKey="k1")
    fill(working)
    status(working, 101, perm_id="78")
    status(working, 100, filled="4")
    events = [(1, "orderStatus"), (2, "execDetails"), (3, "commissionAndFeesReport"), (4, "orderStatus")]
    assert live(working) == events
    assert live(working, "bob") == [(1, "orderStatus")]
    told = log(working)
    assert (told["log"], told["head"]) == (NAME, 4)
    assert [(event["n"], event["event"]) for event in told["events"]] == events
    assert told["events"][1]["topic"] == "order.alice.k1.execDetails"
    assert told["events"][1]["data"]["execution"]["execId"] == "x.01"


def test_the_log_is_read_in_pieces_and_is_ones_own(working):
    fill(working)
    assert [event["n"] for event in log(working, after=1, limit=1)["events"]] == [2]
    assert log(working, after=3)["events"] == []
    assert log(working, client="bob") == {"epoch": "e1", "log": NAME, "head": 0, "events": []}


def test_nothing_is_told_before_it_is_on_the_disk(working):
    working.disk.held = True
    fill(working)
    assert live(working) == [(1, "orderStatus")]
    working.release()
    assert [n for n, _ in live(working)] == [1, 2, 3]


def test_what_comes_while_the_disk_writes_waits_its_turn(working):
    working.disk.held = True
    for number in range(5):
        fill(working, f"x{number}.01", commission=False)
    working.disk.report(working.session, working.now)
    working.release()
    assert [n for n, _ in live(working)] == [1, 2, 3, 4, 5, 6]


def test_the_head_is_told_each_second(working):
    fill(working)
    working.wait(1)
    assert working.on("order.alice.head")[-1]["data"] == {"log": NAME, "head": 3}


def test_an_execution_has_one_number_across_starts(working):
    fill(working, "x1.01")
    again = Bench(disk=working.disk)
    again.ready(told=False)
    fill(again, "x1.01")
    fill(again, "x2.01")
    again.answer_internal_requests()
    shown = [(body["n"], body.get("replayed")) for body in again.on("order.alice.k1.execDetails")]
    assert shown == [(2, True), (4, True)]
    executions = [e["data"]["execution"]["execId"] for e in log(again)["events"] if e["event"] == "execDetails"]
    assert executions == ["x1.01", "x2.01"]
    fill(again, "x1.01")
    assert len(again.on("order.alice.k1.execDetails")) == 2


def test_a_fill_that_was_told_to_nobody_before_the_power_went_is_told_after(working):
    working.disk.held = True
    fill(working, "x1.01")
    working.disk.lose_power()
    again = Bench(disk=working.disk)
    again.ready(told=False)
    fill(again, "x1.01")
    again.answer_internal_requests()
    assert [e["event"] for e in log(again)["events"]] == ["orderStatus", "execDetails", "commissionAndFeesReport"]


def charge(bench, amount, exec_id="x.01", **more):
    bench.tws("commissionAndFeesReport", execId=exec_id, commissionAndFees=amount, **more)


def charged(bench):
    """The number and the amount of each commission in the log."""
    entries = log(bench)["events"]
    return [(e["n"], e["data"]["commissionAndFees"]) for e in entries if e["event"] == "commissionAndFeesReport"]


def shown_fees(bench):
    """The commissions in a snapshot."""
    snapshot = bench.result(bench.ask("snapshot", prefix="order."))
    return [e["data"]["commissionAndFees"] for e in snapshot["events"] if e["event"] == "commissionAndFeesReport"]


def test_a_commission_that_tws_changes_has_a_number_of_its_own_and_a_repeat_has_none(working):
    fill(working)
    charge(working, 1.0)
    charge(working, 2.5)
    charge(working, 2.5)
    charge(working, 1.0)
    assert charged(working) == [(3, 1.0), (4, 2.5)]
    assert [n for n, event in live(working) if event == "commissionAndFeesReport"] == [3, 4]
    assert shown_fees(working) == [2.5]


def test_a_commission_that_tws_changes_is_told_once_across_starts(working):
    fill(working)
    charge(working, 2.5, realizedPNL=float("nan"))
    again = Bench(disk=working.disk)
    again.ready(told=False)
    for _ in range(2):
        fill(again, commission=False)
        charge(again, 1.0)
        charge(again, 2.5, realizedPNL=float("nan"))
    assert charged(again) == [(3, 1.0), (4, 2.5)]
    assert shown_fees(again) == [2.5]
    charge(again, 3.0)
    assert charged(again) == [(3, 1.0), (4, 2.5), (5, 3.0)]
    assert shown_fees(again) == [3.0]
    assert [entry.exec_id.partition("~")[0] for entry in again.disk.log.values() if entry.exec_id] == ["x.01"] * 4
    assert len({(e.event, e.exec_id) for e in again.disk.log.values() if e.exec_id}) == 4


def test_a_changed_commission_of_an_order_that_no_client_has_placed_is_published(working):
    execution = {"orderId": 900, "execId": "y.01", "permId": "9", "clientId": 7, "shares": "4"}
    working.tws("execDetails", reqId=-1, contract=AAPL, execution=execution)
    for amount in (1.0, 1.0, 2.5, 2.5):
        charge(working, amount, "y.01")
    told = [body["data"]["commissionAndFees"] for body in working.on("order.external.9.commissionAndFeesReport")]
    assert told == [1.0, 2.5]


def test_a_correction_is_an_event_of_its_own_and_replaces_the_shares(working):
    fill(working, "x1.01", shares="4")
    fill(working, "x1.02", shares="3")
    assert len(working.on("order.alice.k1.execDetails")) == 2
    assert working.session._trading._order_events._fills.total(100) == 3


def kept(bench, event="execDetails"):
    snapshot = bench.result(bench.ask("snapshot", prefix="order."))
    return [
        e["data"].get("execId") or e["data"]["execution"]["execId"] for e in snapshot["events"] if e["event"] == event
    ]


@pytest.mark.parametrize("order", [("x1.01", "x1.02"), ("x1.02", "x1.01")])
def test_a_late_joiner_is_shown_the_correction_alone_in_whichever_order_they_came(working, order):
    fill(working, "x0.01", shares="1")
    for exec_id in order:
        fill(working, exec_id, shares={"x1.01": "4", "x1.02": "3"}[exec_id])
    assert kept(working) == ["x0.01", "x1.02"]
    assert kept(working, "commissionAndFeesReport") == ["x0.01", "x1.02"]
    assert working.session._trading._order_events._fills.total(100) == 4
    again = Bench(disk=working.disk)
    again.ready(told=False)
    for exec_id in ("x0.01", *order):
        fill(again, exec_id, shares="4")
    assert kept(again) == ["x0.01", "x1.02"]
    assert len(again.on("order.alice.k1.execDetails")) == 3


def test_an_exact_repeat_of_a_status_has_no_number(working):
    status(working, 100)
    status(working, 100)
    assert [n for n, _ in live(working)] == [1]


def test_errors_on_an_order_are_numbered_and_not_kept(working):
    working.error(100, 399, "held until the market opens")
    assert live(working)[-1] == (2, "error")
    snapshot = working.result(working.ask("snapshot", prefix="order.alice."))
    assert [event["event"] for event in snapshot["events"]] == ["orderStatus"]


def test_events_of_others_have_no_number(ready):
    data = {"status": "Submitted", "permId": "55", "clientId": 9, "filled": "0", "remaining": "1"}
    ready.tws("orderStatus", orderId=3, **data)
    assert "n" not in ready.on("order.external.55.orderStatus")[0]


def test_fills_that_tws_no_longer_tells_are_a_gap(working):
    again = Bench(disk=working.disk)
    again.ready(told=False)
    for _ in range(3):
        status(again, 100, "Filled", filled="10", remaining="0")
        fill(again, "x1.01", shares="4")
        again.answer_internal_requests()
        again.wait(6)
    gaps = again.on("order.alice.k1.orderGap")
    assert len(gaps) == 1
    assert gaps[0]["data"]["unrecoverable"] is True
    assert "executions of 6" in gaps[0]["data"]["reason"]
    assert gaps[0]["n"] == log(again)["head"]


def test_a_strategy_that_was_away_for_an_hour_has_each_execution_once(working):
    """The bridge goes on, is started anew in between, and loses the power with fills on their way to the disk."""
    follower = LogFollower("alice", None)
    taken = []

    def follow(bench):
        follower.start(0.0)
        while requests := follower.commands():
            for ask in requests:
                follower.on_reply(ask.token, log(bench, **ask.params), 0.0)
            taken.extend(e.data["execution"]["execId"] for e in follower.events() if e.event == "execDetails")

    fill(working, "x0.01")
    follow(working)
    for number in range(1, 30):
        working.wait(60)
        fill(working, f"x{number}.01")
    working.disk.held = True
    fill(working, "x30.01")
    working.disk.lose_power()
    again = Bench(disk=working.disk)
    again.ready(told=False)
    for number in range(31):
        fill(again, f"x{number}.01")
    again.answer_internal_requests()
    for number in range(31, 60):
        again.wait(60)
        fill(again, f"x{number}.01")
    follow(again)
    assert taken == [f"x{number}.01" for number in range(60)]
