"""Who may do what, through the session's door: each refusal is an answer that names its rule."""

from __future__ import annotations

from decimal import Decimal

import pytest

from bridge.catalogue import catalogue
from bridge.params import Parameters
from bridge.session.builtin_methods import METHODS
from bridge.session.rights.grants import Grant
from bridge.session.rights.permissions import Permissions, role_of
from bridge.session.routing import RESERVED, RoutingTable
from tests.session.conftest import AAPL, Bench
from tests.session.test_orders import ORDER, place, status

OBSERVE = Grant(frozenset({"observe"}))
TRADE = Grant(frozenset({"trade"}))
ACCOUNT = Grant(frozenset({"account"}))
ADMIN = Grant(frozenset({"admin"}))


def bench_with(accounts="DU1", **grants):
    bench = Bench(permissions=Permissions(grants))
    bench.ready(accounts=accounts)
    return bench


def trader(**limits):
    return bench_with(alice=Grant(frozenset({"trade"}), **limits), boss=ADMIN)


def rule(bench, id_):
    error = bench.failure(id_)
    assert error["code"] == "notPermitted"
    assert error["message"].startswith(f"{error['data']['rule']}: ")
    return error["data"]["rule"]


def try_order(bench, client="alice", contract=AAPL, **order):
    return bench.ask("placeOrder", client=client, contract=contract, order={**ORDER, **order})


# Who


def test_a_client_without_an_entry_is_refused_and_does_not_count_as_there():
    bench = bench_with(alice=OBSERVE)
    assert rule(bench, bench.ask("ping", client="mallory")) == "clients"
    assert not bench.on("system.clientJoined")
    assert any("mallory" in log.text for log in bench.logs)


def test_a_key_speaks_for_its_client_only_and_the_log_says_who_tried():
    bench = bench_with(alice=TRADE, bob=TRADE)
    for client, id_, method in (("bob", "x", "ping\nWARNING"), ("alice", "y", "ping")):
        body = {"v": 1, "id": id_, "client": client, "method": method}
        bench.request(body, "r", speaker="alice")
    assert rule(bench, "x") == "identity"
    assert bench.result("y")
    (refused,) = [log.fields for log in bench.logs if log.event == "requestRefused"]
    assert (refused["client"], refused["rule"], refused["method"]) == ("alice", "identity", "ping\nWARNING")
    assert "not to bob" in refused["reason"]


# What


def test_every_method_has_a_role():
    routing = RoutingTable(catalogue())
    roles = {
        m["method"]: role_of(m["method"], routing.requests.get(m["method"])) for m in Parameters(catalogue()).describe()
    }
    assert {name for name, role in roles.items() if role == "admin"} == {
        "clients", "halt", "resume", "reload", "replaceFA",
        "reqAutoOpenOrders", "reqConfig", "reqGlobalCancel", "reqIds",
        "reqMarketDataType", "setServerLogLevel", "updateConfig",
    }  # fmt: skip
    assert {name for name, role in roles.items() if role == "trade"} >= {"placeOrder", "cancelOrder", "exerciseOptions"}
    assert {name for name, role in roles.items() if role == "account"} >= {
        "reqPositions", "reqAccountSummary", "reqAccountUpdates", "reqOpenOrders", "reqExecutions", "reqPnL",
        "reqManagedAccts", "requestFA", "reqCompletedOrders",
    }  # fmt: skip
    assert set(METHODS) - {"clients", "halt", "resume"} == {m for m in METHODS if roles[m] == "observe"}
    assert {roles[m] for m in ("reqMktData", "reqHistoricalData", "reqContractDetails", "cancelMktData")} == {"observe"}


@pytest.mark.parametrize(
    ("grant", "method", "params", "role"),
    [
        (OBSERVE, "placeOrder", {"contract": AAPL, "order": ORDER}, "trade"),
        (OBSERVE, "cancelOrder", {"orderId": 1}, "trade"),
        (OBSERVE, "reqPositions", {}, "account"),
        (TRADE, "reqAccountSummary", {"group": "All", "tags": "NetLiquidation"}, "account"),
        (TRADE, "reqOpenOrders", {}, "account"),
        (TRADE, "reqGlobalCancel", {}, "admin"),
        (TRADE, "reqMarketDataType", {"marketDataType": 3}, "admin"),
        (ACCOUNT, "halt", {}, "admin"),
    ],
)
def test_a_role_is_needed(grant, method, params, role):
    bench = bench_with(alice=grant, boss=ADMIN)
    id_ = bench.ask(method, **params)
    assert rule(bench, id_) == "roles"
    assert bench.failure(id_)["data"]["role"] == role
    assert not bench.sends(method)
    if method != "cancelOrder":
        bench.ask(method, client="boss", **params)
        assert method == "halt" or bench.sends(method)


