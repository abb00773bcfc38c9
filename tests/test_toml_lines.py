"""Where in a TOML file a setting is."""

from __future__ import annotations

import time
import tomllib
from collections.abc import Iterator
from typing import Any

import pytest

from bridge.toml_lines import line_of, lines_of

BEGIN = "[clients.bob]\n"


@pytest.mark.parametrize(
    ("text", "path", "line"),
    [
        ("lease = -1\n", "lease", 1),
        ('# """ begin\nlease = -1\n', "lease", 2),
        ('linger = 5.0 # """ begin\nlease = -1\n', "lease", 2),
        ("a = \"b\" # '''\nlease = -1\n", "lease", 2),
        ("# a\u2028b\u0085c\nlease = -1\n", "lease", 2),
        ('a = "x\u2028y"\nlease = -1\n', "lease", 2),
        ('tws = """a"""\nlease = -1\n', "lease", 2),
        ('tws = """a\nlease = 5\n"""\nlease = -1\n', "lease", 4),
        ('tws = """a\\"""\n\\\n""\\""""\nlease = -1\n', "lease", 4),
        ("tws = '''a\\'''\nlease = -1\n", "lease", 2),
        ("a = \"\"\nb = ''\nlease = -1\n", "lease", 3),
        ('a = "= [x]"\nlease = -1\n', "lease", 2),
        ("[[r]]\na = 1\n[[r]] # two\na = 2\n[r.t]\nb = 1\n", "r.1.t.b", 6),
        ("[[r]]\na = 1\n[[r]] # two\na = 2\n", "r.1.a", 4),
        ("[[r]]\n[[r.s]]\n[[r]]\n[[r.s]]\n[[r.s]]\nx = 1\n", "r.1.s.1.x", 6),
        ("r = [\n {a = 1, b = 2},\n {a = 1,\n\n  b = 3},\n]\n".replace(",\n\n", ","), "r.1.b", 3),
        (BEGIN + 'roles = [\n "observe", # one\n\n "boss",\n]\n', "clients.bob.roles.1", 5),
        (BEGIN + 'symbols = [\n "A",\n "[clients.x]",\n]\nmax = -1\n', "clients.bob.max", 6),
        (BEGIN + 'symbols = [\n ["A"],\n ["B",\n "C = 1"]\n]\nmax = -1\n', "clients.bob.symbols.1.1", 5),
        (BEGIN + 'symbols = [\n ["A"],\n ["B",\n "C = 1"]\n]\nmax = -1\n', "clients.bob.max", 7),
        (BEGIN + "a = [\n[1],\n[\n{ b = [\n1,\n2] }]]\n", "clients.bob.a.1.0.b.1", 7),
        ("  [ clients . bob ]\n  roles = 1\n", "clients.bob.roles", 2),
        ('[clients."b\\u006fb"]\nroles = 1\n', "clients.bob.roles", 2),
        ("clients.bob.roles = 1\n", "clients.bob.roles", 1),
        ("clients = { bob = { roles = [1], x = {} }, al = 2 }\n", "clients.al", 1),
        ("[a]\n[clients.bob]\n", "clients.bob.roles", 2),
        ("d = 2026-11-28 08:00:00\nlease = -1\n", "lease", 2),
    ],
)
def test_the_line_of_a_setting(text: str, path: str, line: int) -> None:
    tomllib.loads(text)
    assert line_of(lines_of(text), path.split(".")) == line


def test_each_setting_and_element_of_a_file_has_its_line() -> None:
    """Each value of this file is the number of its line."""
    text = """
top = 2
"quoted key" = 3 # = 7
dotted.a . b = 4
array = [5,
  6, [6, 6], # [ "
  {x = 7, y.z = 7},

] # ]
text = ['''
''', \"\"\"
\"\"\", 12]
[table."a.b"]
x = 14
[[many]]
x = 16
[[many]]
x = 18
[many.sub]
x = 20
[[many.more]]
x = 22
[[many.more]]
x = 24
"""
    lines = lines_of(text)
    for path, value in _values(tomllib.loads(text)):
        if isinstance(value, int):
            assert lines[path] == value, path


def _values(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    match value:
        case dict():
            for name, one in value.items():
                yield from _values(one, (*path, name))
        case list():
            for number, one in enumerate(value):
                yield from _values(one, (*path, str(number)))
        case _:
            yield path, value


@pytest.mark.parametrize(
    "text", ["a = [" + "1," * 200_000 + "]", "#" * 1_000_000, "a = 1\n" * 150_000, "a." * 30_000 + "b = 1"]
)
def test_a_large_file_takes_little_time(text: str) -> None:
    begun = time.process_time()
    lines_of(text)
    assert time.process_time() - begun < 20
