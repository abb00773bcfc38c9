"""Clients that are lost and want their orders cancelled then: by the configuration's `when_lost`."""

from __future__ import annotations

import pytest

from bridge.session.rights.grants import Grant
from bridge.session.rights.permissions import Permissions
from tests.session.conftest import Bench
from tests.session.test_orders import place, status

GRANTS = Permissions({"alice": Grant(frozenset({"trade"}), when_lost="cancel"), "bob": Grant(frozenset({"trade"}))})


def begin(disk=None):
    bench = Bench(disk, permissions=GRANTS)
    bench.ready()
    return bench


@pytest.fixture
def working():
    """Alice and bob have an order each, which TWS has acknowledged."""
    bench = begin()
    for client, perm_id in (("alice", "77"), ("bob", "78")):
        _, order_id = place(bench, client=client, orderKey="k")
        status(bench, order_id, perm_id=perm_id)
    return bench


def cancelled(bench):
    return [data["orderId"] for data in bench.sends("cancelOrder")]


def test_the_orders_of_a_lost_client_are_cancelled_and_said_so_and_those_of_others_stay(working):
    working.wait(29)
    assert cancelled(working) == []
    working.wait(3)
    assert cancelled(working) == [100]
    lost = {body["data"]["client"]: body["data"].get("cancelling") for body in working.on("system.clientLost")}
    assert lost == {"alice": ["k"], "bob": None}


def test_a_client_that_is_heard_keeps_its_orders(working):
    for _ in range(10):
        working.wait(10)
        working.ask("ping")
    assert cancelled(working) == []


def test_a_cancel_of_which_nothing_is_heard_is_sent_again_until_the_order_is_over(working):
    working.wait(31)
    status(working, 100, "PendingCancel")
    working.wait(16)
    assert cancelled(working) == [100, 100]
    status(working, 100, "Cancelled")
    working.wait(60)
    assert cancelled(working) == [100, 100]


def test_while_tws_is_away_the_cancel_waits(working):
    working.session.on_lost("end of file", working.now)
    working.collect()
    working.wait(40)
    assert cancelled(working) == []
    working.ready(told=False)
    working.wait(1)
    assert cancelled(working) == [100]


def test_a_client_that_is_back_before_its_cancels_have_left_keeps_its_orders(working):
    working.session.on_lost("end of file", working.now)
    working.collect()
    working.wait(40)
    working.ask("ping")
    working.ready(told=False)
    working.wait(5)
    assert cancelled(working) == []


def test_a_client_that_died_while_the_bridge_was_down_is_lost_too(working):
    again = begin(working.disk)
    status(again, 100)
    again.wait(32)
    assert cancelled(again) == [100]
