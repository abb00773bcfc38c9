"""A morning of ten strategies that ask for the same reference data and histories.

`python -m benchmarks.morning [STRATEGIES]` asks through the bridge with its cache cold, warm, and warm after a restart
of the bridge, and with one ib_async process per strategy, each with its own client ID. All run against the same
simulated TWS. Then it reads 100,000 bars from TWS and from the cache. It prints two tables.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from contextlib import ExitStack
from typing import Any, NamedTuple

from benchmarks.morning_tws import FIRST, MOST
from benchmarks.processes import Process, running
from tws_bridge_client import BridgeClient

#: The simulated TWS enforces no limit: it is so busy with the histories that it would count messages together that were
#: sent apart, and disconnect. The bridge keeps to 50 messages a second by itself, and ib_async to 45.
RATE = "0"
PERIODS = 5
ROUNDS = 3


class Morning(NamedTuple):
    """`messages` to TWS, seconds until the last answer, and the number of answers."""

    messages: int
    seconds: float
    answers: int


def run(tws: Process, strategies: list[Process]) -> Morning:
    """Let all strategies ask at once."""
    tws.say("count")
    tws.line()
    for strategy in strategies:
        strategy.go()
    results = [strategy.line().split() for strategy in strategies]
    tws.say("count")
    return Morning(int(tws.line()), max(float(r[0]) for r in results), sum(int(r[1]) for r in results))


def start(stack: ExitStack, *commands: tuple[str, ...]) -> list[Process]:
    """Start processes that say `ready`."""
    started = [stack.enter_context(running(*command)) for command in commands]
    for process in started:
        assert process.line() == "ready"
    return started


def bridge(stack: ExitStack, folder: str, port: str, name: str) -> str:
    """Start a bridge. Returns its endpoint for requests."""
    requests = f"ipc://{folder}/{name}.requests"
    flags = ["--tws", f"127.0.0.1:{port}", "--client-id", "99", "--state", f"{folder}/state"]
    flags += ["--requests", requests, "--events", f"ipc://{folder}/{name}.events"]
    stack.enter_context(running("bridge.cli", "run", *flags, paced=True))
    with BridgeClient("starter", requests=requests) as client:
        while client.request("status")["connection"]["state"] != "ready":
            time.sleep(0.1)
    return requests


def mornings(folder: str, tws: Process, port: str, count: int) -> tuple[dict[str, Morning], tuple[float, float]]:
    """All mornings, and the seconds for the bars from TWS and from the cache."""
    found: dict[str, Morning] = {}
    with ExitStack() as stack:
        endpoint = bridge(stack, folder, port, "cold")
        strategies = start(
            stack, *(("benchmarks.strategy", "bridge", endpoint, f"strategy{n}") for n in range(count))
        )  # fmt: skip
        found["tws-bridge, cache cold"] = run(tws, strategies)
        found["tws-bridge, cache warm"] = run(tws, strategies)
    with ExitStack() as stack:
        endpoint = bridge(stack, folder, port, "warm")
        strategies = start(
            stack, *(("benchmarks.strategy", "bridge", endpoint, f"strategy{n}") for n in range(count))
        )  # fmt: skip
        found["tws-bridge, after its restart"] = run(tws, strategies)
        bars = many_bars(endpoint)
    with ExitStack() as stack:
        alone = [("benchmarks.strategy", "ib_async", port, str(n + 1)) for n in range(count)]
        found[f"{count} ib_async, an ID each"] = run(tws, start(stack, *alone))
    return found, bars


def many_bars(endpoint: str) -> tuple[float, float]:
    """The seconds for 100,000 bars of one instrument, from TWS and from the cache (the median of some rounds)."""
    contract = {"conId": FIRST, "secType": "STK", "exchange": "SMART", "currency": "USD"}
    ends = [
        f"2026{month:02}{day:02} 00:00:00 US/Eastern" for month, day in ((8, 3), (8, 17), (8, 31), (9, 14), (9, 28))
    ]
    with BridgeClient("bars", requests=endpoint) as client:

        def read(end: str, *, fresh: bool) -> int:
            params: dict[str, Any] = {
                "contract": contract, "endDateTime": end, "duration": "2 W", "barSizeSetting": "1 min",
                "whatToShow": "TRADES", "useRTH": False, "formatDate": 1,
            }  # fmt: skip
            answer = client.request("reqHistoricalData", params, 300, fresh=fresh)
            return len(answer[0]["data"]["historicalDataBars"])

        def all_bars(*, fresh: bool) -> float:
            begun = time.monotonic()
            total = sum(read(end, fresh=fresh) for end in ends)
            assert total >= 100_000, total
            return time.monotonic() - begun

        told = all_bars(fresh=True)
        return told, statistics.median(all_bars(fresh=False) for _ in range(ROUNDS))


def main(count: int = 10) -> None:
    """Print both tables."""
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder, running("benchmarks.morning_tws", RATE) as tws:
        port = tws.line().rpartition(":")[2]
        found, (told, kept) = mornings(folder, tws, port, count)
    print(f"{count} strategies, {MOST} instruments, on {os.cpu_count()} cores\n")
    print("| | messages to TWS | against ib_async | seconds to the last answer | against ib_async | answers |")
    print("|---|---|---|---|---|---|")
    last = list(found.values())[-1]
    for name, one in found.items():
        shares = f"{one.messages / last.messages:.3f} | {one.seconds:.1f} | {one.seconds / last.seconds:.3f}"
        print(f"| {name} | {one.messages:,} | {shares} | {one.answers:,} |")
    print("\n| 100,000 minute bars through the bridge | seconds | against TWS |")
    print("|---|---|---|")
    print(f"| from the simulated TWS | {told:.2f} | 1 |")
    print(f"| from the cache | {kept:.3f} | 1/{told / kept:.0f} |")


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:]))
