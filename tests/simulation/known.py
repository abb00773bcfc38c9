"""Defects of the bridge that the simulation has found and that are not mended yet.

The simulation spares the bridge these, so that it finds the next; `World(spares=False)`, `--unspared`, does not. Each
has a test in `test_known.py` that fails as soon as it is mended: then strike it off here, with what spares it.
"""

from __future__ import annotations

#: What is wrong, and how the simulation spares it.
KNOWN = {
    "a relapse within an open outage is told to nobody, and who joined meanwhile takes old values for current": (
        "Judge._has_relapsed: values of a stream that the bridge itself counts as out are passed over"
    ),
    "a stream on which TWS never says a word keeps the outage of a farm open for ever": (
        "World.begin: nobody wants the quiet instrument"
    ),
    "a late figure outlives a correction: `filled` stays too high, and no unknown order of that day can be settled": (
        "Moody: TWS corrects no execution"
    ),
    "the client's Follower does not hand out that a value it knows has become stale": (
        "clients/view.py is a subscriber of its own, which takes each snapshot whole"
    ),
}
