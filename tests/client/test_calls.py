"""Open requests: when they are sent again, and when not."""

from __future__ import annotations

import copy
import pickle

import msgpack
import pytest

from tws_bridge_client.calls import (
    KEEP_ALIVE,
    RESEND,
    RETRY,
    BridgeError,
    BridgeRefusedKey,
    BridgeTimeout,
    Calls,
)

#: What the clock of the client's machine says.
UTC = 1_760_000_000_000_000_000


def reply(call, **more):
    return msgpack.packb({"v": 1, "id": call.id, **more})


def test_a_request_is_a_map_of_the_contract():
    call = Calls("alice", utc=lambda: UTC).make("reqIds", {"numIds": 1}, 5.0, 0.0)
    assert msgpack.unpackb(call.body) == {
        "v": 1, "id": call.id, "client": "alice", "method": "reqIds", "params": {"numIds": 1}, "timeout": 3.5,
    }  # fmt: skip


@pytest.mark.parametrize(("timeout", "of_the_bridge"), [(30, 28.5), (5, 3.5), (1, 0.7)])
def test_the_bridge_gets_less_time_so_that_its_answer_arrives(timeout, of_the_bridge):
    call = Calls("alice", utc=lambda: UTC).make("ping", None, timeout, 0.0)
    assert (msgpack.unpackb(call.body)["timeout"], call.deadline) == (of_the_bridge, timeout)


def test_ids_differ_between_calls_and_runs():
    ids = {Calls("a", utc=lambda: UTC).make("ping", None, 1, 0).id for _ in range(3)}
    assert len(ids) == 3


def test_a_reply_resolves_its_call_once():
    calls = Calls("a", utc=lambda: UTC)
    call = calls.make("ping", None, 1, 0)
    assert calls.on_reply(reply(call, part=1, result={})) is None
    assert calls.on_reply(reply(call, ok=True, result=7)) is call
    assert call.result() == 7
    assert calls.on_reply(reply(call, ok=True, result=8)) is None
    assert calls.next_timer() == float("inf")


def test_an_error_is_raised_with_its_codes():
    calls = Calls("a", utc=lambda: UTC)
    call = calls.make("ping", None, 1, 0)
    error = {"code": "rejectedByTws", "message": "no", "twsCode": 200, "data": {"a": 1}}
    calls.on_reply(reply(call, ok=False, error=error))
    with pytest.raises(BridgeError) as raised:
        call.result()
    assert (raised.value.code, raised.value.tws_code, raised.value.data) == ("rejectedByTws", 200, {"a": 1})
    assert str(raised.value) == "rejectedByTws (TWS 200): no"


def test_without_a_reply_it_is_sent_again_and_then_given_up():
    calls = Calls("a", utc=lambda: UTC)
    call = calls.make("ping", None, 10, 0)
    assert calls.due(RESEND - 0.1) == ([], [])
    assert calls.due(RESEND) == ([call.body], [])
    assert calls.due(RESEND) == ([], [])
    assert calls.due(10) == ([], [call])
    with pytest.raises(BridgeTimeout, match="ping"):
        call.result()


def asked(body):
    request = msgpack.unpackb(body)
    return request["method"], request["params"], request.get("instance")


def test_who_is_silent_pings_also_who_has_said_nothing_yet():
    """Its orders may be cancelled when it is not heard of, and it may have placed them in an earlier life."""
    calls = Calls("a", utc=lambda: UTC)
    assert calls.keep_alive(0) is None
    assert calls.keep_alive(KEEP_ALIVE - 0.1) is None
    assert asked(calls.keep_alive(KEEP_ALIVE)) == ("ping", {}, None)
    calls.make("status", None, 1, KEEP_ALIVE + 1)
    assert calls.keep_alive(2 * KEEP_ALIVE + 0.9) is None
    assert asked(calls.keep_alive(2 * KEEP_ALIVE + 1)) == ("ping", {}, None)
    assert calls.next_keep_alive() == 3 * KEEP_ALIVE + 1


def test_what_is_sent_again_is_a_sign_of_life():
    calls = Calls("a", utc=lambda: UTC)
    calls.make("reqContractDetails", None, 30, 0)
    calls.due(RESEND)
    assert calls.next_keep_alive() == RESEND + KEEP_ALIVE


def test_a_named_run_says_hello_at_once_and_however_busy_it_is():
    calls = Calls("a", "one", utc=lambda: UTC)
    hello = ("hello", {"instance": "one"}, "one")
    assert asked(calls.keep_alive(0)) == hello
    calls.make("status", None, 1, KEEP_ALIVE - 1)
    assert calls.keep_alive(KEEP_ALIVE - 1) is None
    assert asked(calls.keep_alive(KEEP_ALIVE)) == hello


