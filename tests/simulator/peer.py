"""A bare client of a simulator that runs as a process: our own protocol core on a blocking socket."""

from __future__ import annotations

import socket
from typing import Any

from bridge.simulator import Running
from bridge.tws import Connection
from bridge.tws.events import Event, Message


class Peer:
    """One connection; every event is kept in `events`."""

    def __init__(self, running: Running, client_id: int = 1, newest: int = 226) -> None:
        self.socket = socket.create_connection((running.host, running.port), timeout=30)
        self.connection = Connection.client(client_id=client_id, newest=newest)
        self.connection.connect()
        self.events: list[Event] = []

    def send(self, name: str, **data: Any) -> None:
        self.connection.send(name, data)

    def until(self, name: str, **fields: Any) -> dict[str, Any]:
        """The first message of this name and with these fields; AssertionError if the server closes or is silent."""
        while True:
            for event in self.events:
                if isinstance(event, Message) and event.name == name and fields.items() <= event.data.items():
                    return event.data
            assert self.pump(), f"closed before {name}; heard {self.events[-5:]}"

    def pump(self) -> bool:
        """Sends and reads once; False when the server has closed."""
        self.socket.sendall(self.connection.data_to_send())
        data = self.socket.recv(65536)
        self.connection.receive_data(data)
        self.events += self.connection.events_received()
        return bool(data)

    def close(self) -> None:
        self.socket.close()
