"""Whatever is sent to the bridge, it answers, says what was wrong, and goes on."""

from __future__ import annotations

import itertools

import msgpack
import pytest
import zmq

ORDER = {"action": "BUY", "orderType": "LMT", "totalQuantity": 10, "lmtPrice": 5.0}
NUMBERS = itertools.count(1)
AAPL = {"conId": 265598, "exchange": "SMART"}


@pytest.fixture
def dealer(bridge):
    context = zmq.Context()
    socket = context.socket(zmq.DEALER)
    socket.connect(bridge.requests)
    yield socket
    context.destroy(linger=0)


def answer(dealer, body):
    dealer.send(body if isinstance(body, bytes) else msgpack.packb(body))
    assert dealer.poll(5000), "no answer"
    return msgpack.unpackb(dealer.recv())


def request(method, params, **more):
    return {"v": 1, "id": f"x{next(NUMBERS)}", "client": "mallory", "method": method, "params": params, **more}


@pytest.mark.parametrize(
    ("body", "code", "word"),
    [
        (b"", "invalidRequest", "msgpack"),
        (b"\xc1\xc1", "invalidRequest", "msgpack"),
        (msgpack.packb(request("ping", {}))[:-1], "invalidRequest", "msgpack"),
        (b"\x82\xa2id\xa1a\xa2id\xa1b", "invalidRequest", "twice"),
        ([1], "invalidRequest", "map"),
        (request("ping", {}, v=2), "invalidRequest", "version"),
        (request("fly", {}), "unknownMethod", "fly"),
        (request("startApi", {"clientId": 5}), "notPermitted", "startApi"),
        (request("reqMktData", {}), "invalidParams", "contract: required"),
        (request("reqMktData", {"contract": {"conId": "x"}}), "invalidParams", "contract.conId"),
        (request("reqMktData", {"contract": AAPL, "reqId": 7}), "invalidParams", "reqId: unknown"),
        (request("reqMktData", {"contract": {**AAPL, "strike": float("nan")}}), "invalidParams", "contract.strike"),
        (request("placeOrder", {"contract": AAPL, "order": {**ORDER, "totalQuantity": 0}}), "invalidParams", "totalQ"),
        (request("placeOrder", {"contract": AAPL, "order": {**ORDER, "totalQuantity": -5}}), "invalidParams", "totalQ"),
        (request("placeOrder", {"contract": AAPL, "order": {**ORDER, "lmtPrice": None}}), "invalidParams", "lmtPrice"),
        (request("placeOrder", {"contract": AAPL, "order": {**ORDER, "action": "X"}}), "invalidParams", "action"),
        (request("cancelOrder", {"orderId": 999}), "unknownOrder", "999"),
        (request("release", {"stream": "nothing"}), "unknownStream", "nothing"),
        (request("ping", {"pad": "x" * 2_000_000}), "tooLarge", "1048576"),
    ],
)  # fmt: skip
def test_a_clear_answer_and_the_bridge_goes_on(dealer, client, body, code, word):
    reply = answer(dealer, body)
    assert (reply["v"], reply["ok"], reply["error"]["code"]) == (1, False, code)
    assert word in reply["error"]["message"]
    assert client.request("ping")["ts"] > 0


def test_a_too_large_request_is_answered_under_its_id(dealer):
    assert answer(dealer, request("ping", {"pad": "x" * 2_000_000}, id="big"))["id"] == "big"


def test_what_tws_refuses_comes_back_with_its_code(dealer):
    contract = {"symbol": "NOSUCH", "secType": "STK", "exchange": "SMART", "currency": "USD"}
    reply = answer(dealer, request("reqContractDetails", {"contract": contract}, id="nosuch"))
    assert (reply["error"]["code"], reply["error"]["twsCode"]) == ("rejectedByTws", 200)


def test_20_mb_are_dropped_without_harm_to_anyone(dealer, client):
    dealer.send(b"x" * 20_000_000)
    assert client.request("ping", timeout=30)["ts"] > 0
    assert not dealer.poll(300)
    assert answer(dealer, request("ping", {}))["ok"]


def test_too_many_frames_are_dropped_without_harm(dealer, client):
    dealer.send_multipart([b"x"] * 100)
    assert client.request("ping", timeout=30)["ts"] > 0
    assert not dealer.poll(200)


def test_a_req_client_is_served_too(bridge):
    context = zmq.Context()
    req = context.socket(zmq.REQ)
    req.connect(bridge.requests)
    for number in range(3):
        req.send(msgpack.packb(request("ping", {}, id=str(number))))
        assert req.poll(5000)
        assert msgpack.unpackb(req.recv())["id"] == str(number)
    context.destroy(linger=0)
