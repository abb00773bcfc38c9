"""Changes and cancels whose answers are lost, late or never come, and keys that are free again.

Cases 4, 5 and 6 of the review of orders.
"""

from __future__ import annotations

import contextlib
import itertools
import threading

import pytest

from tests.scenarios.scripted import PROTOBUF, TEXT, TODAY, Taken, fee
from tests.scenarios.stage import BUY

# Case 4: a change that is lost before its order ends

CHANGE = {"orderKey": "k1", "revision": 1, "order": {**BUY, "lmtPrice": 4.0}}


def filled(tws, order):
    tws.say(order.executed(100), fee(), order.stands("Filled", 100))


def only_executed(tws, order):
    tws.say(order.executed(100), fee())


def listed_as_completed(tws, order):
    tws.completed_orders = [order.completed("Cancelled")]


@pytest.mark.parametrize(
    ("version", "end"),
    [
        (TEXT, filled),
        (PROTOBUF, only_executed),
        (TEXT, listed_as_completed),
        (PROTOBUF, listed_as_completed),
    ],
    ids=["filled-text", "executed-protobuf", "completed-text", "completed-protobuf"],
)
def test_4_a_lost_change_of_an_order_that_has_ended_is_not_unknown(stage, tws, end):
    """The connection is lost before TWS answers the change. TWS shows the order as it was, and then it ends."""
    order = stage.working()
    asked = stage.ask("modifyOrder", CHANGE)
    assert tws.order("k1", 2).order["lmtPrice"] == 4.0
    passes = tws.passes
    with tws.holding():
        stage.drop(TODAY)
        tws.say(order.shown(), order.stands())
        end(tws, order)
    tws.until(lambda: tws.passes > passes, "the bridge made no pass")
    stage.heard()
    assert asked.told().get("change") in ("unknown", "orderEnded")
    assert stage.facts("k1").get("change") == "orderEnded"
    assert stage.ask("modifyOrder", CHANGE).told().get("change") == "orderEnded"
    assert len(tws.placed("k1")) == 2


def test_4_a_change_is_answered_when_the_order_ends_before_tws_shows_it(stage, tws):
    order = stage.working()
    asked = stage.ask("modifyOrder", CHANGE)
    tws.order("k1", 2)
    tws.say(order.executed(100), fee(), order.stands("Filled", 100))
    assert asked.told().get("change") == "orderEnded"


def test_4_a_lost_change_is_settled_when_the_order_was_executed_meanwhile(stage, tws):
    """The bridge is killed; TWS tells the execution to the next one, and nothing else of the order."""
    order = stage.working()
    stage.ask("modifyOrder", CHANGE)
    tws.order("k1", 2)
    tws.executions = [order.executed(100), fee()]
    stage.restart(TODAY)
    told = stage.facts("k1")
    assert (told.get("state"), told.get("change")) == ("filled", "orderEnded")


# Case 5: place, cancel, and place again at once

ROUNDS = 45


@contextlib.contextmanager
def busy_ledger(tws, order):
    """Within the block TWS tells another status of that order each millisecond, and the ledger is never idle."""
    over = threading.Event()

    def talk():
        for status in itertools.cycle(["PreSubmitted", "Submitted"]):
            tws.say(order.stands(status))
            if over.wait(0.001):
                return

    talker = threading.Thread(target=talk)
    talker.start()
    try:
        yield
    finally:
        over.set()
        talker.join()


def test_5_a_key_that_is_told_free_is_free(stage, tws):
    """A cancel comes right behind its order, mostly before that is on disk. Then the key is free, and is used again."""
    tws.reactions["placeOrder"] = lambda data: [Taken(data).shown(), Taken(data).stands()]
    tws.reactions["cancelOrder"] = lambda data: [tws.taken(data["orderId"]).stands("Cancelled")]
    stage.facts("other")
    told = []
    with busy_ledger(tws, tws.order("other")):
        for n in range(ROUNDS):
            placed, cancelled = stage.place(f"k{n}"), stage.ask("cancelOrder", {"orderKey": f"k{n}"})
            if placed.told().get("code") == "cancelled":
                told.append(stage.place(f"k{n}").told())
            assert "code" not in cancelled.told()
    assert len(told) > ROUNDS / 2
    assert [facts for facts in told if facts.get("state") != "acknowledged"] == []
    assert "UNIQUE" not in stage.log
    assert "Traceback" not in stage.log


# Case 6: a cancel before TWS's first word


@pytest.mark.parametrize(
    ("patience", "word"), [(0.5, "status"), (0.5, "202"), (10.0, "status")], ids=["short", "short-202", "long"]
)
def test_6_an_order_that_was_cancelled_before_the_first_word_is_cancelled(stage, tws, patience, word):
    """However long the cancel waited for its answer."""
    placed = stage.place("k1")
    order = tws.order("k1")
    cancel = stage.ask("cancelOrder", {"orderKey": "k1"}, timeout=patience)
    tws.until(lambda: tws.sent("cancelOrder"), "the cancel did not reach TWS")
    if patience < 1:
        assert cancel.told().get("code") == "noResponse"
    tws.say(order.stands("Cancelled") if word == "status" else order.error(202, "Order Canceled - reason:"))
    told = placed.told()
    assert (told.get("code"), told.get("state")) == (None, "cancelled"), told
    if patience > 1:
        assert cancel.told()["state"] == "cancelled"
    assert stage.facts("k1").get("state") == "cancelled"


def test_6_cancelled_as_the_first_word_is_no_rejection(stage, tws):
    placed = stage.place("k1")
    tws.say(tws.order("k1").stands("Cancelled"))
    told = placed.told()
    assert (told.get("code"), told.get("state")) == (None, "cancelled"), told
