"""Starts the processes of the demo, shows their reports, ends them, and checks the results."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import tempfile
from asyncio.subprocess import PIPE, Process
from pathlib import Path

from bridge.demo.roles import QUANTITY
from bridge.demo.table import Seen, Table

#: Seconds: the length of the demo, and how long each process may take to start and to end.
PLAY = 6.0
PATIENCE = 20.0
_FEWEST_EVENTS = 20


class DemoFailed(Exception):
    """The demo did not do what it should; the text says what."""


def run() -> int:
    """Run the demo. Returns 0 if it succeeded; 1, with the reason on stderr, if not."""
    try:
        with tempfile.TemporaryDirectory(prefix="tws-bridge-demo-") as folder:
            asyncio.run(_Stage(Path(folder)).play())
    except DemoFailed as broken:
        print(f"tws-bridge: demo: {broken}", file=sys.stderr)
        return 1
    return 0


class _Stage:
    """The processes of one run of the demo."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._processes: dict[str, Process] = {}
        self._subscribers = [Seen("reader-1"), Seen("reader-2")]
        self._trader = Seen("trader")
        self._listening: set[asyncio.Task[None]] = set()

    async def play(self) -> None:
        """Run the demo. Raises Broken if it fails."""
        try:
            await self._set_up()
            table = Table()
            loop = asyncio.get_running_loop()
            end, latest = loop.time() + PLAY, loop.time() + PATIENCE
            while loop.time() < end or (not self._is_complete() and loop.time() < latest):
                await asyncio.sleep(table.pause)
                table.show(self._subscribers, self._trader)
                self._check_alive()
        finally:
            await self._take_down()
        self._judge()

    # Before and after

    async def _set_up(self) -> None:
        sim = await self._start("simulator", "bridge.cli", "simulate", "--listen", "127.0.0.1:0", "--seed", "7")
        address = (await _first_line("simulator", sim)).removeprefix("listening on ")
        print(f"simulated TWS on {address}")
        bridge = await self._start(
            "bridge", "bridge.cli", "run", "--tws", address, "--client-id", "1", "--state", str(self._folder / "state"),
            "--events", f"ipc://{self._folder}/events", "--requests", f"ipc://{self._folder}/requests",
        )  # fmt: skip
        _, events, _, requests = (await _first_line("bridge", bridge)).split()
        print(f"bridge: events on {events}, requests on {requests}")
        for seen in (*self._subscribers, self._trader):
            role = "trader" if seen is self._trader else "subscriber"
            process = await self._start(seen.name, "bridge.demo", role, seen.name, events, requests)
            task = asyncio.create_task(_listen(process, seen))
            self._listening.add(task)

    async def _start(self, name: str, module: str, *arguments: str) -> Process:
        """Start a process. Its log goes to a file, which is shown if the process fails."""
        with (self._folder / f"{name}.log").open("wb") as log:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", module, *arguments, stdout=PIPE, stderr=log, limit=1 << 22
            )
        self._processes[name] = process
        return process

    async def _take_down(self) -> None:
        """End all processes, clients first. Kill a process that does not end, and report it."""
        stuck = []
        for name, process in reversed(self._processes.items()):
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            try:
                await asyncio.wait_for(process.wait(), PATIENCE)
            except TimeoutError:
                process.kill()
                stuck.append(name)
        if self._listening:
            await asyncio.wait(self._listening, timeout=PATIENCE)
        if stuck:
            raise DemoFailed(f"{', '.join(stuck)} did not end on SIGTERM")

    # Checks

    def _check_alive(self) -> None:
        for name, process in self._processes.items():
            if process.returncode is not None:
                log = (self._folder / f"{name}.log").read_text(errors="replace")[-2000:]
                raise DemoFailed(f"{name} ended with exit code {process.returncode}: {log}")

    def _is_complete(self) -> bool:
        return bool(self._trader.answered) and self._trader.status == "Filled"

    def _judge(self) -> None:
        """Check the results. Raises Broken with the first failure."""
        one, two = self._subscribers
        for seen in self._subscribers:
            if seen.live < _FEWEST_EVENTS:
                raise DemoFailed(f"{seen.name} saw {seen.live} live events")
            if seen.gaps:
                raise DemoFailed(f"{seen.name} lost events {seen.gaps} times")
        both = one.ticks.keys() & two.ticks.keys()
        if not both or any(one.ticks[key] != two.ticks[key] for key in both):
            raise DemoFailed("the two subscribers did not see the same ticks")
        if not self._trader.answered:
            raise DemoFailed("the request was not answered")
        if self._trader.status != "Filled" or self._trader.filled != str(QUANTITY):
            raise DemoFailed(f"the order was not filled: {self._trader.status or 'no status'}, {self._trader.filled}")
        for name, process in self._processes.items():
            if process.returncode != 0:
                raise DemoFailed(f"{name} ended with exit code {process.returncode}")
        print(
            f"done: {one.name} and {two.name} saw {one.live} and {two.live} events without a gap, "
            f"the same {len(both)} price ticks in both; request answered: {self._trader.answered}; "
            f"order filled: {self._trader.filled} AAPL"
        )


async def _first_line(name: str, process: Process) -> str:
    assert process.stdout is not None
    try:
        line = await asyncio.wait_for(process.stdout.readline(), PATIENCE)
    except TimeoutError:
        raise DemoFailed(f"{name} did not start") from None
    if not line:
        raise DemoFailed(f"{name} did not start: exit code {await process.wait()}")
    return line.decode().strip()


async def _listen(process: Process, seen: Seen) -> None:
    """Read the reports of a client process until it ends."""
    assert process.stdout is not None
    async for line in process.stdout:
        report = json.loads(line)
        seen.live, seen.gaps = report.get("live", seen.live), report.get("gaps", seen.gaps)
        seen.quotes = report.get("quotes", seen.quotes)
        seen.ticks |= report.get("seen", {})
        seen.status, seen.filled = report.get("status", seen.status), report.get("filled", seen.filled)
        if "answered" in report:
            seen.answered = report["answered"]
            seen.lines.append(f"request answered: {seen.answered}")
        if "order" in report:
            seen.lines.append(report["order"])
