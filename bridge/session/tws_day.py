"""Which day it is at TWS: completed orders and executions are told for the current day only.

TWS names its own local time once in each handshake; from there the day follows with the time that has passed since.
Nothing here needs a time zone, and the bridge's own idea of the date does not count.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from bridge.session.values import Instant

#: What the bridge's count may be off by: clocks that differ, and an hour that is put forward or back meanwhile.
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
        """The date at TWS as `20251001`; just after midnight still the one before."""
        return self._date(now, -MARGIN)

    def is_still(self, day: str | None, now: Instant) -> bool:
        """Whether that day is surely not over at TWS."""
        return day is not None and self._date(now, MARGIN) == day

    def _date(self, now: Instant, ahead: timedelta) -> str | None:
        if self._local is None:
            return None
        # A clock that was set back must not keep a day alive; a machine that slept counts no steady seconds.
        passed = max(now.clock - self._at.clock, (now.ts - self._at.ts) / 1e9)
        return (self._local + timedelta(seconds=passed) + ahead).strftime("%Y%m%d")
