"""Starts a simulated TWS and a bridge process, plays a scenario on them, and ends them."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import tempfile
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from bridge.client import AsyncBridgeClient
from bridge.rehearsal.client import NAME, RehearsalClient
from bridge.simulator import SimulatorSettings
from bridge.simulator.scenario.faulty import FaultySimulator
from bridge.simulator.scenario.parser import Scenario
from bridge.simulator.scenario.playing import Playing

#: The bridge's times in a rehearsal, so that nobody waits for a minute.
TIMES = """
settle_pause = 0.5
first_backoff = 0.1
longest_backoff = 0.3
handshake_timeout = 1.0
start_timeout = 1.0
quiet = 1.0
silence = 2.0
frame_timeout = 2.0
subscribe_grace = 0.3
subscribe_retry = 1.0
subscribe_verify = 1.0
"""
#: Seconds that a process has to start, and to end.
_PATIENCE = 20.0
#: Seconds without the end of a scenario after which it has failed.
_LONGEST = 120.0
#: Seconds between two questions of one kind to the bridge.
_PAUSE = 0.05


class Broken(Exception):
    """The rehearsal itself did not work."""


async def rehearse(scenario: Scenario, settings: SimulatorSettings, tell: Callable[[str], None]) -> bool:
    """Play it, and say each line as it is done; whether it has passed. Raises Broken."""
    simulator = FaultySimulator(settings)
    with tempfile.TemporaryDirectory(prefix="tws-bridge-rehearsal-") as folder:
        host, port = await simulator.listen()
        try:
            return await _play(scenario, simulator, f"{host}:{port}", Path(folder), tell)
        finally:
            simulator.stop()
            await asyncio.sleep(0)


async def _play(
    scenario: Scenario, simulator: FaultySimulator, tws: str, folder: Path, tell: Callable[[str], None]
) -> bool:
    players: list[RehearsalClient] = []
    does = {"client": lambda phrase: players[0].do(phrase)}
    playing = Playing(scenario, simulator, tell, does, frozenset({"heard", "known"}))
    playing.begin()
    async with _bridge(tws, folder) as (events, requests), AsyncBridgeClient(NAME, requests, events) as link:
        client = RehearsalClient(link, playing.take, tell)
        players.append(client)
        await client.begin()
        playing.open()
        asking = asyncio.get_running_loop().create_task(_keep_asking(playing, client))
        try:
            await asyncio.wait_for(playing.over.wait(), _LONGEST)
        except TimeoutError:
            playing.stop()
        finally:
            asking.cancel()
            await asyncio.wait([asking])
            await client.end()
    if playing.player.state != "passed":
        tell((folder / "bridge.log").read_text(errors="replace")[-3000:])
    elif (log := (folder / "bridge.log").read_text(errors="replace")).find("Traceback") >= 0:
        raise Broken(f"the bridge has logged a fault of its own: {log[-3000:]}")
    return playing.player.state == "passed"


async def _keep_asking(playing: Playing, client: RehearsalClient) -> None:
    """Whenever a line wants something to be known, ask the bridge for it."""
    while True:
        line = playing.player.asking
        if line is not None:
            playing.answered(line, *await client.knows(line.phrase))
        await asyncio.sleep(_PAUSE)


@contextlib.asynccontextmanager
async def _bridge(tws: str, folder: Path) -> AsyncIterator[tuple[str, str]]:
    """A bridge process: its endpoints for events and requests."""
    config = folder / "bridge.toml"
    config.write_text(TIMES, encoding="utf-8")
    with (folder / "bridge.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bridge.cli", "run", "--tws", tws, "--client-id", "1", "--state", str(folder / "state"),
            "--config", str(config), "--events", f"ipc://{folder}/events", "--requests", f"ipc://{folder}/requests",
            stdout=PIPE, stderr=log,
        )  # fmt: skip
    try:
        yield await _endpoints(process, folder / "bridge.log")
    finally:
        await _end(process)


async def _endpoints(process: Process, log: Path) -> tuple[str, str]:
    if process.stdout is None:
        raise Broken("the bridge has no output")
    words = (await asyncio.wait_for(process.stdout.readline(), _PATIENCE)).decode().split()
    if len(words) != 4:
        raise Broken(f"the bridge did not start: {log.read_text(errors='replace')[-3000:]}")
    return words[1], words[3]


async def _end(process: Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), _PATIENCE)
    except TimeoutError:
        process.kill()
        await process.wait()
