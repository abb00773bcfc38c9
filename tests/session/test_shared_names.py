"""Two connections under one client name: the bridge warns of them, and not of a restart."""

from __future__ import annotations

import itertools

import pytest

from bridge.session.clients import MOST_CONNECTIONS

NUMBERS = itertools.count(1)


def warnings(bench):
    return [log.text for log in bench.logs if "two connections" in log.text]


def send(bench, route, method="ping", params=None, **more):
    id_ = f"n{next(NUMBERS)}"
    body = {"v": 1, "id": id_, "client": "alice", "method": method, "params": params or {}, **more}
    bench.request(body, route=route)
    return id_


def connections(bench):
    id_ = bench.ask("clients", client="watch")
    (alice,) = [one for one in bench.result(id_) if one["client"] == "alice"]
    return alice.get("connections")


def test_two_connections_that_take_turns_are_warned_of_once(ready):
    for _ in range(4):
        send(ready, "first")
        send(ready, "second")
        ready.wait(3)
    assert len(warnings(ready)) == 1
    assert "alice" in warnings(ready)[0]
    assert connections(ready) == 2


def test_a_restart_or_a_reconnect_is_no_second_process(ready):
    for number in range(5):
        for _ in range(3):
            send(ready, f"run-{number}")
            ready.wait(3)
    assert warnings(ready) == []
    assert connections(ready) > 1
    for _ in range(4):
        ready.wait(10)
        send(ready, "run-4")
    assert connections(ready) == 1


def test_what_an_old_connection_had_sent_before_a_reconnect_is_no_second_process(ready):
    send(ready, "old")
    ready.wait(20)
    for _ in range(5):  # the bridge was busy, and reads both connections in turn
        send(ready, "old")
        send(ready, "new")
    for _ in range(5):
        ready.wait(3)
        send(ready, "new")
    assert warnings(ready) == []


@pytest.mark.parametrize("by_hello", [True, False])
def test_a_client_with_an_instance_is_fenced_instead(ready, by_hello):
    if by_hello:
        send(ready, "first", "hello", {"instance": "run-1"})
    more = {} if by_hello else {"instance": "run-1"}
    for _ in range(4):
        send(ready, "first", **more)
        send(ready, "second", **more)
        ready.wait(3)
    assert warnings(ready) == []


def test_the_bridge_counts_so_many_connections_at_most(ready):
    for number in range(MOST_CONNECTIONS + 5):
        send(ready, f"c{number}")
    assert connections(ready) == MOST_CONNECTIONS
