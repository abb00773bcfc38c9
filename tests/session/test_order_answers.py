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
    answers.on_message(2, at(113.0))
    assert answers.silent_for(at(113.0 + SLOW - 0.1)) is None
    assert answers.silent_for(at(113.0 + SLOW)) == SLOW
    answers.on_message(1, at(124.0))  # late: it shows nothing about the third
    assert answers.silent_for(at(125.0)) == 12.0
    answers.on_message(3, at(130.0))
    assert answers.silent_for(at(500.0)) is None


def test_a_tws_that_answers_each_order_late_answers_orders():
    """Each order waits longer than `SLOW`, and an answer comes every 2 s: TWS is slow, and is not silent."""
    answers, told = OrderAnswers(), []
    for second in range(60):
        now = at(100.0 + second)
        if second % 2 == 0:
            answers.on_left(second, now)
        if second >= 11 and second % 2 == 1:
            answers.on_message(second - 11, now)
        told.append(answers.silent_for(now))
    assert {seconds is not None for seconds in told[:12]} == {True, False}  # before the first answer it was silent
    assert set(told[11:]) == {None}


def test_the_doubt_ends_with_the_connection_and_after_a_while():
    answers = OrderAnswers()
    answers.on_left(1, at(100.0))
    assert answers.silent_for(at(100.0 + LASTS)) is not None
    assert answers.silent_for(at(100.0 + LASTS + 1)) is None
    answers.on_left(2, at(900.0))
    answers.forget()
    assert answers.silent_for(at(1000.0)) is None


def test_the_time_for_which_the_bridge_itself_stood_still_does_not_count():
    answers = OrderAnswers()
    answers.on_left(1, at(100.0))
    answers.resume(at(160.0))
    assert answers.silent_for(at(160.0 + SLOW - 0.1)) is None
    assert answers.silent_for(at(160.0 + SLOW)) == SLOW


def test_an_order_that_two_passes_miss_is_not_owed_an_answer_any_more():
    answers = OrderAnswers()
    answers.on_left(1, at(100.0))
    answers.on_missed(1, 60.0, at(130.0))
    answers.on_missed(1, 60.0, at(140.0))
    assert answers.silent_for(at(141.0)) == 41.0
    answers.on_missed(1, 60.0, at(190.0))
    assert answers.silent_for(at(191.0)) is None


def verdict(bench):
    return bench.result(bench.ask("status"))["verdict"]


def place(bench, key):
    bench.ask("placeOrder", orderKey=key, contract=AAPL, order=ORDER)
    return bench.sent[-1].data["orderId"]


def status(bench, order_id, word):
    filled = 10 if word == "Filled" else 0
    bench.tws("orderStatus", orderId=order_id, status=word, filled=str(filled), remaining=str(10 - filled),
              permId=str(700 + order_id), clientId=1)  # fmt: skip


def working(bench, order_id):
    status(bench, order_id, "Submitted")


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


# What TWS does not owe an answer for


def silent(ready, seconds=SLOW + 5):
    """Whether the verdict is `ordersUnanswered` after so many seconds."""
    ready.wait(seconds)
    return verdict(ready).get("code") == "ordersUnanswered"


@pytest.mark.parametrize("group", [False, True])
def test_an_order_that_never_left_waits_for_no_answer(ready, group):
    if group:
        orders = [{"orderKey": key, "contract": AAPL, "order": ORDER} for key in ("g1", "g2")]
        ready.ask("placeOrders", orders=orders)
    else:
        place(ready, "k1")
    ready.session.on_unsendable(ready.sent[-1], "TWS is too old", ready.now, field="order.postOnly")
    ready.collect()
    assert not silent(ready)


def test_an_order_that_tws_has_proven_not_to_have_waits_for_no_answer(ready):
    place(ready, "k1")
    assert silent(ready)
    for _ in range(8):
        ready.wait(30)
        ready.answer_internal_requests()
    assert verdict(ready)["trading"]
    assert [code for code, _ in also(ready)] == ["ordersInDoubt"]


def test_an_order_that_was_abandoned_waits_for_no_answer(ready):
    place(ready, "k1")
    assert silent(ready)
    ready.wait(20)
    ready.answer_internal_requests()
    assert silent(ready, 1)
    ready.ask("abandon", orderKey="k1", force=True)
    assert verdict(ready)["trading"]


def test_a_refused_cancel_of_an_order_is_an_answer(ready):
    order_id = place(ready, "k1")
    ready.wait(5)
    ready.ask("cancelOrder", orderKey="k1")
    ready.error(order_id, 10147, "OrderId that needs to be cancelled is not found.")
    assert not silent(ready)


def test_a_warning_about_an_order_is_an_answer(ready):
    ready.error(place(ready, "k1"), 399, "your order will not be placed at the exchange until 09:30")
    assert not silent(ready)


# A read-only API


def test_what_happens_to_an_old_order_does_not_show_that_the_api_takes_orders(ready):
    old = place(ready, "old")
    working(ready, old)
    ready.wait(5)
    ready.error(place(ready, "k1"), 321, READ_ONLY)
    ready.wait(1)
    ready.tws(
        "orderStatus", orderId=old, status="Filled", filled="10", remaining="0", permId=str(700 + old), clientId=1
    )
    assert verdict(ready)["code"] == "readOnlyApi"


def test_an_order_that_left_before_the_api_became_read_only_does_not_show_that_it_takes_orders(ready):
    early = place(ready, "early")
    ready.error(place(ready, "k1"), 321, READ_ONLY)
    ready.wait(1)
    working(ready, early)
    assert verdict(ready)["code"] == "readOnlyApi"


