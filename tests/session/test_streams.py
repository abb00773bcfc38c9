"""Subscriptions: named by what they are, shared, counted, gone with the last holder."""

from __future__ import annotations

import pytest

from bridge.session import topic_names
from tests.session.conftest import AAPL

TICK = {"tickType": 1, "price": 1.5, "size": "100", "attrMask": 1}


def subscribed(bench, client="alice", **params):
    """A live subscription to market data; its request's id and TWS's."""
    id_ = bench.ask("reqMktData", client=client, contract=AAPL, **params)
    req_id = bench.last_sent("reqMktData")["reqId"]
    bench.tws("tickPrice", reqId=req_id, **TICK)
    return id_, req_id


def test_a_subscription_is_answered_with_stream_topic_and_snapshot(ready):
    id_, _ = subscribed(ready)
    result = ready.result(id_)
    assert (result["stream"], result["topic"], result["confirmed"]) == ("265598", "market.265598.", True)
    assert result["snapshot"]["sequences"] == {"market.265598.tickPrice": 1}
    assert result["snapshot"]["events"][0]["data"]["price"] == 1.5


def test_ticks_go_to_their_topic_with_a_seq_without_holes(ready):
    _, req_id = subscribed(ready)
    for size in range(5):
        ready.tws("tickSize", reqId=req_id, tickType=0, size=str(size))
    assert [body["seq"] for body in ready.on("market.265598.tickSize")] == [1, 2, 3, 4, 5]
    body = ready.on("market.265598.tickSize")[0]
    assert body == {"v": 1, "epoch": "e1", "seq": 1, "ts": ready.now.ts, "event": "tickSize",
                    "data": {"reqId": req_id, "tickType": 0, "size": "0"}}  # fmt: skip


def test_two_holders_share_one_subscription_and_the_last_ends_it(ready):
    _, req_id = subscribed(ready)
    second = ready.ask("reqMktData", client="bob", contract=AAPL)
    assert len(ready.sends("reqMktData")) == 1
    assert ready.result(second)["snapshot"]["events"]
    assert ready.result(ready.ask("release", stream="265598")) == {"released": "265598"}
    assert ready.sends("cancelMktData") == []
    ready.ask("cancelMktData", client="bob", stream="265598")
    assert ready.sends("cancelMktData") == [{"reqId": req_id}]


def test_two_scans_are_two_streams(ready):
    scans = [{"instrument": "STK", "scanCode": code} for code in ("TOP_PERC_GAIN", "HOT_BY_VOLUME")]
    streams = set()
    for scan in scans:
        id_ = ready.ask("reqScannerSubscription", scannerSubscription=scan)
        ready.tws("scannerData", reqId=ready.last_sent("reqScannerSubscription")["reqId"])
        streams.add(ready.result(id_)["stream"])
    assert len(streams) == 2


def test_the_cancel_of_smart_depth_says_that_it_is_smart(ready):
    id_ = ready.ask("reqMktDepth", contract=AAPL, numRows=5, isSmartDepth=True)
    req_id = ready.last_sent("reqMktDepth")["reqId"]
    ready.tws("updateMktDepthL2", reqId=req_id, marketDepthData={"position": 0})
    ready.ask("release", stream=ready.result(id_)["stream"])
    assert ready.sends("cancelMktDepth") == [{"reqId": req_id, "isSmartDepth": True}]


def test_ticks_that_come_after_the_end_are_nobodys(ready):
    _, req_id = subscribed(ready)
    ready.ask("release", stream="265598")
    before = len(ready.events)
    ready.tws("tickPrice", reqId=req_id, **TICK)
    assert len(ready.events) == before
    assert ready.result(ready.ask("snapshot", prefix="market."))["events"] == []


def test_asking_the_same_again_holds_it_once(ready):
    subscribed(ready)
    ready.ask("reqMktData", contract=AAPL)
    ready.ask("release", stream="265598")
    assert len(ready.sends("cancelMktData")) == 1


def test_who_asks_while_tws_is_silent_waits_with_the_first(ready):
    ids = [ready.ask("reqMktData", client=client, contract=AAPL) for client in ("alice", "bob")]
    assert len(ready.sends("reqMktData")) == 1
    ready.tws("marketDataType", reqId=ready.last_sent("reqMktData")["reqId"], marketDataType=1)
    assert all(ready.result(id_)["stream"] == "265598" for id_ in ids)


def test_a_quiet_instrument_is_answered_unconfirmed_after_the_grace(ready):
    id_ = ready.ask("reqRealTimeBars", contract=AAPL, barSize=5, whatToShow="TRADES", useRTH=False)
    ready.wait(2)
    assert ready.result(id_)["confirmed"] is False
    assert ready.result(id_)["topic"] == "bars.265598-5s-TRADES."


def test_a_refused_subscription_is_an_error_and_holds_nothing(ready):
    id_ = ready.ask("reqMktData", contract=AAPL)
    ready.error(ready.last_sent("reqMktData")["reqId"], 354, "Requested market data is not subscribed.")
    assert ready.failure(id_)["twsCode"] == 354
    assert ready.failure(ready.ask("release", stream="265598"))["code"] == "unknownStream"
    ready.ask("reqMktData", contract=AAPL)
    assert len(ready.sends("reqMktData")) == 2


