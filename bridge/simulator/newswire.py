"""The news of the simulated world: a story every half minute about one stock after another, as its price stands.

A story is a number (half minutes since 1970 UTC) and nothing is stored: told live or read up later, it is the same.
Knows instruments and feeds; knows no requests.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from bridge.simulator.instruments import Instrument, Universe
from bridge.simulator.market import Feed

NEWS_TICK = 292
"""The generic tick that asks for news about an instrument."""
PERIOD = 30
"""Seconds from one story to the next."""
PROVIDERS = {
    "BRFG": "Briefing.com General Market Columns",
    "BRFUPDN": "Briefing.com Analyst Actions",
    "DJNL": "Dow Jones Newsletters",
}
_CODES = tuple(PROVIDERS)


def provider(number: int) -> str:
    """Whose the story of this number is."""
    return _CODES[number // 7 % len(_CODES)]


@dataclass(frozen=True, slots=True)
class Story:
    """One story; `time` in seconds since 1970 UTC, `price` that of the stock then."""

    number: int
    instrument: Instrument
    price: float

    @property
    def time(self) -> int:
        """When it came out."""
        return self.number * PERIOD

    @property
    def provider(self) -> str:
        """Whose it is."""
        return provider(self.number)

    @property
    def article_id(self) -> str:
        """As TWS spells it: provider and a number in hexadecimal."""
        return f"{self.provider}${self.number:08x}"

    @property
    def headline(self) -> str:
        """In TWS's manner, with what concerns machines in braces."""
        return f"{{A:800015:L:en}}{self.instrument.longName} trades at {self.price:.2f}"

    @property
    def text(self) -> str:
        """The article."""
        words = f"{self.instrument.longName} ({self.instrument.symbol}) changed hands at {self.price:.2f} dollars."
        return f"<p>{words}</p><p>A story of the simulated exchange.</p>"


def stocks(universe: Universe) -> list[Instrument]:
    """What there is news about."""
    return [instrument for instrument in universe if instrument.secType == "STK"]


def story(universe: Universe, feeds: dict[int, Feed], number: int) -> Story | None:
    """The story of this number; None before the history of its stock begins."""
    subjects = stocks(universe)
    instrument = subjects[number % len(subjects)]
    feed = feeds[instrument.conId]
    bar = feed.series.bar(1, number * PERIOD - 1, "TRADES")
    return None if bar is None else Story(number, instrument, feed.price(bar.close))


def numbers(universe: Universe, con_id: int, span: tuple[int, int], codes: set[str]) -> Iterator[int]:
    """Numbers of some providers' stories about an instrument, newest first.

    `span` is the first and the last moment, in seconds since 1970 UTC.
    """
    first, last = span
    subjects = [instrument.conId for instrument in stocks(universe)]
    place, newest = subjects.index(con_id), last // PERIOD
    newest -= (newest - place) % len(subjects)
    found = range(newest, -(-first // PERIOD) - 1, -len(subjects))
    return (number for number in found if provider(number) in codes)
