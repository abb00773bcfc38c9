"""The shell around the session: sockets, clock and signals in one asyncio loop. The session makes all decisions.

A *turn* has two steps: the service passes one input (bytes, a request, a timer) to the session, and then carries out
the effects that the session returns. The bytes of one read from TWS are one input.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import errno
import functools
import gc
import logging
import os
import resource
import secrets
import signal
import socket
import struct
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

import zmq

from bridge import __version__, state_folder
from bridge.bus.endpoints import http_address
from bridge.bus.frames import MOST_BYTES, BadBody, Envelopes, peek_id, unpack
from bridge.bus.selftest import prove
from bridge.bus.sockets import Bus, IncomingRequest
from bridge.bus.zap import AccessList, ZapAuthenticator
from bridge.cache import Cache, CacheFacts, CacheOutcome, CacheRead
from bridge.catalogue import catalogue
from bridge.health_socket import HealthSocket
from bridge.http.token import load_token
from bridge.ledger import Ledger, LogRead, Outcome, Unusable, Written
from bridge.logs import AccountMask, RequestTrace, tell
from bridge.meters import BridgeFigures, Meters, TallyFigures
from bridge.params import Parameters
from bridge.reloading import Configuration, Found, Read, in_thread
from bridge.session import (
    Close,
    ConfigurationRead,
    Connect,
    Data,
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
    SocketState,
    StartApi,
    WriteCache,
)
from bridge.session.requests import VERSION, failure
from bridge.session.session import OperatorMethod
from bridge.session.verdict_table import Problem
from bridge.settings import BridgeSettings
from bridge.state_writer import StateEffect, StateWriter
from bridge.tws import Connection
from bridge.tws.errors import EncodeError
from tws_bridge_client.wire import pack

_LOG = logging.getLogger("bridge")
#: How many requests one turn reads, and for how many seconds, so that they do not delay the messages from TWS.
_REQUESTS_A_TURN = 100
_REQUESTS_SECONDS = 0.01
#: How many subscription messages the service applies after each request. A client that subscribes to a marker and
#: then requests the snapshot must receive the marker.
_CHANGES_A_REQUEST = 10
#: After this many seconds in which only ticks came, the service checks the ZeroMQ sockets again.
_RECHECK = 0.01
#: SO_LINGER with 0 seconds: close() discards the unsent bytes and resets the connection.
_NO_LINGER = struct.pack("ii", 1, 0)
#: How many seconds the bridge waits for the files of its configuration.
_READ_SECONDS = 10.0
#: How many seconds the bridge waits at its end for the disk.
_END_SECONDS = 5.0
#: How many descriptors the bridge needs beside its clients' connections: TWS, the ledger, ZeroMQ's own.
_OTHER_DESCRIPTORS = 128
#: Seconds between two checks of the file `halt` and of the connected subscribers.
_SECOND = 1.0


class TwsSocket(asyncio.Protocol):
    """One TCP connection to TWS and its protocol state. Closed connections ignore callbacks."""

    def __init__(self, service: Service, settings: BridgeSettings) -> None:
        self.connection = Connection.client(
            settings.client_id, settings.optional_capabilities, async_connect=settings.async_connect
        )
        self.transport: asyncio.Transport | None = None
        self._written = 0
        self._service: Service | None = service

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Start the handshake. asyncio calls it when TCP is connected."""
        assert isinstance(transport, asyncio.Transport)
        if self._service is None:
            transport.abort()
            return
        self.transport = transport
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        self.connection.connect()
        self._service.turn(self._service.session.on_opened)

    def data_received(self, data: bytes) -> None:
        """Decode the bytes and pass the messages to the session, as one turn."""
        if self._service is not None:
            meters = self._service.meters
            if meters is not None:
                meters.read_at = time.monotonic()
                meters.received_bytes += len(data)
            self.connection.receive_data(data)
            events = self.connection.events_received()
            self._service.turn(functools.partial(self._service.session.on_events, events))
            if meters is not None:
                meters.read_at = None

    def connection_lost(self, exc: Exception | None) -> None:
        """Report the end of the connection to the session."""
        if self._service is not None:
            reason = f"the connection to TWS is broken: {_broken(exc)}" if exc else "TWS closed the connection"
            self._service.turn(functools.partial(self._service.session.on_lost, reason))

    def flush(self) -> bool:
        """Write the bytes that the protocol has queued. Return whether there were any."""
        if self.transport is None or not (data := self.connection.data_to_send()):
            return False
        self.transport.write(data)
        self._written += len(data)
        return True

    def state(self) -> SocketState | None:
        """The state of the socket; None before it is connected."""
        if self.transport is None:
            return None
        unsent = self.transport.get_write_buffer_size()
        return SocketState(unsent, self._written - unsent, self.connection.unfinished_frame)

    def drop(self, *, abort: bool = False) -> None:
        """Write the queued bytes, close the connection, and ignore all later callbacks.

        With `abort`, or if the peer does not read, the queued bytes are discarded, in the kernel too. Otherwise TWS
        could receive them at any later time.
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
    """One running bridge. `run` returns when the bridge has stopped."""

    def __init__(self, settings: BridgeSettings, bus: Bus, ledger: Ledger, cache: Cache | None = None) -> None:
        #: What the shell counts, if the bridge has an HTTP server.
        self.meters = Meters() if settings.http is not None else None
        known = catalogue()
        self._settings = settings
        self._bus = bus
        self._ledger = ledger
        self._cache = cache
        #: Writes the files of the state folder beside the ledger.
        self.files = StateWriter(settings.state)
        self._access: AccessList | None = None
        self._configuration = Configuration(settings, lambda: settings, None, caches=cache is not None)
        self._reloads: set[asyncio.Task[None]] = set()
        self._reading = asyncio.Lock()
        epoch = secrets.token_hex(8)
        runs, halted = state_folder.load_runs(settings.state), state_folder.load_halt(settings.state)
        parameters, recovered_state = Parameters(known), ledger.recovered_state
        rules = dataclasses.replace(settings.rules, caches=cache is not None)
        self.session = Session(
            known, parameters, rules, epoch, recovered_state, archive=ledger.archive, runs=runs, halted=halted
        )
        gc.freeze()  # what is in memory now stays there: exclude it from garbage collection
        self._envelopes = Envelopes(epoch)
        self._tws: TwsSocket | None = None
        self._connecting: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._recheck: asyncio.TimerHandle | None = None
        #: Set if the service will read the bus again, after the other callbacks of the loop.
        self._again: asyncio.Handle | None = None
        self._halted: str | None = None
        self._trace = RequestTrace(_LOG) if _LOG.isEnabledFor(logging.DEBUG) else None
        #: Hides account numbers in the log.
        self.mask = AccountMask()
        self._second_timer: asyncio.TimerHandle | None = None
        self._health = HealthSocket(settings.state, bus.probe())
        self._stopped = asyncio.Event()

    def allow_reload(self, read: Read, access: AccessList | None, token: str | None) -> None:
        """`read` reads the settings again; without it they never change. `access`: the keys that the bus admits.

        `token`: that of the HTTP server.
        """
        own_key = None if access is None else access.keys.public
        self._access = access
        self._configuration = Configuration(self._settings, read, own_key, token, caches=self._cache is not None)

    async def run(self) -> None:
        """Run until SIGTERM, SIGINT or `stop`."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop, f"ended by {number.name}")
        loop.add_signal_handler(signal.SIGHUP, self._reload, None)
        descriptors = self._bus.descriptors()
        for descriptor in descriptors:
            loop.add_reader(descriptor, self._read_bus)
        self._ledger.start(lambda outcomes: loop.call_soon_threadsafe(self._on_ledger, outcomes))
        self.files.start(lambda effect, failure: loop.call_soon_threadsafe(self._on_file, effect, failure))
        if self._cache is not None:
            self._cache.start(lambda outcomes: loop.call_soon_threadsafe(self._on_cache, outcomes))
        try:
            await self._health.start()
            self.turn(self.session.start)
            self._check_each_second()
            await self._stopped.wait()
        finally:
            self._health.close()
            for descriptor in descriptors:
                loop.remove_reader(descriptor)
            for handle in (self._timer, self._recheck, self._again, self._second_timer):
                if handle is not None:
                    handle.cancel()

    def stop(self, reason: str) -> None:
        """Publish the end, close the connection to TWS, and end `run`."""
        self.turn(functools.partial(self.session.stop, reason=reason))
        self._stopped.set()

    # Turns

    def turn(self, step: Callable[[Instant], None]) -> None:
        """Call `step` with the time, and carry out the effects of the session."""
        step(self._now())
        if self._carry_out():
            if self._again is None:
                self._read_bus()
            self._set_timer()
        elif self._recheck is None:
            self._recheck = asyncio.get_running_loop().call_later(_RECHECK, self._on_recheck)

    def _on_recheck(self) -> None:
        """Check the bus after ticks: publishing can reset the edge of a subscription that has arrived."""
        self._recheck = None
        self._read_bus()

    def _carry_out(self) -> bool:
        """Publish, and carry out all effects. Returns whether there were effects; ticks alone have none."""
        publish, packed = self._bus.publish, self._envelopes.pack
        had_effects = False
        while True:
            publications = self.session.publications()
            for publication in publications:
                publish(*packed(publication))
            if self.meters is not None and publications:
                self.meters.published(publications, time.monotonic())
            effects = self.session.effects(self._now())
            if not effects:
                break
            had_effects = True
            for effect in effects:
                self._do(effect)
        if self._tws is not None and self._tws.flush():
            self.session.on_written(self._now())
        return had_effects

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
            case ReadCache() | WriteCache() | DropCached():
                if self._cache is not None:
                    self._cache.take(effect)
            case Reply():
                self._bus.reply(effect.route, pack(effect.body))
                if self._trace is not None:
                    self._trace.answered(effect.route, effect.body, time.monotonic())
            case Connect():
                self._connect(effect)
            case StartApi():
                self._start_api()
            case Close(abort):
                self._close(abort=abort)
            case PersistInstances() | PersistHalt():
                self.files.write(effect)
            case ReadConfiguration(token):
                self._reload(token)
            case Log():
                self._log(effect)

    def _log(self, effect: Log) -> None:
        """Write the event, without the numbers of the accounts that TWS has now."""
        self.mask.learn(self.session.accounts)
        tell(_LOG, effect.event, **effect.fields)

    def _send(self, send: Send) -> None:
        if self._tws is None:
            self.session.on_unsendable(send, "not connected to TWS", self._now(), code="notConnected")
            return
        try:
            self._tws.connection.send(send.name, send.data)
        except EncodeError as error:
            self.session.on_unsendable(send, str(error), self._now(), field=error.field)
        else:
            self._count_sent(1)

    def _send_all(self, effect: SendAll) -> None:
        """Encode all messages, or send none of them if one cannot be encoded. Messages queued before are sent first."""
        if self._tws is None:
            self.session.on_unsendable(effect.sends[0], "not connected to TWS", self._now(), code="notConnected")
            return
        self._tws.flush()
        for send in effect.sends:
            try:
                self._tws.connection.send(send.name, send.data)
            except EncodeError as error:
                self._tws.connection.data_to_send()
                self.session.on_unsendable(send, str(error), self._now(), field=error.field)
                return
        self._count_sent(len(effect.sends))

    def _count_sent(self, messages: int) -> None:
        if self.meters is not None:
            self.meters.sent += messages

    # For those who watch the bridge

    def figures(self) -> BridgeFigures:
        """Return all figures of the bridge at this moment. Only the bridge's own loop may call it."""
        meters = self.meters or Meters()
        return BridgeFigures(
            overview=self.session.overview(self._now()),
            tallies=TallyFigures.of(self.session.tallies),
            events=dict(meters.events),
            publish_lag=meters.publish_lag.figures(),
            sent=meters.sent,
            received_bytes=meters.received_bytes,
            commits=self._ledger.commits.figures(),
            ledger_jobs=self._ledger.waiting(),
        )

    def operate(self, method: OperatorMethod, params: Data, then: Callable[[Data], object]) -> None:
        """Halt or resume trading for the operator of the console. Only the bridge's own loop may call it.

        `then` gets the outcome: now, or when it is on disk, or the disk has not answered in time.
        """
        self.turn(lambda now: self.session.on_operator(method, params, now, then))

    # The ledger

    def _on_ledger(self, outcomes: list[Outcome]) -> None:
        if self._stopped.is_set():
            return
        self.turn(functools.partial(self._pass_ledger_outcomes, outcomes))

    def _pass_ledger_outcomes(self, outcomes: list[Outcome], now: Instant) -> None:
        for outcome in outcomes:
            match outcome:
                case Written(token, None):
                    self.session.on_persisted(token, now)
                case Written(token, str(failure)):
                    self.session.on_persist_failed(token, failure, now)
                case Unusable(reason):
                    self.session.on_ledger_unusable(reason, now)
                case LogRead(token, events, failure):
                    self.session.on_log_read(token, events, failure, now)

    # The other files of the state folder

    def _on_file(self, effect: StateEffect, failure: str | None) -> None:
        if self._stopped.is_set():
            return
        match effect:
            case PersistHalt():
                self.turn(functools.partial(self.session.on_halt_persisted, failure))
            case PersistInstances():
                self.turn(functools.partial(self.session.on_instances_persisted, failure))

    # The cache

    def _on_cache(self, outcomes: list[CacheOutcome]) -> None:
        if not self._stopped.is_set():
            self.turn(functools.partial(self._pass_cache_outcomes, outcomes))

    def _pass_cache_outcomes(self, outcomes: list[CacheOutcome], now: Instant) -> None:
        for outcome in outcomes:
            match outcome:
                case CacheRead(token, found):
                    self.session.on_cache_read(token, found, now)
                case CacheFacts(size, limit, entries):
                    self.session.on_cache_facts({"size": size, "limit": limit, "entries": entries})

    # The configuration

    def _reload(self, token: int | None) -> None:
        """Read the configuration again. `token`: that of the session's effect; None for a signal."""
        task = asyncio.get_running_loop().create_task(self._read_and_take_over(token))
        self._reloads.add(task)
        task.add_done_callback(self._reloads.discard)

    async def _read_and_take_over(self, token: int | None) -> None:
        """One reload at a time, in their order. A file system that hangs must not stop the bridge: see `in_thread`."""
        async with self._reading:
            try:
                found = await asyncio.wait_for(in_thread(self._configuration.look), _READ_SECONDS)
            except TimeoutError:
                text = f"the configuration could not be read within {_READ_SECONDS:g} s"
                found = Found(ConfigurationRead(problems=(text,)))
            except Exception as fault:
                what = "it failed to read the configuration"
                tell(_LOG, "defect", what=what, reason=repr(fault), traceback=traceback.format_exc())
                found = Found(ConfigurationRead(problems=(f"a defect of the bridge: {what}: {fault!r}",)))
            if not self._stopped.is_set():
                self.turn(functools.partial(self._take_over, token, found))

    def _take_over(self, token: int | None, found: Found, now: Instant) -> None:
        """Take over the configuration everywhere in one turn, and only then end the connections that may not go on."""
        if not self.session.on_configuration(token, found.read, now):
            return
        self._configuration.take_over(found)
        clients = self._configuration.settings.clients.values()
        self.mask.learn(account for client in clients for account in client.accounts or ())
        if self._access is not None:
            settings = self._configuration.settings
            self._access.replace(settings.client_keys, settings.permissions.hears)
            self._carry_out()
            self._bus.follow_rights()

    # TCP

    def _connect(self, target: Connect) -> None:
        self._close()
        self._tws = TwsSocket(self, self._settings)
        self._connecting = asyncio.get_running_loop().create_task(self._open_tcp(target, self._tws))

    async def _open_tcp(self, target: Connect, tws: TwsSocket) -> None:
        loop = asyncio.get_running_loop()
        try:
            await loop.create_connection(lambda: tws, target.host, target.port)
        except (OSError, ValueError) as error:  # ValueError: TWS has named a host that cannot be one
            reason = f"cannot connect to {target.host}:{target.port}: {_words_of(error)}"
            self.turn(functools.partial(self.session.on_lost, reason, code=502, problem=_problem_of(error)))

    def _start_api(self) -> None:
        if self._tws is not None and not self._tws.connection.closed:
            self._tws.connection.start_api()

    def _close(self, *, abort: bool = False) -> None:
        if self._connecting is not None and self._connecting is not asyncio.current_task():
            self._connecting.cancel()
        self._connecting = None
        if self._tws is not None:
            self._tws.drop(abort=abort)
            self._tws = None

    # The bus

    def _read_bus(self) -> None:
        """Read both sockets until they are empty, because their descriptors are edge-triggered; for a limited time."""
        self._schedule_read(self._bus.grant_subscriptions())
        if not self._bus.has_requests():
            return
        self._check_halt_file()
        end = time.monotonic() + _REQUESTS_SECONDS
        for incoming in self._bus.requests(_REQUESTS_A_TURN):
            self._request(incoming)
            self._bus.grant_subscriptions(_CHANGES_A_REQUEST)
            self._carry_out()
            if time.monotonic() > end:
                break
        self._set_timer()
        self._schedule_read(more=True)

    def _schedule_read(self, more: bool) -> None:
        """If more may be waiting, read the bus again after one round of the loop. Several calls count as one."""
        if more and self._again is None:
            self._again = asyncio.get_running_loop().call_soon(self._read_on)

    def _read_on(self) -> None:
        self._again = None
        self._read_bus()

    def _request(self, incoming: IncomingRequest) -> None:
        if len(incoming.body) > MOST_BYTES:
            message = f"a request may have at most {MOST_BYTES} bytes; this one has {len(incoming.body)}"
            self._refuse(incoming, peek_id(incoming.body), "tooLarge", message)
            return
        try:
            request = unpack(incoming.body)
        except BadBody as error:
            self._refuse(incoming, "", "invalidRequest", str(error))
            return
        if self._trace is not None:
            self._trace.came(incoming.route, request, time.monotonic())
        if incoming.is_revoked:
            message = (
                f"clients: the configuration does not have the key of this connection any more ({incoming.speaker})"
            )
            self._refuse(incoming, peek_id(incoming.body), "notPermitted", message, {"rule": "clients"})
            return
        self.session.on_request(incoming.route, request, self._now(), incoming.speaker, len(incoming.body))

    def _refuse(self, incoming: IncomingRequest, id_: str, code: str, message: str, data: Data | None = None) -> None:
        self.session.note_refusal({"client": incoming.speaker or ""}, code, message)
        if data is None:
            tell(_LOG, "requestUnreadable", code=code, reason=message)
        else:
            tell(_LOG, "keyRevoked", client=incoming.speaker, reason=message)
        self._bus.reply(incoming.route, pack({"v": VERSION, "id": id_, **failure(code, message, data=data)}))

    # The kill switch

    def _check_halt_file(self) -> None:
        """Tell the session if the file `halt` in the state folder has appeared, changed or gone."""
        reason = state_folder.halt_reason(self._settings.state)
        if reason != self._halted:
            self._halted = reason
            self.session.on_halt_file(reason, self._now())

    def _check_each_second(self) -> None:
        """Each second, check the file `halt` and the connected subscribers."""
        self._check_halt_file()
        self.session.on_listeners(self._bus.listeners(), self._now())
        self.session.on_usage(self._bus.figures())
        self._carry_out()
        self._second_timer = asyncio.get_running_loop().call_later(_SECOND, self._check_each_second)

    # Time

    @staticmethod
    def _now() -> Instant:
        return Instant(time.monotonic(), time.time_ns())

    def _set_timer(self) -> None:
        due = self.session.next_timer(self._now())
        if self._timer is not None:
            if due is not None and self._timer.when() <= due:
                return
            self._timer.cancel()
        loop = asyncio.get_running_loop()
        self._timer = None if due is None else loop.call_at(due, self._on_timer)

    def _on_timer(self) -> None:
        self._timer = None
        self.turn(self._pass_time)
        self._set_timer()

    def _pass_time(self, now: Instant) -> None:
        if self._tws is not None and (socket_state := self._tws.state()) is not None:
            self.session.on_socket(socket_state, now)
        self.session.on_timer(now)


