"""Joining late and finding gaps, step by step, with a bridge of two dicts in place of sockets."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tws_bridge_client.follow import (
    CATCH_UP,
    CHECK,
    MARKER_WAIT,
    REPLY_WAIT,
    Follower,
    SnapshotRequest,
    Subscribe,
    Unsubscribe,
)


def envelope(seq, epoch="e1", **data):
    return {"v": 1, "epoch": epoch, "seq": seq, "ts": 1, "event": "tick", "data": data}


class Desk:
    """A follower with what it asked for and what it gave out."""

    def __init__(self, *prefixes, whole=False):
        numbers = itertools.count(1)
        self.follower = Follower(prefixes or ("market.",), nonce=lambda: f"n{next(numbers)}", whole=whole)
        self.now = 100.0
        self.commands = []
        self.events = []
        self.follower.start(self.now)
        self.collect()

    def collect(self):
        self.commands += self.follower.commands()
        self.events += self.follower.events()

    def hear(self, topic, body):
        self.follower.on_event(topic, body, self.now)
        self.collect()

    def live(self, seq, topic="market.1.tick", epoch="e1"):
        self.hear(topic, envelope(seq, epoch))

    def marker(self):
        nonce = self.asked("snapshot")[-1].params["nonce"]
        self.hear(f"sync.{nonce}", envelope(1))

    def reply(self, result):
        self.follower.on_reply(self.asks()[-1].token, result, self.now)
        self.collect()

    def snapshot(self, sequences, events=(), epoch="e1", floors=None, gaps=()):
        told = [{"topic": topic, **envelope(seq, epoch)} for topic, seq in events]
        result = {"epoch": epoch, "prefix": "market.", "sequences": sequences, "floors": floors or {}, "events": told,
                  "gaps": gaps}  # fmt: skip
        self.reply(result)

    def sequences(self, sequences, epoch="e1", floors=None):
        self.reply({"epoch": epoch, "sequences": sequences, "floors": floors or {}})

    def join(self, sequences=None, events=(), epoch="e1", floors=None):
        self.marker()
        self.snapshot(sequences or {}, events, epoch, floors)

    def wait(self, seconds):
        self.now += seconds
        self.follower.on_timer(self.now)
        self.collect()

    def asks(self):
        return [command for command in self.commands if isinstance(command, SnapshotRequest)]

    def asked(self, method):
        return [ask for ask in self.asks() if ask.method == method]

    def seqs(self, origin):
        return [event.envelope["seq"] for event in self.events if event.origin == origin]


def test_it_subscribes_to_the_prefix_then_to_its_marker_then_asks():
    desk = Desk()
    assert desk.commands == [
        Subscribe("market."),
        Subscribe("sync.n1"),
        SnapshotRequest(1, "snapshot", {"prefix": "market.", "nonce": "n1"}),
    ]


@pytest.mark.parametrize("marker_first", [True, False])
def test_what_came_meanwhile_waits_and_only_what_is_newer_follows_the_snapshot(marker_first):
    desk = Desk()
    desk.live(4)
    desk.live(5)
    steps = [desk.marker, lambda: desk.snapshot({"market.1.tick": 5}, [("market.1.tick", 3), ("market.1.tick", 5)])]
    steps = steps if marker_first else steps[::-1]
    steps[0]()
    desk.live(6)
    assert desk.events == []
    steps[1]()
    desk.live(7)
    assert desk.seqs("snapshot") == [3, 5]
    assert desk.seqs("live") == [6, 7]
    assert desk.commands[-1] == Unsubscribe("sync.n1")


def test_a_topic_that_the_snapshot_does_not_know_begins_at_one():
    desk = Desk()
    desk.join()
    desk.live(1, "market.2.tick")
    assert desk.seqs("live") == [1]
    desk.live(2, "market.3.tick")
    assert len(desk.asked("snapshot")) == 2


def test_without_a_marker_the_snapshot_is_asked_again():
    desk = Desk()
    desk.snapshot({})
    desk.wait(MARKER_WAIT)
    assert [ask.params["nonce"] for ask in desk.asked("snapshot")] == ["n1", "n1"]
    desk.marker()
    desk.snapshot({"market.1.tick": 2})
    desk.live(3)
    assert desk.seqs("live") == [3]


def test_without_a_reply_the_snapshot_is_asked_again():
    desk = Desk()
    desk.reply(None)
    desk.wait(MARKER_WAIT)
    desk.wait(REPLY_WAIT)
    assert len(desk.asked("snapshot")) == 3


def test_a_hole_is_a_gap_and_a_new_snapshot():
    desk = Desk()
    desk.join({"market.1.tick": 1})
    desk.live(2)
    desk.live(5)
    assert desk.seqs("live") == [2]
    desk.join({"market.1.tick": 6}, [("market.1.tick", 2), ("market.1.tick", 6)])
    gap = next(event for event in desk.events if event.origin == "gap")
    assert "2 events were lost on market.1.tick" in gap.data["reason"]
    assert desk.seqs("recovered") == [6]
    desk.live(7)
    assert desk.seqs("live") == [2, 7]


def test_a_repeat_is_dropped():
    desk = Desk()
    desk.join({"market.1.tick": 3})
    desk.live(3)
    assert desk.events == []
    assert len(desk.asked("snapshot")) == 1


def test_a_new_epoch_is_a_gap_and_everything_anew():
    desk = Desk()
    desk.join({"market.1.tick": 9}, [("market.1.tick", 9)])
    desk.live(1, epoch="e2")
    desk.join({"market.1.tick": 2}, [("market.1.tick", 2)], epoch="e2")
    assert [event.origin for event in desk.events] == ["snapshot", "gap", "recovered"]
    desk.live(3, epoch="e2")
    assert desk.events[-1].envelope["seq"] == 3


def test_events_of_an_old_epoch_that_waited_are_forgotten():
    desk = Desk()
    desk.live(5, epoch="e0")
    desk.join({"market.1.tick": 1})
    desk.live(2)
    assert desk.seqs("live") == [2]
    assert len(desk.asked("snapshot")) == 1


def test_a_reconnected_socket_is_a_gap():
    desk = Desk()
    desk.join()
    desk.follower.on_reconnect(desk.now)
    desk.collect()
    desk.join()
    assert [event.origin for event in desk.events] == ["gap"]


def test_a_lost_last_event_is_found_by_its_number():
    desk = Desk()
    desk.join({"market.1.tick": 1})
    desk.wait(CHECK)
    desk.sequences({"market.1.tick": 2})
    assert len(desk.asked("snapshot")) == 1
    desk.wait(CATCH_UP)
    assert len(desk.asked("snapshot")) == 2


def test_an_event_that_was_only_on_its_way_is_no_loss():
    desk = Desk()
    desk.join({"market.1.tick": 1})
    desk.wait(CHECK)
    desk.sequences({"market.1.tick": 2})
    desk.live(2)
    desk.wait(CATCH_UP)
    assert len(desk.asked("snapshot")) == 1


def test_a_restart_in_silence_is_found():
    desk = Desk()
    desk.join({"market.1.tick": 1})
    desk.wait(CHECK)
    desk.sequences({}, epoch="e2")
    assert len(desk.asked("snapshot")) == 2


def test_a_topic_that_the_snapshot_does_not_have_begins_after_its_floor():
    desk = Desk("")
    desk.join({"market.1.tick": 3}, floors={"market": 40})
    desk.live(41, "market.2.tick")
    desk.live(4)
    desk.live(1, "order.alice.k1.openOrder")
    assert desk.seqs("live") == [41, 4, 1]
    assert len(desk.asked("snapshot")) == 1


def test_a_first_event_further_on_is_a_loss():
    desk = Desk()
    desk.join(floors={"market": 40})
    desk.live(42, "market.2.tick")
    assert len(desk.asked("snapshot")) == 2


def test_a_floor_that_rises_may_hide_a_loss():
    desk = Desk()
    desk.join({"market.1.tick": 1})
    desk.wait(CHECK)
    desk.sequences({"market.1.tick": 1}, floors={"market": 40})
    desk.join({"market.1.tick": 1}, floors={"market": 40})
    desk.wait(CHECK)
    desk.sequences({"market.1.tick": 1}, floors={"market": 40})
    assert len(desk.asked("snapshot")) == 2
    (gap,) = [event for event in desk.events if event.origin == "gap"]
    assert "forgotten" in gap.data["reason"]


def test_a_prefix_within_another_is_left_out_and_foreign_markers_are_ignored():
    desk = Desk("", "market.", "market.1.")
    assert [c.topic for c in desk.commands if isinstance(c, Subscribe)] == ["", "sync.n1"]
    desk.hear("sync.other", envelope(1))
    desk.snapshot({})
    assert not desk.follower.is_live


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_whatever_is_lost_the_numbers_handed_out_rise_and_every_loss_is_told(data):
    """A bridge publishes; any of it may be lost on the way; the follower's replies come at any moment."""
    desk = Desk()
    published, told_of = {}, 0
    pending = []
    for _ in range(data.draw(st.integers(5, 40))):
        for command in desk.commands:
            if isinstance(command, SnapshotRequest):
                pending.append(command)
        desk.commands.clear()
        step = data.draw(st.sampled_from(["publish", "publish", "lose", "answer"]))
        topic = data.draw(st.sampled_from(["market.1.tick", "market.2.tick"]))
        if step in ("publish", "lose"):
            published[topic] = published.get(topic, 0) + 1
            if step == "publish":
                desk.hear(topic, envelope(published[topic]))
        elif pending:
            ask = pending.pop(0)
            if ask.method == "snapshot":
                desk.hear(f"sync.{ask.params['nonce']}", envelope(1))
                events = [{"topic": topic, **envelope(seq)} for topic, seq in published.items()]
                result = {"epoch": "e1", "sequences": dict(published), "floors": {}, "events": events, "gaps": []}
                desk.follower.on_reply(ask.token, result, desk.now)
                desk.collect()
    last = {}
    for event in desk.events:
        if event.origin == "gap":
            told_of += 1
            continue
        seq, before = event.envelope["seq"], last.get(event.topic)
        if event.origin == "live":
            assert before is None or seq == before + 1 or told_of
        assert before is None or seq > before
        last[event.topic] = seq


