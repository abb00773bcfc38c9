"""The truth about orders, and its clock: the campaign's book and exchange, in memory and on virtual time.

IBKR goes on while TWS is down: orders are executed, cancelled and expire, and nobody hears of it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.campaign.tws.book import Book, Data
from tests.campaign.tws.clock import Clock as CampaignClock
from tests.simulation.clock import Clock


class TruthBook(Book):
    """`lines` are what the campaign's judge reads. `heard` is called with each line, when it is true."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock
        self.lines: list[Data] = []
        self.heard: Callable[[Data], None] = lambda _line: None

    def write(self, what: str, **facts: Any) -> None:
        line = {"t": self._clock.ns() / 1e9, "what": what, **facts}
        self.lines.append(line)
        self.apply(line)
        self.heard(line)


class TwsClock(CampaignClock):
    """TWS's own time is the machine's, in UTC."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def now(self) -> float:
        return self._clock.now

    def stamp(self) -> str:
        return self._clock.moment().strftime("%Y%m%d %H:%M:%S UTC")

    def day(self) -> str:
        return self._clock.moment().strftime("%Y%m%d")

    def seconds(self) -> int:
        return self._clock.ns() // 1_000_000_000

    def later(self, delay: float, do: Callable[[], None]) -> None:
        self._clock.after(delay, do)
