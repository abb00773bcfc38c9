"""The thinking is pure: what decides must not know sockets, event loops, threads or clocks.

Reads the source of `bridge` as syntax trees, without importing it, and follows imports inside `bridge`: a pure module
that reaches a socket through another module of ours fails as one that imports it itself.
"""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.source_tree import ROOT, imported_names, imports_inside, modules_of

# The pure rooms of the simulator. Which room imports which is in docs/internals/architecture.md.
PURE_ROOMS = ("core", "instruments", "market", "accounts", "orders", "persistence", "handlers", "exchange")
# The rest of the simulator: what may touch sockets, clocks, processes and files.
OPEN_ROOMS = ("shell", "scenario", "__main__")
# The room `scenario` has modules of both kinds.
PURE_SCENARIO = (
    "exchange_faults", "forms", "library", "message_faults", "parser", "player", "texts", "vocabulary",
)  # fmt: skip
OPEN_SCENARIO = ("control", "faulty", "phrases", "playing", "serving", "sockets")

# The live objects of the Python client. The rest of the package are the faces of the two clients, and a store.
PURE_LIVE = (
    "accounts", "book", "fill_log", "fills", "holds", "hub", "life", "listeners", "orders", "requested", "ticker",
)  # fmt: skip
OPEN_LIVE = ("aio", "callback_runs", "fill_logs", "shared", "store", "sync")

# Each is a module, with everything below it if it is a package.
PURE = (
    "bridge.bus.frames",
    "bridge.catalogue",
    "bridge.http.declarations",
    "bridge.http.gate",
    "bridge.meters",
    "tws_bridge_client.calls",
    "tws_bridge_client.executions",
    "tws_bridge_client.follow",
    "tws_bridge_client.link_life",
    *(f"tws_bridge_client.live.{module}" for module in PURE_LIVE),
    "tws_bridge_client.orderlog",
    "tws_bridge_client.secret_files",
    "tws_bridge_client.tables",
    "tws_bridge_client.tws_times",
    "bridge.contract",
    "bridge.params",
    "bridge.tws",
    "bridge.session",
    *(f"bridge.simulator.{room}" for room in PURE_ROOMS),
    *(f"bridge.simulator.scenario.{module}" for module in PURE_SCENARIO),
)

# fmt: off
FORBIDDEN_IMPORTS = frozenset({
    "_asyncio", "_socket", "_thread", "aiohttp", "anyio", "asyncio", "concurrent", "httpx", "multiprocessing", "queue",
    "requests", "sched", "select", "selectors", "signal", "socket", "socketserver", "sqlite3", "ssl", "subprocess",
    "threading", "time", "trio", "uvloop", "zmq",
})
# fmt: on
CLOCKS = frozenset({"now", "utcnow", "today"})

# The one part of importlib that loads no code. Any other way to import by a computed name would hide from this test.
HARMLESS_IMPORTLIB = "importlib.resources"


def is_pure(name: str) -> bool:
    """Whether the module of this dotted name has to be pure."""
    return any(name == pure or name.startswith(pure + ".") for pure in PURE)


def clock_readings(tree: ast.Module) -> Iterator[str]:
    """Uses of datetime's own clocks, also under another name: `datetime.now`, `date.today`, ..."""
    known = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            known |= {alias.asname or alias.name for alias in node.names if alias.name == "datetime"}
        elif isinstance(node, ast.ImportFrom) and node.module == "datetime" and not node.level:
            known |= {alias.asname or alias.name for alias in node.names}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in CLOCKS:
            base = ast.unparse(node.value)
            if base.split(".")[0] in known:
                yield f"{base}.{node.attr} in line {node.lineno}"


