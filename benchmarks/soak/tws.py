"""A TWS that sends ticks at a steady rate on all requested streams: `python -m benchmarks.soak.tws RATE`.

It prints its port. The price of each tickPrice is its time on the monotonic clock, which all processes of a machine
share. It reads commands from stdin: `drop` closes the connection, `pause` stops the ticks, `end` prints the result as
JSON.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time

from benchmarks.answers import TIME, Word, answers, filled
from bridge.tws import Connection
from bridge.tws.events import Message

VERSION = 226
#: Seconds between two bursts of ticks.
PAUSE = 0.005


class Tws:
    """The TWS. It serves one connection at a time; `_streams` has the request ids of its streams."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._writer: asyncio.StreamWriter | None = None
        self._connection = Connection.server(VERSION, TIME)
        self._streams: list[int] = []
        self._executions: list[Word] = []
        self._next_order = 1
        self._is_paused = False
        self._sent = self._connections = 0
        self._seconds = 0.0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        self._writer, self._streams = writer, []
        self._connection = connection = Connection.server(VERSION, TIME)
        self._connections += 1
        while data := await reader.read(65536):
            connection.receive_data(data)
            for event in connection.events_received():
                if isinstance(event, Message):
                    self._take(event)
            writer.write(connection.data_to_send())
        if self._writer is writer:
            self._writer, self._streams = None, []

    def _take(self, message: Message) -> None:
        name, data = message.name, message.data
        if name == "reqMktData":
            self._streams.append(data["reqId"])
        elif name == "cancelMktData":
            self._streams.remove(data["reqId"])
        elif name == "placeOrder":
            self._next_order = max(self._next_order, data["orderId"] + 1)
            words = filled(data)
            self._executions.append(words[1])
            self._send(words)
        elif name == "reqExecutions":
            self._send([(word, {**fields, "reqId": data["reqId"]}) for word, fields in self._executions])
            self._send(answers(name, data))
        else:
            self._send(answers(name, data, self._next_order))

    def _send(self, words: list[Word]) -> None:
        for name, data in words:
            self._connection.send(name, data)

    async def tick(self) -> None:
        """Send the ticks that are due, on the streams in turn. After a long stall it does not send the missed ticks."""
        before = time.monotonic()
        owed = 0.0
        while True:
            await asyncio.sleep(PAUSE)
            now = time.monotonic()
            passed, before = now - before, now
            if self._writer is None or not self._streams or self._is_paused:
                owed = 0.0
                continue
            self._seconds += passed
            owed += min(passed, 0.5) * self._rate
            for _ in range(int(owed)):
                self._tick(self._sent)
                self._sent += 1
            owed %= 1
            self._writer.write(self._connection.data_to_send())

    def _tick(self, number: int) -> None:
        req_id = self._streams[number // 2 % len(self._streams)]
        if number % 2:
            self._connection.send("tickSize", {"reqId": req_id, "tickType": 0, "size": str(number % 1000)})
        else:
            price = {"reqId": req_id, "tickType": 1, "price": time.monotonic(), "size": "100", "attrMask": 1}
            self._connection.send("tickPrice", price)

    def on_command(self) -> None:
        """Carry out one command from stdin."""
        match sys.stdin.readline().strip():
            case "drop" if self._writer is not None:
                self._writer.close()
                self._writer, self._streams = None, []
            case "pause":
                self._is_paused = True
            case "end":
                rate = self._sent / self._seconds if self._seconds else 0.0
                result = {"sent": self._sent, "rate": rate, "connections": self._connections}
                print(json.dumps(result), flush=True)


async def main(rate: int) -> None:
    tws = Tws(rate)
    server = await asyncio.start_server(tws.serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    asyncio.get_running_loop().add_reader(sys.stdin, tws.on_command)
    await tws.tick()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
