"""Shared requests: what several clients ask alike is one request at TWS, and each gets its own full answer."""

from __future__ import annotations

from time import process_time
from typing import Any

import pytest

from bridge.catalogue import catalogue
from bridge.session.bounds import Bounds
from bridge.session.pending.pending_life import PENDING, UNTOLD, WANTED
from bridge.session.pending.pending_requests import AGAIN
from bridge.session.pending.shared import MOST_EQUAL
from bridge.session.rights.permissions import changes, role_of
from bridge.session.routing import RoutingTable
from tests.session.conftest import AAPL, Bench

MSFT = {"conId": 272093, "symbol": "MSFT", "secType": "STK", "exchange": "SMART", "currency": "USD"}


def details(bench: Bench, req_id: int, con_id: int = 265598) -> None:
    bench.tws("contractDetails", reqId=req_id, contract={"conId": con_id, "symbol": "AAPL"}, contractDetails={})


def sent_id(bench: Bench) -> int:
    (data,) = bench.sends("reqContractDetails")
    return int(data["reqId"])


def parts_of(bench: Bench, id_: str) -> list[int]:
    return [
        reply.body["result"]["data"]["contract"]["conId"]
        for reply in bench.replies
        if reply.body["id"] == id_ and "part" in reply.body
    ]


def test_equal_questions_of_two_clients_are_one_message_and_two_answers(ready: Bench) -> None:
    first = ready.ask("reqContractDetails", contract=AAPL)
    second = ready.ask("reqContractDetails", client="bob", contract={**AAPL, "includeExpired": False, "symbol": "AAPL"})
    details(ready, sent_id(ready))
    ready.tws("contractDetailsEnd", reqId=sent_id(ready))
    assert ready.result(first) == ready.result(second)
    assert [event["re"] for event in ready.on("request.alice.contractDetails")] == [first]
    assert [event["re"] for event in ready.on("request.bob.contractDetails")] == [second]


def test_one_that_joins_late_gets_what_tws_has_sent_before(ready: Bench) -> None:
    ready.ask("reqContractDetails", contract=AAPL)
    details(ready, sent_id(ready), 1)
    body = {"v": 1, "id": "late", "client": "bob", "method": "reqContractDetails", "stream": True}
    ready.request({**body, "params": {"contract": AAPL}}, "bob")
    whole = ready.ask("reqContractDetails", client="carol", contract=AAPL)
    assert parts_of(ready, "late") == [1]
    details(ready, sent_id(ready), 2)
    ready.tws("contractDetailsEnd", reqId=sent_id(ready))
    assert parts_of(ready, "late") == [1, 2]
    assert ready.answers("late")[0]["parts"] == 2
    assert [part["data"]["contract"]["conId"] for part in ready.result(whole)] == [1, 2]
    told = [event["data"]["contract"]["conId"] for event in ready.on("request.bob.contractDetails")]
    assert told == [1, 2]


def test_an_error_of_tws_is_the_answer_to_all(ready: Bench) -> None:
    asked = [ready.ask("reqContractDetails", client=client, contract=AAPL) for client in ("alice", "bob")]
    ready.error(sent_id(ready), 200, "No security definition has been found for the request")
    assert [ready.failure(id_)["twsCode"] for id_ in asked] == [200, 200]


def test_one_that_gives_up_leaves_the_others_their_answer(ready: Bench) -> None:
    ready.request(
        {"v": 1, "id": "short", "client": "alice", "method": "reqContractDetails", "timeout": 2,
         "params": {"contract": AAPL}}
    )  # fmt: skip
    other = ready.ask("reqContractDetails", client="bob", contract=AAPL)
    ready.wait(3)
    assert ready.failure("short")["code"] == "noResponse"
    assert not ready.sends("cancelContractData")
    details(ready, sent_id(ready))
    ready.tws("contractDetailsEnd", reqId=sent_id(ready))
    assert len(ready.result(other)) == 1


