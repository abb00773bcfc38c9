"""A program that uses TWS without the bridge: one socket and one client ID of its own."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any, Self

from bridge.demo.claim import DemoFailed
from bridge.demo.report import report
from bridge.tws import Connection
from bridge.tws.events import Failed, Message

#: Seconds that TWS may take for each answer.
PATIENCE = 60.0
#: IBKR's code for a client ID that another program uses.
ID_IN_USE = 326


class DirectProgram:
    """A connection to TWS under this client ID. Use it with `with`."""

    def __init__(self, address: str, client_id: int) -> None:
        host, _, port = address.rpartition(":")
        self._socket = socket.create_connection((host, int(port)), timeout=PATIENCE)
        self._connection = Connection.client(client_id)
        self._connection.connect()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._socket.close()

    def begin(self) -> Message:
        """Wait for TWS's word on the client ID: `nextValidId`, or the error that refuses it."""
        return self._wait_for(lambda one: one.name == "nextValidId" or one.data.get("errorCode") == ID_IN_USE)

    def open_orders(self) -> list[dict[str, Any]]:
        """The open orders of all programs, as TWS lists them."""
        self._connection.send("reqAllOpenOrders", {})
        orders: list[dict[str, Any]] = []

        def is_end(message: Message) -> bool:
            if message.name == "openOrder":
                orders.append(message.data["order"])
            return message.name == "openOrderEnd"

        self._wait_for(is_end)
        return orders

    def stay(self) -> None:
        """Read until TWS closes the connection."""
        self._socket.settimeout(None)
        while self._socket.recv(65536):
            pass

    def _wait_for(self, is_wanted: Callable[[Message], bool]) -> Message:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            for message in self._turn():
                if is_wanted(message):
                    return message
        raise DemoFailed("TWS does not answer a program without the bridge")

    def _turn(self) -> Iterator[Message]:
        """Write what is queued, and read once."""
        self._socket.sendall(self._connection.data_to_send())
        try:
            data = self._socket.recv(65536)
        except TimeoutError:
            return
        if not data:
            raise DemoFailed("TWS closed the connection of a program without the bridge")
        self._connection.receive_data(data)
        for event in self._connection.events_received():
            if isinstance(event, Failed):
                raise DemoFailed(f"a program without the bridge: {event.reason}")
            if isinstance(event, Message):
                yield event
        self._socket.sendall(self._connection.data_to_send())


def direct(address: str, client_id: str) -> None:
    """Connect to TWS, report what it says, and stay connected if it allows that."""
    with DirectProgram(address, int(client_id)) as program:
        word = program.begin()
        report(word=word.name, **word.data)
        if word.name == "nextValidId":
            program.stay()


def open_orders(address: str, client_id: int) -> list[dict[str, Any]]:
    """Connect to TWS, list all open orders, and disconnect."""
    with DirectProgram(address, client_id) as program:
        word = program.begin()
        if word.name != "nextValidId":
            raise DemoFailed(f"TWS refuses client ID {client_id}: {word.data}")
        return program.open_orders()
