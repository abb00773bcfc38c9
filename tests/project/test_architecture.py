"""docs/internals/architecture.md says which part of `bridge` may import which; the imports are exactly those.

The page has a table for each package that is divided: `bridge`, `bridge.session`, `bridge.simulator`. A table lists its
rooms from the lowest to the highest, and a room imports only rooms above it in the table: so there is no circle.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.source_tree import ROOT, imported_modules, modules_of
from tests.test_purity import is_pure

PAGE = ROOT / "docs" / "internals" / "architecture.md"

#: The client is a package of its own, and a room of the first table.
CLIENT = "tws_bridge_client"

_TABLE = re.compile(r"^## [^\n]*`(?P<package>bridge(?:/\w+)*)/`\n(?P<text>.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
_ROW = re.compile(r"^\| `(?P<name>\w+)` \|(?P<cells>.*)\|$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Room:
    """One row. `modules` are the dotted names of what belongs to the room, each with everything below it."""

    name: str
    modules: tuple[str, ...]
    is_pure: bool
    imports: frozenset[str]


_PICTURE = re.compile(r"^```mermaid\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_ARROW = re.compile(r"^ +(\w+)(?:\[.*?\])? --> (\w+)$", re.MULTILINE)
_COLOURED = re.compile(r"^ +class ([\w,]+) pure$", re.MULTILINE)

Edges = Mapping[tuple[str, str], list[str]]


def tables(text: str) -> dict[str, list[Room]]:
    """The rooms of each package, in the order of the page."""
    found = {}
    for section in _TABLE.finditer(text):
        package = section["package"].replace("/", ".")
        found[package] = [_room(package, row) for row in _ROW.finditer(section["text"])]
    return found


def _room(package: str, row: re.Match[str]) -> Room:
    """A row is name, modules, what they are, whether pure, imports."""
    modules, _about, pure, imports = (cell.strip() for cell in row["cells"].split(" | "))
    assert pure in ("yes", "no"), row[0]
    names = [_dotted(package, path) for path in re.findall(r"`([\w/]+)`", modules)]
    return Room(row["name"], tuple(names), pure == "yes", frozenset(re.findall(r"`(\w+)`", imports)))


def _dotted(package: str, path: str) -> str:
    """`orders/state` as bridge.session.orders.state; `__init__` is the package itself."""
    if path == CLIENT:
        return path
    return package if path == "__init__" else f"{package}.{path.strip('/').replace('/', '.')}"


def room_of(module: str, package: str, rooms: list[Room]) -> str | None:
    """The room that names the module, or the nearest package around it; only the module alone where it is `package`."""
    best = None
    for room in rooms:
        for name in room.modules:
            holds = module == name if name == package else f"{module}.".startswith(f"{name}.")
            if holds and (best is None or len(name) > len(best[0])):
                best = (name, room.name)
    return None if best is None else best[1]


def edges(package: str, rooms: list[Room], modules: Mapping[str, Path]) -> Edges:
    """room, imported room -> who imports what."""
    found: dict[tuple[str, str], list[str]] = {}
    for module in modules:
        here = room_of(module, package, rooms)
        if here is None:
            continue
        for other in sorted(imported_modules(module, modules)):
            there = room_of(other, package, rooms)
            if there is not None and there != here:
                found.setdefault((here, there), []).append(f"{module} imports {other}")
    return found


def faults(package: str, rooms: list[Room], modules: Mapping[str, Path]) -> list[str]:
    """Every import that the table forbids, every edge that nobody uses, every row that looks down."""
    real = edges(package, rooms, modules)
    allowed = {(room.name, other) for room in rooms for other in room.imports}
    found = [f"forbidden: {line}" for edge in sorted(real.keys() - allowed) for line in real[edge]]
    found += [f"unused: {room} may import {other}" for room, other in sorted(allowed - real.keys())]
    names = [room.name for room in rooms]
    for place, room in enumerate(rooms):
        found += [f"not above {room.name}: {other}" for other in sorted(room.imports - set(names[:place]))]
    return found


TABLES = tables(PAGE.read_text(encoding="utf-8"))
MODULES = modules_of(ROOT)


def test_the_page_has_a_table_for_each_divided_package() -> None:
    assert list(TABLES) == ["bridge", "bridge.session", "bridge.simulator"]
    assert all(len(rooms) > 5 for rooms in TABLES.values())


@pytest.mark.parametrize("package", TABLES)
def test_the_imports_are_those_of_the_table(package: str) -> None:
    assert faults(package, TABLES[package], MODULES) == []


@pytest.mark.parametrize("package", TABLES)
def test_every_module_has_a_room_and_every_room_its_modules(package: str) -> None:
    rooms = TABLES[package]
    below = [name for name in MODULES if f"{name}.".startswith(f"{package}.")]
    assert [name for name in below if room_of(name, package, rooms) is None] == []
    assert [name for room in rooms for name in room.modules if name not in MODULES] == []


@pytest.mark.parametrize("package", TABLES)
def test_pure_rooms_are_those_that_the_test_of_purity_holds_pure(package: str) -> None:
    rooms = TABLES[package]
    pure: dict[str, bool] = {room.name: True for room in rooms}
    for module in MODULES:
        if (name := room_of(module, package, rooms)) is not None:
            pure[name] = pure[name] and is_pure(module)
    assert {room.name: room.is_pure for room in rooms} == pure


def test_the_pictures_show_edges_of_the_tables() -> None:
    pictures = _PICTURE.findall(PAGE.read_text(encoding="utf-8"))
    assert len(pictures) == 2
    for picture, package in zip(pictures, ("bridge", "bridge.session"), strict=True):
        allowed = {(room.name, other) for room in TABLES[package] for other in room.imports}
        arrows = _ARROW.findall(picture)
        assert len(arrows) == picture.count("-->") > 10
        assert [arrow for arrow in arrows if arrow not in allowed] == []


def test_the_coloured_rooms_of_the_picture_are_the_pure_ones() -> None:
    picture = _PICTURE.findall(PAGE.read_text(encoding="utf-8"))[0]
    (coloured,) = _COLOURED.findall(picture)
    drawn = {name for arrow in _ARROW.findall(picture) for name in arrow}
    assert set(coloured.split(",")) == {room.name for room in TABLES["bridge"] if room.is_pure} & drawn


SMALL = """## The rooms: `bridge/`

