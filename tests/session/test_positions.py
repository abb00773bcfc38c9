"""What an unknown order's account held and holds, and that the bridge's own question for it disturbs nobody."""

from __future__ import annotations

import pytest

from bridge.session.pending.pending_requests import AGAIN
from tests.session.conftest import AAPL, Bench
from tests.session.test_orders import ORDER, place, status

IBM = {"conId": 8314, "symbol": "IBM", "secType": "STK", "exchange": "SMART", "currency": "USD"}


def tell(bench, size, account="DU1", contract=AAPL):
    bench.tws("position", account=account, contract=contract, position=size, avgCost=1.0)


def listed(*sizes, accounts="DU1", contract=AAPL):
    """A bridge that is ready, and that TWS has told these positions when it asked."""
    bench = Bench()
    bench.ready(accounts=accounts, told=False)
    for size in sizes:
        tell(bench, size, contract=contract)
    bench.answer_internal_requests()
    return bench


def lost(bench, **more):
    """What alice is told of an order on which TWS says nothing."""
    id_, _ = place(bench, orderKey="k1", **more)
    bench.wait(15)
    bench.ask("ping")
    bench.wait(16)
    assert bench.result(id_)["state"] == "unknown"
    return bench.result(id_).get("position")


def again(bench):
    return bench.result(bench.ask("placeOrder", orderKey="k1", contract=AAPL, order=ORDER))["position"]


def executed(bench, exec_id="x1.01", contract=AAPL, **more):
    execution = {"orderId": 7, "clientId": 9, "permId": "9", "execId": exec_id, "shares": "3", "acctNumber": "DU1"}
    bench.tws("execDetails", reqId=-1, contract=contract, execution={**execution, **more})


def look(bench):
    """Let the next pass begin."""
    while not bench.internal_requests:
        bench.wait(1)


def requests(bench):
    return [send.name for send in bench.internal_requests].count("reqPositions")


# What is told of an unknown order


def test_an_unknown_order_tells_what_the_account_held_then_and_holds_now():
    bench = listed("5.000000000000000001")
    at = bench.now.ts
    assert lost(bench) == {"then": "5.000000000000000001", "now": "5.000000000000000001", "at": at}
    assert bench.disk.orders[100].position == "5.000000000000000001"
    bench.wait(1)
    tell(bench, "15")
    assert again(bench) == {"then": "5.000000000000000001", "now": "15", "at": bench.now.ts}


def test_what_the_list_of_all_positions_lacks_is_0():
    bench = listed("5", contract=IBM)
    assert lost(bench) == {"then": "0", "now": "0", "at": 1_760_000_000_000_000_000}


def test_a_position_that_the_next_list_lacks_was_closed():
    bench = listed("5")
    assert lost(bench)["now"] == "5"
    look(bench)
    bench.answer_internal_requests()
    assert again(bench) == {"then": "5", "now": "0", "at": bench.now.ts}


def test_what_it_held_then_outlives_the_bridge():
    bench = listed("5")
    lost(bench)
    second = Bench(disk=bench.disk)
    second.ready(told=False)
    second.internal_requests = [send for send in second.internal_requests if send.name == "reqPositions"]
    assert requests(second) == 1
    assert again(second) == {"then": "5"}
    tell(second, "15")
    second.answer_internal_requests()
    assert again(second) == {"then": "5", "now": "15", "at": second.now.ts}


@pytest.mark.parametrize(
    ("accounts", "more"),
    [
        ("DU1,DU2", {}),
        ("DU1", {"contract": {"symbol": "AAPL", "secType": "STK", "exchange": "SMART", "currency": "USD"}}),
        ("DU1,DU2", {"order": {"account": "Family"}}),
        ("DU1", {"contract": {"symbol": "AAPL", "secType": "BAG", "exchange": "SMART", "currency": "USD",
                              "comboLegs": [
                                  {"conId": 265598, "ratio": 1, "action": "BUY", "exchange": "SMART"},
                                  {"conId": 8314, "ratio": 1, "action": "SELL", "exchange": "SMART"}]}}),
    ],
    ids=["no account named", "no conId", "no account of TWS's", "a combo"],
)  # fmt: skip
def test_where_it_is_not_clear_what_is_held_nothing_is_told(accounts, more):
    assert lost(listed("5", accounts=accounts), **more) is None


def test_the_account_that_the_order_names_is_meant():
    bench = listed(accounts="DU1,DU2")
    tell(bench, "7", "DU2")
    assert lost(bench, order={"account": "DU2"})["then"] == "7"


def test_where_tws_has_told_nothing_nothing_is_told():
    bench = Bench()
    bench.ready(told=False)
    bench.internal_requests.pop()
    bench.answer_internal_requests()
    assert lost(bench) is None


@pytest.mark.parametrize(
    ("event", "data"),
    [
        ("updatePortfolio", {"accountName": "DU1"}),
        ("positionMulti", {"reqId": 5, "account": "DU1", "modelCode": ""}),
        ("position", {"account": "DU1"}),
    ],
)
def test_every_message_that_tells_a_position_counts(event, data):
    bench = listed()
    bench.astray = True
    bench.tws(event, **data, contract=AAPL, position="9")
    assert lost(bench)["then"] == "9"


