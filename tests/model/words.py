"""What TWS may say of the order: each word is one bit of what it has said on this connection.

A word that was said may be delivered at any time while the connection lives, in any order, any number of times, or
never: so statuses and errors are lost, late, repeated and reordered without a bound.
"""

from __future__ import annotations

from functools import cache
from typing import Literal, NamedTuple

Kind = Literal["status", "execution", "error"]


class Word(NamedTuple):
    """`text`: the status, or the error code. `figure`: how much the status says is executed; of an execution, which."""

    kind: Kind
    text: str
    figure: int = 0


WORDS: tuple[Word, ...] = (
    Word("status", "Submitted", 0),
    Word("status", "Submitted", 1),
    Word("status", "Inactive", 0),
    Word("status", "Inactive", 1),
    Word("status", "Cancelled", 0),
    Word("status", "Cancelled", 1),
    Word("status", "Filled", 2),
    Word("execution", "", 0),
    Word("execution", "", 1),
    Word("error", "103"),
    Word("error", "201"),
    Word("error", "201 cancel"),
    Word("error", "202"),
    Word("error", "399"),
    Word("error", "10147"),
    Word("error", "10148"),
)
_BITS = {word: 1 << place for place, word in enumerate(WORDS)}


def said(kind: Kind, text: str, figure: int = 0) -> int:
    """The bit of that word."""
    return _BITS[Word(kind, text, figure)]


def execution(which: int) -> int:
    """The bit of that execution."""
    return said("execution", "", which)


@cache
def words(bits: int) -> tuple[Word, ...]:
    """The words of those bits."""
    return tuple(word for word, bit in _BITS.items() if bits & bit)
