"""The limit on messages, as TWS counts them."""

from __future__ import annotations

import random

import pytest

from bridge.simulator.shell.message_limit import MessageLimit, Verdict

SECOND = 1_000_000_000


def test_the_third_message_too_many_ends_the_connection() -> None:
    limit = MessageLimit(50)
    assert {limit.count(number) for number in range(50)} == {Verdict.TAKEN}
    assert [limit.count(100) for _ in range(3)] == [Verdict.REFUSED, Verdict.REFUSED, Verdict.LAST]


def test_a_second_later_there_is_room() -> None:
    limit = MessageLimit(2)
    assert [limit.count(at) for at in (0, 1, 2)] == [Verdict.TAKEN, Verdict.TAKEN, Verdict.REFUSED]
    assert [limit.count(at) for at in (SECOND, SECOND + 1)] == [Verdict.TAKEN, Verdict.TAKEN]


def test_no_limit_takes_all() -> None:
    limit = MessageLimit(0)
    assert {limit.count(0) for _ in range(10_000)} == {Verdict.TAKEN}


@pytest.mark.parametrize("seed", range(5))
def test_no_window_of_a_second_has_more_than_the_limit(seed: int) -> None:
    rng, limit, now, taken = random.Random(seed), MessageLimit(7), 0, []
    for _ in range(500):
        now += rng.randrange(SECOND // 3)
        if limit.count(now) is Verdict.TAKEN:
            taken.append(now)
    assert max(sum(at - SECOND < other <= at for other in taken) for at in taken) == 7
