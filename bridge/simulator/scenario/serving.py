"""`tws-bridge simulate` with a scenario or a control endpoint."""

from __future__ import annotations

import asyncio
from typing import cast

from bridge.simulator.scenario.control import Control, serve_control
from bridge.simulator.scenario.faulty import FaultySimulator
from bridge.simulator.scenario.parser import Scenario
from bridge.simulator.scenario.playing import ScenarioRun
from bridge.simulator.shell.server import Simulator, serve
from bridge.simulator.shell.settings import SimulatorSettings


async def serve_scenario(settings: SimulatorSettings, scenario: Scenario | None, control: str | None) -> bool:
    """Run a simulator until SIGTERM or SIGINT. Returns whether the scenario has passed; True without a scenario.

    Raises what `serve` raises, and ControlRefused.
    """
    playings: list[ScenarioRun] = []
    tasks: list[asyncio.Task[None]] = []

    def began(made: Simulator) -> None:
        simulator = cast(FaultySimulator, made)
        if control is not None:
            endpoint = Control(control, simulator, _say)
            print(f"control on {endpoint.endpoint}", flush=True)
            tasks.append(asyncio.get_running_loop().create_task(serve_control(endpoint)))
        if scenario is not None:
            playing = ScenarioRun(scenario, simulator, _say)
            playings.append(playing)
            playing.begin()
            playing.open()

    try:
        await serve(settings, FaultySimulator, began)
    finally:
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        for playing in playings:
            playing.stop()
    return all(playing.player.state == "passed" for playing in playings)


def _say(line: str) -> None:
    print(line, flush=True)
