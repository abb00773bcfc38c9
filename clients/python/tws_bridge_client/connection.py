"""What ZeroMQ reports about the connection of one socket: whether it is up, and why it is not."""

from __future__ import annotations

import itertools
import os
from struct import Struct

import zmq

from tws_bridge_client.calls import BridgeRefusedKey
from tws_bridge_client.link_life import KNOWN, OPEN, REFUSED, TABLE, LinkEvent, LinkState

Context = zmq.Context[zmq.Socket[bytes]]

_NUMBERS = itertools.count(1)
_EVENTS = (
    zmq.EVENT_CONNECTED
    | zmq.EVENT_CONNECT_RETRIED
    | zmq.EVENT_DISCONNECTED
    | zmq.EVENT_HANDSHAKE_SUCCEEDED
    | zmq.EVENT_HANDSHAKE_FAILED_AUTH
    | zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL
    | zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL
)
#: How ZeroMQ reports an event: its number and a value. (`zmq.utils.monitor` does the same, and imports asyncio.)
_EVENT = Struct("=hi")
_IPC = "ipc://"
_NO_KEY = "this bridge lets in clients with a key only: give the client its keys"
#: A peer that closes the connection in the handshake may have been stopped just then. It is wrong if it does it again.
_SURE = 3


class Connection:
    """Watches a socket. Create it before the socket connects to `endpoint`. `has_key`: whether it uses CURVE."""

    def __init__(self, context: Context, socket: zmq.Socket[bytes], endpoint: str, *, has_key: bool) -> None:
        self._socket = socket
        self._endpoint = endpoint
        self._has_key = has_key
        self._state: LinkState = "new"
        self._reconnects = self._broken_handshakes = 0
        self._reason = ""
        self.monitor = context.socket(zmq.PAIR)
        watched = f"inproc://watch-{next(_NUMBERS)}"
        socket.monitor(watched, _EVENTS)
        self.monitor.connect(watched)

    def look(self) -> None:
        """Take all reports."""
        while not self.monitor.closed and self.monitor.poll(0):
            self._take(_EVENT.unpack_from(self.monitor.recv_multipart()[0])[0])

    def take_reconnect(self) -> bool:
        """Return whether the connection is up again since the last call. The first time does not count."""
        self.look()
        reconnects, self._reconnects = self._reconnects, 0
        return reconnects > 0

    @property
    def refused(self) -> BridgeRefusedKey | None:
        """The error for the caller if the bridge refuses the connection. ZeroMQ does not try again by itself then."""
        return BridgeRefusedKey(self._endpoint, self._reason) if self._state in REFUSED else None

    @property
    def is_up(self) -> bool:
        """Whether the socket is connected to a bridge."""
        self.look()
        return self._state == "up"

    def try_again(self) -> None:
        """Connect again if the bridge has refused the connection: its configuration may have changed."""
        self.look()
        if self._state in REFUSED:
            self._broken_handshakes = 0
            self._on("retried")
            self._socket.disconnect(self._endpoint)
            self._socket.connect(self._endpoint)

    def state(self) -> str:
        """Return why there is no answer, as far as the connection shows it."""
        self.look()
        if self._state == "up":
            return f"{self._endpoint} is connected, but silent: the bridge is stopped or overloaded"
        if (denied := _denied(self._endpoint)) is not None:
            return denied
        if self._state in OPEN:
            return (
                f"{self._endpoint} accepts the connection, but does not answer: the bridge is stopped or overloaded, "
                "or another program listens there"
            )
        return f"nothing listens on {self._endpoint}: does the bridge run?"

    def close(self) -> None:
        """Stop watching."""
        self._socket.disable_monitor()
        self.monitor.close(linger=0)

    def _take(self, event: int) -> None:
        match event:
            case zmq.EVENT_CONNECTED:
                self._on("connected")
            case zmq.EVENT_HANDSHAKE_SUCCEEDED:
                self._reconnects += self._state in KNOWN
                self._broken_handshakes = 0
                self._on("greeted")
            case zmq.EVENT_DISCONNECTED | zmq.EVENT_CONNECT_RETRIED:
                self._on("cut")
            case zmq.EVENT_HANDSHAKE_FAILED_AUTH:
                self._refuse("the bridge does not know this key: its configuration must name the client's public key")
            case zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL:
                self._refuse("this bridge has no keys: connect without one" if self._has_key else _NO_KEY)
            case zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL:
                self._broken_handshakes += 1
                if self._broken_handshakes == _SURE:
                    self._refuse(
                        "the handshake fails: does the bridge have keys, and is the server key its public key?"
                        if self._has_key
                        else f"{_NO_KEY} (or this is no endpoint of a bridge)"
                    )

    def _refuse(self, reason: str) -> None:
        self._reason = reason
        self._on("refused")

    def _on(self, event: LinkEvent) -> None:
        self._state = TABLE[self._state, event]


def _denied(endpoint: str) -> str | None:
    """Return what the file system forbids this process at an ipc endpoint. ZeroMQ itself does not tell."""
    path = endpoint.removeprefix(_IPC)
    if path == endpoint or path.startswith("@"):
        return None
    try:
        os.stat(path)
        if os.access(path, os.W_OK):
            return None
    except PermissionError:
        pass
    except OSError:
        return None
    return (
        f"permission denied on {path}: this program's user (uid {os.getuid()}) may not connect there; run it as the "
        "bridge's user, or in the group of the file, with ipc_access = \"group\" in the bridge's settings"
    )
