"""Values know their age: what TWS may no longer serve is stale, and what it serves anew replaces all from before."""

from __future__ import annotations

from decimal import Decimal

import pytest

from bridge.session.rights.grants import Grant
from bridge.session.rights.permissions import Permissions
from bridge.session.streams.life import AT_TWS, STREAM, StreamLife
from bridge.session.streams.upstream import MOST_TRIES, SubscriptionTiming
from tests.session.conftest import AAPL, Bench
from tests.session.test_order_hazards import reconnect
from tests.session.test_orders import ORDER

TABLE, STATES = STREAM.table, tuple(STREAM.about)
BID, ASK = 1, 2
RETRY, VERIFY = SubscriptionTiming().retry, SubscriptionTiming().verify


def subscribe(bench, client="alice"):
    return bench.ask("reqMktData", client=client, contract=AAPL)


def tick(bench, price, kind=BID):
    req_id = bench.last_sent("reqMktData")["reqId"]
    bench.tws("tickPrice", reqId=req_id, tickType=kind, price=price, size="1")


def kept(bench, prefix="market."):
    """The values of a snapshot: by topic and what tells them apart, whether stale."""
    return [
        (event["data"].get("price", event["data"].get("position")), event.get("stale", False))
        for event in bench.result(bench.ask("snapshot", prefix=prefix))["events"]
        if event["event"] != "positionEnd"
    ]


def wait_with(bench, seconds):
    """Wait, while alice is heard from."""
    for _ in range(int(seconds / 5)):
        bench.ask("ping")
        bench.wait(5)
    bench.ask("ping")
    bench.wait(1)


def state(bench):
    return [stream["state"] for stream in bench.result(bench.ask("status"))["streams"]]


@pytest.fixture
def streaming(ready):
    """Alice and bob hold a stream with bid 100 and ask 101."""
    subscribe(ready)
    tick(ready, 100.0)
    tick(ready, 101.0, ASK)
    subscribe(ready, "bob")
    return ready


# 1101


def test_after_1101_the_bridge_asks_again_and_old_values_are_stale(streaming):
    streaming.error(-1, 1100, "lost")
    assert kept(streaming) == [(100.0, True), (101.0, True)]
    assert streaming.on("system.gap")[0]["data"]["topics"] == ["market.265598."]
    streaming.error(-1, 1101, "restored, data lost")
    streaming.wait(0.1)
    assert len(streaming.sends("reqMktData")) == 2
    again = subscribe(streaming, "carol")
    assert streaming.answers(again) == []
    tick(streaming, 200.0)
    answer = streaming.result(again)
    assert answer["confirmed"] is True
    assert [event["data"]["price"] for event in answer["snapshot"]["events"]] == [200.0]
    (recovered,) = streaming.on("system.recovered")
    assert recovered["data"]["streams"] == ["265598"]
    assert recovered["data"]["since"] == streaming.on("system.gap")[0]["data"]["since"]


def test_while_ibkr_is_away_a_new_client_is_told_that_values_are_stale(streaming):
    streaming.error(-1, 1100, "lost")
    answer = streaming.result(subscribe(streaming, "carol"))
    assert answer["confirmed"] is False
    assert all(event["stale"] and event["staleSince"] for event in answer["snapshot"]["events"])


def test_a_limit_does_not_judge_by_a_quote_from_before_1101():
    grant = Grant(frozenset({"trade", "observe"}), max_order_notional={"USD": Decimal(15_000)})
    bench = Bench(permissions=Permissions({"alice": grant}))
    bench.ready()
    subscribe(bench)
    tick(bench, 100.0)
    bench.ask("reqContractDetails", contract=AAPL)
    req_id = bench.last_sent("reqContractDetails")["reqId"]
    bench.tws("contractDetails", reqId=req_id, contract={**AAPL, "multiplier": "1"}, contractDetails={})
    bench.tws("contractDetailsEnd", reqId=req_id)
    market = {**ORDER, "orderType": "MKT", "totalQuantity": "100"}
    market.pop("lmtPrice")
    bench.ask("placeOrder", orderKey="before", contract=AAPL, order=market)
    assert len(bench.sends("placeOrder")) == 1
    for code in (1100, 1101):
        bench.error(-1, code, "why")
    bench.wait(0.1)
    bench.answer_internal_requests()
    refused = bench.failure(bench.ask("placeOrder", orderKey="after", contract=AAPL, order=market))
    assert refused["code"] == "notPermitted"
    tick(bench, 200.0)
    refused = bench.failure(bench.ask("placeOrder", orderKey="now", contract=AAPL, order=market))
    assert "20000" in refused["message"]
    assert len(bench.sends("placeOrder")) == 1


