"""Times as TWS writes them, as text, read into datetimes with a time zone."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DATE = re.compile(r"\d{8}")
_SECONDS = re.compile(r"\d{9,}")
_TEXT = re.compile(r"(\d{8})(-| +)(\d\d:\d\d:\d\d)(?: +(\S+))?")

#: TWS's names of time zones that newer systems do not install.
_OLD_NAMES = {
    "US/Eastern": "America/New_York", "US/Central": "America/Chicago", "US/Mountain": "America/Denver",
    "US/Pacific": "America/Los_Angeles", "GB": "Europe/London", "GB-Eire": "Europe/London", "Japan": "Asia/Tokyo",
    "Hongkong": "Asia/Hong_Kong", "Singapore": "Asia/Singapore", "Australia/NSW": "Australia/Sydney",
}  # fmt: skip


def zone_of(name: str) -> ZoneInfo:
    """The time zone of this name, also of an older name that TWS uses. Raises ValueError for an unknown one."""
    try:
        return ZoneInfo(_OLD_NAMES.get(name, name))
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError(
            f"'{name}' is not the name of a time zone on this machine (the package tzdata has all)"
        ) from None


def from_seconds(seconds: int) -> datetime:
    """The time of so many seconds since 1970 UTC."""
    return _EPOCH + timedelta(seconds=seconds)


def is_day(text: str) -> bool:
    """Whether the text is a day without a time, `yyyymmdd`."""
    return _DATE.fullmatch(text) is not None


def day(text: str, field: str) -> date:
    """The day of `yyyymmdd`. Raises ValueError with the name of the field."""
    try:
        return datetime.strptime(text, "%Y%m%d").date()
    except ValueError:
        raise ValueError(f"{field}: '{text}' is no day in the form yyyymmdd") from None


def moment(text: str, field: str, zone: str | None = None, after: datetime | None = None) -> datetime:
    """The time of a text of TWS, in UTC.

    Parameters:
        text: `yyyymmdd hh:mm:ss zone`, `yyyymmdd-hh:mm:ss` (UTC), or seconds since 1970 UTC.
        field: the name of the field, for the error.
        zone: the time zone of a text that names none, which older versions of TWS send.
        after: an earlier time of the same list. It decides in the hour that the end of summer time repeats.

    Raises ValueError if the text has another form, or if its time zone is not known.
    """
    if _SECONDS.fullmatch(text):
        return from_seconds(int(text))
    found = _TEXT.fullmatch(text)
    if found is None:
        raise ValueError(f"{field}: '{text}' is no time in a form of TWS, such as '20260105 09:30:00 US/Eastern'")
    days, separator, hours, named = found.groups()
    named = named or ("UTC" if separator == "-" else zone)
    if named is None:
        raise ValueError(f"{field}: '{text}' names no time zone: pass tws_zone=, the time zone of TWS")
    try:
        local = datetime.strptime(f"{days} {hours}", "%Y%m%d %H:%M:%S").replace(tzinfo=zone_of(named))
    except ValueError as error:
        raise ValueError(f"{field}: '{text}': {error}") from None
    first, second = local.astimezone(UTC), local.replace(fold=1).astimezone(UTC)
    return second if after is not None and first <= after < second else first
