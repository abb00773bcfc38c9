"""What is granted to each connection and taken back, at which cost, and to which end."""

from __future__ import annotations

import logging

import pytest

from bridge.bus import hearing as module
from bridge.bus.gate import name_of, number_of
from bridge.bus.hearing import MOST_BYTES, MOST_CHANGES, MOST_PREFIXES, Hearing

HEARS = ("market.", "system.gap")


@pytest.fixture
def hearing():
    return Hearing(lambda _name: HEARS)


def test_connections_of_one_client_are_told_apart(hearing):
    assert hearing.subscribe("alice/1", 7, b"m") == [b"market."]
    assert hearing.subscribe("alice/2", 8, b"market.") == [b"market."]
    assert hearing.unsubscribe("alice/1", 7, b"m") == [b"market."]
    assert hearing.unsubscribe("alice/2", 8, b"account.") == []
    assert (name_of("a-b_c/17"), number_of("a-b_c/17")) == ("a-b_c", 17)


def test_what_is_needed_twice_is_granted_once_and_taken_back_with_the_last(hearing):
    assert hearing.subscribe("alice/1", 7, b"") == [b"market.", b"system.gap"]
    assert hearing.subscribe("alice/1", 7, b"market.") == []
    assert hearing.subscribe("alice/1", 7, b"market.") == []
    assert hearing.unsubscribe("alice/1", 7, b"") == [b"system.gap"]
    assert hearing.unsubscribe("alice/1", 7, b"") == []
    assert hearing.unsubscribe("alice/1", 7, b"market.") == [b"market."]
    assert hearing.subscribe("alice/1", 7, b"market.1.") == [b"market.1."]


def test_a_change_costs_the_same_however_much_was_asked_for(monkeypatch):
    cuts, looks = [], []
    monkeypatch.setattr(module, "cut", lambda prefix, _hears: cuts.append(prefix) or [prefix])
    hearing = Hearing(lambda name: looks.append(name) or HEARS)
    topics = [b"market.%d." % number for number in range(2000)]
    for topic in topics:
        hearing.subscribe("alice/1", 7, topic)
    for topic in topics:
        assert hearing.unsubscribe("alice/1", 7, topic) == [topic]
    assert cuts == topics * 2
    assert looks == ["alice"]


def test_no_number_of_other_connections_makes_it_forget_one(hearing):
    hearing.subscribe("alice/1", 0, b"")
    hearing.subscribe("alice/1", 0, b"market.")
    for number in range(1, 20_000):
        hearing.subscribe(f"eve/{number + 1}", number, b"x")
    assert hearing.unsubscribe("alice/1", 0, b"market.") == []
    assert hearing.unsubscribe("alice/1", 0, b"") == [b"market.", b"system.gap"]


def test_a_descriptor_that_comes_again_is_another_connection(hearing):
    hearing.subscribe("alice/1", 7, b"market.")
    assert hearing.subscribe("bob/2", 7, b"market.") == [b"market."]
    assert hearing.subscribe("alice/1", 7, b"system.") == []
    assert hearing.unsubscribe("alice/1", 7, b"market.") == []
    assert hearing.unsubscribe("bob/2", 7, b"market.") == [b"market."]


def test_one_connection_asks_for_so_many_prefixes_of_such_a_length_and_the_log_says_who(hearing, caplog):
    with caplog.at_level(logging.WARNING, "bridge"):
        hearing.weigh("eve/1", 7, 0.0)
        for number in range(MOST_PREFIXES):
            assert hearing.subscribe("eve/1", 7, b"market.%d." % number)
        assert caplog.records == []
        assert hearing.subscribe("eve/1", 7, b"market.x.") == []
        hearing.unsubscribe("eve/1", 7, b"market.1.")
        assert hearing.subscribe("eve/1", 7, b"market.".ljust(MOST_BYTES + 1, b"x")) == []
        assert hearing.subscribe("eve/1", 7, b"market.".ljust(MOST_BYTES, b"x"))
    told = [record.getMessage() for record in caplog.records]
    assert told == [f"eve asks for more than {MOST_PREFIXES} prefixes, or too long ones: dropped"]


def test_who_brings_more_changes_than_can_be_read_is_ended_and_only_that_client(hearing):
    assert {hearing.weigh("eve/1", 7, 1.0) for _ in range(MOST_CHANGES)} == {"fair"}
    assert [hearing.weigh("eve/1", 7, 2.0) for _ in range(3)] == ["too much", "ended", "ended"]
    assert hearing.weigh("eve/3", 9, 3.0) == "too much"
    assert hearing.weigh("alice/2", 8, 3.0) == "fair"
    assert hearing.weigh("eve/4", 7, 12.0) == "fair"
    assert hearing.weigh("eve/1", 7, 12.0) == "ended"


def test_who_goes_on_asking_beyond_the_limit_is_ended_for_zeromq_keeps_it_all(hearing):
    hearing.weigh("eve/1", 7, 0.0)
    weights = set()
    for number in range(8000):
        hearing.subscribe("eve/1", 7, b"%d".ljust(MOST_BYTES + 1, b"x") % number)
        weights.add(hearing.weigh("eve/1", 7, 0.0))
    assert weights == {"fair", "too much", "ended"}
    assert hearing.weigh("eve/2", 7, 0.0) == "fair"
