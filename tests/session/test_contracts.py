"""What leaves is what was judged: the contract of a conId is the one that TWS describes, which the bridge asks for once
where a limit depends on it.
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from bridge.catalogue import catalogue
from bridge.session.contracts.descriptions import PATIENCE
from bridge.session.contracts.instruments import GOOD_FOR
from bridge.session.pending.pending_requests import EARLY
from bridge.session.rights.grants import Grant
from bridge.session.rights.permissions import Permissions
from bridge.tws.codec import Codec
from tests.session.conftest import AAPL, Bench
from tests.session.test_identity import AAPL as TOLD
from tests.session.test_identity import CRUDE, OPTION
from tests.session.test_orders import ORDER, place, status

TRADE = frozenset({"trade"})
SYMBOLS = {"symbols": frozenset({"AAPL"})}
NOTIONAL = {"max_order_notional": {"USD": Decimal(1000)}}
BY_ID = {"conId": 265598, "exchange": "SMART"}
EXERCISE = {"exerciseAction": 1, "exerciseQuantity": 2, "account": "DU1"}


def trader(disk=None, **limits):
    grants = {"alice": Grant(TRADE, **limits), "bob": Grant(TRADE, **limits), "boss": Grant(frozenset({"admin"}))}
    bench = Bench(disk, permissions=Permissions(grants))
    bench.ready()
    return bench


def learn(bench, contract=TOLD, **details):
    """TWS describes it to someone."""
    bench.tws("contractDetails", reqId=-1, contract=contract, contractDetails=details)


def asked(bench):
    """The conIds that the bridge has asked about for itself."""
    own = [send.data for send in bench.sent if send.name == "reqContractDetails" and bench.is_own(send)]
    return [data["contract"]["conId"] for data in own]


def request_id(bench, con_id):
    return next(
        send.data["reqId"]
        for send in reversed(bench.sent)
        if send.name == "reqContractDetails" and send.data["contract"]["conId"] == con_id
    )


def answer(bench, contract=TOLD, **details):
    """TWS answers the bridge's question about that contract."""
    req_id = request_id(bench, contract["conId"])
    bench.tws("contractDetails", reqId=req_id, contract=contract, contractDetails=details)
    bench.tws("contractDetailsEnd", reqId=req_id)


def order(bench, key="k1", contract=BY_ID, client="alice", **more):
    return bench.ask("placeOrder", client=client, orderKey=key, contract=contract, order={**ORDER, **more})


def sent(bench):
    return [data["contract"] for data in bench.sends("placeOrder")]


def refused(bench, id_):
    error = bench.failure(id_)
    assert error["code"] == "invalidParams"
    return error["data"]["field"], error["message"]


#: As it leaves: TWS's own words, and where the client wants it.
LEAVING = {name: value for name, value in TOLD.items() if name not in ("strike", "exchange")} | {"exchange": "SMART"}


# What contradicts TWS


CASES = [
    ({"currency": "EUR"}, "currency"),
    ({"localSymbol": "IBM"}, "localSymbol"),
    ({"secType": "CFD", "multiplier": "0.01"}, "secType"),
    ({"multiplier": 0.01}, "multiplier"),
]


@pytest.mark.parametrize("limits", [{}, SYMBOLS, NOTIONAL, SYMBOLS | NOTIONAL])
@pytest.mark.parametrize(("lie", "field"), CASES)
def test_a_contract_that_contradicts_its_conid_is_refused_by_name(limits, lie, field):
    """Case 8 of step 4: it passed the limits, which judge the conId, and left as the client wrote it."""
    bench = trader(**limits)
    learn(bench)
    name, message = refused(bench, order(bench, contract={**AAPL, **lie}))
    assert name == f"contract.{field}"
    assert "TWS describes conId 265598 with " in message
    assert sent(bench) == []
    assert bench.disk.orders == {}


