"""An unknown field or method is answered with the right name."""

from __future__ import annotations

import dataclasses
import inspect
import re

import ib_async
import ibapi.order
import pytest
from ibapi.client import EClient
from ibapi.contract import ComboLeg, Contract, ContractDetails
from ibapi.execution import Execution
from ibapi.softdollartier import SoftDollarTier

from bridge.catalogue import aliases, catalogue
from bridge.params import Parameters
from bridge.session.requests import Refused
from tws_bridge_client import BridgeClient
from tws_bridge_client.generated import types as t
from tws_bridge_client.generated.contract import FIELD_ALIASES, METHODS

PARAMETERS = Parameters(catalogue())
AAPL = {"conId": 265598, "exchange": "SMART"}
ORDER = {"action": "BUY", "orderType": "LMT", "totalQuantity": 10, "lmtPrice": 5.0}
PLACED = {"orderKey": "a", "contract": AAPL, "order": ORDER}


@pytest.mark.parametrize(
    ("method", "params", "field", "meant"),
    [
        ("reqHistoricalData", {"contract": AAPL, "durationStr": "1 D"}, "durationStr", "duration"),
        (
            "reqContractDetails",
            {"contract": {**AAPL, "primaryExchange": "A"}},
            "contract.primaryExchange",
            "primaryExch",
        ),
        ("reqExecutions", {"filter": {}}, "filter", "executionFilter"),
        ("reqHistoricalTicks", {"contract": AAPL, "useRth": True}, "useRth", "useRTH"),
        ("placeOrder", {**PLACED, "order": {**ORDER, "limitPrice": 5.0}}, "order.limitPrice", "lmtPrice"),
        (
            "placeOrder",
            {**PLACED, "order": {**ORDER, "softDollarTier": {"val": "a"}}},
            "order.softDollarTier.val",
            "value",
        ),
        (
            "placeOrders",
            {"orders": [{**PLACED, "contract": {"secType": "BAG", "comboLegs": [{"shortSaleSlot": 1}]}}]},
            "orders.0.contract.comboLegs.0.shortSaleSlot",
            "shortSalesSlot",
        ),
    ],
)
def test_an_unknown_field_is_answered_with_the_one_that_is_meant(method, params, field, meant):
    with pytest.raises(Refused) as refused:
        PARAMETERS.check(method, params)
    assert refused.value.code == "invalidParams"
    assert refused.value.data["field"] == field
    assert refused.value.message == f"{field}: unknown field; did you mean {meant}?"


def test_no_name_is_suggested_for_a_field_that_is_like_no_other():
    with pytest.raises(Refused, match=r"^zzzzz: unknown field$"):
        PARAMETERS.check("reqContractDetails", {"contract": AAPL, "zzzzz": 1})


@pytest.mark.parametrize(
    ("method", "meant"),
    [
        ("reqMktDta", "reqMktData"),
        ("reqMarketDepth", "reqMktDepth"),
        ("reqScannerDataAsync", "reqScannerSubscription"),
        ("accountSummary", "reqAccountSummary"),
        ("getWshMetaDataAsync", "reqWshMetaData"),
    ],
)
def test_an_unknown_method_is_answered_with_the_one_that_is_meant(method, meant):
    with pytest.raises(Refused, match=f"there is no method {method}; did you mean {meant}\\?") as refused:
        PARAMETERS.check(method, {})
    assert refused.value.code == "unknownMethod"


#: What `ib_async.IB` has and needs nothing here: its event loop, its settings, and its parts.
NOTHING_TO_SAY = {
    "MaxSyncedSubAccounts", "RaiseRequestErrors", "RequestTimeout", "TimezoneTWS", "client", "events", "loopUntil",
    "run", "schedule", "setTimeout", "sleep", "timeRange", "waitUntil", "wrapper",
}  # fmt: skip


def _said(method: str) -> str:
    """What the bridge says about a method that it does not have, behind its name."""
    with pytest.raises(Refused) as refused:
        PARAMETERS.check(method, {})
    assert refused.value.code == "unknownMethod"
    return refused.value.message.removeprefix(f"there is no method {method}").removeprefix("; ")


def test_each_name_of_ib_async_is_answered_from_the_tables_and_with_what_the_bridge_has():
    names = {name for name in {*dir(ib_async.IB), *vars(ib_async.IB())} if not name.startswith("_")}
    assert set(aliases.METHOD_NOTES) <= names
    assert names >= NOTHING_TO_SAY
    for name in names - set(METHODS):
        base = name.removesuffix("Async")
        if base in NOTHING_TO_SAY:
            continue
        usual = {*aliases.METHODS, *aliases.NOTES, *METHODS, "getWshEventData", "getWshMetaData", "newsBulletins"}
        assert base in usual or base in aliases.METHOD_NOTES, f"{name}: {_said(name)}"
        if base in aliases.METHOD_NOTES:
            assert _said(name) == aliases.METHOD_NOTES[base]
        elif base not in aliases.NOTES:
            meant = re.fullmatch(r"did you mean (\w+)\?", _said(name))
            assert meant is not None and meant[1] in METHODS, name


