"""The diary: bounded, the newest first, repeats counted, and a night without TWS is one span."""

from __future__ import annotations

from bridge.session.diary import MOST_NOTICES, MOST_REFUSALS, MOST_SPANS, Diary, phase_of
from bridge.session.link_table import STATES

DAY = 86_400 * 10**9


def test_each_state_of_the_connection_has_a_phase():
    assert {state: phase_of(state) for state in STATES} == {
        "connecting": "down", "handshaking": "down", "starting": "down", "ready": "ready", "degraded": "degraded",
        "lost": "down", "backingOff": "down", "stopped": "down",
    }  # fmt: skip


def test_refusals_get_the_time_of_their_turn_and_repeats_are_counted():
    diary = Diary()
    for _ in range(3):
        diary.refused("a", "m", "code", "why")
    diary.stamp(5)
    diary.refused("a", "m", "code", "why", "halt")
    diary.refused("b", "m", "code", "why", "halt")
    diary.stamp(6)
    assert diary.refusals() == [
        {"ts": 6, "count": 1, "client": "b", "method": "m", "code": "code", "message": "why", "rule": "halt"},
        {"ts": 6, "count": 4, "client": "a", "method": "m", "code": "code", "message": "why"},
    ]


def test_everything_is_bounded():
    diary = Diary()
    for number in range(1000):
        diary.refused(f"c{number}", "m", "code", "x" * 10_000)
        if number % 2:
            diary.stamp(number)
        diary.noticed(number, "x" * 10_000, number)
        diary.connection("ready" if number % 2 else "lost", number, "x" * 10_000, None, None)
    assert len(diary.refusals()) == MOST_REFUSALS
    assert len(diary.notices()) == MOST_NOTICES
    assert len(diary.timeline(1000)) == MOST_SPANS
    texts = [*(one["message"] for one in diary.refusals()), *(one["text"] for one in diary.notices())]
    assert max(map(len, texts)) == 500


def test_one_turn_with_very_many_refusals_keeps_a_bounded_number():
    diary = Diary()
    for number in range(10_000):
        diary.refused(f"c{number}", "m", "code", "why")
    assert len(diary.unstamped) == MOST_REFUSALS


def test_notices_are_the_newest_first_and_repeats_are_counted():
    diary = Diary()
    for ts in range(3):
        diary.noticed(2104, "ok", ts)
    diary.noticed(2103, "broken", 9)
    assert diary.notices() == [
        {"ts": 9, "count": 1, "code": 2103, "text": "broken"},
        {"ts": 2, "count": 3, "code": 2104, "text": "ok"},
    ]


def test_a_night_without_tws_is_one_span():
    diary = Diary()
    diary.connection("connecting", 1, None, None, None)
    diary.connection("ready", 2, None, None, None)
    for ts in range(10, 1000, 3):
        diary.connection("lost", ts, "cut" if ts == 10 else "refused", 502, None)
        diary.connection("backingOff", ts + 1, "next attempt in 30 s; refused", 502, None)
        diary.connection("connecting", ts + 2, None, None, None)
    diary.connection("ready", 1000, None, None, None)
    assert diary.timeline(1000) == [
        {"phase": "down", "since": 1, "attempts": 1, "state": "connecting", "until": 2},
        {"phase": "ready", "since": 2, "attempts": 0, "state": "ready", "until": 10},
        {"phase": "down", "since": 10, "attempts": 330, "state": "connecting", "until": 1000, "reason": "cut",
         "lastReason": "refused", "code": 502},
        {"phase": "ready", "since": 1000, "attempts": 0, "state": "ready"},
    ]  # fmt: skip


def test_a_planned_restart_is_named_and_old_spans_end():
    diary = Diary()
    diary.connection("ready", 0, None, None, None)
    diary.connection("lost", 10, "gone", None, "Gateway restart")
    diary.connection("ready", 20, None, None, None)
    assert diary.timeline(30)[1]["planned"] == "Gateway restart"
    assert [span["since"] for span in diary.timeline(15 + DAY)] == [10, 20]
    assert [span["since"] for span in diary.timeline(5 * DAY)] == [20]


def test_what_is_given_out_does_not_change_any_more():
    diary = Diary()
    diary.connection("ready", 0, None, None, None)
    diary.noticed(1, "a", 0)
    timeline, notices = diary.timeline(1), diary.notices()
    diary.connection("lost", 1, "gone", None, None)
    diary.noticed(1, "a", 1)
    assert timeline == [{"phase": "ready", "since": 0, "attempts": 0, "state": "ready"}]
    assert notices[0]["count"] == 1