FENCED = {"code": "fenced", "message": "a newer instance", "data": {"rule": "instance", "newest": "two"}}


@pytest.mark.parametrize("method", ["hello", "placeOrder"])
def test_a_fenced_run_knows_it_for_good_and_gives_no_more_signs_of_life(method):
    calls = Calls("a", "one", utc=lambda: UTC)
    call = calls.make(method, None, 1, 0)
    calls.check()
    calls.on_reply(reply(call, ok=False, error=FENCED))
    for _ in range(2):
        with pytest.raises(BridgeError) as raised:
            calls.check()
        assert (raised.value.code, raised.value.data["newest"]) == ("fenced", "two")
    assert calls.keep_alive(1e6) is None


@pytest.mark.parametrize(("instance", "code"), [(None, "fenced"), ("one", "notPermitted")])
def test_another_refusal_or_one_of_a_client_without_runs_is_its_requests_alone(instance, code):
    calls = Calls("a", instance, utc=lambda: UTC)
    calls.on_reply(reply(calls.make("placeOrder", None, 1, 0), ok=False, error={**FENCED, "code": code}))
    calls.check()
    assert calls.fenced is None


def test_a_request_that_shall_not_wait_says_so():
    calls = Calls("alice", None, utc=lambda: UTC)
    assert "wait" not in msgpack.unpackb(calls.make("ping", None, 1.0, 0.0).body)
    assert msgpack.unpackb(calls.make("ping", None, 1.0, 0.0, wait=False).body)["wait"] is False


@pytest.mark.parametrize(
    ("method", "params"),
    [
        *((method, {}) for method in ("placeOrder", "placeOrders", "modifyOrder", "exerciseOptions", "replaceFA",
                                      "updateConfig", "resume", "reload")),
        ("reqMktData", {"regulatorySnapshot": True}),
    ],
)  # fmt: skip
def test_what_changes_something_expires_when_the_bridge_has_no_more_time(method, params):
    calls = Calls("a", utc=lambda: UTC)
    call = calls.make(method, params, 30.0, 0.0)
    assert msgpack.unpackb(call.body)["expires"] == UTC + 28_500_000_000 < UTC + (call.deadline - 0.0) * 1e9
    assert calls.due(RESEND) == ([call.body], [])  # the same bytes, so the same time


@pytest.mark.parametrize(
    "method",
    ["ping", "hello", "status", "snapshot", "reqMktData", "cancelOrder", "cancelMine", "reqGlobalCancel", "abandon",
     "halt", "release", "awaitOrder", "orderLog"],
)  # fmt: skip
def test_reads_and_cancels_may_come_late(method):
    assert "expires" not in msgpack.unpackb(Calls("a", utc=lambda: UTC).make(method, {}, 30.0, 0.0).body)


def test_a_forgotten_call_is_not_sent_again():
    calls = Calls("a", utc=lambda: UTC)
    calls.forget(calls.make("placeOrder", {}, 30, 0))
    assert calls.due(RESEND) == ([], [])
    assert calls.next_timer() == float("inf")


def test_what_has_not_left_is_due_when_the_client_is_connected_or_soon():
    calls = Calls("a", utc=lambda: UTC)
    call = calls.make("ping", None, 30, 0)
    calls.on_unsent(call.body, 0)
    assert calls.is_unsent
    assert calls.due(RETRY - 0.01) == ([], [])
    assert calls.due(RETRY - 0.01, is_up=True) == ([call.body], [])
    assert not calls.is_unsent
    assert calls.due(RETRY, is_up=True) == ([], [])
    calls.on_unsent(call.body, 1)
    assert calls.due(1 + RETRY) == ([call.body], [])


def test_the_error_says_that_the_clocks_differ():
    calls = Calls("a", utc=lambda: UTC)
    call = calls.make("placeOrder", {}, 30, 0)
    error = {"code": "expired", "message": "the clocks differ", "data": {"secondsLate": 31.5}}
    calls.on_reply(reply(call, ok=False, error=error))
    with pytest.raises(BridgeError, match="clocks") as raised:
        call.result()
    assert raised.value.data["secondsLate"] == 31.5


@pytest.mark.parametrize(
    "error",
    [
        BridgeError({"code": "rejectedByTws", "message": "no", "twsCode": 201, "data": {"orderKey": "k"}}),
        BridgeTimeout("status", 1.5, "silence"),
        BridgeRefusedKey("tcp://a", "why"),
    ],
)
def test_errors_can_be_pickled_and_copied(error):
    for again in (pickle.loads(pickle.dumps(error)), copy.deepcopy(error)):
        assert (type(again), str(again), vars(again)) == (type(error), str(error), vars(error))
