"""A session on the bench: driven with messages as dicts and a hand-moved clock, no socket anywhere."""

from __future__ import annotations

import itertools
import math
from typing import Any

import pytest

from bridge.bus.frames import Envelopes
from bridge.catalogue import catalogue
from bridge.params import Parameters
from bridge.session import (
    Close,
    ConfigurationRead,
    Connect,
    DropCached,
    Effect,
    Instant,
    Log,
    Persist,
    PersistHalt,
    PersistInstances,
    ReadCache,
    ReadConfiguration,
    ReadLog,
    Reply,
    Send,
    SendAll,
    Session,
    SessionConfig,
    StartApi,
    WriteCache,
)
from bridge.session.link import LinkTiming
from bridge.session.pending.pending_table import PendingRequest
from bridge.session.requests import Request
from bridge.session.values import Route
from bridge.session.verdict_table import judge
from bridge.tws.events import Connected, Message
from tests.log_events import check_event
from tests.session.cache_file import CacheFile
from tests.session.contract import witness
from tests.session.disk import Disk
from tests.session.method_codes import check_code
from tws_bridge_client.wire import unpack as unpack_event

AAPL = {"conId": 265598, "symbol": "AAPL", "secType": "STK", "exchange": "SMART", "currency": "USD"}
PARAMETERS = Parameters(catalogue())
#: However long TWS says nothing: most tests let time pass without a word of it.
UNWATCHED = LinkTiming(quiet=math.inf)
#: What the bridge asks TWS for itself, and with what the answer ends.
QUERIES = {
    "reqAllOpenOrders": "openOrderEnd",
    "reqCompletedOrders": "completedOrdersEnd",
    "reqExecutions": "execDetailsEnd",
    "reqPositions": "positionEnd",
}


