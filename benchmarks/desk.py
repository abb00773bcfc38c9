"""Both ends of an order in one thread: clients that place orders, and a TWS that fills each order at once.

With one thread and one clock, the time from a request to the bytes of the order at TWS is the time of the bridge.
"""

from __future__ import annotations

import itertools
import socket
import time
from typing import Any, NamedTuple, Self

import msgpack
import zmq

from benchmarks.answers import CONTRACT, ORDER, TIME, answers, filled
from bridge.tws import Connection
from bridge.tws.events import Message

#: If the bridge sends nothing for this many seconds, the run fails.
_PATIENCE = 60.0


class Placed(NamedTuple):
    """A run: the seconds from each request to its bytes at TWS, and from the first request to the last answer."""

    delays: list[float]
    wall: float


class Tws:
    """A TWS with server version 226. `read_at` has the time when the bytes of each order arrived, by order id."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.read_at: dict[int, float] = {}

    def accept(self) -> None:
        """Accept the connection of the bridge."""
        self.socket, _ = self._listener.accept()
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._connection = Connection.server(226, TIME)

    def read(self) -> None:
        """Read once, and answer."""
        data, now = self.socket.recv(65536), time.perf_counter()
        if not data:
            raise RuntimeError("the bridge has closed the connection")
        self._connection.receive_data(data)
        for event in self._connection.events_received():
            if isinstance(event, Message):
                self._answer(event.name, event.data, now)
        self.socket.sendall(self._connection.data_to_send())

    def _answer(self, name: str, data: dict[str, Any], now: float) -> None:
        if name == "placeOrder":
            self.read_at[data["orderId"]] = now
        for word, fields in filled(data) if name == "placeOrder" else answers(name, data):
            self._connection.send(word, fields)

    def close(self) -> None:
        self._listener.close()
        self.socket.close()


class Desk:
    """`clients` clients of the bridge at `requests`, and its TWS. On entry it waits until orders may be sent."""

    def __init__(self, tws: Tws, requests: str, clients: int) -> None:
        self._tws = tws
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self._clients = [self._context.socket(zmq.DEALER) for _ in range(clients)]
        self._poller = zmq.Poller()
        self._ids = itertools.count(1)
        for client in self._clients:
            client.connect(requests)
            self._poller.register(client, zmq.POLLIN)

    def __enter__(self) -> Self:
        self._tws.accept()
        self._poller.register(self._tws.socket, zmq.POLLIN)
        while not self._ask_status()["orders"]["tradable"]:
            self._turn(0.01)
        return self

    def __exit__(self, *_: object) -> None:
        self._context.destroy(linger=0)

    def _ask_status(self) -> dict[str, Any]:
        self._ask(0, "status", {})
        while not (answers := self._turn(_PATIENCE)):
            pass
        return dict(answers[0][1]["result"])

    def place(self, count: int, in_flight: int, pause: float = 0.0) -> Placed:
        """Place `count` orders, `in_flight` at a time, from all clients in turn; pause after each answer."""
        params = {"contract": CONTRACT, "order": ORDER}
        sent: dict[str, float] = {}
        delays: list[float] = []
        begun = time.perf_counter()
        for number in range(min(count, in_flight)):
            sent |= self._ask(number % len(self._clients), "placeOrder", params)
        while len(delays) < count:
            for client, answer in self._turn(_PATIENCE):
                delays.append(self._tws.read_at[answer["result"]["orderId"]] - sent[answer["id"]])
                self._rest(pause)
                if len(sent) < count:
                    sent |= self._ask(client, "placeOrder", params)
        return Placed(delays, time.perf_counter() - begun)

    def _rest(self, seconds: float) -> None:
        end = time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0:
            self._turn(left)

    def _ask(self, client: int, method: str, params: dict[str, Any]) -> dict[str, float]:
        """Send a request. Returns its id with the time when it was sent."""
        id_ = f"{client}-{next(self._ids)}"
        asked = msgpack.packb({"v": 1, "id": id_, "client": f"c{client}", "method": method, "params": params})
        now = time.perf_counter()
        self._clients[client].send(asked)
        return {id_: now}

    def _turn(self, patience: float) -> list[tuple[int, dict[str, Any]]]:
        """Wait for input, and let TWS answer. Returns the replies, each with the number of its client."""
        ready = dict(self._poller.poll(patience * 1000))
        if not ready and patience == _PATIENCE:
            raise RuntimeError("the bridge does not answer")
        if self._tws.socket.fileno() in ready:
            self._tws.read()
        return [
            (number, msgpack.unpackb(client.recv())) for number, client in enumerate(self._clients) if client in ready
        ]
