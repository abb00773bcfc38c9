"""One request, one answer: ids, lanes, ends, stored answers, timeouts, and what TWS refuses."""

from __future__ import annotations

import pytest

from bridge.session import Reply
from bridge.session.pending.pending_requests import EARLY
from bridge.tws.events import DecodeFailed, Message, UnknownMessage
from tests.session.conftest import AAPL
from tws_bridge_client.wire import pack

ORDER = {"action": "BUY", "orderType": "LMT", "totalQuantity": "10", "lmtPrice": 5.0}

BAR = {
    "date": "20251001",
    "open": 1.0,
    "high": 2.0,
    "low": 0.5,
    "close": 1.5,
    "volume": "10",
    "WAP": "1",
    "barCount": 3,
}
HISTORY = {"contract": AAPL, "barSizeSetting": "1 day", "duration": "1 D", "whatToShow": "TRADES"}


def details(bench, req_id, con_id=265598):
    bench.tws("contractDetails", reqId=req_id, contract={**AAPL, "conId": con_id}, contractDetails={"minTick": "0.01"})


# Answers with our id


def test_parts_are_answered_together_when_the_end_comes(ready):
    id_ = ready.ask("reqContractDetails", contract=AAPL)
    req_id = ready.last_sent("reqContractDetails")["reqId"]
    assert 2**30 <= req_id < 2**31
    details(ready, req_id)
    assert ready.answers(id_) == []
    ready.tws("contractDetailsEnd", reqId=req_id)
    (part,) = ready.result(id_)
    assert part["event"] == "contractDetails"
    assert part["data"]["contract"]["conId"] == 265598


def test_two_clients_never_get_each_others_answers(ready):
    first, second = (
        ready.ask("reqContractDetails", contract=AAPL),
        ready.ask("reqContractDetails", client="bob", contract={**AAPL, "symbol": "MSFT", "conId": 272093}),
    )
    one, two = (data["reqId"] for data in ready.sends("reqContractDetails"))
    details(ready, two, con_id=2)
    details(ready, one, con_id=1)
    ready.tws("contractDetailsEnd", reqId=two)
    ready.tws("contractDetailsEnd", reqId=one)
    assert ready.result(first)[0]["data"]["contract"]["conId"] == 1
    assert ready.result(second)[0]["data"]["contract"]["conId"] == 2


def test_each_callback_is_published_for_who_asked(ready):
    id_ = ready.ask("reqContractDetails", contract=AAPL)
    details(ready, ready.last_sent("reqContractDetails")["reqId"])
    (event,) = ready.on("request.alice.contractDetails")
    assert event["re"] == id_


def test_parts_come_as_they_arrive_where_that_was_asked(ready):
    body = {"v": 1, "id": "s1", "client": "alice", "method": "reqContractDetails", "stream": True}
    ready.request({**body, "params": {"contract": AAPL}})
    req_id = ready.last_sent("reqContractDetails")["reqId"]
    details(ready, req_id, 1)
    details(ready, req_id, 2)
    ready.tws("contractDetailsEnd", reqId=req_id)
    bodies = [reply.body for reply in ready.replies if reply.body["id"] == "s1"]
    assert [body.get("part") for body in bodies] == [1, 2, None]
    assert [body["result"]["data"]["contract"]["conId"] for body in bodies[:2]] == [1, 2]
    assert (bodies[2]["ok"], bodies[2]["result"], bodies[2]["parts"]) == (True, [], 2)


@pytest.mark.parametrize(
    ("version", "events"), [(187, ["historicalData"]), (213, ["historicalData", "historicalDataEnd"])]
)
def test_history_ends_as_its_server_version_has_it(make_bench, version, events):
    bench = make_bench()
    bench.ready(version)
    id_ = bench.ask("reqHistoricalData", **HISTORY)
    req_id = bench.last_sent("reqHistoricalData")["reqId"]
    for event in events:
        assert bench.answers(id_) == []
        bars = {"historicalDataBars": [BAR]} if event == "historicalData" else {}
        bench.tws(event, reqId=req_id, startDateStr="a", endDateStr="b", **bars)
    assert [part["event"] for part in bench.result(id_)] == events