@pytest.mark.parametrize("method", sorted(RESERVED))
def test_what_the_bridge_alone_sends_is_nobodys_not_even_an_admins(method):
    bench = bench_with(boss=ADMIN)
    assert rule(bench, bench.ask(method, client="boss")) == "reserved"


def test_regulatory_snapshots_and_manual_orders_are_off_unless_given():
    wants = {"contract": AAPL, "snapshot": True, "regulatorySnapshot": True}
    for bench in (Bench(), bench_with(alice=ADMIN)):
        if not bench.connects:
            bench.ready()
        assert rule(bench, bench.ask("reqMktData", **wants)) == "regulatory_snapshots"
        assert rule(bench, bench.ask("reqAutoOpenOrders", autoBind=True)) == "manual_orders"
    given = bench_with(alice=Grant(frozenset({"admin"}), regulatory_snapshots=True, manual_orders=True))
    given.ask("reqMktData", **wants)
    given.ask("reqAutoOpenOrders", autoBind=True)
    assert given.sends("reqMktData")
    assert given.sends("reqAutoOpenOrders")


def test_only_an_admin_that_was_made_one_touches_orders_of_others():
    bench = trader()
    _, order_id = place(bench)
    status(bench, order_id)
    bench.ask("cancelOrder", client="boss", orderId=order_id)
    assert bench.last_sent("cancelOrder")["orderId"] == order_id


def test_where_nobody_was_made_an_admin_nobody_cancels_the_orders_of_all(ready):
    for client in ("alice", "bob"):
        place(ready, client=client, orderKey="k")
    id_ = ready.ask("reqGlobalCancel")
    assert rule(ready, id_) == "roles"
    assert "cancelMine" in ready.failure(id_)["message"]
    assert not ready.sends("reqGlobalCancel")
    ready.ask("cancelMine")
    assert len(ready.sends("cancelOrder")) == 1


def test_an_admin_names_an_order_of_others_by_owner_and_key_and_nobody_else_does():
    bench = bench_with(alice=TRADE, bob=TRADE, boss=ADMIN)
    _, order_id = place(bench, orderKey="k")
    status(bench, order_id)
    for key in ("k", "none"):
        assert rule(bench, bench.ask("cancelOrder", client="bob", owner="alice", orderKey=key)) == "roles"
        assert rule(bench, bench.ask("abandon", client="bob", owner="alice", orderKey=key)) == "roles"
    bench.ask("modifyOrder", client="boss", owner="alice", orderKey="k", revision=1, order={**ORDER, "lmtPrice": 6.0})
    assert bench.last_sent("placeOrder")["order"]["lmtPrice"] == 6.0
    bench.ask("cancelOrder", client="boss", owner="alice", orderKey="k")
    assert bench.last_sent("cancelOrder")["orderId"] == order_id


# What is heard


def test_an_observer_gets_no_snapshot_and_no_numbers_of_accounts_and_orders():
    bench = bench_with(eve=OBSERVE, alice=TRADE, carol=ACCOUNT)
    _, order_id = place(bench)
    status(bench, order_id)
    bench.tws("updateAccountValue", key="NetLiquidation", value="1", currency="USD", accountName="DU1")
    for prefix in ("", "account", "account.", "account.DU1.", "order.", "order.alice."):
        snapshot = bench.result(bench.ask("snapshot", client="eve", prefix=prefix))
        numbers = bench.result(bench.ask("sequences", client="eve", prefix=prefix))["sequences"]
        heard = {*snapshot["sequences"], *(event["topic"] for event in snapshot["events"]), *numbers}
        assert not [topic for topic in heard if topic.startswith(("account", "order"))]
    assert "system.connection" in bench.result(bench.ask("snapshot", client="eve", prefix=""))["sequences"]
    assert bench.result(bench.ask("snapshot", client="alice", prefix="order."))["events"]
    assert not bench.result(bench.ask("snapshot", client="alice", prefix="account."))["events"]
    assert bench.result(bench.ask("snapshot", client="carol", prefix="account."))["events"]
    assert bench.result(bench.ask("status", client="eve"))["accounts"] == []
    assert bench.result(bench.ask("status", client="carol"))["accounts"] == ["DU1"]


