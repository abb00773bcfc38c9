"""Scenarios of joining late, gaps and restarts: the client asks for an instrument's prices, and follows them.

Each ends when the client believes what the bridge has. Where a client must see a loss by itself the bridge does not
answer `sequences`: comparing numbers would heal it, too.
"""

from __future__ import annotations

import json

from bridge.conformance.duties import Duty, Wrong
from bridge.conformance.orderlog import CONTRACT
from bridge.conformance.scenario import Scenarios
from bridge.conformance.scripted import ASK, BID, PREFIX
from bridge.conformance.trial import SOON, START, Received, Trial

scenarios = Scenarios()
#: Seconds for what a client only sees when it compares numbers, now and then.
NOW_AND_THEN = 20.0
#: Seconds for a client to find the bridge again, which was away.
BACK = 15.0
#: Seconds in which a client hears a heartbeat, so that it knows the number of the next one.
_TWO_BEATS = 2.1
#: Seconds without a request that a client may let pass; two more than the contract's ten, for a busy machine.
_SILENCE = 12.0


def watch(trial: Trial, *, with_numbers: bool = False) -> None:
    """Start the client, to ask for the instrument and follow it. `with_numbers`: the bridge answers `sequences`."""
    if not with_numbers:
        trial.held.add("sequences")
    trial.bridge.answers["reqMktData"] = trial.bridge.subscription
    trial.start("watch", json.dumps({"contract": CONTRACT}))


def joined(trial: Trial, *, with_numbers: bool = False) -> None:
    """The client follows, and believes what there is."""
    trial.bridge.tick(BID)
    trial.bridge.tick(ASK)
    watch(trial, with_numbers=with_numbers)
    trial.subscribed(f"{PREFIX}tickPrice")
    trial.request("snapshot", 1, START, Duty.JOIN, "has not asked for a snapshot of what it follows")
    trial.believes_truth(SOON, Duty.JOIN, "after its first snapshot")


def held_snapshot(trial: Trial) -> Received:
    """The client's first request for a snapshot, when it hears the prefix and its marker; the script answers it."""
    trial.bridge.tick(BID)
    trial.bridge.tick(ASK)
    trial.held.add("snapshot")
    watch(trial)
    first = trial.request("snapshot", 1, START, Duty.JOIN, "has not asked for a snapshot of what it follows")
    trial.subscribed(f"{PREFIX}tickPrice")
    if nonce := first.params.get("nonce"):
        trial.subscribed(f"sync.{nonce}")
    return first


@scenarios.add("watch")
def late_join(trial: Trial) -> None:
    """Events race the snapshot, and its reply comes before its marker: one is in both, one comes behind the marker."""
    first = held_snapshot(trial)
    trial.bridge.tick(BID)
    trial.bridge.tick(BID)
    trial.flush()
    told = trial.bridge.snapshot(first.params)
    marker = trial.bridge.frames()
    trial.reply(first, told)
    trial.held.remove("snapshot")
    trial.rest(0.1)
    trial.send(marker)
    trial.bridge.tick(BID)
    trial.bridge.tick(ASK)
    trial.believes_truth(SOON, Duty.KEEP, "after a snapshot whose marker came behind its reply")


@scenarios.add("watch")
def late_reply(trial: Trial) -> None:
    """Marker and newer events come before the reply to the snapshot: the client must have kept these events."""
    first = held_snapshot(trial)
    trial.bridge.tick(BID)
    told = trial.bridge.snapshot(first.params)
    trial.bridge.tick(BID)
    trial.bridge.tick(ASK)
    trial.flush()
    trial.rest(0.15)
    trial.reply(first, told)
    trial.held.remove("snapshot")
    trial.believes_truth(SOON, Duty.KEEP, "after a snapshot whose reply came behind newer events")


