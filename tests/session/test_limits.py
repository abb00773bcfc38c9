"""Limits of one order, and what prefix of topics a client is left with: pure functions."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.session.contracts.instruments import Instruments
from bridge.session.requests import Refused
from bridge.session.rights import limits
from bridge.session.rights.grants import Grant, cut

AAPL = {"symbol": "AAPL", "secType": "STK", "exchange": "SMART", "currency": "USD"}


COMBO = {"symbol": "AAPL", "secType": "BAG", "exchange": "SMART", "currency": "USD"}


def order(**more):
    return {"action": "BUY", "orderType": "LMT", "totalQuantity": "10", "lmtPrice": 5.0, **more}


def rule_of(check, *arguments):
    with pytest.raises(Refused) as refused:
        check(*arguments)
    assert refused.value.code == "notPermitted"
    return refused.value.data["rule"]


# What a subscription is cut down to

tokens = st.lists(st.sampled_from(["market", "account", "order", "1", "12", "DU1", "a", "tickPrice"]), max_size=4)
prefixes = st.builds(lambda parts, dot: ".".join(parts) + ("." if dot and parts else ""), tokens, st.booleans())


@given(asked=prefixes, allowed=st.lists(prefixes, max_size=5), topic=prefixes)
def test_a_cut_prefix_selects_what_is_asked_and_allowed_and_nothing_else(asked, allowed, topic):
    wanted = topic.startswith(asked) and any(topic.startswith(prefix) for prefix in allowed)
    assert any(topic.startswith(prefix) for prefix in cut(asked, tuple(allowed))) == wanted


@given(asked=prefixes)
def test_an_observer_is_never_left_with_accounts_or_orders_of_others(asked):
    hears = Grant(frozenset({"observe"})).hears("me")
    for prefix in cut(asked, hears):
        assert not prefix.startswith("account")
        assert not prefix.startswith("order") or prefix.startswith("order.me.")
        assert any(prefix.startswith(allowed) for allowed in hears)


def test_what_each_role_hears():
    assert Grant(frozenset({"admin"})).hears("me") == ("",)
    assert "account." in Grant(frozenset({"account"})).hears("me")
    assert "account.DU1." in Grant(frozenset({"account"}), accounts=frozenset({"DU1"})).hears("me")
    assert "account." not in Grant(frozenset({"account"}), accounts=frozenset({"DU1"})).hears("me")
    assert cut("order.", Grant(frozenset({"trade"})).hears("me")) == ["order.me."]
    assert cut("order.me", Grant(frozenset({"trade"})).hears("me")) == ["order.me."]
    assert cut("order.meagre.", Grant(frozenset({"trade"})).hears("me")) == []


# Accounts and symbols


@pytest.mark.parametrize(
    ("named", "managed", "allowed"),
    [
        (["DU1"], ["DU1", "DU2"], True),
        (["DU2"], ["DU1", "DU2"], False),
        (["DU1", "DU2"], ["DU1", "DU2"], False),
        ([None, ""], ["DU1"], True),
        ([], ["DU2"], False),
        ([], ["DU1", "DU2"], False),
        ([], [], False),
    ],
)
def test_accounts(named, managed, allowed):
    grant = Grant(accounts=frozenset({"DU1"}))
    if allowed:
        limits.account(grant, named, managed)
    else:
        assert rule_of(limits.account, grant, named, managed) == "accounts"


@pytest.mark.parametrize("more", [{"faGroup": "all"}, {"modelCode": "X"}])
def test_a_group_and_a_model_are_more_than_the_accounts_named(more):
    grant = Grant(accounts=frozenset({"DU1"}))
    assert rule_of(limits.allocation, grant, order(account="DU1", **more)) == "accounts"
    limits.allocation(Grant(), order(**more))


@pytest.mark.parametrize(
    "contract",
    [
        {**AAPL, "symbol": "MSFT"},
        {**AAPL, "localSymbol": "MSFT"},
        {**AAPL, "secId": "US5949181045"},
        {**AAPL, "conId": 2},
        {**AAPL, "conId": 3},
        {**AAPL, "conId": 2, "comboLegs": [{"conId": 1}]},
        {"conId": 3},
        {**COMBO, "comboLegs": [{"conId": 1}, {"conId": 2}]},
        {**COMBO, "comboLegs": [{"conId": 1}, {"conId": 3}]},
        {**COMBO, "comboLegs": [{"conId": 1}], "symbol": "MSFT"},
        {**COMBO, "comboLegs": [{"conId": 1}], "symbol": "AAPL,MSFT"},
        {**COMBO, "comboLegs": [{"conId": 1}], "localSymbol": "MSFT"},
        {**COMBO, "comboLegs": [{"conId": 1}], "symbol": ""},
        COMBO,
    ],
)
def test_a_symbol_that_is_not_allowed_or_only_claimed(contract):
    grant = Grant(symbols=frozenset({"AAPL"}))
    known = Instruments()
    known.learn({**AAPL, "conId": 1})
    known.learn({**AAPL, "conId": 2, "symbol": "MSFT"})
    assert rule_of(limits.symbol, grant, contract, known.facts) == "symbols"
    for allowed in (AAPL, {"conId": 1}, {**COMBO, "comboLegs": [{"conId": 1}]}):
        limits.symbol(grant, allowed, known.facts)


# Size


def test_size():
    grant = Grant(max_order_size=Decimal("10.5"))
    limits.size(grant, AAPL, order(totalQuantity="10.5"))
    assert rule_of(limits.size, grant, AAPL, order(totalQuantity="10.50001")) == "max_order_size"
    assert rule_of(limits.size, grant, AAPL, order(cashQty=1.0)) == "max_order_size"
    group = {name: value for name, value in order(faGroup="all").items() if name != "totalQuantity"}
    assert rule_of(limits.size, grant, AAPL, group) == "max_order_size"


@pytest.mark.parametrize(
    "legs", [[(1, 1), (2, 4)], [(1, 2), (2, 1), (1, 2)], [(1, -4)], [(1, 1), (1, None), (1, 0), (1, 1)]]
)
def test_the_size_of_a_combo_is_that_of_what_it_trades_the_most(legs):
    told = [{"conId": con_id} | ({} if ratio is None else {"ratio": ratio}) for con_id, ratio in legs]
    combo = {**COMBO, "comboLegs": told}
    limits.size(Grant(max_order_size=Decimal(40)), combo, order())
    assert rule_of(limits.size, Grant(max_order_size=Decimal(39)), combo, order()) == "max_order_size"


@pytest.mark.parametrize(
    ("contract", "more"),
    [
        (AAPL, {"deltaNeutralOrderType": "MKT"}),
        (AAPL, {"hedgeType": "D"}),
        (AAPL, {"scaleAutoReset": True}),
        (AAPL, {"scaleProfitOffset": 0.1}),
        (AAPL, {"scaleTable": "1,100"}),
        ({**AAPL, "deltaNeutralContract": {"conId": 2, "delta": 100.0, "price": 1.0}}, {}),
    ],
)
def test_orders_that_bring_on_others_have_no_known_size(contract, more):
    few: dict[str, Any] = {
        "max_order_size": Decimal(1000), "max_order_notional": {"USD": Decimal(1000)}, "symbols": frozenset({"AAPL"})
    }  # fmt: skip
    for name, limit in few.items():
        assert rule_of(limits.bounded, Grant(**{name: limit}), contract, order(**more)) == name
    limits.bounded(Grant(), contract, order(**more))


# The kill switch

HELD = order(cashQty=100.0, orderRef="mine", discretionaryAmt=0.1)


@pytest.mark.parametrize(
    ("side", "change"),
    [
        ("BUY", {}),
        ("BUY", {"totalQuantity": "9.9"}),
        ("BUY", {"cashQty": 99.0}),
        ("BUY", {"lmtPrice": 4.9}),
        ("SELL", {"lmtPrice": 5.1}),
        ("SSHORT", {"lmtPrice": 5.1, "totalQuantity": "1"}),
    ],
)
def test_a_change_that_only_takes_from_an_order(side, change):
    before = {**HELD, "action": side}
    assert limits.reduces(of(before), of({**before, **change}))


@pytest.mark.parametrize(
    ("side", "change"),
    [
        ("BUY", {"totalQuantity": "10.1"}),
        ("BUY", {"totalQuantity": "0"}),
        ("BUY", {"totalQuantity": "-1"}),
        ("BUY", {"totalQuantity": None}),
        ("BUY", {"totalQuantity": "9", "lmtPrice": 5.1}),
        ("BUY", {"cashQty": 101.0}),
        ("BUY", {"cashQty": None}),
        ("BUY", {"lmtPrice": 5.1}),
        ("BUY", {"lmtPrice": 0.0}),
        ("BUY", {"lmtPrice": -1.0}),
        ("BUY", {"lmtPrice": None}),
        ("SELL", {"lmtPrice": 4.9}),
        ("SLONG", {"lmtPrice": 4.9}),
        ("BUY", {"action": "SELL"}),
        ("BUY", {"orderType": "MKT"}),
        ("BUY", {"auxPrice": 1.0}),
        ("BUY", {"tif": "GTC"}),
        ("BUY", {"account": "DU2"}),
        ("BUY", {"transmit": True}),
        ("BUY", {"faGroup": "all"}),
        ("BUY", {"modelCode": "X"}),
        ("BUY", {"hedgeType": "D", "hedgeParam": "9"}),
        ("BUY", {"deltaNeutralOrderType": "MKT"}),
        ("BUY", {"scaleAutoReset": True}),
        ("BUY", {"discretionaryAmt": 0.05}),
        ("BUY", {"adjustedOrderType": "TRAIL", "triggerPrice": 1.0}),
        ("BUY", {"conditions": []}),
        ("BUY", {"orderRef": None}),
    ],
)
def test_a_change_that_may_add_to_an_order(side, change):
    before = {**HELD, "action": side}
    assert not limits.reduces(of(before), of({**before, **change}))


@pytest.mark.parametrize("kind", ["REL", "PEG MID", "TRAIL LIMIT", "MKT"])
def test_a_lower_price_is_no_better_where_it_is_no_limit(kind):
    assert not limits.reduces(of(order(orderType=kind)), of(order(orderType=kind, lmtPrice=4.9)))


def test_of_an_order_that_is_not_known_every_change_may_add():
    assert not limits.reduces(of({}), of(order()))
    assert not limits.reduces({"contract": {"conId": 1}, "order": order()}, of(order(totalQuantity="9")))


def of(fields):
    return {"contract": AAPL, "order": {name: value for name, value in fields.items() if value is not None}}