@pytest.mark.parametrize(
    ("method", "params", "allowed"),
    [
        ("reqPositions", {}, False),
        ("reqAccountSummary", {"group": "All", "tags": "NetLiquidation"}, False),
        ("reqAccountUpdates", {"subscribe": True, "acctCode": "DU2"}, False),
        ("reqAccountUpdates", {"subscribe": True, "acctCode": "DU1"}, True),
        ("reqPnL", {"account": "DU2"}, False),
        ("reqPnL", {"account": "DU1"}, True),
        ("reqExecutions", {"executionFilter": {}}, False),
        ("reqExecutions", {"executionFilter": {"acctCode": "DU1"}}, True),
        ("reqManagedAccts", {}, False),
    ],
)
def test_a_client_with_some_accounts_reads_those_only(method, params, allowed):
    bench = bench_with(accounts="DU1,DU2", alice=Grant(frozenset({"account"}), accounts=frozenset({"DU1"})))
    id_ = bench.ask(method, **params)
    if allowed:
        assert bench.sends(method)
    else:
        assert rule(bench, id_) == "accounts"
        assert not bench.sends(method)


# Orders


@pytest.mark.parametrize(
    ("limits", "order", "name"),
    [
        ({"accounts": frozenset({"DU2"})}, {}, "accounts"),
        ({"symbols": frozenset({"MSFT"})}, {}, "symbols"),
        ({"max_order_size": Decimal(9)}, {}, "max_order_size"),
        ({"max_order_notional": {"USD": Decimal(49)}}, {}, "max_order_notional"),
        ({"max_order_notional": {"USD": Decimal(9999)}}, {"orderType": "MKT"}, "max_order_notional"),
        ({"max_open_orders": 0}, {}, "max_open_orders"),
        ({"max_orders_per_minute": 0}, {}, "max_orders_per_minute"),
    ],
)
def test_an_order_beyond_a_limit_never_leaves(limits, order, name):
    bench = trader(**limits)
    bench.tws("contractDetails", reqId=-1, contract=AAPL, contractDetails={})
    assert rule(bench, try_order(bench, **order)) == name
    assert not bench.sends("placeOrder")


def test_a_limit_holds_for_changes_too():
    bench = trader(max_order_size=Decimal(10))
    _, order_id = place(bench, orderKey="k1")
    status(bench, order_id)
    id_ = bench.ask("modifyOrder", orderKey="k1", revision=1, order={**ORDER, "totalQuantity": 11})
    assert rule(bench, id_) == "max_order_size"
    assert len(bench.sends("placeOrder")) == 1


def test_a_market_order_is_worth_its_last_quote():
    bench = trader(max_order_notional={"USD": Decimal(1000)})
    details = bench.ask("reqContractDetails", contract=AAPL)
    bench.tws(
        "contractDetails", reqId=bench.last_sent("reqContractDetails")["reqId"], contract=AAPL, contractDetails={}
    )
    bench.tws("contractDetailsEnd", reqId=bench.last_sent("reqContractDetails")["reqId"])
    assert bench.result(details)
    assert rule(bench, try_order(bench, orderType="MKT")) == "max_order_notional"
    bench.ask("reqMktData", contract=AAPL)
    req_id = bench.last_sent("reqMktData")["reqId"]
    bench.tws("tickPrice", reqId=req_id, tickType=2, price=100.0, size="1")
    bench.tws("tickPrice", reqId=req_id, tickType=2, price=100.0, size="1")
    try_order(bench, orderType="MKT")
    assert len(bench.sends("placeOrder")) == 1
    bench.tws("tickPrice", reqId=req_id, tickType=4, price=100.5, size="1")
    assert rule(bench, try_order(bench, orderType="MKT")) == "max_order_notional"


def test_open_orders_are_counted_until_they_are_over():
    bench = trader(max_open_orders=1)
    _, order_id = place(bench)
    assert rule(bench, try_order(bench)) == "max_open_orders"
    status(bench, order_id, "Filled")
    try_order(bench)
    assert len(bench.sends("placeOrder")) == 2


