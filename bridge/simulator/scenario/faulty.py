"""A simulated TWS that does what a scenario's phrases say: `do` carries one out at once.

The shell between the sockets and the pure parts: `message_faults` decides about requests and words, `exchange_faults`
changes the exchange.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from bridge.simulator.exchange import Events
from bridge.simulator.keeper import Keeper
from bridge.simulator.scenario import exchange_faults
from bridge.simulator.scenario.forms import Fields, Phrase
from bridge.simulator.scenario.message_faults import FARM_STREAMS, STREAMS, MessageFaults, Question, Verdict
from bridge.simulator.scenario.player import Fact
from bridge.simulator.scenario.sockets import FALSE_LENGTH, GARBAGE, OVERSIZE, FaultySession
from bridge.simulator.scenario.texts import FARM_CODES, text_of
from bridge.simulator.server import Session, Simulator
from bridge.simulator.settings import SimulatorSettings
from bridge.simulator.times import NS
from bridge.simulator.values import Data

log = logging.getLogger("bridge.simulator")

_ORDER_IDS = "orderId"


class FaultySimulator(Simulator):
    """`observe` is told each fact about clients as it happens; it may be replaced any time."""

    session = FaultySession
    sessions: set[FaultySession]  # type: ignore[assignment]

    def __init__(self, settings: SimulatorSettings, keeper: Keeper | None = None) -> None:
        """As Simulator, without any fault."""
        super().__init__(settings, keeper)
        self.observe: Callable[[Fact], None] = lambda fact: None
        self.piece: int | None = None
        """Bytes in one write; None for as many as there are."""
        self.address = settings.address
        self._faults = MessageFaults()
        self._dialog = ""
        self._waiting: list[tuple[Session, int]] = []
        self._id_is_taken = False
        self._answering: tuple[str, bool] | None = None
        self._placeholder: socket.socket | None = None
        self._later: set[asyncio.Task[None]] = set()

    # Clients and their requests

    async def listen(self) -> tuple[str, int]:
        """As Simulator; from then on always at the same address."""
        self.address = await super().listen()
        return self.address

    def opened(self, session: FaultySession) -> None:
        """TCP is open."""
        if self._dialog == "dialog":
            session.wait_behind_dialog()
        self.observe(Fact("socket"))

    def closed(self) -> None:
        """TCP has ended."""
        self.observe(Fact("disconnection"))

    def start(self, session: Session, client_id: int) -> None:
        """startApi."""
        if self._id_is_taken:
            session.error(-1, 326, text_of(326))
            session.flush()
            session.transport.close()
        elif self._dialog:
            self._waiting.append((session, client_id))
        else:
            super().start(session, client_id)
            if session.client_id is not None:
                self._faults.on_started(client_id, self._seconds())
                session.flush()
                self.observe(Fact("connection"))

    def left(self, session: Session) -> None:
        """The socket is gone."""
        self._waiting = [waiting for waiting in self._waiting if waiting[0] is not session]
        if session.client_id is not None:
            self._faults.on_left(session.client_id)
        super().left(session)

    def request(self, session: Session, client_id: int, name: str, data: Data) -> None:
        """One request, and what a fault makes of it. It is observed when its fate is sealed."""
        question = Question(client_id, name, data)
        verdict = self._faults.on_request(question, self._seconds())
        self._carry_out(session, question, verdict)
        self.observe(Fact("request", name, data))

    def _carry_out(self, session: Session, question: Question, verdict: Verdict) -> None:
        match verdict.fate:
            case "taken":
                self._take(session, question, verdict)
            case "doubled":
                self._double(question)
            case "rejected":
                id_ = next((int(question.data[key]) for key in ("reqId", _ORDER_IDS) if key in question.data), -1)
                session.error(id_, verdict.code, verdict.text)
            case "delayed":
                asyncio.get_running_loop().call_later(verdict.delay, self._take_up, question)
        if verdict.resets and isinstance(session, FaultySession):
            session.reset()

    def _take(self, session: Session, question: Question, verdict: Verdict) -> None:
        with self._answers(question.name, verdict.answers):
            super().request(session, question.client_id, question.name, question.data)

    def _take_up(self, question: Question) -> None:
        """A request that was held or delayed, if its client is still there."""
        session = self.started.get(question.client_id)
        if session is not None:
            self._take(session, question, self._faults.on_taken_up(question))
            session.flush()

    def _double(self, question: Question) -> None:
        data = question.data
        with self._answers(question.name, answers=True):
            self._upon_exchange(
                lambda: self.exchange.book.double(question.client_id, data[_ORDER_IDS], data["contract"], data["order"])
            )

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
        super().dispatch(self._faults.said(events, name, answers=answers))

    def _seconds(self) -> float:
        return self.now() / NS

    # Phrases

    def do(self, phrase: Phrase) -> None:
        """Carry out one phrase of TWS's. Raises Refused where the exchange cannot."""
        fields, verb = phrase.fields, phrase.verb
        if verb in _NEXT:
            self._faults.next(fields.get("request", "placeOrder"), _NEXT[verb](fields))
            return
        getattr(self, f"_do_{_snake(verb)}")(**fields)

    def stop(self) -> None:
        """Ends the market, all connections, and what was planned."""
        for task in self._later:
            task.cancel()
        self._free_port()
        super().stop()

    def _soon(self, action: Callable[[], Any], delay: float = 0.0) -> None:
        """Runs it later, in a task, and logs what goes wrong in it."""

        async def run() -> None:
            await asyncio.sleep(delay)
            try:
                made = action()
                if asyncio.iscoroutine(made):
                    await made
            except OSError as error:
                log.error("a fault cannot be made: %s", error)

        task = asyncio.get_running_loop().create_task(run())
        self._later.add(task)
        task.add_done_callback(self._later.discard)

    def _upon_exchange(self, action: Callable[[], None]) -> None:
        """Change the exchange now, and send what it says of that. Raises Refused."""
        exchange = self.exchange
        self.dispatch(exchange.on_time(self.now()))
        action()
        self.dispatch(exchange.on_time(self.now()))
        self.schedule()

    # Sockets

    def _do_refuse(self) -> None:
        if self._listener is None or self._placeholder is not None:
            return
        self._listener.close()
        # A socket that is bound and does not listen refuses, and keeps the port from others.
        family = socket.AF_INET6 if ":" in self.address[0] else socket.AF_INET
        self._placeholder = socket.socket(family)
        self._placeholder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._placeholder.bind(self.address)

    def _do_listen(self) -> None:
        if self._placeholder is not None:
            self._soon(self._listen_again)

    async def _listen_again(self) -> None:
        loop = asyncio.get_running_loop()
        self._listener = await loop.create_server(lambda: self.session(self), *self.address, reuse_address=True)
        self._free_port()

    def _free_port(self) -> None:
        if self._placeholder is not None:
            self._placeholder.close()
            self._placeholder = None

    def _do_dialog(self) -> None:
        self._dialog = "dialog"

    def _do_dialog_at_start(self) -> None:
        self._dialog = "dialogAtStart"

    def _do_answer_dialog(self) -> None:
        self._dialog = ""
        for session in list(self.sessions):
            session.serve()
        waiting, self._waiting = self._waiting, []
        for waiter, client_id in waiting:
            self.start(waiter, client_id)
            waiter.flush()

    def _do_drop(self) -> None:
        for session in list(self.sessions):
            session.transport.close()

    def _do_reset(self) -> None:
        for session in list(self.sessions):
            session.reset()

    def _do_half_open(self) -> None:
        for session in list(self.sessions):
            session.die_open()

    def _do_stop_reading(self) -> None:
        for session in list(self.sessions):
            session.stop_reading()

    def _do_read_on(self) -> None:
        for session in list(self.sessions):
            session.read_on()

    def _do_say_nothing(self) -> None:
        for session in list(self.sessions):
            session.hush(mute=True)

    def _do_talk(self) -> None:
        for session in list(self.sessions):
            session.hush(mute=False)

    def _do_split(self, n: int) -> None:
        self.piece = max(n, 1)

    def _do_split_off(self) -> None:
        self.piece = None

    def _do_garbage(self) -> None:
        self._say_bytes(GARBAGE)

    def _do_false_length(self) -> None:
        self._say_bytes(FALSE_LENGTH)

    def _do_oversize(self) -> None:
        self._say_bytes(OVERSIZE)

    def _say_bytes(self, data: bytes) -> None:
        for session in list(self.started.values()):
            session.write(data)

    def _do_id_taken(self) -> None:
        self._id_is_taken = True

    def _do_id_free(self) -> None:
        self._id_is_taken = False

    # Restarts

    def _do_restart(self, seconds: float, options: tuple[str, ...] = ()) -> None:
        self._do_reset()
        self._do_refuse()
        book = self.exchange.book
        changes = {"ids from 1": book.forget_ids, "lists cut": book.forget_ended, "orders lost": book.lose_open}
        for option in options:
            changes[option]()
        self._soon(self._listen_again, seconds)

    def _do_lose_requests(self, seconds: float) -> None:
        self._faults.lose_for = seconds

    def _do_remember_ids(self) -> None:
        self._faults.remembers_ids = True

    # Words

    def _do_error(self, code: int, text: str | None = None) -> None:
        for session in self.started.values():
            self._error(session, -1, code, text)

    def _do_error_id(self, code: int, n: int, text: str | None = None) -> None:
        for session in self.started.values():
            self._error(session, n, code, text)

    def _do_error_on(self, code: int, request: str, text: str | None = None) -> None:
        for client_id, request_id in self._faults.ids_of(request):
            if client_id in self.started:
                self._error(self.started[client_id], request_id, code, text)

    def _error(self, session: Session, id_: int, code: int, text: str | None) -> None:
        session.error(id_, code, text_of(code) if text is None else text)
        session.flush()

    def _do_farm_down(self, farm: str) -> None:
        self._do_error(FARM_CODES[farm]["down"])
        self._faults.stopped |= FARM_STREAMS[farm]

    def _do_farm_up(self, farm: str) -> None:
        self._faults.stopped -= FARM_STREAMS[farm]
        self._do_error(FARM_CODES[farm]["up"])

    def _do_farm_dead(self, farm: str) -> None:
        exchange_faults.forget(self.exchange, FARM_STREAMS[farm])
        self._do_farm_up(farm)

    def _do_farm_idle(self, farm: str) -> None:
        if "idle" in FARM_CODES[farm]:
            self._do_error(FARM_CODES[farm]["idle"])

    def _do_farm_connecting(self) -> None:
        self._do_error(FARM_CODES["usfarm"]["connecting"])

    # Market data

    def _do_stop_data(self) -> None:
        self._faults.stopped |= STREAMS

    def _do_resume_data(self) -> None:
        self._faults.stopped -= STREAMS

    def _do_stop(self, request: str) -> None:
        self._faults.stopped.add(request)

    def _do_resume(self, request: str) -> None:
        self._faults.stopped.discard(request)

    def _do_forget_all(self) -> None:
        exchange_faults.forget(self.exchange, STREAMS)

    def _do_forget(self, request: str) -> None:
        exchange_faults.forget(self.exchange, frozenset({request}))

    def _do_price(self, symbol: str, price: Any) -> None:
        self._upon_exchange(lambda: exchange_faults.move(self.exchange, symbol, price))

    # Requests

    def _do_silent(self, request: str) -> None:
        self._faults.silent.add(request)

    def _do_hold(self, request: str) -> None:
        self._faults.hold(request)

    def _do_delay(self, request: str, seconds: float) -> None:
        self._faults.delays[request] = seconds

    def _do_answer(self, request: str) -> None:
        for question in self._faults.answer(request):
            self._take_up(question)

    # Orders

    def _do_withhold(self) -> None:
        self._faults.withhold()

    def _do_tell(self) -> None:
        self.dispatch(self._faults.tell())

    def _do_tell_reversed(self) -> None:
        self.dispatch(self._faults.tell()[::-1])

    def _do_tell_twice(self) -> None:
        self.dispatch([word for word in self._faults.tell() for _ in range(2)])

    def _do_tell_never(self) -> None:
        self._faults.tell()

    def _do_repeat(self, n: int) -> None:
        self._faults.repeats = max(n, 1)

    def _do_cancel_orders(self) -> None:
        self._upon_exchange(self.exchange.book.cancel_all)

    def _do_lose_orders(self) -> None:
        self.exchange.book.lose_open()

    def _do_cut_lists(self) -> None:
        self.exchange.book.forget_ended()


def _rejected(fields: Fields) -> Verdict:
    return Verdict("rejected", code=fields["code"], text=fields.get("text", text_of(fields["code"])))


_NEXT: Mapping[str, Callable[[Fields], Verdict]] = {
    "silentNext": lambda fields: Verdict(answers=False),
    "nextLost": lambda fields: Verdict("lost"),
    "nextLostReset": lambda fields: Verdict("lost", resets=True),
    "nextTakenReset": lambda fields: Verdict(answers=False, resets=True),
    "nextUnanswered": lambda fields: Verdict(answers=False),
    "nextRejected": _rejected,
    "nextDoubled": lambda fields: Verdict("doubled"),
}


def _snake(verb: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in verb)