def test_a_snapshot_hands_out_the_streams_that_are_out():
    desk = Desk()
    gap = {"stream": "1", "topic": "market.1.", "reason": "lost", "since": 7}
    desk.marker()
    desk.snapshot({}, gaps=[gap])
    (event,) = desk.events
    assert (event.topic, event.envelope["event"], event.origin, event.data) == (
        "market.1.stale",
        "stale",
        "snapshot",
        gap,
    )


def test_a_prefix_is_added_while_it_runs_and_begins_with_its_snapshot():
    desk = Desk("market.")
    desk.join({"market.1.tick": 1})
    desk.follower.add("account.", desk.now)
    desk.collect()
    assert desk.commands.count(Subscribe("account.")) == 1
    assert (desk.follower.is_joining("market."), desk.follower.is_joining("account.")) == (False, True)
    desk.live(2)
    desk.hear("account.1.position", envelope(4))
    assert [event.topic for event in desk.events] == ["market.1.tick"]
    desk.join({"account.1.position": 3})
    assert [event.topic for event in desk.events] == ["market.1.tick", "account.1.position"]
    assert desk.follower.is_live


@pytest.mark.parametrize("prefix", ["market.", "market.1.", "m"])
def test_a_prefix_that_covers_another_or_is_covered_cannot_be_added(prefix):
    with pytest.raises(ValueError, match="cover the same topics"):
        Desk("market.").follower.add(prefix, 0.0)


