"""A hub with a bridge of a few dicts in place of sockets, and a clock that the test moves."""

from __future__ import annotations

import itertools
from typing import Any

from tws_bridge_client.calls import BridgeError
from tws_bridge_client.follow import SnapshotRequest, Subscribe, Unsubscribe
from tws_bridge_client.live import shared
from tws_bridge_client.live.hub import HEARTBEAT, Hub
from tws_bridge_client.live.requested import Requested

AAPL = {"conId": 265598, "exchange": "SMART"}
MARKET = "market.265598."
TS = 1_760_000_000_000_000_000


def subscription(stream="265598", topic=MARKET, **more):
    return {"stream": stream, "topic": topic, "confirmed": True, "kept": True, "snapshot": {"epoch": "e1"}, **more}


def price(kind, value, size=None):
    return {"tickType": kind, "price": value, **({} if size is None else {"size": size})}


class Desk:
    """The hub of the client `me`, with what it has asked for."""

    def __init__(self) -> None:
        numbers = itertools.count(1)
        self.now = 1000.0
        self.requested = Requested()
        self.hub = Hub("me", lambda: self.now, lambda: f"n{next(numbers)}", requested=self.requested)
        self.epoch = "e1"
        self.seqs: dict[str, int] = {}
        self.subscribed: set[str] = set()
        self.open: list[SnapshotRequest] = []
        self.hub.start(self.now)
        self.collect()
        self.join(HEARTBEAT)

    def collect(self) -> None:
        """Take the commands of the hub."""
        for command in self.hub.commands():
            match command:
                case Subscribe(topic):
                    self.subscribed.add(topic)
                case Unsubscribe(topic):
                    self.subscribed.discard(topic)
                case SnapshotRequest():
                    self.open.append(command)
        self.hub.settle()

    # What the bridge answers and publishes

    def asked(self, method: str, prefix: str | None = None) -> list[SnapshotRequest]:
        """The requests of that method that are not answered."""
        return [ask for ask in self.open if ask.method == method and prefix in (None, ask.params.get("prefix"))]

    def answer(self, method: str, result: Any, prefix: str | None = None) -> None:
        """Answer the newest request of that method. Older ones stay without an answer."""
        ask = self.asked(method, prefix)[-1]
        self.open.remove(ask)
        self.hub.on_answer(ask.token, result, None, self.now)
        self.collect()

    def fail(self, method: str, code: str, **more: Any) -> None:
        ask = self.asked(method)[-1]
        self.open.remove(ask)
        self.hub.on_answer(ask.token, None, BridgeError({"code": code, "message": code, **more}), self.now)
        self.collect()

    def join(self, prefix: str, *events: tuple[str, dict[str, Any]], gaps: Any = (), age: float = 0.0) -> None:
        """Marker and snapshot for a prefix. The snapshot has these events, of topics below the prefix, and this old."""
        nonce = self.asked("snapshot", prefix)[-1].params["nonce"]
        self.hub.on_event(f"sync.{nonce}", self._envelope("sync", "sync", {}), self.now)
        told = []
        for event, data in events:
            topic = f"{prefix}{event}"
            envelope = self._envelope(topic, event.rpartition(".")[2], data)
            told.append({"topic": topic, **envelope, "ts": envelope["ts"] - round(age * 1e9)})
        known = {topic: seq for topic, seq in self.seqs.items() if topic.startswith(prefix)}
        result = {"epoch": self.epoch, "sequences": known, "floors": {}, "events": told, "gaps": list(gaps)}
        self.answer("snapshot", result, prefix)
        self.hub.on_drained(self.now)

    def hear(self, topic: str, data: dict[str, Any], skip: int = 0) -> None:
        """One event on the socket. `skip`: so many before it are lost."""
        self.seqs[topic] = self.seqs.get(topic, 0) + skip
        self.hub.on_event(topic, self._envelope(topic, topic.rpartition(".")[2], data), self.now)
        self.hub.on_drained(self.now)
        self.collect()

    def _envelope(self, topic: str, event: str, data: dict[str, Any]) -> dict[str, Any]:
        self.seqs[topic] = self.seqs.get(topic, 0) + 1
        seq, ts = self.seqs[topic], TS + round((self.now - 1000.0) * 1e9)
        return {"v": 1, "epoch": self.epoch, "seq": seq, "ts": ts, "event": event, "data": data}

    def wait(self, seconds: float) -> None:
        """Time passes, while the bridge publishes its heartbeat each second."""
        end = self.now + seconds
        while self.now < end:
            self.now = min(end, self.now + 1.0)
            self.hear(HEARTBEAT, {})
            self.hub.on_timer(self.now)
            self.collect()

    def restart(self) -> None:
        """A new bridge: a new epoch, and numbers from 1. The socket is connected again."""
        self.epoch = f"{self.epoch}+"
        self.seqs.clear()
        self.hub.on_reconnect(self.now)
        self.collect()
        self.join(HEARTBEAT)

    # Live objects

    def ticker(self, *events: tuple[str, dict[str, Any]], ticks: str = "", **snapshot: Any) -> Any:
        """A ticker that has begun."""
        ticker = shared.new_ticker(self.hub, AAPL, ticks)
        self.collect()
        if self.asked("reqMktData"):
            self.answer("reqMktData", subscription())
        if self.asked("snapshot", MARKET):
            self.join(MARKET, *events, **snapshot)
        return ticker

    def status(self, *held: str, method: str = "reqMktData", state: str = "live") -> None:
        """Answer `status`: these streams are held."""
        streams = [{"method": method, "stream": name, "held": True, "state": state} for name in held]
        self.answer("status", {"streams": streams})
