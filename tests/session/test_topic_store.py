"""The board finds the topics below a prefix as one would by looking at all of them."""

from __future__ import annotations

import pytest

from bridge.session.topic_store import TopicStore

NAMES = ["market.1.tickPrice", "market.1.tickSize", "market.12.tickPrice", "market.1-5s.bar", "system.gap",
         "order.alice.k1.openOrder", "order.alice.k2.openOrder", "order.bob.k1.orderGap"]  # fmt: skip
PREFIXES = ["", "m", "market", "market.", "market.1", "market.1.", "market.1.tick", "market.12.", "order.alice.",
            "order.alice.k1.", "order.alice.k", "system.gap", "nothing.at.all"]  # fmt: skip


@pytest.mark.parametrize("more", ["market.12.", "order.", "order.bob.k1."])
@pytest.mark.parametrize("prefix", PREFIXES)
def test_a_prefix_selects_what_begins_with_it(prefix, more):
    topic_store = TopicStore()
    for name in NAMES:
        topic_store.publish(topic_store.topic(name.rpartition(".")[0] + ".", name.rpartition(".")[2], None), {}, 1)
    for prefixes in ((prefix,), (prefix, more)):
        assert sorted(topic_store.sequences(*prefixes)) == sorted(name for name in NAMES if name.startswith(prefixes))


def test_a_value_is_stale_until_it_is_told_again():
    topic_store = TopicStore()
    topic = topic_store.topic("market.1.", "tickPrice", lambda data: data["tickType"])
    for kind in (1, 2):
        topic_store.publish(topic, {"tickType": kind}, 10)
    topic.doubt(20, lambda _data: True)
    topic_store.publish(topic, {"tickType": 1}, 30)
    topic.doubt(40, lambda data: data["tickType"] == 2)
    told = {event["data"]["tickType"]: event.get("staleSince") for event in topic_store.snapshot("market.1.")["events"]}
    assert told == {1: None, 2: 20}
    assert topic.drop_stale(lambda _data: True) == [{"tickType": 2}]
    assert [value[3] for value in topic.fresh()] == [{"tickType": 1}]
