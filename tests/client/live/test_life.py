"""The table of a hold: total, with no dead end but `closed`, and reachable in every state."""

from __future__ import annotations

import typing

import pytest

from tws_bridge_client.live.life import EVENTS, STATES, TABLE, HoldEvent, HoldState

#: Every pair, so that a change of the table is a change here too.
EXPECTED = """
             granted      promised     denied       refused      stale   fresh    renewed      restarted    ended        unheld   due          closed
asking       live         unconfirmed  lost         refused      asking  asking   asking       asking       asking       asking   asking       closed
unconfirmed  unconfirmed  unconfirmed  unconfirmed  unconfirmed  stale   live     unconfirmed  unconfirmed  lost         lost     unconfirmed  closed
live         live         live         live         live         stale   live     live         unconfirmed  lost         lost     live         closed
stale        stale        stale        stale        stale        stale   live     unconfirmed  unconfirmed  lost         lost     stale        closed
lost         lost         lost         lost         lost         lost    lost     lost         lost         lost         lost     asking       closed
refused      refused      refused      refused      refused      refused refused  refused      refused      refused      refused  refused      closed
closed       closed       closed       closed       closed       closed  closed   closed       closed       closed       closed   closed       closed
"""  # noqa: E501


def test_every_pair_of_state_and_event():
    events, *rows = (line.split() for line in EXPECTED.strip().splitlines())
    expected = {(state, event): after for state, *cells in rows for event, after in zip(events, cells, strict=True)}
    assert expected == TABLE


def test_the_table_has_the_words_of_its_types_and_each_is_explained():
    assert set(STATES) == set(typing.get_args(HoldState))
    assert set(EVENTS) == set(typing.get_args(HoldEvent))
    assert set(TABLE) == {(state, event) for state in STATES for event in EVENTS}
    assert all(text.endswith(".") for text in (*STATES.values(), *EVENTS.values()))


def test_every_state_is_reached():
    reached, waiting = {"asking"}, ["asking"]
    while waiting:
        state = waiting.pop()
        for event in EVENTS:
            after = TABLE[state, event]
            if after not in reached:
                reached.add(after)
                waiting.append(after)
    assert reached == set(STATES)


@pytest.mark.parametrize("state", sorted(STATES))
def test_closed_ends_every_state(state):
    assert TABLE[state, "closed"] == "closed"
