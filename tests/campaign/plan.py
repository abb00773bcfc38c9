"""What a seed plans: for each episode the intents of its traders, and who is killed, stopped and restarted when.

The same seed makes the same plan. Between processes the timing differs from run to run, and with it what the plan hits.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Any, Literal

from tests.chaos.world import AAPL

Data = dict[str, Any]

TRADERS = ("alice", "bob", "carol")
#: Server versions of TWS: the text protocol, and protobuf.
VERSIONS = (187, 213, 226)
#: Seconds of an episode in which things go wrong.
LENGTH = 20.0


@dataclass(frozen=True)
class Fault:
    """`at` seconds after the beginning. `seconds`: until it is started again, or goes on. TWS comes back on the same
    day, just before midnight (`late`), or on the next day (`night`); `forgets`: its order ids begin at 1 again.
    """

    at: float
    what: Literal["kill", "stop"]
    whom: str
    seconds: float
    night: bool = False
    late: bool = False
    forgets: bool = False


@dataclass(frozen=True)
class Plan:
    """One episode. `seed` is what everything in it draws from."""

    seed: str
    version: int
    traders: dict[str, Data] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()
    has_nights: bool = False
    length: float = LENGTH

    def fall(self, nth: int) -> Fault:
        """How TWS comes back when it has died by itself for the `nth` time."""
        rng = Random(f"{self.seed}/fall/{nth}")
        night = self.has_nights and nth == 0 and rng.random() < 0.8
        return Fault(0.0, "kill", "tws", rng.uniform(0.0, 1.0), night=night)


def draw(seed: int, episode: int) -> Plan:
    name = f"{seed}/{episode}"
    rng = Random(f"{name}/plan")
    traders = {trader: _trader(trader, Random(f"{name}/{trader}")) for trader in TRADERS}
    has_nights = rng.random() < 0.5
    return Plan(name, rng.choice(VERSIONS), traders, _faults(rng, has_nights=has_nights), has_nights)


# Traders


def _trader(name: str, rng: Random) -> Data:
    intents: list[Data] = []
    for number in range(rng.randint(5, 9)):
        intents += _bracket(number, rng) if rng.random() < 0.3 else [_single(f"i{number}", rng)]
    plan: Data = {"name": name, "contract": AAPL, "intents": intents}
    if rng.random() < 0.35:
        plan["cancelMineAt"] = rng.uniform(5.0, LENGTH)
    return plan


def _single(name: str, rng: Random) -> Data:
    order = {"action": rng.choice(("BUY", "SELL")), "orderType": "LMT", "lmtPrice": 10.0, "tif": _tif(rng)}
    starts = rng.uniform(0.0, LENGTH - 4.0)
    wish: Data = {
        "id": name, "quantity": rng.choice((1, 5, 30)), "order": order, "starts": starts, "patience": _patience(rng),
    }  # fmt: skip
    if rng.random() < 0.45:
        times = sorted(starts + rng.uniform(0.2, 5.0) for _ in range(rng.randint(1, 3)))
        wish["changes"] = [{"at": at, "price": 10.0 + n} for n, at in enumerate(times, 1)]
    if rng.random() < 0.3:
        wish["fickle"] = rng.random() < 0.5
        wish["cancels"] = starts + (rng.uniform(0.0, 0.3) if wish["fickle"] else rng.uniform(0.1, 6.0))
    return wish


def _bracket(number: int, rng: Random) -> list[Data]:
    """An entry, and two exits that work when it is filled; of these the other goes when one is filled."""
    parent = _single(f"b{number}", rng)
    exit_side = "SELL" if parent["order"]["action"] == "BUY" else "BUY"
    exits = []
    for name, price in (("profit", 11.0), ("loss", 9.0)):
        order = {**parent["order"], "action": exit_side, "lmtPrice": price}
        child = {"id": f"{parent['id']}{name}", "parent": parent["id"], "order": order}
        exits.append({**child, **{part: parent[part] for part in ("quantity", "starts", "patience")}})
    return [parent, *exits]


def _tif(rng: Random) -> str:
    return rng.choice(("DAY", "DAY", "GTC"))


def _patience(rng: Random) -> float:
    """Some traders have none: half a second for TWS and the ledger."""
    return rng.choice((0.5, 1.5, 3.0, 6.0))


# Faults


def _faults(rng: Random, *, has_nights: bool) -> tuple[Fault, ...]:
    """In every other episode TWS's day never ends: there everything can be settled, and must be."""
    faults = [_kill("bridge", rng) for _ in range(rng.randint(1, 3))]
    faults += [_kill_tws(rng, has_nights=has_nights and n == 0) for n in range(rng.randint(1, 3))]
    faults += [_kill(trader, rng) for trader in TRADERS if rng.random() < 0.4]
    for _ in range(rng.randint(1, 3)):
        whom = rng.choice(("bridge", "bridge", "tws", *TRADERS))
        faults.append(Fault(rng.uniform(1.0, LENGTH - 2.0), "stop", whom, rng.uniform(1.0, 3.0)))
    return tuple(sorted(faults, key=lambda fault: fault.at))


def _kill(whom: str, rng: Random) -> Fault:
    return Fault(rng.uniform(1.0, LENGTH), "kill", whom, rng.uniform(0.0, 1.0))


def _kill_tws(rng: Random, *, has_nights: bool) -> Fault:
    at, seconds, late = rng.uniform(1.0, LENGTH), rng.uniform(0.0, 1.0), rng.random() < 0.25
    forgets = rng.random() < 0.2
    if not has_nights:
        return Fault(at, "kill", "tws", seconds, forgets=forgets)
    return Fault(at, "kill", "tws", seconds, night=not late, late=late, forgets=forgets)
