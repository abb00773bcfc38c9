"""The shell of the simulator: sockets, clock and signals around the pure exchange.

One `Connection.server` for each socket; requests and the time go into the Exchange, its events are encoded for each
client and written in one piece per turn. It decides nothing about markets or orders.
"""

import asyncio
import contextlib
import logging
import secrets
import signal
import time
from collections.abc import Callable
from typing import cast

from bridge.simulator.exchange import Events, Exchange, ExchangeSettings
from bridge.simulator.keeper import Keeper, Unwritable
from bridge.simulator.kept import Unusable
from bridge.simulator.market import HOME
from bridge.simulator.refusals import Refused
from bridge.simulator.settings import SimulatorSettings
from bridge.simulator.times import NS, stamp
from bridge.simulator.values import Data
from bridge.state_folder import StateFolder
from bridge.tws import Connection
from bridge.tws.errors import EncodeError
from bridge.tws.events import DecodeFailed, Event, Failed, Message, UnknownMessage

log = logging.getLogger("bridge.simulator")

_TURN = 2_000_000
"""ns: the shortest time between two turns of the market, so that fast ones are written in batches."""


class Session(asyncio.Protocol):
    """One socket. It has a client id once startApi has been taken."""

    def __init__(self, simulator: "Simulator") -> None:
        """Made by the listening socket."""
        self.simulator = simulator
        settings = simulator.settings
        opened = stamp(simulator.now() / NS, HOME)
        self.connection = Connection.server(server_version=settings.server_version, connection_time=opened)
        self.client_id: int | None = None
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Accepted."""
        self.transport = cast(asyncio.Transport, transport)
        self.simulator.sessions.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Closed by either side."""
        self.simulator.sessions.discard(self)
        self.simulator.left(self)

    def data_received(self, data: bytes) -> None:
        """Bytes of the client: the messages in them are answered in this turn, as long as it reads the answers."""
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
                log.warning("client %s: %s does not decode: %s", self.client_id, event.message, event.reason)
                self.error(-1, 320, f"Error reading request: {event.message or event.id}: {event.reason}")
            case UnknownMessage():
                log.warning("client %s: unknown message id %s", self.client_id, event.id)
                self.error(-1, 320, f"Error reading request: unknown message id {event.id}")
            case Failed():
                log.warning("client %s: %s", self.client_id, event.reason)
                self.transport.close()

    def _on_message(self, name: str, data: Data) -> None:
        if self.client_id is not None:
            self.simulator.request(self, self.client_id, name, data)
        elif name == "startApi":
            self.simulator.start(self, int(data.get("clientId", 0)))
        else:
            log.info("dropped %s: before startApi, as TWS does", name)

    def error(self, request_id: int, code: int, message: str) -> None:
        """Queues an `error` event of the connection itself."""
        moment = self.simulator.now() // 1_000_000
        self.send("error", {"id": request_id, "errorTime": moment, "errorCode": code, "errorMsg": message})

    def send(self, name: str, data: Data) -> None:
        """Encodes for this client's version; what that version does not know at all is not sent, as TWS does."""
        try:
            self.connection.send(name, data)
        except EncodeError as error:
            log.warning("client %s: %s", self.client_id, error)

    def flush(self) -> None:
        """Writes what is queued; drops a client that has let too much of it pile up."""
        data = self.connection.data_to_send()
        if data and not self.transport.is_closing():
            self.write(data)

    def write(self, data: bytes) -> None:
        """To the socket, as long as its client reads."""
        self.transport.write(data)
        if self.transport.get_write_buffer_size() > self.simulator.settings.client_buffer:
            log.warning("client %s does not read: dropped", self.client_id)
            self.transport.abort()


