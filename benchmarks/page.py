"""What the console and `/metrics` cost the bridge: `python -m benchmarks.page [STREAMS] [TICKS_PER_SECOND]`.

TWS, the bridge, and one client that holds the streams run as processes. One reader takes `/api/events`, as one open
page of the console does. It prints the CPU time of the bridge's process without the reader, with it, and for each
scrape.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import statistics
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import zmq

from benchmarks.answers import CONTRACT, TIME, answers
from benchmarks.pairs import VERSION, Client
from benchmarks.processes import Process, running
from bridge.tws import Connection
from bridge.tws.events import Message

#: Seconds of one measurement, and how many of each kind take turns.
WINDOW = 10.0
ROUNDS = 5
#: The server makes figures at most once a second, so scrapes come further apart than that.
BETWEEN_SCRAPES = 1.5
SCRAPES = 10
#: Prometheus' scrape interval for the last figure.
INTERVAL = 15


class Reader:
    """One open page: a thread that reads `/api/events` and counts the bytes."""

    def __init__(self, address: str) -> None:
        self.bytes = 0
        self._answer = urllib.request.urlopen(f"{address}api/events", timeout=10)
        self._is_wanted = True
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def _read(self) -> None:
        while self._is_wanted and (read := self._answer.read1(1 << 18)):
            self.bytes += len(read)

    def close(self) -> None:
        """End after the next event, which comes within a second."""
        self._is_wanted = False
        self._thread.join()
        self._answer.close()


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, rate: int) -> None:
    """Serve one connection: two prices for each subscription, and then `rate` ticks a second over all streams."""
    connection = Connection.server(VERSION, TIME)
    held: list[int] = []
    ticking = asyncio.create_task(tick(connection, writer, held, rate)) if rate else None
    try:
        await answer(reader, writer, connection, held)
    except ConnectionResetError:
        pass  # the bridge has ended, with ticks that it has not read
    finally:
        if ticking is not None:
            ticking.cancel()


async def answer(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, connection: Connection, held: list[int]
) -> None:
    """Answer requests until the bridge closes the connection. `held` gets the request ids of the subscriptions."""
    while data := await reader.read(65536):
        connection.receive_data(data)
        for event in connection.events_received():
            if not isinstance(event, Message):
                continue
            for name, said in answers(event.name, event.data):
                connection.send(name, said)
            if event.name == "reqMktData":
                held.append(event.data["reqId"])
                for kind, price in ((1, 190.5), (2, 191.5)):
                    send_price(connection, event.data["reqId"], kind, price)
        writer.write(connection.data_to_send())


def send_price(connection: Connection, req_id: int, kind: int, price: float) -> None:
    """Send one tick."""
    connection.send("tickPrice", {"reqId": req_id, "tickType": kind, "price": price, "size": "1"})


async def tick(connection: Connection, writer: asyncio.StreamWriter, held: list[int], rate: int) -> None:
    """Send `rate` ticks a second, twenty times a second, to all streams in turn."""
    for number in itertools.count():
        await asyncio.sleep(0.05)
        for place in range(number * rate // 20, (number + 1) * rate // 20):
            if held:
                send_price(connection, held[place % len(held)], 1 + number % 2, 190 + number % 100 / 100)
        writer.write(connection.data_to_send())


async def tws(rate: int) -> None:
    """Run the TWS process. It prints its port."""
    server = await asyncio.start_server(lambda reader, writer: serve(reader, writer, rate), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def cpu(bridge: Process) -> float:
    """Seconds of CPU time of all threads, finer than the clock ticks of `/proc/PID/stat`."""
    threads = Path(f"/proc/{bridge.child.pid}/task").glob("*/schedstat")
    return sum(int(thread.read_text().split()[0]) for thread in threads) / 1e9


def share(bridge: Process, client: Client) -> float:
    """Per cent of a core that the bridge takes in one window. The client pings, or it would lose its streams."""
    began, used = time.monotonic(), cpu(bridge)
    for _ in range(int(WINDOW)):
        time.sleep(1)
        client.ask("ping")
    return 100 * (cpu(bridge) - used) / (time.monotonic() - began)


def scrape(bridge: Process, address: str) -> tuple[float, int]:
    """CPU seconds of the bridge for one scrape, less what it takes anyway, and the bytes of the answer."""
    began, used = time.monotonic(), cpu(bridge)
    time.sleep(BETWEEN_SCRAPES)
    idle = (cpu(bridge) - used) / (time.monotonic() - began)
    began, used = time.monotonic(), cpu(bridge)
    with urllib.request.urlopen(f"{address}metrics", timeout=10) as answer:
        size = len(answer.read())
    time.sleep(BETWEEN_SCRAPES)
    return cpu(bridge) - used - idle * (time.monotonic() - began), size


def measure(bridge: Process, client: Client, streams: int, address: str) -> Iterator[str]:
    """Yields the rows of the table."""
    share(bridge, client)  # the work that the subscriptions have left
    without, opened, sizes = [], [], []
    for _ in range(ROUNDS):
        held = len(client.ask("status")["streams"])
        if held != streams:
            raise RuntimeError(f"{held} streams are held, not {streams}")
        without.append(share(bridge, client))
        with contextlib.closing(Reader(address)) as reader:
            time.sleep(1.5)  # the first event, and the connection
            before = reader.bytes
            opened.append(share(bridge, client))
            sizes.append((reader.bytes - before) / WINDOW / 1024)
    costs = [more - less for less, more in zip(without, opened, strict=True)]
    yield f"| the bridge, nobody looks | {statistics.median(without):.2f}% of a core |"
    spread = f"{min(costs):.2f} to {max(costs):.2f}"
    yield f"| one open page | {statistics.median(costs):.2f}% more ({spread}), {statistics.median(sizes):.0f} KiB/s |"
    scrapes = []
    for _ in range(SCRAPES):
        client.ask("ping")
        scrapes.append(scrape(bridge, address))
    cost = statistics.median(seconds for seconds, _ in scrapes)
    yield (
        f"| `/metrics` each {INTERVAL} s | {100 * cost / INTERVAL:.3f}% more: {cost * 1e3:.1f} ms of CPU for "
        f"{scrapes[-1][1] / 1024:.0f} KiB |"
    )


def run(streams: int, rate: int) -> None:
    """Run all processes, and print the table."""
    context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder, running("benchmarks.page", "tws", str(rate)) as source:
        config, log = Path(folder, "bridge.toml"), Path(folder, "log")
        config.write_text("market_data_lines = 0\n", encoding="utf-8")
        flags = ["--config", str(config), "--tws", f"127.0.0.1:{source.line()}", "--state", f"{folder}/state"]
        places = ["--events", "tcp://127.0.0.1:*", "--requests", "tcp://127.0.0.1:*", "--http", "127.0.0.1:0"]
        with (
            log.open("w", encoding="utf-8") as stderr,
            running("bridge.cli", "run", *flags, *places, log=stderr) as bridge,
            context.socket(zmq.DEALER) as socket,
        ):
            socket.connect(bridge.line().split()[3])
            client = Client(socket)
            while not client.ask("status")["orders"]["tradable"]:
                time.sleep(0.1)
            for con_id in range(1, streams + 1):
                client.ask("reqMktData", contract={**CONTRACT, "conId": con_id})
            address = log.read_text(encoding="utf-8").partition("HTTP on ")[2].split()[0]
            print(f"{streams:,} streams, {rate:,} ticks/s, median of {ROUNDS} windows of {WINDOW:.0f} s\n")
            print("| | |\n|---|---|", flush=True)
            for row in measure(bridge, client, streams, address):
                print(row, flush=True)
    context.term()


if __name__ == "__main__":
    if sys.argv[1:2] == ["tws"]:
        asyncio.run(tws(int(sys.argv[2])))
    else:
        wanted = [int(text) for text in sys.argv[1:]]
        run(*(wanted + [1000, 0][len(wanted) :]))