def test_a_warning_leaves_the_stream_and_is_heard_on_it(ready):
    _, req_id = subscribed(ready)
    ready.error(req_id, 10167, "Displaying delayed market data.")
    assert ready.on("market.265598.error")[0]["data"]["errorCode"] == 10167
    assert ready.result(ready.ask("status"))["streams"][0]["state"] == "live"


def test_an_error_that_ends_a_live_stream_is_told_on_the_stream(ready):
    _, req_id = subscribed(ready)
    ready.error(req_id, 200, "contract expired")
    named = {"stream": "265598", "topic": "market.265598.", "method": "reqMktData"}
    assert ready.on("market.265598.ended")[0]["data"] == {**named, "reason": "contract expired", "code": 200}
    assert ready.result(ready.ask("status"))["streams"] == []


def test_a_lost_connection_is_a_gap_and_the_bridge_asks_tws_again(ready):
    subscribed(ready)
    ready.session.on_lost("end of file", ready.now)
    ready.collect()
    assert ready.on("system.gap")[0]["data"]["streams"] == ["265598"]
    assert ready.result(ready.ask("status"))["streams"][0]["state"] == "lost"
    ready.wait(1)
    ready.ready()
    ready.wait(0.1)
    assert len(ready.sends("reqMktData")) == 2
    again = ready.ask("reqMktData", client="bob", contract=AAPL)
    assert ready.answers(again) == []
    ready.tws("tickPrice", reqId=ready.last_sent("reqMktData")["reqId"], **TICK)
    assert len(ready.sends("reqMktData")) == 2
    assert ready.result(again)["stream"] == "265598"


def test_a_timed_out_subscription_holds_nothing(ready):
    id_ = ready.ask("reqPositions")
    ready.wait(30)
    assert ready.failure(id_)["code"] == "noResponse"
    assert len(ready.sends("reqPositions")) == len(ready.sends("cancelPositions")) == 3
    assert ready.result(ready.ask("status"))["streams"] == []


# Contracts without a conId

PLAIN = {"symbol": "AAPL", "secType": "STK", "exchange": "SMART", "currency": "USD"}


def resolve(bench, *con_ids):
    req_id = bench.last_sent("reqContractDetails")["reqId"]
    for con_id in con_ids:
        bench.tws("contractDetails", reqId=req_id, contract={**PLAIN, "conId": con_id}, contractDetails={})
    bench.tws("contractDetailsEnd", reqId=req_id)


def test_a_contract_without_conid_is_resolved_once(ready):
    ids = [ready.ask("reqMktData", client=client, contract=PLAIN) for client in ("alice", "bob")]
    assert len(ready.sends("reqContractDetails")) == 1
    resolve(ready, 265598, 265598)
    assert ready.last_sent("reqMktData")["contract"]["conId"] == 265598
    ready.tws("tickPrice", reqId=ready.last_sent("reqMktData")["reqId"], **TICK)
    assert [ready.result(id_)["stream"] for id_ in ids] == ["265598", "265598"]
    ready.ask("reqMktData", client="carol", contract=PLAIN)
    assert len(ready.sends("reqContractDetails")) == len(ready.sends("reqMktData")) == 1


def test_an_ambiguous_contract_lists_the_candidates(ready):
    id_ = ready.ask("reqMktData", contract=PLAIN)
    resolve(ready, 1, 2)
    error = ready.failure(id_)
    assert error["code"] == "ambiguousContract"
    assert [candidate["conId"] for candidate in error["data"]["candidates"]] == [1, 2]


def test_an_unknown_contract_is_rejected_with_the_code(ready):
    id_ = ready.ask("reqMktData", contract=PLAIN)
    ready.error(ready.last_sent("reqContractDetails")["reqId"], 200)
    assert ready.failure(id_)["twsCode"] == 200


def test_a_contract_found_too_late_is_nobodys_stream(ready):
    id_ = ready.ask("reqMktData", contract=PLAIN)
    ready.wait(30)
    assert ready.failure(id_)["code"] == "noResponse"
    resolve(ready, 265598)
    assert ready.sends("reqMktData") == []


# Accounts


def test_positions_are_answered_when_they_are_all_there(ready):
    id_ = ready.ask("reqPositions")
    ready.tws("position", account="DU1", contract=AAPL, position="5", avgCost=1.0)
    assert ready.answers(id_) == []
    ready.tws("positionEnd")
    result = ready.result(id_)
    assert result["topic"] == "account."
    assert result["snapshot"]["events"][0]["topic"] == "account.DU1.position"
    second = ready.ask("reqPositions", client="bob")
    assert ready.result(second)["snapshot"]["events"]
    assert len(ready.sends("reqPositions")) == 1


