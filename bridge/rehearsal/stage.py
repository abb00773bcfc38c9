"""Starts a simulated TWS and a bridge process, plays a scenario on them, and ends them."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import tempfile
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from bridge.client import AsyncBridgeClient
from bridge.rehearsal.client import NAME, RehearsalClient
from bridge.simulator import SimulatorSettings
from bridge.simulator.scenario.faulty import FaultySimulator
from bridge.simulator.scenario.parser import Scenario
from bridge.simulator.scenario.playing import ScenarioRun

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
subscribe_again = 3.0
"""
#: Seconds that a process has to start, and to end.
_PATIENCE = 20.0
#: Seconds without the end of a scenario after which it has failed.
_LONGEST = 120.0
#: Seconds between two questions of one kind to the bridge.
_PAUSE = 0.05
_LOG = "bridge.log"
#: Characters of the bridge's log that are shown.
_MOST_LOG = 3000


class Broken(Exception):
    """The rehearsal itself did not work."""


#: Arguments of `tws-bridge` and the file for its log -> the first line that it says, while it runs.
Launch = Callable[[list[str], Path], AbstractAsyncContextManager[str]]


async def rehearse(
    scenario: Scenario, settings: SimulatorSettings, tell: Callable[[str], None], launch: Launch | None = None
) -> bool:
    """Play it, and say each line as it is done; whether it has passed. `launch` starts the bridge. Raises Broken."""
    simulator = FaultySimulator(settings)
    with tempfile.TemporaryDirectory(prefix="tws-bridge-rehearsal-") as folder:
        host, port = await simulator.listen()
        try:
            bridge = _bridge(f"{host}:{port}", Path(folder), launch or process)
            return await _play(scenario, simulator, bridge, Path(folder) / _LOG, tell)
        finally:
            simulator.stop()
            await asyncio.sleep(0)


async def _play(
    scenario: Scenario, simulator: FaultySimulator, bridge: AbstractAsyncContextManager[tuple[str, str]], log: Path,
    tell: Callable[[str], None],
) -> bool:  # fmt: skip
    playing = ScenarioRun(scenario, simulator, tell, frozenset({"client", "heard", "known"}))
    playing.begin()
    async with bridge as (events, requests), AsyncBridgeClient(NAME, requests, events) as link:
        client = RehearsalClient(link, playing.take, tell)
        await client.begin()
        playing.open({"client": client.do})
        asking = asyncio.get_running_loop().create_task(_keep_asking(playing, client))
        try:
            await asyncio.wait_for(playing.over.wait(), _LONGEST)
        except TimeoutError:
            playing.stop()
        finally:
            asking.cancel()
            await asyncio.wait([asking])
            await client.end()
    logged = log.read_text(errors="replace")
    if "Traceback" in logged:
        raise Broken(f"the bridge has logged a fault of its own: {logged[-_MOST_LOG:]}")
    if playing.player.state != "passed":
        tell(logged[-_MOST_LOG:])
    return playing.player.state == "passed"


async def _keep_asking(playing: ScenarioRun, client: RehearsalClient) -> None:
    """Ask the bridge whatever a line expects it to answer."""
    while True:
        line = playing.player.asking
        if line is not None:
            playing.answered(line, *await client.knows(line.phrase))
        await asyncio.sleep(_PAUSE)


@contextlib.asynccontextmanager
async def _bridge(tws: str, folder: Path, launch: Launch) -> AsyncIterator[tuple[str, str]]:
    """A bridge: its endpoints for events and requests."""
    config = folder / "bridge.toml"
    config.write_text(TIMES, encoding="utf-8")
    arguments = [
        "run", "--tws", tws, "--client-id", "1", "--state", str(folder / "state"), "--config", str(config),
        "--events", f"ipc://{folder}/events", "--requests", f"ipc://{folder}/requests",
    ]  # fmt: skip
    async with launch(arguments, folder / _LOG) as line:
        words = line.split()
        if len(words) != 4:
            raise Broken(f"the bridge did not start: {(folder / _LOG).read_text(errors='replace')[-_MOST_LOG:]}")
        yield words[1], words[3]


@contextlib.asynccontextmanager
async def process(arguments: list[str], log: Path) -> AsyncIterator[str]:
    """`tws-bridge` as a process of its own."""
    with log.open("wb") as stderr:
        made = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bridge.cli", *arguments, stdout=PIPE, stderr=stderr
        )
    try:
        line = b"" if made.stdout is None else await asyncio.wait_for(made.stdout.readline(), _PATIENCE)
        yield line.decode()
    finally:
        await _end(made)


async def _end(made: Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        made.terminate()
    try:
        await asyncio.wait_for(made.wait(), _PATIENCE)
    except TimeoutError:
        made.kill()
        await made.wait()
