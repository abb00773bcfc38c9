"""Reads from PromQL what a test must know: the selectors with their matchers, and the labels that it groups by.

It is no parser: it splits the expression into words, and knows which of them are functions, operators and lists of
labels.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_WORD = re.compile(
    r"""(?P<space>\s+)|(?P<text>"(?:[^"\\]|\\.)*")|(?P<range>\[[^\]]*\])|(?P<name>[A-Za-z_:][A-Za-z0-9_:]*)
    |(?P<number>\d+(?:\.\d+)?(?:[smhdwy]|ms)?)|(?P<sign>[=!<>]=|=~|!~|[-+*/%^(){},=<>$])""",
    re.VERBOSE,
)
_LISTS = frozenset({"by", "without", "on", "ignoring", "group_left", "group_right"})
_OPERATORS = frozenset({"and", "or", "unless", "bool", "offset"})


class Selector(NamedTuple):
    """A metric in an expression. `matchers`: label, operator, value."""

    name: str
    matchers: tuple[tuple[str, str, str], ...]


class Found(NamedTuple):
    """What is in an expression."""

    selectors: list[Selector]
    labels: set[str]


def words(expression: str) -> list[tuple[str, str]]:
    """Kind and text of each word. Raises ValueError at what is no PromQL."""
    found, at = [], 0
    while at < len(expression):
        match = _WORD.match(expression, at)
        if match is None or match.lastgroup is None:
            raise ValueError(f"not PromQL: {expression[at : at + 20]!r}")
        if match.lastgroup != "space":
            found.append((match.lastgroup, match.group()))
        at = match.end()
    if [text for _, text in found].count("(") != [text for _, text in found].count(")"):
        raise ValueError("the parentheses do not match")
    return found


def read(expression: str) -> Found:
    """The selectors and the labels of an expression."""
    rest, selectors, labels = words(expression), list[Selector](), set[str]()
    while rest:
        kind, text = rest.pop(0)
        follows = rest[0][1] if rest else ""
        if kind != "name" or text in _OPERATORS:
            continue
        if text in _LISTS:
            end = rest.index(("sign", ")"))
            labels |= {word for is_name, word in rest[1:end] if is_name == "name"}
            del rest[: end + 1]
        elif follows == "(" or follows in _LISTS:
            continue  # a function or an aggregation
        else:
            selectors.append(Selector(text, _matchers(rest) if follows == "{" else ()))
    return Found(selectors, labels)


def _matchers(rest: list[tuple[str, str]]) -> tuple[tuple[str, str, str], ...]:
    end = rest.index(("sign", "}"))
    inside = [text for _, text in rest[1:end] if text != ","]
    del rest[: end + 1]
    if len(inside) % 3:
        raise ValueError(f"not a list of matchers: {inside}")
    return tuple((inside[at], inside[at + 1], inside[at + 2].strip('"')) for at in range(0, len(inside), 3))