| room | modules | what | pure | may import |
|---|---|---|---|---|
| `low` | `low` | the lowest | no | |
| `state` | `high/state` | a module of another room's folder | no | |
| `high` | `high` | the highest | no | IMPORTS |
"""


def small_faults(root: Path, imports: str, files: Mapping[str, str]) -> list[str]:
    for path in ("__init__", "low", "high/__init__", "high/state", "high/walls"):
        file = root / "bridge" / f"{path}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(files.get(path, ""), encoding="utf-8")
    return faults("bridge", tables(SMALL.replace("IMPORTS", imports))["bridge"], modules_of(root))


@pytest.mark.parametrize(
    ("imports", "files", "expected"),
    [
        ("", {}, []),
        ("`low`", {"high/walls": "from bridge.low import x"}, []),
        ("`low`", {"high/walls": "def f():\n    from bridge import low"}, []),
        ("`state`", {"high/walls": "from bridge.high import state"}, []),
        (
            "",
            {"high/walls": "from bridge.high import state"},
            ["forbidden: bridge.high.walls imports bridge.high.state"],
        ),
        ("", {"high/walls": "import bridge.low"}, ["forbidden: bridge.high.walls imports bridge.low"]),
        ("", {"low": "import bridge.high.walls"}, ["forbidden: bridge.low imports bridge.high.walls"]),
        ("`low`", {}, ["unused: high may import low"]),
        ("`attic`", {}, ["unused: high may import attic", "not above high: attic"]),
    ],
)
def test_a_fault_is_found(tmp_path: Path, imports: str, files: dict[str, str], expected: list[str]) -> None:
    assert small_faults(tmp_path, imports, files) == expected


def test_a_circle_is_found(tmp_path: Path) -> None:
    """Also one that the table allows."""
    text = SMALL.replace("the lowest | no | |", "the lowest | no | `high` |")
    rooms = tables(text.replace("IMPORTS", "`low`"))["bridge"]
    small_faults(tmp_path, "", {"high/walls": "import bridge.low", "low": "import bridge.high.walls"})
    assert faults("bridge", rooms, modules_of(tmp_path)) == ["not above low: high"]
