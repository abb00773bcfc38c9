"""The blocks of bars in the cache file: a head, which says what the block is, and chunks of bars.

The head names the chunks, each with the stamp of its write and its number of bars. A chunk whose write was lost, or
that was removed or replaced, has another stamp or none: then the block is not whole, and counts as absent.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from typing import Any

from bridge.session.caching.bar_block import BarBlock, Head, Unit
from bridge.session.caching.bar_question import BarQuestion
from bridge.session.caching.bar_times import ARITHMETICS, bar_start, moment
from bridge.session.effects import CacheEntry
from bridge.session.outbox import Outbox
from bridge.session.values import Data, Instant

#: Keys of bars in the cache file begin with this.
PREFIX = "bars/"
#: Bars of one chunk, as far as time goes.
_CHUNK = 4096
#: The form of the head. A head of another form is not read.
_FORM = 2
Loaded = Callable[[BarBlock | None, Instant], None]


class BarFile:
    """Reads and writes blocks."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self._numbers = itertools.count(1)

    def read(self, asked: BarQuestion, then: Loaded, now: Instant) -> None:
        """Read the block, and call `then` with it, or with None if the file has no whole block."""
        key = PREFIX + asked.key

        def on_head(found: dict[str, Any], later: Instant) -> None:
            try:
                chunks = _chunks(found.get(key))
            except (LookupError, TypeError, ValueError):
                chunks = {}
            if not chunks:
                then(None, later)
                return
            keys = tuple(f"{key}/{number}" for number in chunks)
            self._outbox.read_cache(keys, lambda parts, last: on_chunks(found[key], chunks, parts, last), later)

        def on_chunks(head: Data, chunks: dict[int, tuple[str, int]], parts: dict[str, Any], later: Instant) -> None:
            try:
                bars = _bars(asked, head, chunks, [parts[f"{key}/{number}"] for number in chunks])
                block = _block(asked, head, bars, later)
            except (AttributeError, LookupError, TypeError, ValueError):
                block = None
            if block is not None:
                block.chunks = chunks
            then(block, later)

        self._outbox.read_cache((key,), on_head, now)

    def write(self, key: str, block: BarBlock, new: Iterable[int], tags: tuple[str, ...], now: Instant) -> None:
        """Write the chunks with new bars and the head, in one transaction."""
        length = _CHUNK * block.size
        numbers = sorted({start // length for start in block.starts})
        before = block.chunks
        changed = {start // length for start in new} | {number for number in numbers if number not in before}
        changed.add(numbers[0])  # its oldest bars may be forgotten
        stamp = f"{now.ts}-{next(self._numbers)}"
        entries = []
        written = {number: before[number] for number in numbers if number not in changed}
        for number in sorted(changed):
            bars = [[s, block.bars[s]] for s in block.starts_between(number * length, (number + 1) * length)]
            if bars:
                written[number] = (stamp, len(bars))
                entries.append(CacheEntry(f"{PREFIX}{key}/{number}", {"stamp": stamp, "bars": bars}, tags))
        block.chunks = written
        head = _head(block) | {"chunks": [[number, *written[number]] for number in numbers]}
        self._outbox.write_cache((*entries, CacheEntry(PREFIX + key, head, tags)))

    def drop(self, key: str, block: BarBlock) -> None:
        """Remove the block."""
        self._outbox.drop_cached(keys=(PREFIX + key, *(f"{PREFIX}{key}/{number}" for number in sorted(block.chunks))))


def _head(block: BarBlock) -> Data:
    return {
        "form": _FORM, "size": block.size, "regular": block.regular, "zone": block.zone, "version": block.version,
        "told": block.told, "after": block.after, "first": block.first, "head": [*block.head],
        "units": {unit: [one.longest, [*one.arithmetics], one.like] for unit, one in block.units.items()},
    }  # fmt: skip


def _chunks(head: Any) -> dict[int, tuple[str, int]]:
    """Return the chunks that a head names, in order. Raises LookupError, TypeError or ValueError for another form."""
    if not isinstance(head, dict) or head["form"] != _FORM:
        return {}
    found: dict[int, tuple[str, int]] = {}
    for number, stamp, count in head["chunks"]:
        _integers(number, count)
        if found and number <= max(found):
            raise ValueError(number)
        found[number] = (stamp, count)
    return found


def _bars(asked: BarQuestion, head: Data, chunks: dict[int, tuple[str, int]], parts: list[Any]) -> dict[int, Data]:
    """Return the bars of the chunks, oldest first. Raises LookupError, TypeError or ValueError if one is not there."""
    length = _CHUNK * asked.size
    found: dict[int, Data] = {}
    newest = -1
    for (number, (stamp, count)), part in zip(chunks.items(), parts, strict=True):
        if part["stamp"] != stamp or len(part["bars"]) != count:
            raise ValueError(number)
        for start, bar in part["bars"]:
            is_right = newest < start and start // length == number
            if not is_right or bar_start(bar["date"], head["zone"]) != start:
                raise ValueError(start)
            found[start] = bar
            newest = start
    return found


def _block(asked: BarQuestion, head: Data, bars: dict[int, Data], now: Instant) -> BarBlock | None:
    """Return the block that `_head` has described. Raises LookupError, TypeError or ValueError for another form."""
    starts = [*bars]
    anchor, unit, whole_days = head["head"]
    _integers(head["version"], head["told"], head["after"], whole_days, *(() if anchor is None else (anchor,)))
    is_right = (head["size"], head["regular"], head["first"]) == (asked.size, asked.regular, starts[0])
    if not is_right or not starts[-1] < head["after"] <= now.ts // 10**9 or head["told"] > now.ts:
        return None
    if moment(f"20200101 00:00:00 {head['zone']}") is None or not isinstance(unit, str):
        return None
    block = BarBlock(
        asked.size, asked.regular, head["zone"], head["version"], head["told"], head["after"],
        Head(anchor, unit, whole_days), bars, starts,
    )  # fmt: skip
    for name, (longest, arithmetics, like) in head["units"].items():
        _integers(longest)
        if moment(like) is None or not isinstance(name, str):
            return None
        block.units[name] = Unit(longest, tuple(a for a in ARITHMETICS if a in arithmetics), like)
    return block


def _integers(*values: Any) -> None:
    if not all(type(value) is int for value in values):
        raise TypeError(values)