# 1102, farms, competing sessions


def test_after_1102_values_count_again_when_data_has_flowed(streaming):
    streaming.error(-1, 1100, "lost")
    streaming.error(-1, 1102, "restored, data kept")
    assert state(streaming) == ["doubtful"]
    tick(streaming, 102.0)
    assert kept(streaming) == [(101.0, True), (102.0, False)]
    streaming.wait(VERIFY + 1)
    assert kept(streaming) == [(101.0, False), (102.0, False)]
    assert len(streaming.sends("reqMktData")) == 1
    assert len(streaming.on("system.recovered")) == 1


def test_a_stream_that_brings_nothing_after_1102_is_asked_for_again(streaming):
    first = streaming.last_sent("reqMktData")["reqId"]
    streaming.error(-1, 1100, "lost")
    streaming.error(-1, 1102, "restored, data kept")
    streaming.wait(VERIFY + 1)
    assert streaming.sends("cancelMktData") == [{"reqId": first}]
    assert len(streaming.sends("reqMktData")) == 2
    streaming.error(first, 300, "Can't find EId")
    assert streaming.on("system.notice")[2:] == []
    tick(streaming, 103.0)
    assert kept(streaming) == [(103.0, False)]


def test_a_tick_before_1102_does_not_prove_that_the_stream_lives_after_it(streaming):
    streaming.error(-1, 1100, "lost")
    tick(streaming, 102.0)
    streaming.error(-1, 1102, "restored, data kept")
    streaming.wait(VERIFY + 1)
    assert len(streaming.sends("reqMktData")) == 2


def test_a_farm_that_breaks_makes_its_values_stale_until_they_flow(streaming):
    streaming.ask("reqPositions")
    streaming.tws("position", account="DU1", contract=AAPL, position="10", avgCost=1.0)
    streaming.tws("positionEnd")
    streaming.error(-1, 2103, "Market data farm connection is broken:usfarm")
    assert kept(streaming) == [(100.0, True), (101.0, True)]
    assert kept(streaming, "account.") == [("10", False)]
    streaming.error(-1, 2104, "Market data farm connection is OK:usfarm")
    tick(streaming, 100.5)
    streaming.wait(VERIFY + 1)
    assert kept(streaming) == [(101.0, False), (100.5, False)]


def test_data_that_another_session_took_is_stale_until_it_is_back(streaming):
    req_id = streaming.last_sent("reqMktData")["reqId"]
    streaming.error(req_id, 10197, "No market data during competing live session")
    assert kept(streaming) == [(100.0, True), (101.0, True)]
    assert streaming.on("system.gap")[0]["data"]["code"] == 10197
    tick(streaming, 99.0)
    assert (99.0, False) in kept(streaming)
    streaming.wait(VERIFY + 1)
    assert (101.0, False) in kept(streaming)
    assert len(streaming.on("system.recovered")) == 1


# The connection


def test_values_from_before_a_reconnect_are_gone_when_tws_serves_the_stream_again(streaming):
    streaming.session.on_lost("end of file", streaming.now)
    streaming.collect()
    assert kept(streaming) == [(100.0, True), (101.0, True)]
    streaming.wait(2)
    streaming.ready(told=False)
    streaming.wait(0.1)
    assert kept(streaming) == [(100.0, True), (101.0, True)]
    tick(streaming, 150.0)
    assert kept(streaming) == [(150.0, False)]


