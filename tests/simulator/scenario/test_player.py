"""Which line is next: the table, pair by pair, and the player that goes by it."""

from __future__ import annotations

import pytest

from bridge.simulator.scenario.parser import parse
from bridge.simulator.scenario.player import ABOUT, ABOUT_EVENTS, EVENTS, OVER, STATES, TABLE, Observation, Player
from bridge.simulator.scenario.vocabulary import SPEAKERS

ALL = frozenset(SPEAKERS)

#: Written down a second time, by hand: the whole table.
EXPECTED = {
    # event: waiting, playing, watching, passed, failed
    "started": ("playing", "playing", "watching", "passed", "failed"),
    "due": ("waiting", "playing", "watching", "passed", "failed"),
    "opened": ("waiting", "watching", "watching", "passed", "failed"),
    "met": ("waiting", "playing", "playing", "passed", "failed"),
    "late": ("failed", "playing", "failed", "passed", "failed"),
    "broken": ("failed", "failed", "failed", "failed", "failed"),
    "over": ("waiting", "passed", "watching", "passed", "failed"),
}


def test_every_pair_of_state_and_event():
    assert {event: tuple(TABLE[state][event] for state in STATES) for event in EVENTS} == EXPECTED
    assert set(ABOUT) == set(STATES)
    assert set(ABOUT_EVENTS) == set(EVENTS)


def test_what_is_over_stays_over_unless_its_last_line_cannot_be_done():
    assert {(state, event) for state in OVER for event in EVENTS if TABLE[state][event] != state} == {
        ("passed", "broken")
    }


def player(lines, start="now", whose=ALL):
    return Player(parse(f"title: t\nstart: {start}\n{lines}", "x"), whose)


def begun(lines, **more):
    made = player(lines, **more)
    made.begin(100.0)
    return made


def said(steps):
    return [(str(step.line), step.outcome) for step in steps]


def test_lines_before_the_start_are_done_at_the_beginning():
    made = player("before tws refuse\nbefore client subscribe AAPL\nthen tws drop", start="connection")
    assert said(made.begin(0.0)) == [("tws refuse", "done"), ("client subscribe AAPL", "done")]
    assert made.state == "waiting"
    assert made.turn(1000.0) == []


@pytest.mark.parametrize(
    ("start", "fact"),
    [("connection", Observation("connection")), ("order", Observation("request", "placeOrder", {})),
     ("request reqMktData", Observation("request", "reqMktData", {}))],
)  # fmt: skip
def test_what_starts_the_clock(start, fact):
    made = begun("1s tws drop", start=start)
    for other in (Observation("socket"), Observation("request", "reqIds", {}), Observation("heard", "reqMktData", {})):
        if start != "request reqMktData" or other.kind != "heard":
            made.take(other, 5.0)
    assert made.state == "waiting"
    made.take(fact, 10.0)
    assert made.state == "playing"
    assert made.next_time == 11.0
    assert made.turn(10.9) == []
    assert said(made.turn(11.0)) == [("tws drop", "done")]
    assert made.state == "passed"


def test_times_count_from_the_start_or_from_the_line_before():
    made = begun("2s tws drop\n+1s tws listen\nthen tws refuse\n4s tws talk")
    assert made.turn(101.9) == []
    assert said(made.turn(102.5)) == [("tws drop", "done")]
    assert made.next_time == 103.5
    assert said(made.turn(103.5)) == [("tws listen", "done"), ("tws refuse", "done")]
    assert made.next_time == 104.0


def test_an_expectation_is_met_by_what_happens_after_the_last_deed():
    made = begun("then tws drop\nwithin 5s seen request reqMktData 2 times\n+1s tws listen")
    made.take(Observation("request", "reqMktData", {}), 100.0)
    assert said(made.turn(100.0)) == [("tws drop", "done")]
    assert made.state == "watching"
    made.take(Observation("request", "reqMktData", {}), 101.0)
    made.take(Observation("request", "reqMktDepth", {}), 101.0)
    assert made.turn(101.0) == []
    made.take(Observation("request", "reqMktData", {}), 102.0)
    assert said(made.turn(102.0)) == [("seen request reqMktData 2 times", "met")]
    assert made.next_time == 103.0


def test_several_expectations_after_one_deed_need_no_order():
    made = begun("then tws drop\nwithin 5s seen connection\nwithin 5s seen socket")
    made.turn(100.0)
    made.take(Observation("socket"), 100.1)
    made.take(Observation("connection"), 100.2)
    assert [step.outcome for step in made.turn(100.3)] == ["met", "met"]
    assert made.state == "passed"