class Bench:
    """A session with everything that came out of it, sorted: `sent`, `replies`, `events`, `connects`, `logs`.

    `disk` holds what it had written; while `disk.held` nothing more gets there. With the disk of an earlier bench it is
    the same bridge started anew. `internal_requests`: what the bridge asked TWS for itself; `ready` answers
    that at once. `own_cancels`: what it ended of that.

    All that it says to clients is held against the contract on the way, in every test; `astray` where its TWS says
    about a request what TWS never says about such a one.
    """

    astray = False
    #: Whether the shell reads the configuration at once, and finds the one in force.
    reads_configuration = True
    #: Whether this test makes the bridge fail to handle a message or a request.
    may_fail = False

    def __init__(
        self,
        disk: Disk | None = None,
        runs: dict[str, list[str]] | None = None,
        halted: str | None = None,
        cache: CacheFile | None = None,
        **rules: Any,
    ) -> None:
        self.rules = SessionConfig("127.0.0.1", 4002, client_id=1, **{"timing": UNWATCHED, **rules})
        self.disk = disk or Disk()
        self.cache = cache or CacheFile()
        recovered_state = self.disk.recover()
        self.session = Session(
            catalogue(), PARAMETERS, self.rules, "e1", recovered_state, archive=self.disk, runs=runs, halted=halted
        )
        self.runs = runs or {}
        self.remembered: list[dict[str, list[str]]] = []
        self.halted = halted
        #: Writes of these files that have not ended. `files_hang`: none ends. `files_fail`: why each fails.
        self._files: list[PersistInstances | PersistHalt] = []
        self.files_hang = False
        self.files_fail: str | None = None
        self.internal_requests: list[Send] = []
        self.own_cancels: list[Send] = []
        self.clock = 1000.0
        self.sent: list[Send] = []
        self.replies: list[Reply] = []
        self.events: list[tuple[str, dict[str, Any]]] = []
        self.connects: list[Connect | Close] = []
        self.logs: list[Log] = []
        self.starts = 0
        self.reloads: list[ReadConfiguration] = []
        self._envelopes = Envelopes("e1")
        self._ids = itertools.count(1)
        self._methods: dict[tuple[Route, str], str] = {}

    @property
    def now(self) -> Instant:
        return Instant(self.clock, 1_760_000_000_000_000_000 + int((self.clock - 1000) * 1e9))

    # In

    def start(self) -> None:
        self.session.start(self.now)
        self.collect()

    def ready(
        self,
        version: int = 213,
        order_id: int = 100,
        accounts: str = "DU1",
        told: bool = True,
        time: str = "20261122 07:00:00 UTC",
    ) -> None:
        """Bring the session to `ready`, starting it where it was not; `told`: and orders may leave. `time`: at TWS."""
        if not self.connects:
            self.start()
        while self.states()[-1] == "backingOff":
            self.wait(1)
        self.session.on_opened(self.now)
        self.session.on_events([Connected(version, time)], self.now)
        self.tws("managedAccounts", accountsList=accounts)
        self.tws("nextValidId", orderId=order_id)
        if told:
            self.answer_internal_requests()

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

    def request(self, body: Any, route: str = "alice", speaker: str | None = None) -> None:
        if isinstance(body, dict):
            self._methods.setdefault(((route.encode(),), str(body.get("id"))), str(body.get("method")))
        self.session.on_request((route.encode(),), body, self.now, speaker)
        self.collect()

    def wait(self, seconds: float) -> None:
        """Let time pass, with every timer on its second."""
        end = self.clock + seconds
        while (due := self.session.next_timer(self.now)) is not None and due <= end:
            self.clock = max(self.clock, due)
            self.session.on_timer(self.now)
            self.collect()
        self.clock = end

    # Out

    def collect(self) -> None:
        """Carry out what the session wants, until it wants nothing more."""
        while True:
            publications, effects = self.session.publications(), self.session.effects(self.now)
            for publication in publications:
                topic, body = self._envelopes.pack(publication)
                event = unpack_event(body)
                witness().event(topic.decode(), event, self.astray)
                assert self.may_fail or topic != b"system.defect", event
                self.events.append((topic.decode(), event))
            for effect in effects:
                self._sort(effect)
            news = not self.disk.held and self.disk.report(self.session, self.now)
            news = self.cache.report(self.session, self.now) or news
            news = self._write_files() or news
            if not (publications or effects or news):
                self._check_verdict()
                return

    def _check_verdict(self) -> None:
        """The table of the verdict says that the bridge trades if the bridge sends orders, and else why not."""
        facts = self.session._facts(self.now)
        does = self.session._trading.not_tradable_reason() is None and not facts.halted
        is_answered = "readOnlyApi" not in facts.signs and facts.orders_unanswered is None
        assert judge(facts).trading == (does and is_answered), facts

    def _write_files(self) -> bool:
        """Write the files beside the ledger, or fail to. Return whether there were any."""
        if self.files_hang:
            return False
        waiting, self._files = self._files, []
        for effect in waiting:
            match effect:
                case PersistInstances(runs):
                    self.runs = self.runs if self.files_fail else runs
                    self.session.on_instances_persisted(self.files_fail, self.now)
                case PersistHalt(reason):
                    self.halted = self.halted if self.files_fail else reason
                    self.session.on_halt_persisted(self.files_fail, self.now)
        return bool(waiting)

    def release(self) -> None:
        """The disk writes again, beginning with what waits for it."""
        self.disk.held = False
        self.collect()

    def _sort(self, effect: Effect) -> None:
        match effect:
            case Send() if effect.name in QUERIES and self.is_own(effect):
                self.internal_requests.append(effect)
            case Send(name="cancelPositions", about=Request()):
                self.own_cancels.append(effect)
            case Send():
                self.sent.append(effect)
            case SendAll():
                self.sent += effect.sends
            case Persist() | ReadLog():
                self.disk.take(effect)
            case ReadCache() | WriteCache() | DropCached():
                self.cache.take(effect)
            case Reply():
                method = self._methods.get((effect.route, effect.body["id"]))
                witness().reply(effect.body, method)
                check_code(effect.body, method)
                self.replies.append(effect)
            case ReadConfiguration(token):
                self.reloads.append(effect)
                if self.reads_configuration:
                    self.session.on_configuration(token, ConfigurationRead(config=self.rules), self.now)
            case Log():
                assert self.may_fail or "failed to handle" not in effect.text, effect.text
                check_event(effect.event, effect.fields)
                self.logs.append(effect)
            case PersistInstances():
                self.remembered.append(effect.runs)
                self._files.append(effect)
            case PersistHalt():
                self._files.append(effect)
            case StartApi():
                self.starts += 1
            case Connect() | Close():
                self.connects.append(effect)

    @staticmethod
    def is_own(send: Send) -> bool:
        """Whether the bridge asks for itself."""
        return isinstance(send.about, PendingRequest) and all(ask.is_own for ask in send.about.requests)

    def answer_internal_requests(self) -> None:
        """Say that all has been told which the bridge asked for."""
        while self.internal_requests:
            send = self.internal_requests.pop(0)
            end = QUERIES[send.name]
            self.tws(end, **({"reqId": send.data["reqId"]} if end == "execDetailsEnd" else {}))

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