def test_the_rate_counts_what_was_let_through_in_the_last_minute():
    bench = trader(max_orders_per_minute=2)
    for order_id in (100, 101):
        try_order(bench)
        status(bench, order_id, perm_id=str(order_id))
        bench.wait(10)
    id_ = try_order(bench)
    assert rule(bench, id_) == "max_orders_per_minute"
    assert bench.failure(id_)["data"]["wait"] == 40
    bench.wait(40)
    try_order(bench)
    assert len(bench.sends("placeOrder")) == 3


def test_a_repeated_key_is_answered_though_nothing_new_may_leave():
    bench = trader(max_orders_per_minute=1)
    first, order_id = place(bench, orderKey="k1")
    status(bench, order_id)
    bench.ask("halt", client="boss")
    again = bench.ask("placeOrder", contract=AAPL, order=ORDER, orderKey="k1")
    assert bench.result(again) == bench.result(first)
    assert len(bench.sends("placeOrder")) == 1


@pytest.mark.parametrize(
    ("limits", "name"),
    [
        ({"accounts": frozenset({"DU2"})}, "accounts"),
        ({"symbols": frozenset({"MSFT"})}, "symbols"),
        ({"max_order_size": Decimal(1)}, "max_order_size"),
        ({"max_orders_per_minute": 0}, "max_orders_per_minute"),
        ({}, "halt"),
    ],
)
def test_an_exercise_of_options_is_held_to_the_limits_and_the_kill_switch(limits, name):
    bench = trader(**limits)
    bench.tws("contractDetails", reqId=-1, contract=AAPL, contractDetails={})
    if name == "halt":
        bench.ask("halt", client="boss")
    id_ = bench.ask("exerciseOptions", contract=AAPL, exerciseAction=1, exerciseQuantity=2, account="DU1")
    assert rule(bench, id_) == name
    assert not bench.sends("exerciseOptions")


# The kill switch


def test_halt_refuses_new_orders_and_what_adds_to_one_and_lets_cancels_through():
    bench = trader()
    _, order_id = place(bench, orderKey="k1")
    status(bench, order_id)
    halted = bench.result(bench.ask("halt", client="boss", reason="drill"))
    state = {"halted": True, "reasons": {"admin": "drill (boss)"}}
    assert halted == {**state, "stored": True}
    assert bench.on("system.trading")[-1]["data"] == state
    assert rule(bench, try_order(bench)) == "halt"
    more = bench.ask("modifyOrder", orderKey="k1", revision=1, order={**ORDER, "totalQuantity": 11})
    assert rule(bench, more) == "halt"
    bench.ask("modifyOrder", orderKey="k1", revision=1, order={**ORDER, "totalQuantity": 9})
    assert bench.last_sent("placeOrder")["order"]["totalQuantity"] == "9"
    bench.ask("cancelOrder", orderId=order_id)
    assert bench.sends("cancelOrder")
    assert bench.result(bench.ask("resume", client="boss")) == {"halted": False, "reasons": {}, "stored": True}
    try_order(bench)
    assert len(bench.sends("placeOrder")) == 3


@pytest.mark.parametrize(
    ("change", "passes"),
    [
        ({"lmtPrice": 1e6}, False),
        ({"hedgeType": "D", "hedgeParam": "9"}, False),
        ({"tif": "GTC"}, False),
        ({"deactivate": False}, False),
        ({"lmtPrice": 4.0}, True),
        ({"lmtPrice": 4.0, "totalQuantity": 9}, True),
    ],
)
def test_while_halted_a_change_only_takes_from_its_order(change, passes):
    bench = trader()
    _, order_id = place(bench, orderKey="k1")
    status(bench, order_id)
    bench.ask("halt", client="boss")
    id_ = bench.ask("modifyOrder", orderKey="k1", revision=1, order={**ORDER, **change})
    if passes:
        assert len(bench.sends("placeOrder")) == 2
    else:
        assert rule(bench, id_) == "halt"
        assert len(bench.sends("placeOrder")) == 1


def test_an_admins_halt_holds_across_a_restart_of_the_bridge():
    bench = trader()
    bench.ask("halt", client="boss", reason="drill")
    assert bench.halted == "drill (boss)"
    again = Bench(bench.disk, permissions=bench.rules.permissions, halted=bench.halted)
    again.ready()
    assert again.on("system.trading")[-1]["data"] == {"halted": True, "reasons": {"admin": "drill (boss)"}}
    assert rule(again, try_order(again)) == "halt"
    again.ask("resume", client="boss")
    assert again.halted is None
    try_order(again)
    assert len(again.sends("placeOrder")) == 1


