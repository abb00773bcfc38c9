"""Holds survive the bridge: on disk before a client is told, asked of TWS again at the next start."""

from __future__ import annotations

import pytest

from bridge.session.clients import CLIENT
from bridge.session.rights.grants import Grant
from bridge.session.rights.permissions import Permissions
from bridge.session.streams.hold_life import HOLD, TOLD
from bridge.session.streams.holds import SLOW
from tests.session.conftest import AAPL, Bench

LEASE = 30.0
MSFT = AAPL | {"conId": 272093, "symbol": "MSFT"}


def subscribe(bench, client="alice", contract=AAPL):
    return bench.ask("reqMktData", client=client, contract=contract)


def tick(bench, price=100.0):
    req_id = bench.last_sent("reqMktData")["reqId"]
    bench.tws("tickPrice", reqId=req_id, tickType=1, price=price, size="1")


def held(bench, client="alice"):
    streams = bench.result(bench.ask("status", client=client))["streams"]
    return {stream["stream"]: stream["state"] for stream in streams if stream["held"]}


def restarted(bench, **rules):
    """The same bridge, killed and started anew, and connected."""
    bench.disk.lose_power()
    again = Bench(bench.disk, **rules)
    again.ready()
    return again


def test_a_hold_survives_a_restart_of_the_bridge(ready):
    id_ = subscribe(ready)
    tick(ready)
    assert ready.result(id_)["kept"] is True
    again = restarted(ready)
    again.wait(0.1)
    assert again.last_sent("reqMktData")["contract"] == AAPL
    assert again.on("system.gap")[0]["data"]["topics"] == ["market.265598."]
    tick(again, 101.0)
    assert again.on("market.265598.tickPrice")[0]["data"]["price"] == 101.0
    assert again.on("system.recovered")[0]["data"]["topics"] == ["market.265598."]
    assert held(again) == {"265598": "live"}
    id_ = subscribe(again)
    assert again.result(id_)["confirmed"] is True
    assert len(again.sends("reqMktData")) == 1


def test_every_kind_of_hold_survives(ready):
    subscribe(ready)
    tick(ready)
    ready.ask("reqPositions", client="bob")
    ready.tws("positionEnd")
    ready.ask("reqMktDepth", client="bob", contract=MSFT, numRows=5)
    ready.tws("updateMktDepth", reqId=ready.last_sent("reqMktDepth")["reqId"],
              marketDepthData={"position": 0, "side": 1, "price": 9.0})  # fmt: skip
    again = restarted(ready)
    again.wait(0.1)
    assert {send.name for send in again.sent} >= {"reqMktData", "reqMktDepth"}
    assert again.last_sent("reqMktDepth")["numRows"] == 5
    assert set(held(again, "bob")) == {"272093-5rows", "Positions"}


def test_who_is_not_heard_after_a_restart_loses_its_holds_a_lease_later(ready):
    subscribe(ready)
    subscribe(ready, client="bob")
    tick(ready)
    again = restarted(ready)
    again.wait(LEASE / 2)
    again.ask("ping", client="bob")
    again.wait(LEASE / 2 + 2)
    assert [event["data"] for event in again.on("system.clientLost")] == [{"client": "alice", "released": ["265598"]}]
    assert held(again, "bob") == {"265598": "asking"}
    again.ask("ping", client="bob")
    third = restarted(again)
    assert held(third, "alice") == {}
    assert held(third, "bob") == {"265598": "lost"}


def test_what_was_released_stays_released(ready):
    subscribe(ready)
    tick(ready)
    ready.ask("release", stream="265598")
    again = restarted(ready)
    again.wait(1)
    assert again.sends("reqMktData") == []
    assert ready.disk.holds == {}


def test_what_tws_refuses_is_no_hold(ready):
    id_ = subscribe(ready)
    ready.error(ready.last_sent("reqMktData")["reqId"], 200, "No security definition")
    assert ready.failure(id_)["code"] == "rejectedByTws"
    assert ready.disk.holds == {}


def test_what_tws_ends_later_is_no_hold(ready):
    subscribe(ready)
    tick(ready)
    ready.error(ready.last_sent("reqMktData")["reqId"], 354, "not subscribed")
    assert ready.disk.holds == {}
    assert held(restarted(ready)) == {}


