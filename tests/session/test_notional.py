"""What an order is worth at most, and that nothing is taken for known which only the client says."""

from __future__ import annotations

import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.session.contracts.instruments import InstrumentFacts, Instruments
from bridge.session.requests import Refused
from bridge.session.rights import notional
from bridge.session.rights.grants import Grant
from tests.session.conftest import Bench

STOCK = InstrumentFacts("AAPL", "STK", "USD", Decimal(1))
FUTURE = InstrumentFacts("ES", "FUT", "USD", Decimal(50))
OPTION = InstrumentFacts("AAPL", "OPT", "USD", Decimal(100), Decimal("150.5"))
AAPL = {"symbol": "AAPL", "secType": "STK", "exchange": "SMART", "currency": "USD"}


def order(**more):
    fields = {"action": "BUY", "orderType": "LMT", "totalQuantity": "10", "lmtPrice": 5.0, **more}
    return {name: value for name, value in fields.items() if value is not None}


def check(limit, facts, quote, contract=AAPL, **more):
    grant = Grant(max_order_notional={"USD": Decimal(limit)})
    fields = more if "exerciseAction" in more else order(**more)
    notional.notional(grant, contract, fields, lambda _: facts, lambda _: quote)


MKT = {"orderType": "MKT", "lmtPrice": None}


@pytest.mark.parametrize(
    ("facts", "quote", "more"),
    [
        (STOCK, None, {}),  # 10 * 5
        (STOCK, 99.0, {}),  # a buyer's limit is the most it pays
        (STOCK, 5.0, MKT),
        (STOCK, 1.0, {"action": "SELL"}),
        (STOCK, None, {"cashQty": 50.0, "totalQuantity": "0"}),
        (STOCK, None, {"cashQty": 50.0, "totalQuantity": "1"}),
        (STOCK, None, {"cashQty": 1.0}),
        (FUTURE, None, {"totalQuantity": "1", "lmtPrice": 1.0}),
        (STOCK, None, {"lmtPrice": 4.0, "discretionaryAmt": 1.0}),
        (STOCK, 1.0, {"orderType": "STP", "auxPrice": 5.0, "lmtPrice": None}),
        (STOCK, 1.0, {"orderType": "STP PRT", "auxPrice": 5.0, "lmtPrice": None}),
        (STOCK, 1.0, {"orderType": "MIT", "auxPrice": 5.0, "lmtPrice": None}),
        (STOCK, 1.0, {"orderType": "TRAIL", "auxPrice": 4.0, "lmtPrice": None}),
        (STOCK, 4.0, {"orderType": "TRAIL", "trailingPercent": 25.0, "lmtPrice": None}),
        (STOCK, 4.0, {"orderType": "REL", "percentOffset": 0.25, "lmtPrice": None}),
        (STOCK, 1.0, {"orderType": "TRAIL", "trailStopPrice": 5.0, "lmtPrice": None}),
        (STOCK, 1.0, {"orderType": "TRAIL LIMIT", "trailStopPrice": 4.0, "lmtPriceOffset": 1.0, "lmtPrice": None}),
        (STOCK, 1.0, {"orderType": "PEG BENCH", "startingPrice": 5.0, "stockRefPrice": 900.0, "lmtPrice": None}),
        (STOCK, 1.0, {"orderType": "PEG BEST", "competeAgainstBestOffset": 4.0, "lmtPrice": None}),
        (STOCK, 5.0, {"orderType": "PEG BEST", "competeAgainstBestOffset": math.inf, "lmtPrice": None}),
        (STOCK, 1.0, {"adjustedOrderType": "STP", "adjustedStopPrice": 5.0, "lmtPrice": 2.0}),
        (STOCK, 1.0, {"adjustedOrderType": "STP LMT", "adjustedStopLimitPrice": 5.0, "lmtPrice": 2.0}),
        (
            STOCK,
            1.0,
            {"adjustedOrderType": "TRAIL", "triggerPrice": 4.0, "adjustedTrailingAmount": 1.0, "lmtPrice": 2.0},
        ),
        (
            STOCK,
            4.0,
            {
                "adjustedOrderType": "TRAIL",
                "adjustableTrailingUnit": 1,
                "adjustedTrailingAmount": 25.0,
                "lmtPrice": 2.0,
            },
        ),
        (STOCK, 1.0, {"orderType": "OF SOME NEW TYPE", "auxPrice": 4.0, "lmtPrice": None}),
        (STOCK, 5.0, {"lmtPrice": -5.0}),
    ],
)
def test_exactly_50_dollars_pass_a_limit_of_50_and_no_lower_one(facts, quote, more):
    check("50", facts, quote, **more)
    with pytest.raises(Refused, match=r"50(\.0+)? USD, and the limit is 49\.99"):
        check("49.99", facts, quote, **more)


EXERCISE = {"exerciseAction": 1, "exerciseQuantity": 2, "account": "DU1"}


def test_an_exercise_is_worth_what_is_paid_at_its_strike():
    check("30100", OPTION, None, **EXERCISE)
    with pytest.raises(Refused, match=r"30100\.0 USD, and the limit is 30099"):
        check("30099", OPTION, None, **EXERCISE)