def _problem_of(error: OSError | ValueError) -> Problem:
    """What an error of `connect` says about TWS's address.

    A host may have several addresses, as localhost has. If they fail in different words, asyncio raises one OSError
    with all texts; one address that refuses shows that the host is there.
    """
    if isinstance(error, ConnectionRefusedError) or f"[Errno {errno.ECONNREFUSED}]" in str(error):
        return "refused"
    return "unknownHost" if isinstance(error, socket.gaierror | ValueError) else "unreachable"


def _words_of(error: OSError | ValueError) -> str:
    """Why the connection did not open. asyncio's own text repeats the address: "Connect call failed ('::1', 7497)"."""
    if _problem_of(error) == "refused":
        return "connection refused"
    return str(error.strerror or error) if isinstance(error, socket.gaierror) else _broken(error)


def _broken(error: Exception) -> str:
    """The words of the system, without the number of the error."""
    return os.strerror(error.errno).lower() if isinstance(error, OSError) and error.errno else str(error)


def _raise_descriptor_limit(needed: int) -> None:
    """Let the process open as many descriptors as its connections need, so that TWS and the ledger always get one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= needed:
        return
    allowed = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    if allowed < needed:
        tell(_LOG, "openFilesLimited", limit=allowed, most=needed)


def _cache(settings: BridgeSettings) -> Cache | None:
    """Return the cache file; its thread opens it. Without one the bridge requests everything from TWS."""
    if not settings.cache_size:
        return None
    try:
        return Cache(state_folder.private(settings.state / "cache.sqlite"), settings.cache_size * 2**20)
    except (OSError, state_folder.StateTaken) as error:
        tell(_LOG, "cacheFailed", what="the bridge runs without it", reason=str(error))
        return None


def _tell_start(settings: BridgeSettings, bus: Bus) -> None:
    tell(
        _LOG,
        "bridgeStarted",
        version=__version__,
        eventsEndpoint=bus.events_endpoint,
        requestsEndpoint=bus.requests_endpoint,
        tws=settings.tws,
        clientId=settings.client_id,
        statePath=str(settings.state),
        pid=os.getpid(),
    )


class _Thread(Protocol):
    """A thread that writes files."""

    def end(self) -> None: ...
    def close(self, until: float) -> None: ...


def _close_files(threads: Sequence[_Thread]) -> None:
    """End all threads that write files. A disk that hangs must not hold the bridge for longer than `_END_SECONDS`."""
    until = time.monotonic() + _END_SECONDS
    for thread in threads:
        thread.end()
    for thread in threads:
        thread.close(until)


class HttpUnbound(Exception):
    """The HTTP server cannot bind to its address."""


@contextlib.contextmanager
def _http(settings: BridgeSettings, service: Service, token: str | None) -> Iterator[None]:
    """Run the HTTP server, if the settings want one. Its libraries are imported only then."""
    if settings.http is None:
        yield
        return
    from bridge.http.bridge_side import BridgeSide  # noqa: PLC0415
    from bridge.http.thread import HttpThread, listening  # noqa: PLC0415

    try:
        listener = listening(*http_address(settings.http))
    except OSError as error:
        raise HttpUnbound(f"cannot bind {settings.http} for HTTP: {error.strerror or error}") from None
    side = BridgeSide(service.figures, service.session.look_at_topics, service.operate)
    server = HttpThread(listener, side, token)
    try:
        server.start()
        tell(_LOG, "httpStarted", address=server.address)
        yield
    finally:
        server.stop()


async def serve(
    settings: BridgeSettings,
    announce: Callable[[Bus], None],
    make: Callable[..., Service] = Service,
    mask: AccountMask | None = None,
    read: Read | None = None,
) -> None:
    """Run a bridge until it is stopped. The caller has locked the state folder. `read` reads the settings again.

    The function calls `announce` when the endpoints are bound and, with a key, have passed the self-test. `mask`: what
    hides account numbers in the log.

    Raises LedgerRefused or StateTaken if the state folder cannot be used, zmq.ZMQError if an endpoint cannot be bound,
    HttpUnbound if the HTTP server cannot bind, TokenFileError or keys.KeyFileError if a file with a secret is invalid,
    and EndpointsUnprotected if the self-test fails.
    """
    # A signal that comes before the bridge runs waits: the loop carries it out when `run` has its own handler.
    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, lambda: None)
    _raise_descriptor_limit(2 * settings.most_connections + _OTHER_DESCRIPTORS)
    access = settings.access(settings.permissions)
    token = None if settings.http_token is None else load_token(settings.http_token)
    ledger = Ledger(state_folder.private(settings.state / "ledger.sqlite"), settings.client_id)
    cache = _cache(settings)
    running: Service | None = None
    context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
    zap = None if access is None else ZapAuthenticator(context, access)
    try:
        if zap is not None:
            zap.start()
        bus = Bus(
            context,
            settings.events,
            settings.requests,
            settings.event_queue,
            access,
            connections=settings.most_connections,
            ipc_group=settings.ipc_access == "group",
        )
        try:
            if access is not None:
                prove(bus.events_endpoint, bus.requests_endpoint, access)
            bus.watch()
            running = make(settings, bus, ledger, cache)
            running.mask = mask or running.mask
            if read is not None:
                running.allow_reload(read, access, token)
            with _http(settings, running, token):
                announce(bus)
                _tell_start(settings, bus)
                await running.run()
        finally:
            bus.close()
    finally:
        if zap is not None:
            zap.stop()
        files = None if running is None else running.files
        _close_files([thread for thread in (files, ledger, cache) if thread is not None])
        context.term()
