"""Defects that a hostile tester found in what the bridge believes of orders: one test each, by what goes wrong."""

from __future__ import annotations

import pytest

from bridge.session.rights.grants import Grant
from bridge.session.rights.permissions import Permissions
from tests.session.conftest import AAPL, Bench
from tests.session.test_lost_orders import completed, executed, look
from tests.session.test_order_hazards import ask, ref
from tests.session.test_order_log import fill
from tests.session.test_orders import ORDER, status

TRADER = frozenset({"account", "trade"})
COMBO = {
    "symbol": "AAPL", "secType": "BAG", "exchange": "SMART", "currency": "USD",
    "comboLegs": [
        {"conId": 1, "ratio": 1, "action": "BUY", "exchange": "SMART"},
        {"conId": 2, "ratio": 2, "action": "SELL", "exchange": "SMART"},
    ],
}  # fmt: skip


@pytest.fixture
def bench():
    """Alice trades, boss is an admin."""
    grants = {"alice": Grant(TRADER), "bob": Grant(TRADER), "boss": Grant(frozenset({"admin"}))}
    return Bench(permissions=Permissions(grants), settle_pause=60.0)


@pytest.fixture
def ready(bench):
    bench.ready()
    return bench


@pytest.fixture
def working(ready):
    ask(ready)
    status(ready, 100)
    return ready


@pytest.fixture
def absent(ready):
    """Alice's order k1 is notFound."""
    ask(ready)
    ready.wait(31)
    look(ready)
    ready.wait(60)
    look(ready)
    assert facts(ready)["state"] == "notFound"
    return ready


def facts(bench, key="k1", contract=AAPL):
    """What the bridge says of that order, as a result or as the data of an error."""
    (body,) = bench.answers(bench.ask("placeOrder", orderKey=key, contract=contract, order=ORDER))
    return body["result"] if body["ok"] else body["error"]["data"]


def told(bench, id_):
    """The state in the answer to that request."""
    (body,) = bench.answers(id_)
    return (body["result"] if body["ok"] else body["error"]["data"])["state"]


def settle(bench, *events, minutes=6):
    """TWS answers each pass of these minutes with these words. How many there were."""
    passes = 0
    for _ in range(minutes):
        bench.wait(61)
        if bench.internal_requests:
            passes += 1
            for name, data in events:
                bench.tws(name, **data)
            bench.answer_internal_requests()
    return passes


def drop(bench, clock):
    bench.internal_requests.clear()
    bench.session.on_lost("end of file", bench.now)
    bench.collect()
    bench.wait(2)
    bench.ready(told=False, time=clock)


# Declared absent, though it may have been executed


def test_an_order_of_yesterday_is_declared_not_found_after_the_clocks_were_put_back(bench):
    """Connected on Sunday 00:30 in New York; at 02:00 the clocks go back. 23 h 45 min later it is 23:15 on Sunday."""
    bench.ready(time="20261101 00:30:00 America/New_York")
    bench.wait(23 * 3600 + 45 * 60)
    ask(bench)
    bench.wait(46 * 60)
    drop(bench, "20261102 00:01:10 America/New_York")
    settle(bench)
    assert facts(bench)["state"] == "unknown"


def test_an_order_of_yesterday_is_declared_not_found_when_tws_clock_was_behind_the_bridges_count(bench):
    """By the bridge's count it was past midnight when the order left; at the next handshake TWS has not got there."""
    bench.ready(time="20261122 12:00:00 UTC")
    bench.wait(12 * 3600 + 20)
    ask(bench)
    drop(bench, "20261122 23:59:58 UTC")
    settle(bench)
    assert facts(bench)["state"] == "unknown"


def test_an_order_that_tws_says_it_cannot_cancel_any_more_is_declared_not_found_and_given_up(ready):
    """Code 10148: 'cannot be cancelled, state: Filled'. TWS speaks of the order, so it had it."""
    ask(ready)
    ready.wait(31)
    ready.ask("cancelOrder", orderKey="k1")
    ready.error(100, 10148, "OrderId 100 that needs to be cancelled cannot be cancelled, state: Filled.")
    settle(ready)
    assert facts(ready)["state"] == "unknown"


def test_an_order_that_tws_cannot_cancel_any_more_stays_not_found_and_is_abandoned_next_time(absent):
    absent.ask("abandon", orderKey="k1")
    absent.error(100, 10148, "OrderId 100 that needs to be cancelled cannot be cancelled, state: Filled.")
    id_ = absent.ask("abandon", orderKey="k1")
    if not absent.answers(id_):
        absent.error(100, 10147, "not found")
    assert told(absent, id_) != "abandoned"