def test_a_second_error_without_an_order_does_not_make_lists_a_proof(make_bench):
    bench = make_bench()
    bench.ready()
    bench.error(place(bench, "k1"), 321, READ_ONLY)
    bench.wait(1)
    bench.error(-1, 321, READ_ONLY)
    bench.error(-1, 1100)
    bench.error(-1, 1102)
    bench.wait(6)
    bench.answer_internal_requests()
    assert verdict(bench)["code"] == "readOnlyApi"


def test_an_order_that_is_warned_about_first_and_taken_then_shows_that_the_api_is_not_read_only(ready):
    ready.error(place(ready, "k1"), 321, READ_ONLY)
    ready.wait(5)
    order_id = place(ready, "k2")
    ready.error(order_id, 399, "your order will not be placed at the exchange until 09:30")
    working(ready, order_id)
    assert verdict(ready)["trading"]


# The question


def test_a_question_that_tws_did_not_answer_ends_with_its_doubt(make_bench):
    """A later doubt begins with a question of its own."""
    bench = make_bench(timing=LinkTiming())
    bench.ready()
    order_id = place(bench, "k1")
    feed(bench, int(SLOW) + 2, answers=False)
    assert bench.sent[-1].name == PROBE
    working(bench, order_id)
    feed(bench, 20, answers=False)
    order_id = place(bench, "k2")
    feed(bench, int(SLOW) + 10, answers=False)
    working(bench, order_id)
    feed(bench, 5, answers=False)
    assert "backingOff" not in bench.states()
    assert len(bench.sends(PROBE)) == 2


def test_the_question_leaves_although_tws_has_not_answered_that_of_a_client(make_bench):
    bench = make_bench(timing=LinkTiming())
    bench.ready()
    bench.request({"v": 1, "id": "lost", "client": "alice", "method": PROBE, "timeout": 2})
    place(bench, "k1")
    feed(bench, int(SLOW) + 1, answers=False)
    feed(bench, 30, answers=True)
    assert len(bench.sends(PROBE)) > 1
    assert "backingOff" not in bench.states()


def test_a_question_that_waits_for_room_is_not_unanswered(make_bench):
    """Without room nothing leaves: the pacer's share is used up by others."""
    bench = make_bench(timing=LinkTiming(), messages_per_second=50)
    bench.ready()
    place(bench, "k1")
    bench.session._pacer.budget.wait = lambda *_args, **_more: 1.0
    feed(bench, int(SLOW) + 40, answers=False)
    assert bench.sends(PROBE) == []
    assert "backingOff" not in bench.states()


def test_the_doubt_leaves_the_requests_of_clients_alone(make_bench):
    bench = make_bench(timing=LinkTiming())
    bench.ready()
    order_id = place(bench, "k1")
    feed(bench, int(SLOW) + 2, answers=False)
    assert bench.sent[-1].name == PROBE
    working(bench, order_id)
    id_ = bench.ask(PROBE)
    assert len(bench.sends(PROBE)) == 2
    bench.tws("currentTime", currentTime=7)
    assert bench.result(id_) == {"currentTime": 7}


# Cancels and changes


def also(bench):
    found = [(found["code"], found["because"]) for found in verdict(bench)["also"]]
    return [one for one in found if one[0] != "clocksDiffer"]  # the time of the bench's TWS is another


def test_cancels_that_tws_does_not_answer_are_told_and_make_the_bridge_ask_whether_tws_reads(make_bench):
    bench = make_bench(timing=LinkTiming())
    bench.ready()
    order_id = place(bench, "k1")
    working(bench, order_id)
    bench.ask("cancelOrder", orderKey="k1")
    feed(bench, int(SLOW) + 2, answers=True)
    assert verdict(bench)["trading"]
    assert also(bench) == [("changesUnanswered", "TWS has not answered 1 cancel for 12 s")]
    assert len(bench.sends(PROBE)) == 1
    status(bench, order_id, "PendingCancel")
    assert also(bench) == []


def change(bench, price):
    bench.ask("modifyOrder", orderKey="k1", revision=int(price * 10), order={**ORDER, "lmtPrice": price})


def test_a_change_that_tws_does_not_answer_is_told_and_then_in_doubt(ready):
    working(ready, place(ready, "k1"))
    change(ready, 6.0)
    ready.wait(SLOW + 1)
    assert also(ready) == [("changesUnanswered", "TWS has not answered 1 change for 11 s")]
    ready.wait(20)
    ready.answer_internal_requests()
    assert "ordersInDoubt" in [code for code, _ in also(ready)]


def test_nothing_is_expected_of_a_change_that_changes_nothing(ready):
    working(ready, place(ready, "k1"))
    change(ready, 5.0)
    ready.wait(SLOW + 1)
    assert also(ready) == []


def test_a_cancel_that_could_not_be_sent_waits_for_no_answer(ready):
    working(ready, place(ready, "k1"))
    ready.ask("cancelOrder", orderKey="k1")
    ready.session.on_unsendable(ready.sent[-1], "TWS is too old", ready.now)
    ready.collect()
    ready.wait(SLOW + 1)
    assert also(ready) == []


def test_a_bridge_that_stood_still_does_not_blame_tws(make_bench):
    bench = make_bench(timing=LinkTiming())
    bench.ready()
    order_id = place(bench, "k1")
    bench.wait(1)
    bench.clock += 16
    assert verdict(bench)["trading"]
    bench.session.on_timer(bench.now)
    bench.collect()
    assert verdict(bench)["trading"]
    working(bench, order_id)
    assert bench.states()[-1] == "ready"
    assert [log for log in bench.logs if log.event == "ordersNotPossible"] == []
