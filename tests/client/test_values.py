"""One rule converts what objects and requests take. What has no one meaning is an error that names the field."""

from __future__ import annotations

import copy
import datetime as dt
import enum
import pickle
import sys
from decimal import Decimal
from zoneinfo import ZoneInfo

import ib_async
import ibapi.contract
import ibapi.order
import ibapi.order_condition
import ibapi.tag_value
import msgpack
import numpy as np
import pytest

from bridge.catalogue import catalogue
from bridge.params.models import CancelParams, build
from bridge.schemas_out.times import DAYS, MOMENTS
from tws_bridge_client.fields import converter, untyped
from tws_bridge_client.foreign import _field
from tws_bridge_client.generated import messages as m
from tws_bridge_client.generated import types as t
from tws_bridge_client.generated.params import PARAMS
from tws_bridge_client.likes import contract_of, given, order_of


class Tif(enum.Enum):
    GTC = "GTC"


class Action(enum.StrEnum):
    BUY = "BUY"


NEW_YORK = dt.datetime(2026, 1, 5, 9, 30, tzinfo=ZoneInfo("America/New_York"))
LEG = ibapi.contract.ComboLeg()
LEG.conId, LEG.ratio, LEG.action = 1, 2, "BUY"
TAG = ibapi.tag_value.TagValue("maxPctVol", "0.1")
CONDITION = ib_async.PriceCondition(price=5.0, conId=1, exch="SMART")
#: The class, the field, the value, and what the wire has.
TAKEN = [
    ("Order", "lmtPrice", Decimal("1.5"), 1.5),
    ("Order", "lmtPrice", np.float64(1.5), 1.5),
    ("Order", "lmtPrice", np.float32(187.1), 187.1),
    ("Order", "lmtPrice", np.array(2.5), 2.5),
    ("Order", "lmtPrice", 5, 5.0),
    ("Order", "lmtPrice", -0.5, -0.5),
    ("Order", "competeAgainstBestOffset", float("inf"), float("inf")),
    ("Order", "permId", 1.0, "1"),
    ("Order", "permId", "0017", "17"),
    ("Order", "displaySize", 100.0, 100),
    ("Order", "displaySize", np.int32(100), 100),
    ("Order", "displaySize", Decimal("1E+2"), 100),
    ("Order", "totalQuantity", 1, "1"),
    ("Order", "totalQuantity", "1.00", "1"),
    ("Order", "totalQuantity", 1.0, "1"),
    ("Order", "totalQuantity", np.int64(100), "100"),
    ("Order", "totalQuantity", np.float32(0.1), "0.1"),
    ("Order", "totalQuantity", Decimal("-0.0"), "0"),
    ("Order", "totalQuantity", Decimal("0.123456789012345678901234567890"), "0.12345678901234567890123456789"),
    ("Order", "outsideRth", np.bool_(True), True),
    ("Order", "tif", Tif.GTC, "GTC"),
    ("Order", "tif", np.str_("GTC"), "GTC"),
    ("Order", "action", Action.BUY, "BUY"),
    ("Order", "ocaGroup", "größe ✓", "größe ✓"),
    ("Order", "goodTillDate", NEW_YORK, "20260105-14:30:00"),
    ("Order", "goodTillDate", "20260105 09:30:00 US/Eastern", "20260105 09:30:00 US/Eastern"),
    ("OrderCondition", "time", NEW_YORK, "20260105-14:30:00"),
    ("ExecutionFilter", "time", NEW_YORK, "20260105-14:30:00"),
    ("Contract", "lastTradeDateOrContractMonth", dt.date(2026, 12, 18), "20261218"),
    ("Contract", "lastTradeDateOrContractMonth", dt.datetime(2026, 12, 18), "20261218"),
    ("Contract", "comboLegs", [LEG], [{"conId": 1, "ratio": 2, "action": "BUY"}]),
    ("Contract", "comboLegs", (t.ComboLeg(conId=1),), [{"conId": 1}]),
    ("Contract", "strike", np.float64(500), 500.0),
    ("ExecutionFilter", "specificDates", np.array([20260105, 20260106]), [20260105, 20260106]),
    ("Order", "algoParams", [TAG], {"maxPctVol": "0.1"}),
    ("Order", "algoParams", [ib_async.TagValue("maxPctVol", 0.1)], {"maxPctVol": "0.1"}),
    ("Order", "algoParams", {"maxPctVol": np.float32(0.1), "a": 1}, {"maxPctVol": "0.1", "a": "1"}),
    ("Order", "algoParams", [], {}),
    ("Order", "conditions", [CONDITION],
     [{"type": 1, "isConjunctionConnection": True, "isMore": True, "price": 5.0, "conId": 1, "exchange": "SMART",
       "triggerMethod": 0}]),
    ("PlacedOrder", "contract", ib_async.Stock("A"), {"secType": "STK", "symbol": "A"}),
    ("PlacedOrder", "order", {"lmtPrice": Decimal("1.5"), "aNewField": Decimal("1.50")},
     {"lmtPrice": 1.5, "aNewField": "1.5"}),
]  # fmt: skip
#: What is left out: None, and the values with which ibapi says that a field is not set.
UNSET = [
    ("Order", "lmtPrice", sys.float_info.max),
    ("Order", "displaySize", 2**31 - 1),
    ("Order", "totalQuantity", Decimal(2**127 - 1)),
    ("Order", "lmtPrice", ib_async.util.UNSET_DOUBLE),
    ("Order", "tif", None),
    ("Contract", "comboLegs", None),
]
REFUSED = [
    ("Order", "lmtPrice", float("nan"), "expected a finite number"),
    ("Order", "lmtPrice", float("inf"), "expected a finite number"),
    ("Order", "lmtPrice", Decimal("sNaN"), "expected a finite number"),
    ("Order", "lmtPrice", np.float64("nan"), "expected a finite number"),
    ("Order", "lmtPrice", 10**400, "expected a finite number"),
    ("Order", "competeAgainstBestOffset", float("-inf"), "expected a finite number"),
    ("Order", "lmtPrice", "1.5", "expected a number"),
    ("Order", "lmtPrice", True, "expected a number"),
    ("Order", "lmtPrice", np.bool_(True), "expected a number"),
    ("Order", "lmtPrice", np.array([1.5, 2.5]), "expected a number"),
    ("Order", "displaySize", 1.5, "expected an integer"),
    ("Order", "displaySize", True, "expected an integer"),
    ("Order", "displaySize", float("inf"), "expected an integer"),
    ("Order", "displaySize", 2**70, "more than 64 bits"),
    ("Order", "permId", 1.5, "expected an integer"),
    ("Order", "permId", 1e17, "expected an integer"),
    ("Order", "permId", "1.0", "expected an integer"),
    ("Order", "permId", str(2**63), "more than 64 bits"),
    ("Order", "totalQuantity", True, "expected a number"),
    ("Order", "totalQuantity", Decimal("NaN"), "is not a finite number"),
    ("Order", "totalQuantity", "1e999999", "more than 30 digits"),
    ("Order", "totalQuantity", "1e-999999", "more than 30 digits"),
    ("Order", "totalQuantity", "ten", "is not a number"),
    ("Order", "outsideRth", 1, "expected True or False"),
    ("Order", "tif", 5, "expected a text"),
    ("Order", "tif", "\ud800", "no valid Unicode text"),
    ("Order", "goodTillDate", NEW_YORK.replace(tzinfo=None), "names no time zone"),
    ("Order", "goodTillDate", dt.date(2026, 1, 5), "a day is no time"),
    ("Order", "algoParams", [5], "expected a map, or a list of TagValue"),
    ("Order", "algoParams", [TAG, TAG], "the tag maxPctVol is there twice"),
    ("Order", "algoParams", {"a": True}, "expected a text"),
    ("Contract", "lastTradeDateOrContractMonth", NEW_YORK, "which has a time"),
    ("Contract", "comboLegs", t.ComboLeg(), "expected a list"),
    ("Contract", "comboLegs", [t.Order()], "expected a ComboLeg"),
    ("PlacedOrder", "order", t.Contract(), "expected a Order"),
    ("PlacedOrder", "order", object(), "expected a Order"),
    ("PlacedOrder", "contract", ib_async.MarketOrder("BUY", 1), "expected a Contract"),
]


