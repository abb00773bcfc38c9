"""One intended order of a trader: what it wants, what it has asked, and what it was told.

Pure. `apply` takes the lines of the trader's file in their order, at once and after a restart alike; `advice.py` reads
what they add up to.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Data = dict[str, Any]

#: The key of an order in one of these states is free: nothing lives under it.
FREE = frozenset({"unsent", "abandoned", "free"})
#: An order in one of these states is over, and its key stays shut.
ENDED = frozenset({"filled", "cancelled", "rejected"})
PLACING = frozenset({"placeOrder", "placeOrders"})


@dataclass(frozen=True)
class Change:
    """A new limit that the trader wishes some time after its start."""

    at: float
    price: float


@dataclass
class Attempt:
    """An order under one key. `asked_at`: when it was first asked for, since its key was last known to be free."""

    key: str
    quantity: int
    parent_key: str | None = None
    asked_at: float | None = None
    #: The method that it was asked for with since then: what has no answer yet is asked again as it was.
    placed_with: str = ""
    state: str | None = None
    filled: int = 0
    is_final: bool = False
    #: Since when the same is told.
    since: float = 0.0
    #: Revisions that are settled, made or not.
    changed: int = 0
    last_method: str = ""
    reviewed: bool = False
    #: TWS's own code, where it was told with its state.
    by: str = ""
    refused: int = 0

    @property
    def is_free(self) -> bool:
        return self.state in FREE


@dataclass
class Intent:
    """`patience`: seconds that the trader gives TWS for an answer; `starts`, `cancels`: after the episode's begin.

    A `fickle` one is cancelled at once, and is wanted after all (`relented`) where it had not left yet.
    """

    id: str
    quantity: int
    order: Data
    starts: float
    patience: float
    changes: tuple[Change, ...] = ()
    cancels: float | None = None
    parent: str | None = None
    fickle: bool = False
    relented: bool = False
    attempts: list[Attempt] = field(default_factory=list)
    wants_cancel: bool = False
    over: str | None = None
    #: What it was told before each order after its first, for those who ask how there came to be several.
    ways: list[str] = field(default_factory=list)

    @property
    def current(self) -> Attempt:
        return self.attempts[-1]

    @property
    def executed(self) -> int:
        """What was executed of the attempts that are over."""
        return sum(attempt.filled for attempt in self.attempts[:-1])

    @property
    def rest(self) -> int:
        return self.quantity - self.executed - self.current.filled

    def apply(self, event: Data) -> None:
        match event["what"]:
            case "attempt":
                if self.attempts:
                    self.ways.append(f"{self.current.state}{self.current.by}, then another key")
                self.attempts.append(Attempt(event["key"], event["quantity"], event.get("parentKey")))
            case "wish":
                self.wants_cancel = True
            case "relent":
                self.wants_cancel, self.relented = False, True
            case "over":
                self.over = event["why"]
            case "reviewed":
                next(attempt for attempt in self.attempts if attempt.key == event["key"]).reviewed = True
            case "asked":
                self._asked(event)
            case "told":
                self._told(event)

    def _asked(self, event: Data) -> None:
        attempt = self.current
        if event["key"] != attempt.key:
            return
        attempt.last_method = event["method"]
        if event["method"] in PLACING:
            if attempt.is_free:
                if attempt.state == "abandoned":
                    self.ways.append("abandoned, then the same key")
                attempt.state, attempt.asked_at, attempt.changed = None, None, 0
                attempt.placed_with = ""
            attempt.asked_at = attempt.asked_at or event["t"]
            attempt.placed_with = attempt.placed_with or event["method"]

    def _told(self, event: Data) -> None:
        attempt = next(attempt for attempt in self.attempts if attempt.key == event["key"])
        told = event["told"]
        if "state" in told:
            known = (attempt.state, attempt.filled, attempt.is_final)
            attempt.state = told["state"]
            attempt.by = f" by {told['twsCode']}" if "twsCode" in told else ""
            attempt.filled = int(float(told.get("filled", 0)))
            attempt.is_final = told.get("fillsFinal") is True
            if known != (attempt.state, attempt.filled, attempt.is_final):
                attempt.since = event["t"]
        if attempt.is_free:
            attempt.refused += 1
        if event["method"] == "modifyOrder" and told.get("changeIsSettled"):
            attempt.changed = max(attempt.changed, event["revision"])


def read_plan(plan: Data) -> dict[str, Intent]:
    """A trader's intents by id, as the campaign's plan has them."""
    intents: dict[str, Intent] = {}
    for wish in plan["intents"]:
        changes = tuple(Change(**change) for change in wish.get("changes", ()))
        intents[wish["id"]] = Intent(**{**wish, "changes": changes})
    return intents


def replay(plan: Data, lines: list[Data]) -> dict[str, Intent]:
    """The intents as the lines of the trader's file leave them."""
    intents = read_plan(plan)
    for line in lines:
        if (intent := intents.get(line.get("intent", ""))) is not None:
            intent.apply(line)
    return intents
