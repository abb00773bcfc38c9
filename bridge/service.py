"""The shell around the session: sockets, clock and signals on one asyncio loop. Decides nothing.

A *turn* is: something came in (bytes, a request, a timer), the session was told, and all that it wants is carried out.
What was read from TWS in one go is one turn.
"""

from __future__ import annotations

import asyncio
import functools
import gc
import logging
import secrets
import signal
import socket
import struct
import time
from collections.abc import Callable

import zmq

from bridge import state_folder
from bridge.bus.frames import MOST_BYTES, BadBody, Envelopes, pack, peek_id, unpack
from bridge.bus.selftest import prove
from bridge.bus.sockets import Bus, Incoming
from bridge.bus.zap import ZapAuthenticator
from bridge.catalogue import catalogue
from bridge.ledger import Ledger, LogRead, Outcome, Written
from bridge.logs import one_line
from bridge.params import Parameters
from bridge.session import (
    Close,
    Connect,
    Effect,
    Instant,
    Log,
    Persist,
    ReadLog,
    Remember,
    RememberHalt,
    Reply,
    Send,
    SendAll,
    Session,
    SocketState,
    StartApi,
)
from bridge.session.requests import VERSION, failure
from bridge.settings import BridgeSettings
from bridge.tws import Connection
from bridge.tws.errors import EncodeError

_LOG = logging.getLogger("bridge")
#: Requests read in one turn, and seconds for them: many or costly ones are not to hold up what comes from TWS.
_REQUESTS_A_TURN = 100
_REQUESTS_SECONDS = 0.01
#: Subscriptions granted before each of them: who subscribes and then asks for a snapshot is to hear its marker.
_CHANGES_A_REQUEST = 10
#: Seconds after which the sockets are looked at again when nothing but ticks came.
_LOOK = 0.01
#: SO_LINGER: on, for no seconds. The kernel forgets what the peer has not acknowledged, and resets the connection.
_NO_LINGER = struct.pack("ii", 1, 0)
#: Seconds between looks for the file `halt` and for who listens; the file is looked for before requests, too.
_AROUND = 1.0


class TwsSocket(asyncio.Protocol):
    """One TCP connection to TWS, with the protocol's state. A new connection is a new object; old ones are deaf."""

    def __init__(self, service: Service, settings: BridgeSettings) -> None:
        self.connection = Connection.client(
            settings.client_id, settings.optional_capabilities, async_connect=settings.async_connect
        )
        self.transport: asyncio.Transport | None = None
        self._written = 0
        self._service: Service | None = service

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        if self._service is None:
            transport.abort()
            return
        self.transport = transport
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        self.connection.connect()
        self._service.turn(self._service.session.on_opened)

    def data_received(self, data: bytes) -> None:
        if self._service is not None:
            self.connection.receive_data(data)
            events = self.connection.events_received()
            self._service.turn(functools.partial(self._service.session.on_events, events))

    def connection_lost(self, exc: Exception | None) -> None:
        if self._service is not None:
            reason = f"connection to TWS broken: {exc}" if exc else "TWS closed the connection"
            self._service.turn(functools.partial(self._service.session.on_lost, reason))

    def flush(self) -> None:
        """Write what the protocol has to say."""
        if self.transport is not None and (data := self.connection.data_to_send()):
            self.transport.write(data)
            self._written += len(data)

    def state(self) -> SocketState | None:
        """How the socket stands; None before it is open."""
        if self.transport is None:
            return None
        unsent = self.transport.get_write_buffer_size()
        return SocketState(unsent, self._written - unsent, self.connection.unfinished_frame)

    def drop(self, *, abort: bool = False) -> None:
        """Close, having written what there is, and report nothing more.

        With `abort`, or where the peer leaves bytes waiting, they are thrown away, in the kernel, too: it would get
        them at any later time.
        """
        self._service = None
        if self.transport is None:
            return
        if not abort:
            self.flush()
        if abort or self.transport.get_write_buffer_size():
            self.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
            self.transport.abort()
        else:
            self.transport.close()