def ids(case):
    return f"{case[0]}.{case[1]}-{type(case[2]).__name__}"


@pytest.mark.parametrize("case", TAKEN, ids=ids)
def test_a_constructor_an_assignment_and_a_request_convert_alike(case):
    kind, field, value, expected = case
    ours = getattr(t, kind)
    assigned = ours()
    setattr(assigned, field, value)
    found = [ours(**{field: value}).to_dict(), assigned.to_dict(), ours().copy(**{field: value}).to_dict()]
    for is_request in (False, True):
        found.append(converter(kind, t.__name__, is_request=is_request)({field: value}, "a"))
    for one in found:
        assert one == {field: expected}
        assert type(one[field]) is type(expected)
    assert msgpack.unpackb(msgpack.packb(found[0])) == {field: expected}


@pytest.mark.parametrize("case", UNSET, ids=ids)
def test_what_is_not_set_is_left_out(case):
    kind, field, value = case
    ours = getattr(t, kind)
    assert ours(**{field: value}).to_dict() == {}
    assert converter(kind, t.__name__, is_request=True)({field: value}, "a") == {}


@pytest.mark.parametrize("case", REFUSED, ids=ids)
def test_what_cannot_be_converted_is_an_error_that_names_the_field(case):
    kind, field, value, said = case
    made = getattr(t, kind)()
    with pytest.raises((TypeError, ValueError), match=rf"^{kind}\.{field}(\.\w+)?: .*{said}"):
        setattr(made, field, value)
    with pytest.raises((TypeError, ValueError), match=rf"^{kind}\.{field}(\.\w+)?: .*{said}"):
        getattr(t, kind)(**{field: value})
    assert made.to_dict() == {}


