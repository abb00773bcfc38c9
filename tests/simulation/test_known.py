"""Defects of the bridge that the simulation has found, each in as few steps as show it. All are mended."""

from __future__ import annotations

from typing import Any

import pytest

from bridge.tws.events import DecodeFailed
from tests.session.conftest import QUERIES, Bench
from tws_bridge_client.follow import Event, Follower, SnapshotRequest

FARM = "Market data farm connection:usfarm"


@pytest.fixture
def ready() -> Bench:
    bench = Bench()
    bench.ready()
    return bench


def contract(con_id: int) -> dict[str, Any]:
    return {"conId": con_id, "symbol": "A", "secType": "STK", "exchange": "SMART", "currency": "USD"}


def subscribe(bench: Bench, con_id: int, client: str) -> str:
    return bench.ask("reqMktData", client=client, contract=contract(con_id))


def tick(bench: Bench, con_id: int, price: float) -> None:
    sent = [send for send in bench.sends("reqMktData") if send["contract"]["conId"] == con_id]
    bench.tws("tickPrice", reqId=sent[-1]["reqId"], tickType=1, price=price, size="1")


def gaps(bench: Bench, con_id: int) -> int:
    return sum(f"market.{con_id}." in event["data"]["topics"] for event in bench.on("system.gap"))


def test_who_joins_while_an_outage_goes_on_hears_of_its_relapse(ready: Bench) -> None:
    for con_id in (1, 2):
        subscribe(ready, con_id, "alice")
        tick(ready, con_id, 5.0)
    ready.session.on_lost("end of file", ready.now)
    ready.collect()
    assert gaps(ready, 1) == 1
    ready.ready()
    ready.wait(0.5)
    tick(ready, 1, 6.0)  # the other is still missing: the outage goes on
    assert not ready.on("system.recovered")
    joined = ready.result(subscribe(ready, 1, "bob"))
    assert joined["confirmed"]
    ready.session.on_lost("end of file", ready.now)
    ready.collect()
    assert gaps(ready, 1) == 2


def test_the_farm_is_back_for_streams_that_have_a_quiet_one_beside_them(ready: Bench) -> None:
    for con_id in (1, 2):
        subscribe(ready, con_id, "alice")
    tick(ready, 1, 5.0)
    for _ in range(12):
        ready.wait(5)
        ready.ask("ping", client="alice")
    ready.error(-1, 2103, FARM)
    ready.error(-1, 2104, FARM)
    tick(ready, 1, 6.0)
    for _ in range(120):
        ready.wait(5)
        ready.ask("ping", client="alice")
    assert ready.on("system.recovered")[0]["data"]["streams"] == ["1"]


def test_a_quiet_stream_that_tws_may_have_forgotten_is_asked_for_again_when_its_farm_is_back(ready: Bench) -> None:
    subscribe(ready, 1, "alice")
    for _ in range(12):
        ready.wait(5)
        ready.ask("ping", client="alice")
    before = len(ready.sends("reqMktData"))
    ready.error(-1, 2103, FARM)
    ready.error(-1, 2104, FARM)
    for _ in range(6):
        ready.wait(5)
        ready.ask("ping", client="alice")
    assert len(ready.sends("reqMktData")) == before + 1


def kept_values(bench: Bench, con_id: int) -> list[bool]:
    events = bench.result(bench.ask("snapshot", prefix=f"market.{con_id}."))["events"]
    return [event.get("stale", False) for event in events if event["event"] == "tickPrice"]


def test_a_message_of_a_farm_that_broke_in_an_outage_of_ibkr_proves_nothing_after_1102(ready: Bench) -> None:
    subscribe(ready, 1, "alice")
    tick(ready, 1, 5.0)
    ready.error(-1, 2110, "Connectivity lost")
    ready.error(-1, 2103, FARM)
    ready.error(-1, 1102, "Connectivity restored")
    tick(ready, 1, 6.0)
    for _ in range(12):
        ready.wait(5)
        ready.ask("ping", client="alice")
    assert kept_values(ready, 1) == [True]
    ready.error(-1, 2104, FARM)
    tick(ready, 1, 7.0)
    for _ in range(12):
        ready.wait(5)
        ready.ask("ping", client="alice")
    assert kept_values(ready, 1) == [False]


def test_a_farm_of_which_tws_never_says_that_it_is_back_does_not_stop_a_stream_for_ever(ready: Bench) -> None:
    subscribe(ready, 1, "alice")
    tick(ready, 1, 5.0)
    ready.error(-1, 2103, FARM)
    ready.error(-1, 1102, "Connectivity restored")
    before = len(ready.sends("reqMktData"))
    for _ in range(70):
        ready.wait(5)
        ready.ask("ping", client="alice")
    assert len(ready.sends("reqMktData")) > before


