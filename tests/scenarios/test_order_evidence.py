"""What TWS's words prove of an order: executions before statuses, and absence next to nothing.

Cases 1, 2, 3 and 7 of the review of orders, each with what TWS said when it was seen.
"""

from __future__ import annotations

import time

import pytest

from tests.chaos.world import AAPL
from tests.scenarios.conftest import both_encodings
from tests.scenarios.scripted import PROTOBUF, TEXT, TODAY, TOMORROW, Taken, fee


def refused(told, *codes):
    """The answer is an error with one of these codes."""
    assert told.get("code") in codes, told


# Case 1: executed, and forgotten by TWS overnight


@pytest.fixture(params=["killed", "dropped"])
def overnight(request, stage):
    """TWS begins a new day and lists nothing: the bridge was killed meanwhile, or lost the connection only."""
    begin_again = stage.restart if request.param == "killed" else stage.reconnect
    return lambda: begin_again(TOMORROW)


@pytest.fixture
def executed(stage, tws):
    """An order of 100 that TWS has acknowledged and executed, without a word of `Filled`."""
    order = stage.working()
    tws.say(order.executed(100), fee())
    stage.heard()
    assert stage.events("k1", "execDetails")
    return order


@both_encodings
def test_1_an_executed_order_that_tws_forgets_is_filled_and_never_placed_again(stage, tws, executed, overnight):
    overnight()
    stage.reconnect(TOMORROW)
    tws.knows_no_order()
    refused(stage.abandon("k1"), "orderKnown")
    told = stage.facts("k1")
    assert (told.get("state"), told.get("filled")) == ("filled", "100")
    assert len(tws.placed("k1")) == 1


def test_1_an_execution_alone_answers_placeorder(stage, tws):
    asked = stage.place("k1", timeout=5)
    tws.say(tws.order("k1").executed(100), fee())
    told = asked.told()
    assert (told.get("state"), told.get("filled")) == ("filled", "100")


def test_1_a_partial_execution_alone_answers_placeorder(stage, tws):
    asked = stage.place("k1", timeout=5)
    tws.say(tws.order("k1").executed(40), fee())
    told = asked.told()
    assert (told.get("state"), told.get("filled")) == ("acknowledged", "40")


def force(stage):
    """An admin gives up the order of k1 without proof."""
    return stage.ask("abandon", {"orderKey": "k1", "owner": "alice", "force": True}, client="boss").told()


def test_1_a_partly_executed_order_that_tws_forgets_is_unknown_until_an_admin_ends_it(stage, tws):
    """Of 100 shares 40 were executed, TWS never told a status, and lists nothing on the next day."""
    stage.place("k1")
    tws.say(tws.order("k1").executed(40), fee())
    stage.heard()
    stage.look_often(TOMORROW)
    tws.knows_no_order()
    refused(stage.abandon("k1"), "orderUnknown", "orderKnown")
    told = stage.facts("k1")
    assert (told.get("state"), told.get("filled")) == ("unknown", "40")
    assert told["reason"]
    assert told["sentAt"]
    for told in (force(stage), stage.facts("k1")):
        assert (told.get("state"), told.get("filled")) == ("cancelled", "40"), told
    assert "boss" in f"{stage.log}{stage.order_log()}"
    refused(stage.place("k1", totalQuantity=60).told(), "keyConflict")
    assert len(tws.placed("k1")) == 1


# Case 1: no word at all


def assert_unknown(stage):
    """The order of k1 is unknown, for a reason that is told, and its owner cannot give it up."""
    told = stage.facts("k1")
    assert told.get("state") == "unknown", told
    assert told["reason"]
    assert told["sentAt"]
    refused(stage.abandon("k1"), "orderUnknown")
    assert stage.facts("k1").get("state") == "unknown"
    assert len(stage.tws.placed("k1")) == 1


def assert_free(stage, first):
    """The key of that order places a new one."""
    asked = stage.place("k1")
    second = stage.tws.order("k1", 2)
    assert second.order_id > first.order_id
    stage.tws.say(second.stands())
    assert asked.told().get("state") == "acknowledged"


def test_1_an_order_without_a_word_is_unknown_when_the_day_has_changed_until_an_admin_frees_its_key(stage, tws):
    tws.knows_no_order()
    first = stage.lost("k1", TOMORROW)
    stage.look_often(TOMORROW)
    assert_unknown(stage)
    refused(stage.ask("abandon", {"orderKey": "k1", "force": True}).told(), "notPermitted")
    assert force(stage).get("state") == "abandoned"
    assert_free(stage, first)


@pytest.mark.parametrize("version", [TEXT], ids=["text"])
def test_1_it_stays_unknown_when_the_bridge_was_killed_overnight(stage, tws):
    tws.knows_no_order()
    stage.place("k1")
    tws.order("k1")
    stage.restart(TOMORROW)
    stage.look_often(TOMORROW)
    assert_unknown(stage)


