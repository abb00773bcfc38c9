"""The heartbeat: what the session does each second. It publishes the heartbeat, and acts on time that has passed.

Leases of clients end, planned restarts begin and end, silent streams are noticed, and queued requests may run.
"""

from __future__ import annotations

from collections.abc import Callable

from bridge.session.clients import Client, Clients
from bridge.session.contracts.instruments import Instruments
from bridge.session.dispatcher import Dispatcher
from bridge.session.link import Link
from bridge.session.orders.trading import Trading
from bridge.session.outbox import Outbox
from bridge.session.restarts import Restarts
from bridge.session.streams.subscriptions import Subscriptions
from bridge.session.values import Data, Instant, utc

#: Seconds between heartbeats.
BEAT = 1.0


class Heartbeat:
    """See the module. `cancels_when_lost`: client -> whether the configuration cancels its orders when it is lost."""

    def __init__(
        self,
        outbox: Outbox,
        *,
        link: Link,
        clients: Clients,
        restarts: Restarts,
        trading: Trading,
        subscriptions: Subscriptions,
        instruments: Instruments,
        dispatcher: Dispatcher,
        cancels_when_lost: Callable[[str], bool],
    ) -> None:
        self._outbox = outbox
        self._link = link
        self._clients = clients
        self._restarts = restarts
        self._trading = trading
        self._subscriptions = subscriptions
        self._instruments = instruments
        self._dispatcher = dispatcher
        self._cancels_when_lost = cancels_when_lost
        #: Finds out whether TWS reads, while it leaves orders, cancels or changes without an answer.
        self.doubt: Callable[[bool, Instant], object] = lambda _is_doubtful, _now: None
        #: Compares the clocks.
        self.look_at_clocks: Callable[[Instant], object] = lambda _now: None
        #: Judges whether the bridge trades, and publishes a change.
        self.judge: Callable[[Instant], object] = lambda _now: None

    def beat(self, now: Instant) -> None:
        """Do the work of this second, and plan the next beat."""
        self._outbox.publish("system.", "heartbeat", {"state": self._link.state, "since": self._link.since}, now)
        self.look_at_clocks(now)
        self.update_planned_restart(now)
        self._trading.ledger_health.watch(now)
        self._trading.order_log.tell_heads(now)
        for client in self._clients.silent(now):
            self._on_lease_over(client, now)
        if self._link.usable:
            self._trading.cancel_orders_of_lost_clients(now)
            self._trading.look(now)
        is_ready = self._link.state == "ready"
        if is_ready:
            self._subscriptions.look(now)
        self.doubt(is_ready and self._trading.answers.is_silent(now), now)
        self._instruments.forget_old(now.clock)
        self._trading.forget_old(now)
        self._dispatcher.run_waiting(now)
        self.judge(now)
        self._outbox.timers.at(now.clock + BEAT, self.beat)

    def update_planned_restart(self, now: Instant) -> None:
        """Publish a planned restart when it is ahead, has begun, or is over."""
        before = self._restarts.standing
        if not self._restarts.look(now.ts):
            return
        if before is not None and (self._restarts.standing is None or self._restarts.standing.begins != before.begins):
            self._tell_restart(before.as_data() | {"state": "over"}, now)
        if self._restarts.standing is not None:
            self._tell_restart(self._restarts.standing.as_data(), now)
        self._dispatcher.refuse_unheld()

    def _tell_restart(self, told: Data, now: Instant) -> None:
        self._outbox.publish("system.", "plannedRestart", told, now)
        self._outbox.log("plannedRestart", name=told["name"], state=told["state"], ends=utc(told["ends"]))

    def _on_lease_over(self, client: Client, now: Instant) -> None:
        """The lease of a client is over. A client that still listens keeps its streams."""
        told: Data = {"client": client.name}
        is_lost = client.life.state == "lost"
        if is_lost:
            self._dispatcher.withdraw_streams_of(client.name)
            told["released"] = self._subscriptions.release_all(client.name, now)
        if self._cancels_when_lost(client.name):
            self._dispatcher.withdraw_of(client.name)
            if keys := self._trading.client_lost(client.name):
                told["cancelling"] = keys
                self._outbox.log("clientOrdersCancelled", client=client.name, keys=keys)
        if is_lost:
            self._outbox.log("clientLost", client=client.name, count=len(told["released"]) or None)
            self._outbox.topic_store.drop(f"request.{client.name}.")
        else:
            self._outbox.log("clientSilent", client=client.name)
        self._outbox.pass_on("system.", "clientLost" if is_lost else "clientSilent", told, now)
