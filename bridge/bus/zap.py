"""Who may connect: CURVE keys checked by ZAP, in a thread of its own. Knows keys and names, and no topic.

Each connection gets a User-Id of its own, `NAME/NUMBER`, which ZeroMQ lays on every frame that it brings.
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

#: The ZAP domains of the two sockets. Without a handler for them libzmq refuses everyone (ZAP_ENFORCE_DOMAIN).
REQUESTS = "tws-bridge.requests"
EVENTS = "tws-bridge.events"
_LOG = logging.getLogger("bridge")
_REQUEST_ID, _DOMAIN, _ADDRESS, _MECHANISM, _KEY = 1, 2, 3, 5, 6


@dataclass(frozen=True, slots=True)
class Access:
    """The bridge's own keys; `clients`: public key -> name; `hears`: name -> prefixes that it may hear."""

    keys: KeyPair
    clients: Mapping[str, str]
    hears: Callable[[str], tuple[str, ...]]
    #: Keys of the self-test, whose refusal is nobody's attempt.
    rehearsed: set[str] = field(default_factory=set)
    #: Name -> until when, on the steady clock, it may not connect to the events: it has flooded them.
    suspended: dict[str, float] = field(default_factory=dict)


class ZapAuthenticator(ThreadAuthenticator):
    """Answers ZAP for all sockets of a context. `start` before they are bound, `stop` after they are closed."""

    def __init__(self, context: zmq.Context[zmq.Socket[bytes]], access: Access) -> None:
        super().__init__(context)
        self._access = access
        self._numbers = itertools.count(1)
        for domain in (REQUESTS, EVENTS):
            self.configure_curve_callback(domain=domain, credentials_provider=self)

    def callback(self, domain: str, key: bytes) -> bool:
        """Whether a key (z85) may connect; called by the ZAP thread."""
        return domain in (REQUESTS, EVENTS) and key.decode("ascii") in self._access.clients

    def curve_user_id(self, client_public_key: bytes) -> str:
        """What the connection's frames will bear."""
        return f"{self._access.clients[_text(client_public_key)]}/{next(self._numbers)}"

    async def handle_zap_message(self, msg: list[bytes]) -> None:
        """Answer one ZAP request (RFC 27), and say who was turned away."""
        if len(msg) > _KEY and msg[_MECHANISM] == b"CURVE":
            key, address = _text(msg[_KEY]), msg[_ADDRESS].decode("ascii", "replace")
            if key not in self._access.clients and key not in self._access.rehearsed:
                _LOG.warning("refused a connection from %s: unknown key %s", address or "this machine", key)
            if msg[_DOMAIN].decode("ascii", "replace") == EVENTS and self._is_suspended(key):
                # 300 is "not now": ZeroMQ hangs up in a while, and the client tries again; after 400 it never would.
                self._send_zap_reply(msg[_REQUEST_ID], b"300", b"Too many subscriptions")
                return
        await super().handle_zap_message(msg)

    def _is_suspended(self, key: str) -> bool:
        return time.monotonic() < self._access.suspended.get(self._access.clients.get(key, ""), 0.0)


def name_of(user_id: str) -> str:
    """The client's name in a connection's User-Id."""
    return user_id.rpartition("/")[0]


def number_of(user_id: str) -> int:
    """Which connection it is: a later one has a higher number."""
    return int(user_id.rpartition("/")[2])


def _text(key: bytes) -> str:
    """A raw key as z85; empty where it is none."""
    return z85.encode(key).decode("ascii") if len(key) == 32 else ""
