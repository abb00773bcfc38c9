"""A TWS that has bars: it answers reqHistoricalData by one of the rules that a TWS may follow. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

ZONE = "US/Eastern"
SIZES = {
    "30 secs": 30, "1 min": 60, "5 mins": 300, "15 mins": 900, "30 mins": 1800, "1 hour": 3600, "2 hours": 7200,
    "4 hours": 14_400, "1 day": 86_400,
}  # fmt: skip
#: A bar changes until so many seconds after its end.
LATE = 30
FIXED = {"S": 1, "D": 86_400, "W": 7 * 86_400, "M": 30 * 86_400, "Y": 365 * 86_400}


def local(seconds: float) -> datetime:
    return datetime.fromtimestamp(int(seconds), ZoneInfo(ZONE))


def written(seconds: float) -> str:
    return f"{local(seconds):%Y%m%d %H:%M:%S} {ZONE}"


@dataclass
class ModelHistory:
    """`border`: where an answer begins: `start`, `end`, `day`, or for bars of a day `close` (by the session's close).

    `factor` is what a split or a dividend has made of all prices. `holes`: this part of the bars does not exist.
    """

    seed: int
    arithmetic: str = "fixed"
    border: str = "end"
    holes: float = 0.1
    factor: int = 1
    told: int = 0

    def bar(self, start: int, size: int, until: float) -> dict[str, Any] | None:
        """The bar as it is at this time, or None."""
        dice = Random(f"{self.seed}/{size}/{start}")
        if dice.random() < self.holes or until < start:
            return None
        close = 100 + dice.randrange(1000)
        age = min(until - start, size + LATE)
        day = size == 86_400
        text = f"{local(start):%Y%m%d}" if day else written(start)
        return {"date": text, "open": 1.0 * self.factor, "close": float(close * self.factor), "volume": str(int(age))}

    def session(self, day: date, size: int) -> list[int]:
        """The starts of the bars of a day: regular hours, on weekdays."""
        if day.weekday() >= 5:
            return []
        midnight = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(ZONE))
        if size == 86_400:
            return [int(midnight.timestamp())]
        opens = int((midnight + timedelta(hours=9, minutes=30)).timestamp())
        closes = int((midnight + timedelta(hours=16)).timestamp())
        first = opens if size < 3600 else opens - opens % size
        return [start for start in range(first, closes, size) if start + size > opens]

    def _begins(self, end: int, amount: int, unit: str) -> int:
        if self.arithmetic == "fixed" or unit == "S":
            return end - amount * FIXED[unit]
        at = local(end)
        if unit in "DW":
            days = timedelta(days=amount * (7 if unit == "W" else 1))
            return int((at.replace(tzinfo=None) - days).replace(tzinfo=at.tzinfo).timestamp())
        months = at.year * 12 + at.month - 1 - amount * (12 if unit == "Y" else 1)
        return int(at.replace(year=months // 12, month=months % 12 + 1, day=min(at.day, 28)).timestamp())

    def answer(self, params: dict[str, Any], now: float) -> tuple[list[dict[str, Any]], str, str]:
        """The bars, and the start and end of the period."""
        size = SIZES[params["barSizeSetting"]]
        text = params.get("endDateTime", "")
        end = int(now)
        if text:
            at = datetime.strptime(text[:17], "%Y%m%d %H:%M:%S").replace(tzinfo=ZoneInfo(ZONE))
            end = min(end, int(at.timestamp()))
        amount, unit = int(params["duration"].split()[0]), params["duration"].split()[1]
        start = self._begins(end, amount, unit)
        first = self._first(start, size)
        days = [local(end).date() - timedelta(days=n) for n in range((end - start) // 86_400 + 40)]
        if unit == "D" and params.get("useRTH"):
            first = self.days_back(amount, days, size, end, now)
        found = [bar for day in reversed(days) for s, bar in self._bars(day, size, end, now).items() if s >= first]
        return found, written(start), written(end)

    def days_back(self, amount: int, days: list[date], size: int, end: int, now: float) -> int:
        """When the last so many days with bars begin. `days`: the newest first."""
        with_bars = [day for day in days if self._bars(day, size, end, now)]
        return int(datetime.combine(with_bars[:amount][-1], datetime.min.time(), ZoneInfo(ZONE)).timestamp())

    def _bars(self, day: date, size: int, end: int, now: float) -> dict[int, dict[str, Any]]:
        until = min(now, end + LATE) if end < now else now
        found = {start: self.bar(start, size, until) for start in self.session(day, size) if start < end}
        return {start: bar for start, bar in found.items() if bar is not None}

    def _first(self, start: int, size: int) -> int:
        at = local(start)
        day = int(at.replace(hour=0, minute=0, second=0).timestamp())
        if self.border == "day":
            return day
        if size == 86_400:
            is_in = at.hour < 16 if self.border == "close" else self.border == "end"
            return day if is_in else start
        return start if self.border == "start" else start - size + 1


def utc(text: str) -> float:
    """Seconds of a time in the model's zone."""
    return datetime.strptime(text, "%Y%m%d %H:%M:%S").replace(tzinfo=UTC).timestamp()
