"""Commands for argparse, with two additions: exit codes, and environment variables for flags."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Mapping
from typing import Any

from bridge.settings import ENVIRONMENT

Run = Callable[[argparse.Namespace], int]


class Command(argparse.ArgumentParser):
    """One command. `exit_codes` has the meaning of each exit code."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.exit_codes: dict[int, str] = {}

    def end_with(self, codes: dict[int, str]) -> None:
        """Set the exit codes, and add them to the end of the help."""
        self.exit_codes = codes
        self.epilog = "Exit codes: " + " ".join(f"{code}: {meaning}" for code, meaning in codes.items())

    def add_variable(self, flag: str, default: str | None, text: str, variable: str = "", **more: Any) -> None:
        """Add a flag whose default is an environment variable: `variable`, or the one with the name of the flag."""
        name = flag.lstrip("-").replace("-", "_")
        place = ENVIRONMENT + (variable or name).upper()
        found = os.environ.get(place, default)
        self.add_argument(flag, dest=name, default=found, help=f"{text} {sources(place, default)}", **more)


def sources(variable: str, default: object) -> str:
    """The text for the help that names the environment variable and the default of a flag."""
    return f"(environment: {variable}" + ("" if default is None else f"; default: {default}") + ")"


class Commands:
    """Adds commands to `parser`. `runs` has the function of each, by `prefix` and its name."""

    def __init__(self, parser: Command, runs: Mapping[str, Run], prefix: str = "") -> None:
        self._below = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
        self._runs = runs
        self._prefix = prefix

    def add(self, name: str, about: str, codes: dict[int, str], more: str = "") -> Command:
        """Add a command. The list of commands shows `about`; its own help shows `about` and `more`."""
        command: Command = self._below.add_parser(name, help=about, description=f"{about} {more}".strip())
        command.set_defaults(run=self._runs[self._prefix + name])
        command.end_with(codes)
        return command

    def add_group(self, name: str, about: str) -> Commands:
        """Add a command that has only subcommands."""
        command: Command = self._below.add_parser(name, help=about, description=about)
        return Commands(command, self._runs, f"{self._prefix}{name} ")
