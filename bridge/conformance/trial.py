"""One client program against one scripted bridge: the sockets between them, and what was asked and said.

A script drives it: it publishes, waits for what the client must do, and raises `Wrong` where it does not.
"""

from __future__ import annotations

import contextlib
import os
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import zmq

from bridge.bus.frames import BadBody, unpack
from bridge.conformance.beliefs import Beliefs
from bridge.conformance.duties import Duty, Wrong
from bridge.conformance.orderlog import OrderLog
from bridge.conformance.program import Program, Start
from bridge.conformance.scripted import ScriptedBridge
from bridge.params import Parameters
from bridge.session.requests import Refused, Request, failure
from bridge.session.values import Data, Route
from tws_bridge_client.wire import pack

#: The client's name, which it is given in TWS_BRIDGE_CLIENT.
OWNER = "conform"
#: Seconds for a program to start and do the first thing that its task asks for.
START = 60.0
#: Seconds for what a client does at once; the machine may be busy.
SOON = 8.0
_REBIND = 5.0
_AWAY = 0.3
_SECOND = 1.0


@dataclass(frozen=True)
class Received:
    """One request as it came; `at` in seconds on the steady clock."""

    at: float
    route: Route
    ask: Request

    @property
    def params(self) -> Data:
        return self.ask.params


