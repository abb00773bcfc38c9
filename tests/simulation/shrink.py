"""Fewer faults that break the same rule: what a guilty seed can do without is taken out, half by half."""

from __future__ import annotations

from tests.simulation.episode import Outcome, faults, play

Name = tuple[int, int]
#: Seconds after the breach of the whole within which that of fewer faults must come.
LATER = 600.0


def shrink(guilty: Outcome, *, tries: int = 14) -> list[Name]:
    """The faults that remain, by day and number; each try plays the seed again."""
    days = guilty.days + 1
    kept = sorted(faults(guilty.seed, days))
    parts = 2
    while tries > 0 and kept and parts <= 2 * len(kept):
        size = max(1, len(kept) // parts)
        for start in range(0, len(kept), size):
            fewer = kept[:start] + kept[start + size :]
            tries -= 1
            if _breaks(guilty, days, frozenset(fewer)):
                kept, parts = fewer, max(2, parts - 1)
                break
            if tries <= 0:
                break
        else:
            parts *= 2
    return kept


def _breaks(guilty: Outcome, days: int, kept: frozenset[Name]) -> bool:
    outcome = play(guilty.seed, days, keep=lambda *name: name in kept, until=guilty.at + LATER)
    return outcome.rule == guilty.rule
