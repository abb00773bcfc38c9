"""What params take, what is made of them, and how a mistake is told."""

from __future__ import annotations

import math

import jsonschema
import pytest

from bridge.catalogue import catalogue
from bridge.params import Parameters
from bridge.session.requests import Refused
from bridge.session.routing import RESERVED

PARAMETERS = Parameters(catalogue())
AAPL = {"conId": 265598, "exchange": "SMART"}
ORDER = {"action": "BUY", "orderType": "LMT", "totalQuantity": 10, "lmtPrice": 5.0}


def refusal(method, params):
    with pytest.raises(Refused) as refused:
        PARAMETERS.check(method, params)
    return refused.value


def test_nil_is_absent_and_declared_defaults_are_there():
    params = {"contract": {**AAPL, "symbol": None}, "order": {**ORDER, "tif": None}}
    checked = PARAMETERS.check("placeOrder", params)
    assert "symbol" not in checked["contract"]
    assert "tif" not in checked["order"]
    assert checked["order"]["transmit"] is True


@pytest.mark.parametrize(
    ("given", "made"),
    [
        (100, "100"),
        (100.0, "100"),
        ("100", "100"),
        ("0.50", "0.5"),
        (0.1, "0.1"),
        (1e-7, "0.0000001"),
        ("1000", "1000"),
    ],
)
def test_decimals_become_their_shortest_text(given, made):
    order = PARAMETERS.check("placeOrder", {"contract": AAPL, "order": {**ORDER, "totalQuantity": given}})["order"]
    assert order["totalQuantity"] == made


@pytest.mark.parametrize("given", [True, "", "abc", "1e5", math.nan, math.inf, [1], b"1", "1" * 31])
def test_what_is_no_decimal_is_refused(given):
    error = refusal("placeOrder", {"contract": AAPL, "order": {**ORDER, "totalQuantity": given}})
    assert (error.code, error.data["field"]) == ("invalidParams", "order.totalQuantity")


def test_floats_take_ints_and_ints_take_whole_floats():
    checked = PARAMETERS.check("placeOrder", {"contract": {"conId": 1.0}, "order": {**ORDER, "lmtPrice": 5}})
    assert type(checked["order"]["lmtPrice"]) is float
    assert type(checked["contract"]["conId"]) is int