@scenarios.add("watch")
def lost_marker(trial: Trial) -> None:
    """The subscription reaches the bridge after the snapshot: an event between them is lost, and so is the marker."""
    trial.bridge.tick(BID)
    trial.bridge.tick(ASK)
    trial.reads_subscriptions = False
    watch(trial)
    first = trial.request("snapshot", 1, START, Duty.JOIN, "has not asked for a snapshot of what it follows")
    trial.bridge.tick(BID)
    trial.flush()
    trial.reads_subscriptions = True
    what = "takes a snapshot without a marker as true: it does not ask again"
    second = trial.request("snapshot", 2, SOON, Duty.MARKER, what)
    if second.ask.id == first.ask.id:
        raise Wrong(Duty.MARKER, "asks for the snapshot again under the id that was answered already")
    if second.params.get("nonce") != first.params.get("nonce"):
        raise Wrong(Duty.MARKER, "asks again with another nonce: that subscription may come too late again")
    trial.believes_truth(SOON, Duty.MARKER, "after a marker that was lost")


@scenarios.add("watch")
def hole_in_seq(trial: Trial) -> None:
    """An event is lost, and the next one on the topic shows the hole: a price stays wrong if nobody looks."""
    joined(trial)
    trial.bridge.tick(ASK)
    trial.lose()
    trial.bridge.tick(BID)
    trial.believes_truth(SOON, Duty.HOLE, "after a hole in seq")


@scenarios.add("watch")
def new_epoch(trial: Trial) -> None:
    """The bridge starts anew: numbers begin again below those known, and a value from before is there no more."""
    joined(trial)
    for _ in range(5):
        trial.bridge.tick(BID)
    trial.believes_truth(SOON, Duty.OLD, "after five more events")
    trial.restart()
    trial.bridge.tick(BID)
    trial.lose()
    trial.subscribed(f"{PREFIX}tickPrice")
    trial.bridge.tick(BID)
    trial.believes_truth(BACK, Duty.EPOCH, "after the bridge started anew")


@scenarios.add("watch")
def reconnected_socket(trial: Trial) -> None:
    """The socket of the events was away for a moment, in the same epoch: what was published then is lost."""
    joined(trial)
    trial.rest(_TWO_BEATS)
    with trial.events_closed():
        trial.bridge.tick(BID)
    trial.believes_truth(BACK, Duty.RECONNECTED, "after its socket was connected anew")


@scenarios.add("watch")
def lost_last_event(trial: Trial) -> None:
    """The last event on a topic is lost, and none follows that would show the hole: only the numbers do."""
    joined(trial, with_numbers=True)
    trial.bridge.tick(BID)
    trial.lose()
    trial.believes_truth(NOW_AND_THEN, Duty.NUMBERS, "after the last event on a topic was lost")


@scenarios.add("watch")
def floors(trial: Trial) -> None:
    """The first event on a new topic is lost, and the second is above the snapshot's floor by two: that is a hole."""
    trial.bridge.raise_floor()
    watch(trial)
    trial.subscribed(f"{PREFIX}tickPrice")
    trial.request("snapshot", 1, START, Duty.JOIN, "has not asked for a snapshot of what it follows")
    trial.rest(1.0)
    trial.bridge.tick(BID)
    trial.lose()
    trial.bridge.tick(ASK)
    trial.believes_truth(SOON, Duty.FLOOR, "after the first event on a new topic was lost")


@scenarios.add("watch")
def risen_floor(trial: Trial) -> None:
    """The bridge has forgotten the numbers of old topics: a loss among them would show nowhere else."""
    joined(trial, with_numbers=True)
    before = len(trial.requests_for("snapshot"))
    trial.bridge.raise_floor()
    what = "does not ask for a snapshot after a floor has risen"
    trial.request("snapshot", before + 1, NOW_AND_THEN, Duty.RISEN_FLOOR, what)
    trial.believes_truth(SOON, Duty.RISEN_FLOOR, "after a floor has risen")


