"""What clients can make grow is bounded, is in `status`, and has a clear answer when it is full."""

from __future__ import annotations

import pytest

from bridge.session.bounds import Bounds
from bridge.session.effects import Reply
from bridge.session.request_store import MOST_ROUTES, RequestStore
from bridge.session.requests import MOST_BYTES_OF_OTHERS, Refused, Request
from bridge.session.stored_replies import StoredReplies, footprint
from bridge.session.timers import TimerQueue
from bridge.session.values import Instant
from tests.session.conftest import AAPL

ORDER = {"action": "BUY", "orderType": "LMT", "totalQuantity": "10", "lmtPrice": 5.0}


def request(id_, client="alice", *, changes=False, size=100):
    made = Request(client, id_, "reqIds", {}, None, False, f"digest of {id_}", changes=changes)
    made.size = size
    return made


def answered(id_, client="alice", *, changes=False, text=""):
    made = request(id_, client, changes=changes)
    made.answer = {"v": 1, "id": id_, "ok": True, "kind": "sent", "result": text}
    return made


def limits(bench):
    return {limit["bound"]: limit for limit in bench.result(bench.ask("status"))["limits"]}


# Stored replies


def test_replies_to_reads_are_forgotten_first_and_the_oldest_of_them():
    stored = StoredReplies(8, 1 << 30)
    forgotten = [
        gone.id
        for number, changes in enumerate([True, False, True, False, True, True, True])
        for gone in stored.add(answered(f"r{number}", changes=changes))
    ]
    assert forgotten == ["r1", "r3", "r0"]


def test_a_client_pushes_out_none_of_the_others():
    stored = StoredReplies(10, 1 << 30)
    stored.add(answered("mine", "alice"))
    gone = [gone.client for number in range(100) for gone in stored.add(answered(f"m{number}", "mallory"))]
    assert len(stored) == 6
    assert set(gone) == {"mallory"}


def test_the_bytes_of_replies_are_bounded_and_one_that_is_too_large_is_not_kept():
    stored = StoredReplies(1000, 100_000)
    for number in range(50):
        stored.add(answered(f"r{number}", text="x" * 10_000))
    assert 20_000 < stored.bytes <= 50_000
    before = len(stored)
    large = answered("large", text="x" * 60_000)
    assert stored.add(large) == [large]
    assert len(stored) == before


@pytest.mark.parametrize("count", [10, 1000, 100_000])
def test_the_memory_of_a_long_list_is_estimated_from_a_few_of_its_elements(count):
    one = footprint({"event": "x" * 100, "data": {"a": 1.5, "b": "y" * 50}})
    listed = footprint([{"event": "x" * 100, "data": {"a": 1.5, "b": "y" * 50}} for _ in range(count)])
    assert count * one < listed < count * (one + 20) + 100


def test_a_reply_that_was_forgotten_is_asked_for_anew_and_one_of_a_cancel_is_still_there(make_bench):
    bench = make_bench(bounds=Bounds(stored_replies=4))
    bench.ready()
    bench.ask("cancelOrder", id="change", orderKey="nothing")
    for number in range(10):
        bench.ask("reqMarketDataType", id=f"m{number}", marketDataType=3)
    sent = len(bench.sent)
    bench.ask("cancelOrder", id="change", orderKey="nothing")
    first, second = bench.answers("change")
    assert (first["error"]["code"], second) == ("unknownOrder", first)
    assert len(bench.sent) == sent
    assert limits(bench)["storedReplies"] | {"used": 0} == {
        "bound": "storedReplies", "used": 0, "most": 4, "refused": 0
    }  # fmt: skip
    assert limits(bench)["storedReplies"]["used"] == 2


def test_the_params_of_an_answered_request_take_no_memory(ready):
    id_ = ready.ask("reqContractDetails", contract={**AAPL, "conId": 1})
    store = ready.session._outbox.requests
    assert store.find("alice", id_).params
    ready.error(ready.last_sent("reqContractDetails")["reqId"], 200)
    assert store.find("alice", id_).params == {}


