"""Orders through the whole exchange: what fills, what waits, what is refused, who hears of it."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.simulator.world import AAPL, EURUSD, World


def test_a_market_order_fills_in_parts_in_the_order_of_a_real_tws() -> None:
    world = World()
    answer = world.place(1, "BUY", "2000", orderRef="mine")
    assert [name for name, _ in answer] == ["openOrder", "orderStatus"]
    assert answer[0][1]["order"]["permId"] == answer[1][1]["permId"] == "1000000001"
    world.run(3)
    executions = list(world.events("execDetails"))
    assert len(executions) > 1
    assert sum(Decimal(e["execution"]["shares"]) for e in executions) == 2000
    assert [Decimal(e["execution"]["cumQty"]) for e in executions][-1] == 2000
    assert {e["reqId"] for e in executions} == {-1}
    assert {e["execution"]["orderRef"] for e in executions} == {"mine"}
    assert len({e["execution"]["execId"] for e in executions}) == len(executions)
    reports = [report["execId"] for report in world.events("commissionAndFeesReport")]
    assert reports == [e["execution"]["execId"] for e in executions]
    names = [name for _, name, _ in world.log]
    first = names.index("execDetails")
    assert names[first : first + 4] == ["execDetails", "openOrder", "orderStatus", "commissionAndFeesReport"]
    assert world.statuses(1) == ["Submitted", "Filled"]
    assert world.position() == 2000
    fees = sum(report["commissionAndFees"] for report in world.events("commissionAndFeesReport"))
    assert fees == pytest.approx(10.0)  # 0.005 a share


def test_a_limit_order_waits_and_never_pays_more() -> None:
    world = World()
    bid, ask = world.quote
    world.place(1, "BUY", "100", "LMT", lmtPrice=round(bid - 50, 2))
    world.run(2)
    assert world.statuses(1) == ["Submitted"] and world.position() == 0
    world.place(1, "BUY", "100", "LMT", lmtPrice=round(ask + 1, 2))
    world.run(2)
    assert world.statuses(1)[-1] == "Filled"
    fill = next(world.events("execDetails"))["execution"]
    assert fill["price"] <= round(ask + 1, 2) and fill["price"] < ask + 0.5


def test_a_stop_wakes_when_the_market_gets_there() -> None:
    world = World(ticks_per_second=2000)
    bid, ask = world.quote
    world.place(1, "BUY", "100", "STP", auxPrice=round(ask + 0.10, 2))
    world.place(2, "SELL", "100", "STP LMT", auxPrice=round(bid - 0.10, 2), lmtPrice=round(bid - 5, 2))
    held = {data["orderId"]: data.get("whyHeld") for data in world.events("orderStatus")}
    assert held == {1: "trigger", 2: "trigger"}
    world.until_filled(1)
    world.until_filled(2)
    assert world.statuses(1) == world.statuses(2) == ["PreSubmitted", "Submitted", "Filled"]


def test_a_trailing_stop_follows_and_then_sells() -> None:
    world = World(ticks_per_second=2000)
    world.place(1, "BUY", "100")
    world.run(1)
    world.place(2, "SELL", "100", "TRAIL", auxPrice=0.08)
    world.until_filled(2)
    assert world.statuses(2) == ["PreSubmitted", "Submitted", "Filled"]
    assert "trailStopPrice" in [e for e in world.events("openOrder") if e["orderId"] == 2][-1]["order"]


def test_immediate_orders_end_at_once() -> None:
    world = World()
    bid, ask = world.quote
    world.place(1, "BUY", "100000", "LMT", lmtPrice=round(ask + 1, 2), tif="IOC", account="DU1234567")
    world.place(2, "BUY", "100", "LMT", lmtPrice=round(bid - 1, 2), tif="FOK")
    world.place(3, "BUY", "3000", "LMT", lmtPrice=round(ask + 1, 2), tif="FOK")
    world.run(1)
    assert world.statuses(2) == ["Submitted", "Cancelled"]
    assert [e["execution"]["shares"] for e in world.events("execDetails") if e["execution"]["orderId"] == 3] == ["3000"]


def test_an_order_too_large_for_the_account_is_rejected() -> None:
    world = World()
    world.place(1, "BUY", "100000")
    assert world.errors() == [(1, 201)]
    assert world.statuses(1) == ["Inactive"]
    world.run(1)
    assert world.position() == 0


def test_a_bracket_waits_for_its_last_and_cancels_the_other_child() -> None:
    world = World(ticks_per_second=2000)
    bid, ask = world.quote
    assert world.place(1, "BUY", "100", "LMT", lmtPrice=round(ask + 1, 2), transmit=False) == []
    assert world.place(2, "SELL", "100", "LMT", lmtPrice=round(ask + 0.06, 2), parentId=1, transmit=False) == []
    told = world.place(3, "SELL", "100", "STP", auxPrice=round(bid - 40, 2), parentId=1)
    assert [data["orderId"] for name, data in told if name == "openOrder"] == [1, 2, 3]
    held = {data["orderId"]: data.get("whyHeld", "") for name, data in told if name == "orderStatus"}
    assert held == {1: "", 2: "child", 3: "child,trigger"}
    world.until_filled(2, 3)
    world.run(1)
    assert world.statuses(1) == ["Submitted", "Filled"]
    assert world.statuses(2)[-1] == "Filled"
    assert world.statuses(3)[-1] == "Cancelled"
    assert world.position() == 0
    groups = {e["order"].get("ocaGroup") for e in world.events("openOrder") if e["orderId"] in (2, 3)}
    assert groups == {"1000000001"}


def test_cancelling_a_parent_cancels_its_children() -> None:
    world = World()
    bid, _ = world.quote
    world.place(1, "BUY", "100", "LMT", lmtPrice=round(bid - 10, 2), transmit=False)
    world.place(2, "SELL", "100", "LMT", lmtPrice=round(bid + 10, 2), parentId=1)
    world.ask("cancelOrder", orderId=1, orderCancel={})
    world.run(1)
    assert world.statuses(1) == ["Submitted", "PendingCancel", "Cancelled"]
    assert world.statuses(2) == ["PreSubmitted", "Cancelled"]
    assert world.errors() == [(1, 202), (2, 202)]


def test_a_child_without_its_parent_is_refused() -> None:
    world = World()
    world.place(5, "SELL", "100", "LMT", lmtPrice=300.0, parentId=4)
    assert world.errors() == [(5, 10006)]


@pytest.mark.parametrize(("oca_type", "left"), [(1, "Cancelled"), (3, "Submitted")])
def test_an_oca_group_cancels_or_reduces(oca_type: int, left: str) -> None:
    world = World()
    bid, ask = world.quote
    group: dict[str, Any] = {"ocaGroup": "g", "ocaType": oca_type}
    world.place(1, "BUY", "1000", "LMT", lmtPrice=round(bid - 20, 2), **group)
    world.place(2, "BUY", "100", "LMT", lmtPrice=round(ask + 1, 2), **group)
    world.run(1)
    assert world.statuses(2)[-1] == "Filled"
    assert world.statuses(1)[-1] == left
    total = [e for e in world.events("openOrder") if e["orderId"] == 1][-1]["order"]["totalQuantity"]
    assert total == ("1000" if oca_type == 1 else "900")


def test_changing_an_order_keeps_its_permanent_id() -> None:
    world = World()
    bid, _ = world.quote
    world.place(1, "BUY", "100", "LMT", lmtPrice=round(bid - 10, 2))
    told = world.place(1, "BUY", "200", "LMT", lmtPrice=round(bid - 9, 2))
    assert told[0][1]["order"]["lmtPrice"] == round(bid - 9, 2)
    assert told[0][1]["order"]["totalQuantity"] == "200"
    assert told[1][1]["permId"] == "1000000001"
    world.place(1, "SELL", "200", "LMT", lmtPrice=round(bid - 9, 2))
    world.place(1, "BUY", "200", "LMT", lmtPrice=400.0, contract={"conId": 272093, "exchange": "SMART"})
    assert world.errors() == [(1, 105), (1, 105)]


def test_ids_are_not_used_twice() -> None:
    world = World()
    world.place(10, "BUY", "1")
    world.run(1)
    world.place(10, "BUY", "1")
    world.place(9, "BUY", "1")
    assert world.errors() == [(10, 104), (9, 103)]
    assert world.ask("reqIds", numIds=1) == [("nextValidId", {"orderId": 11})]
    bid, _ = world.quote
    world.place(11, "BUY", "1", "LMT", lmtPrice=round(bid - 10, 2))
    world.ask("cancelOrder", orderId=11)
    world.run(1)
    world.place(11, "BUY", "1")
    world.ask("cancelOrder", orderId=11)
    assert world.errors()[2:] == [(11, 202), (11, 103), (11, 10148)]


def test_only_the_client_that_placed_an_order_may_cancel_it() -> None:
    world = World(clients=(1, 2))
    bid, _ = world.quote
    world.place(1, "BUY", "100", "LMT", lmtPrice=round(bid - 10, 2))
    world.ask("cancelOrder", client=2, orderId=1)
    world.run(1)
    assert world.errors(2) == [(1, 10147)] and world.statuses(1) == ["Submitted"]
    assert not list(world.events("orderStatus", client=2))
    mine = world.ask("reqOpenOrders", client=2)
    assert [name for name, _ in mine] == ["openOrderEnd"]
    everything = world.ask("reqAllOpenOrders", client=2)
    assert [name for name, _ in everything] == ["openOrder", "orderStatus", "openOrderEnd"]
    assert everything[1][1]["clientId"] == 1
    world.ask("reqGlobalCancel", client=2, orderCancel={})
    world.run(1)
    assert world.statuses(1)[-1] == "Cancelled"


def test_what_was_never_transmitted_is_not_listed() -> None:
    world = World()
    world.place(1, "BUY", "100", transmit=False)
    assert [name for name, _ in world.ask("reqOpenOrders")] == ["openOrderEnd"]
    world.run(1)
    assert world.position() == 0
    world.place(1, "BUY", "100")
    world.run(1)
    assert world.position() == 100


def test_a_what_if_order_is_answered_and_forgotten() -> None:
    world = World()
    told = world.place(1, "BUY", "100", whatIf=True)
    assert [name for name, _ in told] == ["openOrder"]
    state = told[0][1]["orderState"]
    assert state["initMarginAfter"] == state["initMarginBefore"] + state["initMarginChange"] > 0
    assert state["commissionAndFees"] == 1.0
    world.run(1)
    assert world.position() == 0 and not list(world.exchange.book.open())


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"action": "HOLD"}, 321),
        ({"orderType": ""}, 321),
        ({"orderType": "MAGIC"}, 387),
        ({"totalQuantity": "0"}, 434),
        ({"totalQuantity": "-5"}, 321),
        ({"totalQuantity": "1e12"}, 383),
        ({"orderType": "LMT"}, 321),
        ({"orderType": "STP"}, 321),
        ({"orderType": "TRAIL"}, 321),
        ({"orderType": "LMT", "lmtPrice": 230.001}, 110),
        ({"orderType": "LMT", "lmtPrice": -1.0}, 321),
        ({"orderType": "LMT", "lmtPrice": float("inf")}, 321),
        ({"tif": "FOREVER"}, 10052),
        ({"tif": "GTD", "goodTillDate": "soon"}, 391),
        ({"account": "DU0"}, 321),
        ({"cashQty": 500.0}, 10244),
        ({"conditions": [{"type": 5}]}, 201),
        ({"conditionsCancelOrder": True, "conditions": [{"type": 3, "time": "20300101 00:00:00 UTC"}]}, 201),
        ({"goodAfterTime": "20300101 00:00:00 UTC"}, 201),
        ({"minQty": 5}, 201),
        ({"algoStrategy": "Magic"}, 201),
        ({"scaleInitLevelSize": 5, "scalePriceIncrement": 0.1}, 201),
        ({"conditions": [{"type": 3, "time": "soon"}]}, 391),
    ],
)
def test_impossible_orders_are_refused_with_the_code_of_tws(changes: dict[str, Any], code: int) -> None:
    world = World()
    order = {"action": "BUY", "totalQuantity": "100", "orderType": "MKT", "transmit": True} | changes
    world.ask("placeOrder", orderId=1, contract=AAPL, order=order)
    world.run(1)
    assert world.errors() == [(1, code)] and world.position() == 0


@pytest.mark.parametrize(
    ("contract", "code"),
    [
        ({"symbol": "ZZZZNONE", "secType": "STK", "exchange": "SMART"}, 200),
        ({"symbol": "ES", "secType": "FUT", "exchange": "CME"}, 200),
        ({"conId": 265598}, 321),
        ({"symbol": "SPY", "secType": "BAG", "exchange": "SMART"}, 201),
        ({}, 321),
    ],
)
def test_impossible_contracts_are_refused(contract: dict[str, Any], code: int) -> None:
    world = World()
    world.place(1, "BUY", "1", contract=contract)
    assert world.errors() == [(1, code)]


def test_orders_with_a_time_condition_wake_in_time() -> None:
    world = World()
    late = {"type": 3, "isMore": True, "time": "20260311 15:00:13 US/Eastern"}
    never = {"type": 1, "isMore": True, "price": 10_000.0, "conId": 265598}
    world.place(1, "BUY", "1", conditions=[late])
    world.place(2, "BUY", "1", conditions=[late | {"isConjunctionConnection": True}, never])
    world.run(1)
    assert world.statuses(1) == ["PreSubmitted"]
    world.run(5)
    assert world.statuses(1) == ["PreSubmitted", "Submitted", "Filled"]
    assert world.statuses(2) == ["PreSubmitted"]


def test_dated_and_day_orders_expire() -> None:
    world = World(ticks_per_second=1)
    bid, _ = world.quote
    price = round(bid - 100, 2)
    world.place(1, "BUY", "1", "LMT", lmtPrice=price, tif="GTD", goodTillDate="20260311 15:00:12 US/Eastern")
    world.place(2, "BUY", "1", "LMT", lmtPrice=price)
    world.place(3, "BUY", "1", "LMT", lmtPrice=price, tif="GTC")
    world.run(5)
    assert world.statuses(1)[-1] == "Cancelled"
    world.run(9 * 3600, step=300)
    assert world.statuses(2)[-1] == "Cancelled" and world.statuses(3) == ["Submitted"]


def test_a_date_that_is_changed_counts_as_changed() -> None:
    world = World(ticks_per_second=1)
    price = round(world.quote[0] - 100, 2)
    soon, later = (f"20260311 15:00:{second} US/Eastern" for second in (12, 16))
    world.place(1, "BUY", "1", "LMT", lmtPrice=price, tif="GTD", goodTillDate=soon)
    world.place(1, "BUY", "1", "LMT", lmtPrice=price, tif="GTD", goodTillDate=later)
    world.place(2, "BUY", "1", "LMT", lmtPrice=price, tif="GTD", goodTillDate=soon)
    world.place(2, "BUY", "1", "LMT", lmtPrice=price)
    world.run(4)
    assert world.statuses(1) == world.statuses(2) == ["Submitted"]
    world.run(4)
    assert world.statuses(1) == ["Submitted", "Cancelled"] and world.statuses(2) == ["Submitted"]


def test_executions_and_completed_orders_can_be_asked_for() -> None:
    world = World(clients=(1, 2))
    world.place(1, "BUY", "100")
    world.place(2, "SELL", "50000", contract=EURUSD)
    world.run(2)
    asked = world.ask("reqExecutions", client=2, reqId=9, executionFilter={})
    names = [name for name, _ in asked]
    assert names[-1] == "execDetailsEnd" and names.count("execDetails") == names.count("commissionAndFeesReport")
    assert {data["reqId"] for name, data in asked if name != "commissionAndFeesReport"} == {9}
    bought = world.ask("reqExecutions", reqId=10, executionFilter={"side": "BUY", "symbol": "AAPL", "clientId": 0})
    assert {d["execution"]["side"] for n, d in bought if n == "execDetails"} == {"BOT"}
    later = world.ask("reqExecutions", reqId=11, executionFilter={"time": "20260312 00:00:00 US/Eastern"})
    assert [name for name, _ in later] == ["execDetailsEnd"]
    world.ask("reqExecutions", reqId=12, executionFilter={"time": "soon"})
    assert world.errors() == [(12, 321)]
    completed = world.ask("reqCompletedOrders", apiOnly=False)
    assert [name for name, _ in completed] == ["completedOrder"] * 2 + ["completedOrdersEnd"]
    assert {data["orderState"]["completedStatus"] for _, data in completed[:2]} == {
        "Filled Size: 100",
        "Filled Size: 50000",
    }


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["place", "change", "cancel", "wait"]),
            st.integers(1, 8),
            st.sampled_from(["BUY", "SELL"]),
            st.integers(1, 3000),
            st.sampled_from(["MKT", "LMT", "STP"]),
            st.integers(-40, 40),
        ),
        max_size=25,
    ),
    st.integers(0, 100),
)
def test_books_balance_whatever_is_ordered(steps: list[Any], seed: int) -> None:
    world = World(seed=seed, ticks_per_second=500)
    last = 0
    for what, which, action, quantity, kind, offset in steps:
        price = round(world.quote[0] + offset / 100, 2)
        prices = {"LMT": {"lmtPrice": price}, "STP": {"auxPrice": price}}.get(kind, {})
        if what == "place":
            last += 1
            world.place(last, action, str(quantity), kind, **prices)
        elif what == "change" and last:
            world.place(max(1, last - which), action, str(quantity), kind, **prices)
        elif what == "cancel" and last:
            world.ask("cancelOrder", orderId=max(1, last - which))
        world.run(0.3)
    world.run(1)
    bought = sum(
        Decimal(e["execution"]["shares"]) * (1 if e["execution"]["side"] == "BOT" else -1)
        for e in world.events("execDetails")
    )
    assert world.position() == bought
    sums = world.exchange.balances("DU1234567")
    assert abs(sums.net_liquidation - 1_000_000 - sums.realized - sums.unrealized) < Decimal("0.000001")
    for order in [*world.exchange.book.table.completed, *world.exchange.book.open()]:
        shares = [
            Decimal(e["execution"]["shares"])
            for e in world.events("execDetails")
            if e["execution"]["orderId"] == order.order_id
        ]
        assert sum(shares) == order.filled <= order.total