def test_a_market_data_snapshot_is_a_question_and_no_stream(ready):
    id_ = ready.ask("reqMktData", contract=AAPL, snapshot=True)
    req_id = ready.last_sent("reqMktData")["reqId"]
    ready.tws("tickPrice", reqId=req_id, tickType=1, price=1.5, size="100")
    ready.tws("tickSnapshotEnd", reqId=req_id)
    assert [part["event"] for part in ready.result(id_)] == ["tickPrice"]
    assert ready.on("market.265598.tickPrice") == []


def test_a_commission_belongs_to_who_asked_for_its_execution(ready):
    id_ = ready.ask("reqExecutions", executionFilter={})
    req_id = ready.last_sent("reqExecutions")["reqId"]
    execution = {"execId": "x1", "orderId": 5, "permId": "9", "clientId": 4}
    ready.tws("execDetails", reqId=req_id, contract=AAPL, execution=execution)
    ready.tws("commissionAndFeesReport", execId="x1", commissionAndFees=1.0)
    ready.tws("execDetailsEnd", reqId=req_id)
    assert [part["event"] for part in ready.result(id_)] == ["execDetails", "commissionAndFeesReport"]
    assert [body["data"]["execId"] for body in ready.on("order.external.9.commissionAndFeesReport")] == ["x1"]


# Answers without an id


def test_questions_that_share_answers_take_turns(ready):
    first = ready.ask("reqOpenOrders")
    second = ready.ask("reqAllOpenOrders", client="bob")
    assert [send.name for send in ready.sent] == ["reqOpenOrders"]
    ready.tws("openOrder", orderId=5, contract=AAPL, order={"permId": "1"}, orderState={"status": "Submitted"})
    ready.tws("openOrderEnd")
    assert len(ready.result(first)) == 1
    assert [send.name for send in ready.sent] == ["reqOpenOrders", "reqAllOpenOrders"]
    ready.tws("openOrderEnd")
    assert ready.result(second) == []


def test_equal_questions_that_wait_are_asked_once_but_never_join_one_under_way(ready):
    first = ready.ask("reqCurrentTime")
    second, third = ready.ask("reqCurrentTime", client="bob"), ready.ask("reqCurrentTime", client="carol")
    ready.tws("currentTime", currentTime=1)
    assert ready.result(first) == {"currentTime": 1}
    assert ready.answers(second) == []
    assert len(ready.sends("reqCurrentTime")) == 2
    ready.tws("currentTime", currentTime=2)
    assert ready.result(second) == ready.result(third) == {"currentTime": 2}


def test_a_late_answer_is_not_taken_for_the_next_ones(ready):
    ready.wait(EARLY)
    first = ready.ask("reqCurrentTime")
    ready.wait(29)
    second = ready.ask("reqCurrentTime", client="bob")
    ready.wait(2)
    assert ready.failure(first)["code"] == "noResponse"
    ready.tws("currentTime", currentTime=1)
    assert ready.answers(second) == []
    ready.tws("currentTime", currentTime=2)
    assert ready.result(second) == {"currentTime": 2}


def test_a_refusal_without_an_id_ends_the_only_question_without_one(ready):
    id_ = ready.ask("requestFA", faDataType=1)
    ready.error(-1, 2104)
    assert ready.answers(id_) == []
    ready.error(-1, 321, "FA data operations ignored for non FA customers")
    assert ready.failure(id_)["twsCode"] == 321
    assert [body["data"]["errorCode"] for body in ready.on("system.notice")][-2:] == [2104, 321]


def test_a_refusal_without_an_id_is_nobodys_where_two_may_be_meant(ready):
    ids = [ready.ask("requestFA", faDataType=1), ready.ask("reqScannerParameters")]
    ready.error(-1, 321)
    assert [ready.answers(id_) for id_ in ids] == [[], []]


