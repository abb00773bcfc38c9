"""One connection of the hostile TWS: bytes that are delayed in both directions, and a socket that ends at any time.

A proxy between bridge and TWS would do the same; here it is known which orders a dying connection still brings. What
TWS had not read when the socket died it reads a moment later, or never: it may take an order after the bridge has lost
sight of it. The handshake is not delayed, for by it the bridge knows TWS's date.
"""

from __future__ import annotations

import socket
from collections import deque
from collections.abc import Iterator
from random import Random

from bridge.tws import Connection
from bridge.tws.errors import EncodeError
from bridge.tws.events import Message
from tests.campaign.tws.book import Data

#: Seconds after the death of a socket within which what it brought is read: less than the bridge's pause between two
#: passes, which is long on purpose in earnest (a minute) and short here (half a second).
AFTERLIFE = 0.2


class Line:
    """`calm`: nothing is delayed, and it stays."""

    def __init__(
        self, name: str, sock: socket.socket, connection: Connection, rng: Random, now: float, *, calm: bool
    ) -> None:
        sock.setblocking(False)
        self.name = name
        self.socket = sock
        self.client: int | None = None
        self.calm = calm
        self.dies_at: float | None = now + rng.uniform(0.2, 6.0) if rng.random() < 0.4 else None
        self.reads_on = rng.random() < 0.6
        self.is_open = True
        self.is_hung_up = False
        self.ended_at = 0.0
        self._slow = rng.choice((0.0, 0.0, 0.05, 0.4, 1.2))
        self._tears = rng.random() < 0.5
        self._rng = rng
        self._connection = connection
        self._in: deque[tuple[float, bytes]] = deque()
        self._out: deque[tuple[float, bytes]] = deque()

    def send(self, name: str, data: Data) -> None:
        """Queue a message; nothing where the connection is over. What this version cannot say is not said."""
        if self.is_open and not self.is_hung_up:
            try:
                self._connection.send(name, data)
            except EncodeError as error:
                if error.reason != "not connected":
                    raise

    def read(self, now: float) -> None:
        """Take what the socket has; the peer may be gone."""
        try:
            data = self.socket.recv(1 << 16)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if data:
            self._in.append((self._due(self._in, now), data))
        else:
            self.end(now)

    def messages(self, now: float) -> Iterator[Message]:
        """What has arrived by now. Where the socket is dead, what it brought is read as long as it lives on."""
        while self._in and not self.is_hung_up and (self._in[0][0] <= now or self._is_ready_after_death(now)):
            self._connection.receive_data(self._in.popleft()[1])
            for event in self._connection.events_received():
                if isinstance(event, Message) and not self.is_hung_up:
                    yield event

    def _is_ready_after_death(self, now: float) -> bool:
        return not self.is_open and self.reads_on and now >= self.ended_at + AFTERLIFE

    def flush(self, now: float) -> None:
        """Write what is due, and end where the time has come; half a message may go out last."""
        if not self.is_open:
            return
        if data := self._connection.data_to_send():
            self._out.append((self._due(self._out, now), data))
        while self._out and self._out[0][0] <= now:
            if not self._write(self._out.popleft()[1], now):
                return
        is_over = self.dies_at is not None and now >= self.dies_at and not self.calm
        if self.is_hung_up or is_over:
            if self._tears and self._out:
                first = self._out[0][1]
                self._write(first[: len(first) // 2], now)
            self.end(now)

    def _write(self, data: bytes, now: float) -> bool:
        try:
            sent = self.socket.send(data)
        except BlockingIOError:
            sent = 0
        except OSError:
            self.end(now)
            return False
        if sent < len(data):
            self._out.appendleft((now + 0.01, data[sent:]))
            return False
        return True

    def end(self, now: float) -> None:
        """The socket is dead. What was on its way to the client is lost."""
        if self.is_open:
            self.is_open, self.ended_at = False, now
            self.socket.close()
            self._out.clear()

    def is_over(self, now: float) -> bool:
        """Whether nothing more comes of it."""
        return not self.is_open and (not self.reads_on or self.is_hung_up or (not self._in and now >= self.ended_at))

    def wait(self, now: float, most: float) -> float:
        """Seconds until something of it is due, `most` at the most."""
        dues = [queue[0][0] for queue in (self._in, self._out) if queue]
        return min([most, *(max(0.0, due - now) for due in dues)])

    def _due(self, queue: deque[tuple[float, bytes]], now: float) -> float:
        """When bytes arrive that were sent now: never before those that were sent earlier."""
        is_slow = self.client is not None and not self.calm and self._slow
        due = now + (self._rng.uniform(0.0, self._slow) if is_slow else 0.0)
        return max(due, queue[-1][0]) if queue else due
