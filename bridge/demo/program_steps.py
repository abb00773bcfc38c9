"""The last step of the demo: a first program, and where to look."""

from __future__ import annotations

import re
import urllib.error
import urllib.request
from pathlib import Path

from bridge.demo.claim import DemoFailed, check
from bridge.demo.processes import PATIENCE
from bridge.demo.screen import Screen
from bridge.demo.stage import Stage

FIRST_PROGRAM = Path(__file__).with_name("first_program.py")
_LINES = 15
_PRINTED = re.compile(r"AAPL bid [\d.]+ ask [\d.]+ live\nfirst-1 filled 10 at [\d.]+")


def first_program(stage: Stage, screen: Screen) -> str:
    """Print the program, and run it."""
    source = FIRST_PROGRAM.read_text(encoding="utf-8")
    check(len(source.splitlines()) == _LINES, f"{FIRST_PROGRAM.name} does not have {_LINES} lines")
    screen.text(source)
    printed = stage.script(FIRST_PROGRAM)
    screen.fact("It prints:")
    screen.text(printed)
    check(_PRINTED.fullmatch(printed), "the program printed something else than a live quote and a filled order")
    if stage.console is None:
        return "the program ran, and its order is filled"
    _check_console(f"http://{stage.console}/")
    return f"the program ran, and its order is filled. Console, while the bridge runs: http://{stage.console}/"


def _check_console(address: str) -> None:
    try:
        with urllib.request.urlopen(address, timeout=PATIENCE) as page:
            check(page.status == 200, f"the console at {address} answers {page.status}")
    except (urllib.error.URLError, OSError) as error:
        raise DemoFailed(f"the console at {address} does not answer: {error}") from None