# Open requests


def test_a_client_has_half_of_the_open_requests_and_all_have_no_more_than_that():
    store = RequestStore(Bounds(open_requests=4))
    for id_ in ("a", "b"):
        store.admit(request(id_), (b"1",))
    with pytest.raises(Refused, match="openRequests: alice has 2") as refused:
        store.admit(request("c"), (b"1",))
    assert (refused.value.code, refused.value.data) == ("limitReached", {"bound": "openRequests", "most": 2})
    for id_ in ("a", "b"):
        store.admit(request(id_, "bob"), (b"2",))
    with pytest.raises(Refused, match="all clients together have 4") as refused:
        store.admit(request("a", "carol"), (b"3",))
    assert refused.value.data == {"bound": "openRequests", "most": 4}


def test_a_cancel_gets_in_where_other_requests_do_not():
    store = RequestStore(Bounds(open_requests=2))
    store.admit(request("a"), (b"1",))
    assert store.admit(request("cancel"), (b"1",), room=2) == (True, [])
    with pytest.raises(Refused):
        store.admit(request("cancel 2"), (b"1",), room=2)


def test_a_client_gets_a_few_requests_in_however_many_others_are_open():
    store = RequestStore(Bounds(open_requests=40, open_bytes=1000))
    for client in ("mad", "madder"):
        for number in range(20):
            store.admit(request(f"m{number}", client, size=25), (b"1",))
    with pytest.raises(Refused):
        store.admit(request("large", size=400), (b"1",))
    for number in range(4):
        assert store.admit(request(f"small {number}", size=25), (b"1",))[0]
    with pytest.raises(Refused) as refused:
        store.admit(request("one more", size=0), (b"1",))
    assert refused.value.data == {"bound": "openRequests", "most": 40}


def test_a_few_requests_of_a_client_may_always_wait(make_bench):
    bench = make_bench(most_waiting=20)
    bench.start()
    for client in ("mad", "madder"):
        for _ in range(10):
            bench.ask("reqCurrentTime", client)
    ids = [bench.ask("reqCurrentTime") for _ in range(3)]
    assert [bool(bench.answers(id_)) for id_ in ids] == [False, False, True]


def test_an_answer_makes_room():
    store = RequestStore(Bounds(open_requests=2, open_bytes=1000))
    first = request("a", size=500)
    store.admit(first, (b"1",))
    store.answer(first, {"ok": True, "kind": "sent", "result": {}})
    assert store.admit(request("b", size=500), (b"1",))[0]


def test_the_bytes_of_open_requests_are_bounded():
    store = RequestStore(Bounds(open_bytes=1000))
    store.admit(request("a", size=400), (b"1",))
    with pytest.raises(Refused) as refused:
        store.admit(request("b", size=101), (b"1",))
    assert refused.value.data == {"bound": "openRequestBytes", "most": 500}
    store.admit(request("b", "bob", size=500), (b"1",))
    with pytest.raises(Refused) as refused:
        store.admit(request("c", "carol", size=101), (b"1",))
    assert refused.value.data == {"bound": "openRequestBytes", "most": 1000}


def test_the_reply_goes_to_the_connections_that_asked_last():
    store, one = RequestStore(), request("a")
    for number in range(100):
        store.admit(one if number == 0 else request("a"), (b"%d" % number,))
    replies = store.answer(one, {"ok": True, "kind": "sent", "result": {}})
    assert [reply.route for reply in replies] == [(b"%d" % number,) for number in range(100 - MOST_ROUTES, 100)]
    assert all(isinstance(reply, Reply) for reply in replies)


