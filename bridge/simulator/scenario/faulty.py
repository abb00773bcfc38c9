"""A simulated TWS of which everything can go wrong: its sockets, what it takes and says, and the exchange behind it.

The shell between the sockets and the pure parts: `message_faults` decides about requests and words, `exchange_faults`
changes the exchange. `phrases.py` calls what is public here.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import Callable, Iterator
from typing import Any, Literal

from bridge.simulator.exchange import Events
from bridge.simulator.keeper import Keeper
from bridge.simulator.refusals import Refused
from bridge.simulator.scenario import exchange_faults
from bridge.simulator.scenario.message_faults import Handling, MessageFaults, Question
from bridge.simulator.scenario.player import Fact
from bridge.simulator.scenario.sockets import FaultySession
from bridge.simulator.scenario.texts import text_of
from bridge.simulator.server import Session, Simulator
from bridge.simulator.settings import SimulatorSettings
from bridge.simulator.times import NS
from bridge.simulator.values import Data

log = logging.getLogger("bridge.simulator")


class FaultySimulator(Simulator):
    """`observe` is told each fact about clients as it happens; it may be replaced any time."""

    session = FaultySession
    sessions: set[FaultySession]  # type: ignore[assignment]

    def __init__(self, settings: SimulatorSettings, keeper: Keeper | None = None) -> None:
        """As Simulator, without any fault."""
        super().__init__(settings, keeper)
        self.observe: Callable[[Fact], None] = lambda fact: None
        self.faults = MessageFaults()
        self.piece: int | None = None
        """Bytes in one write; None for as many as there are."""
        self.dialog: Literal["", "socket", "startApi"] = ""
        """Where a dialog waits for a person: at a new socket, or at startApi."""
        self.id_is_taken = False
        """Whether startApi is answered with 326."""
        self._address = settings.address
        self._waiting: list[tuple[Session, int]] = []
        self._answering: tuple[str, bool] | None = None
        self._placeholder: socket.socket | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    # Clients

    def opened(self, session: FaultySession) -> None:
        """TCP is open."""
        if self.dialog == "socket":
            session.wait_behind_dialog()
        self.observe(Fact("socket"))

    def closed(self) -> None:
        """TCP has ended."""
        self.observe(Fact("disconnection"))

    def start(self, session: Session, client_id: int) -> None:
        """startApi."""
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
            self.observe(Fact("connection"))

    def left(self, session: Session) -> None:
        """The socket is gone."""
        self._waiting = [waiting for waiting in self._waiting if waiting[0] is not session]
        if session.client_id is not None:
            self.faults.on_left(session.client_id)
        super().left(session)

    # Requests and words

    def request(self, session: Session, client_id: int, name: str, data: Data) -> None:
        """One request, and what a fault makes of it. It is observed when that is done."""
        question = Question(client_id, name, data)
        handling = self.faults.on_request(question, self._seconds())
        match handling.kind:
            case "taken":
                self._take(session, question, handling)
            case "doubled":
                self._double(session, question)
            case "rejected":
                session.error(_id_of(data), handling.code, handling.text)
            case "delayed":
                asyncio.get_running_loop().call_later(handling.delay, self.take_up, question)
        if handling.resets and isinstance(session, FaultySession):
            session.reset()
        self.observe(Fact("request", name, data))

    def take_up(self, question: Question) -> None:
        """A request that was held or delayed, if its client is still there."""
        session = self.started.get(question.client_id)
        if session is not None:
            self._take(session, question, self.faults.on_taken_up(question))
            session.flush()

    def _take(self, session: Session, question: Question, handling: Handling) -> None:
        with self._answers(question.name, handling.answers):
            super().request(session, question.client_id, question.name, question.data)

    def _double(self, session: Session, question: Question) -> None:
        data, book = question.data, self.exchange.book
        order_id, contract, order = int(data.get("orderId", 0)), data.get("contract", {}), data.get("order", {})
        with self._answers(question.name, answers=True):
            try:
                self.change(lambda: book.double(question.client_id, order_id, contract, order))
            except Refused as refusal:
                session.error(order_id, refusal.code, refusal.message)

    @contextlib.contextmanager
    def _answers(self, name: str, answers: bool) -> Iterator[None]:
        """What is dispatched within answers that request."""
        self._answering = name, answers
        try:
            yield
        finally:
            self._answering = None

    def dispatch(self, events: Events) -> None:
        """Of these events those that no fault keeps back."""
        name, answers = self._answering or (None, True)
        super().dispatch(self.faults.said(events, name, answers=answers))

    def error(self, code: int, text: str | None, id_: int = -1) -> None:
        """Say this error to all clients; without a text in IBKR's words."""
        for client_id in list(self.started):
            self._error(client_id, id_, code, text)

    def error_on(self, request: str, code: int, text: str | None) -> None:
        """Say it on each such request that is under way."""
        for client_id, request_id in self.faults.ids_of(request):
            self._error(client_id, request_id, code, text)

    def _error(self, client_id: int, id_: int, code: int, text: str | None) -> None:
        session = self.started.get(client_id)
        if session is not None:
            session.error(id_, code, text_of(code) if text is None else text)
            session.flush()

    # The exchange

    def change(self, action: Callable[[], None]) -> None:
        """Change the exchange now, and say what it says of that. Raises Refused."""
        self.dispatch(self.exchange.on_time(self.now()))
        action()
        self.dispatch(self.exchange.on_time(self.now()))
        self.schedule()

    def forget(self, requests: frozenset[str]) -> None:
        """TWS has no such subscriptions any more."""
        exchange_faults.forget(self.exchange, requests)
        self.faults.forget(requests)

    # Sockets

    async def listen(self) -> tuple[str, int]:
        """As Simulator; from then on always at the same address."""
        self._address = await super().listen()
        return self._address

    def stop(self) -> None:
        """Ends the market, all connections, and what was planned."""
        for task in self._tasks:
            task.cancel()
        self._free_port()
        super().stop()

    def each_socket(self, action: Callable[[FaultySession], None]) -> None:
        """Do this to all sockets that are open now."""
        for session in list(self.sessions):
            action(session)

    def write(self, data: bytes) -> None:
        """These bytes to each client, whatever they mean."""
        for session in list(self.started.values()):
            session.write(data)

    def answer_dialog(self) -> None:
        """Whoever waits is served."""
        self.dialog = ""
        self.each_socket(FaultySession.serve)
        waiting, self._waiting = self._waiting, []
        for session, client_id in waiting:
            self.start(session, client_id)
            session.flush()

    def refuse(self) -> None:
        """Stop listening. A socket that is bound and does not listen refuses, and keeps the port from others."""
        if self._listener is None or self._placeholder is not None:
            return
        self._listener.close()
        self._placeholder = socket.socket(socket.AF_INET6 if ":" in self._address[0] else socket.AF_INET)
        self._placeholder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._placeholder.bind(self._address)

    def listen_again(self, delay: float = 0.0) -> None:
        """In `delay` seconds; nothing happens to one that listens."""
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
            log.error("cannot listen again: %s", error)
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
