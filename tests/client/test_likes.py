"""Contracts and orders of ib_async and ibapi, as they are: TWS reads the same as if these clients had sent them."""

from __future__ import annotations

import datetime
from decimal import Decimal

import ib_async
import msgpack
import pytest
from hypothesis import given as drawn_from
from hypothesis import settings
from hypothesis import strategies as st
from ibapi.contract import Contract
from ibapi.order import Order

from bridge.catalogue import catalogue
from tests.conformance import ibapi_requests, test_ib_async_sends
from tests.conformance.carried import carried, gated
from tests.conformance.ibapi_requests import IBAPI, filled
from tests.conformance.requests_alike import differing, tamed
from tests.conformance.test_ib_async_sends import IB_ASYNC
from tests.conformance.wire import decode, encode
from tests.strategies import complete, messages
from tws_bridge_client import BridgeClient
from tws_bridge_client.fields import untyped as wire
from tws_bridge_client.generated import types as t
from tws_bridge_client.likes import contract_of, given, order_of

#: The client, how its objects are made, what it sends, and its newest server version.
CLIENTS = {
    "ib_async": (IB_ASYNC, test_ib_async_sends.sent, 178),
    "ibapi": (IBAPI, lambda name, data: ibapi_requests.vendor_payload(name, 200, data), 200),
}
#: What is not of the object itself, or what the bridge fills in.
NOT_OURS = ("attachedOrders", "orderCancel")


def check(client: str, name: str, data: dict) -> None:
    kit, sent, version = CLIENTS[client]
    data = {"contract": {}, **({"order": {}} if name == "placeOrder" else {}), **data}
    data = filled(name, tamed(name, gated(name, data), text=False))
    if client == "ib_async":
        data = test_ib_async_sends.spoken(name, data)
    data = carried(name, version, data, fill=False)
    for leg in data.get("contract", {}).get("comboLegs", ()):
        leg.pop("perLegPrice", None)  # both have it in the order; test_what_is_elsewhere_is_said
    for other in NOT_OURS:
        data.pop(other, None)
    types = catalogue().types
    contract = wire(kit.made(types["Contract"], data.get("contract", {})))
    order = {"order": wire(kit.made(types["Order"], data.get("order", {})))} if name == "placeOrder" else {}
    ours = {**data, "contract": contract, **order}
    if "order" in ours:
        ours["order"].setdefault("transmit", True)  # the bridge transmits what does not say otherwise
        if client == "ib_async":
            ours["order"].setdefault("openClose", "O")  # its default, which it sends of its own accord
    theirs = decode(name, version, sent(name, filled(name, data)))
    found = differing(decode(name, version, encode(name, version, ours)).data, theirs.data)
    assert not found, "\n".join([f"{client} {name}:", *found])


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("name", ["placeOrder", "reqContractDetails"])
def test_every_field_arrives(client, name):
    for data in complete(name):
        check(client, name, data)


@pytest.mark.parametrize("client", CLIENTS)
@settings(max_examples=20)
@drawn_from(drawn=st.data())
def test_any_order_arrives(client, drawn):
    check(client, "placeOrder", drawn.draw(messages("placeOrder", unicode=False)))


def test_defaults_are_left_out():
    assert wire(ib_async.Stock("AAPL", "SMART", "USD", primaryExchange="NASDAQ")) == {
        "secType": "STK", "symbol": "AAPL", "exchange": "SMART", "currency": "USD", "primaryExch": "NASDAQ",
    }  # fmt: skip
    assert wire(ib_async.LimitOrder("BUY", 100, 187.5)) == {
        "action": "BUY", "orderType": "LMT", "totalQuantity": "100", "lmtPrice": 187.5,
    }  # fmt: skip
    assert wire(Contract()) == wire(Order()) == wire(ib_async.Order()) == wire(ib_async.Contract()) == {}
    order = Order()
    order.lmtPrice, order.totalQuantity, order.transmit = 0.0, Decimal("0.5"), False
    assert wire(order) == {"lmtPrice": 0.0, "totalQuantity": "0.5", "transmit": False}


