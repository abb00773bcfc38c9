"""On which line of a TOML file a setting is, so that an error can say where it is.

`tomllib` does not tell that. This module looks only at the lines that begin a table or a value; it assumes that
`tomllib` could read the file.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence

Path = tuple[str, ...]

_PART = r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*')"""
_KEY = rf"{_PART}(?:\s*\.\s*{_PART})*"
_TABLE = re.compile(rf"\s*(\[\[?)\s*({_KEY})\s*\]\]?\s*(?:#.*)?$")
_VALUE = re.compile(rf"\s*({_KEY})\s*=")
_MULTILINE = re.compile(r'"""|\'\'\'')


def lines_of(text: str) -> dict[Path, int]:
    """The line of each table and value, by its path. An element of an array of tables has its number in the path."""
    found: dict[Path, int] = {}
    arrays: Counter[Path] = Counter()
    table: Path = ()
    inside: str | None = None
    for number, line in enumerate(text.splitlines(), 1):
        if inside is not None:  # in a text of several lines
            inside = None if inside in line else inside
            continue
        if (begin := _TABLE.match(line)) is not None:
            table = _path(begin[2])
            if begin[1] == "[[":
                arrays[table] += 1
                table = (*table, str(arrays[table] - 1))
            found.setdefault(table, number)
        elif (value := _VALUE.match(line)) is not None:
            found.setdefault((*table, *_path(value[1])), number)
            quotes = _MULTILINE.findall(line)
            inside = quotes[-1] if len(quotes) % 2 else None
    return found


def line_of(lines: Mapping[Path, int], path: Sequence[str]) -> int | None:
    """The line of the setting, or else of the smallest part that contains it; None if there is none."""
    for length in range(len(path), 0, -1):
        if (line := lines.get(tuple(path[:length]))) is not None:
            return line
    return None


def _path(key: str) -> Path:
    """The parts of a dotted key."""
    parts: list[str] = []
    value: object = tomllib.loads(f"{key} = 0")
    while isinstance(value, dict):
        (part, value), *_ = value.items()
        parts.append(part)
    return tuple(parts)