def test_too_many_open_requests_are_refused_counted_and_nothing_is_sent(make_bench):
    bench = make_bench(bounds=Bounds(open_requests=4))
    bench.ready()
    for number in range(3):
        bench.ask("reqContractDetails", id=f"d{number}", contract={**AAPL, "conId": 1 + number})
    assert bench.failure("d2")["data"] == {"bound": "openRequests", "most": 2}
    assert len(bench.sends("reqContractDetails")) == 2
    assert limits(bench)["openRequests"] == {"bound": "openRequests", "used": 2, "most": 4, "refused": 1}


def test_only_orders_may_be_large(ready):
    body = {"v": 1, "id": "large", "client": "alice", "method": "reqContractDetails", "params": {"contract": AAPL}}
    ready.session.on_request((b"alice",), body, ready.now, None, MOST_BYTES_OF_OTHERS + 1)
    order = {"contract": AAPL, "order": ORDER, "orderKey": "k"}
    ready.session.on_request(
        (b"alice",), {**body, "id": "order", "method": "placeOrder", "params": order}, ready.now, None,
        MOST_BYTES_OF_OTHERS + 1,
    )  # fmt: skip
    ready.collect()
    assert ready.failure("large")["code"] == "tooLarge"
    assert ready.failure("large")["data"] == {"bound": "requestBytes", "most": MOST_BYTES_OF_OTHERS}
    assert len(ready.sends("placeOrder")) == 1


# Clients, streams, order logs, snapshots


def test_a_name_too_many_is_refused_until_another_is_lost(make_bench):
    bench = make_bench(bounds=Bounds(clients=2), lease=10.0)
    bench.ready()
    for client in ("alice", "bob"):
        bench.ask("ping", client)
    assert bench.failure(bench.ask("ping", "carol"))["data"] == {"bound": "clients", "most": 2}
    assert bench.result(bench.ask("ping", "alice"))
    bench.wait(7)
    bench.ask("ping", "alice")
    bench.wait(7)
    assert bench.result(bench.ask("ping", "carol"))


def test_streams_are_bounded_in_all_and_for_each_client(make_bench):
    bench = make_bench(bounds=Bounds(streams=4))
    bench.ready()
    for con_id in (1, 2, 3):
        bench.ask("reqPnLSingle", id=f"a{con_id}", account="DU1", modelCode="", conId=con_id)
    assert bench.failure("a3")["data"] == {"bound": "streams", "most": 2}
    bench.ask("reqPnLSingle", "bob", id="shared", account="DU1", modelCode="", conId=1)
    assert bench.answers("shared") == []  # it waits for TWS like the others
    for client, con_id in (("bob", 5), ("carol", 6), ("dave", 7)):
        bench.ask("reqPnLSingle", client, id=f"{client}{con_id}", account="DU1", modelCode="", conId=con_id)
    assert bench.failure("dave7")["data"] == {"bound": "streams", "most": 4}
    assert limits(bench)["streams"] == {"bound": "streams", "used": 4, "most": 4, "refused": 2}


def test_reads_of_order_logs_are_bounded_while_the_disk_is_slow(make_bench):
    bench = make_bench(bounds=Bounds(log_reads=4))
    bench.ready()
    bench.disk.held = True
    for number in range(3):
        bench.ask("orderLog", id=f"l{number}", after=0)
    assert bench.failure("l2")["data"] == {"bound": "orderLogReads", "most": 2}
    bench.release()
    assert bench.result("l0")["head"] == 0
    bench.ask("orderLog", id="again", after=0)
    assert bench.result("again")["head"] == 0


def test_a_snapshot_that_is_too_large_says_so(make_bench):
    bench = make_bench(bounds=Bounds(snapshot_events=3))
    bench.ready()
    bench.ask("reqMktData", contract=AAPL)
    req_id = bench.last_sent("reqMktData")["reqId"]
    for tick in (1, 2):
        bench.tws("tickPrice", reqId=req_id, tickType=tick, price=1.5, size="100")
    assert len(bench.result(bench.ask("snapshot", prefix="market."))["events"]) == 2
    error = bench.failure(bench.ask("snapshot", prefix=""))
    assert (error["code"], error["data"]) == ("tooLarge", {"bound": "snapshotEvents", "most": 3})


