"""Starts a simulated TWS and a bridge process, runs a scenario with them, and ends them."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import tempfile
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from bridge.rehearsal.client import NAME, RehearsalClient
from bridge.simulator import SimulatorSettings
from bridge.simulator.scenario.faulty import FaultySimulator
from bridge.simulator.scenario.parser import Scenario
from bridge.simulator.scenario.playing import ScenarioRun
from tws_bridge_client import AsyncBridgeClient

#: The settings of the bridge in a rehearsal, with short times so that a scenario takes seconds.
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
#: How many seconds a process may take to start, and to end.
_PATIENCE = 20.0
#: A scenario that has not ended after this many seconds has failed.
_LONGEST = 120.0
#: Seconds between two checks of a `known` line.
_PAUSE = 0.05
_LOG = "bridge.log"
#: How many characters of the bridge's log are shown.
_MOST_LOG = 3000


class RehearsalFailed(Exception):
    """The rehearsal itself failed; the text says why."""


#: Takes the arguments of `tws-bridge` and its log file; the context manager runs it and gives its first line.
Launch = Callable[[list[str], Path], AbstractAsyncContextManager[str]]


async def rehearse(
    scenario: Scenario, settings: SimulatorSettings, tell: Callable[[str], None], launch: Launch | None = None
) -> bool:
    """Run a scenario. Returns whether it has passed.

    `tell` gets each line when it is done. `launch` starts the bridge; by default as a process. Raises Broken.
    """
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
        raise RehearsalFailed(f"the bridge has logged an internal error: {logged[-_MOST_LOG:]}")
    if playing.player.state != "passed":
        tell(logged[-_MOST_LOG:])
    return playing.player.state == "passed"


async def _keep_asking(playing: ScenarioRun, client: RehearsalClient) -> None:
    """Check the current `known` line again and again."""
    while True:
        line = playing.player.asking
        if line is not None:
            playing.answered(line, *await client.knows(line.phrase))
        await asyncio.sleep(_PAUSE)


@contextlib.asynccontextmanager
async def _bridge(tws: str, folder: Path, launch: Launch) -> AsyncIterator[tuple[str, str]]:
    """Run a bridge. Yields its endpoints for events and requests."""
    config = folder / "bridge.toml"
    config.write_text(TIMES, encoding="utf-8")
    arguments = [
        "run", "--tws", tws, "--client-id", "1", "--state", str(folder / "state"), "--config", str(config),
        "--events", f"ipc://{folder}/events", "--requests", f"ipc://{folder}/requests",
    ]  # fmt: skip
    async with launch(arguments, folder / _LOG) as line:
        words = line.split()
        if len(words) != 4:
            raise RehearsalFailed(
                f"the bridge did not start: {(folder / _LOG).read_text(errors='replace')[-_MOST_LOG:]}"
            )
        yield words[1], words[3]


@contextlib.asynccontextmanager
async def process(arguments: list[str], log: Path) -> AsyncIterator[str]:
    """Run `tws-bridge` as a process. Yields the first line that it prints."""
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
