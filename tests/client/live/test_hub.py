"""Streams that live objects need: held once, shown as stale when they are, asked for again when they are gone."""

from __future__ import annotations

import pytest

from tests.client.live.desk import AAPL, MARKET, Desk, price, subscription
from tws_bridge_client.calls import BridgeError, BridgeTimeout
from tws_bridge_client.live import shared
from tws_bridge_client.live.holds import FIRST_PAUSE, LONGEST_PAUSE
from tws_bridge_client.live.hub import SILENCE

BID, ASK = price(1, 10.0), price(2, 11.0)
STALE = {"stream": "265598", "topic": MARKET, "reason": "TWS has lost IBKR", "since": 1}
FRESH = {"stream": "265598", "topic": MARKET, "since": 1, "until": 2}
ENDED = {"stream": "265598", "topic": MARKET, "method": "reqMktData", "reason": "TWS ended it", "code": 10189}


@pytest.fixture
def desk():
    return Desk()


def test_a_ticker_begins_with_the_snapshot_and_follows_its_topic(desk):
    ticker = desk.ticker(("tickPrice", BID))
    assert (ticker.bid, ticker.ask, ticker.stale) == (10.0, None, False)
    desk.hear(f"{MARKET}tickPrice", ASK)
    assert (ticker.bid, ticker.ask, ticker.midpoint()) == (10.0, 11.0, 10.5)


def test_before_the_snapshot_it_is_stale(desk):
    ticker = shared.new_ticker(desk.hub, AAPL, "")
    desk.collect()
    assert ticker.stale
    assert not shared.has_begun(desk.hub, ticker)
    desk.answer("reqMktData", subscription())
    assert ticker.stale
    assert not shared.has_begun(desk.hub, ticker)
    desk.join(MARKET)
    assert not ticker.stale
    assert shared.has_begun(desk.hub, ticker)


def test_it_is_stale_while_the_bridge_says_so_and_after_it_until_there_is_a_new_snapshot(desk):
    ticker = desk.ticker(("tickPrice", BID), ("tickPrice", ASK))
    desk.hear(f"{MARKET}stale", STALE)
    assert ticker.stale
    assert ticker.midpoint() is None
    desk.hear(f"{MARKET}fresh", FRESH)
    assert ticker.stale
    desk.join(MARKET, ("tickPrice", price(1, 12.0)))
    assert not ticker.stale
    assert (ticker.bid, ticker.ask) == (12.0, None), "a value that TWS has not sent again is gone"


def test_a_snapshot_with_an_outage_is_stale(desk):
    assert desk.ticker(("tickPrice", BID), gaps=[STALE]).stale


def test_a_loss_empties_it_and_is_stale_until_the_snapshot(desk):
    ticker = desk.ticker(("tickPrice", BID), ("tickPrice", ASK))
    desk.hear(f"{MARKET}tickPrice", price(1, 13.0), skip=2)
    assert ticker.stale
    desk.join(MARKET, ("tickPrice", price(1, 14.0)))
    assert (ticker.bid, ticker.ask, ticker.stale) == (14.0, None, False)


def test_after_a_loss_it_asks_for_status_and_subscribes_again_to_what_is_not_held(desk):
    ticker = desk.ticker(("tickPrice", BID))
    desk.hear(f"{MARKET}tickPrice", BID, skip=1)
    desk.join(MARKET, ("tickPrice", BID))
    desk.wait(1)
    desk.status("265598")
    assert not desk.asked("reqMktData")
    desk.hear(f"{MARKET}tickPrice", BID, skip=1)
    desk.join(MARKET, ("tickPrice", BID))
    desk.wait(1)
    desk.status()
    assert ticker.stale
    desk.wait(1)
    assert desk.asked("reqMktData")[-1].params == {"contract": AAPL}
    desk.answer("reqMktData", subscription())
    assert ticker.stale, "what it has may be from before"
    desk.join(MARKET, ("tickPrice", ASK))
    assert (ticker.stale, ticker.bid, ticker.ask) == (False, None, 11.0)