def test_new_instances_are_bounded_because_each_is_written_to_disk(ready):
    for number in range(25):
        ready.ask("hello", id=f"h{number}", instance=f"i{number}")
    assert ready.failure("h20")["data"] == {"bound": "newInstances", "most": 20}
    assert len(ready.remembered) == 20
    assert ready.result(ready.ask("hello", "bob", instance="b"))["client"] == "bob"
    ready.wait(61)
    assert ready.result(ready.ask("hello", instance="later"))["client"] == "alice"


# Timers and the log


def test_cancelled_timers_do_not_stay_until_they_are_due():
    timers, ran = TimerQueue(), []
    for number in range(20_000):
        timers.at(600.0 + number, lambda _now: ran.append("cancelled")).cancel()
    timers.at(1.0, lambda _now: ran.append("due"))
    assert len(timers._heap) < 3000
    assert len(timers) == 1
    timers.run(Instant(1e9, 0))
    assert ran == ["due"]


def test_a_timer_that_is_cancelled_twice_or_after_it_ran_counts_once():
    timers = TimerQueue()
    ran, kept = timers.at(1.0, lambda _now: None), timers.at(5.0, lambda _now: None)
    timers.run(Instant(2.0, 0))
    for timer in (ran, ran):
        timer.cancel()
    assert len(timers) == 1
    kept.cancel()
    kept.cancel()
    assert (len(timers), timers.next()) == (0, None)


def test_each_refusal_is_told_to_the_log_with_its_rule(make_bench):
    """The log itself limits how many lines it writes: `tests/logs/test_throttle.py`."""
    from bridge.session.rights.grants import Grant
    from bridge.session.rights.permissions import Permissions

    bench = make_bench(permissions=Permissions({"eve": Grant()}))
    bench.ready()
    before = len(bench.logs)
    bench.ask("ping", "mallory")
    bench.ask("reqPositions", "eve")
    told = [(log.event, log.fields["client"], log.fields["code"], log.fields["rule"]) for log in bench.logs[before:]]
    assert told == [
        ("requestRefused", "mallory", "notPermitted", "clients"),
        ("requestRefused", "eve", "notPermitted", "roles"),
    ]


# Defects


def test_a_request_that_the_bridge_fails_to_handle_costs_nobody_else_anything(ready, monkeypatch):
    def fail(*_words):
        raise ZeroDivisionError("a defect")

    ready.may_fail = True
    with monkeypatch.context() as patched:
        patched.setattr(ready.session._subscriptions.joining, "cost", fail)
        broken = ready.ask("reqMktData", contract=AAPL)
        patched.setattr(ready.session._clients, "hear", fail)
        ready.ask("reqCurrentTime", id="unheard")
    assert ready.logs[-1].text.startswith("a defect of the bridge: it failed to handle reqCurrentTime: ZeroDivision")
    assert ready.failure("unheard")["code"] == "noResponse"
    assert ready.result(ready.ask("ping"))
    assert ready.answers(broken) == []
    ready.wait(31)
    assert ready.failure(broken)["code"] == "noResponse"


def test_a_combination_whose_legs_lack_a_field_has_a_name(ready):
    """The hostile crowd found that the bridge could not sort such legs."""
    legs = [{"conId": 1, "ratio": 1, "action": "BUY"}, {"conId": 1, "ratio": 1, "action": "BUY", "exchange": "SMART"},
            {"ratio": 1, "action": "SELL"}, {"conId": 7}]  # fmt: skip
    contract = {"symbol": "A,B", "secType": "BAG", "currency": "USD", "exchange": "SMART", "comboLegs": legs}
    ready.ask("reqMktData", contract=contract)
    assert len(ready.sends("reqMktData")) == 1
