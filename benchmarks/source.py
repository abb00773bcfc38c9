"""A TWS that sends one stream of ticks as fast as the client reads: `python -m benchmarks.source VERSION TICKS`.

It prints its port, and `requested` when a client has requested market data. It begins to send when a line arrives on
stdin. The last tick has the price `LAST`, so that a client need not count.
"""

from __future__ import annotations

import asyncio
import sys
from functools import partial

from bridge.tws import Connection
from bridge.tws.events import Message

#: The price of the last tick.
LAST = 999999.0

#: The number of ticks that are encoded once and sent repeatedly.
BLOCK = 500


def block(connection: Connection, request: int) -> bytes:
    """Encode `BLOCK` ticks: prices with their sizes, and sizes."""
    for place in range(BLOCK // 2):
        price = {
            "reqId": request,
            "tickType": 1 + place % 2,
            "price": 190.0 + place / 100,
            "size": "100",
            "attrMask": 1,
        }
        connection.send("tickPrice", price)
        connection.send("tickSize", {"reqId": request, "tickType": 8, "size": str(1000000 + place)})
    return connection.data_to_send()


async def serve(version: int, ticks: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Serve one client: the handshake, and the stream after its request."""
    connection = Connection.server(version, "20260101 12:00:00 UTC")
    while data := await reader.read(65536):
        connection.receive_data(data)
        for event in connection.events_received():
            if isinstance(event, Message) and event.name == "startApi":
                connection.send("managedAccounts", {"accountsList": "DU1"})
                connection.send("nextValidId", {"orderId": 1})
            elif isinstance(event, Message) and event.name == "reqMktData":
                print("requested", flush=True)
                await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
                await stream(connection, writer, event.data["reqId"], ticks)
            elif isinstance(event, Message) and event.name == "reqCurrentTime":
                connection.send("currentTime", {"currentTime": 1})
        writer.write(connection.data_to_send())
        await writer.drain()


async def stream(connection: Connection, writer: asyncio.StreamWriter, request: int, ticks: int) -> None:
    """Send all ticks; queue the last block for the caller to write."""
    again = block(connection, request)
    for _ in range(ticks // BLOCK - 1):
        writer.write(again)
        await writer.drain()
    for _ in range(BLOCK - 1):
        connection.send("tickSize", {"reqId": request, "tickType": 8, "size": "1"})
    connection.send("tickPrice", {"reqId": request, "tickType": 1, "price": LAST, "size": "1", "attrMask": 0})


async def main(version: int, ticks: int) -> None:
    server = await asyncio.start_server(partial(serve, version, ticks), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2])))
