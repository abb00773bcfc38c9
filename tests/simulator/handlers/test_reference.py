"""Reference data and the rare families: small answers that fit the rest of the simulated world."""

import json
from typing import Any

import pytest

from tests.simulator.world import AAPL, EURUSD, World


def only(world: World, name: str, **params: Any) -> dict[str, Any]:
    """The one event of an answer."""
    ((_, data),) = world.ask(name, **params)
    return data


def test_rules_components_and_details_fit_together() -> None:
    world = World()
    for instrument in world.exchange.universe:
        contract = {"conId": instrument.conId}
        details = world.ask("reqContractDetails", reqId=1, contract=contract)[0][1]["contractDetails"]
        for rule in set(details["marketRuleIds"].split(",")):
            increments = only(world, "reqMarketRule", marketRuleId=int(rule))["priceIncrements"]
            assert increments[0]["lowEdge"] == 0.0 and increments[0]["increment"] <= float(details["minTick"])
    params = world.ask("reqMktData", reqId=2, contract=AAPL)
    bbo = params[0][1]["bboExchange"]
    named = {c["exchange"] for c in only(world, "reqSmartComponents", reqId=3, bboExchange=bbo)["smartComponents"]}
    shown = {data["value"] for name, data in params if name == "tickString" and data["tickType"] in (32, 33, 84)}
    assert shown <= named


def test_the_chain_is_the_one_that_can_be_traded() -> None:
    world = World()
    query = {"underlyingSymbol": "AAPL", "underlyingSecType": "STK", "underlyingConId": 265598}
    *chains, end = world.ask("reqSecDefOptParams", reqId=1, futFopExchange="", **query)
    assert end == ("securityDefinitionOptionParameterEnd", {"reqId": 1})
    exchanges = {data["exchange"] for _, data in chains}
    assert "SMART" in exchanges and len(exchanges) == len(chains)
    _, chain = chains[0]
    for expiry in chain["expirations"]:
        for strike in chain["strikes"]:
            contract = {"symbol": "AAPL", "secType": "OPT", "lastTradeDateOrContractMonth": expiry, "strike": strike}
            found = world.ask("reqContractDetails", reqId=2, contract=contract | {"exchange": chain["exchange"]})
            assert [name for name, _ in found] == ["contractDetails", "contractDetails", "contractDetailsEnd"]
    other = {"underlyingSymbol": "IBM", "underlyingSecType": "STK", "underlyingConId": 8314}
    assert [name for name, _ in world.ask("reqSecDefOptParams", reqId=3, **other)] == [end[0]]
    world.ask("reqSecDefOptParams", reqId=4, **(other | {"underlyingConId": 5}))
    assert world.errors() == [(4, 321)]


def test_symbols_are_found_by_beginning_and_by_name() -> None:
    world = World()
    found = only(world, "reqMatchingSymbols", reqId=1, pattern="aap")["contractDescriptions"]
    assert found[0]["contract"]["conId"] == 265598 and set(found[0]["derivativeSecTypes"]) == {"OPT", "CFD"}
    named = only(world, "reqMatchingSymbols", reqId=2, pattern="tesla")["contractDescriptions"]
    assert [sample["contract"]["symbol"] for sample in named] == ["TSLA"]
    assert only(world, "reqMatchingSymbols", reqId=3, pattern="ZZZ")["contractDescriptions"] == []


def test_history_as_a_whole() -> None:
    world = World()
    head = only(world, "reqHeadTimeStamp", reqId=1, contract=AAPL, whatToShow="TRADES", formatDate=2)["headTimestamp"]
    assert int(head) == world.exchange.market.feeds[265598].series.head
    query = {"whatToShow": "BID", "formatDate": 1, "useRTH": True}
    regular = only(world, "reqHeadTimeStamp", reqId=2, contract=AAPL, **query)["headTimestamp"]
    assert regular.endswith(("-13:30:00", "-14:30:00"))
    days = {"duration": "1 D", "barSizeSetting": "1 day", "whatToShow": "TRADES", "formatDate": 2, "endDateTime": ""}
    bar = world.ask("reqHistoricalData", reqId=3, contract=AAPL, useRTH=True, **days)[0][1]["historicalDataBars"][-1]
    entries = only(world, "reqHistogramData", reqId=4, contract=AAPL, useRTH=True, timePeriod="1 day")
    found = entries["histogramDataEntries"]
    assert sum(int(entry["size"]) for entry in found) == int(bar["volume"])
    assert all(bar["low"] <= entry["price"] <= bar["high"] for entry in found)
    assert [entry["price"] for entry in found] == sorted({entry["price"] for entry in found})