def test_1_the_day_changes_while_the_connection_lives(stage, tws):
    """TWS's clock is that of the handshake and the time since: the pass begins before midnight and ends after it."""
    tws.knows_no_order()
    stage.place("k1")
    tws.order("k1")
    with tws.holding():
        stage.drop("20261122 23:59:59 UTC")
        midnight = time.monotonic() + 1.1
        tws.until(lambda: time.monotonic() > midnight, "time stands still")
    stage.look_often(TOMORROW)
    assert_unknown(stage)


def test_1_an_order_that_tws_once_acknowledged_is_never_not_found(stage, tws):
    tws.knows_no_order()
    stage.working()
    stage.look_often(TODAY)
    assert_unknown(stage)


@pytest.mark.parametrize("version", [TEXT], ids=["text"])
def test_1_an_order_without_a_word_is_not_found_on_the_same_day(stage, tws):
    first = stage.not_found()
    tws.knows_no_order()
    assert stage.abandon("k1").get("state") == "abandoned"
    assert_free(stage, first)


# Case 2: Inactive


@pytest.fixture
def inactive(stage, tws):
    """An order of which TWS's first word was `Inactive`."""
    asked = stage.place("k1")
    order = tws.order("k1")
    tws.say(order.stands("Inactive"))
    asked.told()
    return order


@pytest.mark.parametrize(
    ("version", "word"),
    [(TEXT, Taken.stands), (PROTOBUF, Taken.shown)],
    ids=["orderStatus-text", "openOrder-protobuf"],
)
def test_2_inactive_as_the_first_word_is_no_rejection(stage, tws, word):
    asked = stage.place("k1")
    tws.say(word(tws.order("k1"), "Inactive"))
    assert asked.told().get("state") == "inactive"


@pytest.mark.parametrize(
    ("method", "params"), [("cancelMine", {}), ("cancelOrder", {"orderKey": "k1"})], ids=["cancelMine", "cancelOrder"]
)
def test_2_a_cancel_reaches_an_inactive_order(stage, tws, inactive, method, params):
    asked = stage.ask(method, params)
    (cancel,) = tws.until(lambda: tws.sent("cancelOrder"), f"{method} did not reach TWS")
    assert cancel["orderId"] == inactive.order_id
    tws.say(inactive.stands("Cancelled"))
    told = asked.told()
    assert told.get("orderKeys", ["k1"]) == ["k1"]
    assert "code" not in told
    stage.heard()
    assert stage.facts("k1").get("state") == "cancelled"


@pytest.mark.parametrize(
    ("rights", "settings"),
    [({"alice": 'roles = ["account", "trade"]\nwhen_lost = "cancel"'}, "lease = 2.5")],
    ids=["cancel"],
)
def test_2_when_lost_reaches_an_inactive_order(stage, tws, inactive):
    stage.leave("alice")
    (cancel,) = tws.until(lambda: tws.sent("cancelOrder"), "the bridge did not cancel")
    assert cancel["orderId"] == inactive.order_id


def test_2_an_inactive_order_may_come_alive(stage, tws, inactive):
    assert stage.facts("k1").get("state") == "inactive"
    tws.say(inactive.shown(), inactive.stands())
    stage.heard()
    assert stage.facts("k1").get("state") == "acknowledged"
    assert len(tws.placed("k1")) == 1


@pytest.mark.parametrize("first", ["Inactive", "201"])
def test_2_inactive_together_with_a_rejecting_error_is_a_rejection(stage, tws, first):
    stage.place("k1")
    order = tws.order("k1")
    words = [order.stands("Inactive"), order.error(201, "Order rejected - reason: margin")]
    tws.say(*(words if first == "Inactive" else words[::-1]))
    stage.heard()
    told = stage.facts("k1")
    assert (told.get("code"), told.get("tws")) == ("rejectedByTws", 201), told


def test_2_a_rejected_order_that_tws_shows_alive_is_a_conflict_and_lives(stage, tws):
    asked = stage.place("k1")
    order = tws.order("k1")
    tws.say(order.error(201, "Order rejected - reason: margin"), order.stands("Inactive"))
    refused(asked.told(), "rejectedByTws")
    tws.say(order.shown(), order.stands())
    stage.heard()
    assert stage.facts("k1").get("state") == "acknowledged"
    assert stage.events("k1", "conflict")


# Case 3: stale, late and missing words


@pytest.mark.parametrize("version", [TEXT], ids=["text"])
def test_3_a_stale_status_after_filled_changes_nothing(stage, tws):
    order = stage.working()
    tws.say(order.executed(100), fee(), order.stands("Filled", 100), order.stands("Submitted", 0))
    stage.heard()
    told = stage.facts("k1")
    assert (told.get("state"), told.get("status"), told.get("filled")) == ("filled", "Filled", "100")


