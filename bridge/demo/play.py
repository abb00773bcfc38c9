"""Runs the steps of the demo, one after the other, and says which one failed."""

from __future__ import annotations

import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bridge.demo.claim import DemoFailed
from bridge.demo.screen import Screen
from bridge.demo.stage import MOST, Stage
from bridge.demo.steps import STEPS, Step
from tws_bridge_client import BridgeError

#: Seconds that each step takes at least, so that a person can read it.
READING = 3.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What one run of the demo does.

    `steps` are the claims. Each step takes at least `pace` seconds. With `stay` the bridge and TWS run on after the
    last step, until a signal ends it. `most` is the largest quantity of one order that the client `desk` may place.
    """

    steps: Sequence[Step] = STEPS
    pace: float = 0.0
    stay: bool = False
    most: int = MOST


def run(plan: Plan) -> int:
    """Run the demo. Returns 0 if each claim came true; 1, with the first one that did not on stderr."""
    _end_on_signals()
    screen = Screen()
    begun = time.monotonic()
    screen.begin("A simulated TWS, one bridge, and programs that share it. Each claim is shown and checked.")
    try:
        with tempfile.TemporaryDirectory(prefix="tws-bridge-demo-") as folder:
            _play(plan, Path(folder), screen)
    except DemoFailed as failed:
        print(f"tws-bridge: demo: {failed}", file=sys.stderr)
        return 1
    screen.end(f"{len(plan.steps)} of {len(plan.steps)} claims came true, in {time.monotonic() - begun:.0f} s")
    return 0


def _end_on_signals() -> None:
    """Make each signal that asks the demo to end a KeyboardInterrupt.

    Also if the parent process ignores SIGINT, as shells do for `tws-bridge demo &`. But `nohup` keeps the demo running
    when its terminal ends.
    """
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler)


def _play(plan: Plan, folder: Path, screen: Screen) -> None:
    stage = Stage(folder)
    try:
        stage.begin(plan.most)
        for number, step in enumerate(plan.steps, 1):
            begun = time.monotonic()
            screen.caption(number, len(plan.steps), step.caption)
            _prove(number, step, stage, screen)
            time.sleep(max(0.0, begun + plan.pace - time.monotonic()))
        if plan.stay:
            _wait(stage, screen)
    except BaseException:
        stage.abandon()
        raise
    stage.close()


def _prove(number: int, step: Step, stage: Stage, screen: Screen) -> None:
    """Run one step. Whatever goes wrong in it, its claim has not come true."""
    try:
        screen.result(step.prove(stage, screen))
    except (DemoFailed, BridgeError, OSError) as failed:
        screen.failure(str(failed))
        raise DemoFailed(f"step {number}, {step.caption!r}: {failed}") from failed


def _wait(stage: Stage, screen: Screen) -> None:
    """Let a person look around, until Ctrl-C or another signal that ends the demo."""
    screen.text(f"\nUntil Ctrl-C the bridge takes requests on {stage.requests}\nand publishes events on {stage.events}")
    try:
        signal.pause()
    except KeyboardInterrupt:
        return