def own_faults(name: str, file: Path) -> Iterator[str]:
    """What one module does itself that no pure module may do."""
    tree = ast.parse(file.read_text(encoding="utf-8"), filename=str(file))
    for imported in imported_names(name, file, tree):
        top = imported.split(".")[0]
        if top in FORBIDDEN_IMPORTS:
            yield f"imports {top}"
        elif top == "importlib" and not f"{imported}.".startswith(f"{HARMLESS_IMPORTLIB}."):
            yield f"imports {imported}"
    yield from clock_readings(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id == "__import__":
            yield f"__import__ in line {node.lineno}"


def faults(root: Path) -> list[str]:
    """Every way in which a pure module below `root` reaches what it must not know; a line each, with the path."""
    modules = modules_of(root)
    own = {name: list(own_faults(name, file)) for name, file in modules.items()}
    inside = {name: sorted(imports_inside(name, modules)) for name in modules}
    found = []
    for start in filter(is_pure, modules):
        paths = {start: [start]}
        waiting = [start]
        while waiting:
            name = waiting.pop()
            found += [f"{' -> '.join(paths[name])}: {fault}" for fault in own[name]]
            for other in inside[name]:
                if other not in paths:
                    paths[other] = [*paths[name], other]
                    waiting.append(other)
    return found


def test_pure_modules_reach_no_socket_loop_thread_or_clock() -> None:
    assert faults(ROOT) == []


@pytest.mark.parametrize("package", PURE)
def test_there_is_something_to_check(package: str) -> None:
    assert any(is_pure(name) for name in modules_of(ROOT) if f"{name}.".startswith(f"{package}."))


def test_every_room_of_the_simulator_is_either_pure_or_open() -> None:
    """A new room must say here which of the two it is."""
    rooms = {name.split(".")[2] for name in modules_of(ROOT) if name.startswith("bridge.simulator.")}
    assert rooms == {*PURE_ROOMS, *OPEN_ROOMS}


def test_every_module_of_scenario_is_either_pure_or_open() -> None:
    """A new or renamed module must say here which of the two it is."""
    modules = {name.split(".")[3] for name in modules_of(ROOT) if name.startswith("bridge.simulator.scenario.")}
    assert modules == {*PURE_SCENARIO, *OPEN_SCENARIO}


def test_every_module_of_the_live_objects_is_either_pure_or_open() -> None:
    """A new or renamed module must say here which of the two it is."""
    modules = {name.split(".")[2] for name in modules_of(ROOT) if name.startswith("tws_bridge_client.live.")}
    assert modules == {*PURE_LIVE, *OPEN_LIVE}


def test_the_root_package_imports_nothing_that_is_forbidden() -> None:
    """Importing any pure module runs it first."""
    assert list(own_faults("bridge", ROOT / "bridge" / "__init__.py")) == []
    assert not any(map(is_pure, imports_inside("bridge", modules_of(ROOT))))


def tree_with(root: Path, files: Mapping[str, str]) -> Path:
    """A small package `bridge` below `root` made of these files, all others empty."""
    for path in ("__init__", "session/__init__", "session/link", "bus/__init__", "bus/sockets"):
        file = root / "bridge" / f"{path}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(files.get(path, ""), encoding="utf-8")
    return root


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("import socket", "imports socket"),
        ("import asyncio.events as e", "imports asyncio"),
        ("from zmq.asyncio import Context", "imports zmq"),
        ("def f():\n    import threading", "imports threading"),
        ("from time import monotonic", "imports time"),
        ("import importlib", "imports importlib"),
        ("from importlib import import_module", "imports importlib.import_module"),
        ("m = __import__('socket')", "__import__ in line 1"),
        ("import datetime as d\nd.datetime.now()", "d.datetime.now in line 2"),
        ("from datetime import datetime as D\nclock = D.utcnow", "D.utcnow in line 2"),
        ("from datetime import date\ndate.today()", "date.today in line 2"),
    ],
)
def test_a_direct_fault_is_found(tmp_path: Path, source: str, fault: str) -> None:
    assert faults(tree_with(tmp_path, {"session/link": source})) == [f"bridge.session.link: {fault}"]


@pytest.mark.parametrize(
    "source",
    [
        "import bridge.bus.sockets",
        "from bridge.bus import sockets",
        "from ..bus import sockets",
        "from ..bus.sockets import Bus",
    ],
)
def test_a_fault_of_another_module_is_found_through_it(tmp_path: Path, source: str) -> None:
    root = tree_with(tmp_path, {"session/link": source, "bus/sockets": "import zmq"})
    assert faults(root) == ["bridge.session.link -> bridge.bus.sockets: imports zmq"]


def test_a_package_that_is_run_on_the_way_counts(tmp_path: Path) -> None:
    root = tree_with(tmp_path, {"session/link": "from bridge.bus.sockets import Bus", "bus/__init__": "import select"})
    assert faults(root) == ["bridge.session.link -> bridge.bus: imports select"]


@pytest.mark.parametrize(
    "source",
    [
        "from importlib import resources",
        "import importlib.resources",
        "from datetime import datetime\ndatetime.fromtimestamp(0)",
        "class Timer:\n    now = 0\nTimer.now",
        "from .time import x",
    ],
)
def test_what_is_harmless_is_no_fault(tmp_path: Path, source: str) -> None:
    assert faults(tree_with(tmp_path, {"session/link": source})) == []