def test_the_schedule_is_that_of_the_bars() -> None:
    world = World()
    query = {"duration": "5 D", "barSizeSetting": "1 day", "formatDate": 1, "endDateTime": "", "useRTH": True}
    days = world.ask("reqHistoricalData", reqId=1, contract=AAPL, whatToShow="TRADES", **query)[0][1]
    schedule = only(world, "reqHistoricalData", reqId=2, contract=AAPL, whatToShow="SCHEDULE", **query)
    sessions = schedule["historicalSessions"]
    assert [one["refDate"] for one in sessions] == [bar["date"] for bar in days["historicalDataBars"]]
    assert sessions[-1]["startDateTime"] == "20260311-09:30:00" and schedule["timeZone"] == "US/Eastern"
    assert (schedule["startDateTime"], schedule["endDateTime"]) == (
        sessions[0]["startDateTime"], sessions[-1]["endDateTime"],
    )  # fmt: skip


def test_a_scan_ranks_the_stocks_and_goes_on() -> None:
    world = World(ticks_per_second=1000)
    scan = {"instrument": "STK", "locationCode": "STK.US", "scanCode": "MOST_ACTIVE", "numberOfRows": -1}
    first = only(world, "reqScannerSubscription", reqId=1, scannerSubscription=scan | {"abovePrice": 240.0})
    feeds = world.exchange.market.feeds
    shown = [row["contract"]["conId"] for row in first["scannerDataElement"]]
    volumes = [feeds[con_id].volume for con_id in shown]
    assert volumes == sorted(volumes, reverse=True) and 272093 in shown and 265598 not in shown
    codes = only(world, "reqScannerParameters")["xml"]
    assert "<scanCode>MOST_ACTIVE</scanCode>" in codes and "<locationCode>STK.US</locationCode>" in codes
    world.run(61, step=1)
    assert len(list(world.events("scannerData"))) == 3
    world.ask("cancelScannerSubscription", reqId=1)
    world.ask("cancelScannerSubscription", reqId=1)
    world.ask("reqScannerSubscription", reqId=2, scannerSubscription=scan | {"scanCode": "NONE"})
    world.ask("reqScannerSubscription", reqId=3, scannerSubscription={"instrument": "BOND"})
    assert world.errors() == [(1, 162), (1, 321), (2, 162), (3, 162)]


def test_corporate_events_need_their_kinds_first() -> None:
    world = World()
    world.ask("reqWshEventData", reqId=1, conId=265598)
    kinds = json.loads(only(world, "reqWshMetaData", reqId=2)["dataJson"])["meta_data"]["event_types"]
    by_id = json.loads(only(world, "reqWshEventData", reqId=3, conId=265598, totalLimit=2)["dataJson"])
    assert len(by_id) == 2 and {event["conid"] for event in by_id} == {265598}
    wanted = json.dumps({"watchlist": ["8314", "265598"], kinds[0]["tag"]: "true", kinds[1]["tag"]: "false"})
    span = {"startDate": "20260101", "endDate": "20261231"}
    by_filter = json.loads(only(world, "reqWshEventData", reqId=4, filter=wanted, **span)["dataJson"])
    assert {event["event_type"] for event in by_filter} == {kinds[0]["tag"]} and len(by_filter) >= 8
    assert all("20260101" <= event["date"] <= "20261231" for event in by_filter)
    wrongs = ({}, {"filter": "{"}, {"filter": "[1]"}, {"conId": 5}, {"filter": '{"watchlist": 1}'})
    for asked, wrong in enumerate(wrongs, start=5):
        world.ask("reqWshEventData", reqId=asked, **wrong)
    world.ask("reqWshEventData", reqId=10, conId=265598, startDate="20261399")
    assert world.errors() == [(1, 10282), *((asked, 10283) for asked in range(5, 11))]


def test_all_followers_of_a_display_group_see_the_change() -> None:
    world = World(clients=(1, 2))
    groups = only(world, "queryDisplayGroups", reqId=1)["groups"].split("|")
    for client in (1, 2):
        shown = world.ask("subscribeToGroupEvents", client, reqId=4, groupId=int(groups[1]))
        assert shown == [("displayGroupUpdated", {"reqId": 4, "contractInfo": "none"})]
    world.ask("updateDisplayGroup", reqId=4, contractInfo="265598@SMART")
    for client in (1, 2):
        assert [d["contractInfo"] for d in world.events("displayGroupUpdated", client)] == ["none", "265598@SMART"]
    world.ask("unsubscribeFromGroupEvents", client=2, reqId=4)
    world.ask("updateDisplayGroup", reqId=4, contractInfo="none")
    assert len(list(world.events("displayGroupUpdated", 2))) == 2
    world.ask("updateDisplayGroup", reqId=9, contractInfo="none")
    world.ask("updateDisplayGroup", reqId=4, contractInfo="5@SMART")
    world.ask("subscribeToGroupEvents", reqId=8, groupId=99)
    assert world.errors() == [(9, 321), (4, 321), (8, 321)]


