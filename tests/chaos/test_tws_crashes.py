"""TWS killed at every step of placing, changing and cancelling, with all it knew: no order twice, none forgotten.

The simulator comes back on the same port with an empty book, so what it had taken is gone there; the bridge must find
that out, say so, and send nothing again by itself. What had not left is placed under the same key when its client asks
again.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from bridge.simulator.process import start, stop
from tests.chaos.mortal import CANCEL_STEPS, STEPS
from tests.chaos.world import AAPL, FAR, Book, attempt, bridge, insist_on_order

#: Steps at which the order's bytes cannot have been read by TWS.
NOT_LEFT = ("before-ledger", "after-ledger", "before-bytes")
ORDER = {"orderKey": "k", "contract": AAPL, "order": FAR}


class Mortal:
    """A simulator, killed by the bridge at a step and begun anew on its port."""

    def __init__(self) -> None:
        self.running = start("--ticks-per-second", "10")

    def return_from_death(self) -> None:
        self.running.process.wait(30)
        self.running = start("--ticks-per-second", "10", listen=self.running.address)

    def count(self) -> int:
        with Book(self.running.address) as book:
            return len(book.of("alice", "k"))


@contextmanager
def mortal_tws() -> Iterator[Mortal]:
    tws = Mortal()
    try:
        yield tws
    finally:
        stop(tws.running)


def settled(client, states):
    """What the key stands for, once it is one of these."""
    deadline = time.monotonic() + 25
    while (told := attempt(client, "placeOrder", ORDER)).get("state") not in states:
        assert time.monotonic() < deadline, told
        time.sleep(0.2)
    return told["state"]


@pytest.mark.parametrize("step", STEPS)
def test_a_tws_killed_while_an_order_is_placed_never_gets_it_twice(tmp_path, step):
    with mortal_tws() as tws:
        place = ("place", f"{step}@{tws.running.process.pid}")
        with bridge(tws.running.address, tmp_path, *place) as running, running.client("alice") as client:
            client.send("placeOrder", ORDER, 10.0)
            while tws.running.process.poll() is None:
                client.pump(time.monotonic() + 0.05)
            tws.return_from_death()
            # What TWS had acknowledged stays so until the bridge has looked for it at the new one.
            state = settled(client, ("acknowledged", "notFound") if step in NOT_LEFT else ("notFound",))
            assert tws.count() == (1 if state == "acknowledged" else 0)
            assert insist_on_order(client, "other")["state"] == "acknowledged"


@pytest.mark.parametrize(
    ("phase", "step"), [("modify", step) for step in STEPS] + [("cancel", step) for step in CANCEL_STEPS]
)
def test_a_tws_killed_while_an_order_is_changed_or_cancelled_gets_no_second_one(tmp_path, phase, step):
    wishes = {
        "modify": ("modifyOrder", {"orderKey": "k", "revision": 1, "order": {**FAR, "lmtPrice": 2.0}}),
        "cancel": ("cancelOrder", {"orderKey": "k"}),
    }
    with mortal_tws() as tws:
        deadly = (phase, f"{step}@{tws.running.process.pid}")
        with bridge(tws.running.address, tmp_path, *deadly) as running, running.client("alice") as client:
            insist_on_order(client, "k")
            client.send(*wishes[phase], 10.0)
            while tws.running.process.poll() is None:
                client.pump(time.monotonic() + 0.05)
            tws.return_from_death()
            settled(client, ("notFound",))
            assert tws.count() == 0
