"""TWS's spellings of time, and the calendar of the simulated exchange.

Knows time zones; reads no clock: every function is told the time, in ns (or s, where it says so) since 1970 UTC.

The simulated exchange trades around the clock on every day, so that orders fill whenever somebody tries it out; its
`tradingHours` say so. Its liquid ("regular") hours are the usual ones of each market.
"""

import re
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

NS = 1_000_000_000
DAY = 86_400

# IBKR's names for zones are links that newer tz databases no longer install everywhere.
ZONES = {"US/Eastern": "America/New_York", "US/Central": "America/Chicago", "US/Pacific": "America/Los_Angeles"}

LIQUID_HOURS = {"US/Eastern": (9 * 60 + 30, 16 * 60), "US/Central": (8 * 60 + 30, 15 * 60)}


@lru_cache(maxsize=64)
def zone(name: str) -> ZoneInfo:
    """The zone that IBKR calls `name`. Raises KeyError (ZoneInfoNotFoundError) or ValueError for an unknown one."""
    return ZoneInfo(ZONES.get(name, name))


def local(seconds: float, zone_name: str) -> datetime:
    """`seconds` since 1970 UTC as local time."""
    return datetime.fromtimestamp(seconds, UTC).astimezone(zone(zone_name))


def stamp(seconds: float, zone_name: str) -> str:
    """As in executions and bars: "20260825 14:11:30 US/Eastern"."""
    return f"{local(seconds, zone_name):%Y%m%d %H:%M:%S} {zone_name}"


def local_date(seconds: float, zone_name: str) -> date:
    """The local calendar day."""
    return local(seconds, zone_name).date()


def midnight(day: date, zone_name: str) -> int:
    """Seconds since 1970 UTC at which `day` begins there."""
    return int(datetime(day.year, day.month, day.day, tzinfo=zone(zone_name)).timestamp())


_MOMENT = re.compile(r"^(\d{8})(?:( +|-)(\d{1,2}):(\d{2})(?::(\d{2}))?)?(Z)?(?: +(\S+))?$")


def parse_moment(text: str, zone_name: str) -> int:
    """Seconds since 1970 UTC of "yyyymmdd[ hh:mm:ss[ zone]]" (local) or "yyyymmdd-hh:mm:ss" (UTC).

    Raises ValueError for any other text, an impossible date, one that is not between 1970 and 2199, or an unknown
    zone (TWS error 10314 names the two forms).
    """
    match = _MOMENT.match(text.strip())
    if match is None:
        raise ValueError(f"not a date and time: {text!r}")
    day, joint, hour, minute, second, z, named = match.groups()
    if not "1970" < day[:4] < "2200":
        raise ValueError(f"too far away: {text!r}")
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
    """Whether `seconds` lies in regular hours: Monday to Friday, within LIQUID_HOURS; forex has no others."""
    if always:
        return True
    moment = local(seconds, zone_name)
    first, last = LIQUID_HOURS.get(zone_name, (0, 24 * 60))
    return moment.weekday() < 5 and first <= moment.hour * 60 + moment.minute < last


def trading_hours(seconds: float, zone_name: str, days: int = 6) -> str:
    """`tradingHours` of a contract: around the clock, day by day."""
    return _trading_hours(local_date(seconds, zone_name), days)


@lru_cache(maxsize=64)
def _trading_hours(first: date, days: int) -> str:
    spans = [first + timedelta(days=n) for n in range(days)]
    return ";".join(f"{day:%Y%m%d}:0000-{day + timedelta(days=1):%Y%m%d}:0000" for day in spans)


def liquid_hours(seconds: float, zone_name: str, days: int = 6) -> str:
    """`liquidHours` of a contract: regular hours, weekends closed."""
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
    """When index futures and monthly options expire."""
    first = date(year, month, 1)
    return first + timedelta(days=(4 - first.weekday()) % 7 + 14)


def expiries(after: date, months: tuple[int, ...], count: int) -> list[date]:
    """The next `count` third Fridays of the given months, at least a week after `after`."""
    found: list[date] = []
    year, month = after.year, after.month
    while len(found) < count:
        if month in months:
            friday = third_friday(year, month)
            if friday >= after + timedelta(days=7):
                found.append(friday)
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return found