def test_a_lane_is_free_again_some_time_after_nobody_waits(ready):
    ready.wait(EARLY)
    ready.ask("reqCurrentTime")
    ready.wait(31)
    later = ready.ask("reqCurrentTime", client="bob")
    ready.wait(29)
    ready.tws("currentTime", currentTime=2)
    assert len(ready.sends("reqCurrentTime")) == 2
    assert ready.result(later) == {"currentTime": 2}


def test_what_tws_does_not_answer_is_answered_as_sent(ready):
    assert ready.result(ready.ask("reqMarketDataType", marketDataType=3)) == {"sent": True}
    assert ready.sends("reqMarketDataType") == [{"marketDataType": 3}]


# The same again


def test_the_same_id_again_is_the_same_request(ready):
    id_ = ready.ask("reqCurrentTime", id="once")
    ready.request({"v": 1, "id": "once", "client": "alice", "method": "reqCurrentTime"}, "elsewhere")
    ready.tws("currentTime", currentTime=1)
    ready.request({"v": 1, "id": "once", "client": "alice", "method": "reqCurrentTime"}, "later")
    assert len(ready.sends("reqCurrentTime")) == 1
    replies = [reply for reply in ready.replies if reply.body["id"] == id_]
    assert [reply.route for reply in replies] == [(b"alice",), (b"elsewhere",), (b"later",)]
    assert all(reply.body == replies[0].body for reply in replies)


def test_an_id_is_not_used_for_another_request(ready):
    ready.ask("reqCurrentTime", id="once")
    ready.ask("reqOpenOrders", id="once")
    assert ready.failure("once")["code"] == "idConflict"
    assert ready.sends("reqOpenOrders") == []


def test_two_clients_may_use_the_same_id(ready):
    ready.ask("reqCurrentTime", id="1")
    ready.ask("reqCurrentTime", client="bob", id="1")
    ready.tws("currentTime", currentTime=1)
    ready.tws("currentTime", currentTime=2)
    assert [reply.body["result"]["currentTime"] for reply in ready.replies] == [1, 2]


# What goes wrong


def test_an_error_of_tws_on_the_id_is_a_rejection_with_its_code(ready):
    id_ = ready.ask("reqContractDetails", contract=AAPL)
    ready.error(ready.last_sent("reqContractDetails")["reqId"], 200, "No security definition has been found")
    error = ready.failure(id_)
    assert (error["code"], error["twsCode"]) == ("rejectedByTws", 200)
    assert "No security definition" in error["message"]


@pytest.mark.parametrize("code", [2104, 2169, 399, 10167])
def test_a_warning_on_the_id_leaves_the_request_open(ready, code):
    id_ = ready.ask("reqContractDetails", contract=AAPL)
    req_id = ready.last_sent("reqContractDetails")["reqId"]
    ready.error(req_id, code)
    assert ready.answers(id_) == []
    ready.tws("contractDetailsEnd", reqId=req_id)
    assert ready.result(id_) == []
    assert ready.on("request.alice.error")[0]["data"]["errorCode"] == code


def test_no_answer_in_time_is_noresponse_and_what_it_held_is_freed(ready):
    body = {"v": 1, "id": "h1", "client": "alice", "method": "reqHistoricalData", "timeout": 5, "params": HISTORY}
    ready.request(body)
    ready.wait(5)
    assert ready.failure("h1")["code"] == "noResponse"
    req_id = ready.last_sent("reqHistoricalData")["reqId"]
    assert ready.sends("cancelHistoricalData") == [{"reqId": req_id}]
    ready.tws("historicalDataEnd", reqId=req_id)
    assert len(ready.answers("h1")) == 1


def test_a_request_may_be_cancelled_by_its_id(ready):
    id_ = ready.ask("reqHistoricalData", **HISTORY)
    done = ready.ask("cancelHistoricalData", id="c1")
    assert ready.failure(done)["code"] == "unknownStream"
    ready.request({"v": 1, "id": "c2", "client": "alice", "method": "cancelHistoricalData", "params": {"id": id_}})
    assert ready.failure(id_)["code"] == "cancelled"
    assert ready.result("c2") == {"cancelled": id_}
    assert len(ready.sends("cancelHistoricalData")) == 1


