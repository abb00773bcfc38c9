"""The small reader of PromQL that the tests of the dashboard and the alerts use."""

from __future__ import annotations

import pytest

from tests.http.promql import Selector, read


def test_it_finds_selectors_matchers_and_labels() -> None:
    found = read('sum by (a, b) (rate(m_total{x="1", y=~"p|q"}[5m])) > 0 and on (c) other == 1 or vector(2) * 3.5')
    assert found.selectors == [Selector("m_total", (("x", "=", "1"), ("y", "=~", "p|q"))), Selector("other", ())]
    assert found.labels == {"a", "b", "c"}


def test_a_function_is_no_selector() -> None:
    assert [one.name for one in read("histogram_quantile(0.99, sum by (le) (rate(x_bucket[5m])))").selectors] == [
        "x_bucket"
    ]


@pytest.mark.parametrize("wrong", ["a{b=1", "rate(a[5m]", "a ; b", 'a{b="1" c}'])
def test_what_is_no_promql_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError):
        read(wrong)
