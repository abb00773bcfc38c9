"""TWS killed at every step of placing, changing and cancelling, and begun anew on its port: one order for each key.

What was transmitted lives on at IBKR, as at the simulator that keeps its book; what was on its way is gone, or lives on
unseen. In the last tests all is gone that TWS knew, or it counts its order ids from the beginning again: nothing is
sent a second time, and no number is used twice.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from bridge.simulator.shell.process import start, stop
from tests.chaos.mortal import CANCEL_STEPS, STEPS
from tests.chaos.world import (
    AAPL,
    FAR,
    Book,
    attempt,
    bridge,
    insist_on_cancel,
    insist_on_change,
    insist_on_order,
)
from tws_bridge_client import BridgeClient

ORDER = {"orderKey": "k", "contract": AAPL, "order": FAR}
WISHES: dict[str, tuple[str, dict[str, Any]]] = {
    "place": ("placeOrder", ORDER),
    "modify": ("modifyOrder", {"orderKey": "k", "revision": 1, "order": {**FAR, "lmtPrice": 2.0}}),
    "cancel": ("cancelOrder", {"orderKey": "k"}),
}


class Mortal:
    """A simulator, killed by the bridge at a step and begun anew on its port; `kept`: with its book."""

    def __init__(self, kept: Path | None = None) -> None:
        self._flags = ["--ticks-per-second", "10"] + ([] if kept is None else ["--state", str(kept)])
        self.running = start(*self._flags)

    @property
    def pid(self) -> int:
        return self.running.process.pid

    def return_from_death(self, *flags: str) -> None:
        self.running.process.wait(30)
        self.running = start(*self._flags, *flags, listen=self.running.address)

    def book(self) -> list[dict[str, Any]]:
        """What it has of the order."""
        with Book(self.running.address) as book:
            return book.of("alice", "k")


@contextmanager
def mortal_tws(kept: Path | None = None) -> Iterator[Mortal]:
    tws = Mortal(kept)
    try:
        yield tws
    finally:
        stop(tws.running)


@contextmanager
def struck(tws: Mortal, folder: Path, phase: str, step: str, *flags: str) -> Iterator[BridgeClient]:
    """A client whose wish has cost TWS its life at that step; TWS is back."""
    with bridge(tws.running.address, folder, phase, f"{step}@{tws.pid}") as running, running.client("alice") as client:
        if phase != "place":
            insist_on_order(client, "k")
        client.send(*WISHES[phase], 10.0)
        deadline = time.monotonic() + 30
        while tws.running.process.poll() is None:
            assert time.monotonic() < deadline, running.log.read_text()
            client.pump(time.monotonic() + 0.05)
        tws.return_from_death(*flags)
        yield client


@pytest.mark.parametrize("step", STEPS)
def test_an_order_is_placed_once(tmp_path, step):
    with mortal_tws(tmp_path / "kept") as tws, struck(tws, tmp_path, "place", step) as client:
        assert insist_on_order(client, "k")["state"] == "acknowledged"
        assert len(tws.book()) == 1


@pytest.mark.parametrize("step", STEPS)
def test_an_order_is_changed_and_stays_one(tmp_path, step):
    with mortal_tws(tmp_path / "kept") as tws, struck(tws, tmp_path, "modify", step) as client:
        insist_on_change(client, "k", 2.0)
        (order,) = tws.book()
        assert order["lmtPrice"] == 2.0


@pytest.mark.parametrize("step", CANCEL_STEPS)
def test_an_order_is_cancelled_and_not_placed_again(tmp_path, step):
    with mortal_tws(tmp_path / "kept") as tws, struck(tws, tmp_path, "cancel", step) as client:
        insist_on_cancel(client, "k")
        (order,) = tws.book()
        assert order["status"] == "Cancelled"


def settled(client, states):
    """What the key stands for, once it is one of these."""
    deadline = time.monotonic() + 25
    while (told := attempt(client, "placeOrder", ORDER)).get("state") not in states:
        assert time.monotonic() < deadline, told
        time.sleep(0.2)
    return told["state"]


@pytest.mark.parametrize(
    ("phase", "step"), [("place", "before-bytes"), ("place", "after-bytes"), ("modify", "after-word")]
)
def test_a_tws_that_has_lost_all_gets_nothing_a_second_time(tmp_path, phase, step):
    with mortal_tws() as tws, struck(tws, tmp_path, phase, step) as client:
        # What had not left is placed when its client asks again, under its key. What had is looked for, and not found;
        # where TWS had spoken of it that proves nothing.
        states = {
            "before-bytes": ("acknowledged", "notFound"),
            "after-bytes": ("notFound",),
            "after-word": ("unknown",),
        }
        state = settled(client, states[step])
        assert len(tws.book()) == (1 if state == "acknowledged" else 0)
        assert insist_on_order(client, "other")["state"] == "acknowledged"


def test_order_ids_that_begin_anew_are_not_used_again(tmp_path):
    with (
        mortal_tws(tmp_path / "kept") as tws,
        struck(tws, tmp_path, "cancel", "before-bytes", "--forget-ids") as client,
    ):
        first = insist_on_order(client, "k")
        second = insist_on_order(client, "other")
        assert second["orderId"] > first["orderId"]
        insist_on_change(client, "k", 2.0)
        (order,) = tws.book()
        assert order["lmtPrice"] == 2.0
        with Book(tws.running.address) as book:
            assert [order["lmtPrice"] for order in book.of("alice", "other")] == [FAR["lmtPrice"]]
