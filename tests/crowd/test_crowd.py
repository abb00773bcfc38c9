"""A small crowd: `python -m tests.crowd` is the large one, of 50 clients and 5,000 requests."""

from __future__ import annotations

from tests.crowd.run import run


def test_a_crowd_breaks_no_limit_of_tws_and_gets_its_own_answers() -> None:
    outcome = run(clients=6, requests=300, instruments=60)
    assert outcome.faults == [], outcome.text()
    assert outcome.told.total() >= 300
    assert sum(count for what, count in outcome.told.items() if what.endswith(" ok")) > 200