def test_advisors_only_are_given_advisors_data() -> None:
    world = World()
    world.ask("requestFA", faDataType=1)
    world.ask("replaceFA", reqId=3, faDataType=1, xml="<ListOfGroups/>")
    assert [(e["id"], e["errorCode"]) for e in world.events("error")][3:] == [(-1, 321), (3, 321)]
    advisor = World(accounts=("DF1", "DU2"))
    assert "<String>DU2</String>" in only(advisor, "requestFA", faDataType=1)["xml"]
    assert only(advisor, "replaceFA", reqId=1, faDataType=1, xml="<ListOfGroups/>") == {"reqId": 1, "text": "success"}
    assert only(advisor, "requestFA", faDataType=1)["xml"] == "<ListOfGroups/>"
    for asked, (kind, xml) in enumerate(((2, "<a/>"), (9, "<a/>"), (1, "no")), start=4):
        advisor.ask("replaceFA", reqId=asked, faDataType=kind, xml=xml)
    assert advisor.errors() == [(4, 321), (5, 321), (6, 321)]


def test_settings_are_kept_all_or_none() -> None:
    world = World()
    before = only(world, "reqConfig", reqId=1)
    assert before["api"]["settings"]["readOnlyApi"] is False
    change = {"api": {"settings": {"readOnlyApi": True}}, "messages": [{"id": 397, "enabled": False}]}
    done = only(world, "updateConfig", reqId=2, **change)
    assert done["status"] == "success"
    assert set(done["changedFields"]) == {"api.settings.readOnlyApi", "messages.397.enabled"}
    refused = only(world, "updateConfig", reqId=3, api={"settings": {"readOnlyApi": False}}, messages=[{"id": 1}])
    assert refused["status"] == "error" and len(refused["errors"]) == 1
    assert only(world, "updateConfig", reqId=4, resetAPIOrderSequence=True)["status"] == "error"
    after = only(world, "reqConfig", reqId=5)
    assert after["api"]["settings"]["readOnlyApi"] is True and after["messages"][0]["enabled"] is False
    assert only(world, "updateConfig", reqId=6, **change)["changedFields"] == []


def test_verification_asks_and_judges() -> None:
    world = World()
    challenge = only(world, "verifyRequest", apiName="a", apiVersion="1")["apiData"]
    assert only(world, "verifyMessage", apiData="wrong")["isSuccessful"] is False
    assert only(world, "verifyMessage", apiData=challenge)["isSuccessful"] is False  # a challenge holds once
    challenge = only(world, "verifyAndAuthRequest", apiName="a", apiVersion="1", opaqueIsvKey="")["xyzChallange"]
    done = only(world, "verifyAndAuthMessage", apiData="", xyzResponse=challenge)
    assert done == {"isSuccessful": True, "errorText": ""}
    world.ask("verifyRequest", apiVersion="1")
    assert [e["errorCode"] for e in world.events("error")][3:] == [321]


def test_a_hedge_is_validated_with_the_request_that_names_it() -> None:
    world = World()
    hedged = AAPL | {"deltaNeutralContract": {"conId": 265598, "delta": 0.5, "price": 230.0}}
    answer = world.ask("reqMktData", reqId=1, contract=hedged)
    assert answer[0] == ("deltaNeutralValidation", {"reqId": 1, "deltaNeutralContract": hedged["deltaNeutralContract"]})
    world.ask("reqMktData", reqId=2, contract=AAPL | {"deltaNeutralContract": {"conId": 5}})
    assert world.errors() == [(2, 321)]


@pytest.mark.parametrize(
    ("name", "params", "code"),
    [
        ("reqMarketRule", {"marketRuleId": 5}, 321),
        ("reqSmartComponents", {"reqId": 1, "bboExchange": "x"}, 321),
        ("reqMatchingSymbols", {"reqId": 1, "pattern": " "}, 321),
        ("reqHeadTimeStamp", {"reqId": 1, "contract": EURUSD, "whatToShow": "TRADES"}, 162),
        ("reqHistogramData", {"reqId": 1, "contract": EURUSD, "timePeriod": "1 day"}, 162),
        ("reqHistogramData", {"reqId": 1, "contract": AAPL, "timePeriod": "soon"}, 321),
        ("reqHistogramData", {"reqId": 1, "contract": AAPL, "timePeriod": "5 years"}, 162),
        ("reqHistoricalData", {"reqId": 1, "contract": AAPL, "whatToShow": "SCHEDULE", "barSizeSetting": "1 hour",
                               "duration": "5 D"}, 321),
    ],
)  # fmt: skip
def test_impossible_requests_are_refused(name: str, params: dict[str, Any], code: int) -> None:
    world = World()
    world.ask(name, **params)
    assert [e["errorCode"] for e in world.events("error")][3:] == [code]
