"""Which day it is at TWS: completed orders and executions are told for the current day only.

TWS names its own local time once in each handshake; from there the day follows with the time that has passed since.
Nothing here needs a time zone, and the bridge's own idea of the date does not count.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from bridge.session.values import Instant

#: TWS's time in a handshake is as old as the handshake may take.
HANDSHAKE = timedelta(seconds=20)
#: Of a connection older than `LONG` the count may be off by so much: an hour may have been put forward or back, and
#: clocks run apart.
LONG = timedelta(hours=1)
MARGIN = timedelta(minutes=75)


class TwsDay:
    """Unknown (None) until a handshake names a time that can be read."""

    def __init__(self) -> None:
        self._local: datetime | None = None
        self._at = Instant(0.0, 0)

    def connected(self, connection_time: str, now: Instant) -> None:
        """Take the time of a handshake, such as `20251001 12:00:00 US/Eastern`."""
        try:
            self._local = datetime.strptime(connection_time[:17], "%Y%m%d %H:%M:%S")
        except ValueError:
            self._local = None
        self._at = now

    def today(self, now: Instant) -> str | None:
        """The date at TWS as `20251001`; where that is not sure, the earlier one."""
        return self._date(now, -self._slack(now))

    def is_still(self, day: str | None, now: Instant) -> bool:
        """Whether that day is surely not over at TWS."""
        return day is not None and self._date(now, HANDSHAKE + self._slack(now)) == day

    def _slack(self, now: Instant) -> timedelta:
        passed = self._passed(now)
        return MARGIN if passed > LONG else passed / 1000

    def _passed(self, now: Instant) -> timedelta:
        """A clock that was set back must not keep a day alive, and a machine that slept counts no steady seconds."""
        return timedelta(seconds=max(now.clock - self._at.clock, (now.ts - self._at.ts) / 1e9))

    def _date(self, now: Instant, ahead: timedelta) -> str | None:
        return None if self._local is None else (self._local + self._passed(now) + ahead).strftime("%Y%m%d")
