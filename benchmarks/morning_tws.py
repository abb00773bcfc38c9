"""A simulated TWS with many stocks: for the morning, and for the crowd of `tests/crowd`. It counts messages of clients.

`python -m benchmarks.morning_tws PER_SECOND [STOCKS]` prints `listening on HOST:PORT`, then for each line of its stdin
the number of messages since the last one. It has 50 stocks with option chains, or so many stocks without them.
"""

from __future__ import annotations

import sys
import threading
from dataclasses import replace
from datetime import date

from bridge.simulator import __main__ as simulator
from bridge.simulator.instruments import universe
from bridge.simulator.instruments.instrument import Instrument
from bridge.simulator.shell.message_limit import MessageLimit, Verdict

#: The conIds of the instruments.
FIRST, MOST = 800_000_000, 50
_STRIKES, _EXPIRIES = 5, 2


def stocks(count: int = MOST) -> list[Instrument]:
    """Stocks that differ in name and price only. Stock number n costs about 50 + n."""
    like = universe._stocks()[0]
    return [
        replace(like, conId=FIRST + n, symbol=f"S{n:02}", localSymbol=f"S{n:02}", price=50.0 + n) for n in range(count)
    ]


def chain(stock: Instrument, number: int, today: date) -> list[Instrument]:
    """Some options on the stock."""
    likes = [option for option in universe._options(today) if option.right == "C"][: _STRIKES * _EXPIRIES]
    return [
        replace(
            like, conId=900_000_000 + number * 100 + n, symbol=stock.symbol, tradingClass=stock.symbol,
            localSymbol=f"{stock.symbol}  {like.localSymbol[6:]}", underConId=stock.conId,
        )
        for n, like in enumerate(likes)
    ]  # fmt: skip


class CountedLimit(MessageLimit):
    """A message limit that counts the messages of all clients."""

    total = 0

    def count(self, now: int) -> Verdict:
        CountedLimit.total += 1
        return super().count(now)


def answer() -> None:
    """Print the count for each line."""
    before = 0
    for _ in sys.stdin:
        print(CountedLimit.total - before, flush=True)
        before = CountedLimit.total


def main(per_second: str, count: str = "") -> None:
    """Run the simulator with the larger universe."""
    from bridge.simulator.exchange import exchange  # noqa: PLC0415
    from bridge.simulator.shell import server  # noqa: PLC0415

    first = universe.build_universe

    def build(today: date) -> universe.Universe:
        more = stocks(int(count or MOST))
        options = [] if count else [option for n, stock in enumerate(more) for option in chain(stock, n, today)]
        return universe.Universe([*first(today), *more, *options])

    universe.build_universe = build
    for module in (exchange, server):
        for name in ("build_universe", "MessageLimit"):
            if hasattr(module, name):
                setattr(module, name, build if name == "build_universe" else CountedLimit)
    threading.Thread(target=answer, daemon=True).start()
    simulator.main(["--listen", "127.0.0.1:0", "--ticks-per-second", "1", "--messages-per-second", per_second])


if __name__ == "__main__":
    main(*sys.argv[1:])
