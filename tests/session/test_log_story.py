"""What the session writes to the log: each fact once, in the words of its event."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable
from datetime import time
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bridge.session.link import LinkChange
from bridge.session.link_log import FIRST_SUMMARY, LONGEST_SILENCE, LinkLog
from bridge.session.link_table import STATES
from bridge.session.restarts import PlannedRestart
from bridge.session.rights.grants import Grant
from bridge.session.rights.permissions import Permissions
from bridge.session.values import Instant
from bridge.tws.events import DecodeFailed, UnknownMessage
from tests.session.conftest import AAPL, Bench
from tests.session.test_holds import restarted, subscribe, tick
from tests.session.test_lost_orders import executed, look
from tests.session.test_orders import ORDER, place, status
from tests.session.test_pacing import BARS


def told(bench: Bench, after: int = 0) -> list[str]:
    return [log.event for log in bench.logs[after:]]


def fields(bench: Bench, event: str) -> dict[str, Any]:
    """The fields of the only line with this event."""
    (found,) = [log.fields for log in bench.logs if log.event == event]
    return found


def lose(bench: Bench, reason: str = "TWS closed the connection") -> None:
    bench.session.on_lost(reason, bench.now)
    bench.collect()


# A day


def test_each_fact_of_a_day_is_told_once(ready: Bench) -> None:
    """Connect, an order with two executions, a refusal, a halt, a restart of TWS."""
    ready.wait(1)
    _, order_id = place(ready, orderKey="k1", order={"account": "DU1"})
    status(ready, order_id)
    status(ready, order_id)
    for number, shares in (("x1.01", "4"), ("x2.01", "6"), ("x2.01", "6")):
        ready.tws("execDetails", **executed(shares, execId=number, price=5.5, side="BOT")[1])
    status(ready, order_id, "Filled", filled="10", remaining="0")
    ready.ask("placeOrder", orderKey="k1", contract=AAPL, order={**ORDER, "totalQuantity": "11"})
    ready.ask("halt", reason="drill")
    ready.ask("placeOrder", orderKey="k2", contract=AAPL, order=ORDER)
    ready.ask("resume")
    lose(ready)
    ready.wait(2)
    ready.ready()
    ready.wait(1)
    ready.session.stop(ready.now, "the end")
    ready.collect()
    assert Counter(told(ready)) - Counter({"connectionProgress": 99}) == {
        "connectionOpening": 1, "connectionReady": 2, "ordersPossible": 2, "ordersNotPossible": 1, "clientJoined": 1,
        "orderPlaced": 1, "orderAcknowledged": 1, "orderFill": 2, "orderEnded": 1, "requestRefused": 2,
        "tradingHalted": 1, "tradingResumed": 1, "connectionLost": 1, "bridgeStopped": 1,
    }  # fmt: skip
    assert fields(ready, "orderPlaced") == {
        "client": "alice", "orderKey": "k1", "orderId": 100, "action": "BUY", "quantity": "10", "limitPrice": 5.0,
        "orderType": "LMT", "account": "DU1", "conId": AAPL["conId"],
    } | {name: AAPL[name] for name in ("symbol", "secType") if name in AAPL}  # fmt: skip
    assert [log.fields["cumulative"] for log in ready.logs if log.event == "orderFill"] == ["4", "10"]
    ended = fields(ready, "orderEnded")
    assert (ended["permId"], ended["state"], ended["filled"]) == ("77", "filled", "10")
    assert [log.fields["code"] for log in ready.logs if log.event == "requestRefused"] == [
        "keyConflict",
        "notPermitted",
    ]
    assert [log.fields.get("rule") for log in ready.logs if log.event == "requestRefused"] == [None, "halt"]
    assert fields(ready, "tradingHalted") == {"source": "admin", "reason": "drill (alice)"}
    assert fields(ready, "tradingResumed") == {"source": "admin", "client": "alice"}


# The connection


def test_each_failed_attempt_is_told_once_and_equal_ones_are_summed_up(bench: Bench) -> None:
    bench.start()
    for _ in range(45):
        lose(bench, "refused")
        while bench.states()[-1] != "connecting":
            bench.wait(0.5)
    bench.ready()
    lines = [log for log in bench.logs if log.event.startswith("connection") and log.event != "connectionProgress"]
    assert [(log.event, log.fields.get("tries")) for log in lines] == [
        ("connectionOpening", None), ("connectionAttemptFailed", 1),
        *(("connectionStillFails", number) for number in (5, 10, 20, 40)),
        ("connectionReady", 45),
    ]  # fmt: skip
    assert lines[2].text.startswith("still cannot connect, 5 tries since 2025-10-09T08:53:20.000Z: ")


def test_a_long_series_is_told_each_hour_and_another_reason_at_once() -> None:
    log, clock, tries = LinkLog("host", 1), 0.0, 0
    events = []
    for number in range(300):
        clock += 30
        reason = "other" if number == 200 else "refused"
        now = Instant(clock, int(clock * 1e9))
        for change in (LinkChange("lost", 0, reason), LinkChange("backingOff", 0, reason, None, 30.0)):
            events += [(clock, line.event) for line in log.lines(change, now, planned=None, version=None)]
        tries += 1
    assert [event for _, event in events].count("connectionAttemptFailed") == 2
    assert len(events) < 12
    assert max(b - a for (a, _), (b, _) in itertools.pairwise(events)) <= LONGEST_SILENCE
    assert tries > 40 * FIRST_SUMMARY


def test_every_state_of_the_connection_has_its_line_or_none() -> None:
    lines = {}
    for state in STATES:
        log = LinkLog("host", 1)
        change = LinkChange(state, 0, "why", 1100, 1.0)
        lines[state] = [line.event for line in log.lines(change, Instant(1.0, 1), planned=None, version=213)]
    assert lines == {
        "connecting": ["connectionOpening"], "handshaking": ["connectionWaits"], "starting": ["connectionWaits"],
        "ready": ["connectionReady"], "degraded": ["connectionDegraded"], "lost": [],
        "backingOff": ["connectionAttemptFailed"], "stopped": ["bridgeStopped"],
    }  # fmt: skip


def test_an_outage_at_ibkr_begins_and_ends_once(ready: Bench) -> None:
    before = len(ready.logs)
    for code in (1100, 1100, 1102):
        ready.error(-1, code)
    assert [log.event for log in ready.logs[before:]] == [
        "connectionDegraded", "ordersNotPossible", "connectionRestored",
    ]  # fmt: skip
    assert [log.level for log in ready.logs[before:]] == ["warning", "warning", "info"]


def test_farms_and_notices(ready: Bench) -> None:
    before = len(ready.logs)
    for code, text in (
        (2103, "broken:usfarm"),
        (2103, "broken:usfarm"),
        (2104, "OK:usfarm"),
        (2100, "new account data"),
    ):
        ready.error(-1, code, text)
    assert told(ready, before) == ["farmBroken", "farmChanged", "twsNotice"]
    assert fields(ready, "farmBroken") == {"farm": "usfarm", "kind": "marketData", "twsCode": 2103}


def test_a_planned_restart_makes_a_loss_routine() -> None:
    zone = ZoneInfo("UTC")
    bench = Bench(planned_restarts=(PlannedRestart("nightly", time(8, 54), time(8, 59), zone),))
    bench.ready()
    bench.wait(60)
    lose(bench)
    bench.wait(300)
    assert [log.fields["state"] for log in bench.logs if log.event == "plannedRestart"] == ["ahead", "begun", "over"]
    assert [log.level for log in bench.logs if log.event == "connectionLost"] == ["info"]


def test_pacing_and_unreadable_messages() -> None:
    ready = Bench(messages_per_second=50)
    ready.ready()
    before = len(ready.logs)
    ready.ask("reqHistoricalData", **BARS)
    ready.wait(1)
    req_id = ready.last_sent("reqHistoricalData")["reqId"]
    ready.error(req_id, 162, "Historical Market Data Service error message: pacing violation")
    ready.error(-1, 100, "too fast")
    ready.session.on_events(
        [DecodeFailed("tickPrice", 1, "size", "no", 213, b"x"), UnknownMessage(999, b"x")], ready.now
    )
    ready.collect()
    assert [event for event in told(ready, before) if event not in ("clientJoined", "twsNotice", "ordersPossible")] == [
        "historyPaused", "pacingSlowed", "messageUnreadable", "messageUnreadable",
    ]  # fmt: skip


def test_a_message_that_nobody_waits_for_and_that_cannot_be_sent(ready: Bench) -> None:
    from bridge.session import Send

    ready.session.on_unsendable(Send("cancelScannerSubscription", {}), "TWS is too old", ready.now)
    ready.collect()
    assert fields(ready, "messageNotSent") == {"name": "cancelScannerSubscription", "reason": "TWS is too old"}


def test_interrupted_streams(ready: Bench) -> None:
    subscribe(ready)
    tick(ready)
    lose(ready)
    ready.wait(2)
    ready.ready()
    ready.wait(1)
    tick(ready)
    assert fields(ready, "streamsInterrupted")["count"] == 1
    assert fields(ready, "streamsRecovered")["seconds"] > 0
    assert fields(ready, "streamsRecovered")["reason"] == fields(ready, "streamsInterrupted")["reason"]


# Orders


Provoke = Callable[[Bench], object]


def _doubt(bench: Bench) -> None:
    _, order_id = place(bench, orderKey="k1")
    bench.wait(31)
    status(bench, order_id)


def _not_found(bench: Bench) -> None:
    place(bench, orderKey="k1")
    bench.wait(31)
    look(bench)
    bench.wait(60)
    look(bench)


def _abandoned(bench: Bench) -> None:
    place(bench, orderKey="k1")
    bench.wait(31)
    bench.ask("abandon", orderKey="k1", force=True)


def _rejected(bench: Bench) -> None:
    _, order_id = place(bench, orderKey="k1")
    bench.error(order_id, 201, "no funds in DU1")


def _corrected(bench: Bench) -> None:
    _, order_id = place(bench, orderKey="k1")
    status(bench, order_id)
    bench.tws("execDetails", **executed("4", execId="x1.01")[1])
    bench.tws("execDetails", **executed("3", execId="x1.02")[1])


def _conflict(bench: Bench) -> None:
    _, order_id = place(bench, orderKey="k1")
    status(bench, order_id, "Cancelled")
    status(bench, order_id)


def _changed(bench: Bench) -> None:
    _, order_id = place(bench, orderKey="k1")
    status(bench, order_id)
    bench.ask("modifyOrder", orderKey="k1", revision=1, order={**ORDER, "lmtPrice": 6.0})
    order = {"permId": "77", "clientId": 1, **ORDER, "lmtPrice": 6.0}
    bench.tws("openOrder", orderId=order_id, contract=AAPL, order=order, orderState={"status": "Submitted"})


def _cancelled(bench: Bench) -> None:
    _, order_id = place(bench, orderKey="k1")
    status(bench, order_id)
    bench.ask("cancelOrder", orderKey="k1")
    status(bench, order_id, "Cancelled")


def _not_sent(bench: Bench) -> None:
    bench.disk.held = True
    bench.ask("placeOrder", orderKey="k1", contract=AAPL, order=ORDER)
    bench.session.on_halt_file("stop", bench.now)
    bench.release()


def _fills_missing(bench: Bench) -> None:
    _, order_id = place(bench, orderKey="k1")
    status(bench, order_id, filled="4", remaining="6")
    order = {"permId": "77", "clientId": 1, **ORDER}
    shown = {"orderId": order_id, "contract": AAPL, "order": order, "orderState": {"status": "Submitted"}}
    for _ in range(3):
        look(bench, ("openOrder", shown))


@pytest.mark.parametrize(
    ("provoke", "events"),
    [
        (_doubt, ["orderPlaced", "orderInDoubt", "orderDoubtOver"]),
        (_not_found, ["orderPlaced", "orderInDoubt", "orderDoubtOver", "orderNotFound"]),
        (_abandoned, ["orderPlaced", "orderInDoubt", "orderCancel", "orderDoubtOver", "orderAbandoned"]),
        (_rejected, ["orderPlaced", "orderRejected"]),
        (_corrected, ["orderPlaced", "orderAcknowledged", "orderFill", "orderFillCorrected"]),
        (_conflict, ["orderPlaced", "orderEnded", "orderConflict"]),
        (_changed, ["orderPlaced", "orderAcknowledged", "orderChange", "orderChange"]),
        (_cancelled, ["orderPlaced", "orderAcknowledged", "orderCancel", "orderEnded"]),
        (_not_sent, ["orderNotSent"]),
        (_fills_missing, ["orderPlaced", "orderAcknowledged", "orderFillsMissing"]),
    ],
)
def test_what_happens_to_an_order_is_told_once(ready: Bench, provoke: Provoke, events: list[str]) -> None:
    provoke(ready)
    orders = [log for log in ready.logs if "orderKey" in log.fields and log.event != "requestRefused"]
    assert [log.event for log in orders] == events
    assert {log.fields["client"] for log in orders} == {"alice"}


def test_an_inactive_order(ready: Bench) -> None:
    _, order_id = place(ready, orderKey="k1")
    status(ready, order_id, "Inactive")
    assert fields(ready, "orderInactive")["from"] == "sent"


# Clients, and the disk


def test_clients_come_and_go() -> None:
    limits = Permissions({"alice": Grant(frozenset({"trade", "observe"}), when_lost="cancel")})
    bench = Bench(permissions=limits)
    bench.ready()
    _, order_id = place(bench, orderKey="k1")
    status(bench, order_id)
    for instance in ("one", "two"):
        bench.ask("hello", instance=instance)
    bench.wait(40)
    events = [event for event in told(bench) if event.startswith("client")]
    assert events == ["clientJoined", "clientFenced", "clientOrdersCancelled", "clientLost"]
    assert fields(bench, "clientOrdersCancelled")["keys"] == ["k1"]


def test_a_client_that_only_listens_and_a_name_of_two(ready: Bench) -> None:
    ready.ask("ping")
    for _ in range(40):
        ready.wait(1)
        ready.session.on_listeners(["alice"], ready.now)
    assert fields(ready, "clientSilent") == {"client": "alice"}
    for route in ("one", "two", "one", "two"):
        ready.wait(3)
        ready.request({"v": 1, "id": f"p{ready.clock}", "client": "bob", "method": "ping"}, route)
    assert fields(ready, "clientNameShared") == {"client": "bob"}


def test_what_is_no_request(ready: Bench) -> None:
    ready.request("nonsense")
    assert fields(ready, "requestUnreadable")["code"] == "invalidRequest"


def test_a_hold_that_is_not_taken_over(ready: Bench) -> None:
    subscribe(ready)
    tick(ready)
    again = restarted(ready, permissions=Permissions({"bob": Grant()}))
    assert fields(again, "holdEnded")["client"] == "alice"


def test_a_full_disk_is_told_once_and_its_end(ready: Bench) -> None:
    _, order_id = place(ready, orderKey="k1")
    ready.disk.full = True
    status(ready, order_id)
    ready.wait(10)
    ready.disk.full = False
    ready.wait(3)
    assert [event for event in told(ready) if event.startswith("ledger")] == ["ledgerFailed", "ledgerRecovered"]


def test_wrong_accounts_and_ids(bench: Bench) -> None:
    wrong = Bench(trading_mode="live")
    wrong.ready(told=False)
    assert "accountMismatch" in told(wrong)
    bench.ready(order_id=2**30, told=False)
    assert "orderIdsUnusable" in told(bench)


def test_a_start_while_halted_is_told() -> None:
    bench = Bench(halted="drill (boss)")
    bench.ready()
    assert fields(bench, "tradingHalted") == {"source": "admin", "reason": "drill (boss)"}
    bench.session.on_halt_file("stop", bench.now)
    bench.ask("halt", reason="more")
    bench.session.on_halt_file(None, bench.now)
    bench.collect()
    assert fields(bench, "tradingResumed") == {"source": "file", "reason": "more (alice)"}


def test_what_must_be_known_after_a_restart_and_is_not_on_disk(ready: Bench) -> None:
    subscribe(ready)
    tick(ready)
    ready.disk.full = True
    ready.ask("release", stream=str(AAPL["conId"]))
    assert "has ended" in fields(ready, "notStored")["what"]


def test_an_order_log_that_cannot_be_read(ready: Bench) -> None:
    ready.disk.held = True
    ready.ask("orderLog", after=0)
    (effect,) = ready.disk._waiting
    ready.disk._waiting = []
    ready.session.on_log_read(effect.token, [], "disk I/O error", ready.now)
    ready.collect()
    assert fields(ready, "orderLogUnreadable") == {"client": "alice", "reason": "disk I/O error"}


def test_a_pass_that_tws_does_not_answer(ready: Bench) -> None:
    lose(ready)
    ready.wait(2)
    ready.ready(told=False)
    ready.wait(120)
    assert "reconcileFailed" in told(ready)
