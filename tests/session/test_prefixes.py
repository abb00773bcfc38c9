"""Prefixes of topics: a wrong one gives an error and not silence."""

from __future__ import annotations

import pytest

from tests.session.conftest import Bench


@pytest.mark.parametrize("method", ["snapshot", "sequences"])
@pytest.mark.parametrize(
    ("prefix", "hint"),
    [("markt.", "did you mean market.?"), ("Market.265598.", "did you mean market.?"), ("zzz", "account, bars, depth")],
)
def test_a_prefix_of_no_topic_is_refused(ready: Bench, method: str, prefix: str, hint: str) -> None:
    error = ready.failure(ready.ask(method, prefix=prefix))
    assert (error["code"], error["data"]["field"]) == ("invalidParams", "prefix")
    assert hint in error["message"]


@pytest.mark.parametrize("prefix", ["", "m", "market.", "market.1.tickPrice", "order.nobody.", "sync.x", "news."])
def test_a_prefix_of_topics_that_may_come_is_accepted(ready: Bench, prefix: str) -> None:
    assert ready.result(ready.ask("snapshot", prefix=prefix))["events"] is not None
