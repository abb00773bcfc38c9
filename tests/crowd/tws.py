"""The TWS of the crowd: the simulator with many stocks.

`python -m tests.crowd.tws PER_SECOND STOCKS` prints `listening on HOST:PORT`.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import date

from bridge.simulator import __main__ as simulator
from bridge.simulator.exchange import exchange
from bridge.simulator.instruments import universe

#: The first conId of the stocks. Stock number n costs about 50 + n.
FIRST = 800_000_000
_build = universe.build_universe


def build(count: int, today: date) -> universe.Universe:
    """Return the simulator's instruments, and so many stocks more."""
    like = next(one for one in _build(today) if one.secType == "STK")
    more = (
        replace(like, conId=FIRST + n, symbol=f"S{n:02}", localSymbol=f"S{n:02}", price=50.0 + n) for n in range(count)
    )
    return universe.Universe([*_build(today), *more])


def main(per_second: str, count: str) -> None:
    """Run the simulator."""
    exchange.build_universe = lambda today: build(int(count), today)
    simulator.main(["--listen", "127.0.0.1:0", "--ticks-per-second", "1", "--messages-per-second", per_second])


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
