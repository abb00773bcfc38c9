"""The market: one feed of quotes and trades for each instrument, moved by a seeded walk on the tick grid.

Deterministic for a seed and a number of steps, whoever watches; time only labels what is recorded. Knows no accounts,
no requests and no messages.
"""

from datetime import date
from random import Random

from bridge.simulator.bars import Bar, flat, merged
from bridge.simulator.blackscholes import Valuation, value
from bridge.simulator.instruments import Instrument, Universe
from bridge.simulator.past import DerivedPast, Past, Prehistory
from bridge.simulator.series import Series
from bridge.simulator.tape import Tape
from bridge.simulator.ticklog import Print, Quote, TickLog
from bridge.simulator.times import DAY, local_date, midnight

BID, ASK, BID_SIZE, ASK_SIZE, TRADE = 1, 2, 4, 8, 16
"""What a step changed, as bits."""

HOME = "US/Eastern"
_STEPS = (1, 1, 1, 1, 2, 2, 3, 4)
_DAILY_VOLUME = {"STK": 40_000_000, "CASH": 0, "FUT": 1_200_000, "OPT": 9_600, "BOND": 4_800}
_MAKERS = ("ARCA", "NASDAQ", "BATS", "IEX", "EDGX", "MEMX")
_TURNS = {"STK": 8, "CASH": 8, "FUT": 8}