def test_account_updates_go_to_their_account(ready):
    id_ = ready.ask("reqAccountUpdates", subscribe=True, acctCode="DU1")
    ready.tws("updateAccountValue", key="NetLiquidation", value="1", currency="USD", accountName="DU1")
    ready.tws("updateAccountTime", timeStamp="10:00")
    ready.tws("accountDownloadEnd", accountName="DU1")
    assert ready.result(id_)["topic"] == "account.DU1."
    assert ready.on("account.DU1.updateAccountTime")
    values = [event["data"]["key"] for event in ready.result(id_)["snapshot"]["events"] if "key" in event["data"]]
    assert values == ["NetLiquidation"]
    ready.ask("reqAccountUpdates", subscribe=False, acctCode="DU1")
    assert ready.last_sent("reqAccountUpdates") == {"subscribe": False, "acctCode": "DU1"}


def test_a_second_account_would_silently_replace_the_first_and_is_refused(ready):
    ready.ask("reqAccountUpdates", subscribe=True, acctCode="DU1")
    error = ready.failure(ready.ask("reqAccountUpdates", client="bob", subscribe=True, acctCode="DU2"))
    assert error["code"] == "streamConflict"
    assert "alice" in error["message"]


def test_account_summary_keeps_every_tag_of_every_account(ready):
    id_ = ready.ask("reqAccountSummary", group="All", tags="NetLiquidation,BuyingPower")
    req_id = ready.last_sent("reqAccountSummary")["reqId"]
    for account in ("DU1", "DU2"):
        for tag in ("NetLiquidation", "BuyingPower"):
            ready.tws("accountSummary", reqId=req_id, account=account, tag=tag, value="1", currency="USD")
    ready.tws("accountSummaryEnd", reqId=req_id)
    assert len(ready.result(id_)["snapshot"]["events"]) >= 4
    snapshot = ready.result(ready.ask("snapshot", prefix="account.DU2.accountSummary"))
    assert [event["data"]["tag"] for event in snapshot["events"]] == ["NetLiquidation", "BuyingPower"]


def test_a_kept_up_to_date_history_is_a_stream_of_bars(ready):
    id_ = ready.ask(
        "reqHistoricalData", contract=AAPL, barSizeSetting="5 mins", duration="1 D", whatToShow="TRADES",
        keepUpToDate=True,
    )  # fmt: skip
    req_id = ready.last_sent("reqHistoricalData")["reqId"]
    ready.tws("historicalData", reqId=req_id, historicalDataBars=[{"date": "1", "close": 1.0}])
    ready.tws("historicalDataEnd", reqId=req_id, startDateStr="a", endDateStr="b")
    result = ready.result(id_)
    assert result["topic"] == "bars.265598-5mins-1D-TRADES."
    assert result["snapshot"]["events"][0]["data"]["historicalDataBars"]
    ready.tws("historicalDataUpdate", reqId=req_id, historicalDataBar={"date": "2", "close": 2.0})
    assert ready.on("bars.265598-5mins-1D-TRADES.historicalDataUpdate")[0]["seq"] == 1
    ready.ask("cancelHistoricalData", stream=result["stream"])
    assert ready.sends("cancelHistoricalData") == [{"reqId": req_id}]


# Leases


def test_what_a_silent_client_holds_is_released_after_its_lease(ready):
    subscribed(ready)
    ready.wait(20)
    ready.ask("ping")
    ready.wait(20)
    assert ready.sends("cancelMktData") == []
    ready.wait(12)
    assert len(ready.sends("cancelMktData")) == 1
    assert ready.on("system.clientLost")[0]["data"] == {"client": "alice", "released": ["265598"]}


def test_after_a_stall_of_the_bridge_all_leases_are_renewed(ready):
    subscribed(ready)
    ready.wait(1)
    ready.clock += 300
    ready.session.on_timer(ready.now)
    ready.collect()
    assert ready.sends("cancelMktData") == []


# Names


@pytest.mark.parametrize(
    ("contract", "name"),
    [
        (AAPL, "265598"),
        ({**AAPL, "exchange": "ISLAND"}, "265598-ISLAND"),
        ({"conId": 12087792, "exchange": "IDEALPRO"}, "12087792-IDEALPRO"),
        ({"conId": 265598}, "265598"),
        (PLAIN, None),
    ],
)
def test_an_instrument_is_named_by_conid_and_exchange(contract, name):
    assert topic_names.instrument(contract) == name


def test_a_combo_is_named_by_its_legs_in_any_order():
    legs = [{"conId": 1, "ratio": 1, "action": "BUY"}, {"conId": 2, "ratio": 1, "action": "SELL"}]
    one = topic_names.instrument({"secType": "BAG", "symbol": "A", "comboLegs": legs})
    other = topic_names.instrument({"secType": "BAG", "symbol": "A", "comboLegs": legs[::-1]})
    assert one == other
    assert one != topic_names.instrument({"secType": "BAG", "symbol": "A", "comboLegs": legs[:1]})


@pytest.mark.parametrize("value", ["a.b", "é", "", "a b", "x" * 300, "a_2Eb", "\ud800"])
def test_tokens_are_plain_short_and_never_shared(value):
    made = topic_names.token(value)
    assert made.isascii()
    assert "." not in made
    assert 1 <= len(made) <= topic_names.TOKEN
    assert made != topic_names.token(value + "x")
    assert topic_names.token("a.b") != topic_names.token("a_2Eb")