class Trial:
    """Use it in a `with` block. `folder`: for the client's state and its errors.

    `reads_subscriptions`: off, it leaves what the client subscribes to in the socket, as a slow network does.
    `held`: methods whose requests are noted and not answered; the script answers with `reply`.
    """

    def __init__(self, start: Start, parameters: Parameters, folder: Path) -> None:
        self._start = start
        self._parameters = parameters
        self._folder = folder
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self._program: Program | None = None
        self._unread = b""
        self._output_ended = False
        self._heartbeat = 0.0
        self._reserved = [_reserve(), _reserve()]
        self.events, self.requests = (f"tcp://127.0.0.1:{held.getsockname()[1]}" for held in self._reserved)
        self._open_events()
        self._open_requests()
        self.bridge = ScriptedBridge("epoch-1", OWNER, OrderLog("first", OWNER), parameters, time.time_ns())
        self.beliefs = Beliefs()
        self.received: list[Received] = []
        self.subscriptions: list[str] = []
        self.reads_subscriptions = True
        self.held: set[str] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._program is not None:
            self._program.kill()
        self._context.destroy(linger=0)
        for held in self._reserved:
            held.close()

    def _open_events(self) -> None:
        self._xpub = self._context.socket(zmq.XPUB)
        self._xpub.setsockopt(zmq.XPUB_MANUAL, 1)
        _bind(self._xpub, self.events)

    def _open_requests(self) -> None:
        self._router = self._context.socket(zmq.ROUTER)
        _bind(self._router, self.requests)

    # The client

    def start(self, *task: str) -> None:
        """Start the client with this task."""
        environment = {
            "TWS_BRIDGE_EVENTS": self.events,
            "TWS_BRIDGE_REQUESTS": self.requests,
            "TWS_BRIDGE_CLIENT": OWNER,
            "TWS_BRIDGE_CLIENT_STATE": str(self._folder),
        }
        self._unread, self._output_ended = b"", False
        self._program = self._start(task, environment, self._folder / "errors.log")

    def kill(self) -> None:
        """SIGKILL the client. What it had printed by then counts; its subscriptions are gone."""
        assert self._program is not None
        self._read_output()
        self._program.kill()
        self._program = None
        self.subscriptions.clear()

    # The bridge

    def restart(self, log: OrderLog | None = None) -> None:
        """The bridge ends, and another one takes its place: a new epoch, on the same endpoints.

        By chance its heartbeat has the number that the next one of the old bridge would have had.
        """
        old = self.bridge
        self._xpub.close()
        self._router.close()
        self.subscriptions.clear()
        epoch = f"epoch-{int(old.epoch.rpartition('-')[2]) + 1}"
        self.bridge = ScriptedBridge(epoch, OWNER, log or old.log, self._parameters, old.ts)
        self.bridge.heartbeat.seq = old.heartbeat.seq
        self.bridge.start_above(old.highest_price)
        self.bridge.is_held = old.is_held and old.keeps_holds
        self.bridge.answers = {"reqMktData": self.bridge.subscription}
        self._open_events()
        self._open_requests()

    @contextlib.contextmanager
    def events_closed(self) -> Iterator[None]:
        """The bridge's events cannot be reached meanwhile: what is published reaches nobody, a heartbeat among it."""
        self._xpub.close()
        self.subscriptions.clear()
        yield
        self._heartbeat = 0.0
        self._beat()
        time.sleep(_AWAY)
        self.lose()
        self._open_events()

    def lose(self) -> None:
        """Lose on the way what was published and has not left."""
        self.bridge.frames()

    def flush(self) -> None:
        """Send what was published."""
        self.send(self.bridge.frames())

    def send(self, frames: list[tuple[bytes, bytes]]) -> None:
        """Send these events."""
        for topic, body in frames:
            self._xpub.send_multipart([topic, body])

    def reply(self, received: Received, outcome: Data | None = None) -> None:
        """Answer a request that was held; without an outcome, as the bridge does."""
        if outcome is not None:
            self._send(received.route, {"v": 1, "id": received.ask.id, **outcome})
            return
        for route, body in self.bridge.answer(received.ask, received.route):
            self._send(route, body)
        self.flush()

    def _send(self, route: Route, body: Data) -> None:
        self._router.send_multipart([*route, pack(body)])

    # Waiting

    def wait(self, done: Callable[[], bool], seconds: float, duty: Duty, otherwise: Callable[[], str] | str) -> None:
        """Be the bridge until `done`; raises Wrong after that time."""
        end = time.monotonic() + seconds
        while True:
            self._turn(0.02)
            if done():
                return
            self._check_program()
            if time.monotonic() >= end:
                raise Wrong(duty, otherwise if isinstance(otherwise, str) else otherwise())

    def rest(self, seconds: float) -> None:
        """Be the bridge for so long."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self._turn(0.02)

    @staticmethod
    def now() -> float:
        """The steady clock of `Received.at`, in seconds."""
        return time.monotonic()

    def requests_for(self, method: str) -> list[Received]:
        return [received for received in self.received if received.ask.method == method]

    def request(self, method: str, number: int, seconds: float, duty: Duty, otherwise: str) -> Received:
        """The request of that number, from 1, for this method."""
        self.wait(lambda: len(self.requests_for(method)) >= number, seconds, duty, otherwise)
        return self.requests_for(method)[number - 1]

    def subscribed(self, topic: str, duty: Duty = Duty.SUBSCRIBE, seconds: float = START) -> None:
        """Wait until the client hears this topic."""
        what = f"has not subscribed to a prefix of {topic}"
        self.wait(lambda: any(topic.startswith(p) for p in self.subscriptions), seconds, duty, what)

    def believes_truth(self, seconds: float, duty: Duty, when: str) -> None:
        """Wait until the client believes what the bridge has, and nothing else."""

        def difference() -> str:
            truth, believed = self.bridge.values(), self.beliefs.values
            wrong = [key for key in {**truth, **believed} if truth.get(key) != believed.get(key)]
            told = [f"{topic}, tick type {kind}: it believes {_told(believed.get((topic, kind)))}, and the bridge has "
                    f"{_told(truth.get((topic, kind)))}" for topic, kind in wrong]  # fmt: skip
            return f"{when}: {'; '.join(told)}"

        self.wait(lambda: self.beliefs.values == self.bridge.values(), seconds, duty, difference)

    # One turn of the bridge

    def _turn(self, seconds: float) -> None:
        self._beat()
        self.flush()
        poller = zmq.Poller()
        poller.register(self._router, zmq.POLLIN)
        if self.reads_subscriptions:
            poller.register(self._xpub, zmq.POLLIN)
        if self._program is not None and not self._output_ended:
            poller.register(self._program.output, zmq.POLLIN)
        poller.poll(round(seconds * 1000))
        self._grant()
        self._take_requests()
        self._read_output()
        self.flush()

    def _beat(self) -> None:
        """What the bridge says each second."""
        now = time.monotonic()
        if now - self._heartbeat >= _SECOND:
            self._heartbeat = now
            self.bridge.beat()
            if self.bridge.log.head:
                self.bridge.tell_head()

    def _grant(self) -> None:
        while self.reads_subscriptions and self._xpub.poll(0):
            change = self._xpub.recv()
            topic = change[1:].decode("ascii")
            if change[0]:
                self._xpub.setsockopt(zmq.SUBSCRIBE, change[1:])
                self.subscriptions.append(topic)
            else:
                self._xpub.setsockopt(zmq.UNSUBSCRIBE, change[1:])
                with contextlib.suppress(ValueError):
                    self.subscriptions.remove(topic)

    def _take_requests(self) -> None:
        while self._router.poll(0):
            *route, body = self._router.recv_multipart()
            received = self._receive(tuple(route), body)
            self.received.append(received)
            if received.ask.method not in self.held:
                self.reply(received)

    def _receive(self, route: Route, body: bytes) -> Received:
        """Read a request; a request that the real bridge refuses is wrong at once."""
        try:
            request: Any = unpack(body)
        except BadBody as bad:
            raise Wrong(Duty.REQUEST, f"sends a request that the bridge refuses: {bad}") from None
        try:
            ask = self.bridge.check(request)
        except Refused as refused:
            error = failure(refused.code, refused.message)["error"]
            raise Wrong(
                Duty.REQUEST, f"sends a request that the bridge refuses: {error['code']}: {error['message']}"
            ) from None
        if ask.client != OWNER:
            raise Wrong(Duty.ADAPTER, f"asks as client {ask.client}; TWS_BRIDGE_CLIENT says {OWNER}")
        return Received(time.monotonic(), route, ask)

    def _read_output(self) -> None:
        if self._program is None:
            return
        while not self._output_ended and _has_input(self._program.output):
            chunk = os.read(self._program.output, 1 << 16)
            self._output_ended = not chunk
            *lines, self._unread = (self._unread + chunk).split(b"\n")
            for line in lines:
                self.beliefs.hear(line.decode("utf-8", "replace"))

    def _check_program(self) -> None:
        """A client that ended by itself while something is still awaited has failed."""
        code = None if self._program is None else self._program.exit_code()
        if code is None:
            return
        self._read_output()
        errors = (self._folder / "errors.log").read_text(encoding="utf-8", errors="replace").splitlines()
        last = f": {errors[-1]}" if errors else ""
        raise Wrong(Duty.ADAPTER, f"ended by itself, with exit code {code}{last}")


def _told(value: tuple[float, bool] | None) -> str:
    if value is None:
        return "nothing"
    return f"{value[0]}{' (stale)' if value[1] else ''}"


def _bind(bound: zmq.Socket[bytes], endpoint: str) -> None:
    """Bind; an address that was ours a moment ago may need one."""
    bound.setsockopt(zmq.LINGER, 0)
    end = time.monotonic() + _REBIND
    while True:
        try:
            bound.bind(endpoint)
        except zmq.ZMQError as error:
            if error.errno != zmq.EADDRINUSE or time.monotonic() >= end:
                raise
            time.sleep(0.02)
        else:
            return


def _reserve() -> socket.socket:
    """A free port of ours for as long as this is open: no other process takes it while the bridge is away.

    It does not listen, so a ZeroMQ socket can bind the same port (both set SO_REUSEADDR).
    """
    held = socket.socket()
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    held.bind(("127.0.0.1", 0))
    return held


def _has_input(descriptor: int) -> bool:
    poller = zmq.Poller()
    poller.register(descriptor, zmq.POLLIN)
    return bool(poller.poll(0))