def test_parts_and_lists_are_converted():
    legs = [ib_async.ComboLeg(conId=1, ratio=2, action="BUY", exchange="SMART")]
    bag = ib_async.Contract(secType="BAG", symbol="X", comboLegs=legs)
    assert wire(bag)["comboLegs"] == [{"conId": 1, "ratio": 2, "action": "BUY", "exchange": "SMART"}]
    condition = ib_async.PriceCondition(price=5.0, conId=1, exch="SMART", conjunction="o", isMore=False)
    order = ib_async.MarketOrder("BUY", 1, conditions=[condition], algoParams=[ib_async.TagValue("a", "1")])
    assert wire(order)["algoParams"] == {"a": "1"}
    assert wire(order)["conditions"] == [
        {"type": 1, "isConjunctionConnection": False, "isMore": False, "price": 5.0, "conId": 1, "exchange": "SMART",
         "triggerMethod": 0}
    ]  # fmt: skip
    assert given("placeOrders", {"orders": [{"orderKey": "k", "contract": bag}], "other": None}) == {
        "orders": [{"orderKey": "k", "contract": wire(bag)}]
    }


def test_what_is_elsewhere_or_unknown_is_said():
    order = ib_async.LimitOrder("BUY", 1, 5.0)
    order.orderComboLegs = [ib_async.order.OrderComboLeg(price=1.0)]
    with pytest.raises(ValueError, match=r"Order\.orderComboLegs: give perLegPrice in the legs"):
        wire(order)
    with pytest.raises(ValueError, match=r"Order\.eTradeOnly: leave it out: TWS does not take it any more"):
        wire(ib_async.LimitOrder("BUY", 1, 5.0, eTradeOnly=True))
    misspelt = Order()
    misspelt.Tif = "GTC"
    with pytest.raises(ValueError, match="Order has no field Tif: did you mean tif"):
        wire(misspelt)
    with pytest.raises(TypeError, match=r"builtins\.object is no contract, order or value of the API"):
        given("reqMktData", {"a": [{"b": object()}]})


def test_our_objects_stay_the_same():
    contract, order = t.Contract(conId=1), t.Order(action="BUY")
    assert contract_of(contract) is contract
    assert order_of(order) is order
    assert contract_of({"conId": 5}) == t.Contract(conId=5)
    assert order_of(ib_async.MarketOrder("SELL", 3)).totalQuantity == 3


def test_a_value_that_the_wire_cannot_have_is_named_by_its_path():
    with pytest.raises(TypeError, match=r"^orders\.0\.order\.tif: expected a text, not datetime"):
        given("placeOrders", {"orders": [{"order": {"tif": datetime.datetime(2026, 1, 2)}}]})


def test_a_request_takes_decimals_and_objects_anywhere_in_its_params():
    with BridgeClient("a", requests="tcp://127.0.0.1:9", events="tcp://127.0.0.1:9") as client:
        order = {"totalQuantity": Decimal("0.50")}
        placed = {"orderKey": "k", "contract": ib_async.Stock("A"), "order": order}
        call = client._send("placeOrders", {"orders": [placed]}, 1.0)
    assert msgpack.unpackb(call.body)["params"]["orders"] == [
        {"orderKey": "k", "contract": {"secType": "STK", "symbol": "A"}, "order": {"totalQuantity": "0.5"}}
    ]


def test_an_integer_that_ib_async_uses_as_a_flag_may_be_one():
    order = ib_async.LimitOrder("BUY", 1, 5.0, usePriceMgmtAlgo=True, routeMarketableToBbo=True)
    ours = order_of(order)
    assert (ours.usePriceMgmtAlgo, ours.routeMarketableToBbo) == (1, 1)
    with pytest.raises(TypeError, match="usePriceMgmtAlgo: expected an integer"):
        t.Order(usePriceMgmtAlgo=True)
