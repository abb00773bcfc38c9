"""What the bridge can answer with kept bars: alone, or together with the newest bars from TWS. Pure."""

from __future__ import annotations

import math
from bisect import bisect_left
from typing import NamedTuple

from bridge.session.caching.bar_answer import BarAnswer
from bridge.session.caching.bar_beginning import first_bar
from bridge.session.caching.bar_block import BarBlock, Piece
from bridge.session.caching.bar_question import BarQuestion
from bridge.session.caching.bar_times import DAY, Moment, is_weekday, midnight, text_of
from bridge.session.values import Data

#: A tail has so many kept bars, for the comparison, and a day of them at least.
_OVERLAP = 10
#: A tail is at most this part of the whole request. If it is longer, it saves too little.
_LARGEST_TAIL = 0.6
#: For bars shorter than this, TWS limits durations and requests: the bridge requests no tail.
_SHORT = 60


class Service(NamedTuple):
    """What the bridge answers. `told`: when TWS sent the oldest of the bars (ns since 1970). `texts`: of the period."""

    bars: list[Data]
    texts: tuple[str, str]
    told: int


def from_block(asked: BarQuestion, block: BarBlock) -> Service | None:
    """Return the answer to a question about a period that the block contains; None if it is not certain."""
    end = asked.end
    if end is None or end.zone != block.zone or end.seconds > block.after:
        return None
    if block.starts_between(end.seconds - block.size + 1, end.seconds):
        return None  # TWS may send a bar in part that contains the end
    first = first_bar(block, asked, end, [])
    bars = [] if first is None else block.between(first, end.seconds)
    texts = _texts(asked, block, end)
    return Service(bars, texts, block.told) if bars and texts is not None else None


def days_of_tail(asked: BarQuestion, block: BarBlock, now: int) -> int | None:
    """Return how many days of the newest bars the bridge must request; None if the whole request must go to TWS."""
    end = Moment(now, block.zone) if asked.end is None else asked.end
    if block.size < _SHORT or end.zone != block.zone:
        return None
    # Whether the last day counts is seen when its bars are there.
    first = first_bar(block, asked, end, [])
    if first is None and end.seconds > block.after:
        first = first_bar(block, asked, end, [end.seconds - 1])
    known_until = min(block.after, end.seconds)
    position = bisect_left(block.starts, known_until) - _OVERLAP
    if first is None or position < 0:
        return None
    begin = min(block.starts[position], known_until - DAY)
    days = math.ceil((end.seconds - begin) / DAY)
    if block.regular:
        days = min(days, _days_of_trading(block, begin, end.seconds))
    is_worth_it = begin >= first and 0 < days <= _LARGEST_TAIL * asked.length.seconds / DAY
    return days if is_worth_it else None


def with_tail(asked: BarQuestion, block: BarBlock, piece: Piece, answer: BarAnswer) -> Service | None:
    """Return the answer made of kept bars and of a tail that agrees with them; None if it is not certain.

    `block`: with the finished bars of the tail (`piece`). `answer`: the tail.
    """
    joint = next(iter(piece.bars))
    if joint not in block.bars or (asked.end is not None and asked.end.seconds != answer.end.seconds):
        return None
    newer = {start: bar for start, bar in answer.bars.items() if start >= joint}
    first = first_bar(block, asked, answer.end, [*newer])
    texts = _texts(asked, block, answer.end)
    if first is None or first >= joint or texts is None:
        return None
    return Service([*block.between(first, joint), *newer.values()], (texts[0], answer.texts[1]), block.told)


def _texts(asked: BarQuestion, block: BarBlock, end: Moment) -> tuple[str, str] | None:
    """Return what TWS writes as the ends of the period; None if it is not certain."""
    start = block.start_of(asked.length, end)
    if start is None:
        return None
    like = block.units[asked.length.unit].like
    return text_of(start, like, block.zone), text_of(end.seconds, like, block.zone)


def _days_of_trading(block: BarBlock, begin: int, end: int) -> int:
    """Return about how many days TWS must count back from the end to the first kept bar behind `begin`.

    If that is too few, the tail has too few bars to compare, and the whole request goes to TWS.
    """
    first, zone = block.starts[bisect_left(block.starts, begin)], block.zone
    newest = block.starts[-1]
    opening = block.starts[bisect_left(block.starts, midnight(newest, zone))] - midnight(newest, zone)
    day = midnight(end, zone)
    count = int(is_weekday(day, zone) and end - day > opening)
    while day > first:
        day = midnight(day - DAY // 2, zone)
        count += is_weekday(day, zone)
    return count
