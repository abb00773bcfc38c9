"""Contracts and orders in one line, and the instrument that a description means."""

from __future__ import annotations

import pickle
import re
from decimal import Decimal

import ib_async
import numpy as np
import pytest

import tws_bridge_client as c
from bridge.catalogue import catalogue
from bridge.params.models import build
from tws_bridge_client import ContractNotUnique, messages
from tws_bridge_client.likes import contract_of
from tws_bridge_client.qualifying import the_one

CONTRACTS = [
    c.Stock("AAPL"),
    c.Stock("AAPL", "SMART", "USD", primaryExch="NASDAQ"),
    c.Option("SPY", "20261218", 500, "C"),
    c.Future("ES", "202612", "CME"),
    c.ContFuture("ES", "CME"),
    c.FuturesOption("ES", "202612", 5000, "P", "CME"),
    c.Forex("EURUSD"),
    c.Index("SPX", "CBOE"),
    c.CFD("IBUS500"),
    c.Crypto("BTC", "PAXOS"),
    c.Commodity("XAUUSD"),
    c.Bond("912828C57"),
    c.Fund("VFIAX"),
    c.Bag("SPY", c.leg(c.Contract(conId=1), "BUY"), c.leg({"conId": 2, "exchange": "CBOE"}, "SELL", 2)),
]
LIMIT = c.limit("BUY", 100, 187.5, tif="GTC", outsideRth=True)
ORDERS = [
    c.market("BUY", 100),
    LIMIT,
    c.stop("SELL", "0.5", 180),
    c.stop_limit("SELL", Decimal(3), 179, 180),
    c.trailing("SELL", 1, amount=2.5),
    c.trailing("SELL", 1, percent=5),
    c.trailing_limit("SELL", 1, 180, 0.1, percent=5),
    *c.oca("g1", LIMIT, c.market("BUY", 1), kind=3),
    LIMIT.copy(conditions=[
        c.price_condition(1, 5.0, above=True), c.time_condition("20261201 10:00:00 US/Eastern"),
        c.margin_condition(30, above=False), c.execution_condition("AAPL", "STK", "SMART"),
        c.volume_condition(1, 1000, above=True, either=True), c.percent_condition(1, 5.0, above=True),
    ]),
    c.adaptive(LIMIT, "Patient"),
    c.twap(LIMIT, start="09:30:00 US/Eastern"),
    c.vwap(LIMIT, share=0.1),
    c.arrival_price(LIMIT, share=0.1),
    c.percent_of_volume(LIMIT, share=0.1),
]  # fmt: skip


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract.secType)
@pytest.mark.parametrize("order", ORDERS[:1])
def test_the_bridge_takes_each_contract(contract, order):
    params = {"contract": contract.to_dict(), "order": order.to_dict()}
    build(catalogue())["placeOrder"].model_validate(params)


@pytest.mark.parametrize("order", ORDERS)
def test_the_bridge_takes_each_order(order):
    build(catalogue())["placeOrder"].model_validate({"contract": {"conId": 1}, "order": order.to_dict()})


def test_what_they_hold():
    assert c.Stock("AAPL").to_dict() == {"secType": "STK", "symbol": "AAPL", "exchange": "SMART", "currency": "USD"}
    assert c.Forex("EUR.USD").to_dict()["currency"] == "USD"
    assert LIMIT.to_dict() == {
        "orderType": "LMT", "action": "BUY", "totalQuantity": "100", "lmtPrice": 187.5, "tif": "GTC",
        "outsideRth": True,
    }  # fmt: skip
    assert c.vwap(LIMIT, share=0.1).algoParams == {"maxPctVol": "0.1", "allowPastEndTime": "0", "noTakeLiq": "0"}
    assert c.vwap(LIMIT, share=np.float64(0.1)).algoParams["maxPctVol"] == "0.1"
    assert (LIMIT.algoStrategy, LIMIT.ocaGroup) == ("", "")  # copies were changed
    assert [leg.ratio for leg in CONTRACTS[-1].comboLegs] == [1, 2]


def test_a_bracket_has_an_entry_and_its_exits():
    entry, profit, stop = c.bracket("e", c.Stock("AAPL"), LIMIT, take_profit=200, stop_loss=180)
    assert [one.orderKey for one in (entry, profit, stop)] == ["e", "e-profit", "e-stop"]
    assert [one.parentKey for one in (entry, profit, stop)] == ["", "e", "e"]
    assert (profit.order.action, profit.order.lmtPrice, profit.order.tif) == ("SELL", 200, "GTC")
    assert (stop.order.orderType, stop.order.auxPrice, stop.order.totalQuantity) == ("STP", 180, 100)
    assert len(c.bracket("e", c.Stock("AAPL"), c.market("SELL", 1), stop_loss=200)) == 2