def test_nobody_joins_what_nobody_waits_for(ready: Bench) -> None:
    first = ready.ask("reqMarketRule", marketRuleId=26)
    ready.wait(31)
    assert ready.failure(first)["code"] == "noResponse"
    before = len(ready.sends("reqMarketRule"))
    body = {"v": 1, "id": "later", "client": "bob", "method": "reqMarketRule", "timeout": 60}
    ready.request({**body, "params": {"marketRuleId": 26}}, "bob")
    ready.wait(30)
    assert len(ready.sends("reqMarketRule")) == before + 1
    ready.tws("marketRule", marketRuleId=26, priceIncrements=[])
    assert ready.result("later")["marketRuleId"] == 26


def test_a_request_without_an_id_is_joined_too(ready: Bench) -> None:
    asked = [ready.ask("reqMktDepthExchanges", client=client) for client in ("alice", "bob")]
    ready.tws("mktDepthExchanges", depthMarketDataDescriptions=[])
    assert len(ready.sends("reqMktDepthExchanges")) == 1
    assert [ready.answers(id_)[0]["ok"] for id_ in asked] == [True, True]


def test_the_answer_ends_the_sharing(ready: Bench) -> None:
    ready.ask("reqHistogramData", contract=AAPL, useRTH=True, timePeriod="3 days")
    ready.tws("histogramData", reqId=ready.last_sent("reqHistogramData")["reqId"], histogramDataEntries=[])
    ready.ask("reqHistogramData", client="bob", contract=AAPL, useRTH=True, timePeriod="3 days")
    assert len(ready.sends("reqHistogramData")) == 2


def test_a_lost_connection_ends_it_for_all(ready: Bench) -> None:
    asked = [ready.ask("reqContractDetails", client=client, contract=AAPL) for client in ("alice", "bob")]
    ready.session.on_lost("gone", ready.now)
    ready.collect()
    assert [ready.failure(id_)["code"] for id_ in asked] == ["connectionLost", "connectionLost"]
    ready.ready()
    ready.ask("reqContractDetails", client="carol", contract=AAPL)
    assert len(ready.sends("reqContractDetails")) == 2


def test_one_for_a_fresh_answer_joins_only_what_tws_has_not_begun_to_answer(ready: Bench) -> None:
    body: dict[str, Any] = {"v": 1, "client": "bob", "method": "reqContractDetails", "fresh": True,
                            "params": {"contract": AAPL}}  # fmt: skip
    ready.ask("reqContractDetails", contract=AAPL)
    ready.request({**body, "id": "early"}, "bob")
    assert len(ready.sends("reqContractDetails")) == 1
    details(ready, sent_id(ready))
    ready.request({**body, "id": "later"}, "bob")
    assert len(ready.sends("reqContractDetails")) == 2


def test_requests_that_wait_for_room_become_one_message(make_bench: type[Bench]) -> None:
    bench = make_bench(messages_per_second=1)
    bench.ready()
    bench.wait(10)
    asked = [bench.ask("reqContractDetails", client=f"c{n}", contract=AAPL) for n in range(20)]
    asked += [bench.ask("reqContractDetails", client=f"c{n}", contract=MSFT) for n in range(20)]
    bench.wait(3)
    sends = bench.sends("reqContractDetails")
    assert [data["contract"]["conId"] for data in sends] == [265598, 272093]
    for data in sends:
        bench.tws("contractDetailsEnd", reqId=data["reqId"])
    assert all(bench.answers(id_)[0]["ok"] for id_ in asked)


@pytest.mark.parametrize(
    "plan", [p for p in RoutingTable(catalogue()).requests.values() if p.shared], ids=lambda p: p.name
)
def test_only_questions_that_anyone_may_ask_are_shared(plan: Any) -> None:
    assert role_of(plan.name, plan) == "observe" and not changes(plan.name, plan)
    assert plan.family not in ("account", "order")


def test_equal_requests_that_wait_count_as_one(make_bench: type[Bench]) -> None:
    bench = make_bench(messages_per_second=1, most_waiting=8)
    bench.ready()
    bench.wait(10)
    contracts = [{**AAPL, "conId": number} for number in (1, 2, 3)]
    asked = [bench.ask("reqContractDetails", client=f"c{n}", contract=one) for n in range(20) for one in contracts]
    assert not any(bench.answers(id_) for id_ in asked)
    over = [bench.ask("reqContractDetails", contract={**AAPL, "conId": n}) for n in range(10, 20)]
    assert any(bench.answers(id_) and bench.failure(id_)["code"] == "notConnected" for id_ in over)


