"""What a seed plans for a day: when what fails and for how long, what traders intend, and who holds what when.

Faults come in a few troubled stretches; the hours between are quiet. From 21:30 on nothing fails until the judge has
looked, and at night TWS restarts.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Any

from tests.chaos.world import AAPL
from tests.simulation.clients.holder import WISHES, Wish
from tests.simulation.clock import dice, until_time

Data = dict[str, Any]
TRADERS = ("alice", "bob")
HOLDERS = ("carol", "dave", "erin")
#: Hours: faults end, traders close, the judge looks, TWS restarts. Later than 22:45 the bridge counts with the next
#: day, where a connection has lasted (`tws_day.MARGIN`).
CALM, CLOSE, JUDGED, NIGHT = 21.5, 21.6, 22.5, 23.6


@dataclass(frozen=True)
class Fault:
    """`at`, `seconds`: when, and for how long. `whom`: a client. `number`: what else the fault takes."""

    at: float
    what: str
    seconds: float = 0.0
    whom: str = ""
    number: int = 0


@dataclass(frozen=True)
class Change:
    """From `at` on a holder wants the stream, or no more."""

    at: float
    whom: str
    wish: Wish
    wanted: bool


@dataclass
class Day:
    """`intents` by trader. `questions`: when which client asks for reference data, where that is wanted."""

    number: int
    faults: list[Fault] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    intents: dict[str, list[Data]] = field(default_factory=dict)
    questions: list[tuple[float, str]] = field(default_factory=list)


#: What may fail, how often, and the seconds that it takes.
_FAULTS: tuple[tuple[str, int, float, float], ...] = (
    ("killBridge", 8, 0.2, 40.0), ("fuseBridge", 10, 0.2, 20.0), ("killTws", 5, 1.0, 200.0),
    ("freezeTws", 4, 1.0, 60.0), ("darkness", 6, 1.0, 90.0), ("reset", 8, 0.0, 0.0), ("refuse", 3, 5.0, 60.0),
    ("garbage", 3, 0.0, 0.0), ("cut1100", 8, 1.0, 300.0), ("cut2110", 3, 1.0, 120.0), ("farm", 6, 1.0, 200.0),
    ("taken", 5, 1.0, 120.0), ("dropped", 4, 0.0, 0.0), ("bookReset", 3, 0.0, 0.0), ("diskHangs", 4, 0.1, 20.0),
    ("diskFull", 3, 1.0, 30.0), ("killClient", 6, 0.1, 60.0), ("stopClient", 5, 1.0, 120.0),
    ("slowSubscriber", 5, 5.0, 120.0), ("slowNetwork", 4, 10.0, 300.0), ("freezeBridge", 4, 0.5, 45.0),
)  # fmt: skip


def draw(seed: int, number: int) -> Day:
    """The day of that number, the first is 0."""
    rng = dice(seed, f"day {number}")
    day = Day(number)
    # On the first day nothing is traded while the bridge may still take it for the day before.
    begin = until_time(number, 0.6 if number else 1.5)
    stretches = sorted(rng.uniform(begin, until_time(number, CALM - 0.8)) for _ in range(rng.choice((3, 4, 6, 8))))
    for start in stretches:
        _trouble(day, rng, start)
    _night(day, rng)
    for trader in TRADERS:
        day.intents[trader] = _intents(rng, number, trader, stretches)
    _holds(day, rng, stretches, begin)
    day.faults.sort(key=lambda fault: fault.at)
    day.changes.sort(key=lambda change: change.at)
    return day


def add_questions(seed: int, day: Day) -> None:
    """Let all clients ask for contract details and histories, most of them while something fails.

    No part of `draw`, so that known seeds stay what they are.
    """
    rng = dice(seed, f"questions {day.number}")
    for fault in day.faults:
        for _ in range(rng.randint(1, 6)):
            day.questions.append((max(1.0, fault.at + rng.uniform(-30.0, 120.0)), rng.choice((*TRADERS, *HOLDERS))))


def _trouble(day: Day, rng: Random, start: float) -> None:
    """Some minutes in which several things fail, often at once."""
    length = rng.choice((60.0, 300.0, 900.0))
    for _ in range(rng.randint(2, 7)):
        name, _, least, most = rng.choices(_FAULTS, [fault[1] for fault in _FAULTS])[0]
        whom = rng.choice((*TRADERS, *HOLDERS))
        day.faults.append(
            Fault(start + rng.uniform(0.0, length), name, rng.uniform(least, most), whom, rng.randrange(1000))
        )


def _night(day: Day, rng: Random) -> None:
    """TWS restarts, around midnight; on some nights IBKR is away for a while as well."""
    at = until_time(day.number, NIGHT + rng.uniform(0.0, 0.7))
    day.faults.append(Fault(at, "killTws", rng.uniform(20.0, 400.0), "", rng.randrange(1000)))
    if rng.random() < 0.4:
        day.faults.append(Fault(at + rng.uniform(-300.0, 900.0), "cut1100", rng.uniform(5.0, 200.0), "", 1))
    if rng.random() < 0.3:
        day.faults.append(Fault(at + rng.uniform(-30.0, 600.0), "killBridge", rng.uniform(1.0, 200.0)))


# Traders


def _intents(rng: Random, day: int, trader: str, stretches: list[float]) -> list[Data]:
    """Most begin in a troubled stretch; some at the end of the day, so that they meet the night."""
    wishes: list[Data] = []
    for number in range(rng.randint(5, 12)):
        starts = rng.choice(stretches) + rng.uniform(-20.0, 400.0)
        if rng.random() < 0.15:
            starts = until_time(day, JUDGED + 0.1) + rng.uniform(0.0, 4200.0)
        name = f"d{day}i{number}"
        wishes += _bracket(rng, name, starts) if rng.random() < 0.25 else [_single(rng, name, starts)]
    return wishes


def _single(rng: Random, name: str, starts: float) -> Data:
    order = {
        "action": rng.choice(("BUY", "SELL")), "orderType": "LMT", "lmtPrice": 10.0,
        "tif": rng.choice(("DAY", "DAY", "GTC")),
    }  # fmt: skip
    wish: Data = {
        "id": name, "quantity": rng.choice((1, 5, 30)), "order": order, "starts": starts,
        "patience": rng.choice((0.5, 3.0, 6.0, 20.0)),
    }  # fmt: skip
    if rng.random() < 0.45:
        times = sorted(starts + rng.uniform(0.2, 60.0) for _ in range(rng.randint(1, 3)))
        wish["changes"] = [{"at": at, "price": 10.0 + n} for n, at in enumerate(times, 1)]
    if rng.random() < 0.35:
        wish["fickle"] = rng.random() < 0.4
        wish["cancels"] = starts + (rng.uniform(0.0, 0.3) if wish["fickle"] else rng.choice((3.0, 100.0, 1000.0)))
    return wish


def _bracket(rng: Random, name: str, starts: float) -> list[Data]:
    parent = _single(rng, name, starts)
    side = "SELL" if parent["order"]["action"] == "BUY" else "BUY"
    exits = []
    for leg, price in (("p", 11.0), ("l", 9.0)):
        order = {**parent["order"], "action": side, "lmtPrice": price}
        child = {"id": f"{name}{leg}", "parent": name, "order": order}
        exits.append({**child, **{part: parent[part] for part in ("quantity", "starts", "patience")}})
    return [parent, *exits]


# Holders


def _holds(day: Day, rng: Random, stretches: list[float], begin: float) -> None:
    """Each holder begins with some streams, and changes its mind now and then, mostly in trouble."""
    for holder in HOLDERS:
        if day.number == 0:
            for wish in rng.sample(WISHES, rng.randint(2, 6)):
                day.changes.append(Change(begin - rng.uniform(10.0, 1700.0), holder, wish, True))
        for _ in range(rng.randint(0, 8)):
            at = rng.choice(stretches) + rng.uniform(0.0, 600.0)
            day.changes.append(Change(at, holder, rng.choice(WISHES), rng.random() < 0.6))


CONTRACT = AAPL
