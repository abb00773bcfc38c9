"""The TypeScript client against a real bridge: what it does, and what it does when the bridge has lost its streams."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bridge.simulator.shell.process import Running, simulator_process
from tests.clients.test_examples import TYPESCRIPT, node, typescript
from tests.end_to_end import processes

AAPL = {"contract": {"conId": 265598, "exchange": "SMART"}}


def environment(running: processes.Bridge, name: str) -> dict[str, str]:
    places = {"TWS_BRIDGE_REQUESTS": running.requests, "TWS_BRIDGE_EVENTS": running.events}
    return {**os.environ, **places, "TWS_BRIDGE_CLIENT": name}


def test_it_does_what_its_readme_says(tmp_path: Path) -> None:
    script = TYPESCRIPT / "dist" / "tests" / "bridge.live.js"
    with simulator_process(ticks_per_second=3000) as flood, processes.bridge(flood.address, tmp_path) as running:
        done = subprocess.run(
            [node(), str(script)], env=environment(running, "live"), capture_output=True, text=True,
            timeout=60, check=False,
        )  # fmt: skip
    assert done.returncode == 0, done.stdout


def lines_until(process: subprocess.Popen[str], is_last: Callable[[dict[str, Any]], bool]) -> list[dict[str, Any]]:
    assert process.stdout is not None
    found = []
    for line in process.stdout:
        found.append(json.loads(line))
        if is_last(found[-1]):
            return found
    raise AssertionError(f"it has ended: {found[-5:]}")


def test_it_asks_again_for_a_stream_that_the_bridge_has_lost(simulator: Running, tmp_path: Path) -> None:
    """The bridge is killed and its disk is lost: it knows nothing of the hold when it starts again."""
    words = [*typescript("conform"), "watch", json.dumps(AAPL)]
    with processes.bridge(simulator.address, tmp_path) as first:
        watcher = subprocess.Popen(words, env=environment(first, "watcher"), stdout=subprocess.PIPE, text=True)
        try:
            lines_until(watcher, lambda line: "quote" in line)
            first.stop(signal.SIGKILL)
            shutil.rmtree(tmp_path / "state")
            with processes.bridge(simulator.address, tmp_path, *first.places):
                assert lines_until(watcher, lambda line: "forget" in line)[-1] == {"forget": "market.265598."}
                quote = lines_until(watcher, lambda line: "quote" in line and not line["quote"]["stale"])[-1]
                assert quote["quote"]["topic"] == "market.265598.tickPrice"
        finally:
            watcher.kill()
            watcher.communicate()