class Feed:
    """Quotes of one instrument. Prices are whole ticks; `price()` makes dollars of them."""

    def __init__(self, instrument: Instrument, seed: int, opened: int) -> None:
        """`opened` in seconds since 1970 UTC."""
        self.instrument = instrument
        self._rng = Random(f"{seed}/{instrument.conId}")
        self._tick = float(instrument.minTick)
        self._digits = instrument.digits
        self.trades = instrument.secType != "CASH"
        self.bid = self._first_bid()
        self.ask = self.bid + instrument.spread
        self._anchor = self.bid
        self.bid_size = self.ask_size = 3 * instrument.lot
        self.last, self.last_size, self.last_time = self.bid, instrument.lot, opened
        self.bid_exchange = self.ask_exchange = self.last_exchange = instrument.validExchanges[-1]
        self.tape = Tape(opened, self.bid, self.ask, self.last)
        self.log = TickLog(opened)
        self.past = self._past(seed, opened)
        self.series = Series(self.past, self.tape, opened, instrument.spread)
        self._opened = opened
        self._earlier: tuple[float, Bar] | None = None
        self._high = self._low = self.last
        self._volume, self._turnover = 0, 0.0

    def _first_bid(self) -> int:
        return round(self.instrument.price / self._tick)

    def _past(self, seed: int, opened: int) -> Prehistory:
        daily = self.bid * self.instrument.volatility / 16
        volume = _DAILY_VOLUME[self.instrument.secType]
        return Past(f"{seed}/{self.instrument.conId}", self.bid, max(daily, 2.0), volume, opened)

    def _so_far(self) -> tuple[float, Bar]:
        """Yesterday's close, and the bar of today until the exchange opened: out of the past, once it is asked for."""
        if self._earlier is None:
            start = midnight(local_date(self._opened, HOME), HOME)
            kind = "TRADES" if self.trades else "MIDPOINT"
            spans = range(start // 1800, self._opened // 1800)
            bars = (self.series.bar(1800, index, kind) for index in spans)
            before = self.series.bar(1800, start // 1800 - 1, kind)
            today = merged(bar for bar in bars if bar is not None) or flat(self.tape.start)
            self._earlier = (before.close if before else today.open, today)
        return self._earlier

    @property
    def close(self) -> float:
        """Yesterday's close."""
        return self._so_far()[0]

    @property
    def open(self) -> float:
        """Today's first price."""
        return self._so_far()[1].open

    @property
    def high(self) -> float:
        """Today's highest price."""
        return max(self._so_far()[1].high, self._high)

    @property
    def low(self) -> float:
        """Today's lowest price."""
        return min(self._so_far()[1].low, self._low)

    @property
    def volume(self) -> int:
        """Units traded today."""
        return self._so_far()[1].volume + self._volume

    @property
    def average(self) -> float:
        """Today's volume-weighted average price, in ticks; the last price without trades."""
        turnover = self._so_far()[1].value + self._turnover
        return turnover / self.volume if self.volume else self.last

    def roll_day(self) -> None:
        """Midnight: what was the last price is yesterday's close."""
        last = float(self.last) if self.trades else (self.bid + self.ask) / 2
        self._earlier = (last, flat(last))
        self._high = self._low = self.last
        self._volume, self._turnover = 0, 0.0

    def price(self, ticks: float) -> float:
        """Ticks as a price; a midpoint may have one more digit."""
        return round(ticks * self._tick, self._digits if ticks == int(ticks) else self._digits + 1)

    @property
    def mark(self) -> float:
        """What positions are valued at: the midpoint."""
        return self.price((self.bid + self.ask) / 2)

    def step(self, second: int) -> int:
        """One change of the quote; returns what changed, as bits."""
        changed = self._change(second)
        if changed != TRADE:
            self.log.quoted(Quote(second, self.bid, self.ask, self.bid_size, self.ask_size))
        return changed

    def _change(self, second: int) -> int:
        draw = self._rng.random()
        if draw < 0.45:
            return self._move(second, draw / 0.45)
        if draw < 0.7 or not self.trades:
            return self._resize(draw)
        return self._print(second, draw)

    def _size(self) -> int:
        return (1 + int(self._rng.random() ** 2 * 12)) * self.instrument.lot

    def _move(self, second: int, draw: float) -> int:
        pull = (self._anchor - self.bid) / (self._anchor * 0.05)
        step = _STEPS[int(self._rng.random() * 8)]
        return self._requote(second, max(1, self.bid + (step if draw < 0.5 + pull / 2 else -step)))

    def jump(self, second: int, bid: int) -> None:
        """The market is elsewhere: bid and last are there, and the walk goes on around it."""
        self._anchor = bid
        self._requote(second, bid)
        self.log.quoted(Quote(second, self.bid, self.ask, self.bid_size, self.ask_size))
        if self.trades:
            self.traded(second, bid, self.instrument.lot, self.instrument.validExchanges[-1])

    def _requote(self, second: int, bid: int) -> int:
        if bid == self.bid:
            return self._resize(self._rng.random())
        self.bid, self.ask = bid, bid + self.instrument.spread
        self.bid_size, self.ask_size = self._size(), self._size()
        self.tape.quote(second, self.bid, self.ask)
        return BID | ASK

    def _resize(self, draw: float) -> int:
        if int(draw * 1000) % 2:
            self.bid_size = self._size()
            return BID_SIZE
        self.ask_size = self._size()
        return ASK_SIZE

    def _print(self, second: int, draw: float) -> int:
        exchanges = self.instrument.validExchanges
        exchange = _MAKERS[int(draw * 1000) % 6] if self.instrument.secType == "STK" else exchanges[-1]
        lot = self.instrument.lot
        size = (1 + int(self._rng.random() ** 3 * 9)) * lot
        self.traded(second, self.bid if int(draw * 10000) % 2 else self.ask, size, exchange)
        return TRADE

    def traded(self, second: int, ticks: int, size: int, exchange: str) -> None:
        """A trade happened, on the walk or by an order of the account."""
        self.last, self.last_size, self.last_time, self.last_exchange = ticks, size, second, exchange
        self._high, self._low = max(self._high, ticks), min(self._low, ticks)
        self._volume += size
        self._turnover += ticks * size
        self.tape.trade(second, ticks, size)
        self.log.traded(Print(second, ticks, size, exchange))


class OptionFeed(Feed):
    """An option's quotes follow those of its underlying by Black and Scholes at a constant volatility."""

    def __init__(self, instrument: Instrument, under: Feed, seed: int, opened: int) -> None:
        """As Feed; the underlying's feed is watched, never changed."""
        self._under = under
        self._expires = date.fromisoformat(instrument.expiry).toordinal()
        self._today = opened // DAY
        super().__init__(instrument, seed, opened)

    def years(self, day: int) -> float:
        """Time to expiry on `day` (days since 1970 UTC): it changes at midnight only, so a day's bars agree."""
        return max(self._expires - (day + date(1970, 1, 1).toordinal()), 0.5) / 365

    def valuation(self) -> Valuation:
        """The model's price now."""
        under = self._under
        return self._value(under.mark, self._today)

    def _value(self, spot: float, day: int) -> Valuation:
        return value(spot, self.instrument.strike, self.years(day), self.instrument.volatility, self.instrument.right)

    @property
    def years_left(self) -> float:
        """Time to expiry as the quotes see it."""
        return self.years(self._today)

    @property
    def spot(self) -> float:
        """The underlying's midpoint."""
        return self._under.mark

    def _bid_at(self, spot: float, day: int) -> int:
        return max(1, int(self._value(spot, day).price / self._tick) - self.instrument.spread // 2)

    def _first_bid(self) -> int:
        return self._bid_at(self._under.mark, self._today)

    def _past(self, seed: int, opened: int) -> Prehistory:
        return DerivedPast(self._under.past, self._convert)

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


class Market:
    """All feeds, and whose turn it is."""

    def __init__(self, universe: Universe, seed: int, opened: int) -> None:
        """`opened` in seconds since 1970 UTC."""
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
            if instrument.secType == "CFD":  # quoted as what it is written on
                self.feeds[instrument.conId] = self.feeds[instrument.underConId]
        self._next = 0

    def step(self, second: int) -> tuple[Feed, int]:
        """The next change of a quote, somewhere: the feed, and what changed."""
        feed = self._turns[self._next]
        self._next = (self._next + 1) % len(self._turns)
        return feed, feed.step(second)

    def roll_day(self) -> None:
        """Midnight at the exchange's home."""
        for con_id, feed in self.feeds.items():
            if con_id == feed.instrument.conId:  # a CFD shares the feed of its stock
                feed.roll_day()