@pytest.mark.parametrize(
    ("method", "params", "field"),
    [
        ("reqMktData", {}, "contract"),
        ("reqMktData", {"contract": None}, "contract"),
        ("reqMktData", {"contract": 5}, "contract"),
        ("reqMktData", {"contract": {}}, "contract"),
        ("reqMktData", {"contract": {"conId": "265598"}}, "contract.conId"),
        ("reqMktData", {"contract": {"conId": True}}, "contract.conId"),
        ("reqMktData", {"contract": {"conId": 1.5}}, "contract.conId"),
        ("reqMktData", {"contract": {"conId": 2**31}}, "contract.conId"),
        ("reqMktData", {"contract": {**AAPL, "strike": math.nan}}, "contract.strike"),
        ("reqMktData", {"contract": {**AAPL, "strike": math.inf}}, "contract.strike"),
        ("reqMktData", {"contract": {**AAPL, "strike": "5"}}, "contract.strike"),
        ("reqMktData", {"contract": {**AAPL, "symbol": 5}}, "contract.symbol"),
        ("reqMktData", {"contract": {**AAPL, "symbol": "A\0B"}}, "contract.symbol"),
        ("reqMktData", {"contract": {**AAPL, "colour": "red"}}, "contract.colour"),
        ("reqMktData", {"contract": AAPL, "reqId": 5}, "reqId"),
        ("reqMktData", {"contract": AAPL, "snapshot": 1}, "snapshot"),
        ("reqMktData", {"contract": {"comboLegs": {}}}, "contract.comboLegs"),
        ("reqMktData", {"contract": {"comboLegs": [{"conId": 1}, {"conId": "x"}]}}, "contract.comboLegs.1.conId"),
        ("reqHistoricalData", {"contract": AAPL, "duration": "1 D", "whatToShow": "TRADES"}, "barSizeSetting"),
        ("snapshot", {}, "prefix"),
        ("snapshot", {"prefix": "a", "nonce": "a.b"}, "nonce"),
        ("ping", {"x": 1}, "x"),
        ("cancelOrder", {}, "orderId"),
        ("cancelOrder", {"orderId": 1, "orderKey": "k"}, "orderId"),
        ("placeOrder", {"contract": AAPL}, "order"),
        ("placeOrder", {"contract": AAPL, "order": ORDER, "orderKey": "a.b"}, "orderKey"),
    ],
)
def test_a_mistake_names_its_field(method, params, field):
    error = refusal(method, params)
    assert (error.code, error.data["field"]) == ("invalidParams", field)
    assert error.message.startswith(f"{field}: ")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"action": None}, "action"),
        ({"action": "HOLD"}, "action"),
        ({"orderType": ""}, "orderType"),
        ({"totalQuantity": 0}, "totalQuantity"),
        ({"totalQuantity": -1}, "totalQuantity"),
        ({"totalQuantity": None}, "totalQuantity"),
        ({"lmtPrice": None}, "lmtPrice"),
        ({"orderType": "STP"}, "auxPrice"),
        ({"orderType": "stp", "auxPrice": 500.0}, "orderType"),
        ({"orderType": "STP  LMT", "auxPrice": 500.0}, "orderType"),
        ({"orderType": "Lmt"}, "orderType"),
        ({"orderType": "MKT "}, "orderType"),
        ({"orderType": "\uff2c\uff2d\uff34"}, "orderType"),
        ({"totalQuantity": -1, "cashQty": 5.0}, "totalQuantity"),
        ({"totalQuantity": -1, "faGroup": "all"}, "totalQuantity"),
        ({"cashQty": -1.0}, "cashQty"),
        ({"orderId": 5}, "orderId"),
        ({"clientId": 1}, "clientId"),
        ({"permId": "77"}, "permId"),
        ({"parentId": 5}, "parentId"),
        ({"parentPermId": "77"}, "parentPermId"),
        ({"orderType": "STP LMT", "auxPrice": 0}, "auxPrice"),
    ],
)
def test_orders_that_cannot_be_name_their_field(change, field):
    error = refusal("placeOrder", {"contract": AAPL, "order": {**ORDER, **change}})
    assert error.data["field"] == f"order.{field}"


@pytest.mark.parametrize(
    "order",
    [
        {"action": "BUY", "orderType": "MKT", "cashQty": 100.0},
        {"action": "SELL", "orderType": "LMT", "totalQuantity": "0.5", "lmtPrice": -1.0},
        {"action": "BUY", "orderType": "MKT", "faGroup": "all"},
        {**ORDER, "orderType": "STP", "auxPrice": 4.0},
        {**ORDER, "orderType": "SOME NEW TYPE"},
        {**ORDER, "orderType": "REL + LMT"},
        {**ORDER, "competeAgainstBestOffset": "Infinity"},
    ],
)
def test_orders_that_may_be_right_are_tws_to_judge(order):
    assert PARAMETERS.check("placeOrder", {"contract": AAPL, "order": order})["order"]["action"] == order["action"]


def test_every_schema_is_a_valid_json_schema_that_accepts_what_check_accepts():
    schemas = {method["method"]: method["params"] for method in PARAMETERS.describe()}
    for schema in schemas.values():
        jsonschema.Draft202012Validator.check_schema(schema)
    order = {"contract": AAPL, "order": ORDER}
    jsonschema.validate(order, schemas["placeOrder"])
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"contract": {"conId": "x"}, "order": ORDER}, schemas["placeOrder"])


def test_every_method_of_the_vocabulary_is_described():
    described = {method["method"] for method in PARAMETERS.describe()}
    assert {message.name for message in catalogue().requests()} - described <= set(RESERVED)


