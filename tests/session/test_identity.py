"""Which instrument a contract is: what agrees with TWS's description, what contradicts it, and what leaves."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.catalogue import catalogue
from bridge.session import order_content
from bridge.session.contracts.identity import IDENTITY, OWN, SEARCH
from bridge.session.contracts.instruments import GOOD_FOR, Instruments
from bridge.tws.codec import Codec

AAPL = {
    "conId": 265598, "symbol": "AAPL", "secType": "STK", "exchange": "SMART", "currency": "USD", "localSymbol": "AAPL",
    "tradingClass": "NMS", "primaryExch": "NASDAQ", "strike": 0.0,
}  # fmt: skip
#: In TWS's own words, as its text form has them (ib_async #128): the day comes with a time and a zone.
CRUDE = {
    "conId": 55, "symbol": "CL", "secType": "FUT", "lastTradeDateOrContractMonth": "20261221 14:30:00 US/Eastern",
    "exchange": "NYMEX", "currency": "USD", "localSymbol": "CLF7", "tradingClass": "CL", "multiplier": "1000",
    "strike": 0.0,
}  # fmt: skip
OPTION = {
    "conId": 700, "symbol": "AAPL", "secType": "OPT", "lastTradeDateOrContractMonth": "20261218", "strike": 150.5,
    "right": "C", "multiplier": "100", "exchange": "SMART", "currency": "USD", "tradingClass": "AAPL",
    "localSymbol": "AAPL  261218C00150500",
}  # fmt: skip
BOND = {"conId": 9, "symbol": "IBCID9", "secType": "BOND", "exchange": "SMART", "currency": "USD"}


def told(at=0.0):
    known = Instruments()
    known.learn(AAPL, {"secIdList": {"ISIN": "US0378331005"}}, at)
    known.learn(CRUDE, {"contractMonth": "202701"}, at)
    known.learn(OPTION, {"contractMonth": "202612"}, at)
    known.learn(BOND, {}, at)
    return known


def test_every_field_of_a_contract_is_of_one_kind():
    kinds = [*IDENTITY, *SEARCH, *OWN, "conId"]
    assert sorted(kinds) == sorted(field.name for field in catalogue().types["Contract"].fields)


@pytest.mark.parametrize(
    ("contract", "more"),
    [
        (AAPL, {}),
        (AAPL, {"symbol": "", "localSymbol": None, "right": "0", "strike": 0.0, "multiplier": "0"}),
        (AAPL, {"multiplier": "1"}),
        (AAPL, {"primaryExch": "ISLAND"}),
        (AAPL, {"exchange": "ISLAND", "includeExpired": True, "description": "EUR", "comboLegsDescrip": "1|-1"}),
        (AAPL, {"secIdType": "ISIN", "secId": "US0378331005"}),
        (AAPL, {"secIdType": "CUSIP", "secId": "037833100"}),
        (AAPL, {"issuerId": "e1"}),
        (CRUDE, {"lastTradeDateOrContractMonth": "20261221"}),
        (CRUDE, {"lastTradeDateOrContractMonth": "202701"}),
        (CRUDE, {"lastTradeDateOrContractMonth": "20261221-14:30:00", "lastTradeDate": "20261221"}),
        (CRUDE, {"multiplier": "1000.0", "primaryExch": "NYMEX", "right": "?"}),
        (OPTION, {"right": "CALL", "strike": 150.50, "multiplier": "100.00", "localSymbol": "AAPL 261218C00150500"}),
        (OPTION, {"right": "", "strike": None, "multiplier": None}),
        (BOND, {"localSymbol": "X", "tradingClass": "Y", "lastTradeDateOrContractMonth": "20300101"}),
    ],
)
def test_what_says_the_same_or_nothing_agrees(contract, more):
    assert told().fault({**contract, **more}) is None
    assert told().fault({name: value for name, value in {"conId": contract["conId"], **more}.items() if value}) is None


@pytest.mark.parametrize(
    ("con_id", "more", "word"),
    [
        (265598, {"currency": "EUR"}, "USD"),
        (265598, {"symbol": "IBM"}, "AAPL"),
        (265598, {"symbol": "aapl"}, "AAPL"),
        (265598, {"localSymbol": "IBM"}, "AAPL"),
        (265598, {"secType": "CFD"}, "STK"),
        (265598, {"secType": "CFD", "multiplier": "0.01"}, "STK"),
        (265598, {"multiplier": "0.01"}, ""),
        (265598, {"strike": 100.0}, ""),
        (265598, {"right": "P"}, ""),
        (265598, {"lastTradeDateOrContractMonth": "202612"}, ""),
        (265598, {"lastTradeDate": "20261218"}, ""),
        (265598, {"primaryExch": "IBIS"}, "NASDAQ"),
        (265598, {"tradingClass": "AAPL"}, "NMS"),
        (265598, {"secIdType": "ISIN", "secId": "US5949181045"}, "US0378331005"),
        (55, {"lastTradeDateOrContractMonth": "202612"}, "20261221"),
        (55, {"lastTradeDateOrContractMonth": "20261220"}, "20261221"),
        (55, {"lastTradeDateOrContractMonth": "soon"}, "20261221"),
        (55, {"lastTradeDate": "20261222"}, "20261221"),
        (55, {"multiplier": "1"}, "1000"),
        (55, {"multiplier": "100"}, "1000"),
        (55, {"symbol": "QM"}, "CL"),
        (700, {"right": "PUT"}, "C"),
        (700, {"strike": 150.51}, "150.5"),
        (9, {"currency": "EUR"}, "USD"),
    ],
)
def test_what_says_otherwise_contradicts_by_name(con_id, more, word):
    fault = told().fault({"conId": con_id, "exchange": "SMART", **more})
    name = next(iter(more)) if "secId" not in more else "secId"
    assert (fault.field, fault.described, fault.claimed) == (name, word, str(more[name]))


def test_a_month_is_that_of_the_last_trading_day_where_tws_tells_no_contract_month():
    known = Instruments()
    known.learn(CRUDE)
    assert known.fault({"conId": 55, "lastTradeDateOrContractMonth": "202612"}) is None
    assert known.fault({"conId": 55, "lastTradeDateOrContractMonth": "202701"}).described == "20261221"


def test_who_it_is_leaves_in_the_words_of_tws_and_the_rest_in_those_of_the_client():
    client = {
        "conId": 55, "exchange": "QBALGO", "multiplier": "1000.0", "right": "0", "description": "mine",
        "includeExpired": True, "secIdType": "ISIN", "secId": "X", "issuerId": "e1", "lastTradeDate": "20261221",
        "deltaNeutralContract": {"conId": 1, "delta": 1.0, "price": 2.0},
    }  # fmt: skip
    assert told().leaving(client) == {
        "conId": 55, "symbol": "CL", "secType": "FUT", "lastTradeDateOrContractMonth": "20261221", "currency": "USD",
        "localSymbol": "CLF7", "tradingClass": "CL", "multiplier": "1000", "exchange": "QBALGO", "description": "mine",
        "includeExpired": True, "deltaNeutralContract": {"conId": 1, "delta": 1.0, "price": 2.0},
    }  # fmt: skip
    assert told().leaving({"conId": 700})["localSymbol"] == "AAPL  261218C00150500"
    assert "exchange" not in told().leaving({"conId": 700})


@pytest.mark.parametrize(
    "contract",
    [
        {"conId": 1, "symbol": "X"},
        {"symbol": "AAPL", "currency": "EUR"},
        {"conId": 0, "symbol": "AAPL"},
        {"symbol": "AAPL", "secType": "BAG", "currency": "USD", "comboLegs": [{"conId": 265598, "exchange": "NYSE"}]},
    ],
)
def test_what_tws_has_not_described_stands_as_it_is(contract):
    assert told().fault(contract) is None
    assert told().leaving(contract) is contract


def test_a_description_is_good_for_a_day_from_when_it_was_last_given():
    known = told(at=100.0)
    known.learn({**AAPL, "symbol": "APPL"}, {}, 200.0)
    known.forget_old(100.0 + GOOD_FOR)
    assert known.knows(55)
    known.forget_old(101.0 + GOOD_FOR)
    assert not known.knows(55)
    assert known.fault({"conId": 265598, "symbol": "AAPL"}).described == "APPL"
    known.forget_old(201.0 + GOOD_FOR)
    assert not known.knows(265598)
    assert known.facts({"conId": 265598}) is None


@pytest.mark.parametrize("version", [176, 201, 203, 213, 226])
@pytest.mark.parametrize("contract", [AAPL, CRUDE, OPTION, BOND])
def test_every_version_of_tws_can_be_told_what_leaves(version, contract):
    """What leaves says more than the client may have said: no version may refuse that."""
    leaving = told().leaving({"conId": contract["conId"], "exchange": "SMART"})
    order = {"action": "BUY", "orderType": "MKT", "totalQuantity": "1"}
    codec = Codec(catalogue(), version, "fromTws")
    payload = codec.encode("placeOrder", {"orderId": 1, "contract": leaving, "order": order})
    assert contract["symbol"].encode() in payload


values = st.sampled_from(["", "AAPL", "IBM", "USD", "C", "0"])
claims = st.fixed_dictionaries(
    {"conId": st.just(265598)},
    optional={
        "exchange": values, "symbol": values, "currency": values, "right": values, "localSymbol": values,
        "secId": values, "description": values, "strike": st.sampled_from([0.0, 5.0]),
        "multiplier": st.sampled_from(["1", "0.01"]),
        "deltaNeutralContract": st.sampled_from([{}, {"conId": 1}]),
    },
)  # fmt: skip


@given(contract=claims)
def test_it_means_the_same_before_and_after_and_after_that_nothing_contradicts(contract):
    leaving = told().leaving(contract)
    assert order_content.of_contract(leaving) == order_content.of_contract(contract)
    assert told().leaving(leaving) == leaving
    assert told().fault(leaving) is None