def test_a_status_that_fails_is_asked_again(desk):
    desk.ticker()
    desk.hear(f"{MARKET}tickPrice", BID, skip=1)
    desk.join(MARKET)
    desk.wait(1)
    desk.fail("status", "noBridge")
    desk.wait(3)
    assert desk.asked("status")


def test_a_hold_that_is_granted_after_the_question_is_not_lost_by_its_answer(desk):
    desk.ticker()
    desk.hear(f"{MARKET}tickPrice", BID, skip=1)
    desk.join(MARKET)
    desk.wait(1)
    other = shared.new_positions(desk.hub, "")
    desk.collect()
    desk.answer("reqPositions", subscription("Positions", "account."))
    desk.status("265598")
    assert other.hold.state == "live"


@pytest.mark.parametrize("kept", [True, False])
def test_a_new_bridge_that_does_not_hold_the_stream_is_asked_again(desk, kept):
    ticker = desk.ticker(("tickPrice", BID))
    desk.restart()
    assert ticker.stale
    desk.join(MARKET, ("tickPrice", price(1, 20.0)))
    desk.wait(1)
    assert ticker.stale, "a snapshot alone does not say that TWS serves the stream"
    desk.status(*(["265598"] if kept else []))
    desk.wait(1)
    if kept:
        assert ticker.stale, "its values may still be on their way"
        desk.join(MARKET, ("tickPrice", price(1, 20.0)))
    assert bool(desk.asked("reqMktData")) == (not kept)
    assert ticker.stale == (not kept)
    assert ticker.bid == 20.0


def test_after_ended_it_asks_again_later_and_later(desk):
    ticker = desk.ticker()
    desk.wait(100)
    pauses = []
    for _ in range(9):
        desk.hear(f"{MARKET}ended", ENDED)
        assert ticker.stale
        assert ticker.error.tws_code == 10189
        before = desk.now
        while not desk.asked("reqMktData"):
            desk.wait(0.5)
        pauses.append(desk.now - before)
        desk.answer("reqMktData", subscription())
        desk.join(MARKET)
        assert ticker.error is None
    assert pauses[0] == 0.5, "the first time at once"
    assert pauses[1:3] == [FIRST_PAUSE, 2 * FIRST_PAUSE]
    assert pauses[-1] == LONGEST_PAUSE


def test_ended_of_another_stream_changes_nothing(desk):
    ticker = desk.ticker()
    desk.hear(f"{MARKET}ended", {**ENDED, "method": "reqTickByTickData"})
    desk.hear(f"{MARKET}ended", {**ENDED, "stream": "265598-x"})
    assert not ticker.stale


def test_an_error_that_can_pass_is_asked_again_and_one_that_cannot_is_not(desk):
    ticker = desk.ticker()
    desk.hear(f"{MARKET}ended", ENDED)
    desk.wait(2)
    desk.fail("reqMktData", "linesExhausted")
    assert ticker.hold.state == "lost"
    desk.wait(5)
    desk.fail("reqMktData", "rejectedByTws", twsCode=354)
    desk.wait(200)
    assert not desk.asked("reqMktData")
    assert ticker.hold.state == "refused"
    assert ticker.error.tws_code == 354
    assert ticker.stale


@pytest.mark.parametrize("code", ["unknownContract", "linesExhausted"])
def test_an_object_that_never_began_is_an_error_and_leaves_nothing(desk, code):
    ticker = shared.new_ticker(desk.hub, AAPL, "")
    desk.collect()
    desk.fail("reqMktData", code)
    assert shared.has_begun(desk.hub, ticker)
    with pytest.raises(BridgeError, match=code):
        shared.begun(desk.hub, ticker, True, 5.0, "")
    desk.wait(200)
    assert not desk.asked("reqMktData")