def test_the_refusal_says_what_tws_says_and_what_the_client(ready):
    learn(ready)
    told = refused(ready, order(ready, contract={**AAPL, "currency": "EUR"}))
    assert told == ("contract.currency", "contract.currency: TWS describes conId 265598 with USD, the request has EUR")
    told = refused(ready, order(ready, contract={**AAPL, "strike": 5.0}))
    assert told == (
        "contract.strike",
        "contract.strike: TWS describes conId 265598 with no strike, the request has 5.0",
    )


def test_every_way_to_an_order_is_shut_to_it_and_a_group_names_the_member(ready):
    learn(ready)
    lie = {**AAPL, "currency": "EUR"}
    _, order_id = place(ready, orderKey="k1")
    status(ready, order_id)
    group = [{"orderKey": key, "contract": contract, "order": ORDER} for key, contract in (("a", AAPL), ("b", lie))]
    told = {
        "placeOrders": ready.ask("placeOrders", orders=group),
        "modifyOrder": ready.ask("modifyOrder", orderKey="k1", revision=1, contract=lie, order=ORDER),
        "exerciseOptions": ready.ask("exerciseOptions", contract=lie, **EXERCISE),
        "whatIf": order(ready, "w", lie, whatIf=True),
    }
    assert {name: refused(ready, id_)[0] for name, id_ in told.items()} == {
        "placeOrders": "orders.1.contract.currency", "modifyOrder": "contract.currency",
        "exerciseOptions": "contract.currency", "whatIf": "contract.currency",
    }  # fmt: skip
    assert len(sent(ready)) == 1
    assert ready.sends("exerciseOptions") == []


def test_a_known_key_is_answered_by_what_it_stands_for_whatever_is_said_beside_the_conid(ready):
    lie = {**AAPL, "currency": "EUR"}
    first = order(ready, contract=lie)
    assert sent(ready) == [lie]
    learn(ready)
    again = order(ready, contract=lie)
    status(ready, 100)
    assert ready.result(again) == ready.result(first)
    assert len(sent(ready)) == 1


# What leaves


def test_what_leaves_is_the_contract_of_tws_on_the_exchange_of_the_client(ready):
    learn(ready)
    order(ready, "a", BY_ID)
    order(ready, "b", {**AAPL, "exchange": "ISLAND", "description": "mine"})
    order(ready, "c", AAPL, whatIf=True)
    ready.ask("placeOrders", orders=[{"orderKey": key, "contract": BY_ID, "order": ORDER} for key in ("d", "e")])
    beside = {"exchange": "ISLAND", "description": "mine"}
    assert sent(ready) == [LEAVING, {**LEAVING, **beside}, LEAVING, LEAVING, LEAVING]
    assert ready.disk.orders[100].contract == LEAVING


def test_an_exercise_leaves_so_too_without_what_its_text_form_has_no_place_for(ready):
    learn(ready, {**OPTION, "primaryExch": "CBOE"})
    id_ = ready.ask("exerciseOptions", orderKey="x1", contract={"conId": 700, "exchange": "SMART"}, **EXERCISE)
    leaving = ready.last_sent("exerciseOptions")
    assert leaving == {"orderId": 100, "contract": OPTION, **EXERCISE}
    for version in (176, 203, 226):
        assert b"C00150500" in Codec(catalogue(), version, "fromTws").encode("exerciseOptions", leaving)
    status(ready, 100)
    again = ready.ask("exerciseOptions", orderKey="x1", contract=OPTION, **EXERCISE)
    assert ready.result(again) == ready.result(id_)


@pytest.mark.parametrize("contract", [BY_ID, {**AAPL, "currency": "EUR"}, {"symbol": "AAPL", "secType": "STK"}])
def test_what_tws_has_not_described_leaves_as_the_client_wrote_it_where_no_limit_depends_on_it(ready, contract):
    learn(ready, CRUDE)
    order(ready, contract=contract)
    assert sent(ready) == [contract]
    assert asked(ready) == []


