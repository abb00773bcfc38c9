"""The shell around a real `Session`: it carries out effects as `bridge/service.py` does, dies at any of them, restarts.

What it has on disk outlives it; everything else is gone with it.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from bridge.bus.frames import unpack
from bridge.catalogue import catalogue
from bridge.params import Parameters
from bridge.session import (
    Close,
    Connect,
    DropCached,
    Effect,
    Instant,
    Log,
    Persist,
    PersistHalt,
    PersistInstances,
    ReadCache,
    ReadLog,
    Reply,
    Send,
    SendAll,
    Session,
    SessionConfig,
    SocketState,
    WriteCache,
)
from bridge.session.orders.retention import RetentionRule
from bridge.session.rights.grants import EVERYONE, Grant
from bridge.session.rights.permissions import Permissions
from bridge.session.topic_store import Publication
from bridge.session.values import Route
from bridge.tws import Connection
from bridge.tws.errors import EncodeError
from tests.log_events import check_event
from tests.simulation.clock import Clock, Timer
from tests.simulation.disk import Reporter, SimulatedDisk
from tests.simulation.network import Tcp
from tests.simulation.trace import Trace
from tws_bridge_client.wire import pack

CLIENT_ID = 1
LEASE = 120.0
#: Much earlier than outside, so that an episode of some days has orders that left memory and came back.
RETENTION = RetentionRule(topics=3600.0, orders=7200.0)
#: Seconds that a file beside the ledger takes.
_FILE_WRITE = 0.003
_ROLES = Grant(roles=frozenset({"observe", "account", "trade"}))


class Killed(BaseException):
    """SIGKILL: nothing of the bridge goes on."""


def rules(names: list[str]) -> SessionConfig:
    """`boss` is an admin. The lease is longer than its default, so that clients need fewer signs of life."""
    grants = {name: _ROLES for name in names} | {"boss": EVERYONE}
    return SessionConfig(
        "127.0.0.1",
        4002,
        client_id=CLIENT_ID,
        lease=LEASE,
        permissions=Permissions(grants),
        messages_per_second=50,
        caches=True,
        retention=RETENTION,
    )


class Bridge(Reporter):
    """`dial` opens TCP: it calls `opened` with the connection, or `refused`, or nothing. `bus` is where clients are."""

    def __init__(self, clock: Clock, dice: Random, trace: Trace, disk: SimulatedDisk, names: list[str]) -> None:
        self._clock = clock
        self._dice = dice
        self._trace = trace
        self.disk = disk
        self._rules = rules(names)
        self._catalogue, self._parameters = catalogue(), Parameters(catalogue())
        self._runs: dict[str, list[str]] = {}
        self._halted: str | None = None
        self.epochs = 0
        self.session: Session | None = None
        self._tcp: Tcp | None = None
        self._connection: Connection | None = None
        self._dials = 0
        self._timer: Timer | None = None
        self._timer_at = float("inf")
        #: Effects until SIGKILL; None: it lives.
        self.fuse: int | None = None
        #: What waits for a process that is stopped, and since when it is.
        self._waiting: list[tuple[Callable[..., None], tuple[Any, ...]]] = []
        self.frozen_at: float | None = None
        #: Since when it runs without a stop.
        self.running_since = 0.0
        #: For how many seconds it stood still before that.
        self.stood_still = 0.0
        self.dial: Callable[[Callable[[Tcp], None], Callable[[str], None]], None] = lambda _opened, _refused: None
        self.publish: Callable[[list[Publication]], None] = lambda _publications: None
        self.reply: Callable[[Route, bytes], None] = lambda _route, _body: None
        self.died: Callable[[], None] = lambda: None
        self.logged: Callable[[Log], None] = lambda _log: None
        self.asked: Callable[[Route, Any], None] = lambda _route, _body: None
        self.answered: Callable[[Route, dict[str, Any]], None] = lambda _route, _body: None

    @property
    def is_up(self) -> bool:
        return self.session is not None

    @property
    def epoch(self) -> str:
        return f"{self.epochs:016x}"

    def state(self) -> str:
        """How it stands, in some words."""
        if self.session is None:
            return "bridge down"
        session = self.session
        streams = ",".join(f"{s.plan.name[3:]}/{s.name}:{s.state}" for s in session._subscriptions.streams)
        orders = ",".join(f"{o.order_id}:{o.record.state}" for o in session._trading._order_store)
        return (
            f"bridge {self.epochs} {session._link.state} tradable={session._trading.not_tradable_reason() is None}"
            f" requests={session._outbox.requests.open} streams[{streams}] orders[{orders}] disk={self.disk.jobs}"
        )

    # Life and death

    def start(self) -> None:
        self.epochs += 1
        self._trace.note(f"bridge starts, epoch {self.epoch}")
        self.disk.teller, self.running_since, self.stood_still = self, self._clock.now, 0.0
        self.session = Session(
            self._catalogue, self._parameters, self._rules, self.epoch, self.disk.recover(), archive=self.disk,
            runs=self._runs, halted=self._halted,
        )  # fmt: skip
        self._turn(self.session.start)

    def kill(self) -> None:
        """At once: what it was doing is half done."""
        if self.session is None:
            return
        self._trace.note("bridge is killed")
        self.session, self.fuse, self.frozen_at = None, None, None
        self._waiting.clear()
        self.disk.crash()
        if self._timer is not None:
            self._timer.cancel()
        self._timer, self._timer_at = None, float("inf")
        self._hang_up()
        self.died()

    def freeze(self) -> None:
        """SIGSTOP."""
        if self.session is not None and self.frozen_at is None:
            self.frozen_at = self._clock.now

    def thaw(self) -> None:
        """SIGCONT: what has come meanwhile is read, and then it looks at the time."""
        if self.frozen_at is None:
            return
        self.stood_still = self._clock.now - self.frozen_at
        self.frozen_at, self.running_since = None, self._clock.now
        waiting, self._waiting = self._waiting, []
        for handle, args in sorted(waiting, key=lambda job: job[0] == self._ring):
            if self.session is not None:
                handle(*args)

    def _is_frozen(self, handle: Callable[..., None], *args: Any) -> bool:
        """Whether it must wait."""
        if self.frozen_at is not None:
            self._waiting.append((handle, args))
        return self.frozen_at is not None

    def _turn(self, told: Callable[..., None], *args: Any) -> None:
        """Tell the session something, and carry out what it wants."""
        now = self._clock.instant()
        try:
            told(*args, now)
            self._carry_out(now)
        except Killed:
            self.kill()
            return
        self._set_timer(now)

    def _carry_out(self, now: Instant) -> None:
        session = self.session
        assert session is not None
        while True:
            if publications := session.publications():
                self.publish(publications)
            effects = session.effects(now)
            if not effects:
                break
            for effect in effects:
                if self.fuse is not None:
                    self.fuse -= 1
                    if self.fuse < 0:
                        raise Killed
                self._do(effect, session)
        self._flush()

    def _set_timer(self, now: Instant) -> None:
        assert self.session is not None
        due = self.session.next_timer(now)
        if due is None or (self._timer is not None and self._timer_at <= due):
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer_at = due
        self._timer = self._clock.at(self._clock.steady(due), self._ring)

    def _ring(self) -> None:
        if self._is_frozen(self._ring):
            return
        self._timer, self._timer_at = None, float("inf")
        self._turn(self._tell_time)

    def _tell_time(self, now: Instant) -> None:
        assert self.session is not None
        if self._tcp is not None and self._connection is not None:
            pipe = self._tcp.to_tws
            unsent = pipe.unsent
            state = SocketState(unsent, pipe.written - unsent, self._connection.unfinished_frame)
            self.session.on_socket(state, now)
        self.session.on_timer(now)

    # Effects

    def _do(self, effect: Effect, session: Session) -> None:
        match effect:
            case Send():
                self._send(effect, session)
            case SendAll():
                self._send_all(effect, session)
            case Persist() | ReadLog():
                self.disk.take(effect)
            case ReadCache() | WriteCache() | DropCached():
                self.disk.take_cache(effect)
            case Reply():
                body = pack(effect.body)
                self.answered(effect.route, effect.body)
                self.reply(effect.route, body)
            case Connect():
                self._connect()
            case Close(abort):
                if not abort:
                    self._flush()
                self._hang_up()
            case PersistInstances():
                self._write_file(lambda: setattr(self, "_runs", effect.runs), session.on_instances_persisted)
            case PersistHalt():
                self._write_file(lambda: setattr(self, "_halted", effect.reason), session.on_halt_persisted)
            case Log():
                check_event(effect.event, effect.fields)
                self._trace.note(f"bridge logs {effect.level}: {effect.text}")
                self.logged(effect)

    def _write_file(self, write: Callable[[], None], told: Callable[[str | None, Instant], None]) -> None:
        """A thread writes the file when the disk does; a bridge that is killed before has not written it."""
        epoch = self.epochs

        def end() -> None:
            if self.session is None or self.epochs != epoch or self._is_frozen(end):
                return
            if self.disk.full:
                self._turn(told, "No space left on device")
            else:
                write()
                self._turn(told, None)

        self._clock.at(max(self._clock.now, self.disk.hangs_until) + _FILE_WRITE, end)

    def _send(self, send: Send, session: Session) -> None:
        if self._connection is None:
            session.on_unsendable(send, "not connected to TWS", self._clock.instant(), code="notConnected")
            return
        if send.name != "reqCurrentTime":
            self._trace.note(f"bridge sends {send.name} {send.data.get('reqId', send.data.get('orderId', ''))}")
        try:
            self._connection.send(send.name, send.data)
        except EncodeError as error:
            session.on_unsendable(send, str(error), self._clock.instant(), field=error.field)

    def _send_all(self, effect: SendAll, session: Session) -> None:
        if self._connection is None:
            session.on_unsendable(effect.sends[0], "not connected to TWS", self._clock.instant(), code="notConnected")
            return
        self._flush()
        for send in effect.sends:
            self._trace.note(f"bridge sends {send.name} {send.data.get('orderId', '')}, one of {len(effect.sends)}")
            try:
                self._connection.send(send.name, send.data)
            except EncodeError as error:
                self._connection.data_to_send()
                session.on_unsendable(send, str(error), self._clock.instant(), field=error.field)
                return

    def _flush(self) -> None:
        if self._tcp is not None and self._connection is not None and (data := self._connection.data_to_send()):
            self._trace.count(data)
            self._tcp.to_tws.write(data)

    # TCP

    def _connect(self) -> None:
        self._hang_up()
        self._dials += 1
        number = self._dials
        self.dial(lambda tcp: self._opened(number, tcp), lambda reason: self._refused(number, reason))

    def _opened(self, number: int, tcp: Tcp) -> None:
        if self._is_frozen(self._opened, number, tcp):
            return
        if number != self._dials or self.session is None:
            tcp.end_by_bridge()
            return
        self._trace.note("bridge is connected")
        self._tcp, self._connection = tcp, Connection.client(CLIENT_ID)
        tcp.to_bridge.deliver = lambda data: self._read(tcp, data)
        tcp.bridge_loses = lambda reason: self._lost(tcp, reason)
        self._connection.connect()
        self._turn(self.session.on_opened)

    def _refused(self, number: int, reason: str) -> None:
        if self._is_frozen(self._refused, number, reason):
            return
        if number == self._dials and self.session is not None:
            session = self.session
            self._turn(lambda now: session.on_lost(reason, now, code=502))

    def _read(self, tcp: Tcp, data: bytes) -> None:
        if self._is_frozen(self._read, tcp, data) or tcp is not self._tcp:
            return
        assert self._connection is not None and self.session is not None
        self._trace.count(data)
        self._connection.receive_data(data)
        if events := self._connection.events_received():
            self._turn(self.session.on_events, events)

    def _lost(self, tcp: Tcp, reason: str) -> None:
        if self._is_frozen(self._lost, tcp, reason) or tcp is not self._tcp:
            return
        assert self.session is not None
        self._trace.note(f"bridge loses tws: {reason}")
        self._turn(self.session.on_lost, reason)

    def _hang_up(self) -> None:
        self._dials += 1
        if self._tcp is not None:
            self._tcp.end_by_bridge()
        self._tcp = self._connection = None

    # The disk

    def on_persisted(self, token: int) -> None:
        if self.session is not None and not self._is_frozen(self.on_persisted, token):
            self._turn(self.session.on_persisted, token)

    def on_persist_failed(self, token: int, reason: str) -> None:
        if self.session is not None and not self._is_frozen(self.on_persist_failed, token, reason):
            self._turn(self.session.on_persist_failed, token, reason)

    def on_log_read(self, token: int, events: list[dict[str, object]]) -> None:
        if self.session is not None and not self._is_frozen(self.on_log_read, token, events):
            self._turn(self.session.on_log_read, token, events, None)

    def on_cache_read(self, token: int, found: dict[str, object]) -> None:
        if self.session is not None and not self._is_frozen(self.on_cache_read, token, found):
            self._turn(self.session.on_cache_read, token, found)

    # Clients

    def request(self, route: Route, body: bytes, speaker: str) -> None:
        if self.session is None or self._is_frozen(self.request, route, body, speaker):
            return
        self._trace.count(body)
        request = unpack(body)
        self.asked(route, request)
        session = self.session
        self._turn(lambda now: session.on_request(route, request, now, speaker))
