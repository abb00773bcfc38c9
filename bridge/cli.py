"""The command line. It reads the arguments, runs the command, and turns errors into a line and an exit code.

Exit codes: 0, the command succeeded; 1, it failed; 2, its arguments are wrong. `bridge.commands` has the arguments and
their help texts.
"""

from __future__ import annotations

import argparse
import contextlib
import logging
import os
import sys
from importlib import import_module

from bridge import commands
from bridge.commands import Command
from bridge.commands.command import Run
from bridge.runs.say import USAGE, Failed, UsageError, complain


def main(arguments: list[str] | None = None) -> int:
    """Run the command `tws-bridge`. Returns its exit code."""
    _open_standard_streams()
    options = _parse(arguments)
    logging.basicConfig(
        level=logging.DEBUG if options.verbose else logging.INFO,
        format="%(asctime)s %(levelname)s %(message)s",
        stream=sys.stderr,
    )
    try:
        code: int = options.run(options)
    except UsageError as error:
        return complain(error.args, USAGE)
    except Failed as error:
        return complain([str(error)], 1)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return code


def _open_standard_streams() -> None:
    """Whoever started the process may have closed them. Then a socket or the ledger would get their numbers."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115 - to the end of the process


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    """Parse the arguments. The parameters of `call` may also come after the flags, which argparse does not allow."""
    options, rest = parser().parse_known_args(arguments)
    match rest:
        case [params] if getattr(options, "params", "") is None and not params.startswith("-"):
            options.params = params
        case [_, *_]:
            parser().error(f"unrecognized arguments: {' '.join(rest)}")
    return options


def parser() -> Command:
    """The parser of all commands. The parsed options have the function that runs the command as `run`."""
    return commands.parser(RUNS)


def _later(module: str, name: str) -> Run:
    """The function of that name in `bridge.runs`, whose module is imported when it is called."""

    def run(options: argparse.Namespace) -> int:
        code: int = getattr(import_module(f"bridge.runs.{module}"), name)(options)
        return code

    return run


#: The function that runs each command.
RUNS: dict[str, Run] = {
    "run": _later("run", "run"),
    "simulate": _later("simulate", "simulate"),
    "tws": _later("simulate", "tws"),
    "rehearse": _later("simulate", "rehearse"),
    "conform": _later("conform", "conform"),
    "keys new": _later("keys", "new_keys"),
    "demo": _later("demo", "demo"),
    "tail": _later("ask", "tail"),
    "call": _later("ask", "call"),
    "status": _later("ask", "status"),
    "doctor": _later("doctor", "doctor"),
    "reload": _later("ask", "reload"),
    "health": _later("health", "health"),
    "ledger check": _later("ledger", "check_file"),
    "ledger backup": _later("ledger", "backup_file"),
    "ledger export": _later("ledger", "export_file"),
    "decode": _later("wire", "decode"),
    "encode": _later("wire", "encode"),
    "schemas": _later("schemas", "schemas"),
}


if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError):
        sys.exit(main())