def test_nothing_leaves_before_ready_and_then_in_order(bench):
    bench.start()
    ids = [bench.ask("reqContractDetails", contract={"symbol": symbol}) for symbol in ("A", "B")]
    assert bench.sent == []
    bench.ready()
    assert [data["contract"]["symbol"] for data in bench.sends("reqContractDetails")] == ["A", "B"]
    assert all(bench.answers(id_) == [] for id_ in ids)


def test_what_waits_for_tws_too_long_is_notconnected_with_the_reason(bench):
    bench.start()
    bench.session.on_lost("connection refused", bench.now, 502)
    id_ = bench.ask("reqCurrentTime")
    bench.wait(30)
    assert bench.failure(id_)["code"] == "notConnected"
    bench.ready()
    assert bench.sent == []


def test_too_many_that_wait_are_refused(make_bench):
    """In all `most_waiting`, and of one client half of that."""
    bench = make_bench(most_waiting=4)
    bench.start()
    ids = [bench.ask("reqCurrentTime", client=client) for client in ("alice",) * 3 + ("bob",) * 2 + ("carol",)]
    assert [bool(bench.answers(id_)) for id_ in ids] == [False, False, True, False, False, True]
    assert {bench.failure(ids[n])["code"] for n in (2, 5)} == {"notConnected"}


def test_a_lost_connection_answers_what_was_open_and_no_more(ready):
    keyed, lane, waiting = (
        ready.ask("reqContractDetails", contract=AAPL),
        ready.ask("reqOpenOrders"),
        ready.ask("reqAllOpenOrders"),
    )
    ready.session.on_lost("end of file", ready.now)
    ready.collect()
    for id_ in (keyed, lane, waiting):
        assert ready.failure(id_)["code"] == "connectionLost"
    sent = len(ready.sent)
    ready.wait(1)
    ready.ready()
    assert len(ready.sent) == sent


def test_what_the_server_version_cannot_carry_is_refused_by_name(ready):
    id_ = ready.ask("reqContractDetails", contract=AAPL)
    ready.session.on_unsendable(
        ready.sent[-1], "issuerId needs server version 176", ready.now, field="contract.issuerId"
    )
    ready.collect()
    assert ready.failure(id_)["code"] == "invalidParams"
    assert "176" in ready.failure(id_)["message"]
    assert ready.failure(id_)["data"] == {"field": "contract.issuerId"}


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("reqContractDetails", {"contract": AAPL}),
        ("reqMktData", {"contract": AAPL}),
        ("reqMktData", {"contract": {"symbol": "AAPL", "secType": "STK", "exchange": "SMART", "currency": "USD"}}),
        ("placeOrder", {"contract": AAPL, "order": ORDER}),
        ("placeOrder", {"contract": AAPL, "order": {**ORDER, "whatIf": True}}),
        ("placeOrders", {"orders": [{"orderKey": "a", "contract": AAPL, "order": ORDER}]}),
    ],
)
def test_whatever_cannot_be_sent_names_its_field_and_a_lost_connection_is_no_fault_of_the_params(ready, method, params):
    lost = "notConnected" if method.startswith("req") else "notTradable"
    for told, code, data in (({"field": "order.x"}, "invalidParams", {"field": "order.x"}),
                             ({"code": "notConnected"}, lost, None)):  # fmt: skip
        id_ = ready.ask(method, **params)
        ready.session.on_unsendable(ready.sent[-1], "why", ready.now, **told)
        ready.collect()
        failed = ready.failure(id_)
        assert (failed["code"], failed["message"]) == (
            code,
            "why" if code != "notTradable" else "the bridge did not send the order: why",
        )
        assert data is None or failed["data"] == data


# Envelopes


