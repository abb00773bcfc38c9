"""A start, a look-up and memory cost the same on a long history as on a short one.

Work is counted in steps of SQLite's virtual machine and in bytes, which do not depend on how busy the machine is.
"""

from __future__ import annotations

import functools
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.years import build
from bridge.catalogue import catalogue
from bridge.ledger import SqliteArchive, Store
from bridge.params import Parameters
from bridge.session import Instant, Session, SessionConfig

SHORT, LONG = 500, 50_000
#: How much more a hundred times the history may cost: the trees of the indexes are deeper.
MOST = 1.5


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    found = {}
    for orders in (SHORT, LONG):
        path = tmp_path_factory.mktemp("years") / "ledger.sqlite"
        build(path, orders)
        Store(path, 1).close()
        found[orders] = path
    return found


def steps(store: Store | SqliteArchive, do: Callable[[], object]) -> int:
    """How many steps of SQLite's virtual machine `do` takes."""
    count = 0

    def step() -> int:
        nonlocal count
        count += 1
        return 0

    store._db.set_progress_handler(step, 1)
    try:
        do()
    finally:
        store._db.set_progress_handler(None, 0)
    return count


def test_a_start_reads_as_much_of_a_long_history_as_of_a_short_one(paths: dict[int, Path]) -> None:
    cost = {}
    for orders, path in paths.items():
        store = Store(path, 1)
        cost[orders] = steps(store, store.recover)
        state = store.recover()
        assert (len(state.orders), state.high_water) == (20, orders)
        store.close()
    assert cost[LONG] <= MOST * cost[SHORT]


@pytest.mark.parametrize(
    "name", ["order", "order_of_key", "order_of_perm", "reports_of_order", "reports_with", "event_data"]
)
def test_a_look_up_reads_as_much_of_a_long_history_as_of_a_short_one(paths: dict[int, Path], name: str) -> None:
    cost = {}
    for orders, path in paths.items():
        old = orders // 8 * 4  # an order of alice
        archive = SqliteArchive(path)
        names = {
            "order": (old,), "order_of_key": ("alice", f"key-{old}"), "order_of_perm": (f"1{old:09}",),
            "reports_of_order": (old,), "reports_with": (f"0000e0d5.{old:09x}.0.01",),
            "event_data": ("alice", 1),
        }[name]  # fmt: skip
        look_up = functools.partial(getattr(archive, name), *names)
        assert look_up()
        cost[orders] = steps(archive, look_up)
        archive.close()
    assert cost[LONG] <= MOST * cost[SHORT]


def test_a_session_on_a_long_history_needs_no_more_memory(paths: dict[int, Path]) -> None:
    known = catalogue()
    parameters = Parameters(known)
    size = {}
    for orders in (SHORT, LONG, SHORT, LONG):  # the first ones also fill caches
        store, archive = Store(paths[orders], 1), SqliteArchive(paths[orders])
        tracemalloc.start()
        state = store.recover()
        session = Session(known, parameters, SessionConfig("h", 1, client_id=1), "e", state, archive=archive)
        session.start(Instant(0.0, 1))
        size[orders], _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        archive.close()
        store.close()
    assert size[LONG] <= MOST * size[SHORT]
