"""The blocking client. Only one thread may use an instance; create one for each thread."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Any, Self

import zmq

from tws_bridge_client.base import BaseClient
from tws_bridge_client.calls import KEEP_ALIVE, BridgeError, Call, Data
from tws_bridge_client.feeds import OrderFeed, Subscription
from tws_bridge_client.generated.methods import Methods
from tws_bridge_client.generated.types import Contract
from tws_bridge_client.lifetimes import CallGuard
from tws_bridge_client.likes import ContractLike, contract_of
from tws_bridge_client.live.hub import Hub
from tws_bridge_client.live.shared import left
from tws_bridge_client.live.sync import LiveFeed, LiveMethods
from tws_bridge_client.orderlog import LogPosition
from tws_bridge_client.qualifying import ContractNotUnique, is_none, the_one
from tws_bridge_client.values import seconds


class BridgeClient(Methods, BaseClient[Subscription | OrderFeed | LiveFeed], LiveMethods):
    """A blocking client. Use it with `with`, or call `close`.

    Example:
        with BridgeClient("momentum") as client:
            print(client.request("status")["connection"]["state"])

    The parameters are those of `BaseClient`.

    The bridge releases the streams of a client from which it has received nothing for its `lease` (30 seconds). The
    client sends keep-alives only while the caller is inside `request`, `poll` or an iteration.
    """

    #: One thread at a time is in a call. It exists from the end of the constructor on.
    guard: CallGuard

    def _opened_all(self) -> None:
        self.guard = CallGuard(self._life, self._end)
        self._opened.append(self.guard.alarm)

    def __enter__(self) -> Self:
        self._life.check()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close all subscriptions, order feeds and sockets. The client cannot be used afterwards.

        Any thread may close the client. A call that is under way, also the one whose callback calls `close`, raises
        Closed. A second call does nothing.
        """
        self.guard.close()

    def _end(self) -> None:
        for feed in list(self._feeds):
            feed.end()
        self._close_sockets()

    def request(
        self,
        method: str,
        params: Data | None = None,
        timeout: float = 30.0,
        *,
        id: str | None = None,
        wait: bool = True,
        fresh: bool = False,
    ) -> Any:
        """Send a request to the bridge and wait for its result.

        Parameters:
            method: the name of a method, for example `reqMktData`.
            params: the parameters of the method; none if omitted.
            timeout: how many seconds the call lasts at most. The bridge gets 1.5 seconds less to wait for TWS, or 70%
                of the time if that is more, so that its answer can arrive.
            id: the id of the request. The bridge answers a request with a known id again and does not repeat it. If
                omitted, the client makes a new id.
            wait: False if the bridge must refuse the request (`paced`) when TWS takes no more messages now.
            fresh: True if the answer must come from TWS, and not from what the bridge has kept of earlier answers.

        Returns the result of the method: a dict, or a list of dicts if the method has several results. The reference
        of the methods describes it.

        Raises BridgeError if the bridge answers with an error, BridgeTimeout if it does not answer, and
        BridgeRefusedKey if it refuses the client's key. Raises Closed after `close`.
        """
        with self.guard:
            self.check()
            call = self._send(method, params, timeout, id, wait=wait, fresh=fresh)
            self._requested.on_sent(method)
            try:
                while not call.is_over:
                    self.pump(call.deadline)
            finally:
                self._calls.forget(call)
                ended = self._is_over(method, params, call)
                if ended is not None and self._live is not None:
                    self._live.hub.on_released(ended, time.monotonic())
            return call.result()

    def qualify(self, *contracts: ContractLike, timeout: float = 30.0) -> list[Contract]:
        """Ask TWS for the one instrument that each description means. Returns contracts with all their fields.

        `timeout`: how many seconds the call lasts at most, for all contracts together.

        Raises ContractNotUnique if a description fits several instruments, or none.
        """
        end = time.monotonic() + seconds(timeout)
        found: list[Contract] = []
        for asked in [contract_of(like) for like in contracts]:
            try:
                answer = self.req_contract_details(asked, timeout=left(end, time.monotonic()))
            except BridgeError as error:
                if is_none(error):
                    raise ContractNotUnique(asked, []) from error
                raise
            found.append(the_one(asked, answer))
        return found

    def subscribe(self, *prefixes: str) -> Subscription:
        """Subscribe to all topics that begin with one of the prefixes; to all topics if no prefix is given.

        Returns an iterator of `Event`: first the last values, then each event as it arrives. The subscription has its
        own SUB socket. Close it when you no longer need it.
        """
        with self.guard:
            subscription = Subscription(self, self._event_socket(), self._checked(prefixes))
            self._feeds.append(subscription)
            return subscription

    def orders(self, position: LogPosition | None = None) -> OrderFeed:
        """Follow the order log of this client.

        `position` is the position of the last event that the caller has processed. If omitted, the feed begins with
        the first event of the log.

        Returns an iterator of `LogEvent`, which delivers each event once. Close it when you no longer need it.
        """
        with self.guard:
            feed = OrderFeed(self, self._event_socket(), self._calls.client, position)
            self._feeds.append(feed)
            return feed

    # For the feeds

    def send(self, method: str, params: Data | None, timeout: float) -> Call:
        """Send a request and return at once. `pump` sets the reply of the returned call."""
        return self._send(method, params, timeout)

    def pump(self, until: float, *sockets: zmq.Socket[bytes]) -> None:
        """Wait until a socket has input or the time `until` has come, and take the replies.

        It may return earlier, when a request or a keep-alive is due.
        """
        with self.guard:
            live = self._live
            if live is not None:
                until = min(until, live.prepare())
                sockets = (*sockets, *live.sockets)
            self._wait(until, sockets)
            self._replies()
            self._turn(time.monotonic())
            if live is not None:
                live.serve()
            self._life.check()

    def _wait(self, until: float, sockets: tuple[zmq.Socket[bytes], ...]) -> None:
        poller = zmq.Poller()
        poller.register(self.guard.alarm.fileno(), zmq.POLLIN)
        for socket in (*self._socket.sockets, *sockets):
            poller.register(socket, zmq.POLLIN)
        now = time.monotonic()
        until = min(until, self._calls.next_timer(), self._calls.next_keep_alive(), now + KEEP_ALIVE)
        poller.poll(round(max(0.0, until - now) * 1000 + 0.5))
        self._life.check()

    def _new_live(self) -> LiveFeed:
        hub = Hub(self._calls.client, time.monotonic, requested=self._requested, is_over=lambda: self._life.is_over)
        with self.guard:
            feed = LiveFeed(self, self._event_socket(), hub)
            self._feeds.append(feed)
            return feed
