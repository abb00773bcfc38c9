"""The sockets and the time around the hostile TWS, in one thread; connections are read in the order of their coming."""

from __future__ import annotations

import itertools
import os
import select
import signal
import socket
from pathlib import Path
from random import Random

from bridge.tws import Connection
from bridge.tws.events import Message
from tests.campaign.tws.book import Book
from tests.campaign.tws.clock import Clock
from tests.campaign.tws.exchange import Exchange
from tests.campaign.tws.line import Line
from tests.campaign.tws.lists import Lists
from tests.campaign.tws.words import EventSocket

#: The bridge's client id: its connections alone are ill-treated.
BRIDGE = 1


class Server:
    """One life of TWS, from its start until it is killed."""

    def __init__(self, port: int, folder: Path, seed: str, *, version: int, start: str, forgets_ids: bool) -> None:
        self._folder = folder
        self._seed = seed
        self._version = version
        self._clock = Clock(start)
        self._book = Book.open(folder / "truth.jsonl")
        self._lines: list[Line] = []
        self._numbers = itertools.count(1)
        self._rng = Random(f"{seed}/lines/{start}")
        ends = {"ear_of": self._ear_of, "hang_up": self._hang_up, "die": self._die}
        self._exchange = Exchange(seed, self._book, self._clock, **ends)
        self._lists = Lists(self._book, self._clock, forgets_ids=forgets_ids)
        self._listener = socket.create_server(("127.0.0.1", port))

    def run(self) -> None:
        """Until killed."""
        if self._clock.day() != self._book.day:
            self._exchange.begin_day(self._clock.day(), is_away=True)
        self._exchange.resume()
        while True:
            self._wait()
            self._read()
            self._see_calm()
            self._clock.run_due()
            if self._clock.day() != self._book.day:
                self._exchange.begin_day(self._clock.day(), is_away=False)
            for line in self._lines:
                line.flush(self._clock.now())
            self._bury()

    def _wait(self) -> None:
        now, most = self._clock.now(), self._clock.wait(0.05)
        most = min([most, *(line.wait(now, most) for line in self._lines)])
        sockets = [self._listener, *(line.socket for line in self._lines if line.is_open)]
        select.select(sockets, [], [], most)

    def _read(self) -> None:
        """What earlier connections brought comes before a new one is let in."""
        now = self._clock.now()
        for line in list(self._lines):
            if line.is_open:
                line.read(now)
            for message in line.messages(now):
                self._on_message(line, message)
        if select.select([self._listener], [], [], 0)[0]:
            sock, _ = self._listener.accept()
            connection = Connection.server(self._version, self._clock.stamp())
            rng = Random(self._rng.random())
            name = f"{os.getpid()}-{next(self._numbers)}"
            self._lines.append(Line(name, sock, connection, rng, now, calm=self._exchange.calm))

    def _on_message(self, line: Line, message: Message) -> None:
        name, data = message.name, message.data
        if name == "startApi":
            line.client = data["clientId"]
            line.calm = line.calm or line.client != BRIDGE
            self._lists.start(line, line.client)
        elif line.client is None:
            return
        elif name == "placeOrder":
            self._exchange.place(line, line.client, data)
        elif name == "cancelOrder":
            self._exchange.cancel(line, line.client, data["orderId"])
        else:
            self._lists.answer(line, line.client, name, data)

    def _ear_of(self, client: int) -> EventSocket | None:
        lines = reversed(self._lines)
        return next((line for line in lines if line.client == client and line.is_open and not line.is_hung_up), None)

    def _hang_up(self, ear: EventSocket) -> None:
        assert isinstance(ear, Line)
        ear.is_hung_up = True

    def _die(self) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def _bury(self) -> None:
        now = self._clock.now()
        over = [line for line in self._lines if line.is_over(now)]
        self._lines = [line for line in self._lines if line not in over]
        for line in over:
            self._exchange.drop_held(line)

    def _see_calm(self) -> None:
        if not self._exchange.calm and (self._folder / "calm").exists():
            self._exchange.begin_calm()
            for line in self._lines:
                line.calm = True
