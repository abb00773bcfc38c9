"""What leaves is what was judged, and nothing leaves while an order is being looked for.

Cases 8 and 9 of the review of orders.
"""

from __future__ import annotations

import pytest

from tests.chaos.world import AAPL
from tests.scenarios.conftest import both_encodings
from tests.scenarios.scripted import PASS, Taken
from tests.scenarios.stage import BUY

# Case 8: a contract that contradicts its own conId

#: AAPL as TWS describes it.
DESCRIBED = {
    **AAPL, "exchange": "NASDAQ", "primaryExch": "NASDAQ", "localSymbol": "AAPL", "tradingClass": "NMS",
}  # fmt: skip
CONTRADICTIONS = {
    "currency": ({"currency": "EUR"}, {"currency"}),
    "localSymbol": ({"localSymbol": "IBM"}, {"localSymbol"}),
    "secType": ({"secType": "CFD", "multiplier": "0.01"}, {"secType", "multiplier"}),
}


LIMITS = 'roles = ["account", "trade"]\nsymbols = ["AAPL"]\nmax_order_notional = { USD = 100000 }'
limited = pytest.mark.parametrize("rights", [{"alice": LIMITS}], ids=["limits"])


def assert_refused(stage, at_odds):
    """The bridge has asked TWS once what the conId is, and refuses the contract by the field that contradicts it."""
    said, fields = CONTRADICTIONS[at_odds]
    params = {"orderKey": at_odds, "contract": {**AAPL, **said}, "order": BUY}
    told = stage.ask("placeOrder", params, timeout=5).told()
    assert told.get("code") == "invalidParams", told
    assert told["field"].rpartition(".")[2] in fields
    assert any(field in told["message"] for field in fields)
    asked = stage.tws.sent("reqContractDetails")
    assert [data["contract"]["conId"] for data in asked] == [AAPL["conId"]]
    assert stage.tws.sent("placeOrder") == []


@limited
@pytest.mark.parametrize("at_odds", CONTRADICTIONS)
def test_8_a_contract_that_contradicts_its_conid_is_refused_by_the_field(stage, tws, at_odds):
    tws.contracts = {AAPL["conId"]: DESCRIBED}
    assert_refused(stage, at_odds)


@limited
def test_8_so_it_is_where_a_client_has_asked_for_the_contract_before(stage, tws):
    tws.contracts = {AAPL["conId"]: DESCRIBED}
    stage.ask("reqContractDetails", {"contract": {"conId": AAPL["conId"]}}, client="bob").told()
    for at_odds in CONTRADICTIONS:
        assert_refused(stage, at_odds)


@limited
@both_encodings
def test_8_a_contract_leaves_as_tws_describes_it(stage, tws):
    """However much of it the client says. The exchange is the client's; the bridge asks once, and remembers."""
    tws.contracts = {AAPL["conId"]: DESCRIBED}
    tws.reactions["placeOrder"] = lambda data: [Taken(data).stands()]
    said = {
        "bare": {"conId": AAPL["conId"], "exchange": "SMART"},
        "usual": AAPL,
        "whole": {**DESCRIBED, "exchange": "ISLAND"},
    }
    for key, contract in said.items():
        told = stage.ask("placeOrder", {"orderKey": key, "contract": contract, "order": BUY}).told()
        assert told.get("state") == "acknowledged", told
        assert tws.order(key).contract == {**DESCRIBED, "exchange": contract["exchange"]}
    assert len(tws.sent("reqContractDetails")) == 1


@limited
def test_8_a_contract_that_tws_does_not_know_is_refused(stage, tws):
    told = stage.ask("placeOrder", {"orderKey": "k1", "contract": AAPL, "order": BUY}, timeout=5).told()
    assert told.get("code") in ("notPermitted", "unknownContract", "invalidParams"), told
    assert len(tws.sent("reqContractDetails")) == 1
    assert tws.sent("placeOrder") == []


# Case 9: nothing leaves while an order is being looked for


def test_9_no_order_leaves_while_one_without_a_word_is_looked_for(stage, tws):
    """However short the time was that its client gave TWS. The hold is over with the next complete pass."""
    looked = len(tws.sent(PASS[0]))
    with tws.holding():
        assert stage.place("k1", timeout=1).told().get("state") == "unknown"
        hurried = stage.place("k2", timeout=1, client="bob")
        patient = stage.place("k3")
        told = hurried.told()
        assert told.get("code") == "notTradable", told
        tws.until(lambda: len(tws.sent(PASS[0])) > looked, "the bridge does not look for the order")
        stage.heard()
        assert tws.placed("k2") == tws.placed("k3") == []
    tws.say(tws.order("k3").stands())
    assert patient.told().get("state") == "acknowledged"
    assert tws.placed("k2") == []
    assert len(tws.placed("k1")) == 1