def test_orders_that_waited_for_tws_are_refused_when_trading_was_halted_meanwhile():
    bench = Bench(permissions=Permissions({"alice": TRADE, "boss": ADMIN}))
    bench.start()
    id_ = try_order(bench)
    bench.ask("halt", client="boss")
    bench.ready()
    assert rule(bench, id_) == "halt"
    assert not bench.sends("placeOrder")


def test_the_file_halts_and_no_admin_resumes_it():
    bench = trader()
    bench.session.on_halt_file("maintenance", bench.now)
    bench.collect()
    assert rule(bench, try_order(bench)) == "halt"
    assert rule(bench, bench.ask("resume", client="boss")) == "halt"
    bench.session.on_halt_file(None, bench.now)
    bench.collect()
    try_order(bench)
    assert bench.sends("placeOrder")
    assert [body["data"]["halted"] for body in bench.on("system.trading")] == [True, False]


# The older twin


def hello(bench, instance, route="alice", client="alice"):
    body = {"v": 1, "id": f"h-{instance}", "client": client, "method": "hello", "params": {"instance": instance}}
    bench.request(body, route)
    return bench.answers(f"h-{instance}")[-1]


def order_from(bench, instance, id_, route="alice"):
    body = {"v": 1, "id": id_, "client": "alice", "method": "placeOrder", "params": {"contract": AAPL, "order": ORDER}}
    bench.request(body | ({"instance": instance} if instance else {}), route)


def test_a_newer_instance_fences_the_older(ready):
    assert hello(ready, "one", "a")["result"]["epoch"] == "e1"
    order_from(ready, None, "first", "a")
    assert len(ready.sends("placeOrder")) == 1
    assert hello(ready, "two", "b")["ok"]
    assert ready.on("system.clientFenced")[0]["data"] == {"client": "alice", "newest": "two"}
    order_from(ready, None, "old-by-route", "a")
    order_from(ready, "one", "old-by-name", "c")
    order_from(ready, None, "nameless", "c")
    for id_ in ("old-by-route", "old-by-name", "nameless"):
        assert ready.failure(id_)["code"] == "fenced"
        assert ready.failure(id_)["data"]["rule"] == "instance"
    assert ready.failure(ready.ask("cancelOrder", orderKey="first"))["code"] == "fenced"
    order_from(ready, "two", "new-by-name", "c")
    order_from(ready, None, "new-by-route", "b")
    assert len(ready.sends("placeOrder")) == 3


def test_the_older_twin_does_not_come_back_and_outlives_its_lease(ready):
    hello(ready, "one", "a")
    hello(ready, "two", "b")
    assert hello(ready, "one", "a")["error"]["code"] == "fenced"
    ready.wait(40)
    assert ready.on("system.clientLost")
    order_from(ready, "one", "late", "a")
    assert ready.failure("late")["code"] == "fenced"
    assert hello(ready, "two", "b")["ok"]


def test_the_fence_outlives_the_bridge(ready):
    hello(ready, "one", "a")
    hello(ready, "two", "b")
    assert ready.runs == {"alice": ["one", "two"]}
    later = Bench(runs=ready.runs)
    later.ready()
    order_from(later, "one", "old")
    order_from(later, None, "nameless")
    assert later.failure("old")["code"] == later.failure("nameless")["code"] == "fenced"
    assert hello(later, "one", "a")["error"]["code"] == "fenced"
    order_from(later, "two", "new")
    assert len(later.sends("placeOrder")) == 1


def test_a_hello_that_changes_nothing_is_not_written_again(ready):
    hello(ready, "one", "a")
    hello(ready, "two", "b")
    assert len(ready.remembered) == 2
    for _ in range(3):
        assert hello(ready, "two", "b")["ok"]
        assert hello(ready, "one", "a")["error"]["code"] == "fenced"
    assert len(ready.remembered) == 2
    hello(ready, "three", "b")
    assert ready.remembered[-1] == {"alice": ["one", "two", "three"]}


def test_who_never_says_hello_has_no_fence(ready):
    hello(ready, "one", "b", client="bob")
    order_from(ready, None, "x", "a")
    assert ready.sends("placeOrder")


def test_an_instance_is_a_token(ready):
    ready.request({"v": 1, "id": "x", "client": "alice", "instance": "a b", "method": "ping"})
    assert ready.failure("x")["code"] == "invalidRequest"
