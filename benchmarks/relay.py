"""The lower limit: a loop that publishes undecoded frames. `python -m benchmarks.relay PORT ENDPOINT`.

It calls `send` of pyzmq's compiled socket twice for each event, as the bridge does, because `send_multipart` is slower.
"""

from __future__ import annotations

import functools
import socket
import struct
import sys

import zmq
import zmq.backend

from bridge.tws import Connection
from bridge.tws.events import Message


def ready(tws: socket.socket) -> Connection:
    """Do the handshake and send the request, with the protocol core. The frames after that are not decoded."""
    connection = Connection.client(1)
    connection.connect()
    while True:
        tws.sendall(connection.data_to_send())
        connection.receive_data(tws.recv(65536))
        if any(isinstance(event, Message) and event.name == "nextValidId" for event in connection.events_received()):
            connection.send("reqMktData", {"reqId": 1, "contract": {"conId": 265598, "exchange": "SMART"}})
            tws.sendall(connection.data_to_send())
            return connection


def relay(tws: socket.socket, publisher: zmq.Socket[bytes]) -> None:
    """Publish each frame until TWS closes the connection."""
    send = functools.partial(zmq.backend.Socket.send, publisher)
    unpack, more, last = struct.Struct(">I").unpack_from, zmq.SNDMORE, 0
    rest = b""
    while data := tws.recv(65536):
        data = rest + data
        start, end = 0, len(data)
        while end - start >= 4:
            (size,) = unpack(data, start)
            if end - start - 4 < size:
                break
            send(b"ticks", more, True)
            send(data[start + 4 : start + 4 + size], last, True)
            start += size + 4
        rest = data[start:]


def main(port: int, endpoint: str) -> None:
    with zmq.Context() as context, context.socket(zmq.PUB) as publisher:
        publisher.sndhwm = 0
        publisher.bind(endpoint)
        with socket.create_connection(("127.0.0.1", port)) as tws:
            ready(tws)
            relay(tws, publisher)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
