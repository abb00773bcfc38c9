"""TWS's formats of times, and the calendar of the simulated exchange.

This module knows time zones but reads no clock. Callers pass the time, in seconds since 1970 UTC unless stated
otherwise.

The simulated exchange trades around the clock on every day, so that orders fill at any time of a trial. Its
`tradingHours` say so. Its liquid ("regular") hours are the usual ones of each market.
"""

import re
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

NS = 1_000_000_000
DAY = 86_400
EXCHANGE_ZONE = "US/Eastern"
"""IBKR's name of the time zone of the simulated exchange."""

# Newer tz databases do not install IBKR's names of zones everywhere: they are links.
ZONES = {"US/Eastern": "America/New_York", "US/Central": "America/Chicago", "US/Pacific": "America/Los_Angeles"}

LIQUID_HOURS = {"US/Eastern": (9 * 60 + 30, 16 * 60), "US/Central": (8 * 60 + 30, 15 * 60)}


@lru_cache(maxsize=64)
def zone(name: str) -> ZoneInfo:
    """Return the zone that IBKR calls `name`.

    Raises KeyError (ZoneInfoNotFoundError) or ValueError for an unknown name.
    """
    return ZoneInfo(ZONES.get(name, name))


def local(seconds: float, zone_name: str) -> datetime:
    """Convert `seconds` since 1970 UTC to local time."""
    return datetime.fromtimestamp(seconds, UTC).astimezone(zone(zone_name))


def stamp(seconds: float, zone_name: str) -> str:
    """Format a time as TWS does in executions and bars: "20260825 14:11:30 US/Eastern"."""
    return f"{local(seconds, zone_name):%Y%m%d %H:%M:%S} {zone_name}"


def local_date(seconds: float, zone_name: str) -> date:
    """Return the local calendar day."""
    return local(seconds, zone_name).date()


def midnight(day: date, zone_name: str) -> int:
    """Return the start of `day` in that zone, in seconds since 1970 UTC."""
    return int(datetime(day.year, day.month, day.day, tzinfo=zone(zone_name)).timestamp())


_MOMENT = re.compile(r"^(\d{8})(?:( +|-)(\d{1,2}):(\d{2})(?::(\d{2}))?)?(Z)?(?: +(\S+))?$")


def parse_moment(text: str, zone_name: str) -> int:
    """Parse "yyyymmdd[ hh:mm:ss[ zone]]" (local time) or "yyyymmdd-hh:mm:ss" (UTC) to seconds since 1970 UTC.

    Raises ValueError for any other format, an impossible date, a year outside 1970 to 2199, or an unknown zone. TWS
    error 10314 describes the two formats.
    """
    match = _MOMENT.match(text.strip())
    if match is None:
        raise ValueError(f"not a date and time: {text!r}")
    day, joint, hour, minute, second, z, named = match.groups()
    if not "1970" < day[:4] < "2200":
        raise ValueError(f"the year is not between 1970 and 2199: {text!r}")
    moment = datetime.strptime(day, "%Y%m%d") + timedelta(
        hours=int(hour or 0), minutes=int(minute or 0), seconds=int(second or 0)
    )
    if joint == "-" or z:
        return int(moment.replace(tzinfo=UTC).timestamp())
    try:
        where = zone(named or zone_name)
    except (KeyError, OSError) as unknown:
        raise ValueError(f"unknown time zone {named!r}") from unknown
    return int(moment.replace(tzinfo=where).timestamp())


def is_liquid(seconds: int, zone_name: str, always: bool = False) -> bool:
    """Return whether `seconds` is in regular hours: Monday to Friday, within LIQUID_HOURS.

    `always` is for forex, which has no regular hours: the result is then True.
    """
    if always:
        return True
    moment = local(seconds, zone_name)
    first, last = LIQUID_HOURS.get(zone_name, (0, 24 * 60))
    return moment.weekday() < 5 and first <= moment.hour * 60 + moment.minute < last


def trading_hours(seconds: float, zone_name: str, days: int = 6) -> str:
    """Return the `tradingHours` of a contract: around the clock, for the next `days` days."""
    return _trading_hours(local_date(seconds, zone_name), days)


@lru_cache(maxsize=64)
def _trading_hours(first: date, days: int) -> str:
    spans = [first + timedelta(days=n) for n in range(days)]
    return ";".join(f"{day:%Y%m%d}:0000-{day + timedelta(days=1):%Y%m%d}:0000" for day in spans)


def liquid_hours(seconds: float, zone_name: str, days: int = 6) -> str:
    """Return the `liquidHours` of a contract: regular hours, closed at weekends, for the next `days` days."""
    return _liquid_hours(local_date(seconds, zone_name), zone_name, days)


@lru_cache(maxsize=64)
def _liquid_hours(first: date, zone_name: str, days: int) -> str:
    opens, closes = LIQUID_HOURS.get(zone_name, (0, 24 * 60 - 1))
    parts = []
    for day in (first + timedelta(days=n) for n in range(days)):
        if day.weekday() >= 5:
            parts.append(f"{day:%Y%m%d}:CLOSED")
        else:
            parts.append(f"{day:%Y%m%d}:{opens // 60:02}{opens % 60:02}-{day:%Y%m%d}:{closes // 60:02}{closes % 60:02}")
    return ";".join(parts)


def third_friday(year: int, month: int) -> date:
    """Return the day on which index futures and monthly options expire."""
    first = date(year, month, 1)
    return first + timedelta(days=(4 - first.weekday()) % 7 + 14)


def expiries(after: date, months: tuple[int, ...], count: int) -> list[date]:
    """Return the next `count` third Fridays of the given months, at least a week after `after`."""
    found: list[date] = []
    year, month = after.year, after.month
    while len(found) < count:
        if month in months:
            friday = third_friday(year, month)
            if friday >= after + timedelta(days=7):
                found.append(friday)
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return found
