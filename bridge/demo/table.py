"""The output of the demo: a table that is redrawn on a terminal, and plain lines elsewhere."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Seen:
    """What one client process has reported so far."""

    name: str
    live: int = 0
    gaps: int = 0
    quotes: dict[str, dict[str, float]] = field(default_factory=dict)
    ticks: dict[str, Any] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    answered: str = ""
    status: str = ""
    filled: str = "0"


class Table:
    """Redraws itself on a terminal; elsewhere it prints only what is new."""

    def __init__(self) -> None:
        self._moves = sys.stdout.isatty()
        #: Seconds between two updates.
        self.pause = 0.25 if self._moves else 1.0
        self._height = 0
        self._said = 0

    def show(self, subscribers: list[Seen], trader: Seen) -> None:
        """Print the quotes of the subscribers and the new lines of the trader."""
        rows = _rows(subscribers)
        news = trader.lines[self._said :]
        self._said = len(trader.lines)
        if self._moves and self._height:
            sys.stdout.write(f"\x1b[{self._height}F\x1b[J")
        for line in news:
            print(f"{trader.name}: {line}")
        self._height = len(rows) if len(rows) > 1 else 0
        if self._height:
            print("\n".join(rows), flush=True)


def _rows(subscribers: list[Seen]) -> list[str]:
    rows = [f"{'process':10} {'instrument':10} {'bid':>10} {'ask':>10} {'last':>10} {'events':>8} {'gaps':>5}"]
    for seen in subscribers:
        for symbol, quote in seen.quotes.items():
            prices = " ".join(f"{_price(quote.get(name)):>10}" for name in ("bid", "ask", "last"))
            rows.append(f"{seen.name:10} {symbol:10} {prices} {seen.live:8} {seen.gaps:5}")
    return rows


def _price(value: float | None) -> str:
    return "-" if value is None else f"{value:g}" if value < 10 else f"{value:.2f}"
