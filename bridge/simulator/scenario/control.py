"""The control endpoint: one phrase of TWS's in each request, as text; the answer is `ok`, or says what is wrong.

ZeroMQ REP, on loopback and ipc only: whoever reaches it commands the simulated TWS.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

import zmq
import zmq.asyncio

from bridge.bus import endpoints
from bridge.simulator.refusals import Refused
from bridge.simulator.scenario.faulty import FaultySimulator
from bridge.simulator.scenario.forms import BadPhrase
from bridge.simulator.scenario.parser import parse_action
from bridge.simulator.scenario.phrases import do

OK = "ok"
_LONGEST = 10_000


class ControlRefused(Exception):
    """An endpoint that may not be bound, or a phrase that was not carried out, and why."""


class Control:
    """A bound endpoint; `run` serves it, `close` ends it. `endpoint` is the one that was bound."""

    def __init__(self, endpoint: str, simulator: FaultySimulator, tell: Callable[[str], None]) -> None:
        """`tell` gets a line for each phrase. Raises ControlRefused."""
        check(endpoint)
        self._simulator = simulator
        self._tell = tell
        self._context = zmq.asyncio.Context()
        self._socket = self._context.socket(zmq.REP)
        self._socket.setsockopt(zmq.LINGER, 0)
        self._socket.setsockopt(zmq.MAXMSGSIZE, _LONGEST)
        try:
            self._socket.bind(endpoint)
        except zmq.ZMQError as error:
            self.close()
            raise ControlRefused(f"cannot bind {endpoint}: {error.strerror}") from None
        self.endpoint = self._socket.getsockopt_string(zmq.LAST_ENDPOINT)

    async def run(self) -> None:
        """Answers until it is cancelled."""
        while True:
            frames = await self._socket.recv_multipart()
            await self._socket.send_string(self._answer(frames))

    def close(self) -> None:
        self._socket.close()
        self._context.term()

    def _answer(self, frames: list[bytes]) -> str:
        try:
            (text,) = frames
            phrase = parse_action(text.decode("utf-8"))
            self._tell(f"control: {phrase.text}")
            do(self._simulator, phrase)
        except ValueError as mistake:
            return f"error: {mistake if isinstance(mistake, BadPhrase) else 'one frame of UTF-8 text is a phrase'}"
        except Refused as refusal:
            return f"error: {refusal}"
        return OK


def check(endpoint: str) -> str:
    """The endpoint, if it is ipc or on loopback. Raises ControlRefused."""
    try:
        return endpoints.check(endpoint)
    except endpoints.EndpointRefused:
        raise ControlRefused(
            f"{endpoint}: a control endpoint is ipc://PATH, or tcp://HOST:PORT on loopback, "
            "for whoever reaches it commands the simulator"
        ) from None


def command(endpoint: str, phrase: str, patience: float = 5.0) -> None:
    """Have the simulator at that endpoint do this. Raises ControlRefused where it does not, or does not answer."""
    context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
    client = context.socket(zmq.REQ)
    client.setsockopt(zmq.LINGER, 0)
    try:
        client.connect(check(endpoint))
        client.send_string(phrase)
        if not client.poll(int(patience * 1000)):
            raise ControlRefused(f"{endpoint}: no answer: does a simulator with --control run there?")
        answer = client.recv_string()
    except zmq.ZMQError as error:
        raise ControlRefused(f"{endpoint}: {error.strerror}") from None
    finally:
        client.close()
        context.term()
    if answer != OK:
        raise ControlRefused(answer.removeprefix("error: "))


async def serve_control(control: Control) -> None:
    """Runs it, and ends quietly with the loop."""
    with contextlib.suppress(asyncio.CancelledError), contextlib.closing(control):
        await control.run()