@pytest.mark.parametrize("how", ["proof", "force"])
def test_an_order_is_told_abandoned_after_its_execution_was_heard(absent, how):
    """The execution comes while that the key is free is on its way to the disk."""
    absent.disk.held = True
    if how == "proof":
        id_ = absent.ask("abandon", orderKey="k1")
        absent.error(100, 10147, "not found")
    else:
        id_ = absent.ask("abandon", client="boss", owner="alice", orderKey="k1", force=True)
    fill(absent, "x1.01", shares="10")
    assert absent.answers(id_) == []
    absent.release()
    absent.wait(31)
    assert told(absent, id_) != "abandoned"


@pytest.mark.parametrize(("until", "word"), [("ended", None), ("acknowledged", None), ("acknowledged", 201)])
def test_await_order_says_reached_of_what_is_not_reached(ready, until, word):
    """An order that is notFound has neither been acknowledged nor ended; a rejected one was not acknowledged."""
    ask(ready)
    id_ = ready.ask("awaitOrder", orderKey="k1", until=until, timeout=300.0)
    if word:
        ready.error(100, word, "no")
    settle(ready)
    assert ready.result(id_)["reached"] is False


# Stuck


@pytest.mark.parametrize("was", ["rejected", "notFound"])
def test_an_order_that_is_unknown_after_a_late_execution_is_never_looked_for(ready, was):
    ask(ready)
    if was == "rejected":
        ready.error(100, 201, "no")
    else:
        for pause in (31, 60):
            ready.wait(pause)
            look(ready)
    assert facts(ready)["state"] == was
    fill(ready, "x1.01", shares="4")
    assert facts(ready)["state"] == "unknown"
    passes = settle(ready, completed("Cancelled", filledQuantity="4"), executed("4", orderRef=ref(ready)))
    assert passes > 0
    assert facts(ready)["state"] == "cancelled"


def test_fills_are_never_final_again_after_an_execution_came_late(working):
    """A pass after 202 has made them final; then an execution of 4 comes, and no pass follows for ever."""
    working.error(100, 202, "Order Canceled - reason:")
    settle(working)
    assert facts(working)["fillsFinal"] is True
    fill(working, "x1.01", shares="4")
    assert facts(working)["fillsFinal"] is False
    settle(working, completed("Cancelled", filledQuantity="4"), executed("4"), minutes=30)
    assert facts(working)["fillsFinal"] is True


def test_a_rejection_after_the_first_word_is_inactive_and_then_unknown_for_ever(ready):
    """TWS says PreSubmitted, 201 and Inactive. In the order PreSubmitted, Inactive, 201 it is `rejected`."""
    ask(ready)
    status(ready, 100, "PreSubmitted")
    ready.error(100, 201, "Order rejected - reason: margin")
    status(ready, 100, "Inactive")
    assert facts(ready)["state"] == "rejected"


def test_an_order_that_was_refused_after_the_first_word_and_is_not_open_is_unknown_for_ever(working):
    """An error code outranks silence: it is not open in any pass, and TWS has said that it refused it."""
    working.error(100, 201, "Order rejected - reason: margin")
    settle(working)
    drop(working, "20261122 09:00:00 UTC")
    settle(working)
    assert facts(working)["state"] != "unknown"


@pytest.mark.parametrize("unanswered", [{"reqCompletedOrders"}, {"reqExecutions"}])
def test_an_admin_cannot_force_an_order_while_tws_never_ends_a_list(ready, unanswered):
    """Nobody can trade as long as the order is looked for, and nobody can end that."""
    ask(ready)
    for _ in range(30):
        ready.wait(10)
        kept = [send for send in ready.internal_requests if send.name in unanswered]
        ready.internal_requests = [send for send in ready.internal_requests if send.name not in unanswered]
        ready.answer_internal_requests()
        ready.internal_requests = kept
    (body,) = ready.answers(ready.ask("abandon", client="boss", owner="alice", orderKey="k1", force=True))
    assert body["ok"], body["error"]


def test_a_combo_that_is_executed_in_full_is_not_filled_without_a_status(ready):
    """TWS tells an execution of the combo itself, beside those of its legs."""
    ready.ask("placeOrder", orderKey="k1", contract=COMBO, order=ORDER)
    execution = {
        "orderId": 100,
        "clientId": 1,
        "permId": "77",
        "execId": "c.01",
        "shares": "10",
        "orderRef": ref(ready),
    }
    ready.tws("execDetails", reqId=-1, contract=COMBO, execution=execution)
    assert (facts(ready, contract=COMBO)["state"], facts(ready, contract=COMBO).get("filled")) == ("filled", "10")