def test_a_change_leaves_in_the_words_of_tws_though_the_order_had_left_in_others(ready):
    lie = {**AAPL, "currency": "EUR"}
    order(ready, contract=lie)
    status(ready, 100)
    learn(ready)
    change = ready.ask("modifyOrder", orderKey="k1", revision=1, order={**ORDER, "lmtPrice": 6.0})
    assert sent(ready) == [lie, LEAVING]
    again = ready.ask("modifyOrder", orderKey="k1", revision=1, order={**ORDER, "lmtPrice": 6.0})
    ready.tws("openOrder", orderId=100, contract=AAPL, order={**ORDER, "lmtPrice": 6.0, "clientId": 1, "permId": "77"},
              orderState={"status": "Submitted"})  # fmt: skip
    assert ready.result(change) == ready.result(again)
    assert len(sent(ready)) == 2


def test_a_change_while_halted_may_take_from_an_order_in_other_words():
    bench = trader()
    order(bench, contract=AAPL)
    status(bench, 100)
    learn(bench)
    bench.ask("halt", client="boss")
    less = {**ORDER, "totalQuantity": "9"}
    elsewhere = {**BY_ID, "exchange": "IEX"}
    other = bench.ask("modifyOrder", orderKey="k1", revision=1, contract=elsewhere, order=less)
    assert bench.failure(other)["data"]["rule"] == "halt"
    bench.ask("modifyOrder", orderKey="k1", revision=1, contract=BY_ID, order=less)
    assert sent(bench) == [AAPL, LEAVING]


# The bridge asks once, and remembers


@pytest.mark.parametrize("limits", [SYMBOLS, NOTIONAL])
def test_an_order_waits_for_tws_to_describe_its_conid_and_goes_on(limits):
    bench = trader(**limits)
    id_ = order(bench)
    assert asked(bench) == [265598]
    assert (bench.answers(id_), sent(bench), bench.disk.orders) == ([], [], {})
    answer(bench)
    assert sent(bench) == [LEAVING]
    status(bench, 100)
    assert bench.result(id_)["state"] == "acknowledged"
    order(bench, "k2")
    assert len(sent(bench)) == 2
    assert asked(bench) == [265598]


def test_what_contradicts_the_answer_is_refused_then_and_what_is_beyond_the_limit_too():
    bench = trader(**SYMBOLS)
    lie, other = order(bench, "a", {**AAPL, "currency": "EUR"}), order(bench, "b", {"conId": 55, "symbol": "AAPL"})
    answer(bench)
    answer(bench, CRUDE)
    assert refused(bench, lie)[0] == "contract.currency"
    assert refused(bench, other)[0] == "contract.symbol"
    assert bench.failure(order(bench, "c", {"conId": 55, "exchange": "NYMEX"}))["data"] == {
        "rule": "symbols", "symbol": "CL"
    }  # fmt: skip
    assert sent(bench) == []


def test_several_that_wait_for_one_conid_share_the_question_and_leave_in_their_order():
    bench = trader(**SYMBOLS)
    for number, client in enumerate(("alice", "bob", "alice")):
        order(bench, f"k{number}", client=client, totalQuantity=str(number + 1))
    assert asked(bench) == [265598]
    answer(bench)
    assert [data["order"]["totalQuantity"] for data in bench.sends("placeOrder")] == ["1", "2", "3"]


def test_the_same_key_joins_while_it_waits_and_another_content_is_a_conflict():
    bench = trader(**SYMBOLS)
    ids = [order(bench), order(bench, contract=AAPL)]
    other = order(bench, contract={"conId": 55, "exchange": "NYMEX"})
    assert asked(bench) == [265598]
    answer(bench)
    status(bench, 100)
    assert [bench.result(id_)["orderId"] for id_ in ids] == [100, 100]
    assert bench.failure(other)["code"] == "keyConflict"
    assert len(sent(bench)) == 1