def test_the_exits_of_a_bracket_live_as_long_as_its_position_and_belong_to_the_same_model():
    dated = c.limit("BUY", 1, 5, tif="GTD", goodTillDate="20261231 16:00:00 US/Eastern", modelCode="m", faGroup="g")
    _, profit, stop = c.bracket("e", c.Stock("AAPL"), dated, take_profit=6, stop_loss=4)
    for leg in (profit.order, stop.order):
        assert (leg.tif, leg.goodTillDate, leg.modelCode, leg.faGroup) == ("GTD", dated.goodTillDate, "m", "g")
    entry, stop = c.bracket("e", c.Stock("AAPL"), c.limit("BUY", 1, 5, tif="IOC"), stop_loss=4)
    assert (entry.order.tif, stop.order.tif) == ("IOC", "")


def bracket(entry, **exits):
    return [one.orderKey for one in c.bracket("e", c.Stock("A"), entry, **exits)]


def test_a_bracket_takes_exits_on_the_right_side():
    both = ["e", "e-profit", "e-stop"]
    assert bracket(c.limit("BUY", 1, 5), take_profit=6, stop_loss=4) == both
    assert bracket(c.limit("SELL", 1, 5), take_profit=4, stop_loss=6) == both
    assert bracket(c.limit("BUY", 1, -1.5), take_profit=-0.5, stop_loss=-2.5) == both
    assert bracket(c.limit("SELL", 1, 0.0), take_profit=Decimal("-0.5"), stop_loss=0.5) == both
    assert bracket(c.stop("BUY", 1, 5), take_profit=6, stop_loss=4) == both
    assert bracket(c.market("BUY", 1), take_profit=6, stop_loss=4) == both
    assert bracket(c.trailing("BUY", 1, amount=50), take_profit=6, stop_loss=4) == both
    assert bracket(ib_async.LimitOrder("BUY", 1, 5.0), take_profit=6) == both[:2]


@pytest.mark.parametrize(
    ("entry", "exits", "said"),
    [
        (c.limit("BUY", 1, 5), {"take_profit": 4}, "take_profit: 4.0 must be above the entry's lmtPrice, 5.0"),
        (c.limit("BUY", 1, 5), {"stop_loss": 6}, "stop_loss: 6.0 must be below the entry's lmtPrice, 5.0"),
        (c.limit("SELL", 1, 5), {"take_profit": 6}, "take_profit: 6.0 must be below the entry's lmtPrice, 5.0"),
        (c.limit("SELL", 1, 5), {"stop_loss": 4}, "stop_loss: 4.0 must be above the entry's lmtPrice, 5.0"),
        (c.limit("BUY", 1, -1.5), {"take_profit": -2}, "take_profit: -2.0 must be above the entry's lmtPrice, -1.5"),
        (c.limit("BUY", 1, 0.0), {"stop_loss": 1}, "stop_loss: 1.0 must be below the entry's lmtPrice, 0.0"),
        (c.stop("BUY", 1, 5), {"stop_loss": 6}, "stop_loss: 6.0 must be below the entry's auxPrice, 5.0"),
        (c.market("BUY", 1), {"take_profit": 4, "stop_loss": 6}, "take_profit: 4.0 must be above stop_loss, 6.0"),
        (c.market("SELL", 1), {"take_profit": 6, "stop_loss": 6}, "take_profit: 6.0 must be below stop_loss, 6.0"),
        (c.market("SELL", 1), {"take_profit": float("nan")}, "take_profit: expected a finite number"),
    ],
)
def test_a_bracket_refuses_exits_on_the_wrong_side(entry, exits, said):
    with pytest.raises(ValueError, match=re.escape(said)):
        bracket(entry, **exits)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (lambda: c.Forex("EUR"), "EUR: a currency pair has six letters"),
        (lambda: c.leg(c.Stock("AAPL"), "BUY"), "conId: the leg AAPL has none"),
        (lambda: c.trailing("BUY", 1), "either amount or percent"),
        (lambda: c.trailing("BUY", 1, amount=1, percent=1), "either amount or percent"),
        (lambda: c.bracket("e", c.Stock("A"), LIMIT), "take_profit, stop_loss or both"),
        (lambda: c.bracket("e", c.Stock("A"), c.Order(), stop_loss=1), "the entry needs an action"),
        (lambda: c.vwap(LIMIT, share=10), "share: 10 is not between 0 and 1"),
        (lambda: c.limit("BUY", "many", 5), "'many' is not a number"),
        (lambda: c.oca("", LIMIT, LIMIT), "group: expected a name of the group"),
        (lambda: c.oca("g", LIMIT, kind=4), "kind: expected 1, 2 or 3"),
        (lambda: c.opposite("buy"), "action: expected BUY or SELL, not 'buy'"),
    ],
)
def test_mistakes_are_named(wrong, said):
    with pytest.raises(ValueError, match=said):
        wrong()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (lambda: c.vwap(LIMIT, share="0.1"), "share: expected a number"),
        (lambda: c.vwap(LIMIT, share=0.1, past_end=None), "past_end: expected True or False"),
        (lambda: c.vwap(LIMIT, share=0.1, take_liquidity="no"), "take_liquidity: expected True or False"),
        (lambda: c.arrival_price(LIMIT, share=0.1, force_completion=1), "force_completion: expected True or False"),
        (lambda: c.oca(None, LIMIT), "group: expected a text"),
    ],
)
def test_values_of_a_wrong_type_are_named(wrong, said):
    with pytest.raises(TypeError, match=said):
        wrong()


