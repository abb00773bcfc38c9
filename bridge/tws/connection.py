"""One TWS API connection, in either role, without the socket.

The user moves bytes: what the socket gives goes into `receive_data`, what `data_to_send` gives goes to the socket, and
`events_received` tells what happened. Source: TWS_RULES, Connection; the exchange seen on sockets in the wire facts.
"""

from __future__ import annotations

import enum
import re
from typing import Any

from bridge.catalogue import Catalogue, catalogue
from bridge.catalogue.grammar import NEWEST, OLDEST
from bridge.tws.codec import Codec
from bridge.tws.errors import EncodeError, FramingError
from bridge.tws.events import Connected, DecodeFailed, Event, Failed, Redirected
from bridge.tws.framing import FrameReader, frame

GREETING = b"API\0"

_VERSION = re.compile(rb"-1|[1-9]\d{1,3}")
_RANGE = re.compile(rb"v(\d{1,9})(?:\.\.(\d{1,9}))?(?: (.*))?", re.DOTALL)


class Role(enum.Enum):
    CLIENT = "client"
    SERVER = "server"


class Connection:
    """Made by `Connection.client` or `Connection.server`.

    A client calls `connect` once when TCP is open. Both sides pass every byte they read to `receive_data`, then take
    `events_received` and send `data_to_send`. After `Failed` or `Redirected` the connection is `closed`: close the
    socket once `data_to_send` is sent.
    """

    def __init__(self, role: Role, known: Catalogue, server_version: int | None, connection_time: str | None) -> None:
        self.role = role
        self.server_version = server_version if role is Role.CLIENT else None
        self.connection_time = connection_time
        self.connect_options = ""
        self.closed = False
        self._catalogue = known
        self._offered = server_version or NEWEST
        self._start: dict[str, Any] = {}
        self._async_connect = False
        self._reader = FrameReader()
        self._greeting = b"" if role is Role.SERVER else GREETING
        self._codec: Codec | None = None
        self._events: list[Event] = []
        self._out: list[bytes] = []

    @classmethod
    def client(
        cls,
        client_id: int,
        optional_capabilities: str = "",
        connect_options: str = "",
        known: Catalogue | None = None,
        *,
        newest: int = NEWEST,
        async_connect: bool = False,
    ) -> Connection:
        """The role of an API client; it sends startApi by itself once the handshake is done.

        With `async_connect` it does not: call `start_api` after `Connected`, which is the vendor client's connectAck.
        `newest` is the highest server version to offer, 176 to 226.
        """
        connection = cls(Role.CLIENT, known or catalogue(), None, None)
        connection._offered = newest
        connection._async_connect = async_connect
        connection.connect_options = connect_options
        connection._start = {"clientId": client_id}
        if optional_capabilities:
            connection._start["optionalCapabilities"] = optional_capabilities
        return connection

    @classmethod
    def server(
        cls, server_version: int = NEWEST, connection_time: str = "", known: Catalogue | None = None
    ) -> Connection:
        """The role of TWS; it answers the handshake with the smaller of its version and the client's highest."""
        if not OLDEST <= server_version <= NEWEST:
            raise ValueError(f"server version {server_version} is not within {OLDEST}..{NEWEST}")
        return cls(Role.SERVER, known or catalogue(), server_version, connection_time)

    def connect(self) -> None:
        """Queue the greeting and the range of versions that we speak (client only)."""
        options = f" {self.connect_options}" if self.connect_options else ""
        self._out.append(GREETING + frame(f"v{OLDEST}..{self._offered}{options}".encode()))

    def start_api(self) -> None:
        """Queue startApi (client only, with `async_connect`). Raises EncodeError before `Connected`."""
        self.send("startApi", self._start)

    def receive_data(self, data: bytes) -> None:
        """Take bytes as they were read, in any chunks; never raises. Nothing is read after `Failed`."""
        if self.closed:
            return
        try:
            payloads = self._reader.feed(self._greet(data))
        except FramingError as error:
            self._fail(507, f"broken length prefix: {error}; nothing after it can be trusted")
            return
        for payload in payloads:
            if self._codec is not None:
                self._events.append(self._codec.decode(payload))
            elif not self.closed:
                self._handshake(payload)

    def events_received(self) -> list[Event]:
        """What happened since the last call, in order."""
        events, self._events = self._events, []
        return events

    @property
    def unfinished_frame(self) -> int | None:
        """A number of the frame of which a part has been received, or None: the same one as long as it does not end."""
        return self._reader.unfinished

    def data_to_send(self) -> bytes:
        """The bytes queued since the last call. You must send them."""
        data, self._out = b"".join(self._out), []
        return data

    def send(self, name: str, data: dict[str, Any]) -> None:
        """Encode and queue a message; raises EncodeError and queues nothing if it cannot be sent at this version."""
        if self._codec is None or self.closed:
            raise EncodeError(name, None, "not connected")
        try:
            self._out.append(frame(self._codec.encode(name, data)))
        except FramingError as error:
            raise EncodeError(name, None, str(error)) from None

    def _fail(self, code: int, reason: str) -> None:
        self.closed = True
        self._events.append(Failed(code, reason))

    def _greet(self, data: bytes) -> bytes:
        """The server's first four bytes, however they arrive; what follows is framed, and nothing after a fault."""
        need = len(GREETING) - len(self._greeting)
        if not need:
            return data
        self._greeting += data[:need]
        if not GREETING.startswith(self._greeting):
            self._fail(506, f"not a TWS API client: it began with {self._greeting!r}")
            return b""
        return data[need:]

    def _handshake(self, payload: bytes) -> None:
        if self.role is Role.SERVER:
            self._answer(payload)
        else:
            self._read_version(payload)

    def _answer(self, payload: bytes) -> None:
        """The server's side: `vMIN..MAX[ options]` gets the version and the time."""
        found = _RANGE.fullmatch(payload)
        if not found:
            self._fail(506, f"no version range: {payload[:40]!r}")
            return
        lowest = int(found[1])
        version = min(self._offered, int(found[2] or lowest))
        if version < max(OLDEST, lowest):
            self._fail(506, f"no common version: the client speaks {payload[:40]!r}, we {OLDEST}..{self._offered}")
            return
        self.connect_options = (found[3] or b"").decode("latin-1")
        self._out.append(frame(f"{version}\0{self.connection_time}\0".encode()))
        self._open(version, self.connection_time or "")

    def _read_version(self, payload: bytes) -> None:
        """The client's side. Frames of other kinds have been seen before the version (TWS_RULES): they are told."""
        fields = payload.split(b"\0")
        if len(fields) != 3 or fields[2] or not _VERSION.fullmatch(fields[0]):
            reason = "a frame before the server version"
            self._events.append(DecodeFailed(None, None, None, reason, None, payload))
            return
        version, place = int(fields[0]), fields[1].decode("latin-1")
        if version == -1:
            self._redirect(place)
        elif version < OLDEST:
            self._fail(503, f"TWS is too old: it speaks {version}, we need {OLDEST}")
        elif version > self._offered:
            self._fail(506, f"TWS chose version {version}, we offered up to {self._offered}")
        else:
            self._open(version, place)
            if not self._async_connect:
                self.start_api()

    def _redirect(self, place: str) -> None:
        host, colon, port = place.rpartition(":")
        if not (colon and port.isdecimal()):
            host, port = place, ""
        elif not 0 < int(port) < 65536:
            self._fail(504, f"TWS redirects to {place!r}, which is no address")
            return
        self.closed = True
        self._events.append(Redirected(host.removeprefix("[").removesuffix("]"), int(port) if port else None))

    def _open(self, version: int, time: str) -> None:
        self.server_version = version
        self.connection_time = time
        self._codec = Codec(self._catalogue, version, "fromTws" if self.role is Role.CLIENT else "toTws")
        self._events.append(Connected(version, time))
