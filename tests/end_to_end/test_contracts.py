"""A limited client names an instrument by its conId alone: the bridge asks TWS who that is, in text and in protobuf."""

from __future__ import annotations

import pytest

from bridge.simulator import simulator_process
from tests.end_to_end import processes
from tws_bridge_client import BridgeError

RIGHTS = """
[clients.alice]
roles = ["account", "trade"]
symbols = ["AAPL", "ES"]
max_order_notional = { USD = 1000000 }
"""
AAPL = {"conId": 265598, "exchange": "SMART"}
ORDER = {"action": "BUY", "orderType": "LMT", "totalQuantity": 1, "lmtPrice": 5.0}


@pytest.fixture(scope="module", params=[176, 226])
def alice(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("limits")
    (folder / "bridge.toml").write_text(RIGHTS)
    with (
        simulator_process(server_version=request.param) as simulator,
        processes.bridge(simulator.address, folder, "--config", str(folder / "bridge.toml")) as bridge,
        bridge.client("alice") as client,
    ):
        yield client


def place(client, key, contract, timeout=15):
    return client.request("placeOrder", {"orderKey": key, "contract": contract, "order": ORDER}, timeout=timeout)


def test_an_order_by_conid_alone_is_taken_and_is_shown_as_tws_describes_it(alice):
    assert place(alice, "a", AAPL)["state"] == "acknowledged"
    told = {**AAPL, "symbol": "AAPL", "secType": "STK", "currency": "USD", "localSymbol": "AAPL"}
    assert place(alice, "a", told)["state"] == "acknowledged"
    shown = [part["data"] for part in alice.request("reqAllOpenOrders") if part["event"] == "openOrder"]
    assert [data["contract"]["symbol"] for data in shown] == ["AAPL"]


@pytest.mark.parametrize("lie", [{"currency": "EUR"}, {"localSymbol": "IBM"}, {"secType": "CFD", "multiplier": 0.01}])
def test_one_that_contradicts_its_conid_is_refused(alice, lie):
    with pytest.raises(BridgeError, match="TWS describes conId 265598 with ") as error:
        place(alice, f"lie-{next(iter(lie))}", AAPL | lie)
    assert error.value.code == "invalidParams"


def test_a_conid_that_there_is_not_is_an_unknown_contract(alice):
    with pytest.raises(BridgeError) as error:
        place(alice, "none", {"conId": 1, "exchange": "SMART"})
    assert error.value.code == "unknownContract"


@pytest.mark.parametrize(("symbol", "kind", "exchange"), [("AAPL", "OPT", "SMART"), ("ES", "FUT", "CME")])
def test_derivatives_can_be_placed_as_they_are_described(alice, symbol, kind, exchange):
    """What leaves is never more than TWS takes: TWS tells their days with a time and zone, strikes and multipliers."""
    wanted = {"symbol": symbol, "secType": kind, "exchange": exchange, "currency": "USD"}
    parts = alice.request("reqContractDetails", {"contract": wanted}, timeout=15)
    con_id = parts[0]["data"]["contract"]["conId"]
    answer = place(alice, f"new-{kind}", {"conId": con_id, "exchange": exchange})
    assert answer["state"] == "acknowledged"
