"""The two walks of docs/internals/: each function that they name exists, and a real tick and order take these steps.

For the second a simulator, the service and a client run in one process, on loopback, and a profiler notes each call of
a function that a page names.
"""

from __future__ import annotations

import ast
import asyncio
import re
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

import pytest
import zmq

from bridge.bus.sockets import Bus
from bridge.ledger import Ledger
from bridge.service import Service
from bridge.settings import load
from bridge.simulator import serve
from bridge.simulator.shell.server import Simulator
from bridge.simulator.shell.settings import SimulatorSettings
from tests.project.pages.stage import Places
from tests.source_tree import ROOT
from tws_bridge_client import AsyncBridgeClient

TICK, ORDER = "the-way-of-a-tick.md", "the-way-of-an-order.md"
AAPL = {"conId": 265598, "exchange": "SMART"}
BUY = {"action": "BUY", "orderType": "LMT", "totalQuantity": "10", "lmtPrice": 150.0, "tif": "DAY"}

_NAMED = re.compile(r"`((?:bridge|tws_bridge_client)/[\w/]+\.py)(?:: ([\w.]+))?`")
_STEP = re.compile(r"^(\d+)\. `((?:bridge|tws_bridge_client)/[\w/]+\.py): ([\w.]+)`", re.MULTILINE)

#: file below the root, qualified name of the function.
Step = tuple[str, str]


def read(page: str) -> str:
    return (ROOT / "docs" / "internals" / page).read_text(encoding="utf-8")


def path_of(file: str) -> Path:
    """The file that a page names. The client package lies in a folder of its own."""
    return ROOT / "clients" / "python" / file if file.startswith("tws_bridge_client/") else ROOT / file


def steps(page: str) -> list[Step]:
    """The functions of the numbered steps, in their order."""
    return [(file, name) for _, file, name in _STEP.findall(read(page))]


def functions(file: Path) -> set[str]:
    """The functions of a module, and the methods of its classes as `Class.method`."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    found = {node.name for node in tree.body if isinstance(node, kinds)}
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            found |= {f"{node.name}.{inner.name}" for inner in node.body if isinstance(inner, kinds)}
    return found


def missing(text: str) -> list[str]:
    """What a page names that is not there."""
    named = [(path_of(file), name) for file, name in _NAMED.findall(text)]
    return [
        f"{file.relative_to(ROOT)}: {name}"
        for file, name in named
        if not file.is_file() or (name and name not in functions(file))
    ]


@pytest.mark.parametrize("page", [TICK, ORDER])
def test_every_function_that_the_page_names_exists(page: str) -> None:
    assert missing(read(page)) == []


def test_a_function_that_is_not_there_is_found() -> None:
    for named in ("bridge/service.py: Service.think", "bridge/attic.py: turn", "bridge/service.py: turn"):
        assert missing(f"It calls `{named}`.") == [named]
    assert missing("It calls `bridge/service.py: Service.turn` in `bridge/service.py`.") == []


@pytest.mark.parametrize("page", [TICK, ORDER])
def test_the_steps_are_numbered_and_each_begins_with_its_function(page: str) -> None:
    numbers = [int(number) for number in re.findall(r"^(\d+)\. ", read(page), flags=re.MULTILINE)]
    assert numbers == list(range(1, len(steps(page)) + 1))
    assert len(numbers) > 10


def first_absent(wanted: Sequence[Step], calls: Sequence[Step]) -> Step | None:
    """The first of the steps that is not called after those before it; None where all are."""
    rest = iter(calls)
    return next((step for step in wanted if step not in rest), None)


def test_a_step_in_another_order_is_found() -> None:
    a, b, c = ("f", "a"), ("f", "b"), ("f", "c")
    assert first_absent([a, c], [a, b, c]) is None
    assert first_absent([a, c], [c, a]) == c


class Tracer:
    """Notes the calls of some functions, on all threads that begin while it is on."""

    def __init__(self, watched: Sequence[Step]) -> None:
        self.calls: list[Step] = []
        self._watched = {(str(path_of(file)), name): (file, name) for file, name in watched}

    def _note(self, frame: FrameType, event: str, _argument: object) -> None:
        if event == "call":
            step = self._watched.get((frame.f_code.co_filename, frame.f_code.co_qualname))
            if step is not None:
                self.calls.append(step)

    def __enter__(self) -> Tracer:
        threading.setprofile(self._note)
        sys.setprofile(self._note)
        return self

    def __exit__(self, *_exception: object) -> None:
        sys.setprofile(None)
        threading.setprofile(None)


async def trade(state: Path, calls: list[Step]) -> list[Step]:
    """A subscriber hears some ticks, then one order is placed; the calls from there on."""
    began: asyncio.Future[Simulator] = asyncio.get_running_loop().create_future()
    address = f"127.0.0.1:{Places.free().tws}"
    settings = SimulatorSettings(listen=address, ticks_per_second=1000, server_version=200)
    tws = asyncio.create_task(serve(settings, began=began.set_result))
    simulator = await began
    context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
    bus = Bus(context, "tcp://127.0.0.1:*", "tcp://127.0.0.1:*", queue=1000)
    ledger = Ledger(state / "ledger.sqlite", 0)
    service = Service(load({"state": str(state), "tws": address, "client_id": 0}), bus, ledger)
    running = asyncio.create_task(service.run())
    try:
        async with AsyncBridgeClient("walker", bus.requests_endpoint, bus.events_endpoint) as client:
            await client.request("reqMktData", {"contract": AAPL})
            heard = 0
            async for _event in client.subscribe("market.265598.tickPrice"):
                heard += 1
                if heard == 10:
                    break
            before = len(calls)
            placed = await client.request("placeOrder", {"orderKey": "walk-1", "contract": AAPL, "order": BUY})
            assert placed["state"] == "acknowledged"
            return calls[before:]
    finally:
        service.stop("the test is over")
        await running
        simulator.ended.set()
        await tws
        ledger.close()
        bus.close()
        context.destroy(linger=0)


@pytest.fixture(scope="module")
def traced(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Step], list[Step]]:
    """All calls, and those from the order on."""
    with Tracer([*steps(TICK), *steps(ORDER)]) as tracer:
        state = tmp_path_factory.mktemp("state")
        since_order = asyncio.run(asyncio.wait_for(trade(state, tracer.calls), 30))
    return tracer.calls, since_order


def test_a_tick_takes_these_steps(traced: tuple[list[Step], list[Step]]) -> None:
    """In the bridge within one turn, which begins with the bytes; at the subscriber afterwards."""
    calls, _ = traced
    wanted = steps(TICK)
    inside, outside = wanted[:12], wanted[12:]
    begins = [place for place, step in enumerate(calls) if step == inside[0]]
    turns = [calls[begin:end] for begin, end in zip(begins, [*begins[1:], len(calls)], strict=True)]
    assert None in [first_absent(inside, turn) for turn in turns]
    assert first_absent([inside[-1], *outside], calls) is None


def test_an_order_takes_these_steps(traced: tuple[list[Step], list[Step]]) -> None:
    _, calls = traced
    assert first_absent(steps(ORDER), calls) is None
