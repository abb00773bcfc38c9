"""`tws-bridge simulate`, `tws` and `rehearse`."""

from __future__ import annotations

import argparse
import asyncio
from typing import Any

from pydantic import ValidationError

from bridge import simulator
from bridge.commands.simulator import SETTINGS
from bridge.runs.say import UsageError, complain, say, say_all
from bridge.simulator import SimulatorSettings, Unusable, Unwritable
from bridge.simulator.scenario import control, library
from bridge.simulator.scenario.parser import Scenario, ScenarioError
from bridge.simulator.scenario.serving import serve_scenario
from bridge.state_folder import StateTaken


def simulate(options: argparse.Namespace) -> int:
    if options.scenario == "list":
        say_all(library.listing().splitlines())
        return 0
    settings = _simulator_settings({name: getattr(options, name) for name in SETTINGS})
    scenario = _scenario(options.scenario) if options.scenario is not None else None
    passed = True
    try:
        if scenario is None and options.control is None:
            asyncio.run(simulator.serve(settings))
        else:
            if options.control is not None:
                control.check(options.control)
            passed = asyncio.run(serve_scenario(settings, scenario, options.control))
    except control.ControlRefused as error:
        raise UsageError(f"--control: {error}") from None
    except (StateTaken, Unusable) as error:
        raise UsageError(f"--state: {error}") from None
    except Unwritable as error:
        return complain([f"cannot save the state: {error}"], 1)
    except OSError as error:
        return complain([f"cannot listen on {settings.listen}: {error.strerror}"], 1)
    return 0 if passed else 1


def tws(options: argparse.Namespace) -> int:
    try:
        control.command(options.control, options.phrase)
    except control.ControlRefused as error:
        return complain([str(error)], 1)
    say("ok")
    return 0


def rehearse(options: argparse.Namespace) -> int:
    from bridge import rehearsal  # noqa: PLC0415 - a start of the simulator must not wait for the bridge's parts

    if options.scenario == "list":
        say_all(library.listing().splitlines())
        return 0
    settings = _simulator_settings({"listen": "127.0.0.1:0", "server_version": options.server_version})
    try:
        return 0 if asyncio.run(rehearsal.rehearse(_scenario(options.scenario), settings, say)) else 1
    except rehearsal.RehearsalFailed as broken:
        return complain([str(broken)], 1)


def _simulator_settings(given: dict[str, Any]) -> SimulatorSettings:
    try:
        return SimulatorSettings(**given)
    except ValidationError as error:
        lines = [f"--{str(e['loc'][0]).replace('_', '-')}: {e['msg']}" for e in error.errors()]
        raise UsageError(*lines) from None


def _scenario(place: str) -> Scenario:
    try:
        return library.load(place)
    except ScenarioError as error:
        raise UsageError(*error.problems) from None
