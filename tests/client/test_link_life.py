"""The table of a connection: total, every state is reached, and what the monitor of a socket reports follows it."""

from __future__ import annotations

import typing

import pytest
import zmq

from tws_bridge_client.connection import Connection
from tws_bridge_client.link_life import EVENTS, KNOWN, OPEN, REFUSED, STATES, TABLE, LinkEvent, LinkState

#: Every pair, so that a change of the table is a change here too.
EXPECTED = """
           connected  greeted  cut        refused    retried
new        open       up       new        refused    new
open       open       up       new        refused    open
up         up         up       lost       forbidden  up
lost       reopened   up       lost       forbidden  lost
reopened   reopened   up       lost       forbidden  reopened
refused    refused    up       refused    refused    new
forbidden  forbidden  up       forbidden  forbidden  lost
"""


def test_every_pair_of_state_and_event():
    events, *rows = (line.split() for line in EXPECTED.strip().splitlines())
    expected = {(state, event): after for state, *cells in rows for event, after in zip(events, cells, strict=True)}
    assert expected == TABLE


def test_the_table_has_the_words_of_its_types_and_each_is_explained():
    assert set(STATES) == set(typing.get_args(LinkState))
    assert set(EVENTS) == set(typing.get_args(LinkEvent))
    assert set(TABLE) == {(state, event) for state in STATES for event in EVENTS}
    assert all(text.endswith(".") for text in (*STATES.values(), *EVENTS.values()))
    assert set(STATES) >= KNOWN | OPEN | REFUSED


def test_every_state_is_reached_and_none_is_a_dead_end():
    for first in STATES:
        reached, waiting = {first}, [first]
        while waiting:
            state = waiting.pop()
            after = {TABLE[state, event] for event in EVENTS} - reached
            reached |= after
            waiting += after
        assert "up" in reached
        assert first != "new" or reached == set(STATES)


@pytest.mark.parametrize("state", sorted(STATES))
def test_who_was_connected_is_known_for_ever(state):
    assert all((TABLE[state, event] in KNOWN) == (state in KNOWN or event == "greeted") for event in EVENTS)


@pytest.fixture
def connection():
    with zmq.Context() as context, context.socket(zmq.DEALER) as socket:
        watching = Connection(context, socket, "tcp://127.0.0.1:9", has_key=True)
        socket.connect("tcp://127.0.0.1:9")
        watching._state = "new"
        yield watching
        watching.close()


def test_the_reports_of_a_monitor_become_states(connection, monkeypatch):
    monkeypatch.setattr(connection, "look", lambda: None)
    assert "nothing listens" in connection.state()
    connection._take(zmq.EVENT_CONNECTED)
    assert "but does not answer: the bridge is stopped or overloaded, or another program" in connection.state()
    connection._take(zmq.EVENT_HANDSHAKE_SUCCEEDED)
    assert (connection.is_up, connection.take_reconnect()) == (True, False)
    connection._take(zmq.EVENT_DISCONNECTED)
    connection._take(zmq.EVENT_CONNECTED)
    connection._take(zmq.EVENT_HANDSHAKE_SUCCEEDED)
    assert (connection.take_reconnect(), connection.take_reconnect()) == (True, False)
    for _ in range(2):
        connection._take(zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL)
        assert connection.refused is None
    connection._take(zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL)
    assert "the handshake fails" in str(connection.refused)
    connection._take(zmq.EVENT_DISCONNECTED)
    assert connection.refused is not None
    connection.try_again()
    assert connection.refused is None
    connection._take(zmq.EVENT_HANDSHAKE_FAILED_AUTH)
    assert "does not know this key" in str(connection.refused)
    connection._take(zmq.EVENT_HANDSHAKE_SUCCEEDED)
    assert connection.refused is None
    assert connection.take_reconnect()