def test_3_a_stale_status_after_a_partial_fill_and_a_cancel_changes_nothing(stage, tws):
    order = stage.working()
    tws.say(order.executed(30), fee(), order.stands("Cancelled", 30), order.stands("Submitted", 0))
    stage.heard()
    told = stage.facts("k1")
    assert (told.get("state"), told.get("status"), told.get("filled")) == ("cancelled", "Cancelled", "30")


def test_3_a_stale_status_of_a_living_order_does_not_lower_what_is_filled(stage, tws):
    order = stage.working()
    tws.say(order.executed(30), fee(), order.stands("Submitted", 30), order.stands("Submitted", 0))
    stage.heard()
    told = stage.facts("k1")
    assert (told.get("state"), told.get("filled")) == ("acknowledged", "30")


@pytest.fixture
def cancelled_late(stage, tws):
    """Its owner has cancelled an order, and TWS tells the execution of 30 after that."""
    order = stage.working()
    asked = stage.ask("cancelOrder", {"orderKey": "k1"})
    tws.until(lambda: tws.sent("cancelOrder"), "the cancel did not reach TWS")
    tws.say(order.error(202, "Order Canceled - reason:"))
    assert asked.told()["state"] == "cancelled"
    tws.say(order.executed(30), fee())
    stage.heard()
    return order


def test_3_an_execution_after_202_is_filled(stage, cancelled_late):
    told = stage.facts("k1")
    assert (told.get("state"), told.get("filled")) == ("cancelled", "30")


def test_3_a_correction_lowers_what_is_filled(stage, tws, cancelled_late):
    tws.say(cancelled_late.executed(20, "x1.02"), fee("x1.02"))
    stage.heard()
    told = stage.facts("k1")
    assert (told.get("state"), told.get("filled")) == ("cancelled", "20")


def test_3_tws_is_asked_for_an_execution_that_is_missing(stage, tws):
    """TWS has said that 10 are filled and told no execution, and says 0 again; a pass follows within 10 seconds."""
    order = stage.working()
    passes = tws.passes
    tws.executions = [order.executed(10), fee()]
    tws.say(order.stands("Submitted", 10), order.stands("Submitted", 0))
    said = time.monotonic()
    tws.until(lambda: tws.passes > passes, "the bridge does not ask for the execution")
    assert time.monotonic() - said < 10
    stage.heard()
    assert stage.events("k1", "execDetails")
    assert stage.facts("k1").get("filled") == "10"


# Case 7: given up, and filled after all


@pytest.fixture
def abandoned(stage, tws):
    """An order that its owner has given up: TWS does not list it, and has nothing to cancel."""
    order = stage.not_found()
    tws.knows_no_order()
    assert stage.abandon("k1")["state"] == "abandoned"
    return order


def report_status(stage, tws, order):
    tws.say(order.stands("Filled", 100))
    stage.heard()


def report_execution(stage, tws, order):
    tws.say(order.executed(100), fee())
    stage.heard()


def report_completed(stage, tws, order):
    tws.completed_orders = [order.completed("Filled", 100)]
    stage.reconnect(TODAY)


@pytest.mark.parametrize(
    ("version", "report"),
    [(PROTOBUF, report_status), (PROTOBUF, report_execution), (TEXT, report_completed)],
    ids=["status", "execution", "completed-text"],
)
def test_7_an_abandoned_order_that_is_filled_is_a_conflict_and_has_its_key(stage, tws, abandoned, report):
    report(stage, tws, abandoned)
    told = stage.facts("k1")
    assert (told.get("state"), told.get("filled")) == ("filled", "100")
    assert told["orderId"] == abandoned.order_id
    refused(stage.place("k1", totalQuantity=7).told(), "keyConflict")
    assert stage.events("k1", "conflict")
    assert len(tws.placed("k1")) == 1


def ended(tws):
    """The bridge has ended the subscription to positions that it began last."""
    names = ("reqPositions", "cancelPositions")
    heard = [message.name for message in tws.received if message.name in names]
    return heard[-1] == "cancelPositions"


def test_an_order_that_stays_unknown_tells_what_its_account_held_then_and_holds_now(stage, tws):
    """TWS lists 5 shares; overnight, while the bridge does not run, 100 more come."""
    tws.positions = [("position", {"account": "DU1", "contract": AAPL, "position": "5", "avgCost": 4.0})]
    stage.reconnect(TODAY)
    tws.until(lambda: ended(tws), "the bridge left its subscription open")
    stage.place("k1")
    tws.order("k1")
    tws.positions = [("position", {"account": "DU1", "contract": AAPL, "position": "105", "avgCost": 4.0})]
    stage.restart(TOMORROW)
    tws.until(lambda: ended(tws), "the bridge left its subscription open")
    stage.heard()
    told = stage.facts("k1")
    assert told.get("state") == "unknown", told
    position = told["position"]
    assert (position["then"], position["now"]) == ("5", "105")
    assert position["at"] > told["sentAt"]