# Lost fills, and figures that move


@pytest.mark.parametrize("said", ["status without filled", "completed without filledQuantity"])
def test_a_filled_order_whose_executions_are_never_told_has_no_gap(ready, said):
    """Of 10 shares no execution was ever told, and the log does not say that they are missing."""
    ask(ready)
    if said.startswith("status"):
        ready.tws("orderStatus", orderId=100, status="Filled", permId="77", clientId=1)
    else:
        ready.wait(31)
        look(ready, completed("Filled"))
    settle(ready)
    assert facts(ready)["state"] == "filled"
    assert ready.on("order.alice.k1.orderGap")


@pytest.mark.parametrize("word", ["Cancelled", "Inactive"])
def test_a_stale_status_after_filled_changes_the_status(working, word):
    fill(working, "x1.01", shares="10")
    status(working, 100, "Filled", filled="10", remaining="0")
    if word == "Cancelled":
        status(working, 100, "Cancelled")
    else:
        working.tws(completed("Inactive")[0], **completed("Inactive", orderRef=ref(working))[1])
    assert (facts(working)["state"], facts(working)["status"]) == ("filled", "Filled")


def test_a_filled_order_whose_execution_is_busted_stays_filled_and_final_without_a_word(working):
    """The correction takes all 10 back: it is not fully executed, and nothing says so."""
    fill(working, "x1.01", shares="10")
    fill(working, "x1.02", shares="0")
    now = facts(working)
    assert now["state"] != "filled" or working.on("order.alice.k1.conflict"), now


def test_filled_falls_when_an_execution_is_told_again_with_fewer_shares(working):
    """The same execId is the same execution, and no correction; the log has 4 of it."""
    fill(working, "x1.01", shares="4")
    fill(working, "x1.01", shares="1")
    assert facts(working)["filled"] == "4"


def test_filled_is_more_than_the_log_has_when_an_execution_is_told_again_with_more_shares(working):
    fill(working, "x1.01", shares="4")
    fill(working, "x1.01", shares="10")
    logged = [entry.shares for entry in working.disk.log.values() if entry.event == "execDetails"]
    assert facts(working)["filled"] == "4" or logged == ["4", "10"], (facts(working), logged)


@pytest.mark.parametrize("word", ["NaN", "-NaN"])
@pytest.mark.parametrize("where", ["orderStatus", "execDetails"])
def test_a_figure_that_is_no_number_breaks_the_session(working, where, word):
    """`NaN` passes the decoders of text and protobuf as a decimal."""
    if where == "orderStatus":
        status(working, 100, "Submitted", filled=word)
    else:
        fill(working, "x1.01", shares=word)
    assert facts(working)["state"] == "acknowledged"


def test_an_infinite_execution_fills_the_order(working):
    """`Infinity` passes the decoders as a decimal, too."""
    status(working, 100, "Submitted", filled="Infinity")
    assert facts(working).get("filled", "0") == "0"


def test_an_order_that_a_pass_lists_as_open_and_inactive_stays_cancelled_in_silence(working):
    """TWS's open orders outrank statuses, and what is Inactive may come alive."""
    status(working, 100, "Cancelled")
    shown_inactive = {"permId": "77", "clientId": 1, **ORDER, "orderRef": ref(working)}
    state = {"status": "Inactive"}
    working.tws("openOrder", orderId=100, contract=AAPL, order=shown_inactive, orderState=state)
    assert working.on("order.alice.k1.conflict")


# Refusals


def test_an_admin_cannot_name_by_its_number_the_order_that_it_gives_up(absent):
    """README: an admin names another client's order by `orderId` in `cancelOrder`, `modifyOrder` and `abandon`."""
    (body,) = absent.answers(absent.ask("abandon", client="boss", orderId=100, force=True))
    assert body["ok"], body["error"]


def test_that_an_order_is_abandoned_is_not_said_before_that_is_on_the_disk(absent):
    absent.ask("abandon", orderKey="k1")
    absent.disk.full = True
    absent.error(100, 10147, "not found")
    again = absent.ask("abandon", client="boss", owner="alice", orderKey="k1", force=True)
    assert absent.answers(again) == []
    absent.disk.full = False
    absent.wait(2)
    assert told(absent, again) == "abandoned"


def test_an_order_is_unknown_for_a_day_that_did_not_change(ready):
    """TWS's clock cannot be read at the second handshake: `reason` must not say that the day has changed."""
    ask(ready)
    drop(ready, "")
    settle(ready)
    assert facts(ready)["state"] == "unknown"
    assert "has changed" not in facts(ready)["reason"]
