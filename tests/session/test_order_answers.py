"""A TWS that takes orders and answers none: the verdict, the question whether it reads, and the end of the doubt."""

from __future__ import annotations

import pytest

from bridge.session.link import LinkTiming
from bridge.session.orders.order_answers import LASTS, SLOW, OrderAnswers
from bridge.session.values import Instant
from bridge.session.watchdog import PROBE
from tests.session.conftest import AAPL

ORDER = {"action": "BUY", "orderType": "LMT", "totalQuantity": "10", "lmtPrice": 5.0}
READ_ONLY = "Error validating request: the API interface is currently in Read-Only mode."


def at(clock):
    return Instant(clock, 0)


def test_an_order_that_waits_long_is_unanswered_until_it_or_a_later_one_is_answered():
    answers = OrderAnswers()
    answers.on_left(1, at(100.0))
    assert answers.silent_for(at(100.0 + SLOW - 0.1)) is None
    assert answers.silent_for(at(100.0 + SLOW)) == SLOW
    answers.on_left(2, at(111.0))
    answers.on_left(3, at(112.0))
    answers.on_answer(2, at(113.0), accepted=False)
    assert answers.silent_for(at(112.0 + SLOW - 0.1)) is None
    assert answers.silent_for(at(112.0 + SLOW)) == SLOW
    answers.on_answer(1, at(123.0), accepted=True)  # late: it shows nothing about the third
    assert answers.silent_for(at(124.0)) == 12.0
    answers.on_answer(3, at(130.0), accepted=True)
    assert answers.silent_for(at(500.0)) is None


def test_the_doubt_ends_with_the_connection_and_after_a_while():
    answers = OrderAnswers()
    answers.on_left(1, at(100.0))
    assert answers.silent_for(at(100.0 + LASTS)) is not None
    assert answers.silent_for(at(100.0 + LASTS + 1)) is None
    answers.on_left(2, at(900.0))
    answers.forget()
    assert answers.silent_for(at(1000.0)) is None


def verdict(bench):
    return bench.result(bench.ask("status"))["verdict"]


def place(bench, key):
    bench.ask("placeOrder", orderKey=key, contract=AAPL, order=ORDER)
    return bench.sent[-1].data["orderId"]


def working(bench, order_id):
    bench.tws("orderStatus", orderId=order_id, status="Submitted", filled="0", remaining="10", permId="77", clientId=1)


def test_the_verdict_names_a_tws_that_answers_no_order(ready):
    place(ready, "k1")
    ready.wait(SLOW - 1)
    assert verdict(ready)["trading"]
    ready.wait(2)
    found = verdict(ready)
    assert (found["code"], found["because"]) == ("ordersUnanswered", "TWS has not answered orders for 11 s")
    working(ready, place(ready, "k2"))
    assert verdict(ready)["trading"]


def feed(ready, seconds, answers):
    """TWS sends ticks the whole time, and answers the question for the time, or not."""
    for _ in range(seconds):
        ready.wait(1)
        ready.tws("nextValidId", orderId=200)
        if answers and ready.sent[-1].name == PROBE:
            ready.tws("currentTime", currentTime=1)


@pytest.mark.parametrize("reads", [True, False])
def test_a_tws_that_sends_and_does_not_read_is_given_up(make_bench, reads):
    ready = make_bench(timing=LinkTiming())
    ready.ready()
    place(ready, "k1")
    feed(ready, 40, reads)
    states = ready.states()
    assert ("backingOff" in states) is not reads
    reasons = [log.fields["reason"] for log in ready.logs if log.event == "connectionLost"]
    assert any("has answered neither orders nor reqCurrentTime" in reason for reason in reasons) is not reads


def test_a_stall_of_the_bridge_is_no_silence_of_tws(make_bench):
    """The answer to the question is unread when the process goes on: it came while the process was stopped."""
    bench = make_bench(timing=LinkTiming())
    bench.ready()
    place(bench, "k1")
    feed(bench, int(SLOW) + 2, answers=False)
    assert bench.sent[-1].name == PROBE
    bench.clock += 60
    bench.session.on_timer(bench.now)
    bench.collect()
    assert bench.states()[-1] == "ready"


def test_an_order_that_tws_takes_shows_that_the_api_is_not_read_only(ready):
    order_id = place(ready, "k1")
    ready.error(order_id, 321, READ_ONLY)
    assert verdict(ready)["code"] == "readOnlyApi"
    ready.wait(5)
    working(ready, place(ready, "k2"))
    assert verdict(ready)["trading"]


def test_lists_that_tws_sends_show_that_the_api_is_not_read_only_unless_it_refused_an_order(make_bench):
    bench = make_bench()
    bench.ready(told=False)
    bench.error(-1, 321, READ_ONLY)
    assert verdict(bench)["code"] == "readOnlyApi"
    bench.wait(6)  # the pass has failed at once; the next one is answered
    bench.answer_internal_requests()
    assert verdict(bench)["trading"]
    bench.error(place(bench, "k1"), 321, READ_ONLY)
    bench.wait(400)
    bench.answer_internal_requests()
    assert verdict(bench)["code"] == "readOnlyApi"
