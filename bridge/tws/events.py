"""The events of a `Connection`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(slots=True)
class Connected:
    """The handshake is complete: both sides use `server_version`. `connection_time` is the text that TWS sent."""

    server_version: int
    connection_time: str


@dataclass(slots=True)
class Redirected:
    """TWS asks the client to connect to another host (server version -1). `port` is None if TWS names none."""

    host: str
    port: int | None


@dataclass(slots=True)
class Message:
    """A decoded message. `extra` is the number of text fields after the declared ones."""

    name: str
    data: dict[str, Any]
    extra: int = 0


@dataclass(slots=True)
class DecodeFailed:
    """A frame that is not the message that its id names. The connection continues.

    `payload` is the frame without its length.
    """

    message: str | None
    id: int | None
    field: str | None
    reason: str
    server_version: int | None
    payload: bytes


@dataclass(slots=True)
class UnknownMessage:
    """A frame with an id that no declaration has."""

    id: int
    payload: bytes


@dataclass(slots=True)
class Failed:
    """The connection cannot continue. `code` is 503, 504, 506 or 507, as in the vendor's clients."""

    code: int
    reason: str


Event = Connected | Redirected | Message | DecodeFailed | UnknownMessage | Failed
