"""Reference data that TWS has told is kept for its day: who asks again is answered without a message to TWS."""

from __future__ import annotations

from typing import Any

import pytest

from bridge.catalogue import catalogue
from bridge.session.caching.answers import KeptAnswer, from_data
from bridge.session.routing import RoutingTable
from tests.session.cache_file import CacheFile
from tests.session.conftest import AAPL, Bench

MIDDAY = "20261122 12:00:00 UTC"


@pytest.fixture
def caching(make_bench: type[Bench]) -> Bench:
    return anew(make_bench)


def anew(make_bench: type[Bench], cache: CacheFile | None = None, version: int = 213, time: str = MIDDAY) -> Bench:
    bench = make_bench(cache=cache, caches=True)
    bench.ready(version=version, time=time)
    return bench


def describe(bench: Bench, *con_ids: int) -> None:
    req_id = bench.last_sent("reqContractDetails")["reqId"]
    for con_id in con_ids or (265598,):
        contract = {"conId": con_id, "symbol": "AAPL", "secType": "STK", "currency": "USD"}
        bench.tws("contractDetails", reqId=req_id, contract=contract, contractDetails={"longName": "APPLE INC"})
    bench.tws("contractDetailsEnd", reqId=req_id)


def reply(bench: Bench, id_: str) -> dict[str, Any]:
    (body,) = bench.answers(id_)
    return body


def asked(bench: Bench) -> int:
    return len(bench.sends("reqContractDetails"))


def test_what_tws_has_told_today_is_answered_from_memory_with_its_age(caching: Bench) -> None:
    first = caching.ask("reqContractDetails", contract=AAPL)
    describe(caching)
    caching.wait(90)
    second = caching.ask("reqContractDetails", client="bob", contract=AAPL)
    assert asked(caching) == 1
    assert caching.result(second) == caching.result(first)
    assert "cached" not in reply(caching, first)
    assert (reply(caching, second)["cached"], reply(caching, second)["age"]) == (True, 90.0)
    assert caching.on("request.alice.contractDetails") and not caching.on("request.bob.contractDetails")


def test_it_survives_a_restart_of_the_bridge_on_the_same_day(caching: Bench, make_bench: type[Bench]) -> None:
    caching.ask("reqContractDetails", contract=AAPL)
    describe(caching, 1, 2)
    later = anew(make_bench, caching.cache)
    id_ = later.ask("reqContractDetails", contract=AAPL)
    assert asked(later) == 0
    assert [part["data"]["contract"]["conId"] for part in later.result(id_)] == [1, 2]


def test_parts_come_as_parts(caching: Bench) -> None:
    caching.ask("reqContractDetails", contract=AAPL)
    describe(caching, 1, 2)
    body = {"v": 1, "id": "s1", "client": "bob", "method": "reqContractDetails", "stream": True}
    caching.request({**body, "params": {"contract": AAPL}}, "bob")
    bodies = [one.body for one in caching.replies if one.body["id"] == "s1"]
    assert [one.get("part") for one in bodies] == [1, 2, None]
    assert (bodies[2]["result"], bodies[2]["parts"], bodies[2]["cached"]) == ([], 2, True)


@pytest.mark.parametrize("time", ["20261123 00:00:30 UTC", "not a time"])
def test_on_another_day_or_without_one_tws_is_asked(caching: Bench, make_bench: type[Bench], time: str) -> None:
    caching.ask("reqContractDetails", contract=AAPL)
    describe(caching)
    later = anew(make_bench, caching.cache, time=time)
    later.ask("reqContractDetails", contract=AAPL)
    assert asked(later) == 1


def test_the_day_ends_on_a_connection_that_stays(make_bench: type[Bench]) -> None:
    bench = anew(make_bench, time="20261122 20:00:00 UTC")
    bench.ask("reqContractDetails", contract=AAPL)
    describe(bench)
    bench.wait(4 * 3600)
    bench.ask("reqContractDetails", contract=AAPL)
    assert asked(bench) == 2


def test_another_server_version_may_tell_other_fields(caching: Bench, make_bench: type[Bench]) -> None:
    caching.ask("reqContractDetails", contract=AAPL)
    describe(caching)
    later = anew(make_bench, caching.cache, version=214)
    later.ask("reqContractDetails", contract=AAPL)
    assert asked(later) == 1


def test_fresh_goes_to_tws_and_renews_what_is_kept(caching: Bench) -> None:
    caching.ask("reqContractDetails", contract=AAPL)
    describe(caching, 1)
    caching.request(
        {
            "v": 1,
            "id": "f",
            "client": "bob",
            "method": "reqContractDetails",
            "params": {"contract": AAPL},
            "fresh": True,
        }
    )
    assert asked(caching) == 2
    describe(caching, 2)
    assert "cached" not in reply(caching, "f")
    last = caching.ask("reqContractDetails", contract=AAPL)
    assert caching.result(last)[0]["data"]["contract"]["conId"] == 2
    assert asked(caching) == 2


