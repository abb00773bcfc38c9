"""Runs a soak test: TWS, the bridge and the subscribers as processes, and one client with streams and orders."""

from __future__ import annotations

import json
import signal
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

from benchmarks.answers import CONTRACT, ORDER
from benchmarks.processes import Process, running
from benchmarks.soak.plan import Act, Plan
from tws_bridge_client import BridgeClient, BridgeError
from tws_bridge_client.calls import Call

STREAMS = 20
#: Seconds between two measurements of memory, and for the last events to arrive.
LOOK = 1.0
SETTLE = 3.0

Data = dict[str, Any]


@dataclass
class Record:
    """The measurements. `memory`: (seconds since the beginning, bytes). `stops`: (from, to) in ns since 1970 UTC."""

    plan: Plan
    rate: int
    rss_at_start: int = 0
    memory: list[tuple[float, int]] = field(default_factory=list)
    stops: list[tuple[int, int]] = field(default_factory=list)
    drops: int = 0
    orders: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    cpu: dict[str, float] = field(default_factory=dict)
    sequences: dict[str, int] = field(default_factory=dict)
    subscribers: list[Data] = field(default_factory=list)
    tws: Data = field(default_factory=dict)


class Soak:
    """All processes of the run. The first subscriber is the one that is stopped."""

    def __init__(self, plan: Plan, subscribers: int, rate: int) -> None:
        self.record = Record(plan, rate)
        self._exit = ExitStack()
        self._tws = self._start("benchmarks.soak.tws", str(rate))
        folder = self._exit.enter_context(tempfile.TemporaryDirectory(dir="/var/tmp"))
        flags = ["--tws", f"127.0.0.1:{self._tws.line()}", "--client-id", "1", "--state", f"{folder}/state"]
        places = ["--events", "tcp://127.0.0.1:*", "--requests", "tcp://127.0.0.1:*"]
        self._bridge = self._start("bridge.cli", "run", *flags, *places)
        _, events, _, requests = self._bridge.line().split()
        self._subscribers = [self._start("benchmarks.soak.subscriber", events) for _ in range(subscribers)]
        for subscriber in self._subscribers:
            subscriber.line()
        self._client = self._exit.enter_context(BridgeClient("holder", requests, events))
        self._calls: list[Call] = []

    def _start(self, *command: str) -> Process:
        return self._exit.enter_context(running(*command))

    def __enter__(self) -> Soak:
        return self

    def __exit__(self, *_: object) -> None:
        self._subscribers[0].child.send_signal(signal.SIGCONT)
        self._exit.close()

    def run(self) -> Record:
        """Carry out the plan. Returns the measurements."""
        self._await_ready()
        self.record.rss_at_start = self._bridge.rss()
        for number in range(STREAMS):
            contract = {**CONTRACT, "conId": CONTRACT["conId"] + number}
            self._client.request("reqMktData", {"contract": contract})
        before, begun = self._cpu(), time.monotonic()
        acts = list(self.record.plan.acts)
        while (passed := time.monotonic() - begun) < self.record.plan.seconds:
            self.record.memory.append((passed, self._bridge.rss()))
            while acts and acts[0][0] <= passed:
                self._act(acts.pop(0)[1])
            self._client.pump(time.monotonic() + LOOK)
        self.record.seconds = time.monotonic() - begun
        after = self._cpu()
        self.record.cpu = {name: after[name] - before[name] for name in before}
        self._finish()
        return self.record

    def _await_ready(self) -> None:
        end = time.monotonic() + 30
        while not self._client.request("status")["orders"]["tradable"]:
            if time.monotonic() > end:
                raise RuntimeError("the bridge is not ready for orders")
            time.sleep(0.1)

    def _act(self, act: Act) -> None:
        stopped = self._subscribers[0].child
        match act:
            case "stop":
                self.record.stops.append((time.time_ns(), 0))
                stopped.send_signal(signal.SIGSTOP)
            case "continue":
                stopped.send_signal(signal.SIGCONT)
                self.record.stops[-1] = (self.record.stops[-1][0], time.time_ns())
            case "drop":
                self.record.drops += 1
                self._tws.say("drop")
            case "order":
                self._calls.append(self._client.send("placeOrder", {"contract": CONTRACT, "order": ORDER}, 10.0))

    def _cpu(self) -> dict[str, float]:
        subscribers = sum(subscriber.cpu() for subscriber in self._subscribers)
        return {"bridge": self._bridge.cpu(), "TWS": self._tws.cpu(), "subscribers": subscribers}

    def _finish(self) -> None:
        """Wait for the last events, and collect the results of all processes."""
        self._tws.say("pause")
        self._client.pump(time.monotonic() + SETTLE)
        for call in self._calls:
            self.record.orders[_outcome(call)] += 1
        self.record.sequences = self._client.request("sequences", {"prefix": "market."})["sequences"]
        for subscriber in self._subscribers:
            subscriber.child.send_signal(signal.SIGTERM)
        self.record.subscribers = [json.loads(subscriber.line()) for subscriber in self._subscribers]
        self._tws.say("end")
        self.record.tws = json.loads(self._tws.line())


def _outcome(call: Call) -> str:
    """The state of the order, the code of the error, or `noAnswer`."""
    if call.reply is None:
        return "noAnswer"
    try:
        return str(call.result()["state"])
    except BridgeError as error:
        return error.code