@pytest.mark.parametrize(
    ("facts", "quote", "contract", "more"),
    [
        (STOCK, None, AAPL, {"orderType": "MKT"}),
        (STOCK, None, AAPL, {"action": "SELL"}),
        (STOCK, None, AAPL, {"adjustedOrderType": "TRAIL"}),
        (STOCK, None, AAPL, {"cashQty": 5.0, **MKT}),
        (STOCK, None, AAPL, {"lmtPrice": 0.0}),
        (STOCK, None, AAPL, {"lmtPrice": -1.0}),
        (STOCK, 1.0, AAPL, {"totalQuantity": None, "faGroup": "all"}),
        (STOCK, 1.0, AAPL, {"totalQuantity": "-1000001"}),
        (STOCK, 1.0, AAPL, {"cashQty": -1000001.0, "totalQuantity": "0"}),
        (STOCK, 1.0, AAPL, {"scalePriceIncrement": 0.1, "scalePriceAdjustValue": 5.0}),
        (None, 1.0, {"conId": 1}, {}),
        (InstrumentFacts("AAPL", "STK"), 1.0, AAPL, {}),
        (InstrumentFacts("AAPL", "STK", "EUR", Decimal(1)), 1.0, AAPL, {}),
        (InstrumentFacts("ES", "FUT", "USD", None), 1.0, AAPL, {}),
        (STOCK, 1.0, {"secType": "BAG", "comboLegs": [{"conId": 1}]}, {}),
        (STOCK, 1.0, {**AAPL, "comboLegs": [{"conId": 1}]}, {}),
        (STOCK, 1.0, AAPL, {"faPercentage": "50"}),
        (STOCK, 200.0, AAPL, {"action": "SELL", "totalQuantity": "1000000", "lmtPrice": 0.01}),
        (STOCK, None, AAPL, {"discretionaryAmt": 1e9}),
        (STOCK, 1.0, AAPL, EXERCISE),
        (InstrumentFacts("AAPL", "OPT", "USD", None, Decimal(5)), 1.0, AAPL, EXERCISE),
        (InstrumentFacts("AAPL", "OPT"), 1.0, AAPL, EXERCISE),
    ],
)
def test_what_an_order_is_worth_is_never_guessed(facts, quote, contract, more):
    with pytest.raises(Refused) as refused:
        check("1000000", facts, quote, contract, **more)
    assert refused.value.data["rule"] == "max_order_notional"


prices = st.floats(0.01, 1e6)


@given(
    limit=st.one_of(st.none(), prices),
    aux=st.one_of(st.none(), prices),
    quote=st.one_of(st.none(), prices),
    kind=st.sampled_from(["MKT", "LMT", "STP", "STP LMT", "TRAIL", "REL"]),
    action=st.sampled_from(["BUY", "SELL"]),
)
def test_the_price_is_a_buyers_limit_or_at_least_the_quote(limit, aux, quote, kind, action):
    fields = {"action": action, "orderType": kind, "lmtPrice": limit, "auxPrice": aux}
    price = notional.highest({name: value for name, value in fields.items() if value is not None}, quote)
    if action == "BUY" and kind in ("LMT", "STP LMT") and limit is not None:
        assert price == Decimal(str(limit))
    elif quote is None:
        assert price is None
    else:
        assert price >= max(Decimal(str(quote)), Decimal(str(limit or 0)), Decimal(str(aux or 0)))


# Where the facts come from

TOLD = {**AAPL, "conId": 1, "multiplier": "2", "strike": 150.5}


def test_only_tws_tells_what_an_instrument_is_worth():
    known = Instruments()
    known.learn(TOLD)
    claims = {"multiplier": "0.0001", "currency": "JPY", "strike": 0.01}
    told = InstrumentFacts("AAPL", "STK", "USD", Decimal(2), Decimal("150.5"))
    assert known.facts({"conId": 1, **claims, "symbol": "MSFT"}) == told
    assert known.facts({**AAPL, **claims}) == InstrumentFacts("AAPL", "STK", "", None, None)
    known.learn({**AAPL, "secType": "BAG", "conId": 28812380})
    assert known.facts({"conId": 28812380}) is None


@pytest.mark.parametrize(
    ("contract", "price"),
    [
        ({"conId": 1}, 7.0),
        ({"conId": 1, "exchange": "ISLAND"}, 7.0),
        ({"conId": 2}, None),
        ({"conId": 1, "secType": "BAG", "symbol": "A"}, None),
        ({"conId": 1, "comboLegs": [{"conId": 2}]}, None),
    ],
)
def test_a_quote_is_of_the_instrument_and_not_of_a_combination_that_bears_its_conid(contract, price):
    bench = Bench()
    bench.ready()
    subscriptions = bench.session._subscriptions
    plan = bench.session._routing.requests["reqMktData"]
    stream = subscriptions.streams.open(plan, {"contract": contract}, "x", "market.x.")
    req_id = subscriptions.streams.ask(stream, {}, 0.0)["reqId"]
    for _ in range(2):
        bench.tws("tickPrice", reqId=req_id, tickType=1, price=7.0, size="1")
    assert subscriptions.quote({"conId": 1}) == price