def test_a_group_and_the_legs_of_a_combo_are_asked_for_at_once():
    bench = trader(**SYMBOLS)
    legs = [{"conId": id_, "ratio": 1, "action": "BUY", "exchange": "SMART"} for id_ in (700, 701)]
    combo = {"symbol": "AAPL", "secType": "BAG", "currency": "USD", "exchange": "SMART", "comboLegs": legs}
    group = [{"orderKey": key, "contract": contract, "order": ORDER} for key, contract in (("a", combo), ("b", BY_ID))]
    bench.ask("placeOrders", orders=group)
    assert asked(bench) == [700, 701, 265598]
    for contract in (OPTION, {**OPTION, "conId": 701}):
        answer(bench, contract)
        assert sent(bench) == []
    answer(bench)
    assert sent(bench) == [combo, LEAVING]


def test_a_combo_under_a_limit_of_worth_alone_is_refused_without_a_question():
    bench = trader(**NOTIONAL)
    legs = [{"conId": 700, "ratio": 1, "action": "BUY", "exchange": "SMART"}]
    combo = {"symbol": "AAPL", "secType": "BAG", "currency": "USD", "exchange": "SMART", "comboLegs": legs}
    assert bench.failure(order(bench, contract=combo))["data"] == {"rule": "max_order_notional"}
    assert asked(bench) == []


def test_what_a_limit_refuses_anyway_is_not_asked_for():
    bench = trader(**SYMBOLS, max_order_size=Decimal(1))
    assert bench.failure(order(bench))["data"]["rule"] == "max_order_size"
    assert asked(bench) == []


def test_a_change_after_the_bridge_was_started_anew_waits_for_the_description_too():
    before = trader(**SYMBOLS)
    order(before)
    answer(before)
    status(before, 100)
    bench = trader(before.disk, **SYMBOLS)
    status(bench, 100)
    bench.ask("modifyOrder", orderKey="k1", revision=1, order={**ORDER, "lmtPrice": 6.0})
    assert (asked(bench), sent(bench)) == ([265598], [])
    answer(bench)
    assert sent(bench) == [LEAVING]


def test_an_exercise_and_a_what_if_wait_too():
    bench = trader(**SYMBOLS)
    bench.ask("exerciseOptions", contract={"conId": 700, "exchange": "SMART"}, **EXERCISE)
    order(bench, "w", whatIf=True)
    answer(bench, OPTION)
    answer(bench)
    assert bench.last_sent("exerciseOptions")["contract"] == OPTION
    assert sent(bench) == [LEAVING]


def test_what_was_described_is_asked_for_again_after_a_day():
    bench = trader(**SYMBOLS)
    learn(bench)
    bench.clock += GOOD_FOR - 10
    bench.wait(1)
    order(bench, "a")
    assert (asked(bench), sent(bench)) == ([], [LEAVING])
    status(bench, 100)
    bench.wait(10)
    order(bench, "b")
    assert (asked(bench), sent(bench)) == ([265598], [LEAVING])


# What ends the waiting


def test_a_conid_that_tws_does_not_know_is_an_unknown_contract():
    bench = trader(**SYMBOLS)
    ids = [order(bench, "a"), order(bench, "b", client="bob")]
    bench.error(request_id(bench, 265598), 200, "No security definition has been found for the request")
    for id_ in ids:
        error = bench.failure(id_)
        assert (error["code"], error["data"]) == ("unknownContract", {"candidates": []})
        assert "265598" in error["message"]
    assert bench.disk.orders == {}
    order(bench, "a")
    assert asked(bench) == [265598, 265598]


def test_so_is_one_of_which_the_answer_has_nothing():
    bench = trader(**SYMBOLS)
    id_ = order(bench)
    bench.tws("contractDetailsEnd", reqId=request_id(bench, 265598))
    assert bench.failure(id_)["code"] == "unknownContract"


def test_another_error_says_nothing_of_the_contract_and_the_limit_refuses():
    bench = trader(**SYMBOLS)
    id_ = order(bench)
    bench.error(request_id(bench, 265598), 321, "pacing")
    error = bench.failure(id_)
    assert (error["code"], error["data"]) == ("notPermitted", {"rule": "symbols"})
    assert "pacing" in error["message"]


