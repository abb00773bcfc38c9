"""The table of the bridge's question for the time: what each event does in each state."""

from __future__ import annotations

import itertools

import pytest

from bridge.session.time_question import QUESTION, TimeQuestion
from bridge.session.values import Instant

EXPECTED = {
    ("none", "wanted"): "waiting",
    ("waiting", "left"): "asked",
    ("waiting", "withdrawn"): "none",
    ("asked", "told"): "answered",
    ("asked", "withdrawn"): "none",
    ("answered", "wanted"): "waiting",
    ("answered", "withdrawn"): "none",
}


@pytest.mark.parametrize(("state", "event"), [*itertools.product(QUESTION.about, QUESTION.about_events)])
def test_each_pair_of_state_and_event(state, event):
    assert QUESTION.table[state][event] == EXPECTED.get((state, event), state)


def test_only_what_has_left_can_be_unanswered():
    """From no state but `asked` does the time count, and nothing but leaving leads there."""
    assert {pair for pair, to in EXPECTED.items() if to == "asked"} == {("waiting", "left")}


class Room:
    """An outbox that has room when the test says so."""

    def __init__(self):
        self.pacer = self
        self.is_open = True
        self.waiting, self.sent = [], []

    def when_room(self, lane, cost, then, owner=""):
        assert (lane, cost) == ("cancels", 1)
        self.waiting.append(then)

    def send(self, name, data):
        self.sent.append(name)

    def make(self, clock):
        waiting, self.waiting = self.waiting, []
        for then in waiting:
            then(Instant(clock, 0))


def test_it_leaves_once_when_there_is_room_and_counts_from_then():
    room = Room()
    question = TimeQuestion(room)
    question.ask()
    question.ask()
    assert (room.sent, question.state) == ([], "waiting")
    room.make(7.0)
    assert (room.sent, question.state, question.asked_at) == (["reqCurrentTime"], "asked", 7.0)
    question.ask()
    room.make(8.0)
    assert (len(room.sent), question.asked_at) == (1, 7.0)


def test_a_question_that_is_withdrawn_while_it_waits_does_not_leave():
    room = Room()
    question = TimeQuestion(room)
    question.ask()
    question.withdraw()
    room.make(7.0)
    assert (room.sent, question.state) == ([], "none")


def test_without_a_connection_it_does_not_leave():
    room = Room()
    question = TimeQuestion(room)
    question.ask()
    room.is_open = False
    room.make(7.0)
    assert (room.sent, question.state) == ([], "none")