def test_one_outage_is_one_gap_however_often_the_bridge_tries(streaming):
    streaming.session.on_lost("end of file", streaming.now)
    streaming.collect()
    for _ in range(4):
        streaming.wait(31)
        streaming.session.on_lost("refused", streaming.now, code=502)
        streaming.collect()
        subscribe(streaming)
    assert len(streaming.on("system.gap")) == 1


def test_a_position_that_was_closed_meanwhile_is_published_as_gone(ready):
    ready.ask("reqPositions")
    other = {**AAPL, "conId": 8314, "symbol": "IBM"}
    for contract in (AAPL, other):
        ready.tws("position", account="DU1", contract=contract, position="10", avgCost=1.0)
    ready.tws("positionEnd")
    reconnect(ready)
    ready.wait(0.1)
    assert kept(ready, "account.") == [("10", True), ("10", True)]
    again = ready.ask("reqPositions", client="bob")
    ready.tws("position", account="DU1", contract=AAPL, position="12", avgCost=1.0)
    assert ready.answers(again) == []
    ready.tws("positionEnd")
    (gone,) = ready.on("account.DU1.gone")
    assert (gone["data"]["event"], gone["data"]["data"]["contract"]["conId"]) == ("position", 8314)
    assert kept(ready, "account.") == [("12", False)]
    answer = ready.result(again)
    assert [e["data"]["position"] for e in answer["snapshot"]["events"] if e["event"] == "position"] == ["12"]


def test_a_download_that_an_outage_interrupts_is_asked_for_again_and_nothing_is_gone(ready):
    id_ = ready.ask("reqPositions")
    ready.tws("position", account="DU1", contract=AAPL, position="10", avgCost=1.0)
    ready.error(-1, 1100, "lost")
    ready.error(-1, 1102, "restored, data kept")
    ready.tws("positionEnd")
    assert ready.answers(id_) == []
    ready.wait(0.1)
    assert len(ready.sends("reqPositions")) == 2
    ready.tws("position", account="DU1", contract=AAPL, position="10", avgCost=1.0)
    ready.tws("positionEnd")
    assert ready.result(id_)["confirmed"] is True
    assert kept(ready, "account.") == [("10", False)]
    assert ready.on("account.DU1.gone") == []


def test_profit_and_loss_of_before_is_gone_with_its_id(ready):
    ready.ask("reqPnL", account="DU1")
    ready.tws("pnl", reqId=ready.last_sent("reqPnL")["reqId"], dailyPnL=1.0)
    reconnect(ready)
    ready.wait(0.1)
    ready.tws("pnl", reqId=ready.last_sent("reqPnL")["reqId"], dailyPnL=2.0)
    events = ready.result(ready.ask("snapshot", prefix="account."))["events"]
    assert [event["data"]["dailyPnL"] for event in events] == [2.0]


def test_many_streams_come_back_evenly_those_of_most_clients_first(ready):
    for con_id in range(1, 31):
        ready.ask("reqMktData", contract={"conId": con_id, "exchange": "SMART"})
        ready.tws("tickPrice", reqId=ready.last_sent("reqMktData")["reqId"], tickType=1, price=1.0, size="1")
    ready.ask("reqMktData", client="bob", contract={"conId": 20, "exchange": "SMART"})
    before = len(ready.sends("reqMktData"))
    reconnect(ready)
    ready.wait(0.01)
    first = ready.sends("reqMktData")[before:]
    assert len(first) == 5
    assert first[0]["contract"]["conId"] == 20
    ready.wait(0.61)
    assert len(ready.sends("reqMktData")) == before + 30


# What clients hold


def test_asking_again_for_a_quiet_stream_harms_nobody(ready):
    first = subscribe(ready)
    ready.wait(3)
    assert ready.result(first)["confirmed"] is False
    second = subscribe(ready, "bob")
    ready.wait(3)
    assert ready.result(second)["confirmed"] is False
    third = subscribe(ready)
    ready.wait(20)
    assert ready.result(third)["confirmed"] is False
    (stream,) = ready.result(ready.ask("status"))["streams"]
    assert stream["holderCount"] == 2


