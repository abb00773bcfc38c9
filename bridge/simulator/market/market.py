"""The market: one feed for each instrument, and the order in which the feeds move."""

from random import Random

from bridge.simulator.instruments.instrument import Universe
from bridge.simulator.market.feed import Feed
from bridge.simulator.market.option_feed import OptionFeed

_TURNS = {"STK": 8, "CASH": 8, "FUT": 8}


class Market:
    """All feeds, and the order in which they move."""

    def __init__(self, universe: Universe, seed: int, opened: int) -> None:
        """`opened` is in seconds since 1970 UTC."""
        self.feeds: dict[int, Feed] = {}
        linear = [instrument for instrument in universe if instrument.secType not in ("OPT", "CFD")]
        for instrument in linear:
            self.feeds[instrument.conId] = Feed(instrument, seed, opened)
        for instrument in universe:
            if instrument.secType == "OPT":
                under = self.feeds[instrument.underConId]
                self.feeds[instrument.conId] = OptionFeed(instrument, under, seed, opened)
        turns = [feed for feed in self.feeds.values() for _ in range(_TURNS.get(feed.instrument.secType, 1))]
        Random(f"{seed}/turns").shuffle(turns)
        self._turns = turns
        for instrument in universe:
            if instrument.secType == "CFD":  # a CFD has the quotes of its underlying
                self.feeds[instrument.conId] = self.feeds[instrument.underConId]
        self._next = 0

    def step(self, second: int) -> tuple[Feed, int]:
        """Change the quote of the next feed. Returns the feed and what has changed, as bits."""
        feed = self._turns[self._next]
        self._next = (self._next + 1) % len(self._turns)
        return feed, feed.step(second)

    def roll_day(self) -> None:
        """Start a new day on all feeds."""
        for con_id, feed in self.feeds.items():
            if con_id == feed.instrument.conId:  # a CFD shares the feed of its stock
                feed.roll_day()