@pytest.mark.parametrize(
    ("body", "code", "word"),
    [
        ([], "invalidRequest", "map"),
        ({"v": 1}, "invalidRequest", "id"),
        ({"v": 2, "id": "1", "client": "a", "method": "ping"}, "invalidRequest", "version"),
        ({"v": True, "id": "1", "client": "a", "method": "ping"}, "invalidRequest", "version"),
        ({"v": 1, "id": "", "client": "a", "method": "ping"}, "invalidRequest", "id"),
        ({"v": 1, "id": "x" * 65, "client": "a", "method": "ping"}, "invalidRequest", "id"),
        ({"v": 1, "id": 1, "client": "a", "method": "ping"}, "invalidRequest", "id"),
        ({"v": 1, "id": "1", "client": "a.b", "method": "ping"}, "invalidRequest", "client"),
        ({"v": 1, "id": "1", "client": "external", "method": "ping"}, "invalidRequest", "client"),
        ({"v": 1, "id": "1", "client": "a", "method": "ping", "params": []}, "invalidParams", "map"),
        ({"v": 1, "id": "1", "client": "a", "method": "ping", "timeout": -1}, "invalidRequest", "timeout"),
        ({"v": 1, "id": "1", "client": "a", "method": "ping", "timeout": True}, "invalidRequest", "timeout"),
        ({"v": 1, "id": "1", "client": "a", "method": "ping", "stream": 1}, "invalidRequest", "stream"),
        ({"v": 1, "id": "1", "client": "a", "method": "ping", "more": 1}, "invalidRequest", "more"),
        ({"v": 1, "id": "1", "client": "a", "method": "fly"}, "unknownMethod", "fly"),
        ({"v": 1, "id": "1", "client": "a", "method": "startApi"}, "notPermitted", "startApi"),
        ({"v": 1, "id": "1", "client": "a", "method": "ping", "params": {"x": 1}}, "invalidParams", "x"),
    ],
)
def test_a_bad_envelope_is_refused_with_what_was_expected(ready, body, code, word):
    ready.request(body)
    (reply,) = ready.replies
    assert isinstance(reply, Reply)
    assert (reply.body["ok"], reply.body["error"]["code"]) == (False, code)
    assert word in reply.body["error"]["message"]
    if isinstance(body, dict) and code.startswith("invalid"):
        field = reply.body["error"]["data"]["field"]
        assert field in {"v", "id", "client", "params", "timeout", "stream", "more", "x"}
        assert reply.body["error"]["message"].startswith(field)
    assert pack(reply.body)


def test_a_version_may_be_a_whole_float(ready):
    ready.request({"v": 1.0, "id": "1", "client": "a", "method": "ping"})
    assert ready.result("1")


def test_params_that_are_no_map_are_named(ready):
    ready.request({"v": 1, "id": "1", "client": "a", "method": "ping", "params": []})
    assert ready.failure("1")["data"] == {"field": "params"}


def test_nil_is_absent(ready):
    ready.request({"v": 1, "id": "1", "client": "a", "method": "reqIds", "params": {"numIds": None}, "timeout": None})
    assert ready.sends("reqIds") == [{}]


# From TWS


def test_what_does_not_decode_is_published_with_its_bytes_and_the_stream_goes_on(ready):
    failed = DecodeFailed("tickPrice", 1, "price", "no number", 213, b"\x01\x02")
    ready.session.on_events([failed, Message("currentTimeInMillis", {"currentTimeInMillis": 5})], ready.now)
    ready.collect()
    assert ready.on("system.decodeError")[0]["data"] == {
        "message": "tickPrice", "id": 1, "field": "price", "reason": "no number", "serverVersion": 213,
        "payload": b"\x01\x02",
    }  # fmt: skip
    assert ready.on("system.currentTimeInMillis")[0]["data"] == {"currentTimeInMillis": 5}
    assert ready.states()[-1] == "ready"


def test_unknown_messages_are_published_with_their_bytes(ready):
    ready.session.on_events([UnknownMessage(199, b"\xff")], ready.now)
    ready.collect()
    assert ready.on("system.unknownMessage")[0]["data"] == {"id": 199, "payload": b"\xff"}


def test_fields_beyond_the_declared_ones_are_counted_by_message(ready):
    ready.session.on_events([Message("currentTime", {"currentTime": 5}, extra=2)] * 3, ready.now)
    assert ready.result(ready.ask("status"))["longerThanDeclared"] == {"currentTime": 3}
