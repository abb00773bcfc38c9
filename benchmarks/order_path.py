"""The code path of an order: how many calls in how many files from the request to `Persist`, and to the sent bytes.

`python -m benchmarks.order_path` counts the Python calls in `bridge/` while a session handles one order, without
sockets, disk or clock. Use the figures to compare two versions; they are not times.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import bridge
from tests.session.conftest import AAPL, Bench

_ROOT = str(Path(bridge.__file__).parent)
_ORDER = {"action": "BUY", "orderType": "LMT", "totalQuantity": "10", "lmtPrice": 5.0}


class Count:
    """The number of calls, and the files of the called functions."""

    def __init__(self) -> None:
        self.calls = 0
        self.files: set[str] = set()

    def profile(self, frame: FrameType, event: str, _argument: object) -> None:
        file = frame.f_code.co_filename
        if event == "call" and file.startswith(_ROOT):
            self.calls += 1
            self.files.add(file)


@contextmanager
def counted() -> Iterator[Count]:
    count = Count()
    sys.setprofile(count.profile)
    try:
        yield count
    finally:
        sys.setprofile(None)


def measure(act: Callable[[], Any]) -> Count:
    """Count the calls while `act` runs."""
    with counted() as count:
        act()
    return count


def main() -> None:
    bench = Bench()
    bench.ready()
    session, now = bench.session, bench.now
    body = {"v": 1, "id": "warm", "client": "alice", "method": "placeOrder"}
    bench.request({**body, "params": {"orderKey": "warm", "contract": AAPL, "order": _ORDER}})
    bench.tws("orderStatus", orderId=100, status="Submitted", filled="0", remaining="10", permId="1", clientId=1)

    bench.disk.held = True
    effects: list[Any] = []
    request = {**body, "id": "r", "params": {"orderKey": "k", "contract": AAPL, "order": _ORDER}}
    asked = measure(lambda: (session.on_request((b"alice",), request, now, None), effects.extend(session.effects())))
    for effect in effects:
        bench.disk.take(effect)
    left = measure(lambda: (bench.disk.report(session, now), session.effects()))
    print(f"request to Persist: {asked.calls} calls in {len(asked.files)} files")
    print(f"Persist to the sent bytes: {left.calls} calls in {len(left.files)} files")


if __name__ == "__main__":
    main()