@scenarios.add("watch")
def stale_values(trial: Trial) -> None:
    """Values are stale in the snapshot, then fresh, then stale again by an event: an old price is never current."""
    trial.bridge.tick(BID)
    trial.bridge.tick(ASK)
    trial.bridge.go_stale()
    watch(trial)
    trial.subscribed(f"{PREFIX}tickPrice")
    trial.request("snapshot", 1, START, Duty.JOIN, "has not asked for a snapshot of what it follows")
    trial.believes_truth(SOON, Duty.STALE, "after a snapshot with stale values")
    trial.bridge.be_fresh()
    trial.bridge.tick(BID)
    trial.bridge.tick(ASK)
    trial.believes_truth(SOON, Duty.FRESH, "after the stream said fresh, and told two prices")
    trial.bridge.go_stale()
    trial.believes_truth(SOON, Duty.STALE, "after the stream said stale")
    trial.bridge.tick(BID)
    trial.believes_truth(SOON, Duty.STALE, "after a price in the outage")
    trial.bridge.be_fresh()
    trial.believes_truth(SOON, Duty.FRESH, "after the stream said fresh, and told one of two prices before")


@scenarios.add("watch")
def hold_not_kept(trial: Trial) -> None:
    """The hold was not on the bridge's disk, and the bridge starts anew: the client must subscribe again."""
    trial.bridge.keeps_holds = False
    joined(trial)
    trial.restart()
    trial.subscribed(f"{PREFIX}tickPrice")
    trial.bridge.tick(BID)
    what = "does not subscribe again after the bridge started anew, though its hold was not kept"
    trial.request("reqMktData", 2, BACK, Duty.KEPT, what)


@scenarios.add("watch")
def lost_hold(trial: Trial) -> None:
    """Events are lost, and an `ended` may be among them: `status` says that the client does not hold the stream."""
    joined(trial)
    trial.bridge.is_held = False
    trial.bridge.tick(ASK)
    trial.lose()
    trial.bridge.tick(BID)
    what = "does not subscribe again to a stream that it lost unheard"
    trial.request("reqMktData", 2, BACK, Duty.HELD, what)
    trial.believes_truth(SOON, Duty.HOLE, "after a hole in seq")


@scenarios.add("watch")
def unknown_words(trial: Trial) -> None:
    """A newer bridge says more: an unknown event, topic, key of the envelope, field. None of them stops a client."""
    joined(trial)
    trial.bridge.publish(f"{PREFIX}tickTomorrow", {"reqId": 1, "shape": [1, {"deep": None}], "raw": b"\xff"})
    trial.bridge.publish(f"{PREFIX}more.tokens.tomorrow", {})
    trial.bridge.tick(BID, {"later": {"key": 1}}, fieldOfTomorrow=["x"])
    trial.bridge.tick(ASK)
    trial.believes_truth(SOON, Duty.UNKNOWN, "after words that it does not know")
    trial.bridge.tick(BID)
    trial.lose()
    trial.bridge.tick(ASK)
    trial.believes_truth(SOON, Duty.HOLE, "after a hole behind them")


@scenarios.add("watch")
def big_seq(trial: Trial) -> None:
    """seq passes 32 bits while the client follows, and a hole there is still a hole."""
    trial.bridge.prices.seq = 2**32 - 4
    joined(trial)
    for tick_type in (BID, ASK, BID, ASK):
        trial.bridge.tick(tick_type)
    trial.believes_truth(SOON, Duty.INTEGERS, "after seq has passed 32 bits")
    trial.bridge.tick(BID)
    trial.lose()
    trial.bridge.tick(ASK)
    trial.believes_truth(SOON, Duty.INTEGERS, "after a hole in numbers of more than 32 bits")


@scenarios.add("watch")
def lease(trial: Trial) -> None:
    """A quiet client that holds a stream must be heard, or the bridge releases the stream after its lease."""
    joined(trial)
    trial.rest(1.0)
    count, last = len(trial.received), trial.received[-1].at
    what = f"says nothing for {_SILENCE:g} s though it holds a stream"
    trial.wait(lambda: len(trial.received) > count, _SILENCE - (trial.now() - last), Duty.LEASE, what)
