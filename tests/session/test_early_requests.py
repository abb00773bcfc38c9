"""What TWS drops in the first seconds after nextValidId is sent once more, where that does no harm."""

from __future__ import annotations

import pytest

from bridge.session.pending.pending_requests import AGAIN, EARLY, LINGER
from bridge.session.rights.grants import Grant
from bridge.session.rights.permissions import Permissions
from tests.session.conftest import AAPL, Bench

DETAILS = {"contract": {"symbol": "AAPL", "secType": "STK", "exchange": "SMART", "currency": "USD"}}


def mute(version=213):
    """A bridge on a TWS that has just said nextValidId, and nothing since."""
    bench = Bench()
    bench.ready(version=version, told=False)
    return bench


def answer_details(bench, req_id):
    bench.tws("contractDetails", reqId=req_id, contract=AAPL, contractDetails={"minTick": "0.01"})
    bench.tws("contractDetailsEnd", reqId=req_id)


def test_orders_may_leave_as_soon_as_tws_answers_the_second_time():
    bench = mute()
    assert [send.name for send in bench.internal_requests] == ["reqAllOpenOrders", "reqPositions"]
    bench.internal_requests.clear()
    bench.wait(AGAIN)
    assert [send.name for send in bench.internal_requests] == ["reqAllOpenOrders", "reqPositions"]
    bench.answer_internal_requests()
    assert bench.result(bench.ask("status"))["orders"] == {"tradable": True}


def test_a_second_answer_ends_no_later_pass(make_bench):
    bench = make_bench(settle_pause=1.0)
    bench.ready(told=False)
    first = [bench.internal_requests.pop(0) for _ in range(2)]
    bench.wait(AGAIN)
    bench.answer_internal_requests()
    assert len(first) == 2
    bench.ask("placeOrder", orderKey="k1", contract=AAPL, timeout=1.0,
              order={"action": "BUY", "orderType": "LMT", "totalQuantity": "1", "lmtPrice": 1.0})  # fmt: skip
    bench.wait(31)
    asked = [send.name for send in bench.internal_requests]
    bench.tws("openOrderEnd")
    assert [send.name for send in bench.internal_requests][: len(asked)] == asked
    assert bench.on("order.alice.k1.notFound") == []


def test_a_question_with_an_id_is_asked_again_under_another():
    bench = mute()
    id_ = bench.ask("reqContractDetails", **DETAILS)
    bench.wait(AGAIN)
    first, second = (data["reqId"] for data in bench.sends("reqContractDetails"))
    assert first != second
    answer_details(bench, second)
    assert len(bench.result(id_)) == 1
    answer_details(bench, first)
    assert bench.on("system.unexpected") == []


def test_what_tws_has_answered_is_not_asked_again():
    bench = mute()
    id_ = bench.ask("reqContractDetails", **DETAILS)
    answer_details(bench, bench.last_sent("reqContractDetails")["reqId"])
    slow = bench.ask("reqContractDetails", **DETAILS)
    bench.tws("contractDetails", reqId=bench.last_sent("reqContractDetails")["reqId"], contract=AAPL,
              contractDetails={"minTick": "0.01"})  # fmt: skip
    bench.wait(AGAIN)
    assert bench.answers(id_) and not bench.answers(slow)
    assert len(bench.sends("reqContractDetails")) == 2


def test_what_can_be_cancelled_is_cancelled_before_it_is_asked_again():
    bench = mute()
    bench.ask("reqHistoricalData", contract=AAPL, endDateTime="", duration="1 D", barSizeSetting="1 min",
              whatToShow="TRADES", useRTH=True, formatDate=1)  # fmt: skip
    bench.wait(AGAIN)
    first, second = (data["reqId"] for data in bench.sends("reqHistoricalData"))
    assert first != second
    assert [data["reqId"] for data in bench.sends("cancelHistoricalData")] == [first]


def test_later_questions_are_asked_once():
    bench = mute()
    bench.wait(EARLY + 0.1)
    bench.ask("reqContractDetails", **DETAILS)
    bench.wait(29)
    assert len(bench.sends("reqContractDetails")) == 1


def test_after_1102_nothing_is_early(ready):
    ready.wait(AGAIN)
    ready.error(-1, 1100, "lost")
    ready.error(-1, 1102, "restored")
    ready.ask("reqContractDetails", **DETAILS)
    ready.wait(AGAIN)
    assert len(ready.sends("reqContractDetails")) == 1


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("reqMktData", {"contract": AAPL, "snapshot": True, "regulatorySnapshot": True, "onceKey": "a"}),
        ("replaceFA", {"faDataType": 1, "xml": "<x/>", "onceKey": "b"}),
    ],
)
def test_what_must_not_happen_twice_is_not_sent_twice(method, params):
    bench = Bench(permissions=Permissions(None, Grant(roles=frozenset({"admin"}), regulatory_snapshots=True)))
    bench.ready(told=False)
    bench.ask(method, **params)
    bench.wait(AGAIN + 1)
    assert len(bench.sends(method)) == 1


def test_a_lane_goes_on_when_the_second_answer_does_not_come():
    bench = mute()
    bench.ask("reqManagedAccts")
    bench.wait(AGAIN)
    assert len(bench.sends("reqManagedAccts")) == 2
    bench.tws("managedAccounts", accountsList="DU1")
    next_ = bench.ask("reqManagedAccts")
    assert len(bench.sends("reqManagedAccts")) == 2
    bench.tws("managedAccounts", accountsList="DU1")
    assert len(bench.sends("reqManagedAccts")) == 3
    bench.tws("managedAccounts", accountsList="DU1")
    assert bench.result(next_)
    third = mute()
    third.ask("reqManagedAccts")
    third.wait(AGAIN)
    third.tws("managedAccounts", accountsList="DU1")
    third.wait(LINGER)
    third.ask("reqManagedAccts")
    assert len(third.sends("reqManagedAccts")) == 3
