"""On which line of a TOML file a setting is, so that an error can say where it is.

`tomllib` does not tell that. This module reads the tokens that matter for it; it assumes that `tomllib` could read the
file. It uses no recursion, so that the depth of a file does not matter.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

Path = tuple[str, ...]

_TOKEN = re.compile(
    r"""
      \"{3}(?:\\.|[^\\])*?\"{3,5} | '{3}.*?'{3,5}      # texts of several lines
    | "(?:\\.|[^"\\\n])*" | '[^'\n]*'                  # texts of one line
    | \#[^\n]*                                         # a comment
    | [\n=,.{}\[\]]
    | [^\s"'\#=,.{}\[\]]+                              # a bare key, or a part of a number or a time
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass(slots=True)
class _Open:
    """An array or an inline table that has begun and has not ended. `place`: the path of its next element or key."""

    path: Path
    is_array: bool
    count: int = 0


def lines_of(text: str) -> dict[Path, int]:
    """The line of each table, value and element, by its path. An element of an array has its number in the path."""
    return _Reader().read(text)


def line_of(lines: Mapping[Path, int], path: Sequence[str]) -> int | None:
    """The line of the setting, or else of the smallest part that contains it; None if there is none."""
    for length in range(len(path), 0, -1):
        if (line := lines.get(tuple(path[:length]))) is not None:
            return line
    return None


class _Reader:
    def __init__(self) -> None:
        self._found: dict[Path, int] = {}
        self._arrays: Counter[Path] = Counter()
        self._table: Path = ()
        #: The arrays and inline tables around the next token.
        self._open: list[_Open] = []
        #: The parts of the key that is being read, and where it began.
        self._key: list[str] = []
        self._key_line = 0
        #: The path of the value that is being read. None: a key is being read.
        self._value: Path | None = None
        #: How many brackets the header of a table has that is being read.
        self._header = 0

    def read(self, text: str) -> dict[Path, int]:
        for token, line in _tokens(text):
            if self._header:
                self._in_header(token, line)
            elif self._value is None:
                self._in_key(token, line)
            else:
                self._in_value(token, line)
        return self._found

    def _in_header(self, token: str, line: int) -> None:
        match token:
            case "[":
                self._header = 2
            case "]" if self._key:
                path = tuple(self._key)
                self._table = self._of_arrays(path)
                if self._header == 2:
                    self._table = (*self._of_arrays(path[:-1]), path[-1])
                    self._arrays[self._table] += 1
                    self._table = (*self._table, str(self._arrays[self._table] - 1))
                self._found.setdefault(self._table, line)
                self._key = []
            case "\n":
                self._header = 0
            case "]" | ".":
                pass
            case _:
                self._key.append(_part(token))

    def _of_arrays(self, path: Path) -> Path:
        """The path of a table with the number of the newest element for each array of tables in it."""
        found: Path = ()
        for part in path:
            found = (*found, part)
            if found in self._arrays:
                found = (*found, str(self._arrays[found] - 1))
        return found

    def _in_key(self, token: str, line: int) -> None:
        match token:
            case "[" if not self._key and not self._open:
                self._header = 1
            case "=":
                parent = self._open[-1].path if self._open else self._table
                self._value = (*parent, *self._key)
                self._found.setdefault(self._value, self._key_line)
                self._key = []
            case "}":
                self._end()
            case "\n" | "." | ",":
                pass
            case _:
                self._key_line = self._key_line if self._key else line
                self._key.append(_part(token))

    def _in_value(self, token: str, line: int) -> None:
        assert self._value is not None
        inside = self._open[-1] if self._open else None
        if inside is not None and inside.is_array and token not in ("\n", ",", "]"):
            self._found.setdefault(self._value, line)
        match token:
            case "[" | "{":
                self._open.append(_Open(self._value, token == "["))
                self._value = (*self._value, "0") if token == "[" else None
            case "]" | "}":
                self._end()
            case "," if inside is not None and inside.is_array:
                inside.count += 1
                self._value = (*inside.path, str(inside.count))
            case ",":
                self._value = None
            case "\n" if inside is None:
                self._value = None

    def _end(self) -> None:
        """An array or an inline table ends: what is around it goes on behind the value that it was."""
        if self._open:
            self._value = self._open.pop().path


def _tokens(text: str) -> Iterator[tuple[str, int]]:
    """Each token but comments, with its line. TOML knows no other end of a line than the line feed."""
    line, counted = 1, 0
    for found in _TOKEN.finditer(text):
        line += text.count("\n", counted, found.start())
        counted = found.start()
        if not found[0].startswith("#"):
            yield found[0], line
    yield "\n", line


def _part(token: str) -> str:
    """One part of a key."""
    if token[0] not in "\"'":
        return token
    (part,) = tomllib.loads(f"{token} = 0")
    return part
