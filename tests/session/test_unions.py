"""Unions: clients share one stream with the generic ticks, or the account tags, of all of them."""

from __future__ import annotations

import pytest

from bridge.session.streams import unions
from tests.session.conftest import AAPL, Bench


def want(bench: Bench, ticks: str, client: str = "alice", *, served: bool = True) -> str:
    id_ = bench.ask("reqMktData", client=client, contract=AAPL, genericTickList=ticks)
    bench.wait(0.1)
    if served and not bench.answers(id_):
        tick(bench)
    return id_


def tick(bench: Bench, price: float = 5.0) -> None:
    bench.tws("tickPrice", reqId=bench.last_sent("reqMktData")["reqId"], tickType=1, price=price, size="1")


def asked(bench: Bench) -> list[str | None]:
    return [send.get("genericTickList") for send in bench.sends("reqMktData")]


@pytest.mark.parametrize(
    ("params", "wanted", "both"),
    [("233", "236,233", "233,236"), ("", "100", "100"), ("236", "", "236"), ("292:BRFG", "100", "100,292:BRFG")],
)
def test_the_union(params: str, wanted: str, both: str) -> None:
    for name in ("genericTickList", "tags"):
        grown = unions.union({name: params}, {name: wanted})
        assert grown == {name: both}
        assert unions.covers(grown, {name: wanted})
        assert unions.covers({name: params}, {name: wanted}) == (both == params)
    assert unions.union({}, {}) == {}


def test_clients_with_different_generic_ticks_share_one_stream(ready: Bench) -> None:
    names = [ready.result(want(ready, ticks, client))["stream"] for ticks, client in
             (("", "alice"), ("236,233", "bob"), ("233", "carol"), ("", "dave"), ("100,233", "eve"))]  # fmt: skip
    assert set(names) == {"265598"}
    assert asked(ready) == ["", "233,236", "100,233,236"]
    assert len(ready.sends("cancelMktData")) == 2
    assert len({send["reqId"] for send in ready.sends("reqMktData")}) == 3
    assert ready.result(want(ready, "mdoff,100", "frank"))["stream"] == "265598-mdoff"


def test_more_generic_ticks_are_an_outage_of_the_stream(ready: Bench) -> None:
    want(ready, "")
    want(ready, "233", "bob", served=False)
    assert ready.on("market.265598.stale") and not ready.on("market.265598.fresh")
    assert ready.result(ready.ask("snapshot", prefix="market.265598."))["events"][0]["stale"]
    tick(ready, 6.0)
    assert ready.on("market.265598.fresh")
    assert not ready.result(ready.ask("snapshot", prefix="market.265598."))["events"][0].get("stale")


def test_generic_ticks_that_tws_refuses_harm_only_the_client_that_wanted_them(ready: Bench) -> None:
    want(ready, "233")
    refused = want(ready, "9999", "bob", served=False)
    plain = want(ready, "", "carol", served=False)
    ready.error(ready.last_sent("reqMktData")["reqId"], 321, "Incorrect generic tick list of 9999.")
    ready.wait(0.2)
    failure = ready.failure(refused)
    assert (failure["code"], failure["twsCode"]) == ("rejectedByTws", 321)
    assert asked(ready) == ["233", "233,9999", "233"]
    tick(ready)
    assert ready.result(plain)["confirmed"]
    (stream,) = ready.result(ready.ask("status"))["streams"]
    assert (stream["state"], stream["holders"]) == ("live", ["alice", "carol"])
    assert want(ready, "236", "bob")
    assert asked(ready)[-1] == "233,236"


def test_the_first_request_with_wrong_ticks_fails_as_any_other(ready: Bench) -> None:
    refused = want(ready, "9999", served=False)
    ready.error(ready.last_sent("reqMktData")["reqId"], 321, "Incorrect generic tick list of 9999.")
    assert ready.failure(refused)["code"] == "rejectedByTws"
    assert ready.result(ready.ask("status"))["streams"] == []


def test_a_client_that_wants_more_while_tws_has_not_answered_gets_more(ready: Bench) -> None:
    first = want(ready, "233", served=False)
    second = want(ready, "236", "bob", served=False)
    assert asked(ready) == ["233", "233,236"]
    tick(ready)
    assert ready.result(first)["stream"] == ready.result(second)["stream"] == "265598"


def test_a_lost_connection_asks_for_all(ready: Bench) -> None:
    want(ready, "233")
    want(ready, "236", "bob")
    ready.session.on_lost("end of file", ready.now)
    ready.collect()
    ready.wait(2)
    ready.ready()
    ready.wait(1)
    assert asked(ready)[-1] == "233,236"


def summary(bench: Bench, tags: str, client: str) -> str:
    return bench.ask("reqAccountSummary", client=client, group="All", tags=tags)


def answer_summary(bench: Bench) -> None:
    sent = bench.last_sent("reqAccountSummary")
    for tag in sent["tags"].split(","):
        bench.tws("accountSummary", reqId=sent["reqId"], account="DU1", tag=tag, value="1", currency="USD")
    bench.tws("accountSummaryEnd", reqId=sent["reqId"])


def test_clients_with_different_tags_share_one_account_summary(ready: Bench) -> None:
    for client, tags in (("alice", "NetLiquidation"), ("bob", "BuyingPower,NetLiquidation"), ("carol", "Cushion")):
        asked = summary(ready, tags, client)
        ready.wait(0.1)
        answer_summary(ready)
        result = ready.result(asked)
        assert result["stream"] == "All" and result["confirmed"]
        told = {event["data"]["tag"] for event in result["snapshot"]["events"] if event["event"] == "accountSummary"}
        assert told >= set(tags.split(","))
    assert ready.last_sent("reqAccountSummary")["tags"] == "BuyingPower,Cushion,NetLiquidation"
    assert len(ready.sends("cancelAccountSummary")) == 2, "TWS serves two at a time"
    before = len(ready.sends("reqAccountSummary"))
    assert ready.result(summary(ready, "Cushion", "dave"))["confirmed"]
    assert len(ready.sends("reqAccountSummary")) == before


def test_tags_that_tws_refuses_harm_only_the_client_that_wanted_them(ready: Bench) -> None:
    held = summary(ready, "NetLiquidation", "alice")
    answer_summary(ready)
    assert ready.result(held)["confirmed"]
    refused = summary(ready, "NoSuchTag", "bob")
    ready.wait(0.1)
    ready.error(ready.last_sent("reqAccountSummary")["reqId"], 321, "Invalid tag NoSuchTag")
    ready.wait(0.1)
    assert ready.failure(refused)["code"] == "rejectedByTws"
    answer_summary(ready)
    assert ready.last_sent("reqAccountSummary")["tags"] == "NetLiquidation"
    (stream,) = ready.result(ready.ask("status"))["streams"]
    assert (stream["state"], stream["holders"]) == ("live", ["alice"])
