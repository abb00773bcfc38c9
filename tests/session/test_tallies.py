"""Histograms count each value in the first bucket whose bound it does not exceed."""

from __future__ import annotations

import pytest

from bridge.session.tallies import LONG, SHORT, Histogram


@pytest.mark.parametrize(("value", "bucket"), [(0.5, 0), (1.0, 0), (1.0001, 1), (2.0, 1), (3.0, 2), (-1.0, 0)])
def test_a_value_is_in_its_bucket(value, bucket):
    histogram = Histogram((1.0, 2.0))
    histogram.observe(value, times=3)
    figures = histogram.figures()
    assert figures.counts == tuple(3 if place == bucket else 0 for place in range(3))
    assert figures.sum == 3 * max(value, 0.0)


def test_figures_do_not_change_any_more():
    histogram = Histogram((1.0,))
    before = histogram.figures()
    histogram.observe(0.5)
    assert before.counts == (0, 0)


@pytest.mark.parametrize("bounds", [SHORT, LONG])
def test_bounds_ascend(bounds):
    assert list(bounds) == sorted(set(bounds))