def test_a_contract_that_tws_knows_no_longer_is_forgotten_wherever_the_error_comes(caching: Bench) -> None:
    caching.ask("reqContractDetails", contract={"symbol": "AAPL", "secType": "STK"})
    describe(caching, 265598)
    caching.ask("reqHeadTimeStamp", contract=AAPL, whatToShow="TRADES", useRTH=True, formatDate=1)
    caching.error(caching.last_sent("reqHeadTimeStamp")["reqId"], 200)
    caching.ask("reqContractDetails", contract={"symbol": "AAPL", "secType": "STK"})
    assert asked(caching) == 2
    assert not caching.cache.values


def test_errors_and_empty_answers_are_not_kept(caching: Bench) -> None:
    for _ in range(2):
        caching.ask("reqContractDetails", contract=AAPL)
        caching.error(caching.last_sent("reqContractDetails")["reqId"], 200)
    chain = {"underlyingSymbol": "AAPL", "underlyingSecType": "STK", "underlyingConId": 265598}
    for _ in range(2):
        caching.ask("reqSecDefOptParams", **chain)
        req_id = caching.last_sent("reqSecDefOptParams")["reqId"]
        caching.tws("securityDefinitionOptionParameterEnd", reqId=req_id)
    assert (asked(caching), len(caching.sends("reqSecDefOptParams"))) == (2, 2)
    assert not caching.cache.values


def test_questions_that_are_looked_up_together_cost_one_look_and_one_message(caching: Bench) -> None:
    caching.cache.hangs = True
    ids = [caching.ask("reqContractDetails", client=f"c{n}", contract=AAPL) for n in range(5)]
    caching.cache.hangs = False
    caching.collect()
    assert (caching.cache.reads, asked(caching)) == (1, 1)
    describe(caching)
    assert [reply(caching, id_)["ok"] for id_ in ids] == [True] * 5


def test_a_file_that_hangs_or_fails_costs_a_request_and_no_more(caching: Bench) -> None:
    caching.cache.hangs = True
    first = caching.ask("reqContractDetails", contract=AAPL)
    assert asked(caching) == 0
    caching.wait(2.1)
    assert asked(caching) == 1
    describe(caching)
    assert reply(caching, first)["ok"]
    caching.cache.hangs, caching.cache.fails = False, True
    caching.collect()
    second = caching.ask("reqMarketRule", marketRuleId=26)
    caching.tws("marketRule", marketRuleId=26, priceIncrements=[{"lowEdge": 0.0, "increment": 0.01}])
    assert reply(caching, second)["ok"]


@pytest.mark.parametrize("value", [None, 7, {}, {"at": 1}, {"at": 1, "day": "20261122", "version": 213, "tags": [],
                                   "callbacks": [["contractDetails"]]}])  # fmt: skip
def test_nonsense_in_the_file_is_no_answer(caching: Bench, value: Any) -> None:
    assert from_data(value) is None


def test_what_the_file_keeps_is_read_back() -> None:
    answer = KeptAnswer((("contractDetails", {"reqId": 1}),), 5, "20261122", 213, "login", ("con:1",))
    assert from_data(answer.as_data()) == answer


def test_one_that_is_over_while_it_is_looked_up_is_not_asked(caching: Bench) -> None:
    caching.cache.hangs = True
    caching.request(
        {"v": 1, "id": "x", "client": "alice", "method": "reqContractDetails", "timeout": 1,
         "params": {"contract": AAPL}}
    )  # fmt: skip
    caching.wait(5)
    assert caching.failure("x")["code"] == "noResponse"
    assert asked(caching) == 0


def test_when_the_bridge_stops_what_is_looked_up_is_answered(caching: Bench) -> None:
    caching.cache.hangs = True
    id_ = caching.ask("reqContractDetails", contract=AAPL)
    caching.session.stop(caching.now, "ended")
    caching.collect()
    assert caching.failure(id_)["code"] == "notConnected"


def test_a_kept_description_is_known_to_the_checks_of_orders(caching: Bench, make_bench: type[Bench]) -> None:
    caching.ask("reqContractDetails", contract=AAPL)
    describe(caching)
    later = anew(make_bench, caching.cache)
    later.ask("reqContractDetails", contract=AAPL)
    assert later.session._instruments.knows(265598)


def test_status_counts_hits_misses_and_what_was_shared(caching: Bench) -> None:
    caching.ask("reqContractDetails", contract=AAPL)
    caching.ask("reqContractDetails", client="bob", contract=AAPL)
    describe(caching)
    caching.ask("reqContractDetails", contract=AAPL)
    caching.session.on_cache_facts({"size": 10, "limit": 20, "entries": 1})
    status = caching.result(caching.ask("status"))["cache"]
    counts = {"hits": 1, "misses": 2, "shared": 1, "series": 0, "bars": 0}
    assert status == {"enabled": True, **counts, "size": 10, "limit": 20, "entries": 1}


