"""The output of the demo: captions, facts, tables and results, in plain text of at most 100 columns.

Only a terminal gets colours, and tables that are redrawn.
"""

from __future__ import annotations

import os
import sys
import textwrap
from collections.abc import Iterable, Sequence

WIDTH = 100
_MARGIN = " " * 6
_BOLD, _GREEN, _RED, _PLAIN = "\x1b[1m", "\x1b[32m", "\x1b[31m", "\x1b[0m"

Row = Sequence[str]


class Screen:
    """Prints to stdout."""

    def __init__(self) -> None:
        self.is_terminal = sys.stdout.isatty()
        self._has_colours = self.is_terminal and "NO_COLOR" not in os.environ
        self._drawn = 0

    def begin(self, text: str) -> None:
        """The first line."""
        print(text, flush=True)

    def caption(self, number: int, of: int, text: str) -> None:
        """What the next step proves."""
        print(f"\n{self._in(_BOLD, f'{number} of {of}  {text}')}", flush=True)

    def fact(self, text: str) -> None:
        """Something that has happened."""
        self._drawn = 0
        print(_folded(text, _MARGIN), flush=True)

    def table(self, head: Row, rows: Iterable[Row]) -> None:
        """A table. The first column is text, the others are numbers or short words."""
        self._drawn = 0
        self._print(_lines([head, *rows]))

    def redraw(self, head: Row, rows: Iterable[Row]) -> None:
        """Draw a table in the place of the one before. Elsewhere than on a terminal nothing is drawn."""
        if self.is_terminal:
            lines = _lines([head, *rows])
            if self._drawn:
                sys.stdout.write(f"\x1b[{self._drawn}F\x1b[J")
            self._drawn = len(lines)
            self._print(lines)

    def result(self, text: str) -> None:
        """The claim of the step has come true."""
        self._drawn = 0
        print(self._in(_GREEN, _folded(text, "  ok  ")), flush=True)

    def failure(self, text: str) -> None:
        """The claim of the step has not come true."""
        print(self._in(_RED, _folded(text, "  FAILED  ")), flush=True)

    def end(self, text: str) -> None:
        """The last line."""
        print(f"\n{self._in(_GREEN, text)}", flush=True)

    def text(self, text: str) -> None:
        """Text as it is."""
        self._print(text.splitlines())

    def _print(self, lines: list[str]) -> None:
        print("\n".join(f"{_MARGIN}{line}".rstrip() for line in lines), flush=True)

    def _in(self, colour: str, text: str) -> str:
        return f"{colour}{text}{_PLAIN}" if self._has_colours else text


def _folded(text: str, first: str) -> str:
    return textwrap.fill(text, WIDTH, initial_indent=first, subsequent_indent=_MARGIN, break_on_hyphens=False)


def _lines(rows: list[Row]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "   ".join(
            [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        )
        for row in rows
    ]


def price(value: float | None, digits: int = 2) -> str:
    """A price as a person reads it; `none` if there is none. `digits`: how many an instrument above 10 has."""
    return "none" if value is None else f"{value:.{digits + 3 if value < 10 else digits}f}"
