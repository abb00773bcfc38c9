"""When two contents mean the same: the rule held against IBKR's own client and the declarations, and case by case."""

from __future__ import annotations

import ibapi.contract
import ibapi.order
import pytest

from bridge.catalogue import catalogue
from bridge.catalogue.grammar import FieldItem, walk
from bridge.session import order_content
from bridge.session.digest import digest
from tests.session.conftest import AAPL
from tests.session.test_orders import ORDER, place, status

ORDER_FIELDS = {field.name: field.kind for field in catalogue().types["Order"].fields}
VENDOR = vars(ibapi.order.Order())
LEG = {"conId": 1, "ratio": 1, "action": "BUY", "exchange": "SMART"}
COMBO = {"symbol": "A", "secType": "BAG", "currency": "USD", "exchange": "SMART", "comboLegs": [LEG]}


# The rule


def test_0_is_unset_where_the_text_form_cannot_leave_it_out_and_the_vendor_begins_with_it():
    items = [item for item in walk(catalogue().messages["placeOrder"].text or ()) if isinstance(item, FieldItem)]
    zeros = {item.field for item in items if item.unset is not None and item.unset.write == "0"}
    assert zeros & {f"order.{name}" for name in ORDER_FIELDS} == {
        f"order.{name}" for name in order_content.ZERO_IS_UNSET | {"parentId"}
    }
    numbers = {name for name, kind in ORDER_FIELDS.items() if kind.name in ("int32", "double") and name in VENDOR}
    assert {name for name in numbers if VENDOR[name] == 0} == order_content.ZERO_IS_UNSET | {
        "clientId", "orderId", "parentId", "refFuturesConId"
    }  # fmt: skip


def test_of_a_leg_and_of_short_sales():
    leg = vars(ibapi.contract.ComboLeg())
    vendor = {("shortSalesSlot" if name == "shortSaleSlot" else name) for name, value in leg.items() if value == 0}
    assert vendor == order_content.ZERO_IS_UNSET_IN_LEG
    assert leg["exemptCode"] == VENDOR["exemptCode"] == -1


def test_false_is_unset_in_the_vendors_client_in_all_fields_but_transmit():
    flags = {name for name, kind in ORDER_FIELDS.items() if kind.name == "bool"}
    assert {name for name in flags if VENDOR[name] is not False} == {"transmit"}


def test_decimals_are_known():
    declared = {name for name, kind in ORDER_FIELDS.items() if kind.name == "decimal"}
    declared |= {field.name for field in catalogue().types["Contract"].fields if field.kind.name == "decimal"}
    assert declared == order_content.DECIMALS


