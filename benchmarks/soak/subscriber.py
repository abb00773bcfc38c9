"""A subscriber that checks every `seq`: `python -m benchmarks.soak.subscriber ENDPOINT`.

At SIGTERM it prints one line of JSON: how much it received, the holes in `seq`, the last number of each topic, and the
latencies of the ticks from TWS. It stores no events, so it can run for hours.
"""

from __future__ import annotations

import json
import math
import signal
import sys
import time
from collections import Counter
from typing import Any

import msgpack
import zmq

from tws_bridge_client.sockets import prepare

#: The upper limit of each latency class is this many times that of the class before.
STEP = 1.05
#: Milliseconds between two checks for the signal.
LOOK = 200


def latency_class(seconds: float) -> int:
    """The class of a latency."""
    return math.ceil(math.log(max(seconds, 1e-6) / 1e-6, STEP))


def latency(class_: int) -> float:
    """The longest latency of a class, in seconds."""
    return float(1e-6 * STEP**class_)


class Account:
    """What one subscriber has received. A hole is `[topic, missing events, ts before it, ts after it]`."""

    def __init__(self) -> None:
        self.received = 0
        self.last: dict[str, tuple[int, int]] = {}
        self.holes: list[tuple[str, int, int, int]] = []
        self.repeated = 0
        self.latencies: Counter[int] = Counter()
        self.outages: Counter[str] = Counter()

    def take(self, topic: str, event: dict[str, Any], now: float) -> None:
        """Count one event."""
        self.received += 1
        seq, ts = event["seq"], event["ts"]
        # It subscribes before the first tick, but after the first events of `system.`.
        before, ts_before = self.last.get(topic, (seq - 1 if topic.startswith("system.") else 0, ts))
        if seq <= before:
            self.repeated += 1
        elif seq > before + 1:
            self.holes.append((topic, seq - before - 1, ts_before, ts))
        self.last[topic] = (seq, ts)
        if event["event"] == "tickPrice":
            self.latencies[latency_class(now - event["data"]["price"])] += 1
        elif topic in ("system.gap", "system.recovered"):
            self.outages[event["event"]] += 1

    def result(self) -> dict[str, Any]:
        """The counts, for JSON."""
        return {
            "received": self.received,
            "last": {topic: seq for topic, (seq, _) in self.last.items()},
            "holes": self.holes,
            "repeated": self.repeated,
            "latencies": list(self.latencies.items()),
            "outages": dict(self.outages),
        }


def main(endpoint: str) -> None:
    """Receive until SIGTERM, and print the result."""
    account, is_over = Account(), []
    signal.signal(signal.SIGTERM, lambda *_: is_over.append(True))
    with zmq.Context() as context, context.socket(zmq.SUB) as socket:
        prepare(socket, endpoint, None)
        for prefix in ("market.", "system.", "order."):
            socket.subscribe(prefix)
        print("listening", flush=True)
        while not is_over:
            if not socket.poll(LOOK):
                continue
            now = time.monotonic()
            try:
                for _ in range(1000):
                    topic, body = socket.recv_multipart(zmq.NOBLOCK)
                    account.take(topic.decode(), msgpack.unpackb(body), now)
            except zmq.Again:
                pass
    print(json.dumps(account.result()), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
