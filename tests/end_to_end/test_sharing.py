"""Bridge, simulator, subscribers and requesters, each a process: everyone gets their own, and all see the same."""

from __future__ import annotations

import json
import subprocess
import sys
import time

import pytest

AAPL = {"conId": 265598, "exchange": "SMART"}
SYMBOLS = {"alice": "AAPL", "bob": "MSFT"}

SUBSCRIBER = """
import json, sys, time
import msgpack, zmq
events, seconds = sys.argv[1], float(sys.argv[2])
sub = zmq.Context().socket(zmq.SUB)
sub.connect(events)
sub.subscribe("market.265598.")
sub.subscribe("system.heartbeat")
print("up", flush=True)
end, seen = time.monotonic() + seconds, []
while time.monotonic() < end:
    if sub.poll(50):
        topic, body = sub.recv_multipart()
        event = msgpack.unpackb(body)
        seen.append([topic.decode(), event["seq"], event["data"]])
print(json.dumps(seen), flush=True)
"""

REQUESTER = """
import json, sys
import msgpack, zmq
requests, client, symbol, count = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
dealer = zmq.Context().socket(zmq.DEALER)
dealer.connect(requests)
contract = {"symbol": symbol, "secType": "STK", "exchange": "SMART", "currency": "USD"}
for number in range(count):
    method, params = [("reqContractDetails", {"contract": contract}), ("reqCurrentTime", {})][number % 2]
    dealer.send(msgpack.packb({"v": 1, "id": str(number), "client": client, "method": method, "params": params}))
answers = {}
while len(answers) < count:
    assert dealer.poll(20000), f"only {len(answers)} answers"
    reply = msgpack.unpackb(dealer.recv())
    assert reply["id"] not in answers
    answers[reply["id"]] = reply
print(json.dumps(answers), flush=True)
"""


def start(script, *arguments):
    return subprocess.Popen([sys.executable, "-c", script, *arguments], stdout=subprocess.PIPE, text=True)


@pytest.fixture(scope="module")
def played(bridge):
    """Two subscribers, and two requesters with interleaved requests; what each has printed."""
    with bridge.client("carol") as client:
        client.request("reqMktData", {"contract": AAPL})
        subscribers = [start(SUBSCRIBER, bridge.events, "5") for _ in range(2)]
        for process in subscribers:
            assert process.stdout.readline() == "up\n"
        requesters = [start(REQUESTER, bridge.requests, name, symbol, "40") for name, symbol in SYMBOLS.items()]
        return [json.loads(process.communicate(timeout=30)[0]) for process in (*subscribers, *requesters)]


def test_each_requester_gets_its_own_answers(played):
    for answers, symbol in zip(played[2:], SYMBOLS.values(), strict=True):
        assert len(answers) == 40
        for number, reply in answers.items():
            assert reply["ok"], reply
            if int(number) % 2 == 0:
                assert {part["data"]["contract"]["symbol"] for part in reply["result"]} == {symbol}
            else:
                assert reply["result"].keys() == {"currentTime"}


def test_both_subscribers_see_the_same_ticks_without_a_hole(played):
    one, two = ({(topic, seq): data for topic, seq, data in seen} for seen in played[:2])
    both = one.keys() & two.keys()
    assert len(both) > 50
    assert all(one[key] == two[key] for key in both)
    for seen in (one, two):
        for topic in {topic for topic, _ in seen}:
            seqs = sorted(seq for name, seq in seen if name == topic)
            assert seqs == list(range(seqs[0], seqs[-1] + 1)), topic


def test_one_subscription_at_tws_serves_all(bridge, client):
    with bridge.client("dave") as other:
        for each in (client, other):
            assert (
                each.request("reqMktData", {"contract": {"conId": 272093, "exchange": "SMART"}})["stream"] == "272093"
            )
        (stream,) = [s for s in client.request("status")["streams"] if s["stream"] == "272093"]
        assert stream["holders"] == ["alice", "dave"]
        other.request("cancelMktData", {"stream": "272093"})
        client.request("release", {"stream": "272093"})
        (stream,) = [s for s in client.request("status")["streams"] if s["stream"] == "272093"]
        assert stream["holderCount"] == 0, "it lingers"
        end = time.monotonic() + 10
        while "272093" in [s["stream"] for s in client.request("status")["streams"]]:
            assert time.monotonic() < end
            time.sleep(0.2)


def test_an_order_from_limit_to_commission_is_its_owners(client):
    with client.subscribe("order.alice.") as orders:
        while not orders.is_live:
            orders.poll(0.1)
        order = {"action": "BUY", "orderType": "MKT", "totalQuantity": 100, "orderRef": "mine"}
        placed = client.request("placeOrder", {"contract": AAPL, "order": order, "orderKey": "first"})
        assert placed["orderKey"] == "first"
        seen = {}
        while "commissionAndFeesReport" not in seen or seen.get("orderStatus", {}).get("status") != "Filled":
            event = orders.poll(10)
            assert event is not None, seen.keys()
            assert event.topic == f"order.alice.first.{event.envelope['event']}"
            seen[event.envelope["event"]] = event.data
    assert seen["orderStatus"]["filled"] == "100"
    assert seen["openOrder"]["order"]["orderRef"] == seen["execDetails"]["execution"]["orderRef"] == "mine"


def test_a_limit_order_is_cancelled_by_its_key(client):
    order = {"action": "BUY", "orderType": "LMT", "totalQuantity": 1, "lmtPrice": 1.0}
    client.request("placeOrder", {"contract": AAPL, "order": order, "orderKey": "far"})
    assert client.request("cancelOrder", {"orderKey": "far"})["status"] in ("PendingCancel", "Cancelled")


def test_accounts_history_and_open_orders(client):
    summary = client.request("reqAccountSummary", {"group": "All", "tags": "NetLiquidation"})
    assert [event["data"]["tag"] for event in summary["snapshot"]["events"] if "tag" in event["data"]]
    client.request("cancelAccountSummary")
    updates = client.request("reqAccountUpdates", {"subscribe": True, "acctCode": "DU1234567"})
    assert updates["topic"] == "account.DU1234567."
    bars = client.request(
        "reqHistoricalData",
        {"contract": AAPL, "barSizeSetting": "1 day", "duration": "5 D", "whatToShow": "TRADES"},
    )
    assert bars[0]["data"]["historicalDataBars"]
    assert isinstance(client.request("reqOpenOrders"), list)
    assert isinstance(client.request("reqCompletedOrders", {"apiOnly": False}), list)
    assert client.request("reqExecutions", {"executionFilter": {}})
