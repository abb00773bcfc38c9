"""Waiting for a state of an order, and cancelling one that is over."""

from __future__ import annotations

import pytest

from bridge.session.rights.grants import Grant
from bridge.session.rights.permissions import Permissions
from tests.session.conftest import Bench
from tests.session.test_order_hazards import ask
from tests.session.test_order_log import fill
from tests.session.test_orders import status


def wait_for(bench, until, **params):
    return bench.ask("awaitOrder", orderKey="k1", until=until, **params)


def test_it_is_answered_when_tws_has_spoken_and_when_the_order_is_over(ready):
    ask(ready)
    first, last = wait_for(ready, "acknowledged"), wait_for(ready, "ended")
    assert ready.answers(first) == []
    status(ready, 100)
    assert (ready.result(first)["state"], ready.result(first)["reached"]) == ("acknowledged", True)
    assert ready.answers(last) == []
    fill(ready, "x1.01", shares="10")
    assert (ready.result(last)["state"], ready.result(last)["reached"]) == ("filled", True)


def test_what_is_reached_already_is_answered_at_once(ready):
    ask(ready)
    status(ready, 100, "Cancelled")
    assert ready.result(wait_for(ready, "acknowledged"))["state"] == "cancelled"
    assert ready.result(wait_for(ready, "ended"))["reached"] is True


def test_an_order_that_is_lost_sight_of_has_not_been_acknowledged(ready):
    ask(ready)
    waiting = wait_for(ready, "acknowledged", timeout=120)
    ready.wait(31)
    assert ready.answers(waiting) == []
    ready.answer_internal_requests()
    ready.wait(60)
    ready.answer_internal_requests()
    assert (ready.result(waiting)["state"], ready.result(waiting)["reached"]) == ("notFound", False)


@pytest.mark.parametrize(("timeout", "seconds"), [(None, 30), (2, 2), (40.5, 40.5)])
def test_at_the_end_of_its_time_the_order_is_told_as_it_stands(ready, timeout, seconds):
    ask(ready)
    status(ready, 100)
    waiting = wait_for(ready, "ended", **({} if timeout is None else {"timeout": timeout}))
    ready.wait(seconds - 0.5)
    assert ready.answers(waiting) == []
    ready.wait(0.5)
    assert (ready.result(waiting)["state"], ready.result(waiting)["reached"]) == ("acknowledged", False)


def test_it_outlives_the_connection(ready):
    ask(ready)
    status(ready, 100)
    ready.session.on_lost("end of file", ready.now)
    ready.collect()
    waiting = wait_for(ready, "ended")
    ready.wait(2)
    ready.ready(told=False)
    status(ready, 100, "Cancelled")
    assert ready.result(waiting)["state"] == "cancelled"


def test_it_is_told_when_that_is_on_disk_and_not_before(ready):
    ask(ready)
    waiting = wait_for(ready, "ended")
    ready.disk.held = True
    status(ready, 100, "Cancelled")
    assert ready.answers(waiting) == []
    ready.release()
    assert ready.result(waiting)["state"] == "cancelled"


def test_nobody_waits_for_the_order_of_another(ready):
    grants = {"alice": Grant(frozenset({"trade"})), "bob": Grant(frozenset({"trade"}))}
    bench = Bench(permissions=Permissions(grants))
    bench.ready()
    ask(bench)
    other = bench.ask("awaitOrder", client="bob", owner="alice", orderKey="k1", until="ended")
    assert bench.failure(other)["data"]["rule"] == "roles"
    assert bench.failure(bench.ask("awaitOrder", orderKey="none", until="ended"))["code"] == "unknownOrder"


# Cancelling what is over


@pytest.mark.parametrize("word", ["Filled", "Cancelled"])
@pytest.mark.parametrize("connected", [True, False])
def test_to_cancel_an_order_that_is_over_is_no_error_and_asks_tws_nothing(ready, word, connected):
    ask(ready)
    status(ready, 100, word, filled="10" if word == "Filled" else "0")
    if not connected:
        ready.session.on_lost("end of file", ready.now)
        ready.collect()
    for name in ({"orderKey": "k1"}, {"orderId": 100}):
        facts = ready.result(ready.ask("cancelOrder", **name))
        assert (facts["state"], facts["alreadyEnded"]) == (word.lower(), True)
    assert ready.sends("cancelOrder") == []


def test_a_cancel_that_crosses_the_last_fill_is_answered_with_it(ready):
    ask(ready)
    status(ready, 100)
    cancel = ready.ask("cancelOrder", orderKey="k1")
    fill(ready, "x1.01", shares="10")
    assert (ready.result(cancel)["state"], ready.result(cancel)["alreadyEnded"]) == ("filled", True)
    ready.error(100, 10148, "cannot be cancelled, state: Filled")
    assert len(ready.answers(cancel)) == 1


def test_a_cancel_that_did_end_the_order_says_nothing_of_that(ready):
    ask(ready)
    status(ready, 100)
    cancel = ready.ask("cancelOrder", orderKey="k1")
    status(ready, 100, "Cancelled")
    assert "alreadyEnded" not in ready.result(cancel)
