"""How the hostile TWS treats each order, drawn from the seed and the order's key: the same seed treats it alike.

Every manner is one that the real TWS can have: what follows from it is in `exchange.py`, what is said in `words.py`.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from random import Random
from typing import Literal

#: `taken`: it lives. `rejected`: error 201. `rejectedLate`: it lives for a moment, then 201. `inactive`: Inactive
#: first. `duplicate`: error 103. `vanishTaken`, `vanishLost`: the connection ends while TWS reads the order. `dies`:
#: TWS takes the order, and dies.
Admission = Literal["taken", "rejected", "rejectedLate", "inactive", "duplicate", "vanishTaken", "vanishLost", "dies"]
#: `all`: each word once, at once. `silent`: no openOrder and no orderStatus ever. `lossy`: some words are lost.
#: `late`: words come late, and overtake each other. `repeated`: words come again later, also after the final one.
Words = Literal["all", "silent", "lossy", "late", "repeated"]
#: `made`, `silent` (made, and never shown), `refused` (error 110), or the connection ends, with or without it.
Change = Literal["made", "silent", "refused", "vanishMade", "vanishLost"]

_ADMISSIONS: tuple[tuple[Admission, int], ...] = (
    ("taken", 59), ("rejected", 7), ("rejectedLate", 3), ("inactive", 11), ("duplicate", 3), ("vanishTaken", 7),
    ("vanishLost", 5), ("dies", 7),
)  # fmt: skip
_WORDS: tuple[tuple[Words, int], ...] = (("all", 40), ("silent", 16), ("lossy", 16), ("late", 14), ("repeated", 14))
_CHANGES: tuple[tuple[Change, int], ...] = (
    ("made", 50), ("silent", 20), ("refused", 12), ("vanishMade", 9), ("vanishLost", 9),
)  # fmt: skip


@dataclass(frozen=True)
class Manner:
    """One order's. In seconds, except for `parts` (executions that fill it) and the chances.

    `first` and `gap`: until the first execution, and between two; None: it rests until faults end. `wakes`: until an
    Inactive order comes alive, None: never. `says_inactive`: a rejection comes with the status Inactive. `races`: a
    cancel meets an execution on its way. `corrects`: the first execution is corrected. `warns`: 202 comes before the
    status Cancelled, not after it. `drops`: until the exchange ends it by itself, None: never.
    """

    admission: Admission
    words: Words
    parts: int
    first: float | None
    gap: float
    wakes: float | None
    says_inactive: bool
    races: bool
    corrects: bool
    warns: bool
    slow_executions: bool
    lists_rejection: bool
    cancel_takes: float
    drops: float | None


def _choose(rng: Random, weighted: tuple[tuple[str, int], ...]) -> str:
    return rng.choices([name for name, _ in weighted], [weight for _, weight in weighted])[0]


def draw(seed: str, owner: str, key: str, nth: int) -> Manner:
    """The manner in which the `nth` order under that key is treated."""
    rng = Random(f"{seed}/{owner}/{key}/{nth}")
    races = rng.random() < 0.4
    return Manner(
        admission=_choose(rng, _ADMISSIONS),  # type: ignore[arg-type]
        words=_choose(rng, _WORDS),  # type: ignore[arg-type]
        parts=rng.choice((1, 1, 2, 3)),
        first=rng.choice((None, 0.0, rng.uniform(0.05, 0.5), rng.uniform(0.5, 4.0))),
        gap=rng.uniform(0.05, 1.5),
        wakes=rng.choice((None, rng.uniform(0.2, 1.0), rng.uniform(1.0, 4.0))),
        says_inactive=rng.random() < 0.5,
        races=races,
        corrects=rng.random() < 0.15,
        warns=rng.random() < 0.5,
        slow_executions=rng.random() < (0.7 if races else 0.2),
        lists_rejection=rng.random() < 0.5,
        cancel_takes=rng.choice((0.0, rng.uniform(0.0, 0.5))),
        drops=rng.uniform(0.1, 3.0) if rng.random() < 0.3 else None,
    )


def change(seed: str, owner: str, key: str, nth: int) -> Change:
    """What becomes of the `nth` change of that order."""
    return _choose(Random(f"{seed}/{owner}/{key}/change/{nth}"), _CHANGES)  # type: ignore[return-value]


def calmed(manner: Manner) -> Manner:
    """The same order when faults have ended: it is taken, told and soon filled."""
    return dataclasses.replace(
        manner, admission="taken", words="all", parts=1, first=0.3, gap=0.2, races=False, corrects=False,
        slow_executions=False, drops=None,
    )  # fmt: skip