def test_the_bridge_words_the_error_of_a_wrong_value_in_a_map():
    params = {
        "contract": {"conId": "5"},
        "order": {"lmtPrice": "abc", "tif": 5, "conditions": {}, "algoParams": {"a": True}},
    }
    params |= {"parentKey": []}
    assert given("placeOrder", params) == params
    assert given("noSuchMethod", {"a": Decimal("1.0"), "b": None}) == {"a": "1"}
    with pytest.raises(ValueError, match=r"^orders\.0\.order\.goodTillDate: .* names no time zone"):
        given("placeOrders", {"orders": [{"order": {"goodTillDate": dt.datetime(2026, 1, 5)}}]})
    with pytest.raises(TypeError, match=r"^orders\.0\.order\.lmtPrice: expected a number, not array"):
        given("placeOrders", {"orders": ({"order": {"lmtPrice": np.array([1.0, 2.0])}},)})
    with pytest.raises(TypeError, match="params: expected a map"):
        given("placeOrder", [])
    with pytest.raises(ValueError, match=r"^order\.ocaType: .*more than 64 bits"):
        given("placeOrder", {"order": {"ocaType": 2**64}})


def test_a_request_converts_params_and_shares_nothing():
    contract = t.Contract(comboLegs=[t.ComboLeg(conId=1)])
    order = t.Order.from_dict({"lmtPrice": Decimal("1.5"), "aNewField": [1]})
    params = given("placeOrder", {"contract": contract, "order": order})
    assert params == {"contract": {"comboLegs": [{"conId": 1}]}, "order": {"lmtPrice": 1.5, "aNewField": [1]}}
    contract.comboLegs[0].conId = 2
    assert params["contract"] == {"comboLegs": [{"conId": 1}]}
    assert given("reqHistoricalData", {"endDateTime": NEW_YORK}) == {"endDateTime": "20260105-14:30:00"}
    assert given("modifyOrder", {"order": t.Order(tif="GTC")}) == {"order": {"tif": "GTC"}}
    assert given("modifyOrder", {"order": ib_async.Order(tif="GTC")}) == {"order": {"tif": "GTC"}}
    assert given("calculateOptionPrice", {"volatility": Decimal("0.2")}) == {"volatility": 0.2}


def test_the_bridge_takes_what_is_converted():
    order = {"action": "BUY", "orderType": "LMT", "lmtPrice": Decimal("1.5"), "totalQuantity": np.float32(0.5)}
    for one in (t.Order(**order), order):
        params = given("placeOrder", {"contract": ib_async.Stock("A", "SMART", "USD"), "order": one, "orderKey": "k"})
        taken = build(catalogue())["placeOrder"].model_validate(params)
        assert (taken.order.lmtPrice, taken.order.totalQuantity) == (1.5, "0.5")


def test_each_method_of_the_bridge_has_the_kinds_of_its_params():
    for method, model in build(catalogue()).items():
        if model is not CancelParams:  # the methods of the client cancel what they hold
            assert set(PARAMS.get(method, {})) == set(model.model_fields), method
    for method, kinds in PARAMS.items():
        for name, kind in kinds.items():
            assert converter(kind, t.__name__) is not untyped, f"{method}.{name}: {kind}"


