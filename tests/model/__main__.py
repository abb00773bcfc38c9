"""`python -m tests.model [--deep]`: explore, and print what was found; 1 where the bridge breaks an invariant."""

from __future__ import annotations

import sys

from tests.model.bounds import DEEP, EXITS, SHORT, name
from tests.model.bridge import Bridge
from tests.model.exits import Exits
from tests.model.explore import Explored
from tests.model.faults import BEFORE, FOUND
from tests.model.world import Bounds


def main(arguments: list[str]) -> int:
    is_deep = "--deep" in arguments
    bounds = (*EXITS, *DEEP) if is_deep else (*EXITS, *(bounds for bounds in SHORT if bounds not in EXITS))
    broken = [name(one) for one in bounds if not _holds(one, asks_for_exits=is_deep or one in EXITS)]
    for fault in (*BEFORE, *FOUND):
        explored = Explored(fault.bridge(), fault.within, stop_at_harm=True)
        print(
            f"\n{fault.bridge.__name__} ({name(fault.within)}): {fault.bridge.__doc__}\n{explored.found[0]}", flush=True
        )
    return int(bool(broken))


def _holds(bounds: Bounds, *, asks_for_exits: bool) -> bool:
    """Explore within the bounds; whether nothing is broken, and every state can be left."""
    explored = Explored(Bridge(), bounds)
    size = f"{len(explored.worlds):,} states, {explored.transitions:,} steps, {explored.seconds:.1f} s"
    print(f"{name(bounds)}: {size}", *explored.found, sep="\n", flush=True)
    if not asks_for_exits:
        return not explored.found
    exits = Exits(explored)
    print(
        f"  stuck: {len(exits.stuck)}; only by an admin: {dict(exits.admins)}; not sure: {dict(exits.unsure)}",
        flush=True,
    )
    return not explored.found and not exits.stuck


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
