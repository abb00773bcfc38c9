"""A command as argparse has it, with what argparse does not know: exit codes, and variables in place of flags."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Mapping
from typing import Any

from bridge.settings import ENVIRONMENT

Run = Callable[[argparse.Namespace], int]


class Command(argparse.ArgumentParser):
    """One command. `exit_codes`: what each means for this command."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.exit_codes: dict[int, str] = {}

    def end_with(self, codes: dict[int, str]) -> None:
        """Name the exit codes, also at the end of the help."""
        self.exit_codes = codes
        self.epilog = "Exit codes: " + " ".join(f"{code}: {meaning}" for code, meaning in codes.items())

    def add_variable(self, flag: str, default: str | None, text: str, variable: str = "", **more: Any) -> None:
        """A flag for which an environment variable may stand: `variable`, or the one of the flag's name."""
        name = flag.lstrip("-").replace("-", "_")
        place = ENVIRONMENT + (variable or name).upper()
        found = os.environ.get(place, default)
        self.add_argument(flag, dest=name, default=found, help=f"{text} {sources(place, default)}", **more)


def sources(variable: str, default: object) -> str:
    """Where the value of a flag comes from that is not given, as its help says it."""
    return f"(environment: {variable}" + ("" if default is None else f"; default: {default}") + ")"


class Commands:
    """Adds commands below `parser`; `runs` has what runs each, by its name behind `prefix`."""

    def __init__(self, parser: Command, runs: Mapping[str, Run], prefix: str = "") -> None:
        self._below = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
        self._runs = runs
        self._prefix = prefix

    def add(self, name: str, about: str, codes: dict[int, str], more: str = "") -> Command:
        """A command that runs. `about` stands in the list of commands, and before `more` in its own help."""
        command: Command = self._below.add_parser(name, help=about, description=f"{about} {more}".strip())
        command.set_defaults(run=self._runs[self._prefix + name])
        command.end_with(codes)
        return command

    def add_group(self, name: str, about: str) -> Commands:
        """A command that only has others below it."""
        command: Command = self._below.add_parser(name, help=about, description=about)
        return Commands(command, self._runs, f"{self._prefix}{name} ")