def test_a_position_of_a_model_is_not_all_that_the_account_holds():
    bench = listed("5")
    bench.astray = True
    bench.tws("positionMulti", reqId=5, account="DU1", modelCode="M", contract=AAPL, position="2")
    assert lost(bench)["then"] == "5"


def test_a_position_that_tws_told_before_an_execution_is_not_what_was_held_then():
    bench = listed("5")
    at = bench.now.ts
    executed(bench)
    assert lost(bench) == {"now": "5", "at": at}


def test_once_tws_has_told_it_again_it_is():
    bench = listed("5")
    executed(bench)
    tell(bench, "8")
    executed(bench)
    executed(bench, "x2.01", IBM)
    assert lost(bench)["then"] == "8"


def test_the_list_of_all_positions_tells_again_what_it_lacks():
    bench = listed("5")
    executed(bench)
    bench.error(-1, 1100)
    bench.error(-1, 1102)
    bench.answer_internal_requests()
    assert lost(bench)["then"] == "0"


def test_an_execution_within_the_list_may_be_in_it_or_not():
    bench = Bench()
    bench.ready(told=False)
    executed(bench)
    bench.answer_internal_requests()
    assert lost(bench) == {"now": "0", "at": bench.now.ts - 31_000_000_000}


def test_an_execution_while_tws_lists_is_not_in_what_the_list_lacks():
    bench = listed("5")
    executed(bench)
    bench.error(-1, 1100)
    bench.error(-1, 1102)
    executed(bench, "x2.01")
    bench.answer_internal_requests()
    assert "then" not in lost(bench)


@pytest.mark.parametrize("size", ["5", "0"])
def test_what_was_told_before_a_lost_connection_is_old(size):
    bench = listed(*[size] * (size != "0"))
    bench.session.on_lost("end of file", bench.now)
    bench.collect()
    bench.wait(1)
    bench.ready(told=False)
    bench.internal_requests.pop()
    bench.answer_internal_requests()
    assert lost(bench) == {"now": size, "at": 1_760_000_000_000_000_000}


def test_orders_that_are_known_tell_no_position(ready):
    id_, _ = place(ready, orderKey="k1")
    status(ready, 100)
    assert "position" not in ready.result(id_)


def test_a_position_is_in_no_event_of_an_order():
    bench = listed("5")
    lost(bench)
    for _ in range(2):
        look(bench)
        bench.answer_internal_requests()
        bench.wait(60)
    assert bench.on("order.alice.k1.orderGap")
    assert not any("position" in body["data"] for topic, body in bench.events if topic.startswith("order."))


# How TWS is asked


def test_the_bridge_ends_at_tws_what_it_has_asked_when_all_is_told():
    bench = Bench()
    bench.ready(told=False)
    assert requests(bench) == 1
    assert not bench.own_cancels
    bench.answer_internal_requests()
    assert len(bench.own_cancels) == 1


def test_what_only_the_bridge_has_asked_for_is_not_published():
    bench = listed("5")
    tell(bench, "6")
    assert not [topic for topic, _ in bench.events if topic.startswith("account.")]
    assert bench.result(bench.ask("snapshot", prefix="account."))["events"] == []
    assert bench.result(bench.ask("status"))["streams"] == []


def test_a_client_that_subscribes_later_has_a_snapshot_of_its_own():
    """What was closed since the bridge asked is not in it."""
    bench = listed("5")
    id_ = bench.ask("reqPositions")
    assert bench.sends("reqPositions") == [{}]
    tell(bench, "3", contract=IBM)
    assert bench.answers(id_) == []
    bench.tws("positionEnd")
    events = bench.result(id_)["snapshot"]["events"]
    positions = [event["data"] for event in events if event["event"] == "position"]
    assert [(held["contract"]["conId"], held["position"]) for held in positions] == [(8314, "3")]


@pytest.fixture
def shared():
    """Alice subscribes while TWS answers the bridge: one of two positions is told. Her request's id."""
    bench = Bench()
    bench.ready(told=False)
    tell(bench, "5")
    return bench, bench.ask("reqPositions")


def test_a_client_that_subscribes_while_the_bridge_asks_takes_it_over_with_all_that_was_told(shared):
    bench, id_ = shared
    assert bench.sends("reqPositions") == [{}]
    assert bench.answers(id_) == []
    tell(bench, "3", contract=IBM)
    bench.answer_internal_requests()
    events = bench.result(id_)["snapshot"]["events"]
    assert [event["data"]["position"] for event in events if event["event"] == "position"] == ["5", "3"]
    assert not bench.own_cancels
    tell(bench, "6")
    assert bench.on("account.DU1.position")[-1]["data"]["position"] == "6"
    assert bench.result(bench.ask("status"))["streams"][0]["state"] == "live"


def test_the_second_list_that_tws_then_tells_changes_nothing(shared):
    bench, id_ = shared
    bench.answer_internal_requests()
    tell(bench, "5")
    bench.tws("positionEnd")
    assert bench.result(id_)["confirmed"] is True
    assert bench.result(bench.ask("status"))["streams"][0]["state"] == "live"
    assert lost(bench)["then"] == "5"