@pytest.mark.parametrize(
    ("condition", "field"),
    [
        ({"type": 1, "conId": 8, "exchange": "SMART", "isMore": True}, "order.conditions.0.price"),
        ({"type": 3, "isMore": True}, "order.conditions.0.time"),
        ({"type": 2}, "order.conditions.0.type"),
        ({}, "order.conditions.0.type"),
    ],
)
def test_a_condition_says_what_it_watches(condition, field):
    error = refusal("placeOrder", {"contract": AAPL, "order": {**ORDER, "conditions": [condition]}})
    assert (error.code, error.data["field"]) == ("invalidParams", field)


def test_conditions_are_joined_by_and_unless_said_otherwise():
    condition = {"type": 3, "time": "20260101 10:00:00 UTC", "isMore": True}
    checked = PARAMETERS.check("placeOrder", {"contract": AAPL, "order": {**ORDER, "conditions": [condition]}})
    assert checked["order"]["conditions"][0]["isConjunctionConnection"] is True


@pytest.mark.parametrize("method", ["placeOrder", "modifyOrder"])
def test_an_order_that_tws_would_hold_back_is_refused(method):
    more = {"orderKey": "k", "revision": 1} if method == "modifyOrder" else {"contract": AAPL}
    assert refusal(method, {**more, "order": {**ORDER, "transmit": False}}).data["field"] == "order.transmit"


def test_a_change_is_no_question():
    change = {"orderKey": "k", "revision": 1, "order": {**ORDER, "whatIf": True}}
    assert refusal("modifyOrder", change).data["field"] == "order.whatIf"


def test_an_owner_goes_with_an_order_key():
    assert PARAMETERS.check("cancelOrder", {"orderKey": "k", "owner": "bob"})["owner"] == "bob"
    assert refusal("cancelOrder", {"orderId": 7, "owner": "bob"}).data["field"] == "owner"


@pytest.mark.parametrize("name", ["orderId", "clientId", "permId", "parentId", "parentPermId"])
def test_numbers_of_orders_are_not_even_in_the_schema(name):
    schemas = {method["method"]: method["params"] for method in PARAMETERS.describe()}
    assert name not in schemas["placeOrder"]["$defs"]["OrderInput"]["properties"]
    told = refusal("placeOrders", {"orders": [{"orderKey": "k", "contract": AAPL, "order": {**ORDER, name: 1}}]})
    assert told.data["field"] == f"orders.0.order.{name}"
    assert "Key" in told.message


LEGS = [{"conId": 265598, "ratio": 1, "action": "BUY", "exchange": "SMART"}]
COMBO = {"symbol": "AAPL", "secType": "BAG", "exchange": "SMART", "comboLegs": LEGS}


@pytest.mark.parametrize("method", ["placeOrder", "reqMktData", "modifyOrder"])
@pytest.mark.parametrize(
    ("contract", "field"),
    [
        ({**AAPL, "comboLegs": LEGS}, "contract.secType"),
        ({**AAPL, "secType": "STK", "comboLegs": LEGS}, "contract.secType"),
        ({**COMBO, "secType": "bag"}, "contract.secType"),
        ({**COMBO, "conId": 272093}, "contract.conId"),
        ({"conId": 272093, "secType": "BAG"}, "contract.conId"),
    ],
)
def test_a_contract_is_one_instrument_or_a_combination(method, contract, field):
    more = {"placeOrder": {"order": ORDER}, "modifyOrder": {"order": ORDER, "orderKey": "k", "revision": 1}}
    assert refusal(method, {**more.get(method, {}), "contract": contract}).data["field"] == field
    assert PARAMETERS.check(method, {**more.get(method, {}), "contract": {**COMBO, "conId": 0}})


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"contract": COMBO}, "contract.secType"),
        ({"contract": {**AAPL, "comboLegs": LEGS}}, "contract.secType"),
        ({"exerciseQuantity": 0}, "exerciseQuantity"),
        ({"exerciseQuantity": -5}, "exerciseQuantity"),
    ],
)
def test_what_is_exercised_is_some_of_one_option(change, field):
    params = {"contract": AAPL, "exerciseAction": 1, "exerciseQuantity": 1, "account": "DU1"}
    assert PARAMETERS.check("exerciseOptions", params)
    assert refusal("exerciseOptions", {**params, **change}).data["field"] == field


