"""The server of the simulator: sockets, clock and signals around the pure exchange.

Each socket has one `Connection.server`. Requests and the time go into the Exchange. The server encodes the resulting
events for each client and writes them in one piece. It decides nothing about markets or orders.
"""

import asyncio
import contextlib
import logging
import secrets
import signal
import time
from collections.abc import Callable
from typing import cast

from bridge.simulator.core.refusals import Refused
from bridge.simulator.core.times import EXCHANGE_ZONE, NS, stamp
from bridge.simulator.core.values import Data
from bridge.simulator.exchange.exchange import Events, Exchange, ExchangeSettings
from bridge.simulator.persistence.records import Unusable
from bridge.simulator.shell.history_limit import VIOLATION, HistoryLimit
from bridge.simulator.shell.message_limit import MessageLimit, Verdict
from bridge.simulator.shell.settings import SimulatorSettings
from bridge.simulator.shell.state_file import StateFile, Unwritable
from bridge.state_folder import StateFolder
from bridge.tws import Connection
from bridge.tws.errors import EncodeError
from bridge.tws.events import DecodeFailed, Event, Failed, Message, UnknownMessage

log = logging.getLogger("bridge.simulator")

_TURN = 2_000_000
"""Shortest time between two steps of the market, in ns. Fast steps are processed together."""


class ClientSocket(asyncio.Protocol):
    """One socket. It has a client id after startApi."""

    def __init__(self, simulator: "Simulator") -> None:
        """Called by the listening socket."""
        self.simulator = simulator
        settings = simulator.settings
        opened = stamp(simulator.now() / NS, EXCHANGE_ZONE)
        self.connection = Connection.server(server_version=settings.server_version, connection_time=opened)
        self.client_id: int | None = None
        self._limit = MessageLimit(settings.messages_per_second)
        self._history_limit = HistoryLimit() if settings.messages_per_second else None
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called when the socket is open."""
        self.transport = cast(asyncio.Transport, transport)
        self.simulator.sessions.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Called when either side has closed the socket."""
        self.simulator.sessions.discard(self)
        self.simulator.left(self)

    def data_received(self, data: bytes) -> None:
        """Process the messages in the received bytes, and send the answers as long as the client reads them."""
        self.connection.receive_data(data)
        self.flush()
        for event in self.connection.events_received():
            if self.transport.is_closing():
                return
            self._on_event(event)
            self.flush()

    def _on_event(self, event: Event) -> None:
        match event:
            case Message(name, data):
                self._on_message(name, data)
            case DecodeFailed():
                log.warning("client %s: cannot decode %s: %s", self.client_id, event.message, event.reason)
                self.error(-1, 320, f"Error reading request: {event.message or event.id}: {event.reason}")
            case UnknownMessage():
                log.warning("client %s: unknown message id %s", self.client_id, event.id)
                self.error(-1, 320, f"Error reading request: unknown message id {event.id}")
            case Failed():
                log.warning("client %s: %s", self.client_id, event.reason)
                self.transport.close()

    def _on_message(self, name: str, data: Data) -> None:
        if self.client_id is not None:
            verdict = self._limit.count(self.simulator.now())
            if verdict is not Verdict.TAKEN:
                self._on_too_fast(verdict)
                return
            if self._history_limit is not None and self._history_limit.is_violated(name, data, self.simulator.now()):
                log.warning("client %s breaks the rules for historical data: %s", self.client_id, name)
                self.error(data["reqId"], 162, VIOLATION)
                return
            self.simulator.request(self, self.client_id, name, data)
        elif name == "startApi":
            self.simulator.start(self, int(data.get("clientId", 0)))
        else:
            log.info("dropped %s, because it came before startApi", name)

    def _on_too_fast(self, verdict: Verdict) -> None:
        log.warning("client %s sends more than %s messages per second", self.client_id, self._limit.most)
        self.error(-1, 100, f"Max rate of messages per second has been exceeded:max={self._limit.most}")
        if verdict is Verdict.LAST:
            self.flush()
            self.transport.close()

    def error(self, request_id: int, code: int, message: str) -> None:
        """Queue an `error` event that the connection itself causes."""
        moment = self.simulator.now() // 1_000_000
        self.send("error", {"id": request_id, "errorTime": moment, "errorCode": code, "errorMsg": message})

    def send(self, name: str, data: Data) -> None:
        """Encode an event for the client's version. As at TWS, an event that the version does not know is not sent."""
        try:
            self.connection.send(name, data)
        except EncodeError as error:
            log.warning("client %s: %s", self.client_id, error)

    def flush(self) -> None:
        """Write the queued bytes. Close the connection of a client that leaves too many bytes unread."""
        data = self.connection.data_to_send()
        if data and not self.transport.is_closing():
            self.write(data)

    def write(self, data: bytes) -> None:
        """Write bytes to the socket, and close it if the client does not read."""
        self.transport.write(data)
        if self.transport.get_write_buffer_size() > self.simulator.settings.client_buffer:
            log.warning("client %s does not read its messages: connection closed", self.client_id)
            self.transport.abort()


