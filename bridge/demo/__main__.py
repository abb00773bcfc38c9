"""`python -m bridge.demo PROGRAM ARGUMENT...`: one program of the demo, as a process. SIGTERM ends it."""

from __future__ import annotations

import signal
import sys
from importlib import import_module

#: The module of each program, so that a program imports only what it needs.
_MODULES = {"direct": "direct", "reader": "programs", "strategy": "programs"}


class _Ended(Exception):
    """The process has received SIGTERM."""


def _end(*_: object) -> None:
    raise _Ended


def main(name: str, *arguments: str) -> int:
    """Run the program of that name. Returns its exit code."""
    signal.signal(signal.SIGTERM, _end)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all processes; the demo ends its programs itself
    program = getattr(import_module(f"bridge.demo.{_MODULES[name]}"), name)
    try:
        program(*arguments)
    except _Ended:
        return 0
    return 0


sys.exit(main(*sys.argv[1:]))
