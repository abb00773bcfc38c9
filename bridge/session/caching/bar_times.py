"""The times of historical bars: what TWS writes for a bar and for the ends of a period, and how long a period is.

TWS writes times in the time zone of its login, or as UTC, or as seconds since 1970. A text in any other form, or
without a time zone, has no certain meaning: the bridge keeps no bars with such times.
"""

from __future__ import annotations

import functools
import re
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

#: Sizes of bars that the bridge knows, with their length in seconds. TWS may date bars of a week and a month in several
#: ways.
SIZES = {
    "1 secs": 1, "5 secs": 5, "10 secs": 10, "15 secs": 15, "30 secs": 30, "1 min": 60, "2 mins": 120, "3 mins": 180,
    "5 mins": 300, "10 mins": 600, "15 mins": 900, "20 mins": 1200, "30 mins": 1800, "1 hour": 3600, "2 hours": 7200,
    "3 hours": 10_800, "4 hours": 14_400, "8 hours": 28_800, "1 day": 86_400,
}  # fmt: skip
DAY = 86_400
#: How the start of a period follows from its end: by the calendar of the time zone, or by days of 24 hours (months of
#: 30 and years of 365 of them).
Arithmetic = Literal["calendar", "fixed"]
ARITHMETICS: tuple[Arithmetic, ...] = ("calendar", "fixed")
_FIXED = {"S": 1, "D": DAY, "W": 7 * DAY, "M": 30 * DAY, "Y": 365 * DAY}
#: Times outside of these years are not certain: a calendar computation may fail.
_YEARS = range(1970, 2100)
#: Each month has the days up to this one.
_IN_EACH_MONTH = 28
_IN_ZONE = re.compile(r"(\d{8}) (\d{2}):(\d{2}):(\d{2}) (\S+)", re.ASCII)
_IN_UTC = re.compile(r"(\d{8})-(\d{2}):(\d{2}):(\d{2})", re.ASCII)
_DURATION = re.compile(r"([1-9][0-9]{0,4}) ([SDWMY])")


class Moment(NamedTuple):
    """A time in seconds since 1970 UTC, and the time zone in which TWS or a client wrote it."""

    seconds: int
    zone: str


class Duration(NamedTuple):
    """The length of a period, such as 2 W."""

    amount: int
    unit: str

    @property
    def seconds(self) -> int:
        """About how long it is."""
        return self.amount * _FIXED[self.unit]

    def before(self, end: Moment, arithmetic: Arithmetic) -> int | None:
        """Return where the period begins that ends at `end`; None where calendars may differ.

        That is the case from the 29th of a month on, and for a local time that a change of clocks skips or repeats.
        """
        if arithmetic == "fixed" or self.unit == "S":
            return end.seconds - self.seconds
        local = datetime.fromtimestamp(end.seconds, _zone(end.zone)).replace(tzinfo=None)
        if self.unit in "DW":
            return _seconds(local - timedelta(days=self.amount * (7 if self.unit == "W" else 1)), end.zone)
        if local.day > _IN_EACH_MONTH:
            return None
        months = self.amount * (12 if self.unit == "Y" else 1)
        year, month = divmod(local.year * 12 + local.month - 1 - months, 12)
        return _seconds(local.replace(year=year, month=month + 1), end.zone) if year in _YEARS else None


def duration(text: str) -> Duration | None:
    """Parse a duration exactly as TWS documents it, such as `2 W`; None if it has another form."""
    found = _DURATION.fullmatch(text)
    return None if found is None else Duration(int(found[1]), found[2])


def moment(text: str) -> Moment | None:
    """Parse `yyyymmdd hh:mm:ss zone` or `yyyymmdd-hh:mm:ss` (UTC); None for any other form or an unknown zone.

    None also for a time that a change of clocks skips or repeats.
    """
    found = _IN_ZONE.fullmatch(text) or _IN_UTC.fullmatch(text)
    if found is None:
        return None
    zone = found[5] if found.re is _IN_ZONE else "UTC"
    hour, minute, second = int(found[2]), int(found[3]), int(found[4])
    day = _day(found[1], zone)
    if day is None or hour >= 24 or minute >= 60 or second >= 60:
        return None
    begin, is_plain = day
    if is_plain:
        return Moment(begin + hour * 3600 + minute * 60 + second, zone)
    local = datetime.strptime(f"{found[1]} {found[2]}{found[3]}{found[4]}", "%Y%m%d %H%M%S")
    seconds = _seconds(local, zone)
    return None if seconds is None else Moment(seconds, zone)


@functools.lru_cache(maxsize=4096)
def _day(date: str, zone: str) -> tuple[int, bool] | None:
    """Return when the date begins in the zone, and whether it has 24 hours; None if the date or zone is unknown."""
    try:
        local = datetime.strptime(date, "%Y%m%d")
        if local.year not in _YEARS:
            return None
        begin, after = (int((local + timedelta(days=n)).replace(tzinfo=_zone(zone)).timestamp()) for n in (0, 1))
    except (ValueError, LookupError, OSError):
        return None
    return begin, after - begin == DAY


def text_of(seconds: int, like: str, zone: str) -> str:
    """Write a time as TWS has written `like`."""
    form = "%Y%m%d-%H:%M:%S" if "-" in like[:9] else "%Y%m%d %H:%M:%S"
    return f"{datetime.fromtimestamp(seconds, _zone(zone)):{form}}" + ("" if "-" in like[:9] else f" {zone}")


def bar_start(date: str, zone: str) -> int | None:
    """Return when the bar with this `date` begins; None if that is not certain.

    A date without a time (bars of a day) counts as midnight in TWS's time zone.
    """
    if date.isascii() and date.isdecimal():
        if len(date) == len("yyyymmdd"):
            day = _day(date, zone)
            return None if day is None else day[0]
        return int(date) if len(date) <= len("4102444800") else None
    found = moment(date)
    return None if found is None else found.seconds


def midnight(seconds: int, zone: str) -> int:
    """Return the beginning of the day on which this time lies in the zone."""
    local = datetime.fromtimestamp(seconds, _zone(zone))
    return int(local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0).timestamp())


def is_weekday(seconds: int, zone: str) -> bool:
    """Return whether this time lies on one of the days from Monday to Friday in the zone."""
    return datetime.fromtimestamp(seconds, _zone(zone)).weekday() < 5


def _seconds(local: datetime, zone: str) -> int | None:
    """Return the time; None if the clock shows it twice or never."""
    both = {local.replace(tzinfo=_zone(zone), fold=fold).timestamp() for fold in (0, 1)}
    return int(both.pop()) if len(both) == 1 else None


def _zone(name: str) -> tzinfo:
    return UTC if name == "UTC" else ZoneInfo(name)
