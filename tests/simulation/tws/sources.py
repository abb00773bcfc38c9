"""What TWS knows and streams tell: quotes, books, positions, account values. Each value with the time since when.

While TWS has lost IBKR, or the farm of a value, what it knows stands still; what has changed by then comes afterwards.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from random import Random
from typing import NamedTuple

from tests.simulation.clock import Clock

#: What one stream tells: a kind and a subject, such as `market`, `7001`.
Key = tuple[str, str]
FARMS = ("usfarm", "eufarm")
INSTRUMENTS = (7001, 7002, 7003, 7004, 7005)
#: This one is quiet: TWS serves it and has nothing to tell.
QUIET = 7005
ACCOUNT = "DU1"
TAGS = ("AvailableFunds", "NetLiquidation")
#: Values of before that a judge may ask for.
_KEPT = 50


def farm_of(key: Key) -> str | None:
    """The data farm that the stream comes from; None where it comes from none."""
    if key[0] not in ("market", "depth"):
        return None
    return FARMS[0] if int(key[1]) < 7004 else FARMS[1]


class Value(NamedTuple):
    since: float
    value: str


class Sources:
    """`told` is called with each value that changes: key, field, value. `reaches`: TWS reaches what has that key."""

    def __init__(self, clock: Clock, dice: Random, reaches: Callable[[Key], bool]) -> None:
        self._clock = clock
        self._dice = dice
        self._reaches = reaches
        self.told: Callable[[Key, str, str], None] = lambda _key, _field, _value: None
        self.known: dict[Key, dict[str, str]] = {}
        self.history: dict[tuple[Key, str], deque[Value]] = {}
        self._behind: dict[tuple[Key, str], str] = {}
        self._number = 1000
        self.pause = 60.0
        #: Nothing moves, so that what is on its way arrives.
        self.is_still = False

    def begin(self) -> None:
        for con_id in INSTRUMENTS:
            for key in (("market", str(con_id)), ("depth", str(con_id))):
                self.known[key] = {}
                for field in () if con_id == QUIET else ("1", "2", "4") if key[0] == "market" else ("0-0", "1-0"):
                    self.set(key, field, self._next())
                if con_id != QUIET:
                    self._move(key)
        self.known["positions", ""] = {}
        account = {"summary": TAGS, "pnl": ("dailyPnL",), "updates": ("CashBalance", "NetLiquidation")}
        for kind, fields in account.items():
            key = (kind, "All" if kind == "summary" else ACCOUNT)
            self.known[key] = {}
            for field in fields:
                self.set(key, field, self._next())
            self._move(key)

    def _next(self) -> str:
        """Each value is there once, so that it tells when it was true."""
        self._number += 1
        return str(self._number)

    def _move(self, key: Key) -> None:
        """One value of that stream changes, and another later."""
        slow = {"market": 1.0, "depth": 4.0}.get(key[0], 10.0)
        self._clock.after(self._dice.expovariate(1 / (self.pause * slow)), self._moved, key)

    def _moved(self, key: Key) -> None:
        if not self.is_still:
            self.set(key, self._dice.choice(sorted(self.known[key])), self._next())
        self._move(key)

    def set(self, key: Key, field: str, value: str) -> None:
        """So it is now; TWS knows as soon as it can."""
        if not self._reaches(key):
            self._behind[key, field] = value
        elif self.known[key].get(field) != value:
            self.known[key][field] = value
            self.history.setdefault((key, field), deque(maxlen=_KEPT)).append(Value(self._clock.now, value))
            self.told(key, field, value)

    def catch_up(self) -> None:
        """TWS reaches what it had not reached."""
        behind, self._behind = self._behind, {}
        for (key, field), value in behind.items():
            self.set(key, field, value)

    def was(self, key: Key, field: str, value: str, since: float, until: float) -> bool:
        """Whether that value was the newest one at some time between these."""
        entries = self.history.get((key, field), ())
        ends = [entry.since for entry in entries][1:]
        for entry, end in zip(entries, [*ends, float("inf")], strict=True):
            if entry.value == value and entry.since <= until and end >= since:
                return True
        return False