def test_who_times_out_while_it_asks_again_holds_what_it_held(ready):
    ready.ask("reqPositions")
    ready.tws("positionEnd")
    reconnect(ready)
    ready.wait(0.1)
    again = ready.ask("reqPositions")
    wait_with(ready, 31)
    assert ready.failure(again)["code"] == "noResponse"
    (stream,) = ready.result(ready.ask("status"))["streams"]
    assert stream["held"] is True


def test_who_was_told_that_the_connection_was_lost_holds_nothing(ready):
    ready.ask("reqPositions")
    reconnect(ready)
    ready.wait(0.1)
    assert ready.result(ready.ask("status"))["streams"] == []
    assert len(ready.sends("reqPositions")) == 1


def test_a_subscription_that_tws_does_not_answer_is_sent_again(ready):
    subscribe(ready)
    for tries in range(2, MOST_TRIES + 1):
        ready.wait(RETRY + 0.2)
        assert len(ready.sends("reqMktData")) == tries
    wait_with(ready, 10 * RETRY)
    assert len(ready.sends("reqMktData")) == MOST_TRIES
    assert len(ready.sends("cancelMktData")) == MOST_TRIES - 1


def test_a_download_of_which_tws_still_sends_values_is_not_asked_for_again(ready):
    ready.ask("reqPositions")
    for _ in range(3):
        ready.tws("position", account="DU1", contract=AAPL, position="10", avgCost=1.0)
        ready.wait(RETRY - 1)
    assert len(ready.sends("reqPositions")) == 1


def test_a_renewal_that_tws_refuses_ends_the_stream_and_is_told(streaming):
    reconnect(streaming)
    streaming.wait(0.1)
    streaming.error(streaming.last_sent("reqMktData")["reqId"], 354, "not subscribed")
    (ended,) = streaming.on("market.265598.ended")
    assert (ended["data"]["code"], ended["data"]["method"]) == (354, "reqMktData")
    assert state(streaming) == []
    assert streaming.on("system.recovered") == []


# Books and bars


def book(bench):
    bench.ask("reqMktDepth", contract=AAPL, numRows=5)
    req_id = bench.last_sent("reqMktDepth")["reqId"]
    for row in range(3):
        bench.tws("updateMktDepth", reqId=req_id, marketDepthData={"position": row, "side": 1, "price": 1.0 - row})
    return req_id


def test_317_empties_the_book(ready):
    req_id = book(ready)
    assert len(kept(ready, "depth.")) == 3
    ready.error(req_id, 317, "Market depth data has been RESET")
    assert kept(ready, "depth.") == []
    assert state(ready) == ["live"]


@pytest.mark.parametrize("code", [316, 10225])
def test_a_stream_that_tws_says_to_ask_for_again_is_asked_for(ready, code):
    req_id = book(ready)
    ready.error(req_id, code, "please subscribe again")
    ready.wait(0.1)
    assert len(ready.sends("reqMktDepth")) == 2
    assert ready.on("system.gap")[0]["data"]["code"] == code
    again = ready.last_sent("reqMktDepth")["reqId"]
    ready.tws("updateMktDepth", reqId=again, marketDepthData={"position": 0, "side": 1, "price": 9.0})
    assert len(kept(ready, "depth.")) == 1
    assert len(ready.on("system.recovered")) == 1


