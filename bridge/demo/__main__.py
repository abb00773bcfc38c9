"""`python -m bridge.demo KIND ARGUMENT...`: one process of the demo. SIGTERM ends it, and the end of the demo, too.

KIND is a program of the demo, `command` for a command of `tws-bridge`, or `script` for a Python file.
"""

from __future__ import annotations

import runpy
import signal
import sys
from importlib import import_module

from bridge.demo.parent import end_with_parent

#: The module of each program, so that a program imports only what it needs.
_MODULES = {"direct": "direct", "reader": "programs", "strategy": "programs"}


class _Ended(Exception):
    """The process has received SIGTERM."""


def _end(*_: object) -> None:
    raise _Ended


def main(kind: str, *arguments: str) -> int:
    """Run one process of that kind. Returns its exit code."""
    end_with_parent()
    if kind == "command":
        sys.argv[1:] = arguments
        runpy.run_module("bridge.cli", run_name="__main__", alter_sys=True)
    elif kind == "script":
        sys.argv = list(arguments)
        runpy.run_path(arguments[0], run_name="__main__")
    else:
        _program(kind, arguments)
    return 0


def _program(name: str, arguments: tuple[str, ...]) -> None:
    signal.signal(signal.SIGTERM, _end)
    program = getattr(import_module(f"bridge.demo.{_MODULES[name]}"), name)
    try:
        program(*arguments)
    except _Ended:
        return


sys.exit(main(*sys.argv[1:]))
