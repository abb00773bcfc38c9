"""Subscribes to an instrument and releases it, each time another one: `python -m benchmarks.pairs [PAIRS]`.

TWS, the bridge with its state folder on disk, and one client run as processes. TWS sends three ticks for each
subscription. For each tenth of the run it prints the cost of a pair and what the bridge keeps in memory.
"""

from __future__ import annotations

import asyncio
import itertools
import sys
import tempfile
import time
from collections.abc import Iterator
from typing import Any

import msgpack
import zmq

from benchmarks.answers import CONTRACT, TIME, answers
from benchmarks.processes import Process, running
from bridge.tws import Connection
from bridge.tws.events import Message

VERSION = 226
#: Open pairs at a time.
WINDOW = 20
#: If the bridge does not answer for this many seconds, the run fails.
PATIENCE = 30.0


class Client:
    """A client with `WINDOW` open pairs. It releases each stream as soon as the bridge has answered."""

    def __init__(self, socket: zmq.Socket[bytes]) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)
        self._con_ids = itertools.count(1)

    def ask(self, method: str, **params: Any) -> dict[str, Any]:
        """Send a request and wait for its result. No pair may be open."""
        self._send(f"a{next(self._numbers)}", method, params)
        return self._result()["result"]  # type: ignore[no-any-return]

    def pairs(self, count: int) -> None:
        """Subscribe and release `count` times."""
        under_way = 0
        begun = ended = 0
        while ended < count:
            while under_way < WINDOW and begun < count:
                self._begin()
                begun, under_way = begun + 1, under_way + 1
            kind, _, con_id = self._result()["id"].partition(":")
            if kind == "s":
                self._send(f"r:{con_id}", "release", {"stream": con_id, "method": "reqMktData"})
            else:
                ended, under_way = ended + 1, under_way - 1

    def _begin(self) -> None:
        con_id = next(self._con_ids)
        self._send(f"s:{con_id}", "reqMktData", {"contract": {**CONTRACT, "conId": con_id}})

    def _send(self, id_: str, method: str, params: dict[str, Any]) -> None:
        body = {"v": 1, "id": id_, "client": "pairs", "method": method, "params": params}
        self._socket.send(msgpack.packb(body))

    def _result(self) -> dict[str, Any]:
        if not self._socket.poll(int(PATIENCE * 1000)):
            raise RuntimeError(f"the bridge has not answered for {PATIENCE:.0f} s")
        reply: dict[str, Any] = msgpack.unpackb(self._socket.recv())
        if not reply["ok"]:
            raise RuntimeError(f"{reply['id']}: {reply['error']['message']}")
        return reply


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Serve one connection: send three ticks for each subscription."""
    connection = Connection.server(VERSION, TIME)
    while data := await reader.read(65536):
        connection.receive_data(data)
        for event in connection.events_received():
            if not isinstance(event, Message):
                continue
            for name, said in answers(event.name, event.data):
                connection.send(name, said)
            if event.name == "reqMktData":
                req_id = event.data["reqId"]
                connection.send("tickPrice", {"reqId": req_id, "tickType": 1, "price": 190.5, "size": "1"})
                connection.send("tickPrice", {"reqId": req_id, "tickType": 2, "price": 191.5, "size": "1"})
                connection.send("tickSize", {"reqId": req_id, "tickType": 8, "size": "1"})
        writer.write(connection.data_to_send())


async def tws() -> None:
    """Run the TWS process. It prints its port."""
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def measure(count: int, bridge: Process, client: Client) -> Iterator[tuple[float, float, int, int]]:
    """Yields for each tenth: wall and CPU seconds of a pair, topics with a kept number, and bytes of memory."""
    for _ in range(10):
        wall, cpu = time.monotonic(), bridge.cpu()
        client.pairs(count // 10)
        wall, cpu = time.monotonic() - wall, bridge.cpu() - cpu
        topics = len(client.ask("sequences", prefix="market.")["sequences"])
        yield wall / (count // 10), cpu / (count // 10), topics, bridge.rss()


def run(count: int) -> None:
    """Run all processes, and print the table."""
    context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder, running("benchmarks.pairs", "tws") as source:
        flags = ["--tws", f"127.0.0.1:{source.line()}", "--client-id", "1", "--state", f"{folder}/state"]
        places = ["--events", "tcp://127.0.0.1:*", "--requests", "tcp://127.0.0.1:*"]
        with running("bridge.cli", "run", *flags, *places) as bridge, context.socket(zmq.DEALER) as socket:
            socket.connect(bridge.line().split()[3])
            client = Client(socket)
            while not client.ask("status")["orders"]["tradable"]:
                time.sleep(0.1)
            print(
                "| pairs | µs a pair, wall | µs a pair, CPU of the bridge | numbers of topics | RSS |\n"
                "|---|---|---|---|---|"
            )
            for tenth, (wall, cpu, topics, rss) in enumerate(measure(count, bridge, client), 1):
                pairs = f"up to {tenth * (count // 10):,}"
                print(f"| {pairs} | {wall * 1e6:.0f} | {cpu * 1e6:.0f} | {topics} | {rss / 1e6:.1f} MB |", flush=True)
    context.term()


if __name__ == "__main__":
    if sys.argv[1:] == ["tws"]:
        asyncio.run(tws())
    else:
        run(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