class Simulator:
    """The exchange and everybody connected to it."""

    #: One for each socket.
    session: type[Session] = Session

    def __init__(self, settings: SimulatorSettings, keeper: Keeper | None = None) -> None:
        """Opens the exchange now, with what `keeper` has of an earlier one. Raises Unusable, Unwritable."""
        self.settings = settings
        self.failure: Unwritable | None = None
        self.ended = asyncio.Event()
        self._keeper = keeper
        self._epoch = time.time_ns() - time.monotonic_ns()
        now = self.now()
        # IBKR never repeats a permId. Two starts within the same tick of a clock would. All stay below 2^31.
        first_perm_id = 1_000_000_001 + secrets.randbelow(1_000_000_000)
        opened = ExchangeSettings(
            settings.seed, settings.ticks_per_second, settings.accounts, settings.cash, first_perm_id,
            settings.forget_ids,
        )  # fmt: skip
        records = keeper.read() if keeper else ()
        try:
            self.exchange = Exchange(opened, now, records)
        except Unusable as reason:
            raise Unusable(f"state folder {settings.state}: {reason}") from None
        if keeper:
            keeper.write(self.exchange.changes())
        self.sessions: set[Session] = set()
        self.started: dict[int, Session] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._listener: asyncio.Server | None = None

    async def listen(self) -> tuple[str, int]:
        """From now on clients may connect, and the market moves; where it listens. Raises OSError."""
        loop = asyncio.get_running_loop()
        self._listener = await loop.create_server(lambda: self.session(self), *self.settings.address)
        self.schedule()
        host, port = self._listener.sockets[0].getsockname()[:2]
        return str(host), int(port)

    def now(self) -> int:
        """ns since 1970 UTC, never running backwards."""
        return self._epoch + time.monotonic_ns()

    def start(self, session: Session, client_id: int) -> None:
        """startApi: the client is let in, or told why not and shown out."""
        version = session.connection.server_version or self.settings.server_version
        try:
            events = self.exchange.on_connect(client_id, self.now(), version)
        except Refused as refusal:
            log.warning("client %s refused: %s", client_id, refusal)
            session.error(-1, refusal.code, refusal.message)
            session.flush()
            session.transport.close()
            return
        session.client_id = client_id
        self.started[client_id] = session
        log.info("client %s connected at server version %s", client_id, version)
        self.dispatch(events)

    def left(self, session: Session) -> None:
        """The socket is gone."""
        if session.client_id is not None:
            log.info("client %s disconnected", session.client_id)
            del self.started[session.client_id]
            self.dispatch(self.exchange.on_disconnect(session.client_id, self.now()))

    def request(self, session: Session, client_id: int, name: str, data: Data) -> None:
        """One request; a fault of ours is answered too, and logged with its trace."""
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
        """Encodes events for their clients; each client is written to once, and only of what outlives this process."""
        if not self._keep():
            return
        touched: dict[int, Session] = {}
        started = self.started
        for client_id, name, data in events:
            session = started.get(client_id)
            if session is not None:
                session.send(name, data)
                touched[client_id] = session
        for session in touched.values():
            session.flush()

    def _keep(self) -> bool:
        """Whether all that has happened is kept; once it is not, nothing is told any more, and the simulator ends."""
        if self._keeper is None:
            return True
        changes = self.exchange.changes()
        if changes and not self.failure:
            try:
                self._keeper.write(changes)
            except Unwritable as failure:
                self.failure = failure
                self.ended.set()
        return not self.failure

    def turn(self) -> None:
        """The market moves up to now."""
        self._timer = None
        try:
            self.dispatch(self.exchange.on_time(self.now()))
        except Exception:
            log.exception("a turn of the market")
        self.schedule()

    def schedule(self) -> None:
        """Plans the next turn."""
        loop = asyncio.get_running_loop()
        delay = max(self.exchange.next_time() - self.now(), _TURN) / NS
        when = loop.time() + delay
        if self._timer is not None:
            if self._timer.when() <= when:
                return
            self._timer.cancel()
        self._timer = loop.call_at(when, self.turn)

    def stop(self) -> None:
        """Ends the market and all connections."""
        if self._listener is not None:
            self._listener.close()
        if self._timer is not None:
            self._timer.cancel()
        for session in list(self.sessions):
            session.transport.close()


async def serve(
    settings: SimulatorSettings,
    make: Callable[[SimulatorSettings, Keeper | None], Simulator] = Simulator,
    began: Callable[[Simulator], None] = lambda simulator: None,
) -> None:
    """Runs until SIGTERM or SIGINT. Says `listening on HOST:PORT` on stdout; `began` is called after that.

    Raises OSError if it cannot listen, StateTaken or Unusable if it cannot go on from its state folder, Unwritable when
    it cannot keep there what happens.
    """
    with contextlib.ExitStack() as stack:
        keeper = None
        if settings.state is not None:
            stack.enter_context(StateFolder(settings.state))
            keeper = stack.enter_context(contextlib.closing(Keeper(settings.state)))
        simulator = make(settings, keeper)
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
