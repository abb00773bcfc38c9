"""What absence from TWS's lists proves: every case, and the rules that none of them may break."""

from __future__ import annotations

import itertools

import pytest

from bridge.session.orders.evidence import (
    ANOTHER_DAY,
    FORGOTTEN,
    LOOKING,
    NOT_OPEN,
    REFUSED,
    TRUNCATED,
    Absence,
    can_settle,
    judge,
)
from bridge.session.orders.state import TABLE

JUDGED = ("sent", "acknowledged", "inactive", "unknown")
FLAGS = list(itertools.product([False, True], repeat=6))
CASES = [
    Absence(state, *flags, last_word)
    for state in JUDGED
    for flags in FLAGS
    for last_word in (None, "filled", "cancelled", "rejected")
]


def test_every_case_is_an_event_that_can_happen_in_its_state():
    for case in CASES:
        assert TABLE[case.state][judge(case).event].possible, case


def test_an_order_is_absent_only_where_nothing_speaks_for_it():
    for case in CASES:
        if judge(case).event == "provenAbsent":
            assert (case.state, case.executed, case.heard, case.last_word) == ("unknown", False, False, None)
            assert case.is_same_day and case.missed_before and not case.is_truncated


def test_an_order_is_over_by_its_absence_only_where_all_its_executions_are_listed():
    for case in CASES:
        if judge(case).event == "provenOver":
            assert case.executed and case.executions_listed and case.is_same_day and not case.is_truncated
            assert case.missed_before


def test_an_executed_order_is_never_refused_by_a_word_of_before():
    for case in CASES:
        if case.executed:
            assert judge(case).event not in ("rejects", "provenAbsent"), case


def test_an_order_that_stays_unknown_says_why():
    for case in CASES:
        if judge(case).event == "missed":
            assert judge(case).reason in (ANOTHER_DAY, FORGOTTEN, LOOKING, NOT_OPEN, REFUSED, TRUNCATED)


NOTHING = Absence(
    "unknown", executed=False, executions_listed=True, heard=False, is_same_day=True, is_truncated=False,
    missed_before=True,
)  # fmt: skip


@pytest.mark.parametrize(
    ("facts", "event", "reason"),
    [
        ({}, "provenAbsent", None),
        ({"missed_before": False}, "missed", LOOKING),
        ({"is_same_day": False}, "missed", ANOTHER_DAY),
        ({"is_truncated": True}, "missed", TRUNCATED),
        ({"heard": True}, "missed", FORGOTTEN),
        ({"executed": True, "heard": True}, "provenOver", None),
        ({"executed": True, "executions_listed": False}, "missed", FORGOTTEN),
        ({"executed": True, "is_same_day": False}, "missed", NOT_OPEN),
        ({"state": "acknowledged", "last_word": "cancelled", "heard": True}, "toldCancelled", None),
        ({"state": "acknowledged", "last_word": "rejected", "executed": True}, "missed", FORGOTTEN),
    ],
)
def test_the_cases_by_name(facts, event, reason):
    judgement = judge(NOTHING._replace(**facts))
    assert judgement.event == event
    assert reason is None or judgement.reason == reason


def test_further_passes_cannot_settle_what_another_day_has_taken():
    assert [can_settle(reason) for reason in (ANOTHER_DAY, NOT_OPEN)] == [False, False]
    assert all(can_settle(reason) for reason in (None, FORGOTTEN, LOOKING, TRUNCATED))
