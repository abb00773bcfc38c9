"""Open requests: when they are sent again, and when not."""

from __future__ import annotations

import msgpack
import pytest

from bridge.client.calls import GRACE, RESEND, BridgeError, BridgeTimeout, Calls


def reply(call, **more):
    return msgpack.packb({"v": 1, "id": call.id, **more})


def test_a_request_is_a_map_of_the_contract():
    call = Calls("alice").make("reqIds", {"numIds": 1}, 5.0, 0.0)
    assert msgpack.unpackb(call.body) == {
        "v": 1, "id": call.id, "client": "alice", "method": "reqIds", "params": {"numIds": 1}, "timeout": 5.0,
    }  # fmt: skip


def test_ids_differ_between_calls_and_runs():
    ids = {Calls("a").make("ping", None, 1, 0).id for _ in range(3)}
    assert len(ids) == 3


def test_a_reply_resolves_its_call_once():
    calls = Calls("a")
    call = calls.make("ping", None, 1, 0)
    assert calls.on_reply(reply(call, part=1, result={})) is None
    assert calls.on_reply(reply(call, ok=True, result=7)) is call
    assert call.result() == 7
    assert calls.on_reply(reply(call, ok=True, result=8)) is None
    assert calls.next_timer() == float("inf")


def test_an_error_is_raised_with_its_codes():
    calls = Calls("a")
    call = calls.make("ping", None, 1, 0)
    error = {"code": "rejectedByTws", "message": "no", "twsCode": 200, "data": {"a": 1}}
    calls.on_reply(reply(call, ok=False, error=error))
    with pytest.raises(BridgeError) as raised:
        call.result()
    assert (raised.value.code, raised.value.tws_code, raised.value.data) == ("rejectedByTws", 200, {"a": 1})
    assert str(raised.value) == "rejectedByTws (TWS 200): no"


def test_without_a_reply_it_is_sent_again_and_then_given_up():
    calls = Calls("a")
    call = calls.make("ping", None, 10, 0)
    assert calls.due(RESEND - 0.1) == ([], [])
    assert calls.due(RESEND) == ([call.body], [])
    assert calls.due(RESEND) == ([], [])
    assert calls.due(10 + GRACE) == ([], [call])
    with pytest.raises(BridgeTimeout, match="ping"):
        call.result()
