"""Which requests are taken and which words are said, fault by fault."""

from __future__ import annotations

import pytest

from bridge.simulator.scenario.message_faults import (
    FARM_REQUESTS,
    STREAM_REQUESTS,
    TAKEN,
    Handling,
    MessageFaults,
    ReceivedRequest,
)

CLIENT = 1
STATUS = (CLIENT, "orderStatus", {"orderId": 5})
SHOWN = (CLIENT, "openOrder", {"orderId": 5})
TICK = (CLIENT, "tickPrice", {"reqId": 7, "price": 5.0})
POSITION = (CLIENT, "position", {"position": "1"})


@pytest.fixture
def faults():
    return MessageFaults()


def asks(faults, name="reqMktData", now=0.0, **data):
    return faults.on_request(ReceivedRequest(CLIENT, name, data), now)


def test_without_a_fault_all_is_taken_and_said(faults):
    assert asks(faults, reqId=7) == TAKEN
    words = [TICK, SHOWN, STATUS, POSITION, (CLIENT, "error", {"id": 5})]
    assert faults.to_send(words, None) == words


@pytest.mark.parametrize(
    "handling",
    [Handling("lost"), Handling("lost", resets=True), Handling(answers=False), Handling("rejected", code=201),
     Handling("doubled")],
)  # fmt: skip
def test_the_next_request_of_that_name_is_handled_so(faults, handling):
    faults.next("placeOrder", handling)
    assert asks(faults, reqId=7) == TAKEN
    assert asks(faults, "placeOrder", orderId=5) == handling
    assert asks(faults, "placeOrder", orderId=6) == TAKEN


def test_several_wait_their_turn(faults):
    first, second = Handling("lost"), Handling("lost", resets=True)
    faults.next("placeOrder", first)
    faults.next("placeOrder", second)
    assert [asks(faults, "placeOrder", orderId=n) for n in (1, 2)] == [first, second]


def test_an_answer_that_is_not_said(faults):
    assert faults.to_send([SHOWN, STATUS], "placeOrder", answers=False) == []


def test_a_silent_subscription_stays_silent_and_no_other_does(faults):
    faults.silent.add("reqMktData")
    assert asks(faults, reqId=7).answers is False
    faults.answer("reqMktData")
    assert asks(faults, reqId=8).answers is True
    other = (CLIENT, "tickPrice", {"reqId": 8})
    assert faults.to_send([TICK, other], None) == [other]


def test_errors_are_said_on_a_silent_subscription(faults):
    faults.silent.add("reqMktData")
    asks(faults, reqId=7)
    error = (CLIENT, "error", {"id": 7})
    assert faults.to_send([error], None) == [error]


def test_a_silent_subscription_without_an_id(faults):
    faults.silent.add("reqPositions")
    assert asks(faults, "reqPositions").answers is False
    assert faults.to_send([POSITION], None) == []
    faults.answer("reqPositions")
    assert faults.to_send([POSITION], None) == [POSITION]


def test_what_is_stopped_brings_nothing_and_comes_again(faults):
    asks(faults, reqId=7)
    faults.stopped |= STREAM_REQUESTS
    assert faults.to_send([TICK, POSITION], None) == [POSITION]
    faults.stopped -= STREAM_REQUESTS
    assert faults.to_send([TICK], None) == [TICK]


def test_a_farm_stops_its_own_streams(faults):
    asks(faults, reqId=7)
    asks(faults, "reqHistoricalData", reqId=8)
    bar = (CLIENT, "historicalDataUpdate", {"reqId": 8})
    faults.stopped |= FARM_REQUESTS["usfarm"]
    assert faults.to_send([TICK, bar], None) == [bar]


def test_a_request_that_is_held_is_kept(faults):
    faults.hold("reqExecutions")
    assert asks(faults, "reqExecutions", reqId=3).kind == "held"
    (held,) = faults.answer("reqExecutions")
    assert held == ReceivedRequest(CLIENT, "reqExecutions", {"reqId": 3})
    assert faults.on_taken_up(held) == TAKEN
    assert asks(faults, "reqExecutions", reqId=4) == TAKEN


def test_what_was_held_for_a_client_goes_with_it(faults):
    faults.hold("reqExecutions")
    asks(faults, "reqExecutions", reqId=3)
    faults.on_left(CLIENT)
    assert faults.answer("reqExecutions") == []


def test_a_request_may_be_taken_up_later(faults):
    faults.delays["reqContractDetails"] = 1.5
    handling = asks(faults, "reqContractDetails", reqId=3)
    assert (handling.kind, handling.delay) == ("delayed", 1.5)
    faults.answer("reqContractDetails")
    assert asks(faults, "reqContractDetails", reqId=4) == TAKEN


def test_requests_are_lost_for_a_while_after_each_start(faults):
    faults.lose_for = 2.0
    faults.on_started(CLIENT, 10.0)
    assert asks(faults, reqId=7, now=11.9).kind == "lost"
    assert asks(faults, reqId=7, now=12.0) == TAKEN


def test_ids_of_earlier_connections_are_refused_once_they_are_remembered(faults):
    asks(faults, reqId=7)
    faults.on_left(CLIENT)
    assert asks(faults, reqId=7) == TAKEN
    faults.on_left(CLIENT)
    faults.remembers_ids = True
    assert asks(faults, reqId=7).code == 322
    assert asks(faults, reqId=8) == TAKEN
    assert asks(faults, "cancelMktData", reqId=7) == TAKEN


def test_the_ids_of_requests_that_are_under_way(faults):
    asks(faults, reqId=7)
    asks(faults, "reqMktDepth", reqId=8)
    assert (faults.ids_of("reqMktData"), faults.ids_of("reqMktDepth")) == ([(CLIENT, 7)], [(CLIENT, 8)])
    asks(faults, "cancelMktDepth", reqId=8)
    assert (faults.ids_of("reqMktData"), faults.ids_of("reqMktDepth")) == ([(CLIENT, 7)], [])
    asks(faults, reqId=9)
    faults.forget(frozenset({"reqMktData"}))
    assert faults.ids_of("reqMktData") == []
    asks(faults, reqId=10)
    faults.on_left(CLIENT)
    assert faults.ids_of("reqMktData") == []


def test_words_on_orders_are_kept_back_and_told(faults):
    asks(faults, reqId=7)
    faults.withhold()
    on_order, on_stream = (CLIENT, "error", {"id": 5}), (CLIENT, "error", {"id": 7})
    notice = (CLIENT, "error", {"id": -1})
    assert faults.to_send([SHOWN, TICK, STATUS, on_order, on_stream, notice], None) == [TICK, on_stream, notice]
    assert faults.release_withheld() == [SHOWN, STATUS, on_order]
    assert faults.to_send([STATUS], None) == [STATUS]


@pytest.mark.parametrize("name", ["reqOpenOrders", "reqAllOpenOrders", "reqCompletedOrders", "reqExecutions"])
def test_lists_are_whole_while_words_are_kept_back(faults, name):
    faults.withhold()
    assert faults.to_send([SHOWN, STATUS], name) == [SHOWN, STATUS]


def test_each_status_may_be_said_several_times(faults):
    faults.repeats = 3
    assert faults.to_send([SHOWN, STATUS], None) == [SHOWN, STATUS, STATUS, STATUS]
