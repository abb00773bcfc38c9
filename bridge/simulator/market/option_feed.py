"""The feed of an option: its quotes follow those of its underlying."""

from datetime import date

from bridge.simulator.core.times import DAY
from bridge.simulator.instruments.instrument import Instrument
from bridge.simulator.market.bars import Bar
from bridge.simulator.market.black_scholes import Valuation, value
from bridge.simulator.market.feed import Feed
from bridge.simulator.market.generated_history import BidHistory, OptionHistory


class OptionFeed(Feed):
    """The feed of an option. Its quotes follow the underlying by Black and Scholes, at a constant volatility."""

    def __init__(self, instrument: Instrument, under: Feed, seed: int, opened: int) -> None:
        """As Feed. `under` is the feed of the underlying."""
        self._under = under
        self._expires = date.fromisoformat(instrument.expiry).toordinal()
        self._today = opened // DAY
        super().__init__(instrument, seed, opened)

    def years(self, day: int) -> float:
        """Return the time to expiry on `day` (days since 1970 UTC), in years. It is constant during a day."""
        return max(self._expires - (day + date(1970, 1, 1).toordinal()), 0.5) / 365

    def valuation(self) -> Valuation:
        """Return the model's current valuation."""
        under = self._under
        return self._value(under.mark, self._today)

    def _value(self, spot: float, day: int) -> Valuation:
        return value(spot, self.instrument.strike, self.years(day), self.instrument.volatility, self.instrument.right)

    @property
    def years_left(self) -> float:
        """The current time to expiry, in years."""
        return self.years(self._today)

    @property
    def spot(self) -> float:
        """The underlying's midpoint."""
        return self._under.mark

    def _bid_at(self, spot: float, day: int) -> int:
        return max(1, int(self._value(spot, day).price / self._tick) - self.instrument.spread // 2)

    def _first_bid(self) -> int:
        return self._bid_at(self._under.mark, self._today)

    def _past(self, seed: int, opened: int) -> BidHistory:
        return OptionHistory(self._under.past, self._convert)

    def _convert(self, bar: Bar, start: int) -> Bar:
        half = self._under.instrument.spread / 2
        day = start // DAY

        def bid(ticks: float) -> int:
            return self._bid_at((ticks + half) * float(self._under.instrument.minTick), day)

        low, high = (bid(bar.low), bid(bar.high)) if self.instrument.right == "C" else (bid(bar.high), bid(bar.low))
        first, last, volume = bid(bar.open), bid(bar.close), bar.volume // 20_000
        return Bar(first, high, low, last, volume, min(volume, bar.count), volume * (high + low) / 2)

    def _move(self, second: int, draw: float) -> int:
        self._today = second // DAY
        return self._requote(second, self._bid_at(self._under.mark, self._today))
