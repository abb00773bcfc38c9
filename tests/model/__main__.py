"""`python -m tests.model [--deep]`: explore, and print what was found; 1 where the bridge breaks an invariant."""

from __future__ import annotations

import sys

from tests.model.bounds import DEEP, EXITS, SHORT, name
from tests.model.bridge import Bridge
from tests.model.exits import Exits
from tests.model.explore import Explored
from tests.model.faults import BEFORE, FOUND


def main(arguments: list[str]) -> int:
    is_broken = False
    for bounds in (*EXITS, *DEEP) if "--deep" in arguments else (*EXITS, *SHORT):
        explored = Explored(Bridge(), bounds)
        size = f"{len(explored.worlds):,} states, {explored.transitions:,} steps, {explored.seconds:.1f} s"
        print(f"{name(bounds)}: {size}", flush=True)
        for found in explored.found:
            is_broken = True
            print(found)
        if bounds in EXITS or "--deep" in arguments:
            exits = Exits(explored)
            print(
                f"  stuck: {len(exits.stuck)}; only by an admin: {dict(exits.admins)}; not sure: {dict(exits.unsure)}"
            )
    for fault in (*BEFORE, *FOUND):
        explored = Explored(fault.bridge(), fault.within, stop_at_harm=True)
        print(
            f"\n{fault.bridge.__name__} ({name(fault.within)}): {fault.bridge.__doc__}\n{explored.found[0]}", flush=True
        )
    return int(is_broken)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