def test_nobody_is_told_of_a_hold_that_is_not_on_disk(ready):
    ready.disk.held = True
    id_ = subscribe(ready)
    tick(ready)
    assert ready.answers(id_) == []
    again = restarted(ready)
    assert held(again) == {}
    ready.disk.held = False


def test_a_full_disk_is_told(ready):
    ready.disk.full = True
    id_ = subscribe(ready)
    tick(ready)
    assert ready.result(id_)["kept"] is False
    assert held(ready) == {"265598": "live"}
    ready.disk.full = False
    assert ready.result(subscribe(ready))["kept"] is False
    assert ready.result(subscribe(ready))["kept"] is True
    assert list(held(restarted(ready))) == ["265598"]


def test_a_disk_that_hangs_lets_nobody_wait(ready):
    ready.disk.held = True
    id_ = subscribe(ready)
    tick(ready)
    ready.wait(SLOW)
    assert ready.result(id_)["kept"] is False
    ready.release()
    assert ready.result(subscribe(ready))["kept"] is True


@pytest.mark.parametrize("end", ["release", "refused", "lost", "timeout"])
def test_what_ends_before_it_is_on_disk_is_not_there_after(ready, end):
    ready.disk.held = True
    id_ = "r77"
    ready.request({"v": 1, "id": id_, "client": "alice", "method": "reqMktData", "params": {"contract": AAPL},
                   "timeout": 1.0})  # fmt: skip
    tick(ready)
    match end:
        case "release":
            ready.ask("release", stream="265598")
        case "refused":
            ready.error(ready.last_sent("reqMktData")["reqId"], 354, "not subscribed")
        case "lost":
            ready.session.on_lost("gone", ready.now)
            ready.collect()
        case "timeout":
            ready.wait(1.1)
    assert not ready.answers(id_)[0]["ok"]
    ready.release()
    assert ready.disk.holds == {}
    assert held(ready) == {}


def test_a_hold_that_its_client_may_no_longer_have_ends_at_the_start(ready):
    subscribe(ready)
    subscribe(ready, client="bob")
    tick(ready)
    rights = Permissions({"bob": Grant(), "carol": Grant()})
    again = restarted(ready, permissions=rights)
    assert held(again, "bob")
    assert [hold[0] for hold in again.disk.holds] == ["bob"]
    assert any("the hold of alice on 265598" in entry.text for entry in again.logs)


def test_a_hold_of_a_stream_that_this_version_names_otherwise_ends_at_the_start(ready):
    subscribe(ready)
    tick(ready)
    (name, record), *_ = ready.disk.holds.items()
    ready.disk.holds = {
        (*name[:2], "another"): record._replace(stream="another"),
        ("alice", "reqGone", "x"): record._replace(method="reqGone", stream="x"),
    }
    again = restarted(ready)
    assert again.disk.holds == {}
    assert held(again) == {}


def test_a_release_that_the_disk_could_not_take_is_tried_again(ready):
    subscribe(ready)
    tick(ready)
    ready.disk.full = True
    ready.ask("release", stream="265598")
    ready.wait(10)
    assert len([entry for entry in ready.logs if "the hold of alice on 265598 has ended" in entry.text]) == 1
    assert len(ready.disk.holds) == 1
    ready.disk.full = False
    ready.wait(1)
    assert ready.disk.holds == {}


def test_it_is_not_tried_again_when_the_client_holds_the_stream_again(ready):
    subscribe(ready)
    tick(ready)
    ready.disk.full = True
    ready.ask("release", stream="265598")
    ready.disk.full = False
    id_ = subscribe(ready)
    tick(ready)
    assert ready.result(id_)["kept"] is True
    ready.wait(10)
    assert len(ready.disk.holds) == 1


def test_of_two_streams_with_one_name_the_method_says_which_to_release(ready):
    ready.ask("reqPnL", account="DU1")
    ready.tws("pnl", reqId=ready.last_sent("reqPnL")["reqId"], dailyPnL=1.0)
    ready.ask("reqAccountUpdates", subscribe=True, acctCode="DU1")
    ready.tws("accountDownloadEnd", accountName="DU1")
    failure = ready.failure(ready.ask("release", stream="DU1"))
    assert failure["data"]["field"] == "method"
    assert "DU1) of reqPnL" in failure["message"]
    ready.request({"v": 1, "id": "x1", "client": "alice", "method": "release",
                   "params": {"stream": "DU1", "method": "reqPnL"}})  # fmt: skip
    assert ready.result("x1") == {"released": "DU1"}
    assert len(ready.sends("cancelPnL")) == 1
    assert [name[1] for name in ready.disk.holds] == ["reqAccountUpdates"]