def test_an_expectation_that_is_not_met_in_time_has_failed():
    made = begun("within 5s seen request reqMktData 2 times\nthen tws drop")
    made.turn(100.0)
    made.take(Observation("request", "reqMktData", {}), 101.0)
    assert made.next_time == 105.0
    (step,) = made.turn(105.0)
    assert (step.outcome, step.why) == ("failed", "in 5 s it happened 1 times")
    assert made.state == "failed"
    assert made.turn(200.0) == []


def test_what_must_not_happen_may_have_happened_before():
    made = begun("within 1s seen request placeOrder\nfor 2s seen no request placeOrder")
    made.take(Observation("request", "placeOrder", {}), 100.0)
    assert [step.outcome for step in made.turn(100.0)] == ["met"]
    assert made.next_time == 102.0
    assert [step.outcome for step in made.turn(102.0)] == ["met"]
    assert made.state == "passed"


def test_what_must_not_happen_breaks_it():
    made = begun("for 2s heard no account.*.gone")
    made.turn(100.0)
    made.take(Observation("heard", "account.DU1.position", {}), 101.0)
    assert made.turn(101.0) == []
    made.take(Observation("heard", "account.DU1.gone", {}), 101.5)
    assert [step.outcome for step in made.turn(101.5)] == ["failed"]
    assert made.state == "failed"


@pytest.mark.parametrize(
    ("topic", "data", "is_met"),
    [
        ("system.gap", {"streams": ["1", "265598"], "code": 1100, "ok": True}, True),
        ("system.gap", {"streams": ["1"], "code": 1100, "ok": True}, False),
        ("system.gap", {"streams": ["265598"], "code": 1101, "ok": True}, False),
        ("system.gap", {"streams": ["265598"], "code": 1100, "ok": False}, False),
        ("system.gap", {}, False),
        ("account.gap", {"streams": ["265598"], "code": 1100, "ok": True}, False),
    ],
)
def test_an_event_has_its_topic_and_its_values(topic, data, is_met):
    made = begun("within 5s heard system.g* streams=265598 code=1100 ok=true")
    made.turn(100.0)
    made.take(Observation("heard", topic, data), 101.0)
    assert bool(made.turn(101.0)) is is_met


def test_the_bridge_is_asked_until_it_knows():
    made = begun("within 5s known value AAPL stale\nthen tws drop")
    made.turn(100.0)
    line = made.asking
    assert str(line) == "known value AAPL stale"
    made.answered(line, False, "the bid is fresh")
    assert made.turn(101.0) == []
    made.answered(line, True)
    assert said(made.turn(102.0))[0] == ("known value AAPL stale", "met")
    assert made.asking is None


def test_what_it_answered_last_is_told_when_it_is_late():
    made = begun("within 5s known value AAPL stale")
    made.turn(100.0)
    made.answered(made.asking, False, "the bid is fresh")
    (step,) = made.turn(105.0)
    assert step.why == "the bid is fresh"


def test_an_answer_to_an_earlier_line_counts_for_none():
    made = begun("within 5s known value AAPL stale\nwithin 5s known value AAPL fresh")
    made.turn(100.0)
    first = made.asking
    made.answered(first, True)
    made.turn(101.0)
    made.answered(first, True)
    assert made.turn(102.0) == []
    assert str(made.asking) == "known value AAPL fresh"


def test_lines_of_those_who_are_not_there_are_skipped():
    lines = "before client subscribe AAPL\nwithin 5s heard system.gap\n+1s tws drop\nthen client subscribe IBM"
    made = player(lines, whose=frozenset({"tws", "seen"}))
    assert said(made.begin(100.0)) == [("client subscribe AAPL", "skipped")]
    assert said(made.turn(100.0)) == [("heard system.gap", "skipped")]
    assert said(made.turn(101.0)) == [("tws drop", "done"), ("client subscribe IBM", "skipped")]
    assert made.state == "passed"


def test_a_line_that_cannot_be_done_has_failed():
    made = begun("then tws drop\n+1s tws listen")
    made.turn(100.0)
    made.fail("nobody is there")
    assert made.state == "failed"
    assert made.turn(200.0) == []


def test_a_last_line_that_cannot_be_done_has_failed():
    made = begun("then tws drop")
    assert said(made.turn(100.0)) == [("tws drop", "done")]
    made.fail("nobody is there")
    assert (made.state, made.why) == ("failed", "nobody is there")


def test_a_start_that_never_comes_has_failed():
    made = begun("then tws drop", start="order")
    step = made.give_up()
    assert step.why == "the clock did not start: waited for placeOrder"
    assert made.state == "failed"
    made.take(Observation("request", "placeOrder", {}), 1.0)
    assert made.state == "failed"
