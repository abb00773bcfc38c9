"""A strategy in TypeScript places 60 orders. It is killed six times and the bridge three times: nothing is doubled."""

from __future__ import annotations

import contextlib
import json
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bridge.simulator import simulator_process
from tests.chaos.world import Book, configured
from tests.clients.test_examples import typescript
from tests.end_to_end import processes

ORDERS = 60
#: Who is killed when so many executions are counted.
KILLS = ((6, "client"), (12, "bridge"), (16, "client"), (24, "client"), (30, "bridge"), (34, "client"),
         (42, "client"), (48, "bridge"), (52, "client"))  # fmt: skip
PATIENCE = 50.0


class Strategy:
    """The program, and what it remembers."""

    def __init__(self, folder: Path, running: processes.Bridge) -> None:
        self._folder = folder
        self._words = [*typescript("strategy"), "alice", running.requests, running.events, str(folder), str(ORDERS)]
        self.start()

    def start(self) -> None:
        self._process = subprocess.Popen(self._words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def kill(self) -> None:
        self._process.kill()
        self._process.communicate()

    def memory(self) -> dict[str, Any]:
        file = self._folder / "memory.json"
        return json.loads(file.read_text()) if file.exists() else {"executions": [], "gaps": 0}

    def wait_for(self, count: int, end: float) -> None:
        """Until it has counted so many executions."""
        while len(self.memory()["executions"]) < count:
            assert self._process.poll() is None, self._process.communicate()
            assert time.monotonic() < end, self.memory()
            time.sleep(0.01)

    def wait(self, end: float) -> str:
        printed, complaints = self._process.communicate(timeout=max(0.1, end - time.monotonic()))
        assert self._process.returncode == 0, complaints
        assert complaints == ""
        return printed


@contextlib.contextmanager
def running_strategy(folder: Path, running: processes.Bridge) -> Iterator[Strategy]:
    strategy = Strategy(folder, running)
    try:
        yield strategy
    finally:
        strategy.kill()


def keys_of(book: Book) -> list[str]:
    """The key of each order that TWS has taken for the strategy."""
    references = [order.get("orderRef", "") for order in book.orders().values()]
    return [found[1] for text in references if (found := re.search(r":alice:([^:]+):", text))]


def test_each_order_is_placed_once_and_each_execution_counted_once(tmp_path: Path) -> None:
    end = time.monotonic() + PATIENCE
    config = ("--config", str(configured(tmp_path)))
    with simulator_process(ticks_per_second=400) as simulator, Book(simulator.address) as book:
        with contextlib.ExitStack() as bridges:
            first = running = bridges.enter_context(processes.bridge(simulator.address, tmp_path, *config))
            strategy = bridges.enter_context(running_strategy(tmp_path, first))
            for count, victim in KILLS:
                strategy.wait_for(count, end)
                if victim == "client":
                    strategy.kill()
                    strategy.start()
                else:
                    running.stop(signal.SIGKILL)
                    again = processes.bridge(simulator.address, tmp_path, *config, *first.places)
                    running = bridges.enter_context(again)
            assert '"done"' in strategy.wait(end)
            memory = strategy.memory()
        assert sorted(keys_of(book)) == sorted(f"order-{number}" for number in range(1, ORDERS + 1))
        assert sorted(memory["executions"]) == sorted(book.executions())
    assert len(memory["executions"]) >= ORDERS
    assert memory["gaps"] == 0
