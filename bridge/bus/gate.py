"""Who may connect: CURVE keys checked by ZAP, in a thread of its own. Knows keys and names, and no topic.

Each connection gets a User-Id of its own, `NAME/NUMBER`, which ZeroMQ lays on every frame that it brings.
"""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import zmq
from zmq.auth.thread import ThreadAuthenticator
from zmq.utils import z85

from bridge.keys import KeyPair

#: The ZAP domain of both sockets. Without a handler for it libzmq refuses everyone (ZAP_ENFORCE_DOMAIN).
DOMAIN = "tws-bridge"
_LOG = logging.getLogger("bridge")
_ADDRESS, _MECHANISM, _KEY = 3, 5, 6


@dataclass(frozen=True, slots=True)
class Access:
    """The bridge's own keys; `clients`: public key -> name; `hears`: name -> prefixes that it may hear."""

    keys: KeyPair
    clients: Mapping[str, str]
    hears: Callable[[str], tuple[str, ...]]
    #: Keys of the self-test, whose refusal is nobody's attempt.
    rehearsed: set[str] = field(default_factory=set)


class Gate(ThreadAuthenticator):
    """Answers ZAP for all sockets of a context. `start` before they are bound, `stop` after they are closed."""

    def __init__(self, context: zmq.Context[zmq.Socket[bytes]], access: Access) -> None:
        super().__init__(context)
        self._access = access
        self._numbers = itertools.count(1)
        self.configure_curve_callback(domain=DOMAIN, credentials_provider=self)

    def callback(self, domain: str, key: bytes) -> bool:
        """Whether a key (z85) may connect; called by the ZAP thread."""
        return domain == DOMAIN and key.decode("ascii") in self._access.clients

    def curve_user_id(self, client_public_key: bytes) -> str:
        """What the connection's frames will bear."""
        return f"{self._access.clients[_text(client_public_key)]}/{next(self._numbers)}"

    async def handle_zap_message(self, msg: list[bytes]) -> None:
        """Answer one ZAP request (RFC 27), and say who was turned away."""
        if len(msg) > _KEY and msg[_MECHANISM] == b"CURVE":
            key, address = _text(msg[_KEY]), msg[_ADDRESS].decode("ascii", "replace")
            if key not in self._access.clients and key not in self._access.rehearsed:
                _LOG.warning("refused a connection from %s: unknown key %s", address or "this machine", key)
        await super().handle_zap_message(msg)


def name_of(user_id: str) -> str:
    """The client's name in a connection's User-Id."""
    return user_id.rpartition("/")[0]


def _text(key: bytes) -> str:
    """A raw key as z85; empty where it is none."""
    return z85.encode(key).decode("ascii") if len(key) == 32 else ""