def test_too_late_is_an_error_and_a_late_answer_is_released(desk):
    ticker = shared.new_ticker(desk.hub, AAPL, "")
    desk.collect()
    with pytest.raises(BridgeTimeout, match="no answer to reqMktData in 5 s: silence"):
        shared.begun(desk.hub, ticker, False, 5.0, "silence")
    desk.answer("reqMktData", subscription())
    assert desk.asked("release")[-1].params == {"stream": "265598", "method": "reqMktData"}
    assert MARKET not in desk.subscribed


def test_the_stream_is_released_with_the_last_object_that_needs_it(desk):
    first = desk.ticker(("tickPrice", BID))
    second = desk.ticker(ticks="233")
    third = desk.ticker()
    assert second.hold is not first.hold is third.hold
    assert second.bid == third.bid == 10.0
    for ticker in (first, second):
        ticker.close()
        ticker.close()
        desk.collect()
        assert not desk.asked("release")
        assert ticker.stale
        assert MARKET in desk.subscribed
    third.close()
    desk.collect()
    assert [ask.params for ask in desk.asked("release")] == [{"stream": "265598", "method": "reqMktData"}]
    assert MARKET not in desk.subscribed


def test_a_new_subscription_may_have_another_topic(desk):
    ticker = desk.ticker(("tickPrice", BID))
    desk.hear(f"{MARKET}ended", ENDED)
    desk.wait(2)
    desk.answer("reqMktData", subscription("265598-x", "market.265598-x."))
    assert MARKET not in desk.subscribed
    assert ticker.bid is None
    desk.join("market.265598-x.", ("tickPrice", price(1, 30.0)))
    assert (ticker.bid, ticker.stale) == (30.0, False)


def test_silence_of_the_bridge_and_a_lost_connection_are_stale(desk):
    ticker = desk.ticker()
    desk.now += SILENCE + 0.1
    assert ticker.stale
    desk.wait(1)
    assert not ticker.stale
    desk.hub.on_link(False)
    assert ticker.stale
    desk.hub.on_link(True)
    assert not ticker.stale


def test_after_a_pause_of_the_program_it_looks_whether_the_streams_are_held(desk):
    desk.ticker()
    desk.wait(60)
    assert not desk.asked("status")
    desk.now += 31
    desk.hub.on_timer(desk.now)
    desk.collect()
    desk.status()
    desk.wait(1)
    assert desk.asked("reqMktData")


def test_an_outage_of_an_account_is_told_by_gap_and_recovered(desk):
    positions = shared.new_positions(desk.hub, "")
    desk.collect()
    desk.answer("reqPositions", subscription("Positions", "account."))
    row = {"account": "DU1", "contract": {"conId": 1, "symbol": "A"}, "position": "5"}
    desk.join("account.", ("DU1.position", row))
    assert not positions.stale
    outage = {"streams": ["Positions"], "topics": ["account."], "reason": "TWS is gone", "since": 1}
    desk.hear("account.DU1.gap", outage)
    assert positions.stale
    desk.hear("account.DU1.recovered", {**outage, "until": 2})
    assert positions.stale
    desk.join("account.", ("DU1.position", {**row, "position": "7"}))
    assert not positions.stale
    assert [item.position for item in positions] == [7]


def test_the_late_answer_to_a_closed_ticker_takes_nothing_from_another_one_of_its_stream(desk):
    first = shared.new_ticker(desk.hub, AAPL, "")
    desk.collect()
    late = desk.asked("reqMktData")[-1]
    desk.hub.close(first)
    desk.collect()
    second = shared.new_ticker(desk.hub, AAPL, "")
    desk.collect()
    desk.open.remove(late)
    desk.hub.on_answer(late.token, subscription(), None, desk.now)
    desk.collect()
    assert not desk.asked("release")
    desk.answer("reqMktData", subscription())
    desk.join(MARKET, ("tickPrice", BID))
    assert (second.bid, second.stale) == (10.0, False)
    assert not desk.asked("release")
    desk.hub.close(second)
    desk.collect()
    assert len(desk.asked("release")) == 1


