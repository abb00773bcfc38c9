"""The control endpoint: a client sends one phrase for TWS as text; the answer is `ok` or an error text.

The endpoint is a ZeroMQ REP socket on ipc or loopback only, because everyone who can connect controls the simulated
TWS.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

import zmq
import zmq.asyncio

from bridge.bus import endpoints
from bridge.simulator.core.refusals import Refused
from bridge.simulator.scenario.faulty import FaultySimulator
from bridge.simulator.scenario.forms import BadPhrase
from bridge.simulator.scenario.parser import parse_action
from bridge.simulator.scenario.phrases import carry_out

OK = "ok"
_LONGEST = 10_000


class ControlRefused(Exception):
    """An endpoint cannot be bound, or a phrase was not carried out. The text says why."""


class Control:
    """A bound control endpoint. `run` serves it and `close` closes it. `endpoint` is the address that was bound."""

    def __init__(self, endpoint: str, simulator: FaultySimulator, log_line: Callable[[str], None]) -> None:
        """`log_line` receives one line for each phrase. Raises ControlRefused."""
        check(endpoint)
        self._simulator = simulator
        self._log_line = log_line
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
        """Answer requests until the task is cancelled."""
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
            self._log_line(f"control: {phrase.text}")
            carry_out(self._simulator, phrase)
        except ValueError as mistake:
            return f"error: {mistake if isinstance(mistake, BadPhrase) else 'send one frame of UTF-8 text'}"
        except Refused as refusal:
            return f"error: {refusal}"
        return OK


def check(endpoint: str) -> str:
    """Return the endpoint if it is ipc or on loopback. Raises ControlRefused if it is not."""
    try:
        return endpoints.check(endpoint)
    except endpoints.EndpointRefused:
        raise ControlRefused(
            f"{endpoint}: a control endpoint is ipc://PATH, or tcp://HOST:PORT on loopback, "
            "because everyone who can connect controls the simulator"
        ) from None


def command(endpoint: str, phrase: str, patience: float = 5.0) -> None:
    """Send a phrase to the simulator at that endpoint.

    `patience` is the longest time to wait, in seconds. Raises ControlRefused if the simulator refuses or does not
    answer.
    """
    context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
    client = context.socket(zmq.REQ)
    client.setsockopt(zmq.LINGER, 0)
    try:
        client.connect(check(endpoint))
        client.send_string(phrase)
        if not client.poll(int(patience * 1000)):
            raise ControlRefused(f"{endpoint}: no answer. Is a simulator with --control running there?")
        answer = client.recv_string()
    except zmq.ZMQError as error:
        raise ControlRefused(f"{endpoint}: {error.strerror}") from None
    finally:
        client.close()
        context.term()
    if answer != OK:
        raise ControlRefused(answer.removeprefix("error: "))


async def serve_control(control: Control) -> None:
    """Serve a control endpoint until the task is cancelled, then close it."""
    with contextlib.suppress(asyncio.CancelledError), contextlib.closing(control):
        await control.run()
