"""A simulated TWS with faults of its sockets, its messages and its exchange.

This module connects the sockets with the pure parts: `message_faults` decides about requests and events,
`exchange_faults` changes the exchange. `phrases.py` calls the public methods.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import Callable, Iterator
from typing import Any, Literal

from bridge.simulator.core.refusals import Refused
from bridge.simulator.core.times import NS
from bridge.simulator.core.values import Data
from bridge.simulator.exchange.exchange import Events
from bridge.simulator.scenario import exchange_faults
from bridge.simulator.scenario.message_faults import Handling, MessageFaults, ReceivedRequest
from bridge.simulator.scenario.player import Observation
from bridge.simulator.scenario.sockets import FaultySession, FaultySocketSimulator
from bridge.simulator.scenario.texts import text_of
from bridge.simulator.shell.server import ClientSocket
from bridge.simulator.shell.settings import SimulatorSettings
from bridge.simulator.shell.state_file import StateFile

log = logging.getLogger("bridge.simulator")


class FaultySimulator(FaultySocketSimulator):
    """A Simulator whose faults can be set at any time.

    `observe` is called with each Observation and may be replaced.
    """

    def __init__(self, settings: SimulatorSettings, state_file: StateFile | None = None) -> None:
        """Start without faults. Raises what Simulator raises."""
        super().__init__(settings, state_file)
        self.observe: Callable[[Observation], None] = lambda observation: None
        self.faults = MessageFaults()
        self.dialog: Literal["", "socket", "startApi"] = ""
        """Where a dialog waits for a person: at a new socket, or at startApi. "" for no dialog."""
        self.id_is_taken = False
        """Whether the answer to startApi is error 326."""
        self._address = settings.address
        self._waiting: list[tuple[ClientSocket, int]] = []
        self._answering: tuple[str, bool] | None = None
        self._placeholder: socket.socket | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    # Clients

    def opened(self, session: FaultySession) -> None:
        """Called when a client has opened a TCP connection."""
        if self.dialog == "socket":
            session.wait_behind_dialog()
        self.observe(Observation("socket"))

    def closed(self) -> None:
        """Called when a TCP connection has ended."""
        self.observe(Observation("disconnection"))

    def start(self, session: ClientSocket, client_id: int) -> None:
        """Process a startApi, unless a fault refuses or delays it."""
        if self.id_is_taken:
            session.error(-1, 326, text_of(326))
            session.flush()
            session.transport.close()
            return
        if self.dialog:
            self._waiting.append((session, client_id))
            return
        super().start(session, client_id)
        if session.client_id is not None:
            self.faults.on_started(client_id, self._seconds())
            session.flush()
            self.observe(Observation("connection"))

    def left(self, session: ClientSocket) -> None:
        """Process the end of a socket."""
        self._waiting = [waiting for waiting in self._waiting if waiting[0] is not session]
        if session.client_id is not None:
            self.faults.on_left(session.client_id)
        super().left(session)

    # Requests and events

    def request(self, session: ClientSocket, client_id: int, name: str, data: Data) -> None:
        """Process one request as the faults say, then observe it."""
        received = ReceivedRequest(client_id, name, data)
        handling = self.faults.on_request(received, self._seconds())
        match handling.kind:
            case "taken":
                self._take(session, received, handling)
            case "doubled":
                self._duplicate(session, received)
            case "rejected":
                session.error(_id_of(data), handling.code, handling.text)
            case "delayed":
                asyncio.get_running_loop().call_later(handling.delay, self.process_later, received)
        if handling.resets and isinstance(session, FaultySession):
            session.reset()
        self.observe(Observation("request", name, data))

    def process_later(self, received: ReceivedRequest) -> None:
        """Process a request that was held or delayed, if its client is still connected."""
        session = self.started.get(received.client_id)
        if session is not None:
            self._take(session, received, self.faults.on_taken_up(received))
            session.flush()

    def _take(self, session: ClientSocket, received: ReceivedRequest, handling: Handling) -> None:
        with self._answers(received.name, handling.answers):
            super().request(session, received.client_id, received.name, received.data)

    def _duplicate(self, session: ClientSocket, received: ReceivedRequest) -> None:
        data, book = received.data, self.exchange.book
        order_id, contract, order = int(data.get("orderId", 0)), data.get("contract", {}), data.get("order", {})
        with self._answers(received.name, answers=True):
            try:
                self.change(lambda: book.double(received.client_id, order_id, contract, order))
            except Refused as refusal:
                session.error(order_id, refusal.code, refusal.message)

    @contextlib.contextmanager
    def _answers(self, name: str, answers: bool) -> Iterator[None]:
        """Treat the events that are dispatched in this context as answers to this request."""
        self._answering = name, answers
        try:
            yield
        finally:
            self._answering = None

    def dispatch(self, events: Events) -> None:
        """Send the events that no fault suppresses."""
        name, answers = self._answering or (None, True)
        super().dispatch(self.faults.to_send(events, name, answers=answers))

    def error(self, code: int, text: str | None, id_: int = -1) -> None:
        """Send an error to all clients. If `text` is None, use IBKR's text of the code."""
        for client_id in list(self.started):
            self._error(client_id, id_, code, text)

    def error_on(self, request: str, code: int, text: str | None) -> None:
        """Send an error to each open request of that name."""
        for client_id, request_id in self.faults.ids_of(request):
            self._error(client_id, request_id, code, text)

    def _error(self, client_id: int, id_: int, code: int, text: str | None) -> None:
        session = self.started.get(client_id)
        if session is not None:
            session.error(id_, code, text_of(code) if text is None else text)
            session.flush()

    # The exchange

    def change(self, action: Callable[[], None]) -> None:
        """Change the exchange and send the resulting events. Raises Refused."""
        self.dispatch(self.exchange.on_time(self.now()))
        action()
        self.dispatch(self.exchange.on_time(self.now()))
        self.schedule()

    def forget(self, requests: frozenset[str]) -> None:
        """Remove the subscriptions of these requests without an event."""
        exchange_faults.forget(self.exchange, requests)
        self.faults.forget(requests)

    # Sockets

    async def listen(self) -> tuple[str, int]:
        """As Simulator. After the first call, the address never changes."""
        self._address = await super().listen()
        return self._address

    def stop(self) -> None:
        """Stop the market, close all connections, and cancel planned actions."""
        for task in self._tasks:
            task.cancel()
        self._free_port()
        super().stop()

    def each_socket(self, action: Callable[[FaultySession], None]) -> None:
        """Call `action` with the session of each open socket."""
        for session in list(self.sessions):
            action(session)

    def write(self, data: bytes) -> None:
        """Send these bytes to each client. They need not be a valid message."""
        for session in list(self.started.values()):
            session.write(data)

    def answer_dialog(self) -> None:
        """Answer the dialog: serve the sockets and clients that wait."""
        self.dialog = ""
        self.each_socket(FaultySession.serve)
        waiting, self._waiting = self._waiting, []
        for session, client_id in waiting:
            self.start(session, client_id)
            session.flush()

    def refuse(self) -> None:
        """Stop listening.

        A bound socket that does not listen refuses connections and reserves the port.
        """
        if self._listener is None or self._placeholder is not None:
            return
        self._listener.close()
        self._placeholder = socket.socket(socket.AF_INET6 if ":" in self._address[0] else socket.AF_INET)
        self._placeholder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._placeholder.bind(self._address)

    def listen_again(self, delay: float = 0.0) -> None:
        """Listen again after `delay` seconds. Do nothing if the simulator listens."""
        task = asyncio.get_running_loop().create_task(self._listen_again(delay))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _listen_again(self, delay: float) -> None:
        await asyncio.sleep(delay)
        if self._placeholder is None:
            return
        loop = asyncio.get_running_loop()
        try:
            self._listener = await loop.create_server(lambda: self.session(self), *self._address, reuse_address=True)
        except OSError as error:
            log.error("the simulator cannot listen again: %s", error)
        self._free_port()

    def _free_port(self) -> None:
        if self._placeholder is not None:
            self._placeholder.close()
            self._placeholder = None

    def _seconds(self) -> float:
        return self.now() / NS


def _id_of(data: Data) -> int:
    found: Any = next((data[key] for key in ("reqId", "orderId") if key in data), -1)
    return int(found)