# Case by case


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"totalQuantity": "10.0"}, {"totalQuantity": "10"}),
        ({"totalQuantity": 10}, {"totalQuantity": "10.00"}),
        ({"lmtPrice": 5}, {"lmtPrice": 5.0}),
        ({"lmtPrice": -0.0}, {"lmtPrice": 0.0}),
        ({"orderRef": ""}, {}),
        ({"hidden": False, "deactivate": False}, {}),
        ({"tif": None}, {}),
        ({"displaySize": 0, "ocaType": 0, "discretionaryAmt": 0.0}, {}),
        ({"exemptCode": -1}, {}),
        ({"transmit": True}, {}),
        ({"transmit": False}, {}),
        ({"conditions": [], "algoParams": {}}, {}),
        ({"softDollarTier": {"name": "", "value": ""}}, {}),
    ],
)
def test_orders_that_mean_the_same(one, other):
    assert order_content.digest(AAPL, {**ORDER, **one}) == order_content.digest(AAPL, {**ORDER, **other})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"lmtPrice": 0.0}, {"lmtPrice": None}),
        ({"auxPrice": 0.0}, {}),
        ({"minQty": 0}, {}),
        ({"cashQty": 0.0}, {}),
        ({"percentOffset": 0.0}, {}),
        ({"usePriceMgmtAlgo": 0}, {}),
        ({"exemptCode": 0}, {}),
        ({"orderRef": "1.0"}, {"orderRef": "1"}),
        ({"account": "01"}, {"account": "1"}),
        ({"hidden": True}, {}),
        ({"hidden": True}, {"hidden": 1}),
        ({"algoStrategy": "A", "algoParams": {"x": "1.0"}}, {"algoStrategy": "A", "algoParams": {"x": "1"}}),
        ({"algoStrategy": "A", "algoParams": {"x": ""}}, {"algoStrategy": "A"}),
        ({"conditions": [{"type": 3, "isMore": False}]}, {"conditions": [{"type": 3}]}),
        ({"totalQuantity": "10"}, {"totalQuantity": "100"}),
        ({"competeAgainstBestOffset": float("inf")}, {}),
        ({"tif": "DAY"}, {}),
    ],
)
def test_orders_that_may_mean_something_else(one, other):
    assert order_content.digest(AAPL, {**ORDER, **one}) != order_content.digest(AAPL, {**ORDER, **other})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (AAPL, {"conId": 265598, "exchange": "SMART"}),
        (AAPL, {**AAPL, "currency": "EUR"}),
        ({"symbol": "A", "conId": 0, "strike": 0.0}, {"symbol": "A"}),
        ({"symbol": "A", "right": "CALL", "strike": 5}, {"symbol": "A", "right": "C", "strike": 5.0}),
        ({"symbol": "A", "multiplier": "100"}, {"symbol": "A", "multiplier": 100.0}),
        ({"symbol": "A", "description": "x", "comboLegsDescrip": "y"}, {"symbol": "A"}),
        ({**COMBO, "comboLegs": [{**LEG, "openClose": 0, "shortSalesSlot": 0, "exemptCode": -1}]}, COMBO),
        ({**COMBO, "comboLegs": [{**LEG, "designatedLocation": ""}]}, COMBO),
    ],
)
def test_contracts_that_mean_the_same(one, other):
    assert order_content.digest(one, ORDER) == order_content.digest(other, ORDER)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (AAPL, {**AAPL, "conId": 2}),
        (AAPL, {**AAPL, "exchange": "ISLAND"}),
        (AAPL, {name: value for name, value in AAPL.items() if name != "conId"}),
        ({"conId": 1}, {"conId": 1, "exchange": "SMART"}),
        ({"conId": 1}, {"conId": 1, "deltaNeutralContract": {}}),
        ({"conId": 1, "deltaNeutralContract": {}}, {"conId": 1, "deltaNeutralContract": {"conId": 2}}),
        ({"symbol": "A"}, {"symbol": "a"}),
        ({"symbol": "A", "lastTradeDate": "20261218"}, {"symbol": "A"}),
        (COMBO, {**COMBO, "comboLegs": [LEG, LEG]}),
        (COMBO, {**COMBO, "comboLegs": [{**LEG, "exchange": "NYSE"}]}),
        (COMBO, {**COMBO, "comboLegs": [{**LEG, "exemptCode": 0}]}),
        (COMBO, {**COMBO, "comboLegs": [{**LEG, "perLegPrice": 0.0}]}),
        (None, AAPL),
    ],
)
def test_contracts_that_may_mean_something_else(one, other):
    assert order_content.digest(one, ORDER) != order_content.digest(other, ORDER)


def test_a_parent_is_part_of_the_content():
    assert (
        order_content.digest(AAPL, ORDER, "a")
        != order_content.digest(AAPL, ORDER, "b")
        != order_content.digest(AAPL, ORDER)
    )


# Through the door


def again(bench, key="k1", contract=AAPL, **order):
    return bench.ask("placeOrder", orderKey=key, contract=contract, order={**ORDER, **order})


def test_the_same_key_in_other_words_is_the_same_order(ready):
    first, order_id = place(ready, orderKey="k1")
    second = again(ready, contract={"conId": 265598, "exchange": "SMART"}, totalQuantity=10.0, hidden=False, ocaType=0)
    status(ready, order_id)
    assert ready.result(second) == ready.result(first)
    assert len(ready.sends("placeOrder")) == 1
    assert ready.failure(again(ready, auxPrice=0.0))["code"] == "keyConflict"
    assert ready.failure(again(ready, contract={**AAPL, "exchange": "ISLAND"}))["code"] == "keyConflict"


