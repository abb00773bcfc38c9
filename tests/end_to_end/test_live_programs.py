"""The example programs of the Python client, while TWS restarts, the bridge is killed, and a program is killed."""

from __future__ import annotations

import contextlib
import csv
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bridge.simulator.shell.process import start, stop
from tests.chaos.world import Book, configured
from tests.end_to_end import processes
from tests.source_tree import ROOT
from tws_bridge_client import Fill, SqliteStore

EXAMPLES = ROOT / "clients" / "python" / "examples"
PATIENCE = 20.0
#: How long a program may be. Lines without code do not count.
MOST_LINES = {"recorder": 25, "mean_reversion": 60, "dashboard": 8}


class Program:
    """One example, run in `folder`. What it prints goes to a file."""

    def __init__(self, name: str, folder: Path, bridge: processes.Bridge) -> None:
        self.output = folder / f"{name}.out"
        places = {"TWS_BRIDGE_REQUESTS": bridge.requests, "TWS_BRIDGE_EVENTS": bridge.events}
        paths = os.pathsep.join(map(str, (ROOT, ROOT / "clients" / "python")))
        words = [sys.executable, "-m", "tests.project.pages.snippet", str(EXAMPLES / f"{name}.py")]
        with self.output.open("ab") as output:
            self.process = subprocess.Popen(
                words, cwd=folder, stdout=output, stderr=output, env={**os.environ, **places, "PYTHONPATH": paths}
            )

    def lines(self) -> list[str]:
        return self.output.read_text().splitlines()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


class World:
    """TWS with a book that outlives it, a bridge, and the three programs."""

    def __init__(self, folder: Path, exits: contextlib.ExitStack) -> None:
        self.folder = folder
        self._exits = exits
        self._flags = ("--ticks-per-second", "600", "--state", str(folder / "tws"))
        self.tws = start(*self._flags)
        self._exits.callback(lambda: stop(self.tws))
        self.bridge = self._new_bridge()
        self.programs = {name: self.run(name) for name in MOST_LINES}

    def _new_bridge(self, *places: str) -> processes.Bridge:
        words = ("--config", str(configured(self.folder)), *places)
        return self._exits.enter_context(processes.bridge(self.tws.address, self.folder, *words))

    def run(self, name: str) -> Program:
        program = Program(name, self.folder, self.bridge)
        self._exits.callback(program.kill)
        return program

    def restart_tws(self) -> None:
        self.tws.process.kill()
        self.tws.process.wait()
        self.tws = start(*self._flags, listen=self.tws.address)

    def kill_bridge(self) -> None:
        self.bridge.stop(signal.SIGKILL)
        self.bridge = self._new_bridge(*self.bridge.places)

    def kill_program(self, name: str) -> None:
        self.programs[name].kill()
        self.programs[name] = self.run(name)

    def until(self, condition, what: str) -> None:
        end = time.monotonic() + PATIENCE
        while not condition():
            told = "\n".join(f"{name}: {program.lines()[-5:]}" for name, program in self.programs.items())
            assert time.monotonic() < end, f"{what}\n{told}\n{self.bridge.log.read_text()[-2000:]}"
            assert all(program.process.poll() is None for program in self.programs.values()), told
            time.sleep(0.05)

    def until_nothing_is_on_its_way(self) -> None:
        """Cancel what is left of the round: after that nothing is executed any more."""
        with self.bridge.client("reversion") as client:
            client.cancel_mine()
            for key in client.open_orders():
                assert client.order(key).wait(PATIENCE), key

    # What the programs have done

    def stored_fills(self) -> list[Fill]:
        """The fills in the store of the strategy, after its log was read to the end."""
        path = self.folder / "reversion.db"
        with self.bridge.client("reversion") as client, SqliteStore(path) as store, client.fill_log(store) as log:
            while log.poll(3.0) is not None:
                pass
            return store.fills()

    def ticks(self) -> list[list[str]]:
        """The rows of the recorder."""
        with (self.folder / "ticks.csv").open(newline="") as file:
            return list(csv.reader(file))

    def goes_on(self, what: str) -> None:
        """Each program goes on: new prices of both stocks, a new fill, and a new line of the dashboard."""
        rows, shown = len(self.ticks()), len(self.programs["dashboard"].lines())
        fills = len(self.programs["mean_reversion"].lines())
        both = {"market.265598.tickPrice", "market.272093.tickPrice"}
        self.until(
            lambda: both <= {row[1] for row in self.ticks()[rows + 1 :] if row[0] == "live"}, f"{what}: no new prices"
        )
        self.until(lambda: len(self.programs["mean_reversion"].lines()) > fills, f"{what}: no new fill")
        self.until(lambda: len(self.programs["dashboard"].lines()) > shown + 1, f"{what}: no new line")


@pytest.mark.parametrize("name", sorted(MOST_LINES))
def test_a_program_is_short(name):
    lines = [line.strip() for line in (EXAMPLES / f"{name}.py").read_text().splitlines()]
    assert 0 < len([line for line in lines if line and not line.startswith("#")]) <= MOST_LINES[name]


def test_the_programs_go_on_over_restarts_of_tws_bridge_and_program_and_no_order_or_fill_is_doubled(tmp_path):
    with contextlib.ExitStack() as exits:
        world = World(tmp_path, exits)
        world.until((tmp_path / "ticks.csv").exists, "the recorder has not begun")
        world.until(world.programs["mean_reversion"].lines, "no round has begun")
        world.goes_on("start")
        world.restart_tws()
        world.goes_on("TWS has restarted")
        world.kill_bridge()
        world.goes_on("the bridge was killed")
        world.kill_program("mean_reversion")
        world.goes_on("the program was killed")
        world.programs.pop("mean_reversion").kill()
        world.until_nothing_is_on_its_way()
        with Book(world.tws.address) as book:
            keys = [order["orderRef"].split("#tb:")[-1].split(":")[2] for order in book.orders().values()]
            executions = sorted(book.executions())
        assert len(keys) == len(set(keys)) >= 6, "an order is doubled"
        assert {key.partition("-")[2].partition("-")[2] for key in keys} == {"", "profit", "stop"}
        assert sorted(fill.exec_id for fill in world.stored_fills()) == executions
        assert {"gap", "recovered", "live"} <= {row[0] for row in world.ticks()}
        _the_dashboard_is_right(world)


def _the_dashboard_is_right(world: World) -> None:
    """It shows the position that a new client is told."""

    def shown() -> list[str]:
        lines = world.programs["dashboard"].lines()
        last = max(number for number, line in enumerate(lines) if not line.startswith("AAPL"))
        before = max(number for number, line in enumerate(lines[:last]) if not line.startswith("AAPL"))
        return [line.split()[1] for line in lines[before:last] if line.startswith("AAPL")]

    with world.bridge.client("auditor") as client:
        positions = client.positions()

        def told() -> list[str]:
            client.sleep(0.05)
            return [str(item.position) for item in positions]

        world.until(lambda: shown() == told(), "the dashboard shows another position")
        assert not positions.stale
