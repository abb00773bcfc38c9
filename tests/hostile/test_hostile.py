"""A small hostile crowd; `python -m tests.hostile` is the large one, of 100,000 attacks. And: the verdict can fail."""

from __future__ import annotations

import msgpack
import pytest

from tests.hostile.attacks import Attacks, Expected
from tests.hostile.crowd import Connection, Crowd
from tests.hostile.run import WITHIN, Outcome, run

MIB = 1 << 20


def test_a_small_crowd_costs_nobody_else_anything() -> None:
    outcome = run(count=3000, seed=7)
    assert outcome.faults() == [], outcome.text()
    assert outcome.attacks == 3000
    codes = {what.removeprefix("answer ") for what in outcome.told if what.startswith("answer ")}
    assert {"ok", "invalidRequest", "invalidParams", "unknownMethod", "notPermitted", "tooLarge"} <= codes
    assert sum(count for what, count in outcome.told.items() if what.startswith("raw ")) >= 20
    assert {limit["bound"] for limit in outcome.limits if limit["refused"]} >= {"requestFrames", "eventConnections"}


def good() -> Outcome:
    memory = [(number / 100, 100 * MIB) for number in range(101)]
    return Outcome(attacks=100_000, times={kind: [0.01] * 50 for kind in WITHIN}, memory=memory)


def test_a_good_outcome_has_no_faults() -> None:
    assert good().faults() == []
    assert good().text().endswith("good")


@pytest.mark.parametrize("kind", WITHIN)
def test_one_late_answer_is_a_fault(kind: str) -> None:
    outcome = good()
    outcome.times[kind].append(WITHIN[kind] + 0.1)
    assert [fault.partition(":")[0] for fault in outcome.faults()] == [kind]


@pytest.mark.parametrize("kind", WITHIN)
def test_answers_that_are_missing_are_a_fault(kind: str) -> None:
    outcome = good()
    del outcome.times[kind]
    assert outcome.faults() == [f"only 0 honest requests of the kind {kind}"]


@pytest.mark.parametrize(
    ("at_the_end", "is_fault"), [(100, False), (104, False), (108, False), (110, True), (200, True)]
)
def test_memory_that_grows_is_a_fault(at_the_end: int, is_fault: bool) -> None:
    outcome = good()
    outcome.memory = [
        (done, bytes_ if done < 0.5 else round(bytes_ + (at_the_end - 100) * MIB * (2 * done - 1)))
        for done, bytes_ in outcome.memory
    ]
    outcome.memory[-10:] = [(0.99, at_the_end * MIB)] * 10
    assert [fault.partition(":")[0] for fault in outcome.faults()] == ["memory"] * is_fault


def test_a_short_run_may_fill_its_stores_and_no_more() -> None:
    outcome = good()
    outcome.attacks = 3000
    outcome.memory[50:] = [(0.9, 160 * MIB)] * 50
    assert outcome.faults() == []
    outcome.memory[50:] = [(0.9, 190 * MIB)] * 50
    assert [fault.partition(":")[0] for fault in outcome.faults()] == ["memory"]


def test_growth_in_the_warm_up_is_none() -> None:
    outcome = good()
    outcome.memory = [(done, round(bytes_ * min(1, 5 * done))) for done, bytes_ in outcome.memory]
    assert outcome.faults() == []


# What the crowd makes of replies


class Judged(Crowd):
    """A crowd without sockets that gets these replies."""

    def __init__(self, expected: Expected, *replies: dict[str, object]) -> None:
        from collections import Counter

        self.told, self.faults, self.answered, self._loose = Counter(), [], 0, None
        connection = Connection.__new__(Connection)
        connection.expected = {expected.id: expected} if expected.id else {}
        connection.frames = {}
        connection.without_id = int(expected.id == "")
        for reply in replies:
            self._judge(connection, reply)


def refusal(id_: str, code: str, field: str | None = None) -> dict[str, object]:
    data = {} if field is None else {"data": {"field": field}}
    return {"v": 1, "id": id_, "ok": False, "error": {"code": code, "message": "", **data}}


WRONG = Expected("wrong type", "a", frozenset({"invalidParams"}), "contract")


@pytest.mark.parametrize(
    ("expected", "replies", "is_right"),
    [
        (WRONG, [refusal("a", "invalidParams", "contract.conId")], True),
        (WRONG, [refusal("a", "invalidParams", "order")], False),
        (WRONG, [refusal("a", "invalidParams")], False),
        (WRONG, [{"v": 1, "id": "a", "ok": True, "kind": "sent", "result": {}}], False),
        (WRONG, [refusal("a", "invalidParams", "contract")] * 2, False),
        (Expected("any", "a"), [refusal("b", "unknownMethod")], False),
        (Expected("broken", ""), [refusal("", "invalidRequest")], True),
        (Expected("broken", ""), [refusal("", "noResponse")], False),
        (Expected("broken", ""), [refusal("", "invalidRequest")] * 2, False),
        (Expected("dropped", None), [refusal("x", "invalidRequest", "v")], False),
    ],
)
def test_a_wrong_reply_is_a_fault(expected: Expected, replies: list[dict[str, object]], is_right: bool) -> None:
    assert (Judged(expected, *replies).faults == []) == is_right


# The attacks


def test_the_attacks_are_repeatable_and_of_every_kind() -> None:
    first, second = (list(zip(range(500), Attacks("mad-0", 5).draw(), strict=False)) for _ in range(2))
    assert first == second
    assert len({expected.what.partition(":")[0] for _, (_, expected) in first}) >= 15
    for _, (frames, expected) in first:
        if expected.id not in ("", "?", None):
            assert msgpack.unpackb(frames[-1], strict_map_key=False)["id"] == expected.id
