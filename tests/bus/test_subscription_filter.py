"""What is granted to each connection and taken back, at which cost, and to which end."""

from __future__ import annotations

import logging

import pytest

from bridge.bus import subscription_filter as module
from bridge.bus.subscription_filter import MOST_BYTES, MOST_CHANGES, MOST_PREFIXES, SubscriptionFilter
from bridge.bus.zap import name_of, number_of

HEARS = ("market.", "system.gap")


@pytest.fixture
def subscription_filter():
    return SubscriptionFilter(lambda _name: HEARS)


def test_connections_of_one_client_are_told_apart(subscription_filter):
    assert subscription_filter.subscribe("alice/1", 7, b"m") == [b"market."]
    assert subscription_filter.subscribe("alice/2", 8, b"market.") == [b"market."]
    assert subscription_filter.unsubscribe("alice/1", 7, b"m") == [b"market."]
    assert subscription_filter.unsubscribe("alice/2", 8, b"account.") == []
    assert (name_of("a-b_c/17"), number_of("a-b_c/17")) == ("a-b_c", 17)


def test_what_is_needed_twice_is_granted_once_and_taken_back_with_the_last(subscription_filter):
    assert subscription_filter.subscribe("alice/1", 7, b"") == [b"market.", b"system.gap"]
    assert subscription_filter.subscribe("alice/1", 7, b"market.") == []
    assert subscription_filter.subscribe("alice/1", 7, b"market.") == []
    assert subscription_filter.unsubscribe("alice/1", 7, b"") == [b"system.gap"]
    assert subscription_filter.unsubscribe("alice/1", 7, b"") == []
    assert subscription_filter.unsubscribe("alice/1", 7, b"market.") == [b"market."]
    assert subscription_filter.subscribe("alice/1", 7, b"market.1.") == [b"market.1."]


def test_a_change_costs_the_same_however_much_was_asked_for(monkeypatch):
    cuts, looks = [], []
    monkeypatch.setattr(module, "cut", lambda prefix, _hears: cuts.append(prefix) or [prefix])
    subscription_filter = SubscriptionFilter(lambda name: looks.append(name) or HEARS)
    topics = [b"market.%d." % number for number in range(2000)]
    for topic in topics:
        subscription_filter.subscribe("alice/1", 7, topic)
    for topic in topics:
        assert subscription_filter.unsubscribe("alice/1", 7, topic) == [topic]
    assert cuts == topics * 2
    assert looks == ["alice"]


def test_no_number_of_other_connections_makes_it_forget_one(subscription_filter):
    subscription_filter.subscribe("alice/1", 0, b"")
    subscription_filter.subscribe("alice/1", 0, b"market.")
    for number in range(1, 20_000):
        subscription_filter.subscribe(f"eve/{number + 1}", number, b"x")
    assert subscription_filter.unsubscribe("alice/1", 0, b"market.") == []
    assert subscription_filter.unsubscribe("alice/1", 0, b"") == [b"market.", b"system.gap"]


def test_a_descriptor_that_comes_again_is_another_connection(subscription_filter):
    subscription_filter.subscribe("alice/1", 7, b"market.")
    assert subscription_filter.subscribe("bob/2", 7, b"market.") == [b"market."]
    assert subscription_filter.subscribe("alice/1", 7, b"system.") == []
    assert subscription_filter.unsubscribe("alice/1", 7, b"market.") == []
    assert subscription_filter.unsubscribe("bob/2", 7, b"market.") == [b"market."]


def test_one_connection_asks_for_so_many_prefixes_of_such_a_length_and_the_log_says_who(subscription_filter, caplog):
    with caplog.at_level(logging.WARNING, "bridge"):
        subscription_filter.judge("eve/1", 7, 0.0)
        for number in range(MOST_PREFIXES):
            assert subscription_filter.subscribe("eve/1", 7, b"market.%d." % number)
        assert caplog.records == []
        assert subscription_filter.subscribe("eve/1", 7, b"market.x.") == []
        subscription_filter.unsubscribe("eve/1", 7, b"market.1.")
        assert subscription_filter.subscribe("eve/1", 7, b"market.".ljust(MOST_BYTES + 1, b"x")) == []
        assert subscription_filter.subscribe("eve/1", 7, b"market.".ljust(MOST_BYTES, b"x"))
    told = [record.getMessage() for record in caplog.records]
    assert {record.msg.event for record in caplog.records} == {"subscriptionsLimited"}
    assert told == [f"eve subscribes to more than {MOST_PREFIXES} prefixes, or to too long ones: dropped"]


def test_who_brings_more_changes_than_can_be_read_is_ended_and_only_that_client(subscription_filter):
    assert {subscription_filter.judge("eve/1", 7, 1.0) for _ in range(MOST_CHANGES)} == {"accept"}
    assert [subscription_filter.judge("eve/1", 7, 2.0) for _ in range(3)] == ["disconnect", "ignore", "ignore"]
    assert subscription_filter.judge("eve/3", 9, 3.0) == "disconnect"
    assert subscription_filter.judge("alice/2", 8, 3.0) == "accept"
    assert subscription_filter.judge("eve/4", 7, 12.0) == "accept"
    assert subscription_filter.judge("eve/1", 7, 12.0) == "ignore"


def test_who_goes_on_asking_beyond_the_limit_is_ended_for_zeromq_keeps_it_all(subscription_filter):
    subscription_filter.judge("eve/1", 7, 0.0)
    weights = set()
    for number in range(8000):
        subscription_filter.subscribe("eve/1", 7, b"%d".ljust(MOST_BYTES + 1, b"x") % number)
        weights.add(subscription_filter.judge("eve/1", 7, 0.0))
    assert weights == {"accept", "disconnect", "ignore"}
    assert subscription_filter.judge("eve/2", 7, 0.0) == "accept"