def test_waiting_for_a_farm_ends_nothing_for_a_farm_that_broke_later(ready: Bench) -> None:
    subscribe(ready, 1, "alice")
    tick(ready, 1, 5.0)
    ready.error(-1, 2103, FARM)
    ready.error(-1, 1102, "Connectivity restored")
    ready.error(-1, 2104, FARM)
    tick(ready, 1, 6.0)
    for _ in range(59):
        ready.wait(5)
        tick(ready, 1, 6.0)
        ready.ask("ping", client="alice")
    ready.error(-1, 2103, FARM)
    for _ in range(12):
        ready.wait(5)
        tick(ready, 1, 7.0)  # a message that was on its way
        ready.ask("ping", client="alice")
    assert kept_values(ready, 1) == [True]


def said(bench: Bench, status: str, filled: str) -> None:
    bench.tws("orderStatus", orderId=100, status=status, filled=filled, remaining="1", permId="9", clientId=1)


def executed(bench: Bench, exec_id: str, shares: str, req_id: int = -1) -> None:
    tag = bench.last_sent("placeOrder")["order"]["orderRef"]
    execution = {"orderId": 100, "clientId": 1, "permId": "9", "execId": exec_id, "shares": shares, "orderRef": tag}
    bench.tws("execDetails", reqId=req_id, contract=contract(1), execution=execution)


def test_a_figure_of_before_a_correction_does_not_stand_above_tws_last_figure_and_all_executions(ready: Bench) -> None:
    order = {"action": "BUY", "orderType": "LMT", "totalQuantity": "30", "lmtPrice": 5.0}
    ready.ask("placeOrder", orderKey="a", contract=contract(1), order=order)
    said(ready, "Submitted", "20")
    executed(ready, "x.1.01", "10")
    executed(ready, "x.1.02", "9")
    said(ready, "Cancelled", "19")
    said(ready, "Submitted", "20")  # late: it was true when it was said
    executed(ready, "x.2.01", "10")
    for _ in range(10):
        ready.wait(6)
        ready.ask("ping")
        for send in ready.internal_requests:
            if send.name == "reqExecutions":
                for exec_id, shares in (("x.1.01", "10"), ("x.1.02", "9"), ("x.2.01", "10")):
                    executed(ready, exec_id, shares, send.data["reqId"])
        ready.answer_internal_requests()
    told = ready.result(ready.ask("placeOrder", orderKey="a", contract=contract(1), order=order))
    assert (told["filled"], told.get("fillsFinal")) == ("19", True)


def test_a_follower_that_joins_anew_says_what_has_become_stale() -> None:
    """Its connection was made anew in an outage, and the `gap` was lost with the old one."""
    follower = Follower(["market.1."], nonce=lambda: "n")
    value = {"topic": "market.1.tickPrice", "seq": 5, "ts": 1, "event": "tickPrice", "data": {"tickType": 1}}

    def settle(**marks: Any) -> list[Event]:
        ask = next(command for command in follower.commands()[::-1] if isinstance(command, SnapshotRequest))
        follower.on_event("sync.n", {}, 0.0)
        snapshot = {
            "epoch": "e",
            "sequences": {"market.1.tickPrice": 5},
            "floors": {},
            "events": [{**value, **marks}],
            "gaps": [],
        }
        follower.on_reply(ask.token, snapshot, 0.0)
        return follower.events()

    follower.start(0.0)
    assert [event.is_stale for event in settle() if event.origin == "snapshot"] == [False]
    follower.on_reconnect(1.0)
    assert [event.is_stale for event in settle(stale=True, staleSince=2) if event.origin == "recovered"] == [True]


EUROPE = "Market data farm connection:eufarm"


