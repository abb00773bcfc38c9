"""The times of historical bars: what TWS writes for a bar and for the ends of a period, and how long a period is.

TWS writes times in the time zone of its login, or as UTC, or as seconds since 1970. A text in any other form, or
without a time zone, has no certain meaning: such requests are not kept.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

#: Bars that the bridge keeps, with their length in seconds. TWS may date bars of a week and a month in several ways.
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
#: Longer periods have no bars. And times outside of these years are not certain: a calendar computation may fail.
_LONGEST = 60 * 365 * DAY
_YEARS = range(1970, 2100)
_MOMENT = re.compile(r"(\d{8})[ -](\d{2}:\d{2}:\d{2})(?: (\S+))?")


class Moment(NamedTuple):
    """A time in seconds since 1970 UTC, and the time zone in which TWS wrote it."""

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

    def before(self, end: Moment, arithmetic: Arithmetic) -> int:
        """Return where the period begins that ends at `end`."""
        if arithmetic == "fixed" or self.unit == "S":
            return end.seconds - self.seconds
        local = datetime.fromtimestamp(end.seconds, _zone(end.zone))
        if self.unit in "DW":
            days = self.amount * (7 if self.unit == "W" else 1)
            return int((local.replace(tzinfo=None) - timedelta(days=days)).replace(tzinfo=local.tzinfo).timestamp())
        months = self.amount * (12 if self.unit == "Y" else 1)
        year, month = divmod(local.year * 12 + local.month - 1 - months, 12)
        for day in range(local.day, 0, -1):
            try:
                return int(local.replace(year=year, month=month + 1, day=day).timestamp())
            except ValueError:
                continue
        return end.seconds - self.seconds


def duration(text: str) -> Duration | None:
    """Parse a duration such as `2 W`; None if it has another form."""
    match text.upper().split():
        case [amount, unit] if unit in _FIXED and re.fullmatch("[0-9]{1,9}", amount):
            length = Duration(int(amount), unit)
            return length if 0 < length.seconds <= _LONGEST else None
    return None


def moment(text: str) -> Moment | None:
    """Parse `yyyymmdd hh:mm:ss zone` or `yyyymmdd-hh:mm:ss` (UTC); None for any other form or an unknown zone."""
    found = _MOMENT.fullmatch(text.strip())
    if found is None:
        return None
    zone = found[3] or ("UTC" if "-" in text[:9] else "")
    try:
        local = datetime.strptime(f"{found[1]} {found[2]}", "%Y%m%d %H:%M:%S")
        is_certain = zone and local.year in _YEARS
        return Moment(int(local.replace(tzinfo=_zone(zone)).timestamp()), zone) if is_certain else None
    except (ValueError, LookupError, OSError):
        return None


def text_of(seconds: int, like: str, zone: str) -> str:
    """Write a time as TWS has written `like`."""
    form = "%Y%m%d-%H:%M:%S" if "-" in like[:9] else "%Y%m%d %H:%M:%S"
    return f"{datetime.fromtimestamp(seconds, _zone(zone)):{form}}" + ("" if "-" in like[:9] else f" {zone}")


def bar_start(date: str, zone: str) -> int | None:
    """Return when the bar with this `date` begins; None if that is not certain.

    A date without a time (bars of a day) counts as midnight in TWS's time zone.
    """
    if date.isdecimal() and len(date) == len("yyyymmdd"):
        found = moment(f"{date} 00:00:00 {zone}")
    elif date.isdecimal():
        return int(date) if len(date) <= len("4102444800") else None
    else:
        found = moment(date)
    return None if found is None else found.seconds


def midnight(seconds: int, zone: str) -> int:
    """Return the beginning of the day on which this time lies in the zone."""
    local = datetime.fromtimestamp(seconds, _zone(zone))
    return int(local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0).timestamp())


def _zone(name: str) -> tzinfo:
    return UTC if name == "UTC" else ZoneInfo(name)
