"""Two honest clients: `python -m tests.hostile.honest REQUESTS EVENTS`. They trade and read until their stdin closes.

Each request is checked for the right answer, and timed. It prints a line of JSON: by kind, how many and the longest
time in seconds, and what was wrong.
"""

from __future__ import annotations

import json
import select
import sys
import threading
import time
from collections import defaultdict
from typing import Any

from tws_bridge_client import BridgeClient

AAPL = {"conId": 265598, "exchange": "SMART"}
ORDER = {"action": "BUY", "orderType": "LMT", "totalQuantity": 1, "lmtPrice": 1.0}
#: Pause between two rounds: an honest client is no flood.
PAUSE = 0.1
MOST_FAULTS = 20


class Honest:
    """What both clients have seen."""

    def __init__(self) -> None:
        self.times: dict[str, list[float]] = defaultdict(list)
        self.faults: list[str] = []
        self.over = threading.Event()

    def timed(self, kind: str, client: BridgeClient, method: str, params: dict[str, Any]) -> Any:
        """Send one request, and note how long the answer takes. Whatever is not a right answer is a fault."""
        began = time.monotonic()
        try:
            result = client.request(method, params, timeout=10)
        except Exception as error:
            self.fault(f"{kind}: {error!r}")
            return None
        finally:
            self.times[kind].append(time.monotonic() - began)
        return result

    def expect(self, kind: str, is_right: bool, what: object) -> None:
        if not is_right:
            self.fault(f"{kind}: {str(what)[:300]}")

    def fault(self, text: str) -> None:
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(text)

    def guarded(self, run: Any, *arguments: str) -> None:
        try:
            run(self, *arguments)
        except Exception as error:
            self.fault(f"an honest client has ended: {error!r}")


def trade(honest: Honest, requests: str, events: str) -> None:
    """Place an order that does not fill, await it, cancel it, and find both in the order log."""
    with BridgeClient("honest-0", requests, events) as client:
        after, number = 0, 0
        while not honest.over.wait(PAUSE):
            number += 1
            key = f"h{time.time_ns()}-{number}"
            placed = honest.timed("place", client, "placeOrder", {"contract": AAPL, "order": ORDER, "orderKey": key})
            honest.expect("place", bool(placed) and placed.get("orderKey") == key, placed)
            awaited = honest.timed("await", client, "awaitOrder", {"orderKey": key, "until": "acknowledged"})
            honest.expect("await", bool(awaited) and awaited["reached"], awaited)
            cancelled = honest.timed("cancel", client, "cancelOrder", {"orderKey": key})
            honest.expect("cancel", bool(cancelled) and cancelled.get("orderKey") == key, cancelled)
            ended = honest.timed("await", client, "awaitOrder", {"orderKey": key, "until": "ended"})
            honest.expect("await", bool(ended) and ended["reached"] and ended["state"] == "cancelled", ended)
            log = honest.timed("order log", client, "orderLog", {"after": after, "limit": 1000})
            found = [event for event in (log or {}).get("events", ()) if f".{key}." in event["topic"]]
            honest.expect("order log", bool(found), (log or {}).get("head"))
            after = (log or {}).get("head", after)


def read(honest: Honest, requests: str, events: str) -> None:
    """Listen to an instrument, and ask the bridge and TWS for what does not change."""
    with BridgeClient("honest-1", requests, events) as client:
        feed = client.subscribe("market.265598.")
        client.request("reqMktData", {"contract": AAPL}, timeout=15)
        while not honest.over.wait(PAUSE):
            honest.expect("ping", bool(honest.timed("ping", client, "ping", {})), "no time")
            snapshot = honest.timed("snapshot", client, "snapshot", {"prefix": "market.265598."})
            honest.expect("snapshot", bool(snapshot) and bool(snapshot["events"]), snapshot)
            status = honest.timed("status", client, "status", {})
            honest.expect("status", bool(status) and status["connection"]["state"] == "ready", status)
            details = honest.timed("details", client, "reqContractDetails", {"contract": AAPL})
            con_ids = [
                part["data"]["contract"]["conId"] for part in details or () if part["event"] == "contractDetails"
            ]
            honest.expect("details", con_ids == [265598], details)
            _listen(honest, feed)


def _listen(honest: Honest, feed: Any) -> None:
    """Take the events that are there, and wait for one more."""
    began = time.monotonic()
    event = feed.poll(10)
    honest.times["tick"].append(time.monotonic() - began)
    honest.expect("tick", event is not None, "no tick for 10 s")
    for _ in range(5000):
        if feed.poll(0) is None:
            break


def main(requests: str, events: str) -> None:
    honest = Honest()
    threads = [threading.Thread(target=honest.guarded, args=(run, requests, events)) for run in (trade, read)]
    for thread in threads:
        thread.start()
    time.sleep(1.0)
    print("ready", flush=True)
    select.select([sys.stdin], [], [])
    honest.over.set()
    for thread in threads:
        thread.join(30)
    print(json.dumps({"times": honest.times, "faults": honest.faults}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