def test_a_notice_is_no_answer():
    bench = trader(**SYMBOLS)
    id_ = order(bench)
    bench.error(request_id(bench, 265598), 10167, "delayed")
    assert not bench.answers(id_)
    answer(bench)
    assert sent(bench) == [LEAVING]


def test_without_an_answer_in_time_the_limit_refuses_and_the_next_asks_again():
    bench = trader(**NOTIONAL)
    bench.wait(EARLY)
    id_ = order(bench)
    bench.wait(PATIENCE + 1)
    assert bench.failure(id_)["data"] == {"rule": "max_order_notional"}
    order(bench, "k2")
    assert asked(bench) == [265598, 265598]
    answer(bench)
    assert sent(bench) == [LEAVING]


def test_a_late_answer_is_remembered_and_places_nothing():
    bench = trader(**SYMBOLS)
    order(bench)
    req_id = request_id(bench, 265598)
    bench.wait(PATIENCE + 1)
    bench.tws("contractDetails", reqId=req_id, contract=TOLD, contractDetails={})
    bench.tws("contractDetailsEnd", reqId=req_id)
    assert sent(bench) == []
    order(bench, "k2")
    assert sent(bench) == [LEAVING]


def test_the_time_of_the_request_itself_ends_its_waiting():
    bench = trader(**SYMBOLS)
    params = {"orderKey": "k1", "contract": BY_ID, "order": ORDER}
    bench.request({"v": 1, "id": "x", "client": "alice", "method": "placeOrder", "params": params, "timeout": 2})
    bench.wait(2)
    assert bench.failure("x")["data"] == {"rule": "symbols"}
    answer(bench)
    assert sent(bench) == []


@pytest.mark.parametrize(
    ("client", "method", "params"),
    [
        ("alice", "cancelOrder", {"orderKey": "k1"}),
        ("boss", "cancelOrder", {"orderKey": "k1", "owner": "alice"}),
        ("alice", "cancelMine", {}),
        ("boss", "reqGlobalCancel", {}),
    ],
)
def test_a_cancel_takes_back_what_waits(client, method, params):
    bench = trader(**SYMBOLS)
    id_, again = order(bench), order(bench)
    cancel = bench.ask(method, client=client, **params)
    assert [bench.failure(each)["code"] for each in (id_, again)] == ["cancelled", "cancelled"]
    assert bench.answers(cancel)[0]["ok"]
    answer(bench)
    bench.wait(2)
    assert sent(bench) == []
    order(bench)
    assert sent(bench) == [LEAVING]


def test_a_lost_client_takes_back_what_waits():
    grant = Grant(TRADE, when_lost="cancel", **SYMBOLS)
    bench = Bench(permissions=Permissions({"alice": grant}), lease=4.0, request_timeout=60.0)
    bench.ready()
    id_ = order(bench)
    bench.wait(6)
    assert bench.failure(id_)["code"] == "cancelled"
    answer(bench)
    assert sent(bench) == []


def test_with_the_connection_lost_it_waits_for_the_next_and_asks_again():
    bench = trader(**SYMBOLS)
    id_ = order(bench)
    bench.session.on_lost("end of file", bench.now)
    bench.collect()
    assert not bench.answers(id_)
    bench.wait(1)
    bench.ready()
    assert asked(bench) == [265598, 265598]
    answer(bench)
    assert sent(bench) == [LEAVING]


def test_where_the_connection_does_not_come_back_it_is_answered():
    bench = trader(**SYMBOLS)
    id_ = order(bench)
    bench.session.on_lost("end of file", bench.now)
    bench.wait(31)
    assert bench.failure(id_)["code"] == "notConnected"


