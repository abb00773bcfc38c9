"""The campaign's market, which treats an order that it has lost otherwise when it comes again: a day is long."""

from __future__ import annotations

from collections.abc import Callable

from tests.campaign.tws import manners
from tests.campaign.tws.book import Book, Entry
from tests.campaign.tws.clock import Clock
from tests.campaign.tws.manners import Manner
from tests.campaign.tws.market import Market
from tests.campaign.tws.words import EventSocket


class Moody(Market):
    def __init__(self, seed: str, book: Book, clock: Clock, ear_of: Callable[[int], EventSocket | None]) -> None:
        super().__init__(seed, book, clock, ear_of)
        self._refused: dict[tuple[str, str], int] = {}

    def manner(self, entry: Entry) -> Manner:
        nth = entry.nth + 1000 * self._refused.get(entry.name, 0)
        drawn = manners.draw(self.seed, *entry.name, nth)
        return manners.calmed(drawn) if self.calm else drawn

    def note(self, entry: Entry, text: str) -> None:
        """What was not taken may be taken the next time."""
        super().note(entry, text)
        if "not taken" in text:
            self._refused[entry.name] = self._refused.get(entry.name, 0) + 1
