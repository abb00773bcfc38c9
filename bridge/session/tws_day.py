"""The date at TWS. TWS reports completed orders and executions for the current day only.

TWS sends its local time once in each handshake. From there the bridge computes the date from the time that has passed.
This needs no time zone, and does not use the bridge's own date.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from bridge.session.values import Instant

#: The time in a handshake is at most so old as a handshake may take.
HANDSHAKE = timedelta(seconds=20)
#: On a connection older than `LONG` the computed time may be wrong by `MARGIN`: daylight saving time may have begun or
#: ended, and clocks differ.
LONG = timedelta(hours=1)
MARGIN = timedelta(minutes=75)


class TwsDay:
    """The date is unknown (None) until a handshake contains a time that the bridge can parse."""

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
        """Return the date at TWS as `20251001`; the earlier date if two are possible. None if it is unknown.

        TWS's date does not go back on one connection: the result is never earlier than the date in the handshake.
        """
        if self._local is None:
            return None
        least, _ = self._passed(now)
        return _date(max(self._local + least - _slack(least), self._local))

    def is_still(self, day: str | None, now: Instant) -> bool:
        """Return whether that day is certainly not over at TWS."""
        if self._local is None:
            return False
        _, most = self._passed(now)
        return _date(self._local + most + _slack(most) + HANDSHAKE) == day

    def _passed(self, now: Instant) -> tuple[timedelta, timedelta]:
        """Return the shorter and the longer of the two clocks' intervals. The true one is neither shorter nor longer.

        The UTC clock may have been set, and the steady clock stops while the machine sleeps.
        """
        shorter, longer = sorted((now.clock - self._at.clock, (now.ts - self._at.ts) / 1e9))
        return timedelta(seconds=shorter), timedelta(seconds=longer)


def _slack(passed: timedelta) -> timedelta:
    return MARGIN if passed > LONG else passed / 1000


def _date(time: datetime) -> str:
    return f"{time:%Y%m%d}"