def test_a_loss_before_tws_has_told_its_accounts_is_told_below_the_accounts_of_before(ready):
    """Found by the simulation: the gap and its end were told below `account.all.`, where nobody listens."""
    ready.ask("reqPositions")
    ready.tws("positionEnd")
    ready.disk.lose_power()
    again = Bench(ready.disk)
    again.start()
    again.session.on_lost("the client id is in use", again.now)
    again.collect()
    again.ready()
    again.wait(0.1)
    again.tws("positionEnd")
    told = [topic for topic, body in again.events if body["event"] in ("gap", "recovered")]
    assert told == ["account.DU1.gap", "account.DU1.recovered"]


# Who listens


def test_one_who_only_listens_keeps_its_streams(ready):
    subscribe(ready)
    tick(ready)
    for _ in range(80):
        ready.session.on_listeners({"alice", "zoe"}, ready.now)
        ready.wait(1)
    assert len(ready.on("system.clientSilent")) == 1
    assert ready.on("system.clientLost") == []
    tick(ready)
    assert ready.sends("cancelMktData") == []
    ready.wait(LEASE + 2)
    assert ready.on("system.clientLost")[0]["data"] == {"client": "alice", "released": ["265598"]}
    assert len(ready.sends("cancelMktData")) == 1


def test_one_who_listens_and_asks_again_is_present(ready):
    subscribe(ready)
    tick(ready)
    for _ in range(40):
        ready.session.on_listeners(["alice"], ready.now)
        ready.wait(1)
    ready.ask("ping")
    assert [event["data"]["client"] for event in ready.on("system.clientJoined")] == ["alice", "alice"]
    ready.wait(LEASE + 2)
    assert len(ready.on("system.clientLost")) == 1


def test_a_hung_strategy_loses_its_orders_though_its_socket_listens(make_bench):
    rights = Permissions(None, Grant(roles=frozenset({"trade"}), when_lost="cancel"))
    bench = make_bench(permissions=rights)
    bench.ready()
    bench.ask("placeOrder", orderKey="k1", contract=AAPL,
              order={"action": "BUY", "orderType": "LMT", "totalQuantity": "1", "lmtPrice": 1.0})  # fmt: skip
    order_id = bench.last_sent("placeOrder")["orderId"]
    for _ in range(40):
        bench.session.on_listeners({"alice"}, bench.now)
        bench.wait(1)
    assert bench.on("system.clientSilent")[0]["data"]["cancelling"] == ["k1"]
    assert [send["orderId"] for send in bench.sends("cancelOrder")] == [order_id]


# The tables


@pytest.mark.parametrize("state", HOLD.about)
def test_every_event_has_a_place_in_every_state(state):
    assert set(HOLD.table[state]) == set(HOLD.about_events)


@pytest.mark.parametrize("state", [state for state in HOLD.about if state not in TOLD])
def test_nobody_is_told_before_the_disk_has_spoken(state):
    told_by = {event for event, to in HOLD.table[state].items() if to in TOLD}
    assert told_by <= {"written", "notWritten", "slow", "recalled"}


@pytest.mark.parametrize("state", HOLD.about)
def test_only_what_is_on_disk_counts_as_kept(state):
    to_held = {event for event, to in HOLD.table[state].items() if to == "held" and state != "held"}
    assert to_held <= {"written", "recalled"}


@pytest.mark.parametrize("state", CLIENT.about)
def test_who_asks_is_present_and_only_time_makes_it_lost(state):
    assert CLIENT.table[state]["heard"] == "present"
    assert CLIENT.table[state]["leaseOver"] == "lost"


def test_a_lost_client_does_not_subscribe_when_tws_is_back():
    """It asked while the bridge had no connection, and its lease is over since."""
    bench = Bench(lease=4.0)
    bench.start()
    body = {"v": 1, "id": "x", "client": "alice", "method": "reqMktData", "params": {"contract": AAPL}, "timeout": 60}
    bench.request(body)
    bench.wait(10)
    assert bench.on("system.clientLost")
    assert bench.failure("x")["code"] == "cancelled"
    bench.ready()
    bench.wait(10)
    assert bench.sends("reqMktData") == []
