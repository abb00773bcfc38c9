"""One TWS API connection, in the role of the client or of TWS, without the socket.

The caller moves the bytes: it passes the bytes of the socket to `receive_data`, writes those of `data_to_send` to the
socket, and takes what happened from `events_received`. Source: TWS_RULES, Connection, and the recorded wire facts.
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
    """The side of the connection: an API client, or TWS (server)."""

    CLIENT = "client"
    SERVER = "server"


class Connection:
    """A TWS API connection. `Connection.client` and `Connection.server` make one.

    A client calls `connect` once, when TCP is connected. Both sides pass every byte that they read to `receive_data`,
    then take `events_received` and write `data_to_send`. After the event `Failed` or `Redirected` the connection is
    `closed`: the caller writes `data_to_send` and closes the socket.

        connection = Connection.client(client_id=1)
        connection.connect()
        socket.sendall(connection.data_to_send())
        connection.receive_data(socket.recv(65536))
        for event in connection.events_received():
            print(event)
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
        """Make a connection in the role of an API client. After the handshake it sends startApi by itself.

        Parameters:
            client_id: the client id for startApi.
            optional_capabilities: the text for startApi.
            connect_options: the text after the version range of the handshake.
            known: the catalogue; the project's own if omitted.
            newest: the highest server version to offer, 176 to 226.
            async_connect: if true, the connection does not send startApi. The caller calls `start_api` after the
                event `Connected`, which is the vendor client's connectAck.
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
        """Make a connection in the role of TWS. It answers the handshake with the highest version of both sides.

        Raises ValueError if `server_version` is not supported.
        """
        if not OLDEST <= server_version <= NEWEST:
            raise ValueError(f"server version {server_version} is not within {OLDEST}..{NEWEST}")
        return cls(Role.SERVER, known or catalogue(), server_version, connection_time)

    def connect(self) -> None:
        """Queue the greeting and the range of supported versions (client only)."""
        options = f" {self.connect_options}" if self.connect_options else ""
        self._out.append(GREETING + frame(f"v{OLDEST}..{self._offered}{options}".encode()))

    def start_api(self) -> None:
        """Queue startApi (client only, with `async_connect`). Raises EncodeError before the event `Connected`."""
        self.send("startApi", self._start)

    def receive_data(self, data: bytes) -> None:
        """Take bytes from the socket, in any chunks. It never raises, and ignores bytes after the event `Failed`."""
        if self.closed:
            return
        try:
            payloads = self._reader.feed(self._greet(data))
        except FramingError as error:
            self._fail(507, f"broken length prefix: {error}; the bytes after it cannot be read")
            return
        for payload in payloads:
            if self._codec is not None:
                self._events.append(self._codec.decode(payload))
            elif not self.closed:
                self._handshake(payload)

    def events_received(self) -> list[Event]:
        """Take the events since the last call, in order."""
        events, self._events = self._events, []
        return events

    @property
    def unfinished_frame(self) -> int | None:
        """The number of the frame of which only a part has arrived, or None. It stays the same until the frame ends."""
        return self._reader.unfinished

    def data_to_send(self) -> bytes:
        """Take the bytes queued since the last call. The caller must write them to the socket."""
        data, self._out = b"".join(self._out), []
        return data

    def send(self, name: str, data: dict[str, Any]) -> None:
        """Encode and queue a message. If this version cannot send it, raises EncodeError and queues nothing."""
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
        """Take the greeting, the first four bytes that a server receives. Returns the bytes after it."""
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
        """The server answers `vMIN..MAX[ options]` with the version and the time."""
        found = _RANGE.fullmatch(payload)
        if not found:
            self._fail(506, f"not a version range: {payload[:40]!r}")
            return
        lowest = int(found[1])
        version = min(self._offered, int(found[2] or lowest))
        if version < max(OLDEST, lowest):
            self._fail(
                506, f"no common version: the client offers {payload[:40]!r}, this side {OLDEST}..{self._offered}"
            )
            return
        self.connect_options = (found[3] or b"").decode("latin-1")
        self._out.append(frame(f"{version}\0{self.connection_time}\0".encode()))
        self._open(version, self.connection_time or "")

    def _read_version(self, payload: bytes) -> None:
        """The client reads the version. TWS has been seen to send other frames before it (TWS_RULES): report them."""
        fields = payload.split(b"\0")
        if len(fields) != 3 or fields[2] or not _VERSION.fullmatch(fields[0]):
            reason = "a frame before the server version"
            self._events.append(DecodeFailed(None, None, None, reason, None, payload))
            return
        version, place = int(fields[0]), fields[1].decode("latin-1")
        if version == -1:
            self._redirect(place)
        elif version < OLDEST:
            self._fail(503, f"TWS is too old: it has server version {version}, the bridge needs {OLDEST}")
        elif version > self._offered:
            self._fail(506, f"TWS chose server version {version}, the bridge offered up to {self._offered}")
        else:
            self._open(version, place)
            if not self._async_connect:
                self.start_api()

    def _redirect(self, place: str) -> None:
        host, colon, port = place.rpartition(":")
        if not (colon and port.isdecimal()):
            host, port = place, ""
        elif not 0 < int(port) < 65536:
            self._fail(504, f"TWS redirects to {place!r}, which is not an address")
            return
        self.closed = True
        self._events.append(Redirected(host.removeprefix("[").removesuffix("]"), int(port) if port else None))

    def _open(self, version: int, time: str) -> None:
        self.server_version = version
        self.connection_time = time
        self._codec = Codec(self._catalogue, version, "fromTws" if self.role is Role.CLIENT else "toTws")
        self._events.append(Connected(version, time))