class Service:
    """One running bridge. `run` returns when it was stopped."""

    def __init__(self, settings: BridgeSettings, bus: Bus, ledger: Ledger) -> None:
        known = catalogue()
        self._settings = settings
        self._bus = bus
        self._ledger = ledger
        epoch = secrets.token_hex(8)
        runs, halted = state_folder.load_runs(settings.state), state_folder.load_halt(settings.state)
        parameters, recovered_state = Parameters(known), ledger.recovered_state
        self.session = Session(known, parameters, settings.rules, epoch, recovered_state, runs=runs, halted=halted)
        gc.freeze()  # what was recalled may be large and stays: no need to search it for garbage again and again
        self._envelopes = Envelopes(epoch)
        self._tws: TwsSocket | None = None
        self._dialing: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._look: asyncio.TimerHandle | None = None
        #: The bus is to be read on, after what else has come in the meantime.
        self._again: asyncio.Handle | None = None
        self._halted: str | None = None
        self._around: asyncio.TimerHandle | None = None
        self._stopped = asyncio.Event()

    async def run(self) -> None:
        """Until SIGTERM, SIGINT or `stop`."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop, f"ended by {number.name}")
        descriptors = self._bus.descriptors()
        for descriptor in descriptors:
            loop.add_reader(descriptor, self._read_bus)
        self._ledger.start(lambda outcomes: loop.call_soon_threadsafe(self._on_ledger, outcomes))
        try:
            self.turn(self.session.start)
            self._look_around()
            await self._stopped.wait()
        finally:
            for descriptor in descriptors:
                loop.remove_reader(descriptor)
            for handle in (self._timer, self._look, self._again, self._around):
                if handle is not None:
                    handle.cancel()

    def stop(self, reason: str) -> None:
        """Say so to everyone, close the connection to TWS, and end `run`."""
        self.turn(functools.partial(self.session.stop, reason=reason))
        self._stopped.set()

    # Turns

    def turn(self, told: Callable[[Instant], None]) -> None:
        """Tell the session something, and carry out what it wants."""
        told(self._now())
        if self._carry_out():
            if self._again is None:
                self._read_bus()
            self._set_timer()
        elif self._look is None:
            self._look = asyncio.get_running_loop().call_later(_LOOK, self._look_again)

    def _look_again(self) -> None:
        """Publishing may have taken the edge of a subscription that came meanwhile."""
        self._look = None
        self._read_bus()

    def _carry_out(self) -> bool:
        """Whether there was more to do than to publish. A turn of ticks alone plans nothing, either."""
        publish, packed = self._bus.publish, self._envelopes.pack
        did = False
        while True:
            for publication in self.session.publications():
                publish(*packed(publication))
            effects = self.session.effects()
            if not effects:
                break
            did = True
            for effect in effects:
                self._do(effect)
        if self._tws is not None:
            self._tws.flush()
        return did

    def _do(self, effect: Effect) -> None:
        match effect:
            case Send():
                self._send(effect)
            case SendAll():
                self._send_all(effect)
            case Persist():
                self._ledger.persist(effect.token, effect.records)
            case ReadLog():
                self._ledger.read_log(effect.token, effect.owner, effect.after, effect.limit)
            case Reply():
                self._bus.reply(effect.route, pack(effect.body))
            case Connect():
                self._connect(effect)
            case StartApi():
                self._start_api()
            case Close(abort):
                self._close(abort=abort)
            case Remember():
                self._remember(effect)
            case RememberHalt():
                self._remember_halt(effect)
            case Log():
                _LOG.log(logging.getLevelName(effect.level.upper()), "%s", one_line(effect.text))

    def _remember(self, effect: Remember) -> None:
        try:
            state_folder.save_runs(self._settings.state, effect.runs)
        except OSError as error:
            _LOG.error("an older twin will not be known for one after a restart: %s", error)

    def _remember_halt(self, effect: RememberHalt) -> None:
        try:
            state_folder.save_halt(self._settings.state, effect.reason)
        except OSError as error:
            _LOG.error("whether trading is halted will not be known after a restart: %s", error)

    def _send(self, send: Send) -> None:
        if self._tws is None:
            self.session.on_unsendable(send, "not connected to TWS", self._now())
            return
        try:
            self._tws.connection.send(send.name, send.data)
        except EncodeError as error:
            self.session.on_unsendable(send, str(error), self._now())

    def _send_all(self, effect: SendAll) -> None:
        """Encode all, and have the connection forget them where one cannot be: what was queued before goes first."""
        if self._tws is None:
            self.session.on_unsendable(effect.sends[0], "not connected to TWS", self._now())
            return
        self._tws.flush()
        for send in effect.sends:
            try:
                self._tws.connection.send(send.name, send.data)
            except EncodeError as error:
                self._tws.connection.data_to_send()
                self.session.on_unsendable(send, str(error), self._now())
                return

    # The ledger

    def _on_ledger(self, outcomes: list[Outcome]) -> None:
        if self._stopped.is_set():
            return
        self.turn(functools.partial(self._tell_of_ledger, outcomes))

    def _tell_of_ledger(self, outcomes: list[Outcome], now: Instant) -> None:
        for outcome in outcomes:
            match outcome:
                case Written(token, None):
                    self.session.on_persisted(token, now)
                case Written(token, str(failure)):
                    self.session.on_persist_failed(token, failure, now)
                case LogRead(token, events, failure):
                    self.session.on_log_read(token, events, failure, now)

    # TCP

    def _connect(self, target: Connect) -> None:
        self._close()
        self._tws = TwsSocket(self, self._settings)
        self._dialing = asyncio.get_running_loop().create_task(self._dial(target, self._tws))

    async def _dial(self, target: Connect, tws: TwsSocket) -> None:
        loop = asyncio.get_running_loop()
        try:
            await loop.create_connection(lambda: tws, target.host, target.port)
        except OSError as error:
            reason = f"cannot connect to {target.host}:{target.port}: {error.strerror or error}"
            self.turn(functools.partial(self.session.on_lost, reason, code=502))

    def _start_api(self) -> None:
        if self._tws is not None and not self._tws.connection.closed:
            self._tws.connection.start_api()

    def _close(self, *, abort: bool = False) -> None:
        if self._dialing is not None and self._dialing is not asyncio.current_task():
            self._dialing.cancel()
        self._dialing = None
        if self._tws is not None:
            self._tws.drop(abort=abort)
            self._tws = None

    # The bus

    def _read_bus(self) -> None:
        """Look at both sockets until there is nothing, for their descriptors are edge-triggered; a while at a time."""
        self._let_others_in(self._bus.grant_subscriptions())
        if not self._bus.has_requests():
            return
        self._look_for_halt()
        end = time.monotonic() + _REQUESTS_SECONDS
        for incoming in self._bus.requests(_REQUESTS_A_TURN):
            self._request(incoming)
            self._bus.grant_subscriptions(_CHANGES_A_REQUEST)
            self._carry_out()
            if time.monotonic() > end:
                break
        self._set_timer()
        self._let_others_in(more=True)

    def _let_others_in(self, more: bool) -> None:
        """Where there may be more to read, read on after one round of the loop. Once: many who ask for it are one."""
        if more and self._again is None:
            self._again = asyncio.get_running_loop().call_soon(self._read_on)

    def _read_on(self) -> None:
        self._again = None
        self._read_bus()

    def _request(self, incoming: Incoming) -> None:
        if len(incoming.body) > MOST_BYTES:
            message = f"a request has at most {MOST_BYTES} bytes, this one {len(incoming.body)}"
            self._refuse(incoming, peek_id(incoming.body), "tooLarge", message)
            return
        try:
            request = unpack(incoming.body)
        except BadBody as error:
            self._refuse(incoming, "", "invalidRequest", str(error))
            return
        self.session.on_request(incoming.route, request, self._now(), incoming.speaker)

    def _refuse(self, incoming: Incoming, id_: str, code: str, message: str) -> None:
        self._bus.reply(incoming.route, pack({"v": VERSION, "id": id_, **failure(code, message)}))

    # The kill switch

    def _look_for_halt(self) -> None:
        """Tell the session whether the state folder has a file `halt`, where that has changed."""
        reason = state_folder.halt_reason(self._settings.state)
        if reason != self._halted:
            self._halted = reason
            self.session.on_halt_file(reason, self._now())

    def _look_around(self) -> None:
        """Each second: whether the file is there, and who listens."""
        self._look_for_halt()
        self.session.on_listeners(self._bus.listeners(), self._now())
        self._carry_out()
        self._around = asyncio.get_running_loop().call_later(_AROUND, self._look_around)

    # Time

    @staticmethod
    def _now() -> Instant:
        return Instant(time.monotonic(), time.time_ns())

    def _set_timer(self) -> None:
        due = self.session.next_timer()
        if self._timer is not None:
            if due is not None and self._timer.when() <= due:
                return
            self._timer.cancel()
        loop = asyncio.get_running_loop()
        self._timer = None if due is None else loop.call_at(due, self._ring)

    def _ring(self) -> None:
        self._timer = None
        self.turn(self._tell_time)
        self._set_timer()

    def _tell_time(self, now: Instant) -> None:
        if self._tws is not None and (standing := self._tws.state()) is not None:
            self.session.on_socket(standing, now)
        self.session.on_timer(now)


async def serve(
    settings: BridgeSettings, announce: Callable[[Bus], None], make: Callable[..., Service] = Service
) -> None:
    """Run a bridge until it is stopped; `announce` is called once its endpoints are bound, and shown to be guarded.

    The state folder is locked. Raises LedgerRefused and StateTaken where the ledger cannot be used, zmq.ZMQError where
    an endpoint cannot be bound, keys.KeyFileError, and GateOpen where strangers could get in.
    """
    access = settings.access(settings.permissions)
    ledger = Ledger(state_folder.private(settings.state / "ledger.sqlite"), settings.client_id)
    context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
    zap = None if access is None else ZapAuthenticator(context, access)
    try:
        if zap is not None:
            zap.start()
        bus = Bus(context, settings.events, settings.requests, settings.event_queue, access)
        try:
            if access is not None:
                prove(bus.events_endpoint, bus.requests_endpoint, access)
                bus.watch()
            announce(bus)
            await make(settings, bus, ledger).run()
        finally:
            bus.close()
    finally:
        if zap is not None:
            zap.stop()
        ledger.close()
        context.term()
