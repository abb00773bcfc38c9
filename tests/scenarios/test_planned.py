"""Planned restarts, the declared kind of account, and the asynchronous connect, at real sockets."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.chaos.world import AAPL
from tests.scenarios.conftest import both_encodings
from tests.scenarios.stage import BUY


def planned(begins, ends):
    times = f'begins = "{begins:%H:%M}"\nends = "{ends:%H:%M}"'
    return f'[[planned_restarts]]\nname = "nightly"\nzone = "UTC"\nlead = 3600.0\n{times}'


def in_minutes(*minutes):
    now = datetime.now(UTC)
    return planned(*(now + timedelta(minutes=m) for m in minutes))


@pytest.mark.parametrize("settings", [in_minutes(30, 35)], ids=["ahead"])
def test_no_order_leaves_before_a_planned_restart_and_a_held_one_waits(stage, tws):
    refused = stage.place("k1").told()
    assert (refused["code"], refused["state"], refused["name"]) == ("notTradable", "ahead", "nightly")
    params = {"orderKey": "k2", "contract": AAPL, "order": BUY, "duringRestart": "hold"}
    held = stage.ask("placeOrder", params, timeout=60)
    assert stage.ask("status", {}).told()["plannedRestart"]["state"] == "ahead"
    assert stage.ask("cancelOrder", {"orderKey": "k2"}).told()["state"] == "unsent"
    assert held.told()["code"] == "cancelled"
    assert tws.sent("placeOrder") == []


@pytest.mark.parametrize("settings", [in_minutes(-30, 30)], ids=["begun"])
def test_a_loss_during_a_planned_restart_is_routine(stage, tws):
    with stage.client("bob").subscribe("system.connection") as events:
        while not events.is_live:
            events.poll(0.05)
        connections = tws.connections
        tws.drop()
        tws.until(lambda: tws.connections > connections, "the bridge did not connect")
        told = []
        while "ready" not in [data["state"] for data in told]:
            event = events.poll(5)
            if event is not None and event.origin == "live":
                told.append(event.data)
    assert {data["planned"] for data in told if data["state"] in ("lost", "backingOff")} == {"nightly"}
    assert stage.bridge.logs("connection lost (planned: nightly)")
    assert [line for line in stage.log.splitlines() if "WARNING" in line] == []


@both_encodings
@pytest.mark.parametrize("settings", ["async_connect = true"], ids=["asynchronous"])
def test_the_asynchronous_connect_trades_as_the_other_does(stage, tws):
    stage.working("k1")
    assert len(tws.sent("startApi")) == 0  # the server side of the protocol takes it for itself
    assert len(tws.placed("k1")) == 1
