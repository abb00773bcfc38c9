"""A strategy in any language that is killed while it trades, and so is its bridge: each execution counts once.

The strategy buys 10 shares under each of the keys k1, k2, ... and keeps all that it knows in one file, which it
replaces as a whole: `next`, the number of the first key whose order it does not know yet; `executions`, the execId of
each execution that it has counted, in a list; `gaps`, how often its order log was lost.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tests.chaos.world import AAPL, Book, configured
from tests.end_to_end import processes

PATIENCE = 60.0


class Strategy:
    """The strategy as a process that is started anew after each kill. `file` is what it keeps."""

    def __init__(self, command: Sequence[str | Path], file: Path) -> None:
        self._command = command
        self._file = file
        self._process: subprocess.Popen[bytes] | None = None
        self.kills = 0

    def start(self, running: processes.Bridge) -> None:
        places = {"REQUESTS": running.requests, "EVENTS": running.events, "CLIENT_STATE": str(self._file.parent)}
        environment = {f"TWS_BRIDGE_{name}": place for name, place in {"CLIENT": "alice", **places}.items()}
        self._process = subprocess.Popen(
            self._command, env={**os.environ, **environment}, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )

    def kill(self) -> None:
        """SIGKILL. It must have lived until now: what it printed as an error says why it did not."""
        process, self._process = self._process, None
        assert process is not None and process.stderr is not None
        process.send_signal(signal.SIGKILL)
        code = process.wait()
        errors = process.stderr.read().decode()
        process.stderr.close()
        self.kills += 1
        assert code == -signal.SIGKILL, f"the strategy ended by itself: {errors}"

    def stored(self) -> dict[str, Any]:
        """What it keeps; the beginning while it has kept nothing."""
        with contextlib.suppress(FileNotFoundError):
            found: dict[str, Any] = json.loads(self._file.read_text(encoding="utf-8"))
            return found
        return {"next": 1, "executions": [], "gaps": 0}

    def close(self) -> None:
        if self._process is not None:
            self.kill()


def wait_for(what: str, is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < end, f"it never came to this: {what}"
        time.sleep(0.02)


def trade_and_die(
    strategy: Strategy, tws: str, folder: Path, *, orders: int, client_kills: int, bridge_kills: int, seed: int
) -> list[str]:
    """Let it trade; kill it and the bridge while it does, spread over the orders. Returns all executions there are."""
    dice = random.Random(seed)
    victims = ["client"] * client_kills + ["bridge"] * bridge_kills
    dice.shuffle(victims)
    marks = [1 + (number + 1) * orders // (len(victims) + 1) for number in range(len(victims))]
    config = ("--config", str(configured(folder)))
    with contextlib.ExitStack() as stack, Book(tws) as book:
        running = stack.enter_context(processes.bridge(tws, folder, *config))
        places = running.places
        with running.client("feeder") as client:
            client.request("reqMktData", {"contract": AAPL}, 15.0)
        strategy.start(running)
        stack.callback(strategy.close)
        for victim, mark in zip(victims, marks, strict=True):
            wait_for(f"order {mark}", lambda mark=mark: strategy.stored()["next"] >= mark)
            time.sleep(dice.uniform(0.0, 0.05))
            if victim == "client":
                strategy.kill()
                strategy.start(running)
            else:
                running.stop(signal.SIGKILL)
                running = stack.enter_context(processes.bridge(tws, folder, *places, *config))
        keys = [f"k{number}" for number in range(1, orders + 1)]
        wait_for("all orders are known", lambda: strategy.stored()["next"] > orders)
        wait_for("all orders are filled", lambda: all_filled(book, len(keys)))
        executions = book.executions()
        wait_for("all executions are counted", lambda: len(strategy.stored()["executions"]) >= len(executions))
        time.sleep(0.5)  # for one that is counted twice
        placed = Counter(key for order in book.orders().values() if (key := key_of(order)))
        assert placed == Counter(keys), "an order was placed twice, or not at all"
    return sorted(executions)


def key_of(order: dict[str, Any]) -> str:
    parts = str(order.get("orderRef", "")).split(":")
    return parts[parts.index("alice") + 1] if "alice" in parts else ""


def all_filled(book: Book, count: int) -> bool:
    ours = [order for order in book.orders().values() if key_of(order)]
    return len(ours) >= count and all(order["status"] == "Filled" for order in ours)
