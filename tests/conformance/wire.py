"""Payloads made and read by our codec, and pairs of connected `Connection`s, in process and without a socket."""

from __future__ import annotations

import functools
from typing import Any

from bridge.catalogue import catalogue
from bridge.tws import Connection
from bridge.tws.codec import Codec
from bridge.tws.events import Message

TIME = "20251001 12:00:00 US/Eastern"


@functools.cache
def codec(version: int, incoming: str) -> Codec:
    """A codec that decodes messages of the direction `incoming` ("fromTws", "toTws") and encodes the other's."""
    return Codec(catalogue(), version, incoming)  # type: ignore[arg-type]


def other(direction: str) -> str:
    return "toTws" if direction == "fromTws" else "fromTws"


def callback(name: str, data: dict[str, Any]) -> str:
    """The name under which data travels: the message's own, or the callback that its union picks."""
    event = catalogue().messages[name].event
    return event.names[str(data[event.by])] if event else name


def encode(name: str, version: int, data: dict[str, Any]) -> bytes:
    """The payload as its sender makes it."""
    direction = catalogue().messages[name].direction
    return codec(version, other(direction)).encode(callback(name, data), data)


def decode(name: str, version: int, payload: bytes) -> Message:
    """The message as its receiver reads it; an AssertionError shows what it was instead."""
    event = codec(version, catalogue().messages[name].direction).decode(payload)
    assert isinstance(event, Message), event
    return event


def connected(version: int) -> tuple[Connection, Connection]:
    """A client and a server of ours behind their handshake, with nothing left to read."""
    client = Connection.client(client_id=7)
    server = Connection.server(server_version=version, connection_time=TIME)
    client.connect()
    for _ in range(3):
        server.receive_data(client.data_to_send())
        client.receive_data(server.data_to_send())
    client.events_received()
    server.events_received()
    return client, server


def alike(ours: list[bytes], theirs: list[bytes]) -> bool:
    """Whether text fields say the same: equal, or spellings of one number (`1`, `1.0`, `1e0`)."""
    return len(ours) == len(theirs) and all(same(a, b) for a, b in zip(ours, theirs, strict=True))


def same(ours: bytes, theirs: bytes) -> bool:
    if ours == theirs:
        return True
    try:
        return float(ours) == float(theirs)
    except ValueError:
        return False
