"""What commands say to people: lines on stdout and stderr, and mistakes in the arguments."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TextIO

from bridge.logs.text import one_line

USAGE = 2


class UsageError(Exception):
    """The arguments of the command are wrong; each argument of this error is the text of one mistake."""


class Failed(Exception):
    """The command has failed; the text says why."""


def complain(lines: Iterable[str], code: int) -> int:
    for line in lines:
        say(f"tws-bridge: {line}", sys.stderr)
    return code


def say_all(lines: Iterable[str]) -> None:
    for line in lines:
        say(line)


def say(text: str, to: TextIO | None = None) -> None:
    """Print one line. Words of others (a reason, a name, a text of TWS) must not look like further lines."""
    print(one_line(text), file=to or sys.stdout, flush=True)
