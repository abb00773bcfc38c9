"""All that there is at one moment: TWS, the bridge, its disk, the connection, and what may still go wrong."""

from __future__ import annotations

from typing import Literal, NamedTuple

from tests.model.bridge import Memory, Pass, Record
from tests.model.intent import NONE, Second
from tests.model.tws import Tws
from tests.model.words import Word

#: Who acts. `tws`: unasked; `answer`: TWS, to a cancel, or the bridge hears 10147; `word`: it hears another word;
#: `break`: what goes wrong. The others: evidence, time, the bridge's own work, the client, its second order, an admin.
Actor = Literal["tws", "answer", "break", "word", "pass", "disk", "link", "bridge", "time", "client", "second", "admin"]
#: An admin has given the order up, or TWS has it live again after `Cancelled`: nobody knows, the bridge does, all do.
Surprise = Literal["none", "unknown", "heard"]


class Bounds(NamedTuple):
    """How often each may happen. `breaks`: deaths of the bridge and ends of the connection, together. `nights`: TWS's
    day ends. `forgets`: TWS's lists begin anew within the day. `returns`: a cancelled order lives again. `forces`: an
    admin gives the order up. `cancels`: the client cancels. `holds`: TWS says Inactive. `has_witness`: the ledger knows
    another order of today with an execution. `is_lazy`: the bridge goes on while the disk is behind.
    """

    breaks: int = 0
    nights: int = 0
    forgets: int = 0
    returns: int = 0
    forces: int = 0
    cancels: int = 0
    holds: int = 0
    has_witness: bool = False
    is_lazy: bool = False

    def without(self, name: str) -> Bounds:
        """One less of it."""
        return self._replace(**{name: getattr(self, name) - 1})


class Link(NamedTuple):
    """The connection. `is_complete`: a pass has ended since it is up."""

    is_up: bool = True
    is_complete: bool = True
    passing: Pass | None = None


class World(NamedTuple):
    tws: Tws
    memory: Memory
    disk: Record | None
    link: Link
    second: Second
    left: Bounds
    is_same_day: bool
    surprise: Surprise


class Broken(NamedTuple):
    """An invariant that is broken. `is_harm`: the intent is executed beyond its quantity, or lives twice."""

    text: str
    is_harm: bool = False


class Step(NamedTuple):
    """`broken`: the invariant that it breaks. `heard`: what the bridge hears, each word with its message."""

    actor: Actor
    label: str
    world: World
    broken: Broken | None = None
    heard: tuple[tuple[Word, str], ...] = ()


def start(bounds: Bounds) -> World:
    """The client has asked for the order, and orders may leave."""
    return World(Tws(), Memory(), None, Link(), NONE, bounds, True, "none")