def test_the_list_that_was_taken_over_lacks_nothing(shared):
    bench, _ = shared
    bench.answer_internal_requests()
    assert lost(bench)["then"] == "5"


def test_the_bridge_no_longer_asks_what_was_taken_over(shared):
    """A refusal can only be that of the client's question."""
    bench, _ = shared
    bench.internal_requests.pop()
    bench.answer_internal_requests()
    id_ = bench.ask("reqCurrentTime")
    bench.error(-1, 321)
    assert bench.failure(id_)["code"] == "rejectedByTws"


def test_what_a_client_has_taken_over_ends_with_it(shared):
    bench, _ = shared
    bench.ask("cancelPositions")
    assert bench.sends("cancelPositions") == [{}]
    bench.answer_internal_requests()
    assert not bench.own_cancels
    assert bench.on("account.DU1.positionEnd") == []


def test_what_a_clients_list_lacks_was_closed():
    bench = listed("5")
    bench.ask("reqPositions")
    bench.tws("positionEnd")
    assert lost(bench)["then"] == "0"


def test_while_a_client_holds_the_stream_the_bridge_does_not_ask_and_hears_all():
    bench = listed("5")
    bench.ask("reqPositions")
    tell(bench, "5")
    bench.tws("positionEnd")
    tell(bench, "6")
    assert lost(bench)["then"] == "6"
    look(bench)
    assert requests(bench) == 0
    bench.answer_internal_requests()
    assert bench.sends("cancelPositions") == []
    assert not bench.own_cancels[1:]


def test_after_a_loss_the_list_is_asked_for_once_where_a_client_holds_it():
    """Found by the simulation: of two that were under way the end of one was taken for that of the other."""
    bench = listed()
    bench.ask("reqPositions")
    tell(bench, "5")
    bench.tws("positionEnd")
    bench.session.on_lost("end of file", bench.now)
    bench.collect()
    bench.wait(1)
    bench.ready(told=False)
    bench.wait(0.1)
    assert (requests(bench), len(bench.sends("reqPositions"))) == (0, 2)
    tell(bench, "6")
    bench.tws("positionEnd")
    assert bench.result(bench.ask("status"))["streams"][0]["state"] == "live"
    bench.answer_internal_requests()
    assert lost(bench)["then"] == "6"


# A TWS that does not answer


@pytest.fixture
def mute():
    """TWS answers everything but the question for positions."""
    bench = Bench()
    bench.ready(told=False)
    assert bench.internal_requests.pop().name == "reqPositions"
    bench.answer_internal_requests()
    bench.wait(AGAIN)
    assert bench.internal_requests.pop().name == "reqPositions"
    return bench


def test_no_pass_waits_for_positions(mute):
    _, order_id = place(mute)
    assert mute.sends("placeOrder")
    status(mute, order_id)
    mute.wait(200)
    assert not any("could not reconcile" in log.text for log in mute.logs)


def test_it_is_not_asked_twice_at_once_and_asked_again_later(mute):
    lost(mute)
    look(mute)
    assert requests(mute) == 0
    mute.answer_internal_requests()
    mute.wait(30)
    assert len(mute.own_cancels) == 1
    mute.wait(60)
    assert requests(mute) == 1


def test_a_client_subscribes_all_the_same(mute):
    id_ = mute.ask("reqPositions")
    assert mute.sends("reqPositions") == [{}]
    mute.tws("positionEnd")
    assert mute.result(id_)["confirmed"] is True
    for _ in range(4):
        mute.wait(25)
        mute.ask("ping")
    assert mute.sends("cancelPositions") == []
    assert not mute.own_cancels


@pytest.mark.parametrize("seconds", [61, 91])
def test_a_client_subscribes_also_where_the_bridge_has_given_up(mute, seconds):
    mute.ask("status", client="bob")
    mute.wait(seconds)
    id_ = mute.ask("reqPositions")
    tell(mute, "5")
    mute.tws("positionEnd")
    events = mute.result(id_)["snapshot"]["events"]
    assert [event["data"]["position"] for event in events if event["event"] == "position"] == ["5"]


def test_a_refusal_ends_the_question_and_no_pass(mute):
    mute.error(-1, 321, "reqPositions is not available: too many subaccounts")
    assert len(mute.own_cancels) == 1
    mute.wait(200)
    assert not any("could not reconcile" in log.text for log in mute.logs)
    id_ = mute.ask("placeOrder", contract=AAPL, order=ORDER)
    mute.wait(31)
    assert "position" not in mute.result(id_)


def test_its_refusal_is_not_taken_for_that_of_a_clients_question(mute):
    id_ = mute.ask("reqCurrentTime")
    mute.error(-1, 321, "reqPositions is not available: too many subaccounts")
    assert mute.answers(id_) == []


def test_a_connection_that_is_lost_meanwhile_ends_the_question(mute):
    mute.session.on_lost("end of file", mute.now)
    mute.collect()
    assert not mute.own_cancels
    mute.wait(1)
    mute.ready(told=False)
    assert requests(mute) == 1