def test_what_is_done_otherwise_here_names_methods_topics_and_fields_that_exist():
    words = {word for note in aliases.METHOD_NOTES.values() for word in re.findall(r"[a-z]+[A-Z]\w*", note)}
    fields = {field.name for record in catalogue().types.values() for field in record.fields}
    events = {"accountSummary", "pnlSingle", "updateAccountValue", "updatePortfolio"}
    assert words <= set(METHODS) | fields | events | {"parentKey", "whatToShow"}
    prefixes = {
        word for note in aliases.METHOD_NOTES.values() for word in re.findall(r"\b[a-z]+(?=\.[<a-z,]|\.$)", note)
    }
    assert prefixes <= {"account", "bars", "market", "news", "order", "scanner", "system"}


@pytest.mark.parametrize("name", ["bracketOrder", "qualifyContracts", "qualifyContractsAsync", "fills", "connectAsync"])
def test_the_right_way_is_named_and_not_the_nearest_name(name):
    assert _said(name) == aliases.METHOD_NOTES[name.removesuffix("Async")]
    assert "did you mean" not in _said(name)


def test_the_client_knows_the_same_names():
    assert FIELD_ALIASES == aliases.FIELDS
    with pytest.raises(TypeError, match=r"primaryExchange: did you mean primaryExch\?"):
        t.Contract(symbol="IBM", primaryExchange="NYSE")
    with pytest.raises(TypeError, match=r"durationStr: did you mean duration\?"):
        BridgeClient.req_historical_data(object(), durationStr="1 D")


def _theirs() -> set[str]:
    """Every parameter and field of the other libraries, and of their constructors."""
    names: set[str] = set()
    for one in (EClient, ib_async.IB, ib_async.Client):
        for _, function in inspect.getmembers(one, inspect.isfunction):
            names |= set(inspect.signature(function).parameters)
    for _, one in inspect.getmembers(ib_async, inspect.isclass):
        if dataclasses.is_dataclass(one):
            names |= {field.name for field in dataclasses.fields(one)}
            names |= set(inspect.signature(one.__init__).parameters)
    for one in (Contract, ComboLeg, ContractDetails, Execution, SoftDollarTier):
        names |= set(vars(one("", "", "") if one is SoftDollarTier else one()))
    return names


def test_each_alias_is_a_name_of_another_library_and_means_a_name_of_the_bridge():
    fields = {name for one in vars(t).values() if isinstance(one, type) for name in getattr(one, "FIELDS", ())}
    for method in PARAMETERS.describe():
        fields |= set(method["params"].get("properties", ()))
    documented = {"filter"}
    assert set(aliases.FIELDS) <= _theirs() | documented
    assert {meant for names in aliases.FIELDS.values() for meant in names} <= fields
    others = {name.removesuffix("ProtoBuf") for one in (ib_async.IB, EClient) for name in dir(one)}
    assert set(aliases.METHODS) <= others - set(METHODS)
    assert {meant for names in aliases.METHODS.values() for meant in names} <= set(METHODS)


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"order": {**ORDER, "slOrderId": 5}}, "order.slOrderId: unknown field; place the stop loss as a child"),
        ({"order": {**ORDER, "eTradeOnly": True}}, "order.eTradeOnly: unknown field; leave it out: TWS does not take"),
        ({"order": ORDER, "reqId": 5}, "reqId: unknown field; leave it out: the bridge numbers the requests"),
    ],
)
def test_a_name_without_a_field_is_answered_with_what_to_do(params, said):
    with pytest.raises(Refused, match=said):
        PARAMETERS.check("placeOrder", {**PLACED, **params})


def test_notes_are_for_names_that_the_bridge_does_not_have():
    fields = {field.name for record in catalogue().types.values() for field in record.fields}
    names = vars(ib_async.Order()).keys() | vars(ibapi.order.Order()).keys()
    assert not aliases.NOTES.keys() & (set(METHODS) | aliases.FIELDS.keys())
    unknown = {name for name in names if name not in fields and name not in aliases.FIELDS}
    assert unknown - aliases.NOTES.keys() == {"mifid2DecisionMaker", "mifid2DecisionAlgo", "mifid2ExecutionTrader",
                                              "mifid2ExecutionAlgo"} - fields  # fmt: skip
