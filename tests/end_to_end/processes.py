"""Bridges as processes of their own, as a user starts them, and a TWS that says only what a test tells it."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bridge.tws import Connection
from bridge.tws.events import Message
from tws_bridge_client import BridgeClient


@dataclass
class Bridge:
    """A running `tws-bridge run`."""

    process: subprocess.Popen[str]
    events: str
    requests: str
    log: Path

    def client(self, name: str) -> BridgeClient:
        return BridgeClient(name, self.requests, self.events)

    @property
    def places(self) -> tuple[str, ...]:
        """Arguments for a bridge that comes in this one's place: clients find it where they found this."""
        return "--events", self.events, "--requests", self.requests

    def logs(self, words: str, after: int = 0) -> bool:
        """Whether its log says this, soon, after the first `after` characters."""
        end = time.monotonic() + 10
        while words not in self.log.read_text()[after:] and time.monotonic() < end:
            time.sleep(0.05)
        return words in self.log.read_text()[after:]

    def stop(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(60)


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "bridge.cli", *arguments]


def run(*arguments: str, stdin: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """One command to its end."""
    return subprocess.run(
        command(*arguments), input=stdin, capture_output=True, text=True, timeout=60, check=False,
        env={**os.environ, **environment},
    )  # fmt: skip


@contextlib.contextmanager
def bridge(tws: str, folder: Path, *more: str, **environment: str) -> Iterator[Bridge]:
    """A bridge for the length of a `with` block, on free ports."""
    log = folder / "bridge.log"
    arguments = command("run", "--tws", tws, "--client-id", "1", "--state", str(folder / "state"),
                        "--events", "tcp://127.0.0.1:*", "--requests", "tcp://127.0.0.1:*", *more)  # fmt: skip
    with log.open("ab") as stderr:
        process = subprocess.Popen(
            arguments, stdout=subprocess.PIPE, stderr=stderr, text=True, env={**os.environ, **environment}
        )
    try:
        line = process.stdout.readline().split()
        assert len(line) == 4, log.read_text()
        yield Bridge(process, line[1], line[3], log)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


class ScriptedTws:
    """A TWS on a free port. `on_client` gets each new socket, in a thread of its own; it may be replaced any time."""

    def __init__(self, on_client: Callable[[socket.socket], None]) -> None:
        self.on_client = on_client
        self._listen(0)
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"

    def _listen(self, port: int) -> None:
        self._listener = socket.create_server(("127.0.0.1", port))
        threading.Thread(target=self._accept, daemon=True).start()

    def refuse(self) -> None:
        """Stop listening: TCP connections are refused. Open sockets stay open."""
        self._listener.shutdown(socket.SHUT_RDWR)  # it ends the thread in `accept`
        self._listener.close()

    def listen(self) -> None:
        """Listen on the same port again."""
        self._listen(int(self.address.rpartition(":")[2]))

    def _accept(self) -> None:
        listener = self._listener
        with contextlib.suppress(OSError):
            while True:
                client, _ = listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, contextlib.suppress(OSError):
            self.on_client(client)

    def close(self) -> None:
        self._listener.close()


def started(
    client: socket.socket,
    version: int = 213,
    order_id: int = 1,
    clock: str = "20261122 07:00:00 UTC",
    accounts: str = "DU1",
) -> Connection:
    """Be TWS until the client is ready: handshake, startApi, accounts, order id. `clock`: the time of its handshake."""
    connection = Connection.server(version, clock)
    while True:
        data = client.recv(65536)
        if not data:
            raise OSError("the client has gone")
        connection.receive_data(data)
        events = connection.events_received()
        if any(isinstance(event, Message) and event.name == "startApi" for event in events):
            connection.send("managedAccounts", {"accountsList": accounts})
            connection.send("nextValidId", {"orderId": order_id})
        client.sendall(connection.data_to_send())
        if any(isinstance(event, Message) and event.name == "startApi" for event in events):
            return connection
