"""Defects of orders at the wire, which a hostile tester found: a real bridge, and a TWS that a test scripts."""

from __future__ import annotations

import pytest

from tests.scenarios.conftest import both_encodings
from tests.scenarios.scripted import PROTOBUF, TEXT, Word, fee


def not_a_number(word: Word) -> Word:
    name, data = word
    if name == "orderStatus":
        return name, {**data, "filled": "NaN"}
    return name, {**data, "execution": {**data["execution"], "shares": "NaN"}}


@both_encodings
@pytest.mark.parametrize("word", ["orderStatus", "execDetails"])
def test_a_figure_that_is_no_number_does_not_stop_the_bridge(stage, tws, word):
    order = stage.working()
    tws.say(not_a_number(order.stands() if word == "orderStatus" else order.executed(4)))
    stage.heard()
    assert stage.facts("k1").get("state") == "acknowledged"
    assert tws.connections == 1
    assert "Traceback" not in stage.log


@pytest.mark.parametrize("version", [TEXT, PROTOBUF], ids=["text", "protobuf"])
def test_a_rejection_after_the_first_word_leaves_the_order_unknown_for_ever(stage, tws):
    """As TWS rejects for margin: PreSubmitted, 201, Inactive; it lists nothing, and has nothing to cancel."""
    asked = stage.place("k1")
    order = tws.order("k1")
    tws.say(order.shown("PreSubmitted"), order.stands("PreSubmitted"))
    asked.told()
    tws.say(order.error(201, "Order rejected - reason: margin"), order.stands("Inactive"))
    stage.heard()
    tws.knows_no_order()
    stage.ask("cancelOrder", {"orderKey": "k1"}).told()
    stage.look_often(tws.clock)
    told = stage.facts("k1")
    assert told.get("state") == "rejected", told


def test_a_list_with_a_figure_that_is_no_number_keeps_everyone_from_trading_for_ever(stage, tws):
    """Each pass breaks the connection, and the next connection begins with a pass."""
    order = stage.working()
    tws.executions = [not_a_number(order.executed(4)), fee()]
    connections = tws.connections
    tws.drop()
    tws.until(lambda: tws.connections > connections, "the bridge does not connect again")
    told = stage.place("k2", client="bob", timeout=5).told()
    assert tws.connections <= connections + 2
    assert told.get("state") == "unknown", told  # it has left, and this TWS says nothing of it


def test_words_behind_a_figure_that_is_no_number_are_lost(stage, tws):
    order = stage.working()
    tws.say(not_a_number(order.stands()), order.executed(100), fee(), order.stands("Filled", 100))
    stage.tws.until(lambda: stage.facts("k1").get("state") != "acknowledged", "nothing was heard")
    told = stage.facts("k1")
    assert (told.get("state"), told.get("filled")) == ("filled", "100")
