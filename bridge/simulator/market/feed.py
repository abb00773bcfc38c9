"""One feed of quotes and trades: a seeded random walk on the price grid moves it.

The same seed and the same number of steps give the same prices. Subscribers have no influence, and the time only labels
the records.
"""

from random import Random

from bridge.simulator.core.times import EXCHANGE_ZONE, local_date, midnight
from bridge.simulator.instruments.instrument import Instrument
from bridge.simulator.market.bar_recorder import BarRecorder
from bridge.simulator.market.bars import Bar, flat, merged
from bridge.simulator.market.generated_history import BidHistory, GeneratedHistory
from bridge.simulator.market.series import Series
from bridge.simulator.market.tick_log import Quote, TickLog, TradePrint

BID, ASK, BID_SIZE, ASK_SIZE, TRADE = 1, 2, 4, 8, 16
"""What has changed in a step, as bits."""

_STEPS = (1, 1, 1, 1, 2, 2, 3, 4)
_DAILY_VOLUME = {"STK": 40_000_000, "CASH": 0, "FUT": 1_200_000, "OPT": 9_600, "BOND": 4_800}
_MAKERS = ("ARCA", "NASDAQ", "BATS", "IEX", "EDGX", "MEMX")


class Feed:
    """Quotes and trades of one instrument. Prices are whole ticks; `price()` converts them to currency."""

    def __init__(self, instrument: Instrument, seed: int, opened: int) -> None:
        """`opened` is in seconds since 1970 UTC."""
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
        self.recorder = BarRecorder(opened, self.bid, self.ask, self.last)
        self.log = TickLog(opened)
        self.past = self._past(seed, opened)
        self.series = Series(self.past, self.recorder, opened, instrument.spread)
        self._opened = opened
        self._earlier: tuple[float, Bar] | None = None
        self._high = self._low = self.last
        self._volume, self._turnover = 0, 0.0

    def _first_bid(self) -> int:
        return round(self.instrument.price / self._tick)

    def _past(self, seed: int, opened: int) -> BidHistory:
        daily = self.bid * self.instrument.volatility / 16
        volume = _DAILY_VOLUME[self.instrument.secType]
        return GeneratedHistory(f"{seed}/{self.instrument.conId}", self.bid, max(daily, 2.0), volume, opened)

    def _before_opening(self) -> tuple[float, Bar]:
        """Return yesterday's close and today's bar before the opening. They are generated at the first call."""
        if self._earlier is None:
            start = midnight(local_date(self._opened, EXCHANGE_ZONE), EXCHANGE_ZONE)
            kind = "TRADES" if self.trades else "MIDPOINT"
            spans = range(start // 1800, self._opened // 1800)
            bars = (self.series.bar(1800, index, kind) for index in spans)
            before = self.series.bar(1800, start // 1800 - 1, kind)
            today = merged(bar for bar in bars if bar is not None) or flat(self.recorder.start)
            self._earlier = (before.close if before else today.open, today)
        return self._earlier

    @property
    def close(self) -> float:
        """Yesterday's close, in ticks."""
        return self._before_opening()[0]

    @property
    def open(self) -> float:
        """Today's first price, in ticks."""
        return self._before_opening()[1].open

    @property
    def high(self) -> float:
        """Today's highest price, in ticks."""
        return max(self._before_opening()[1].high, self._high)

    @property
    def low(self) -> float:
        """Today's lowest price, in ticks."""
        return min(self._before_opening()[1].low, self._low)

    @property
    def volume(self) -> int:
        """Units traded today."""
        return self._before_opening()[1].volume + self._volume

    @property
    def average(self) -> float:
        """Today's volume-weighted average price, in ticks; the last price if there were no trades."""
        turnover = self._before_opening()[1].value + self._turnover
        return turnover / self.volume if self.volume else self.last

    def roll_day(self) -> None:
        """Start a new day: the last price becomes yesterday's close."""
        last = float(self.last) if self.trades else (self.bid + self.ask) / 2
        self._earlier = (last, flat(last))
        self._high = self._low = self.last
        self._volume, self._turnover = 0, 0.0

    def price(self, ticks: float) -> float:
        """Convert ticks to a price. A midpoint may have one more digit."""
        return round(ticks * self._tick, self._digits if ticks == int(ticks) else self._digits + 1)

    @property
    def mark(self) -> float:
        """The mark price, at which positions are valued: the midpoint."""
        return self.price((self.bid + self.ask) / 2)

    def step(self, second: int) -> int:
        """Change the quote once. Returns what has changed, as bits."""
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
        """Move the market: bid and last price become `bid`, and the random walk continues around it."""
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
        self.recorder.quote(second, self.bid, self.ask)
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
        """Record a trade, whether the random walk or an order of an account made it."""
        self.last, self.last_size, self.last_time, self.last_exchange = ticks, size, second, exchange
        self._high, self._low = max(self._high, ticks), min(self._low, ticks)
        self._volume += size
        self._turnover += ticks * size
        self.recorder.trade(second, ticks, size)
        self.log.traded(TradePrint(second, ticks, size, exchange))
