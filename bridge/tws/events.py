"""What a `Connection` tells its user, in the order in which it happened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(slots=True)
class Connected:
    """The handshake is done: both sides speak `server_version`."""

    server_version: int
    connection_time: str


@dataclass(slots=True)
class Redirected:
    """TWS asks to connect elsewhere (server version -1); `port` is None where it names none."""

    host: str
    port: int | None


@dataclass(slots=True)
class Message:
    """A decoded message; `extra` counts text fields behind those that the declaration knows."""

    name: str
    data: dict[str, Any]
    extra: int = 0


@dataclass(slots=True)
class DecodeFailed:
    """A frame that is not what its id says; the stream goes on. `payload` is the frame without its length."""

    message: str | None
    id: int | None
    field: str | None
    reason: str
    server_version: int | None
    payload: bytes


@dataclass(slots=True)
class UnknownMessage:
    """A frame with an id that no declaration names."""

    id: int
    payload: bytes


@dataclass(slots=True)
class Failed:
    """The connection cannot go on. Codes are those of the vendor's clients: 503, 506, 507."""

    code: int
    reason: str


Event = Connected | Redirected | Message | DecodeFailed | UnknownMessage | Failed
