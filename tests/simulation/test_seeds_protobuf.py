"""A few days of fixed seeds in which nothing is broken: at TWS's protobuf."""

from __future__ import annotations

import pytest

from tests.simulation.seeds import BOTH_VERSIONS, assert_good


@pytest.mark.parametrize("seed", BOTH_VERSIONS[213])
def test_nothing_is_broken(seed: int) -> None:
    assert_good(seed, 213)