def test_the_same_revision_in_other_words_is_the_same_change(ready):
    _, order_id = place(ready, orderKey="k1")
    status(ready, order_id)
    dearer = {**ORDER, "lmtPrice": 6.0}
    ready.ask("modifyOrder", orderKey="k1", revision=1, contract=AAPL, order=dearer)
    id_ = ready.ask("modifyOrder", orderKey="k1", revision=1, contract={"conId": 265598, "exchange": "SMART"},
                    order={**dearer, "orderRef": ""})  # fmt: skip
    assert not ready.answers(id_)
    other = ready.ask("modifyOrder", orderKey="k1", revision=1, contract=AAPL, order={**dearer, "minQty": 0})
    assert ready.failure(other)["code"] == "keyConflict"
    assert len(ready.sends("placeOrder")) == 2


# A ledger of before: its digests are of the fields as they stood


def of_before(bench, make_bench, order_id=100, **changes):
    """The bridge starts anew, with a ledger whose order was written by a bridge that knew no meaning."""
    record = bench.disk.orders[order_id]
    old = digest([AAPL, {**ORDER, "transmit": True, "exemptCode": -1}, record.parent])
    bench.disk.orders[order_id] = record._replace(digest=old, **changes)
    after = make_bench(bench.disk)
    after.ready()
    status(after, order_id)
    return after


def test_an_order_of_before_is_known_by_its_fields_and_by_what_they_mean(ready, make_bench):
    place(ready, orderKey="k1")
    bench = of_before(ready, make_bench)
    for id_ in (again(bench), again(bench, contract={"conId": 265598, "exchange": "SMART"}, hidden=False)):
        assert bench.result(id_)["orderId"] == 100
    for id_ in (again(bench, lmtPrice=6.0), again(bench, contract={**AAPL, "conId": 2})):
        assert bench.failure(id_)["code"] == "keyConflict"
    assert bench.sends("placeOrder") == []


def test_a_member_of_a_group_of_before_is_known_though_its_transmit_is_the_bridges(ready, make_bench):
    ready.ask("placeOrders", orders=[{"orderKey": key, "contract": AAPL, "order": ORDER} for key in ("k1", "k2")])
    assert [ready.disk.orders[id_].order["transmit"] for id_ in (100, 101)] == [True, True]
    bench = of_before(ready, make_bench, order={**ready.disk.orders[100].order, "transmit": False})
    assert bench.result(again(bench, contract={"conId": 265598, "exchange": "SMART"}))["orderId"] == 100


def test_an_order_of_before_that_was_changed_is_known_by_its_fields_alone(ready, make_bench):
    place(ready, orderKey="k1")
    dearer = {**ready.disk.orders[100].order, "lmtPrice": 6.0}
    change = digest([None, {**ORDER, "lmtPrice": 6.0, "transmit": True, "exemptCode": -1}])
    bench = of_before(ready, make_bench, revision=1, order=dearer, change_digest=change)
    assert bench.result(again(bench))["orderId"] == 100
    for other in ({"hidden": False}, {"lmtPrice": 6.0}):
        assert bench.failure(again(bench, **other))["code"] == "keyConflict"
    same = bench.ask("modifyOrder", orderKey="k1", revision=1, order={**ORDER, "lmtPrice": 6.0})
    assert bench.result(same)["revision"] == 1
    other = bench.ask("modifyOrder", orderKey="k1", revision=1, order={**ORDER, "lmtPrice": 7.0})
    assert bench.failure(other)["code"] == "keyConflict"


def test_the_key_of_an_order_whose_content_is_not_known_stays_shut(ready, make_bench):
    place(ready, orderKey="k1")
    ready.disk.orders[100] = ready.disk.orders[100]._replace(digest="", contract={}, order={})
    after = make_bench(ready.disk)
    after.ready()
    assert after.failure(again(after))["code"] == "keyConflict"