#: What ib_async takes by position, with a value for each.
POSITIONS = [
    ("Stock", "AAPL", "SMART", "USD"),
    ("Option", "SPY", "20261218", 500.0, "C", "CBOE", "100", "EUR"),
    ("Future", "ES", "202703", "CME", "ESH7", "50", "EUR"),
    ("ContFuture", "ES", "CME", "ESH7", "50", "EUR"),
    ("FuturesOption", "ES", "202703", 5000.0, "P", "CME", "50", "EUR"),
    ("Forex", "EURUSD", "IDEALPRO"),
    ("Index", "SPX", "CBOE", "EUR"),
    ("CFD", "IBUS500", "SMART", "EUR"),
    ("Commodity", "XAUUSD", "SMART", "EUR"),
    ("Crypto", "BTC", "PAXOS", "EUR"),
]


@pytest.mark.parametrize(("name", "values"), [(name, values) for name, *values in POSITIONS])
def test_positions_mean_the_fields_that_they_mean_in_ib_async(name, values):
    for count in range(3 if name.endswith("ture") else len(values), len(values) + 1):
        theirs = contract_of(getattr(ib_async, name)(*values[:count]))
        ours = getattr(c, name)(*values[:count])
        assert {field: getattr(ours, field) for field in theirs.to_dict()} == {
            field: getattr(theirs, field) for field in theirs.to_dict()
        }


def test_an_error_of_a_description_can_be_pickled():
    with pytest.raises(ContractNotUnique) as error:
        the_one(c.Stock("AAPL"), details(5, 6))
    again = pickle.loads(pickle.dumps(error.value))
    assert (str(again), again.asked, again.candidates) == (str(error.value), c.Stock("AAPL"), error.value.candidates)


def test_helpers_take_orders_of_other_libraries():
    theirs = ib_async.LimitOrder("BUY", 1, 5.0)
    assert [one.ocaGroup for one in c.oca("g", theirs, c.market("BUY", 1))] == ["g", "g"]
    assert c.adaptive(theirs).algoStrategy == c.algo(theirs, "Adaptive").algoStrategy == "Adaptive"
    assert (c.twap(theirs).lmtPrice, theirs.algoStrategy) == (5.0, "")


def details(*ids):
    return [messages.ContractDetails.from_dict({"contract": {"conId": one, "exchange": "X"}}) for one in ids]


def test_a_description_means_one_instrument_or_is_an_error():
    asked = c.Stock("AAPL")
    assert the_one(asked, [*details(5, 5), messages.ContractDetailsEnd()]).to_dict() == {
        "conId": 5,
        "exchange": "SMART",
    }
    assert the_one(c.Contract(conId=5), details(5)).exchange == "X"
    with pytest.raises(ContractNotUnique, match=r"fits 2 instruments: .*conId=5.*conId=6") as error:
        the_one(asked, details(5, 6))
    assert [one.conId for one in error.value.candidates] == [5, 6]
    with pytest.raises(ContractNotUnique, match="fits no instrument"):
        the_one(asked, [])
