"""The bridge before a TWS that counts messages as TWS does: error 100, and at the third one the connection ends."""

from __future__ import annotations

import time

import pytest

from bridge.simulator.shell.process import start, stop
from tests.end_to_end import processes

AAPL = {"conId": 265598, "symbol": "AAPL", "secType": "STK", "exchange": "SMART", "currency": "USD"}
CLIENTS, EACH = 5, 60


@pytest.fixture(params=[187, 226], ids=["text", "protobuf"])
def strict(request):
    """A simulated TWS that takes 50 messages a second."""
    running = start("--server-version", str(request.param), "--messages-per-second", "50")
    yield running
    stop(running)


def ask_much(bridge, clients):
    """Each client asks much at once, and one places an order and cancels it meanwhile. Returns the replies."""
    calls = [
        client.send("reqMatchingSymbols", {"pattern": f"A{number}c{which}"}, 60.0)
        for number in range(EACH)
        for which, client in enumerate(clients)
    ]
    order = {"action": "BUY", "orderType": "LMT", "totalQuantity": 1, "lmtPrice": 1.0}
    began = time.monotonic()
    placed = clients[0].request("placeOrder", {"orderKey": "far", "contract": AAPL, "order": order}, 20.0)
    cancelled = clients[0].request("cancelOrder", {"orderKey": "far"}, 20.0)
    took = time.monotonic() - began
    for client in clients:
        client.pump(time.monotonic() + 0.01)
    end = time.monotonic() + 60
    while any(call.reply is None for call in calls) and time.monotonic() < end:
        for client in clients:
            client.pump(time.monotonic() + 0.02)
    return calls, (placed, cancelled, took)


def test_many_clients_that_ask_at_once_break_no_limit_of_tws(strict, tmp_path):
    with processes.bridge(strict.address, tmp_path) as bridge:
        clients = [bridge.client(f"c{number}") for number in range(CLIENTS)]
        try:
            clients[0].request("reqCurrentTime", timeout=20)
            began = time.monotonic()
            calls, (placed, cancelled, took) = ask_much(bridge, clients)
            lasted = time.monotonic() - began
            assert [call.reply is not None and call.reply["ok"] for call in calls] == [True] * CLIENTS * EACH
            assert placed["state"] == "acknowledged"
            assert cancelled["status"] in ("PendingCancel", "Cancelled")
            assert lasted > (CLIENTS * EACH) / 50 * 0.9
            assert took < lasted / 2
            assert "error 100" not in bridge.log.read_text()
            assert clients[0].request("status")["connection"]["state"] == "ready"
        finally:
            for client in clients:
                client.close()


def test_without_the_limit_tws_ends_the_connection(strict, tmp_path):
    """The simulated TWS does count."""
    with (
        processes.bridge(strict.address, tmp_path, TWS_BRIDGE_MESSAGES_PER_SECOND="0") as bridge,
        bridge.client("alice") as client,
    ):
        client.request("reqCurrentTime", timeout=20)
        for number in range(200):
            client.send("reqMatchingSymbols", {"pattern": f"A{number}"}, 5.0)
        assert bridge.logs("connection lost")


def test_equal_questions_at_once_are_one_message_to_tws(strict, tmp_path):
    """The simulated TWS would end the connection: 300 messages at once are too many for it."""
    with processes.bridge(strict.address, tmp_path, TWS_BRIDGE_MESSAGES_PER_SECOND="0") as bridge:
        clients = [bridge.client(f"c{number}") for number in range(CLIENTS)]
        try:
            clients[0].request("reqCurrentTime", timeout=20)
            calls = [
                client.send("reqContractDetails", {"contract": AAPL}, 20.0) for _ in range(EACH) for client in clients
            ]
            end = time.monotonic() + 20
            while any(call.reply is None for call in calls) and time.monotonic() < end:
                for client in clients:
                    client.pump(time.monotonic() + 0.02)
            assert [call.reply is not None and call.reply["ok"] for call in calls] == [True] * CLIENTS * EACH
            cache = clients[0].request("status")["cache"]
            assert cache["hits"] + cache["shared"] == CLIENTS * EACH - 1
            assert "error 100" not in bridge.log.read_text()
        finally:
            for client in clients:
                client.close()


def test_what_tws_has_told_outlives_the_bridge(strict, tmp_path):
    history = {"contract": AAPL, "endDateTime": "20251212 16:00:00 US/Eastern", "duration": "1 M",
               "barSizeSetting": "1 hour", "whatToShow": "TRADES", "useRTH": True, "formatDate": 1}  # fmt: skip
    answers = []
    for _ in range(2):
        with processes.bridge(strict.address, tmp_path) as bridge, bridge.client("alice") as client:
            answers.append([
                client.request("reqContractDetails", {"contract": AAPL}, 20),
                client.request("reqHistoricalData", history, 20),
            ])  # fmt: skip
            status = client.request("status")
            bridge.stop()  # a bridge that is killed may lose what it has not written into the cache file yet
    bars = [answer[1][0]["data"]["historicalDataBars"] for answer in answers]
    kept = 2 if status["connection"]["serverVersion"] >= 196 else 1  # below that, bars are not kept
    assert (bars[0], status["cache"]["hits"]) == (bars[1], kept)
    assert [part["data"]["contract"] for part in answers[0][0]] == [part["data"]["contract"] for part in answers[1][0]]
