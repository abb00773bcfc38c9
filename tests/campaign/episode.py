"""One episode: faults as planned, then an end to them, and a bound within which everything must settle."""

from __future__ import annotations

import functools
import heapq
import itertools
import signal
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.campaign.evidence import Evidence, gather
from tests.campaign.judge import Fault, judge
from tests.campaign.parties import Parties
from tests.campaign.plan import Fault as Planned
from tests.campaign.plan import Plan

#: Seconds within which everything must settle once faults have ended.
BOUND = 45.0
#: Seconds that everyone has at least, so that traders look once more at what is over.
QUIET = 4.0
#: Seconds between two looks at how far it has.
LOOK = 0.7
#: Figures that no waiting lowers: where only these are at fault, the episode ends.
_LASTING = frozenset(
    {"intents executed beyond their quantity", "intents with two live orders", "executions repeated in the owner's log",
     "orders that came back from their end unannounced", "answers without advice", "tracebacks in the bridge's log"}
)  # fmt: skip


@dataclass
class Outcome:
    """`faults` by figure; `calm_at`: when what goes wrong had ended; `done` counts what was done to the processes, and
    `happened` has it with the time.
    """

    plan: Plan
    evidence: Evidence
    faults: dict[str, list[Fault]]
    settled_in: float
    calm_at: float
    happened: list[tuple[float, str]] = field(default_factory=list)
    done: Counter[str] = field(default_factory=Counter)

    @property
    def is_clean(self) -> bool:
        return not any(self.faults.values())


def run(plan: Plan, folder: Path) -> Outcome:
    """Play it in that folder. Raises CampaignError where a process of the campaign itself fails."""
    parties = Parties(plan, folder)
    with parties.running():
        done = _Troubles(parties).play()
        (folder / "calm").touch()
        since, calm_at = time.monotonic(), time.time()
        parties.events.append((calm_at, "faults end"))
        evidence, faults = _settle(parties, since)
        return Outcome(plan, evidence, faults, time.monotonic() - since, calm_at, parties.events, done)


class _Troubles:
    """The planned faults, one after the other, and what ends each."""

    def __init__(self, parties: Parties) -> None:
        self._parties = parties
        self._numbers = itertools.count()
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._done: Counter[str] = Counter()
        for fault in parties.plan.faults:
            self._at(fault.at, self._action(fault))

    def play(self) -> Counter[str]:
        """Until the time is over, and everybody runs again."""
        begin, length = time.monotonic(), self._parties.plan.length
        while self._due or time.monotonic() - begin < length:
            if self._parties.fell():
                fall = self._parties.plan.fall(self._done["deaths of tws with an order"])
                self._done["deaths of tws with an order"] += 1
                self._at(time.monotonic() - begin + fall.seconds, functools.partial(self._start, fall))
            while self._due and self._due[0][0] <= time.monotonic() - begin:
                heapq.heappop(self._due)[2]()
            self._parties.check()
            time.sleep(0.02)
        return self._done

    def _at(self, at: float, do: Callable[[], None]) -> None:
        heapq.heappush(self._due, (at, next(self._numbers), do))

    def _action(self, fault: Planned) -> Callable[[], None]:
        return (lambda: self._kill(fault)) if fault.what == "kill" else (lambda: self._stop(fault))

    def _kill(self, fault: Planned) -> None:
        """A process that is down already is left alone."""
        if self._parties.runs(fault.whom):
            self._parties.kill(fault.whom)
            self._done[f"kills of {'traders' if fault.whom not in ('bridge', 'tws') else fault.whom}"] += 1
            self._at(fault.at + fault.seconds, lambda: self._start(fault))

    def _start(self, fault: Planned) -> None:
        self._parties.start(fault.whom, night=fault.night, late=fault.late, forgets=fault.forgets)
        self._done["nights between two lives of TWS"] += fault.night

    def _stop(self, fault: Planned) -> None:
        self._parties.signal(fault.whom, signal.SIGSTOP)
        self._done["stops"] += 1
        self._at(fault.at + fault.seconds, lambda: self._parties.signal(fault.whom, signal.SIGCONT))


def _settle(parties: Parties, since: float) -> tuple[Evidence, dict[str, list[Fault]]]:
    """Look until nothing is at fault, twice; or until the bound."""
    before_was_clean = False
    while True:
        time.sleep(LOOK)
        if parties.fell():
            parties.start("tws")
        parties.check()
        evidence = gather(parties)
        passed = time.monotonic() - since
        is_late = passed > BOUND
        if evidence is not None:
            faults = judge(evidence)
            waits = {name for name, found in faults.items() if found} - _LASTING
            if is_late or (not waits and before_was_clean):
                return evidence, faults
            before_was_clean = not waits and passed > QUIET
        elif is_late:
            raise RuntimeError("the bridge does not answer")
