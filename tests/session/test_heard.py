"""Who hears what of the bridge itself: nothing on a topic that all may hear tells of what only some may."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import bridge.session
from bridge.catalogue import catalogue
from bridge.contract import contract
from bridge.session.rights.grants import PUBLIC_SYSTEM, Grant, is_public
from bridge.session.rights.permissions import Permissions
from bridge.session.routing import RoutingTable
from bridge.tws.events import UnknownMessage
from tests.session.conftest import AAPL, Bench

GRANTS = {
    "eve": Grant(frozenset({"observe"})),
    "alice": Grant(frozenset({"trade"})),
    "carol": Grant(frozenset({"account"})),
    "dora": Grant(frozenset({"account"}), accounts=frozenset({"DU1"})),
    "boss": Grant(frozenset({"admin"})),
}
#: What is heard by some only. The last four come before anyone may ask anything.
PRIVATE_SYSTEM = {"managedAccounts", "decodeError", "defect", "unknownMessage", "unexpected"} | {
    "verifyMessageAPI", "verifyCompleted", "verifyAndAuthMessageAPI", "verifyAndAuthCompleted",
}  # fmt: skip


def bench_with(accounts="DU1,DU2"):
    bench = Bench(permissions=Permissions(GRANTS))
    bench.ready(accounts=accounts)
    return bench


def system_events():
    """Every event of `system.`: TWS's, the bridge's as declared, and those that the session names in its source."""
    declared = {name for name, plan in RoutingTable(catalogue()).events.items() if plan.family == "system"}
    source = "".join(path.read_text() for path in Path(bridge.session.__file__).parent.rglob("*.py"))
    own = set(re.findall(r'"system\.", "(\w+)"', source)) | set(re.findall(r'_undecoded\("(\w+)"', source))
    assert {"heartbeat", "unexpected", "trading", "decodeError"} <= own
    declared |= {event.event or event.name for event in contract().events.values() if "system" in event.topics}
    return (declared | own) - {"error"}


def test_of_every_event_it_is_decided_whether_all_may_hear_it():
    assert system_events() == set(PUBLIC_SYSTEM) | PRIVATE_SYSTEM
    assert not set(PUBLIC_SYSTEM) & PRIVATE_SYSTEM


@pytest.mark.parametrize(
    ("client", "heard"),
    [("eve", set()), ("alice", set()), ("carol", {"managedAccounts"}), ("dora", set()), ("boss", PRIVATE_SYSTEM)],
)
def test_what_only_some_may_hear(client, heard):
    permissions = Permissions(GRANTS)
    for event in PRIVATE_SYSTEM:
        assert permissions.cut(client, f"system.{event}") == ([f"system.{event}"] if event in heard else [])
    for event in PUBLIC_SYSTEM:
        assert permissions.may_hear(client, f"system.{event}")
    assert is_public("system.heartbeat")
    assert not is_public("system.")


def test_snapshots_and_numbers_follow_the_same_cuts():
    bench = bench_with()
    bench.session.on_event(UnknownMessage(99, b"DU1"), bench.now)
    bench.collect()
    assert bench.on("system.unknownMessage")
    for client, heard in (("eve", False), ("dora", False), ("carol", True), ("boss", True)):
        snapshot = bench.result(bench.ask("snapshot", client=client, prefix="system."))
        numbers = bench.result(bench.ask("sequences", client=client, prefix=""))["sequences"]
        topics = [event["topic"] for event in snapshot["events"]]
        assert topics.count("system.connection") == 1
        assert ("system.managedAccounts" in topics) is heard
        assert ("system.managedAccounts" in numbers) is heard
        assert ("system.unknownMessage" in numbers) is (client == "boss")


def test_a_subscription_of_an_observer_brings_no_snapshot_of_more_than_it_may_hear():
    bench = bench_with()
    id_ = bench.ask("subscribeToGroupEvents", client="eve", groupId=1)
    bench.tws("displayGroupUpdated", reqId=bench.last_sent("subscribeToGroupEvents")["reqId"], contractInfo="265598")
    result = bench.result(id_)
    assert result["topic"] == "system.displayGroupUpdated"
    assert {event["topic"] for event in result["snapshot"]["events"]} == {"system.displayGroupUpdated"}
    (stream,) = bench.result(bench.ask("status", client="eve"))["streams"]
    assert stream["held"]


# Gaps


def listening(bench):
    """Streams of one instrument, of all accounts and of one."""
    bench.ask("reqMktData", client="eve", contract=AAPL)
    bench.tws("tickPrice", reqId=bench.last_sent("reqMktData")["reqId"], tickType=1, price=1.5, size="1")
    bench.ask("reqPositions", client="carol")
    bench.tws("positionEnd")
    bench.ask("reqPnL", client="carol", account="DU2")
    bench.tws("pnl", reqId=bench.last_sent("reqPnL")["reqId"], dailyPnL=1.0)


def test_a_lost_connection_is_told_of_each_stream_to_those_who_may_hear_it():
    bench = bench_with()
    listening(bench)
    bench.session.on_lost("end of file", bench.now)
    bench.collect()
    (public,) = bench.on("system.gap")
    assert (public["data"]["streams"], public["data"]["topics"]) == (["265598"], ["market.265598."])
    assert "end of file" in public["data"]["reason"]
    topics = {account: [body["data"]["topics"] for body in bench.on(f"account.{account}.gap")]
              for account in ("DU1", "DU2", "all")}  # fmt: skip
    assert topics == {"DU1": [["account."]], "DU2": [["account.", "account.DU2."]], "all": [["account."]]}


def test_where_there_is_one_account_its_gap_is_told_once():
    bench = bench_with("DU1")
    bench.ask("reqPositions", client="carol")
    bench.tws("positionEnd")
    bench.session.on_lost("end of file", bench.now)
    bench.collect()
    assert len(bench.on("account.DU1.gap")) == 1
    assert bench.on("account.all.gap") == bench.on("system.gap") == []


def test_that_tws_ends_a_stream_of_an_account_is_told_below_the_account():
    bench = bench_with()
    listening(bench)
    bench.error(bench.last_sent("reqPnL")["reqId"], 200, "no more of DU2")
    assert bench.on("system.ended") == []
    assert bench.on("account.DU2.ended")[0]["data"]["code"] == 200


def test_what_a_lost_client_held_of_accounts_is_not_told_to_all():
    bench = bench_with()
    bench.ask("reqPositions", client="carol")
    bench.tws("positionEnd")
    bench.ask("reqMktData", client="carol", contract=AAPL)
    bench.tws("tickPrice", reqId=bench.last_sent("reqMktData")["reqId"], tickType=1, price=1.5, size="1")
    bench.wait(32)
    lost = {body["data"]["client"]: body["data"]["released"] for body in bench.on("system.clientLost")}
    assert lost == {"carol": ["265598"]}
    assert bench.sends("cancelPositions") == [{}]


# Other clients


def test_a_marker_does_not_say_what_its_asker_is_after():
    bench = bench_with()
    bench.ask("snapshot", client="carol", prefix="account.DU2.", nonce="abc")
    assert bench.on("sync.abc")[0]["data"] == {}


def test_who_holds_a_stream_is_for_admins_and_how_many_do_for_all():
    bench = bench_with()
    for client in ("alice", "carol"):
        bench.ask("reqMktData", client=client, contract=AAPL)
    bench.tws("tickPrice", reqId=bench.last_sent("reqMktData")["reqId"], tickType=1, price=1.5, size="1")
    told = {client: bench.result(bench.ask("status", client=client))["streams"][0] for client in GRANTS}
    assert {client: stream["held"] for client, stream in told.items() if stream["held"]} == {
        "alice": True,
        "carol": True,
    }
    assert {stream["holderCount"] for stream in told.values()} == {2}
    assert [client for client, stream in told.items() if "holders" in stream] == ["boss"]
    assert told["boss"]["holders"] == ["alice", "carol"]


def test_without_keys_a_snapshot_has_all_that_the_client_receives():
    """The PUB socket cannot tell its subscribers apart: what a snapshot left out would look like lost events."""
    bench = Bench(permissions=Permissions(GRANTS, has_keys=False))
    bench.ready(accounts="DU1,DU2")
    told = bench.result(bench.ask("sequences", "eve", prefix="system."))["sequences"]
    assert told["system.managedAccounts"] == 1
    assert bench.result(bench.ask("status", "eve"))["accounts"] == ["DU1", "DU2"]
    order = {"action": "BUY", "orderType": "MKT", "totalQuantity": "1"}
    refused = bench.failure(bench.ask("placeOrder", "eve", orderKey="k", contract=AAPL, order=order))
    assert refused["code"] == "notPermitted"
    assert bench.failure(bench.ask("sequences", "mallory", prefix="system."))["code"] == "notPermitted"