def test_while_ibkr_is_out_of_reach_it_does_not_leave_though_it_was_described():
    bench = trader(**SYMBOLS)
    id_ = order(bench)
    bench.error(-1, 1100, "lost")
    answer(bench)
    assert sent(bench) == []
    bench.error(-1, 1102, "back")
    bench.answer_internal_requests()
    assert sent(bench) == [LEAVING]
    assert not bench.answers(id_)


def test_trading_that_was_halted_meanwhile_stops_it():
    bench = trader(**SYMBOLS)
    id_ = order(bench)
    bench.ask("halt", client="boss")
    answer(bench)
    assert bench.failure(id_)["data"]["rule"] == "halt"
    assert sent(bench) == []


def test_a_newer_run_of_the_client_stops_it():
    bench = trader(**SYMBOLS)
    bench.ask("hello", instance="one")
    id_ = order(bench)
    bench.request({"v": 1, "id": "h", "client": "alice", "method": "hello", "params": {"instance": "two"}}, "other")
    answer(bench)
    assert bench.failure(id_)["code"] == "fenced"
    assert sent(bench) == []


def test_more_cannot_wait_than_may():
    bench = Bench(permissions=Permissions({"alice": Grant(TRADE, **SYMBOLS)}), most_waiting=1)
    bench.ready()
    ids = [order(bench, "a"), order(bench, "b")]
    assert bench.failure(ids[1])["code"] == "notConnected"
    answer(bench)
    assert len(sent(bench)) == 1


# Who else waits


def test_a_child_waits_behind_its_parent_and_others_do_not():
    bench = trader(**SYMBOLS)
    learn(bench, OPTION)
    option = {"conId": 700, "exchange": "SMART"}
    order(bench, "parent")
    child = bench.ask("placeOrder", orderKey="child", parentKey="parent", contract=option, order=ORDER)
    order(bench, "other", option)
    order(bench, "parent", option, client="bob")
    assert [contract["conId"] for contract in sent(bench)] == [700, 700]
    answer(bench)
    assert [contract["conId"] for contract in sent(bench)] == [700, 700, 265598, 700]
    assert not bench.answers(child)


def test_a_child_whose_parent_is_cancelled_while_it_waits_is_answered():
    bench = trader(**SYMBOLS)
    learn(bench, OPTION)
    order(bench, "parent")
    params = {"orderKey": "child", "parentKey": "parent", "contract": {"conId": 700, "exchange": "SMART"}}
    child = bench.ask("placeOrder", **params, order=ORDER)
    bench.ask("cancelOrder", orderKey="parent")
    bench.wait(1)
    assert bench.failure(child)["code"] == "unknownOrder"
    assert sent(bench) == []


def test_what_waits_behind_another_in_vain_is_told_so():
    bench = trader(**SYMBOLS)
    learn(bench, OPTION)
    order(bench, "parent")
    params = {"orderKey": "c", "parentKey": "parent", "contract": OPTION, "order": ORDER}
    bench.request({"v": 1, "id": "x", "client": "alice", "method": "placeOrder", "params": params, "timeout": 2})
    bench.wait(2)
    error = bench.failure("x")
    assert error["code"] == "notTradable"
    assert "earlier request" in error["message"]


def test_questions_of_the_bridge_are_nobodys_to_hear():
    bench = trader(**SYMBOLS)
    order(bench)
    before = len(bench.events)
    answer(bench)
    assert not [topic for topic, _ in bench.events[before:] if topic.startswith(("request.", "system.unexpected"))]


def test_a_bond_is_described_too():
    bench = trader(symbols=frozenset({"IBCID9"}))
    bond = {"conId": 9, "symbol": "IBCID9", "secType": "BOND", "currency": "USD"}
    order(bench, contract={"conId": 9, "exchange": "SMART"})
    req_id = request_id(bench, 9)
    bench.tws("bondContractDetails", reqId=req_id, contract=bond, contractDetails={})
    bench.tws("contractDetailsEnd", reqId=req_id)
    assert sent(bench) == [{**bond, "exchange": "SMART"}]
