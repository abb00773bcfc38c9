"""With which bar TWS begins its answer to a question: computed where all rules that TWS may follow name the same bar.

IBKR does not document how TWS finds the first bar. So the bridge computes it in four cases only:

* A period of weeks, months or years that begins between the beginning of an earlier one of the same unit and the first
  bar that TWS sent for that one: it begins with the same bar.
* Such a period that begins in a pause of trading: its first bar is the next one.
* Such a period that begins in hours of trading, if TWS has shown on this connection what it does there.
* A number of days in regular hours: TWS counts days of trading. The bridge counts them where the days of the calendar
  are certainly the same, and no weekday is without bars.
"""

from __future__ import annotations

from bisect import bisect_left

from bridge.session.caching.bar_block import CALENDAR, MARGIN, BarBlock
from bridge.session.caching.bar_question import BarQuestion
from bridge.session.caching.bar_times import DAY, Moment, is_weekday, midnight

#: Between two days of trading there is a pause of so many seconds at least.
_NIGHT = 6 * 3600
#: A day without bars has not begun to trade, if it is so many seconds before the time of the first bars of other days.
_BEFORE_OPENING = 2 * 3600


def first_bar(block: BarBlock, asked: BarQuestion, end: Moment, newer: list[int]) -> int | None:
    """Return the start of the first bar; None if it is not certain, or not in the block.

    `newer`: the starts of bars behind those of the block, up to the end.
    """
    if asked.length.unit in CALENDAR:
        start = block.start_of(asked.length, end)
        return None if start is None else _in_calendar(block, start, asked.length.unit)
    if asked.length.unit == "D" and asked.regular:
        known = block.starts_between(block.first, min(end.seconds, newer[0] if newer else end.seconds))
        return _days_back(block, [*known, *newer], asked.length.amount, end.seconds)
    return None


def _in_calendar(block: BarBlock, start: int, unit: str) -> int | None:
    anchor = block.head.anchor
    if anchor is not None and block.head.unit == unit and anchor <= start <= block.first:
        return block.first
    quiet = min(midnight(start, block.zone), start - MARGIN - block.size)
    position = bisect_left(block.starts, start)
    following = block.starts[position] if position < len(block.starts) else None
    if quiet >= block.covered and not block.starts_between(quiet, start):
        return following
    border = block.units[unit].border
    if border is None or start - block.size < block.covered:
        return None
    around = block.starts_between(start - block.size + 1, start)
    if around and border.sent < start - around[-1] < border.left_out:
        return None
    return around[-1] if around and start - around[-1] <= border.sent else following


def _days_back(block: BarBlock, starts: list[int], amount: int, end: int) -> int | None:
    """Return the first bar of the last `amount` days that have bars; None if TWS may count other days."""
    today = midnight(end, block.zone)
    day, position, opens = today, len(starts), DAY
    is_today_empty = False
    while position > 0 and amount > 0:
        first = bisect_left(starts, day, 0, position)
        if first < position:
            if first > 0 and starts[first] - starts[first - 1] < block.size + _NIGHT:
                return None  # a day of trading that crosses midnight, or trading around the clock
            amount -= 1
            opens = min(opens, starts[first] - day)
        elif day == today:
            is_today_empty = is_weekday(day, block.zone)
        elif is_weekday(day, block.zone):
            return None  # a holiday, or a day without trades: how does TWS count it?
        position, counted = first, day
        day = midnight(day - DAY // 2, block.zone)
    if amount > 0 or (is_today_empty and end - today > opens - _BEFORE_OPENING):
        return None
    is_whole = position > 0 or block.head.whole_days <= counted
    return starts[position] if is_whole else None
