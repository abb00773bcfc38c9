"""Two minutes of the soak: all that the long one has, on a shorter clock."""

from __future__ import annotations

import pytest

from benchmarks.soak.plan import plan
from benchmarks.soak.report import Report
from benchmarks.soak.run import Soak

SECONDS = 120
SUBSCRIBERS = 10
RATE = 2000


@pytest.mark.timeout(3 * SECONDS)
def test_two_minutes_under_load_lose_nothing_that_is_not_explained_and_memory_stays_flat():
    with Soak(plan(SECONDS), SUBSCRIBERS, RATE) as soak:
        report = Report(soak.run())
    assert not report.problems, "\n".join([*report.problems, *report.lines()])
