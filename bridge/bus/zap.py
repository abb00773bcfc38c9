"""Which clients may connect: a ZAP handler, in its own thread, checks their CURVE keys. It knows no topics.

Each connection gets its own User-Id, `NAME/KEY/NUMBER`. ZeroMQ attaches it to every frame from the connection. So the
bridge can see at each frame whether the configuration still has the key of the connection.
"""

from __future__ import annotations

import itertools
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import zmq
from zmq.auth.thread import ThreadAuthenticator
from zmq.utils import z85

from bridge.keys import KeyPair
from bridge.logs import tell

#: The ZAP domains of the two sockets. Without a handler for them libzmq refuses every client (ZAP_ENFORCE_DOMAIN).
REQUESTS = "tws-bridge.requests"
EVENTS = "tws-bridge.events"
_LOG = logging.getLogger("bridge")
_REQUEST_ID, _DOMAIN, _ADDRESS, _MECHANISM, _KEY = 1, 2, 3, 5, 6


@dataclass(slots=True)
class AccessList:
    """The keys of the bridge and of its clients. A reload of the configuration replaces `clients` and `hears`.

    Attributes:
        keys: the bridge's own key pair.
        clients: the name of each client, by its public key.
        hears: returns the prefixes of the topics that a client may receive, by its name.
    """

    keys: KeyPair
    clients: Mapping[str, str]
    hears: Callable[[str], tuple[str, ...]]
    #: The keys of the self-test. The log does not name them.
    selftest_keys: set[str] = field(default_factory=set)
    #: Until when, on the monotonic clock, a client that has flooded the events must not connect to them, by its name.
    suspended: dict[str, float] = field(default_factory=dict)

    def replace(self, clients: Mapping[str, str], hears: Callable[[str], tuple[str, ...]]) -> None:
        """Admit the keys of another configuration from now on. The ZAP thread sees all of them or none."""
        self.hears = hears
        self.clients = clients

    def speaker(self, user_id: str) -> str | None:
        """The client of a connection; None if the configuration does not have the key of the connection any more."""
        name = name_of(user_id)
        return name if self.clients.get(key_of(user_id)) == name else None


class ZapAuthenticator(ThreadAuthenticator):
    """The ZAP handler of a context. Call `start` before its sockets bind, and `stop` after they are closed."""

    def __init__(self, context: zmq.Context[zmq.Socket[bytes]], access: AccessList) -> None:
        super().__init__(context)
        self._access = access
        self._numbers = itertools.count(1)
        for domain in (REQUESTS, EVENTS):
            self.configure_curve_callback(domain=domain, credentials_provider=self)

    def callback(self, domain: str, key: bytes) -> bool:
        """Whether a key (z85) may connect. The ZAP thread calls it."""
        return domain in (REQUESTS, EVENTS) and key.decode("ascii") in self._access.clients

    def curve_user_id(self, client_public_key: bytes) -> str:
        """A new User-Id for a connection with this key."""
        key = _text(client_public_key)
        return f"{self._access.clients.get(key, '')}/{key}/{next(self._numbers)}"

    async def handle_zap_message(self, msg: list[bytes]) -> None:
        """Answer one ZAP request (RFC 27), and log an unknown key."""
        if len(msg) > _KEY and msg[_MECHANISM] == b"CURVE":
            key, address = _text(msg[_KEY]), msg[_ADDRESS].decode("ascii", "replace")
            if key not in self._access.clients and key not in self._access.selftest_keys:
                tell(_LOG, "keyUnknown", address=address or "this machine", publicKey=key)
            if msg[_DOMAIN].decode("ascii", "replace") == EVENTS and self._is_suspended(key):
                # After 300 ZeroMQ disconnects later and the client tries again; after 400 it would never try again.
                self._send_zap_reply(msg[_REQUEST_ID], b"300", b"Too many subscriptions")
                return
        await super().handle_zap_message(msg)

    def _is_suspended(self, key: str) -> bool:
        return time.monotonic() < self._access.suspended.get(self._access.clients.get(key, ""), 0.0)


def name_of(user_id: str) -> str:
    """The name of the client in a User-Id."""
    return user_id.partition("/")[0]


def key_of(user_id: str) -> str:
    """The key of the connection in a User-Id. A key may have slashes."""
    return user_id.partition("/")[2].rpartition("/")[0]


def number_of(user_id: str) -> int:
    """The number of the connection in a User-Id. A later connection has a higher number."""
    return int(user_id.rpartition("/")[2])


def _text(key: bytes) -> str:
    """A raw key as z85; empty if it is not a key."""
    return z85.encode(key).decode("ascii") if len(key) == 32 else ""