def test_nil_is_absent_where_a_default_stands_in_for_it():
    given = {"transmit": None, "conditions": [{"type": 3, "time": "20260101 10:00:00 UTC", "isMore": True}]}
    given["conditions"][0]["isConjunctionConnection"] = None
    order = PARAMETERS.check("placeOrder", {"contract": AAPL, "order": {**ORDER, **given}})["order"]
    assert order["transmit"] is True
    assert order["conditions"][0]["isConjunctionConnection"] is True


@pytest.mark.parametrize(
    ("method", "params", "made"),
    [
        ("halt", {"reason": None}, {"reason": "no reason given"}),
        ("orderLog", {"after": 0, "limit": None}, {"after": 0, "limit": 500}),
        ("abandon", {"orderKey": "k", "force": None}, {"orderKey": "k", "force": False}),
        (
            "reqMktData",
            {"contract": AAPL, "marketDataOptions": {"a": None, "b": "c"}},
            {"marketDataOptions": {"b": "c"}},
        ),
    ],
)
def test_nil_is_absent_in_every_map(method, params, made):
    assert made.items() <= PARAMETERS.check(method, params).items()


def test_the_bridges_own_methods_take_whole_floats_too():
    checked = PARAMETERS.check("orderLog", {"after": 7.0, "limit": 5.0})
    assert {key: type(value) for key, value in checked.items()} == {"after": int, "limit": int}
    change = {"orderKey": "k", "revision": 2.0, "order": {**ORDER, "permId": 775.0}}
    assert PARAMETERS.check("modifyOrder", change)["order"]["permId"] == "775"


@pytest.mark.parametrize("timeout", ["5", True, math.nan, math.inf, 0, 601])
def test_the_time_of_a_wait_is_a_number_as_declared(timeout):
    params = {"orderKey": "k", "until": "ended", "timeout": timeout}
    assert refusal("awaitOrder", params).data["field"] == "timeout"


def test_a_number_of_the_log_has_63_bits():
    assert PARAMETERS.check("orderLog", {"after": 2**63 - 1})
    assert refusal("orderLog", {"after": 2**63}).data["field"] == "after"


def test_a_wrong_key_of_a_map_is_named_by_its_path():
    assert refusal("reqMktData", {"contract": AAPL, "marketDataOptions": {"a\0": "x"}}).data["field"] == (
        "marketDataOptions.a\0"
    )


def _group(*members):
    return {
        "orders": [
            {"orderKey": key, "contract": AAPL, "order": {**ORDER, "transmit": transmit}}
            | ({"parentKey": parent} if parent else {})
            for key, parent, transmit in members
        ]
    }


def test_a_bracket_may_have_the_usual_transmit_of_its_orders():
    group = _group(("a", "", False), ("b", "a", False), ("c", "a", True), ("d", "", True))
    checked = PARAMETERS.check("placeOrders", group)
    assert [placed["order"]["transmit"] for placed in checked["orders"]] == [True] * 4


@pytest.mark.parametrize(
    ("members", "field"),
    [
        ([("a", "", False)], "orders.0.order.transmit"),
        ([("a", "", False), ("b", "a", False)], "orders.1.order.transmit"),
        ([("a", "", False), ("b", "", True)], "orders.0.order.transmit"),
    ],
)
def test_the_last_order_of_a_family_cannot_be_held_back(members, field):
    refused = refusal("placeOrders", _group(*members))
    assert refused.code == "invalidParams"
    assert refused.data["field"] == field
    assert "leave transmit out" in refused.message
