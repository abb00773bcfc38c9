"""Right clients pass every scenario; a client that breaks one duty fails the scenarios of that duty, and no other."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from bridge.conformance import ALL, Result
from bridge.conformance.duties import Duty
from bridge.conformance.runner import play
from bridge.conformance.scripted import parameters
from tests.conformance_kit.forked import starting

RIGHT = {
    "the small client": "conform",
    "the package, blocking": "tests.conformance_kit.package_sync",
    "the package, asynchronous": "tests.conformance_kit.package_async",
}
#: What a client fails that counts an execution again which has another number; one that does not hides other mistakes.
COUNTED = {"other-log": Duty.OTHER_LOG, "log-set-back": Duty.SET_BACK}
#: What each wrong client fails, of the scenarios with its task.
WRONG = {
    "NoMarker": ("watch", {"lost-marker": Duty.MARKER}),
    "NoEpoch": ("watch", {"new-epoch": Duty.EPOCH, "hold-not-kept": Duty.KEPT}),
    "NoHole": ("watch", {"hole-in-seq": Duty.HOLE, "floors": Duty.FLOOR, "unknown-words": Duty.HOLE,
                         "big-seq": Duty.INTEGERS, "lost-hold": Duty.HELD}),
    "NoFloor": ("watch", {"floors": Duty.FLOOR}),
    "NoWaiting": ("watch", {"late-reply": Duty.KEEP}),
    "NoOrder": ("watch", {"late-reply": Duty.OLD}),
    "NoNumbers": ("watch", {"lost-last-event": Duty.NUMBERS, "risen-floor": Duty.RISEN_FLOOR, "lease": Duty.LEASE}),
    "NoHeartbeat": ("watch", {"reconnected-socket": Duty.RECONNECTED}),
    "NoRenewal": ("watch", {"hold-not-kept": Duty.KEPT, "lost-hold": Duty.HELD}),
    "NoStale": ("watch", {"stale-values": Duty.STALE}),
    "Strict": ("watch", {"unknown-words": Duty.ADAPTER}),
    "Narrow": ("watch", {"big-seq": Duty.INTEGERS}),
    "CountsAgain": ("orders", COUNTED),
    "Twice": ("orders", {"each-fill-once": Duty.FILLS, **COUNTED}),
    "Jumps": ("orders", {"lost-fill": Duty.READ_ON}),
    "Forgets": ("orders", {"fills-over-a-kill": Duty.FILLS, **COUNTED}),
    "OldLog": ("orders", {"other-log": Duty.OTHER_LOG}),
    "NoSetBack": ("orders", {"log-set-back": Duty.SET_BACK}),
    "Counting": ("ask", {"new-ids-after-restart": Duty.NEW_ID}),
    "NoResend": ("ask", {"no-answer": Duty.SAME_ID}),
    "NewIdAgain": ("ask", {"no-answer": Duty.SAME_ID}),
    "NoExpiry": ("place", {"order-expires": Duty.EXPIRES}),
    "Prolongs": ("place", {"order-expires": Duty.SAME_EXPIRES}),
    "new_key": ("place", {"no-response": Duty.UNKNOWN_ORDER, "retry-when-not-sent": Duty.SAME_KEY}),
    "stubborn": ("place", {"rejected": Duty.REFUSED}),
    "gives_up": ("place", {"no-response": Duty.ASK_AGAIN, "retry-when-not-sent": Duty.SAME_KEY}),
}  # fmt: skip
#: What it fails as well, or not, where the machine is busy: events race its reply there, or it takes a second snapshot.
ALSO = {"NoWaiting": {"late-join"}, "NoOrder": {"late-join"}}
#: Trials at a time: they wait most of the time.
AT_A_TIME = 40

Results = dict[tuple[str, str], Future[Result]]


@pytest.fixture(scope="module")
def results() -> Results:
    """By client and scenario. All are begun at once: one after the other they take minutes."""
    checks = parameters()
    pool = ThreadPoolExecutor(AT_A_TIME)
    found: Results = {}
    for name, module in RIGHT.items():
        for scenario in ALL:
            found[name, scenario.name] = pool.submit(play, scenario, starting(module), checks)
    for name, (task, _) in WRONG.items():
        start = starting(f"tests.conformance_kit.wrong:{name}")
        for scenario in ALL:
            if scenario.task == task:
                found[name, scenario.name] = pool.submit(play, scenario, start, checks)
    pool.shutdown(wait=False)
    return found


@pytest.mark.parametrize("client", RIGHT)
def test_a_right_client_passes_every_scenario(results: Results, client: str) -> None:
    told = [results[client, scenario.name].result() for scenario in ALL]
    assert [result.told() for result in told if not result.passed] == []


@pytest.mark.parametrize("client", WRONG)
def test_a_wrong_client_fails_the_scenarios_of_its_duty_alone(results: Results, client: str) -> None:
    told = [future.result() for (name, _), future in results.items() if name == client]
    failed = {result.scenario.name: result.wrong.duty for result in told if result.wrong is not None}
    failed = {name: duty for name, duty in failed.items() if name not in ALSO.get(client, set())}
    assert failed == WRONG[client][1], [result.told() for result in told]