def test_a_snapshot_tells_which_streams_are_out(ready):
    """Found by the simulation: a book that is emptied in an outage had nothing to be marked in a snapshot."""
    book(ready)
    assert ready.result(ready.ask("snapshot", prefix="depth."))["gaps"] == []
    ready.error(-1, 1100, "lost")
    (gap,) = ready.result(ready.ask("snapshot", prefix="depth."))["gaps"]
    assert (gap["topic"], gap["code"], gap["since"]) == ("depth.265598-5rows.", 1100, ready.now.ts)
    assert ready.result(ready.ask("snapshot", prefix="market."))["gaps"] == []
    joined = ready.ask("reqMktDepth", client="bob", contract=AAPL, numRows=5)
    assert [gap["topic"] for gap in ready.result(joined)["snapshot"]["gaps"]] == ["depth.265598-5rows."]
    ready.error(-1, 1101, "restored")
    ready.wait(0.1)
    ready.tws("updateMktDepth", reqId=ready.last_sent("reqMktDepth")["reqId"],
              marketDepthData={"position": 0, "side": 1, "price": 9.0})  # fmt: skip
    assert ready.result(ready.ask("snapshot", prefix="depth."))["gaps"] == []


def test_a_question_of_the_last_connection_makes_no_haste_on_the_next(ready):
    """Found by the simulation: its timer asked again at once, and all tries fell into TWS's first second."""
    subscribe(ready)
    ready.wait(RETRY - 3)
    ready.session.on_lost("gone", ready.now)
    ready.collect()
    ready.ready()
    ready.wait(0.1)
    sent = len(ready.sends("reqMktData"))
    ready.wait(RETRY - 0.5)
    assert len(ready.sends("reqMktData")) == sent


def test_positions_that_are_out_are_told_below_an_account(ready):
    ready.ask("reqPositions")
    ready.tws("positionEnd")
    ready.error(-1, 1100, "lost")
    assert [gap["stream"] for gap in ready.result(ready.ask("snapshot", prefix="account.DU1."))["gaps"]] == [
        "Positions"
    ]


def first(bench):
    """A tick of the stream that was asked for first; both clients live."""
    bench.tws("tickPrice", reqId=bench.sends("reqMktData")[0]["reqId"], tickType=BID, price=100.0, size="1")
    for client in ("alice", "bob"):
        bench.ask("ping", client=client)


def test_a_quiet_stream_keeps_no_outage_of_a_farm_open(ready):
    """Found by the simulation: TWS never says a word on it, and `recovered` never came for the others."""
    subscribe(ready)
    tick(ready, 100.0)
    ready.ask("reqMktData", client="bob", contract={"conId": 7, "exchange": "SMART"})
    for _ in range(9):
        ready.wait(5)
        first(ready)
    ready.error(-1, 2103, "Market data farm connection is broken:usfarm")
    ready.error(-1, 2104, "Market data farm connection is OK:usfarm")
    for _ in range(12):
        ready.wait(5)
        first(ready)
    (recovered,) = ready.on("system.recovered")
    assert recovered["data"]["streams"] == ["265598"]
    ready.tws("tickPrice", reqId=ready.last_sent("reqMktData")["reqId"], tickType=BID, price=1.0, size="1")
    assert ready.on("system.recovered")[1]["data"]["streams"] == ["7"]


# The table


@pytest.mark.parametrize("state", STATES)
def test_every_event_has_a_place_in_every_state(state):
    assert set(TABLE[state]) == set(STREAM.about_events)
    assert set(TABLE[state].values()) <= set(STATES)


@pytest.mark.parametrize("state", [state for state in STATES if state != "ended"])
def test_every_stream_can_end_and_only_tws_or_its_clients_end_it(state):
    ends = {event for event, to in TABLE[state].items() if to == "ended"}
    assert ends == {"refused", "released"}


@pytest.mark.parametrize("state", STATES)
def test_nothing_is_at_tws_after_the_connection_has_ended(state):
    assert TABLE[state]["disconnected"] not in AT_TWS


@pytest.mark.parametrize("state", STATES)
def test_only_a_message_of_tws_makes_a_stream_live(state):
    assert {event for event, to in TABLE[state].items() if to == "live" and state != "live"} <= {"word", "served"}


def test_a_life_tells_whether_it_changed():
    life = StreamLife()
    assert life.happen("asked") and life.state == "asking"
    assert not life.happen("cut") and life.state == "asking"