def test_each_time_and_day_is_a_field_or_a_param():
    for owner, name in (path.split(".") for path in MOMENTS | DAYS):
        kinds = PARAMS[owner] if owner in PARAMS else getattr(t, owner).KINDS
        assert kinds[name] == ("Moment" if f"{owner}.{name}" in MOMENTS else "Day")


def test_objects_of_other_libraries_take_the_names_of_the_declared_aliases():
    assert _field("primaryExchange", t.Contract) == "primaryExch"
    assert _field("shortSaleSlot", t.ComboLeg) == "shortSalesSlot"
    assert _field("shortSaleSlot", t.Order) == "shortSaleSlot"
    assert _field("exch", t.OrderCondition) == "exchange"
    assert _field("condType", t.OrderCondition) == "type"
    assert _field("val", t.SoftDollarTier) == "value"
    contract = ibapi.contract.Contract()
    contract.primaryExchange, contract.strike = "NASDAQ", np.float64(5)
    assert contract_of(contract) == t.Contract(primaryExch="NASDAQ", strike=5)
    order = ibapi.order.Order()
    order.lmtPrice, order.algoParams, order.totalQuantity = Decimal("1.5"), [TAG], np.int64(3)
    assert order_of(order).to_dict() == {"lmtPrice": 1.5, "algoParams": {"maxPctVol": "0.1"}, "totalQuantity": "3"}
    order.lmtPrice = float("nan")
    with pytest.raises(ValueError, match=r"^order\.lmtPrice: expected a finite number"):
        order_of(order)


def test_values_are_compared_and_not_their_texts():
    assert t.Order(totalQuantity=1) == t.Order(totalQuantity="1.0") == t.Order.from_dict({"totalQuantity": "1.00"})
    assert t.Order(totalQuantity=1) != t.Order(totalQuantity=2)
    assert m.OrderStatus.from_dict({"filled": "1.0", "permId": "1"}) == m.OrderStatus(filled=1, permId=1)
    assert t.PlacedOrder.from_dict({"order": {"totalQuantity": "1.0"}}) == t.PlacedOrder(order={"totalQuantity": 1})
    assert t.Contract.from_dict({"symbol": None}) == t.Contract() != t.Contract(symbol="A")
    assert t.Contract.from_dict({"aNewField": 1}) != t.Contract.from_dict({"aNewField": 2})
    assert t.Order.from_dict({"totalQuantity": "abc"}) != t.Order(totalQuantity=1)
    with pytest.raises(TypeError, match="unhashable"):
        hash(t.Order())


@pytest.mark.parametrize("made", [t.Order(), t.Contract(comboLegs=[t.ComboLeg(conId=1)], symbol="é")])
def test_copies_are_equal_and_keep_what_a_newer_bridge_sends(made):
    made = made.copy()
    made.to_dict()["aNewField"] = {"a": [1]}
    for copied in (copy.copy(made), copy.deepcopy(made), made.__replace__(), *(
        pickle.loads(pickle.dumps(made, protocol)) for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1)
    )):  # fmt: skip
        assert copied == made
        assert copied.aNewField == {"a": [1]}
    assert copy.deepcopy(made).to_dict()["aNewField"] is not made.to_dict()["aNewField"]
    with pytest.raises(TypeError, match="has no field symbl"):
        made.copy(symbl="A")


def test_lists_and_maps_of_fields_are_copied_and_pickled():
    order = t.Order(algoParams={"a": "1"}, conditions=[t.OrderCondition(type=1)])
    for copied in (copy.deepcopy, copy.copy, lambda value: pickle.loads(pickle.dumps(value))):
        legs, params = copied(order.conditions), copied(order.algoParams)
        assert (legs, params) == (order.conditions, order.algoParams)
        legs.append(t.OrderCondition())
        params["b"] = "2"
    assert order == t.Order(algoParams={"a": "1"}, conditions=[t.OrderCondition(type=1)])


def test_a_text_for_people_shows_any_content():
    assert repr(t.Order.from_dict({"totalQuantity": "abc", "copy": 5})) == "Order(totalQuantity='abc', copy=5)"
    assert repr(t.Order.from_dict({"tif": None})) == "Order(tif=None)"