def test_a_prefix_is_removed_while_it_joins_or_later():
    desk = Desk("account.", "market.")
    joining = desk.asked("snapshot")
    desk.join({"market.1.tick": 1})
    desk.follower.remove("market.")
    desk.follower.remove("account.")
    desk.collect()
    nonce = joining[0].params["nonce"]
    ended = [command for command in desk.commands if isinstance(command, Unsubscribe)]
    assert {Unsubscribe("market."), Unsubscribe("account."), Unsubscribe(f"sync.{nonce}")} <= set(ended)
    desk.live(2)
    desk.follower.on_reply(joining[0].token, {"epoch": "e1"}, desk.now)
    desk.collect()
    assert desk.events == []
    assert desk.follower.next_timer() == float("inf")


def test_a_follower_may_be_told_to_take_a_new_snapshot_and_the_whole_of_it():
    for whole in (False, True):
        desk = Desk("market.", whole=whole)
        desk.join({"market.1.tick": 1, "market.2.tick": 1}, [("market.1.tick", 1), ("market.2.tick", 1)])
        desk.events.clear()
        desk.follower.renew("market.", desk.now, "because")
        desk.follower.renew("market.", desk.now, "a second time changes nothing")
        desk.collect()
        desk.join({"market.1.tick": 1, "market.2.tick": 2}, [("market.1.tick", 1), ("market.2.tick", 2)])
        gap, *recovered = desk.events
        assert gap.data["reason"] == "because"
        assert [event.topic for event in recovered] == ["market.1.tick", "market.2.tick"][0 if whole else 1 :]
