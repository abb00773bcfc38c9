"""The news of the simulated market: each half minute a story about one stock and its price.

A story is identified by a number (half minutes since 1970 UTC) and generated from it. So a live story and the same
story in historical news are equal.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from bridge.simulator.instruments.instrument import Instrument, Universe
from bridge.simulator.market.feed import Feed

NEWS_TICK = 292
"""The generic tick that requests news about an instrument."""
PERIOD = 30
"""Seconds between two stories."""
PROVIDERS = {
    "BRFG": "Briefing.com General Market Columns",
    "BRFUPDN": "Briefing.com Analyst Actions",
    "DJNL": "Dow Jones Newsletters",
}
_CODES = tuple(PROVIDERS)


def provider(number: int) -> str:
    """Return the code of the provider of a story."""
    return _CODES[number // 7 % len(_CODES)]


@dataclass(frozen=True, slots=True)
class Story:
    """One story. `time` is in seconds since 1970 UTC; `price` is the price of the stock at that time."""

    number: int
    instrument: Instrument
    price: float

    @property
    def time(self) -> int:
        """Publication time, in seconds since 1970 UTC."""
        return self.number * PERIOD

    @property
    def provider(self) -> str:
        """Code of the provider."""
        return provider(self.number)

    @property
    def article_id(self) -> str:
        """TWS's form of an article id: the provider and a hexadecimal number."""
        return f"{self.provider}${self.number:08x}"

    @property
    def headline(self) -> str:
        """TWS's form of a headline: metadata for machines is in braces."""
        return f"{{A:800015:L:en}}{self.instrument.longName} trades at {self.price:.2f}"

    @property
    def text(self) -> str:
        """The text of the article, as HTML."""
        words = f"{self.instrument.longName} ({self.instrument.symbol}) changed hands at {self.price:.2f} dollars."
        return f"<p>{words}</p><p>A story of the simulated exchange.</p>"


def stocks(universe: Universe) -> list[Instrument]:
    """Return the instruments that have news."""
    return [instrument for instrument in universe if instrument.secType == "STK"]


def story(universe: Universe, feeds: dict[int, Feed], number: int) -> Story | None:
    """Return the story with this number; None before the history of its stock starts."""
    subjects = stocks(universe)
    instrument = subjects[number % len(subjects)]
    feed = feeds[instrument.conId]
    bar = feed.series.bar(1, number * PERIOD - 1, "TRADES")
    return None if bar is None else Story(number, instrument, feed.price(bar.close))


def numbers(universe: Universe, con_id: int, span: tuple[int, int], codes: set[str]) -> Iterator[int]:
    """Yield the numbers of the stories of some providers about an instrument, newest first.

    `span` is the first and the last time, in seconds since 1970 UTC.
    """
    first, last = span
    subjects = [instrument.conId for instrument in stocks(universe)]
    place, newest = subjects.index(con_id), last // PERIOD
    newest -= (newest - place) % len(subjects)
    found = range(newest, -(-first // PERIOD) - 1, -len(subjects))
    return (number for number in found if provider(number) in codes)
