"""Scenarios of the order log: each fill exactly once, whatever is lost, repeated or killed.

The fills are of 1, 10, 100, ... shares: each digit of the client's total says how often it has applied one of them.
"""

from __future__ import annotations

from bridge.conformance.duties import Duty, Wrong
from bridge.conformance.orderlog import OrderLog
from bridge.conformance.scenario import Scenarios
from bridge.conformance.trial import OWNER, SOON, START, Trial
from bridge.session.values import Data

scenarios = Scenarios()
#: Seconds for a client to see by the head, told each second, that it lacks something.
BY_HEAD = 8.0
#: Seconds for a client to find the bridge again, which was away, and to read on.
BACK = 15.0


def fill(trial: Trial, number: int) -> Data:
    """The fill of that number is in the log, and not published yet."""
    return trial.bridge.log.fill(str(10**number), trial.bridge.ts)


def live(trial: Trial, number: int) -> Data:
    event = fill(trial, number)
    trial.bridge.log_event(event)
    return event


def has_applied(
    trial: Trial, count: int, seconds: float, duty: Duty, when: str, *, twice_breaks: Duty = Duty.FILLS
) -> None:
    """The client has applied each of the first `count` fills once, and says so."""
    expected = "1" * count

    def done() -> bool:
        twice = [total for total in trial.beliefs.filled if not set(total) <= set("01")]
        if twice:
            raise Wrong(twice_breaks, f"{when}: it has applied a fill more than once: its total is {twice[0]} shares")
        return trial.beliefs.filled[-1:] == [expected]

    def otherwise() -> str:
        return f"{when}: its total is {(trial.beliefs.filled or ['not said'])[-1]}, and {expected} shares were filled"

    trial.wait(done, seconds, duty, otherwise)


def follows(trial: Trial, count: int) -> None:
    """The client follows its orders, and has the first `count` fills."""
    trial.start("orders")
    trial.subscribed(f"order.{OWNER}.head", Duty.READ_ON)
    has_applied(trial, count, START, Duty.FILLS, "after it has read the log")


@scenarios.add("orders")
def each_fill_once(trial: Trial) -> None:
    """Fills come from the log and live; one is repeated under its number, as after a restart of the bridge."""
    fill(trial, 0)
    fill(trial, 1)
    follows(trial, 2)
    third = live(trial, 2)
    has_applied(trial, 3, SOON, Duty.FILLS, "after a live fill")
    trial.bridge.log_event({**third, "replayed": True})
    live(trial, 3)
    has_applied(trial, 4, SOON, Duty.REPEAT, "after a fill that was published twice")


@scenarios.add("orders")
def lost_fill(trial: Trial) -> None:
    """A fill is lost on the way; the number of the next one shows that. Then the last is lost: the head shows that."""
    fill(trial, 0)
    follows(trial, 1)
    fill(trial, 1)
    live(trial, 2)
    has_applied(trial, 3, SOON, Duty.READ_ON, "after a fill that was lost before another one")
    fill(trial, 3)
    has_applied(trial, 4, BY_HEAD, Duty.READ_ON, "after the last fill was lost")


@scenarios.add("orders")
def fills_over_a_kill(trial: Trial) -> None:
    """The client is killed, twice: after it has applied fills, and while one is on its way. It has a folder."""
    fill(trial, 0)
    fill(trial, 1)
    follows(trial, 2)
    trial.kill()
    fill(trial, 2)
    trial.start("orders")
    has_applied(trial, 3, START, Duty.FILLS, "after it was killed, and started again")
    trial.subscribed(f"order.{OWNER}.head", Duty.READ_ON)
    live(trial, 3)
    trial.flush()
    trial.kill()
    trial.start("orders")
    live(trial, 4)
    has_applied(trial, 5, START, Duty.FILLS, "after it was killed while a fill was on its way")


@scenarios.add("orders")
def long_log(trial: Trial) -> None:
    """The log is longer than one answer: the client reads on until it has the head."""
    fill(trial, 0)
    for _ in range(1100):
        trial.bridge.log.status(trial.bridge.ts)
    fill(trial, 1)
    trial.start("orders")
    has_applied(trial, 2, START, Duty.READ_ON, "after a log of 1102 events")


@scenarios.add("orders")
def other_log(trial: Trial) -> None:
    """The bridge's disk was lost: another log begins, with an old fill in it. The client says that something is lost.

    A bridge with an empty ledger asks TWS for the executions of the day, and finds the orders of its clients again.
    """
    first = fill(trial, 0)
    fill(trial, 1)
    follows(trial, 2)
    trial.restart(OrderLog("second", OWNER))
    trial.bridge.log.again(first, trial.bridge.ts)
    for number in (2, 3, 4):
        fill(trial, number)
    when = "after another log has begun, in which a fill of the old one stands again"
    has_applied(trial, 5, BACK, Duty.OTHER_LOG, when, twice_breaks=Duty.OTHER_LOG)
    if not trial.beliefs.gaps:
        raise Wrong(Duty.OTHER_LOG, "another log has begun, and the client says no gap: what was in between is lost")


@scenarios.add("orders")
def log_set_back(trial: Trial) -> None:
    """The bridge's disk was set back to an older copy: the client goes on from the head, and a fill comes once more."""
    fill(trial, 0)
    second = fill(trial, 1)
    follows(trial, 2)
    trial.restart(trial.bridge.log.older(1))
    trial.wait(lambda: bool(trial.beliefs.gaps), BACK, Duty.SET_BACK, "the log was set back, and it says no gap")
    trial.bridge.log.again(second, trial.bridge.ts)
    fill(trial, 2)
    when = "after the log was set back, and has a fill again that was behind its head"
    has_applied(trial, 3, BACK, Duty.SET_BACK, when, twice_breaks=Duty.SET_BACK)