def test_a_ticker_that_is_closed_while_another_one_is_asked_for_takes_nothing_from_it(desk):
    first = desk.ticker(("tickPrice", BID))
    second = shared.new_ticker(desk.hub, AAPL, "233")
    desk.collect()
    desk.hub.close(first)
    desk.collect()
    assert not desk.asked("release")
    desk.answer("reqMktData", subscription())
    assert not desk.asked("release")
    desk.hub.close(second)
    desk.collect()
    assert len(desk.asked("release")) == 1


def test_a_closed_stream_is_released_when_the_other_one_turns_out_to_be_another(desk):
    first = desk.ticker(("tickPrice", BID))
    shared.new_ticker(desk.hub, {"conId": 5, "exchange": "SMART"}, "")
    desk.collect()
    desk.hub.close(first)
    desk.collect()
    assert not desk.asked("release")
    desk.answer("reqMktData", subscription("5", "market.5."))
    assert [ask.params["stream"] for ask in desk.asked("release")] == ["265598"]


# Streams that the program holds by plain requests


def plain(desk, method="reqMktData", stream="265598", topic=MARKET):
    """The program has subscribed by a plain request."""
    desk.requested.on_sent(method)
    reply = {"ok": True, "kind": "subscription", "result": subscription(stream, topic)}
    desk.requested.on_over(method, {}, reply)


def release(desk, method, params, name):
    """The program has released a stream by a plain request."""
    desk.requested.on_sent(method)
    ended = desk.requested.on_over(method, params, {"ok": True, "kind": "released", "result": {"released": name}})
    desk.hub.on_released(ended, desk.now)
    desk.collect()


def test_a_ticker_does_not_release_what_the_program_holds_by_a_plain_request(desk):
    ticker = desk.ticker()
    plain(desk)
    ticker.close()
    desk.wait(1)
    assert not desk.asked("release")
    release(desk, "release", {"stream": "265598"}, "265598")
    desk.ticker().close()
    desk.collect()
    assert len(desk.asked("release")) == 1, "after that it is the ticker's alone"


@pytest.mark.parametrize("other", [("reqTickByTickData", "265598", MARKET), ("reqMktData", "5", "market.5.")])
def test_another_stream_of_the_program_does_not_count(desk, other):
    plain(desk, *other)
    desk.ticker().close()
    desk.collect()
    assert len(desk.asked("release")) == 1


@pytest.mark.parametrize("is_granted", [False, True])
def test_a_ticker_that_is_closed_during_a_plain_request_waits_for_its_answer(desk, is_granted):
    ticker = desk.ticker()
    desk.requested.on_sent("reqMktData")
    ticker.close()
    desk.wait(1)
    assert not desk.asked("release")
    reply = {"ok": True, "kind": "subscription", "result": subscription()} if is_granted else None
    desk.requested.on_over("reqMktData", {}, reply)
    desk.wait(1)
    assert bool(desk.asked("release")) != is_granted


@pytest.mark.parametrize(
    ("method", "params", "name"),
    [
        ("release", {"stream": "265598"}, "265598"),
        ("release", {"stream": MARKET, "method": "reqMktData"}, MARKET),
        ("cancelMktData", {}, "265598"),
    ],
)
def test_a_ticker_asks_again_for_a_stream_that_the_program_has_released(desk, method, params, name):
    ticker = desk.ticker(("tickPrice", BID))
    plain(desk)
    release(desk, method, params, name)
    assert ticker.stale, "the bridge says nothing of that"
    desk.wait(2)
    desk.answer("reqMktData", subscription())
    desk.join(MARKET, ("tickPrice", ASK))
    assert (ticker.stale, ticker.bid, ticker.ask) == (False, None, 11.0)
    ticker.close()
    desk.collect()
    assert len(desk.asked("release")) == 1


