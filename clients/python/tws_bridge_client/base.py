"""The part that the blocking and the asyncio client share: sockets, open requests, and feeds.

It never waits. The subclasses wait, and call `_replies` and `_turn` afterwards.
"""

from __future__ import annotations

import time
import weakref
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import zmq

from tws_bridge_client import connection, sockets
from tws_bridge_client.calls import BridgeError, BridgeTimeout, Call, Calls, Data
from tws_bridge_client.lifetimes import Closeable, Lifetime, abandon
from tws_bridge_client.likes import given
from tws_bridge_client.live.requested import Ended, Requested
from tws_bridge_client.naming import unknown_of
from tws_bridge_client.values import expected, seconds
from tws_bridge_client.wire import EVENTS, REQUESTS

FeedType = TypeVar("FeedType")


class BaseClient(Generic[FeedType]):
    """The base class of both clients. `FeedType` is the type of the feeds that the subclass creates."""

    def __init__(
        self,
        client: str,
        requests: str = REQUESTS,
        events: str = EVENTS,
        *,
        curve: sockets.Curve | None = None,
        instance: str | None = None,
    ) -> None:
        """Open the sockets. The constructor does not wait for the bridge.

        Parameters:
            client: the name of the client, 1 to 64 of A-Z a-z 0-9 _ -. With keys, the name of the key pair.
            requests: the endpoint to which the DEALER socket connects.
            events: the endpoint to which each SUB socket connects.
            curve: the keys, for a bridge that has a key.
            instance: the name of this run of the client, which no earlier run has used. A newer run fences the older
                runs: each later request and iteration of an older run raises BridgeError with the code `fenced`.

        Raises TypeError if the name or an endpoint is no text, and zmq.ZMQError if an endpoint is invalid.
        """
        for name, value in (("client", client), ("requests", requests), ("events", events)):
            if not isinstance(value, str):
                raise TypeError(
                    f"{name}: expected a text, not {value!r:.80}: a client has a name and the endpoints of the bridge, "
                    "and no host, port or clientId of TWS"
                )
        self._life = Lifetime(f"the client {client!r}")
        self._context: connection.Context = zmq.Context()
        try:
            self._socket = sockets.RequestSocket(self._context, requests, curve)
        except BaseException:
            self._life.is_closed = True
            self._context.destroy(linger=0)
            raise
        #: What `abandon` closes. Nothing else keeps a socket while the garbage collector takes an open client.
        self._opened: list[Closeable] = [*self._socket.sockets]
        self._abandon = weakref.finalize(self, abandon, self._life, self._context, self._opened)
        self._abandon.atexit = False
        self._requested = Requested()
        self._events = events
        self._curve = curve
        self._calls = Calls(client, instance, utc=time.time_ns)
        self._feeds: list[FeedType] = []
        self._opened_all()
        self._turn(time.monotonic())

    def _opened_all(self) -> None:
        """The sockets are open: a subclass may open what else it needs."""

    @property
    def fenced(self) -> BridgeError | None:
        """The error with which the bridge fenced this run, or None if no newer run has fenced it.

        A client with an instance asks the bridge every 10 seconds. A blocked process learns of it at its next call.
        """
        return self._calls.fenced

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            raise unknown_of(self, name)

    # For the feeds

    def check(self) -> None:
        """Raise Closed after `close`, and BridgeError with the code `fenced` if a newer run has fenced this one."""
        self._life.check()
        self._calls.check()

    def forget(self, feed: FeedType) -> None:
        """Remove a feed that is closed."""
        if feed in self._feeds:
            self._feeds.remove(feed)

    # For the subclasses

    def _cause(self) -> str:
        """Why there is no answer, as far as the connection shows it."""
        return self._socket.connection.state()

    @staticmethod
    def _checked(prefixes: tuple[str, ...]) -> tuple[str, ...]:
        """The prefixes of a subscription. Raises TypeError if one is no text."""
        for place, one in enumerate(prefixes):
            if not isinstance(one, str):
                raise expected(f"prefixes.{place}", 'a text, as in subscribe("market.", "order.")', one)
        return prefixes

    def _event_socket(self) -> sockets.EventSocket:
        opened = sockets.EventSocket(self._context, self._events, self._curve)
        self._opened[:] = [*(one for one in self._opened if not one.closed), *opened.sockets]
        return opened

    def _close_sockets(self) -> None:
        """Close all. The client is marked as closed."""
        self._abandon.detach()
        self._socket.connection.close()
        self._context.destroy(linger=0)

    def _send(
        self,
        method: str,
        params: Data | None,
        timeout: float,
        id_: str | None = None,
        *,
        wait: bool = True,
        fresh: bool = False,
    ) -> Call:
        timeout = seconds(timeout)
        self._socket.connection.try_again()
        now = time.monotonic()
        call = self._calls.make(method, given(method, params or {}), timeout, now, id_, wait=wait, fresh=fresh)
        self._send_body(call.body, now)
        return call

    def _send_body(self, body: bytes, now: float) -> None:
        if not self._socket.send(body):
            self._calls.on_unsent(body, now)

    def _is_over(self, method: str, params: Data | None, call: Call) -> Ended | None:
        """A request of the program is over. Returns the hold that it has ended, if any."""
        return self._requested.on_over(method, params, call.reply)

    def _replies(self) -> list[Call]:
        """Receive all replies that have arrived. Returns the calls that they answer."""
        answered = (self._calls.on_reply(body) for body in self._socket.replies())
        return [call for call in answered if call is not None]

    def _turn(self, now: float) -> list[Call]:
        """Send unanswered requests again and keep-alives. Returns the calls that are over without a reply."""
        again, late = self._calls.due(now, is_up=self._socket.connection.is_up)
        for call in late:
            call.error = BridgeTimeout(call.method, call.timeout, self._socket.connection.state())
        keep_alive = self._calls.keep_alive(now)
        for body in again if keep_alive is None else [*again, keep_alive]:
            self._send_body(body, now)
        return late + self._refused()

    def _refused(self) -> list[Call]:
        """The bridge has refused the connection: no open call gets a reply."""
        self._socket.connection.look()
        refused = self._socket.connection.refused
        if refused is None:
            return []
        closed = self._calls.close_all()
        for call in closed:
            call.error = refused
        return closed
