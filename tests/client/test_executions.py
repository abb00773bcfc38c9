"""The client's rules about executions are those of the bridge."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bridge.session.orders.executions import StandingReports, root_of
from bridge.session.orders.order import SPREAD_FIELDS
from bridge.session.orders.order import Order as BridgeOrder
from bridge.session.orders.positions import Positions
from bridge.session.records import OrderRecord as BridgeRecord
from tws_bridge_client import tables
from tws_bridge_client.executions import base_of, is_newer
from tws_bridge_client.generated import messages as m
from tws_bridge_client.generated.types import Contract, Order
from tws_bridge_client.live.fills import fill_of
from tws_bridge_client.live.orders import OrderRecord

EXEC_IDS = st.from_regex(r"[a0]{1,2}(\.[0-9x]{0,3}){0,3}", fullmatch=True)
WRITTEN = ({}, {name: "x" for name in SPREAD_FIELDS}, {"faMethod": "NetLiq"}, {"totalQuantity": "10", "faGroup": ""},
           *({name: "x"} for name in SPREAD_FIELDS))  # fmt: skip


@given(EXEC_IDS, EXEC_IDS)
@example("a.1.09", "a.1.10")
@example("a.1.1", "a.1.01")
@example("a.x", "a.y")
@example("", ".1")
def test_the_bridge_finds_the_same_correction(exec_id, other):
    assert (base_of(exec_id) == base_of(other)) == (root_of(exec_id) == root_of(other))
    if base_of(exec_id) == base_of(other) and exec_id != other:
        standing = StandingReports()
        standing.add("execDetails", other)
        gone = standing.add("execDetails", exec_id)
        if is_newer(exec_id, other) or is_newer(other, exec_id):
            assert (gone == other) == is_newer(exec_id, other)


@pytest.mark.parametrize("of_order", ["STK", "BAG"])
@pytest.mark.parametrize("of_fill", ["STK", "BAG"])
@pytest.mark.parametrize("order", WRITTEN)
def test_the_bridge_counts_the_same_executions(of_order, of_fill, order):
    contract = {"symbol": "A", "secType": of_order}
    record = BridgeRecord(
        order_id=1, owner="me", key="k1", digest="", tag="", state="acknowledged", contract=contract, order=order
    )
    there = BridgeOrder.new(record, Positions()).counts({"secType": of_fill})
    here = OrderRecord("k1")
    here.show(Contract.from_dict(contract), Order.from_dict(order))
    told = {"contract": {"secType": of_fill}, "execution": {"execId": "a.1.01", "shares": "5", "side": "BOT"}}
    here.take_fill(fill_of("k1", told, 1))
    assert here.filled == (5 if there else 0)


def test_an_order_that_was_ever_shown_as_allocated_stays_so():
    record = OrderRecord("k1")
    record.show(Contract(secType="STK"), Order(faGroup="all"))
    record.show(Contract(secType="STK"), Order(totalQuantity=10))
    record.take_fill(fill_of("k1", {"contract": {}, "execution": {"execId": "a.1.01", "shares": "5"}}, 1))
    assert (record.filled, len(record.fills)) == (0, 1)


@pytest.mark.parametrize("order", list(itertools.permutations(["a.1.9", "a.1.10", "a.1.02"])))
def test_tables_and_fills_show_the_same_correction(order):
    told = [
        {"contract": {"conId": 1}, "execution": {"execId": exec_id, "shares": "5", "price": 1.0}} for exec_id in order
    ]
    record = OrderRecord("k1")
    for data in told:
        record.take_fill(fill_of("k1", data, 1))
    table = tables.executions([m.ExecDetails.from_dict({"reqId": 1, **data}) for data in told])
    assert table.values("execId") == [fill.exec_id for fill in record.fills] == ["a.1.10"]


def test_ids_of_another_form_are_no_corrections():
    told = [{"contract": {}, "execution": {"execId": exec_id, "shares": "5"}} for exec_id in ("a.x", "a.y")]
    table = tables.executions([m.ExecDetails.from_dict({"reqId": 1, **data}) for data in told])
    assert table.values("execId") == ["a.x", "a.y"]