def test_a_release_of_another_method_or_stream_does_not_concern_the_ticker(desk):
    ticker = desk.ticker()
    release(desk, "release", {"stream": "265598", "method": "reqTickByTickData"}, "265598")
    release(desk, "cancelMktData", {"stream": "5"}, "5")
    assert not ticker.stale


def test_a_stream_that_has_ended_is_not_the_programs_any_more(desk):
    ticker = desk.ticker()
    plain(desk)
    desk.hear(f"{MARKET}ended", ENDED)
    desk.wait(2)
    desk.answer("reqMktData", subscription())
    desk.join(MARKET)
    ticker.close()
    desk.collect()
    assert len(desk.asked("release")) == 1


# A bridge that has restarted, and does not reach TWS yet


def accounts_after_restart():
    desk = Desk()
    positions = shared.new_positions(desk.hub, "")
    desk.collect()
    desk.answer("reqPositions", subscription("Positions", "account."))
    row = {"account": "DU1", "contract": {"conId": 1, "symbol": "A"}, "position": "5"}
    desk.join("account.", ("DU1.position", row))
    assert (len(positions), positions.stale) == (1, False)
    desk.restart()
    desk.join("account.")
    assert (len(positions), positions.stale) == (0, True), "an empty snapshot is no word about positions"
    desk.wait(1)
    return desk, positions, row


@pytest.mark.parametrize("state", ["lost", "cut", "doubtful", "asking"])
def test_after_a_restart_it_is_stale_until_the_bridge_says_that_tws_serves_the_stream(state):
    desk, positions, row = accounts_after_restart()
    for _ in range(3):
        desk.status("Positions", method="reqPositions", state=state)
        desk.wait(20)
        assert positions.stale
    desk.status("Positions", method="reqPositions")
    assert positions.stale, "the positions may still be on their way"
    desk.join("account.", ("DU1.position", row))
    assert (len(positions), positions.stale) == (1, False)


def test_after_a_restart_recovered_is_a_word_too_and_an_older_status_does_not_undo_it():
    desk, positions, row = accounts_after_restart()
    outage = {"streams": ["Positions"], "topics": ["account."], "reason": "the bridge has started", "since": 1}
    desk.hear("account.DU1.gap", outage)
    desk.hear("account.DU1.recovered", {**outage, "until": 2})
    desk.join("account.", ("DU1.position", row))
    desk.status("Positions", method="reqPositions", state="lost")
    assert (len(positions), positions.stale) == (1, False)


def test_an_outage_that_begins_after_the_question_is_not_ended_by_its_answer():
    desk, positions, _ = accounts_after_restart()
    outage = {"streams": ["Positions"], "topics": ["account."], "reason": "the bridge has started", "since": 1}
    desk.hear("account.DU1.gap", outage)
    desk.status("Positions", method="reqPositions")
    assert positions.hold.state == "stale"


def test_a_loss_of_events_in_an_outage_does_not_end_it():
    """The outage of a stream from before the bridge started is in no snapshot before TWS is there."""
    desk, positions, _ = accounts_after_restart()
    desk.status("Positions", method="reqPositions", state="lost")
    desk.hear("account.DU1.updateAccountTime", {}, skip=3)
    desk.join("account.")
    assert positions.stale


def test_positions_of_which_tws_has_not_sent_all_are_stale():
    desk = Desk()
    positions = shared.new_positions(desk.hub, "")
    desk.collect()
    desk.answer("reqPositions", subscription("Positions", "account.", confirmed=False))
    desk.join("account.")
    assert shared.has_begun(desk.hub, positions)
    assert positions.stale
    desk.wait(3)
    desk.status("Positions", method="reqPositions")
    desk.join("account.")
    assert not positions.stale