# Many, and in every order


def test_one_answer_has_at_most_so_many_clients(make_bench: type[Bench]) -> None:
    ready = make_bench(bounds=Bounds(clients=2 * MOST_EQUAL))
    ready.ready()
    asked = [ready.ask("reqContractDetails", client=f"c{n}", contract=AAPL) for n in range(MOST_EQUAL + 1)]
    assert [id_ for id_ in asked if ready.answers(id_)] == asked[-1:]
    assert ready.failure(asked[-1])["code"] == "notConnected"
    ready.tws("contractDetailsEnd", reqId=sent_id(ready))
    assert all(ready.result(id_) == [] for id_ in asked[:-1])


def test_very_many_that_wait_hold_up_nobody(make_bench: type[Bench]) -> None:
    """Ten thousand requests of fifty clients wait for room: one look at the queue, and their time-outs, are short."""
    bench = make_bench(messages_per_second=5, bounds=Bounds(open_requests=20_000))
    bench.ready()
    bench.wait(10)
    for number in range(10_000):
        params = {"contract": {**AAPL, "conId": 1 + number % 200}}
        body = {"v": 1, "id": f"i{number}", "client": f"c{number % 50}", "method": "reqContractDetails"}
        bench.session.on_request((b"x",), {**body, "params": params}, bench.now, None)
    bench.session.publications()
    bench.session.effects(bench.now)
    longest = 0.0
    for _ in range(10):
        bench.clock += 0.2
        began = process_time()
        bench.session.on_timer(bench.now)
        longest = max(longest, process_time() - began)
        bench.session.publications()
        bench.session.effects(bench.now)
    assert len(bench.session._dispatcher._queue) > 9000
    bench.clock += 31
    began = process_time()
    bench.session.on_timer(bench.now)
    assert (longest < 0.1, process_time() - began < 1.0) == (True, True), (longest, process_time() - began)
    assert not len(bench.session._dispatcher._queue)


def test_followers_of_one_client_leave_with_their_leader(make_bench: type[Bench]) -> None:
    bench = make_bench(messages_per_second=1)
    bench.ready()
    bench.wait(10)
    bench.ask("reqContractDetails", contract=MSFT)
    asked = [bench.ask("reqContractDetails", client=client, contract=AAPL) for client in ("a", "b", "a", "a", "b")]
    impatient = {"v": 1, "id": "now", "client": "a", "method": "reqContractDetails", "wait": False}
    bench.request({**impatient, "params": {"contract": AAPL}}, "a")
    assert bench.failure("now")["code"] == "paced"
    bench.wait(5)
    assert not len(bench.session._dispatcher._queue)
    bench.tws("contractDetailsEnd", reqId=bench.last_sent("reqContractDetails")["reqId"])
    assert [bench.result(id_) for id_ in asked] == [[]] * 5


def test_a_cancel_for_another_kind_does_not_take_a_request_out_of_the_queue(make_bench: type[Bench]) -> None:
    bench = make_bench()
    bench.session.start(bench.now)
    id_ = bench.ask("reqContractDetails", contract=AAPL)
    bench.request({"v": 1, "id": "c", "client": "alice", "method": "cancelHistoricalData", "params": {"id": id_}})
    bench.ready()
    assert bench.failure("c")["code"] == "unknownRequest"
    bench.tws("contractDetailsEnd", reqId=sent_id(bench))
    assert bench.result(id_) == []


def test_what_nobody_waits_for_is_not_sent_once_more() -> None:
    """A new connection: the bridge sends again what TWS has not answered, if somebody still waits for it."""
    bench = Bench()
    bench.ready(told=False)
    body = {"v": 1, "id": "m", "client": "alice", "method": "reqMarketRule", "timeout": 2}
    bench.request({**body, "params": {"marketRuleId": 26}})
    bench.wait(AGAIN + 1)
    assert bench.failure("m")["code"] == "noResponse"
    assert len(bench.sends("reqMarketRule")) == 1


def test_the_table_has_no_way_back_from_the_end() -> None:
    assert set(PENDING.table["over"].values()) == {"over"}
    assert not (WANTED & {"abandoned", "owed", "over"}) and UNTOLD < WANTED
