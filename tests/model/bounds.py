"""What is explored: in each run of the tests, and in the deep run."""

from __future__ import annotations

from tests.model.world import Bounds

SHORT: tuple[Bounds, ...] = (
    Bounds(cancels=1, holds=1),
    Bounds(breaks=1, cancels=1),
    Bounds(breaks=1, holds=1),
    Bounds(breaks=1, nights=1),
    Bounds(nights=1, holds=1),
    Bounds(nights=1, forces=1),
    Bounds(returns=1),
    Bounds(breaks=1, forgets=1),
    Bounds(breaks=1, forgets=1, has_witness=True),
    Bounds(breaks=1, is_lazy=True),
)
DEEP: tuple[Bounds, ...] = (
    Bounds(breaks=2, nights=1),
    Bounds(breaks=2, nights=1, cancels=1, holds=1),
    Bounds(breaks=1, nights=1, forces=1, cancels=1),
    Bounds(breaks=1, nights=1, returns=1, cancels=1),
    Bounds(breaks=1, nights=1, forgets=1, cancels=1, holds=1),
    Bounds(breaks=1, nights=1, forgets=1, cancels=1, has_witness=True),
    Bounds(breaks=2, nights=1, holds=1, is_lazy=True),
)
#: Where every state is asked for a way out.
EXITS: tuple[Bounds, ...] = (
    Bounds(cancels=1),
    Bounds(holds=1),
    Bounds(breaks=1, nights=1),
    Bounds(breaks=1, forgets=1),
    Bounds(returns=1),
)


def name(bounds: Bounds) -> str:
    """`breaks 2, nights 1`."""
    given = {key: value for key, value in bounds._asdict().items() if value}
    return ", ".join(key if value is True else f"{key} {value}" for key, value in given.items()) or "nothing wrong"