def test_kept_requests_wait_for_no_room(make_bench: type[Bench]) -> None:
    bench = make_bench(caches=True, messages_per_second=1)
    bench.ready(time=MIDDAY)
    bench.wait(10)
    bench.ask("reqContractDetails", contract=AAPL)
    bench.wait(5)
    describe(bench)
    for number in range(5):
        bench.ask("reqHistogramData", contract={**AAPL, "conId": number + 1}, useRTH=True, timePeriod="3 days")
    id_ = bench.ask("reqContractDetails", contract=AAPL)
    assert reply(bench, id_)["cached"]


def test_nothing_is_kept_that_changes_during_the_day() -> None:
    kept = {plan.name for plan in RoutingTable(catalogue()).requests.values() if plan.cache == "day"}
    assert kept == {
        "reqContractDetails", "reqSecDefOptParams", "reqMarketRule", "reqMktDepthExchanges", "reqSmartComponents",
        "reqMatchingSymbols", "reqHeadTimeStamp",
    }  # fmt: skip


# Another TWS, and answers that cross


def login(bench: Bench, accounts: str) -> None:
    """TWS's login manages other accounts on the next connection."""
    bench.session.on_lost("gone", bench.now)
    bench.collect()
    bench.ready(time=MIDDAY)
    bench.tws("managedAccounts", accountsList=accounts)


def test_another_login_at_tws_gets_its_own_answers(caching: Bench, make_bench: type[Bench]) -> None:
    """The file is the same, and so are day and version: a paper login may have other permissions than a live one."""
    caching.ask("reqContractDetails", contract=AAPL)
    describe(caching)
    login(caching, "U999,U998")
    caching.ask("reqContractDetails", contract=AAPL)
    assert asked(caching) == 2
    describe(caching, 5)
    later = anew(make_bench, caching.cache)
    login(later, "U998,U999,")
    id_ = later.ask("reqContractDetails", contract=AAPL)
    assert later.result(id_)[0]["data"]["contract"]["conId"] == 5


def test_an_older_answer_that_comes_later_does_not_replace_a_newer_one(caching: Bench) -> None:
    caching.ask("reqContractDetails", contract=AAPL)
    first = caching.last_sent("reqContractDetails")["reqId"]
    caching.tws("contractDetails", reqId=first, contract={"conId": 1}, contractDetails={})
    body = {"v": 1, "id": "f", "client": "bob", "method": "reqContractDetails", "fresh": True}
    caching.request({**body, "params": {"contract": AAPL}}, "bob")
    describe(caching, 2)
    caching.tws("contractDetailsEnd", reqId=first)
    last = caching.ask("reqContractDetails", contract=AAPL)
    assert caching.result(last)[0]["data"]["contract"]["conId"] == 2


def test_a_kept_description_does_not_replace_a_newer_one(caching: Bench, make_bench: type[Bench]) -> None:
    caching.ask("reqContractDetails", contract=AAPL)
    describe(caching)
    later = anew(make_bench, caching.cache)
    later.clock += 60
    later.ask("reqContractDetails", contract={"conId": 265598})
    req_id = later.last_sent("reqContractDetails")["reqId"]
    newer = {"conId": 265598, "symbol": "APPL", "secType": "STK", "currency": "USD"}
    later.tws("contractDetails", reqId=req_id, contract=newer, contractDetails={})
    later.ask("reqContractDetails", contract=AAPL)
    assert later.session._instruments.facts({"conId": 265598}).symbol == "APPL"


def test_an_answer_whose_day_is_over_needs_room_again(make_bench: type[Bench]) -> None:
    bench = make_bench(caches=True, messages_per_second=1)
    bench.ready(time="20261122 20:00:00 UTC")
    bench.wait(10)
    bench.ask("reqContractDetails", contract=AAPL)
    bench.wait(5)
    describe(bench)
    bench.wait(4 * 3600)
    bench.ask("reqHistogramData", contract=AAPL, useRTH=True, timePeriod="3 days")
    body = {"v": 1, "id": "w", "client": "bob", "method": "reqContractDetails", "wait": False}
    bench.request({**body, "params": {"contract": AAPL}}, "bob")
    assert bench.failure("w")["code"] == "paced"
    assert asked(bench) == 1


@pytest.mark.parametrize("kind", ["preview", "search"])
def test_an_unknown_contract_is_forgotten_whatever_asked_for_it(caching: Bench, kind: str) -> None:
    contract = AAPL if kind == "preview" else {"symbol": "AAPL", "secType": "STK", "exchange": "SMART"}
    caching.ask("reqContractDetails", contract=contract)
    describe(caching)
    if kind == "preview":
        order = {"action": "BUY", "totalQuantity": "1", "orderType": "LMT", "lmtPrice": 1.0, "whatIf": True}
        caching.ask("placeOrder", contract=contract, order=order)
        caching.error(caching.last_sent("placeOrder")["orderId"], 200)
    else:
        caching.ask("reqMktData", contract=contract)
        caching.error(caching.last_sent("reqContractDetails")["reqId"], 200)
    before = asked(caching)
    caching.ask("reqContractDetails", contract=contract)
    assert asked(caching) == before + 1