class Simulator:
    """The exchange and all connected clients."""

    #: The class of a socket's session.
    session: type[ClientSocket] = ClientSocket

    def __init__(self, settings: SimulatorSettings, state_file: StateFile | None = None) -> None:
        """Open the exchange now, with the state in `state_file` if there is any. Raises Unusable or Unwritable."""
        self.settings = settings
        self.failure: Unwritable | None = None
        self.ended = asyncio.Event()
        self._state_file = state_file
        self._epoch = time.time_ns() - time.monotonic_ns()
        now = self.now()
        # IBKR never repeats a permId. Two starts within one tick of the clock would, without this. All stay below 2^31.
        first_perm_id = 1_000_000_001 + secrets.randbelow(1_000_000_000)
        opened = ExchangeSettings(
            settings.seed, settings.ticks_per_second, settings.accounts, settings.cash, first_perm_id,
            settings.forget_ids,
        )  # fmt: skip
        records = state_file.read() if state_file else ()
        try:
            self.exchange = Exchange(opened, now, records)
        except Unusable as reason:
            raise Unusable(f"state folder {settings.state}: {reason}") from None
        if state_file:
            state_file.write(self.exchange.changes())
        self.sessions: set[ClientSocket] = set()
        self.started: dict[int, ClientSocket] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._listener: asyncio.Server | None = None

    async def listen(self) -> tuple[str, int]:
        """Accept connections and start the market. Returns host and port. Raises OSError if it cannot listen."""
        loop = asyncio.get_running_loop()
        self._listener = await loop.create_server(lambda: self.session(self), *self.settings.address)
        self.schedule()
        host, port = self._listener.sockets[0].getsockname()[:2]
        return str(host), int(port)

    def now(self) -> int:
        """Return the time in ns since 1970 UTC. It never decreases."""
        return self._epoch + time.monotonic_ns()

    def start(self, session: ClientSocket, client_id: int) -> None:
        """Process a startApi. If the exchange refuses the client, send the error and close the socket."""
        version = session.connection.server_version or self.settings.server_version
        try:
            events = self.exchange.on_connect(client_id, self.now(), version)
        except Refused as refusal:
            log.warning("refused client %s: %s", client_id, refusal)
            session.error(-1, refusal.code, refusal.message)
            session.flush()
            session.transport.close()
            return
        session.client_id = client_id
        self.started[client_id] = session
        log.info("client %s connected at server version %s", client_id, version)
        self.dispatch(events)

    def left(self, session: ClientSocket) -> None:
        """Process the end of a socket."""
        if session.client_id is not None:
            log.info("client %s disconnected", session.client_id)
            del self.started[session.client_id]
            self.dispatch(self.exchange.on_disconnect(session.client_id, self.now()))

    def request(self, session: ClientSocket, client_id: int, name: str, data: Data) -> None:
        """Process one request. An exception in the simulator becomes error 322, and its traceback is logged."""
        try:
            events = self.exchange.on_request(client_id, name, data, self.now())
        except Exception as fault:
            log.exception("client %s: %s %s", client_id, name, data)
            request_id = next((data[key] for key in ("reqId", "orderId") if key in data), -1)
            session.error(request_id, 322, f"Error processing request.-'bW' : cause - {fault!r}")
            return
        self.dispatch(events)
        self.schedule()

    def dispatch(self, events: Events) -> None:
        """Save the changed state, then encode the events and write once to each client."""
        if not self._persist():
            return
        touched: dict[int, ClientSocket] = {}
        started = self.started
        for client_id, name, data in events:
            session = started.get(client_id)
            if session is not None:
                session.send(name, data)
                touched[client_id] = session
        for session in touched.values():
            session.flush()

    def _persist(self) -> bool:
        """Save the changed state. Returns whether that has always worked.

        After a failure the simulator sends nothing more and ends, because clients must not see unsaved state.
        """
        if self._state_file is None:
            return True
        changes = self.exchange.changes()
        if changes and not self.failure:
            try:
                self._state_file.write(changes)
            except Unwritable as failure:
                self.failure = failure
                self.ended.set()
        return not self.failure

    def turn(self) -> None:
        """Advance the exchange to the current time."""
        self._timer = None
        try:
            self.dispatch(self.exchange.on_time(self.now()))
        except Exception:
            log.exception("exception while the exchange processed the time")
        self.schedule()

    def schedule(self) -> None:
        """Plan the next step of the exchange."""
        loop = asyncio.get_running_loop()
        delay = max(self.exchange.next_time() - self.now(), _TURN) / NS
        when = loop.time() + delay
        if self._timer is not None:
            if self._timer.when() <= when:
                return
            self._timer.cancel()
        self._timer = loop.call_at(when, self.turn)

    def stop(self) -> None:
        """Stop the market and close all connections."""
        if self._listener is not None:
            self._listener.close()
        if self._timer is not None:
            self._timer.cancel()
        for session in list(self.sessions):
            session.transport.close()


async def serve(
    settings: SimulatorSettings,
    make: Callable[[SimulatorSettings, StateFile | None], Simulator] = Simulator,
    began: Callable[[Simulator], None] = lambda simulator: None,
) -> None:
    """Run a simulator until SIGTERM or SIGINT.

    Prints `listening on HOST:PORT` to stdout, then calls `began`. Raises OSError if it cannot listen, StateTaken or
    Unusable if it cannot use the state folder, Unwritable if it cannot save the state.
    """
    with contextlib.ExitStack() as stack:
        state_file = None
        if settings.state is not None:
            stack.enter_context(StateFolder(settings.state))
            state_file = stack.enter_context(contextlib.closing(StateFile(settings.state)))
        simulator = make(settings, state_file)
        await _run(simulator, began)
        if simulator.failure:
            raise simulator.failure


async def _run(simulator: Simulator, began: Callable[[Simulator], None]) -> None:
    loop = asyncio.get_running_loop()
    host, port = await simulator.listen()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, simulator.ended.set)
    print(f"listening on {host}:{port}", flush=True)
    began(simulator)
    await simulator.ended.wait()
    simulator.stop()
    await asyncio.sleep(0)
    log.info("stopped")
