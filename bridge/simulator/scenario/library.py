"""The shipped scenarios: package data in `bridge/simulator/scenarios/`, found by name; other scenarios by path."""

from __future__ import annotations

import os
from functools import cache
from importlib.resources import files
from pathlib import Path

from bridge.simulator.scenario.parser import Scenario, ScenarioError, parse

SUFFIX = ".scenario"

_FOLDER = files("bridge.simulator") / "scenarios"


@cache
def shipped() -> dict[str, Scenario]:
    """Return all shipped scenarios by name."""
    names = sorted(file.name for file in _FOLDER.iterdir() if file.name.endswith(SUFFIX))
    return {name: parse(text_of(name), name) for name in (name.removesuffix(SUFFIX) for name in names)}


def text_of(name: str) -> str:
    """Return the text of a shipped scenario."""
    return (_FOLDER / f"{name}{SUFFIX}").read_text(encoding="utf-8")


def load(place: str) -> Scenario:
    """Return a shipped scenario by name, or the scenario in a file. Raises ScenarioError."""
    if place in shipped():
        return shipped()[place]
    path = Path(place)
    if path.suffix != SUFFIX and not path.exists():
        raise ScenarioError([f"{place}: no file and no shipped scenario has this name; see `--scenario list`"])
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ScenarioError([f"{place}: {os.strerror(error.errno or 0)}"]) from None
    except UnicodeDecodeError as error:
        raise ScenarioError([f"{place}: the file is not UTF-8: {error}"]) from None
    return parse(text, place)


def listing() -> str:
    """Return one line for each shipped scenario: name and title."""
    width = max(len(name) for name in shipped())
    return "\n".join(f"{name:<{width}}  {scenario.title}" for name, scenario in shipped().items())
