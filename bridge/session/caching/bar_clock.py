"""TWS's clock, as far as the cache of bars needs it: which bars are over, and how long a comparison with TWS holds.

TWS sends its time in the handshake. From there the bridge counts with the steady clock. While the bridge's own clock
shows another time, one of both is wrong, and the bridge neither keeps bars nor serves any.
"""

from __future__ import annotations

from typing import NamedTuple

from bridge.session.caching.bar_times import moment
from bridge.session.tws_day import TwsDay
from bridge.session.values import Instant

#: TWS's clock and the bridge's may differ by so many seconds.
SKEW = 120
#: From this server version on, the end of an answer is a message of its own.
ENDS_APART = 196


class Stamp(NamedTuple):
    """On which connection, and on which day at TWS, something was true."""

    connection: int
    day: str


class BarClock:
    """See the module. `version`: of the TWS that is connected. `connection`: its number."""

    def __init__(self) -> None:
        self._day = TwsDay()
        self.connection = 0
        self._told: int | None = None
        self._at = Instant(0.0, 0)
        self.version = 0

    def connected(self, connection_time: str, server_version: int, now: Instant) -> None:
        """TWS has answered the handshake with its time."""
        self._day.connected(connection_time, now)
        self.connection += 1
        told = moment(connection_time)
        self._told = None if told is None or server_version < ENDS_APART else told.seconds
        self._at, self.version = now, server_version

    def differs(self) -> None:
        """An answer of TWS shows another time: until the next connection no clock is certain."""
        self._told = None

    def seconds(self, now: Instant) -> int | None:
        """Return TWS's time in seconds since 1970 UTC; None if it is not certain."""
        if self._told is None:
            return None
        time = self._told + (now.clock - self._at.clock)
        return int(time) if abs(time - now.ts / 1e9) <= SKEW else None

    def stamp(self, now: Instant) -> Stamp | None:
        """Return the stamp of this moment; None if it may be one of two days at TWS."""
        day = self._day.today(now)
        return Stamp(self.connection, day) if day is not None and self._day.is_still(day, now) else None

    def holds(self, stamp: Stamp | None, now: Instant) -> bool:
        """Return whether it is the same connection, and certainly the same day at TWS."""
        return stamp is not None and stamp.connection == self.connection and self._day.is_still(stamp.day, now)