def ping_for(bench: Bench, seconds: int) -> None:
    for _ in range(seconds // 5):
        bench.wait(5)
        bench.ask("ping", client="alice")


def test_a_farm_that_is_back_proves_nothing_for_the_streams_of_one_that_is_still_broken(ready: Bench) -> None:
    subscribe(ready, 1, "alice")
    tick(ready, 1, 5.0)
    for code, text in ((2103, FARM), (2103, EUROPE), (2104, EUROPE), (2106, "HMDS data farm connection:ushmds")):
        ready.error(-1, code, text)
    tick(ready, 1, 6.0)  # it was on its way
    ping_for(ready, 50)
    assert kept_values(ready, 1) == [True]
    ready.error(-1, 2104, FARM)
    tick(ready, 1, 7.0)
    ping_for(ready, 50)
    assert kept_values(ready, 1) == [False]


def test_data_long_after_a_farm_broke_proves_that_another_farm_serves_the_stream(ready: Bench) -> None:
    subscribe(ready, 1, "alice")
    subscribe(ready, 2, "alice")
    for con_id in (1, 2):
        tick(ready, con_id, 5.0)
    ready.error(-1, 2103, FARM)
    ping_for(ready, 65)
    tick(ready, 1, 6.0)  # TWS may repeat what it knows
    ping_for(ready, 50)
    assert kept_values(ready, 1) == [True]
    tick(ready, 1, 7.0)
    ping_for(ready, 25)
    assert (kept_values(ready, 1), kept_values(ready, 2)) == ([False], [True])
    ready.error(-1, 2103, EUROPE)  # so it was this one that served it
    assert (kept_values(ready, 1), kept_values(ready, 2)) == ([True], [True])


def test_data_long_after_a_farm_broke_proves_nothing_while_ibkr_is_out_of_reach(ready: Bench) -> None:
    subscribe(ready, 1, "alice")
    tick(ready, 1, 5.0)
    ready.error(-1, 2103, FARM)
    ready.error(-1, 1100, "Connectivity lost")
    ping_for(ready, 65)
    tick(ready, 1, 6.0)
    ready.error(-1, 1102, "Connectivity restored")
    tick(ready, 1, 7.0)
    ping_for(ready, 30)
    assert kept_values(ready, 1) == [True]


def test_streams_of_a_farm_whose_place_another_takes_are_asked_for_again(ready: Bench) -> None:
    """TWS goes from usfarm to usfarm.nj, and never says that usfarm is back."""
    subscribe(ready, 1, "alice")
    tick(ready, 1, 5.0)
    ready.error(-1, 2103, FARM)
    ready.error(-1, 2104, f"{FARM}.nj")
    before = len(ready.sends("reqMktData"))
    ping_for(ready, 350)
    assert len(ready.sends("reqMktData")) > before


def answer(bench: Bench) -> None:
    """The oldest question of the bridge's own is answered, and what it asks next waits."""
    later, bench.internal_requests = bench.internal_requests[1:], bench.internal_requests[:1]
    name, data = bench.internal_requests[0].name, bench.internal_requests.pop().data
    bench.tws(QUERIES[name], **({"reqId": data["reqId"]} if "reqId" in data else {}))
    bench.internal_requests += later


def test_executions_outrank_a_figure_of_before_a_correction_of_which_only_the_outcome_was_heard(ready: Bench) -> None:
    order = {"action": "BUY", "orderType": "LMT", "totalQuantity": "30", "lmtPrice": 5.0}
    ready.ask("placeOrder", orderKey="a", contract=contract(1), order=order)
    said(ready, "Filled", "30")
    heard = (("x.1.02", "9"), ("x.2.01", "10"), ("x.3.01", "10"))  # x.1.01, of 10, was told while the bridge was dead
    for exec_id, shares in heard:
        executed(ready, exec_id, shares)
    for _ in range(30):
        ready.wait(6)
        ready.ask("ping")
        while ready.internal_requests:
            if (send := ready.internal_requests[0]).name == "reqExecutions":
                for exec_id, shares in heard:
                    executed(ready, exec_id, shares, send.data["reqId"])
            answer(ready)
    told = ready.result(ready.ask("placeOrder", orderKey="a", contract=contract(1), order=order))
    assert (told["filled"], told["fillsFinal"]) == ("29", True)


def answered(bench: Bench, executions: tuple[tuple[str, str], ...], completed: dict[str, Any] | None) -> None:
    """For three minutes TWS answers what the bridge asks for itself: these executions, that completed order."""
    tag = bench.last_sent("placeOrder")["order"]["orderRef"]
    for _ in range(30):
        bench.wait(6)
        bench.ask("ping")
        while bench.internal_requests:
            send = bench.internal_requests[0]
            if send.name == "reqExecutions":
                for exec_id, shares in executions:
                    executed(bench, exec_id, shares, send.data["reqId"])
            if send.name == "reqCompletedOrders" and completed is not None:
                told = {"permId": "9", "orderRef": tag, "filledQuantity": completed["filled"], "account": "DU1"}
                state = {"status": completed["status"], "completedStatus": completed["status"]}
                bench.tws("completedOrder", contract=contract(1), order=told, orderState=state)
            answer(bench)


@pytest.mark.parametrize(("status", "filled"), [("Cancelled", "29"), ("Filled", "29")])
def test_a_correction_that_tws_made_before_the_last_execution_is_no_end_of_the_order(
    ready: Bench, status: str, filled: str
) -> None:
    """The bridge hears it after: for a moment all executions add up to the quantity."""
    order = {"action": "BUY", "orderType": "LMT", "totalQuantity": "30", "lmtPrice": 5.0}
    ready.ask("placeOrder", orderKey="a", contract=contract(1), order=order)
    said(ready, "Submitted", "15")
    executed(ready, "x.1.01", "15")
    executed(ready, "x.2.01", "15")
    executed(ready, "x.1.02", "14")
    told = ready.result(ready.ask("placeOrder", orderKey="a", contract=contract(1), order=order))
    assert (told["state"], told["filled"]) == ("unknown", "29")
    assert len(ready.on("order.alice.a.conflict")) == 1
    answered(ready, (("x.1.02", "14"), ("x.2.01", "15")), {"status": status, "filled": filled})
    told = ready.result(ready.ask("placeOrder", orderKey="a", contract=contract(1), order=order))
    assert (told["state"], told["filled"], told["fillsFinal"]) == (status.lower(), "29", True)


def test_a_correction_of_an_order_that_tws_reported_filled_leaves_it_filled(ready: Bench) -> None:
    order = {"action": "BUY", "orderType": "LMT", "totalQuantity": "30", "lmtPrice": 5.0}
    ready.ask("placeOrder", orderKey="a", contract=contract(1), order=order)
    executed(ready, "x.1.01", "30")
    said(ready, "Filled", "30")
    executed(ready, "x.1.02", "29")
    told = ready.result(ready.ask("placeOrder", orderKey="a", contract=contract(1), order=order))
    assert (told["state"], told["filled"]) == ("filled", "29")
    assert len(ready.on("order.alice.a.conflict")) == 1


def test_a_doubt_after_a_pass_that_came_before_the_planned_one_has_a_pass_of_its_own(ready: Bench) -> None:
    """Seed 23105: the order became unknown, and no pass looked for it."""
    passes = 0

    def let_pass(seconds: int) -> None:
        nonlocal passes
        for _ in range(seconds):
            ready.wait(1)
            passes += sum(send.name == "reqAllOpenOrders" for send in ready.internal_requests)
            while ready.internal_requests:
                answer(ready)

    def doubt() -> None:
        failed = DecodeFailed(message="orderStatus", id=3, field=None, reason="?", server_version=187, payload=b"")
        ready.session.on_event(failed, ready.now)
        ready.collect()

    order = {"action": "BUY", "orderType": "LMT", "totalQuantity": "30", "lmtPrice": 5.0}
    ready.ask("placeOrder", orderKey="a", contract=contract(1), order=order)
    said(ready, "Submitted", "0")
    let_pass(70)
    doubt()
    let_pass(10)
    doubt()  # its pass is planned a minute after the first one
    before = passes
    said(ready, "Cancelled", "0")  # this one has a pass in 5 seconds
    let_pass(10)
    assert passes == before + 1
    doubt()
    let_pass(70)
    assert passes > before + 1


def test_a_competing_session_does_not_delay_the_verification_of_a_stream_that_tws_may_have_forgotten(
    ready: Bench,
) -> None:
    """Seed 23084: 10197 came 19 s after 1102, and the stream was asked for again only five minutes later."""
    subscribe(ready, 1, "alice")
    tick(ready, 1, 5.0)
    ready.error(-1, 1100, "Connectivity lost")
    ready.error(-1, 1102, "Connectivity restored")
    ping_for(ready, 15)
    stream = ready.last_sent("reqMktData")["reqId"]
    ready.error(stream, 10197, "No market data during competing live session")
    before = len(ready.sends("reqMktData"))
    ping_for(ready, 10)
    assert len(ready.sends("reqMktData")) == before + 1


def test_a_competing_session_alone_is_waited_for(ready: Bench) -> None:
    subscribe(ready, 1, "alice")
    tick(ready, 1, 5.0)
    before = len(ready.sends("reqMktData"))
    for _ in range(20):  # TWS repeats it
        ready.error(ready.last_sent("reqMktData")["reqId"], 10197, "No market data during competing live session")
        ping_for(ready, 10)
    assert len(ready.sends("reqMktData")) == before


def test_executions_outrank_a_figure_that_was_said_before_a_correction_and_heard_after_it(ready: Bench) -> None:
    """Seed 24079: the bridge heard the correction, then the figure of before, then the last execution."""
    order = {"action": "BUY", "orderType": "LMT", "totalQuantity": "5", "lmtPrice": 5.0}
    ready.ask("placeOrder", orderKey="a", contract=contract(1), order=order)
    said(ready, "Submitted", "4")
    executed(ready, "x.1.01", "2")
    executed(ready, "x.1.02", "1")
    said(ready, "Cancelled", "4")
    executed(ready, "x.2.01", "2")
    heard = (("x.1.01", "2"), ("x.2.01", "2"), ("x.1.02", "1"))
    answered(ready, heard, {"status": "Cancelled", "filled": "3"})
    told = ready.result(ready.ask("placeOrder", orderKey="a", contract=contract(1), order=order))
    assert (told["state"], told["filled"], told["fillsFinal"]) == ("cancelled", "3", True)
    assert not ready.on("order.alice.a.orderGap")


def test_an_order_whose_end_tws_never_told_is_found_to_have_ended(ready: Bench) -> None:
    """Seed 25314: TWS cancelled the order by itself, and both its status and error 202 were lost."""
    order = {"action": "BUY", "orderType": "LMT", "totalQuantity": "30", "lmtPrice": 5.0}
    ready.ask("placeOrder", orderKey="a", contract=contract(1), order=order)
    said(ready, "Submitted", "1")
    executed(ready, "x.1.01", "1")
    for _ in range(2):
        answered(ready, (("x.1.01", "1"),), {"status": "Cancelled", "filled": "1"})
    told = ready.result(ready.ask("placeOrder", orderKey="a", contract=contract(1), order=order))
    assert (told["state"], told["filled"]) == ("cancelled", "1")


def test_without_open_orders_the_bridge_does_not_ask_for_them(ready: Bench) -> None:
    for _ in range(20):
        ready.wait(60)
        ready.ask("ping")
        assert not [send for send in ready.internal_requests if send.name == "reqAllOpenOrders"]


def test_a_farm_that_breaks_does_not_end_the_verification_of_a_stream_that_another_farm_may_serve(ready: Bench) -> None:
    """Seed 30193: a farm broke 19.8 s after 1102, for 130 s, and the stream that TWS had forgotten waited for it."""
    for con_id in (1, 2):
        subscribe(ready, con_id, "alice")
        tick(ready, con_id, 5.0)
    ready.error(-1, 1100, "Connectivity lost")
    ready.error(-1, 1102, "Connectivity restored")
    tick(ready, 2, 6.0)
    ping_for(ready, 15)
    before = len(ready.sends("reqMktData"))
    ready.error(-1, 2103, FARM)
    ready.wait(1)
    assert [send["contract"]["conId"] for send in ready.sends("reqMktData")[before:]] == [1]
    assert ready.result(ready.ask("snapshot", prefix="market.1."))["events"][0]["stale"]
    tick(ready, 1, 7.0)
    assert not ready.result(ready.ask("snapshot", prefix="market.1."))["events"][0].get("stale")
    assert ready.result(ready.ask("snapshot", prefix="market.2."))["events"][0]["stale"], (
        "its farm may be the broken one"
    )


ACCOUNT = {"subscribe": True, "acctCode": "DU1"}


def account_requests(bench: Bench) -> int:
    return sum(send["subscribe"] for send in bench.sends("reqAccountUpdates"))


def account_value(bench: Bench) -> None:
    bench.tws("updateAccountValue", key="NetLiquidation", value="1", currency="USD", accountName="DU1")


def test_a_first_download_whose_end_does_not_come_is_requested_again(ready: Bench) -> None:
    """Seed 33110: TWS sent a value for the first request, and dropped the second, as it does just after its start."""
    asked = ready.ask("reqAccountUpdates", **ACCOUNT)
    account_value(ready)
    ready.wait(9)
    account_value(ready)
    ready.wait(9)
    assert account_requests(ready) == 1, "TWS is still sending"
    ready.wait(2)
    assert account_requests(ready) == 2
    ready.tws("accountDownloadEnd", accountName="DU1")
    assert ready.result(asked)["confirmed"]
    ready.wait(60)
    assert account_requests(ready) == 2


def test_values_without_an_end_extend_a_first_download_for_five_minutes_at_most(ready: Bench) -> None:
    ready.ask("reqAccountUpdates", **ACCOUNT)
    ready.tws("accountDownloadEnd", accountName="DU1")
    ready.session.on_lost("end of file", ready.now)
    ready.collect()
    ready.ready()
    ready.wait(1)  # the bridge requests the held stream again
    before = account_requests(ready)
    for seconds in range(0, 304, 8):
        assert account_requests(ready) == before, f"after {seconds} s"
        account_value(ready)
        ready.wait(8)
        ready.ask("ping")
    assert account_requests(ready) == before + 1
