"""A session on the bench: driven with messages as dicts and a hand-moved clock, no socket anywhere."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from bridge.bus.frames import Envelopes, unpack_event
from bridge.catalogue import catalogue
from bridge.params import Parameters
from bridge.session import Close, Connect, Effect, Instant, Log, Reply, Rules, Send, Session
from bridge.tws.events import Connected, Message

AAPL = {"conId": 265598, "symbol": "AAPL", "secType": "STK", "exchange": "SMART", "currency": "USD"}
PARAMETERS = Parameters(catalogue())


class Bench:
    """A session with everything that came out of it, sorted: `sent`, `replies`, `events`, `connects`, `logs`."""

    def __init__(self, **rules: Any) -> None:
        self.rules = Rules("127.0.0.1", 4002, client_id=1, **rules)
        self.session = Session(catalogue(), PARAMETERS, self.rules, epoch="e1")
        self.clock = 1000.0
        self.sent: list[Send] = []
        self.replies: list[Reply] = []
        self.events: list[tuple[str, dict[str, Any]]] = []
        self.connects: list[Connect | Close] = []
        self.logs: list[Log] = []
        self._envelopes = Envelopes("e1")
        self._ids = itertools.count(1)

    @property
    def now(self) -> Instant:
        return Instant(self.clock, 1_760_000_000_000_000_000 + int((self.clock - 1000) * 1e9))

    # In

    def start(self) -> None:
        self.session.start(self.now)
        self.collect()

    def ready(self, version: int = 213, order_id: int = 100, accounts: str = "DU1") -> None:
        """Bring the session to `ready`, starting it where it was not."""
        if not self.connects:
            self.start()
        self.session.on_opened(self.now)
        self.session.on_events([Connected(version, "20261122 07:00:00 UTC")], self.now)
        self.tws("managedAccounts", accountsList=accounts)
        self.tws("nextValidId", orderId=order_id)

    def tws(self, name: str, **data: Any) -> None:
        self.session.on_events([Message(name, data)], self.now)
        self.collect()

    def error(self, id_: int, code: int, text: str = "why") -> None:
        self.tws("error", id=id_, errorTime=1, errorCode=code, errorMsg=text)

    def ask(self, method: str, client: str = "alice", id: str | None = None, **params: Any) -> str:
        """Send a request on the client's own route; returns its id."""
        id_ = id or f"r{next(self._ids)}"
        self.request({"v": 1, "id": id_, "client": client, "method": method, "params": params}, client)
        return id_

    def request(self, body: Any, route: str = "alice") -> None:
        self.session.on_request((route.encode(),), body, self.now)
        self.collect()

    def wait(self, seconds: float) -> None:
        """Let time pass, with every timer on its second."""
        end = self.clock + seconds
        while (due := self.session.next_timer()) is not None and due <= end:
            self.clock = max(self.clock, due)
            self.session.on_timer(self.now)
            self.collect()
        self.clock = end

    # Out

    def collect(self) -> None:
        for publication in self.session.publications():
            topic, body = self._envelopes.pack(publication)
            self.events.append((topic.decode(), unpack_event(body)))
        for effect in self.session.effects():
            self._sort(effect)

    def _sort(self, effect: Effect) -> None:
        match effect:
            case Send():
                self.sent.append(effect)
            case Reply():
                self.replies.append(effect)
            case Log():
                self.logs.append(effect)
            case Connect() | Close():
                self.connects.append(effect)

    def last_sent(self, name: str) -> dict[str, Any]:
        return next(send.data for send in reversed(self.sent) if send.name == name)

    def sends(self, name: str) -> list[dict[str, Any]]:
        return [send.data for send in self.sent if send.name == name]

    def answers(self, id_: str) -> list[dict[str, Any]]:
        """All final replies under that id, on all routes."""
        return [reply.body for reply in self.replies if reply.body["id"] == id_ and "part" not in reply.body]

    def result(self, id_: str) -> Any:
        (body,) = self.answers(id_)
        assert body["ok"], body
        return body["result"]

    def failure(self, id_: str) -> dict[str, Any]:
        (body,) = self.answers(id_)
        assert not body["ok"], body
        error: dict[str, Any] = body["error"]
        return error

    def on(self, topic: str) -> list[dict[str, Any]]:
        return [body for name, body in self.events if name == topic]

    def states(self) -> list[str]:
        return [body["data"]["state"] for body in self.on("system.connection")]


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.fixture
def ready() -> Bench:
    bench = Bench()
    bench.ready()
    return bench


@pytest.fixture
def make_bench() -> type[Bench]:
    return Bench
