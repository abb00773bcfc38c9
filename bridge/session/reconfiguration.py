"""Reconfiguration: the session takes over another configuration while it runs, as a whole or not at all.

The shell reads and checks the configuration. The session takes it over in one turn: no request sees half of it. What a
client may do no longer ends at once. A client that keeps its rights loses nothing. Orders that TWS may have stay, also
those of a client that the configuration does not name any more.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import NamedTuple

from bridge.session.bounds import limit_reached
from bridge.session.clients import Clients
from bridge.session.config import SessionConfig
from bridge.session.dispatcher import Dispatcher
from bridge.session.effects import ReadConfiguration
from bridge.session.heartbeat import Heartbeat
from bridge.session.link import Link
from bridge.session.orders.trading import Trading
from bridge.session.outbox import Outbox
from bridge.session.pacing.history import HistoryRules
from bridge.session.request_gate import RELOAD
from bridge.session.requests import VERSION, Refused, Request, failure, success
from bridge.session.restarts import Restarts
from bridge.session.rights.permissions import Permissions
from bridge.session.streams.subscriptions import Subscriptions
from bridge.session.values import Data, Instant, Route
from bridge.session.watchdog import LinkWatchdog

#: The code of the error if the configuration has mistakes.
WRONG = "configurationInvalid"
#: The most requests to reload that may wait at a time.
MOST_RELOADS = 10


class SettingChange(NamedTuple):
    """One setting that differs, with both values as the file has them. None: it is not there."""

    setting: str
    before: str | None
    after: str | None

    def as_data(self) -> Data:
        """Return the change, as the reply has it."""
        return {"setting": self.setting} | self.values()

    def values(self) -> Data:
        """Return the values before and after, as far as they are there."""
        told = {"before": self.before, "after": self.after}
        return {name: value for name, value in told.items() if value is not None}


@dataclass(frozen=True, slots=True)
class ConfigurationRead:
    """What the shell has read.

    `problems`: a line for each mistake; if there are any, the rest does not count. `changes`: what a reload changes.
    `pending`: what only a restart would change. `clients`: the clients that are new or gone, or have another key or
    other rights. `config`: the whole configuration after the reload.
    """

    problems: tuple[str, ...] = ()
    changes: tuple[SettingChange, ...] = ()
    pending: tuple[SettingChange, ...] = ()
    clients: frozenset[str] = frozenset()
    config: SessionConfig | None = None


class Reloads:
    """The requests to reload the configuration. `apply` takes over what was read, in one go."""

    def __init__(self, outbox: Outbox, apply: Callable[[SessionConfig, Collection[str], Instant], None]) -> None:
        self._outbox = outbox
        self._apply = apply
        self._tokens = itertools.count(1)
        #: By token: the request, whether it only wants to see the changes, and the route for the reply.
        self._waiting: dict[int, tuple[Request, bool, Route]] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    def begin(self, request: Request, params: Data, route: Route) -> None:
        """Let the shell read the configuration. The reply follows. Raise Refused if too many wait for that."""
        if len(self._waiting) >= MOST_RELOADS:
            raise limit_reached("reloads", MOST_RELOADS, f"{len(self._waiting)} requests to reload under way")
        token = next(self._tokens)
        self._waiting[token] = request, params["dryRun"], route
        self._outbox.add(ReadConfiguration(token))

    def finish(self, token: int | None, read: ConfigurationRead, now: Instant) -> bool:
        """Take over what the shell has read, and answer. Return whether the session has taken it over.

        `token`: that of `ReadConfiguration`; None if a signal was the reason.
        """
        request, dry_run, route = self._waiting.pop(token) if token is not None else (None, False, None)
        who = "SIGHUP" if request is None else request.client
        if read.config is None or read.problems:
            outcome = failure(WRONG, "; ".join(read.problems), data={"problems": list(read.problems)})
        else:
            told = {"applied": not dry_run, "changes": [change.as_data() for change in read.changes]}
            told["needRestart"] = [change.as_data() for change in read.pending]
            outcome = success(RELOAD, told)
        is_applied = read.config is not None and not read.problems and not dry_run
        if not dry_run:
            self._log(who, read)
        if is_applied and read.config is not None and read.changes:
            self._apply(read.config, read.clients, now)
            settings = sorted({change.setting.partition(".")[0] for change in read.changes})
            event: Data = {"settings": settings, "clients": sorted(read.clients)}
            self._outbox.pass_on("system.", "configuration", event, now)
        if request is not None and route is not None:
            self._outbox.reply(route, {"v": VERSION, "id": request.id, **outcome})
        return is_applied

    def _log(self, who: str, read: ConfigurationRead) -> None:
        for problem in read.problems:
            self._outbox.log("configurationInvalid", source=who, reason=problem)
        if read.problems:
            return
        self._outbox.log("configurationReloaded", source=who, count=len(read.changes))
        for change in read.changes:
            self._outbox.log("settingChanged", setting=change.setting, **change.values())
        for change in read.pending:
            self._outbox.log("settingNeedsRestart", setting=change.setting, **change.values())


class Reconfiguration:
    """Takes over a configuration. `managed` returns the accounts that TWS manages."""

    def __init__(
        self,
        config: SessionConfig,
        outbox: Outbox,
        *,
        permissions: Permissions,
        link: Link,
        watchdog: LinkWatchdog,
        clients: Clients,
        restarts: Restarts,
        history: HistoryRules,
        heartbeat: Heartbeat,
        dispatcher: Dispatcher,
        subscriptions: Subscriptions,
        trading: Trading,
    ) -> None:
        self._config = config
        self._outbox = outbox
        self._permissions = permissions
        self._link = link
        self._watchdog = watchdog
        self._clients = clients
        self._restarts = restarts
        self._history = history
        self._heartbeat = heartbeat
        self._dispatcher = dispatcher
        self._subscriptions = subscriptions
        self._trading = trading

    def apply(self, config: SessionConfig, clients: Collection[str], now: Instant) -> None:
        """Take over the configuration. `clients`: those whose rights it changes."""
        if self._permissions.is_open:
            clients = {*clients, *self._known()}
        self._permissions.replace(config.permissions)
        self._set_limits(config, now)
        self._config = config
        self._withdraw(clients, now)
        for client in clients:
            self._follow_when_lost(client, now)
        self._heartbeat.update_planned_restart(now)
        self._dispatcher.run_waiting(now)

    def _known(self) -> set[str]:
        """The clients that hold or want anything. Until now the configuration named none, and each had all rights."""
        holders = (stream.clients for stream in self._subscriptions.streams)
        return set(self._outbox.requests.open_clients()).union(*holders, (client.name for client in self._clients))

    def _set_limits(self, config: SessionConfig, now: Instant) -> None:
        bounds = config.bounds
        self._outbox.bounds = replace(
            self._outbox.bounds,
            clients=bounds.clients,
            streams=bounds.streams,
            snapshot_events=bounds.snapshot_events,
        )
        self._clients.lease, self._clients.most = config.lease, bounds.clients
        self._link.retime(config.timing)
        self._watchdog.retime(config.timing)
        if config.messages_per_second != self._config.messages_per_second:
            self._outbox.pacer.budget.change(config.messages_per_second, now.clock)
            self._history.turn(is_on=config.messages_per_second is not None)
        self._subscriptions.reconfigure(config.patience, config.lines)
        self._trading.reconfigure(config.settle_pause)
        self._restarts.plan(config.planned_restarts)
        self._dispatcher.reconfigure(config)

    def _withdraw(self, clients: Collection[str], now: Instant) -> None:
        """End what these clients may do no longer: what waits, what TWS has not answered, and their holds."""
        self._dispatcher.withdraw_refused(clients, now)
        for stream in list(self._subscriptions.streams):
            for client in sorted(stream.clients.intersection(clients)):
                refused = self._dispatcher.refusal(client, stream.plan.name, stream.plan, stream.params)
                if refused is None:
                    continue
                self._outbox.log("holdEnded", client=client, stream=stream.name, reason=refused.message)
                self._subscriptions.withdraw(stream, client, refused, now)

    def _follow_when_lost(self, client: str, now: Instant) -> None:
        """The setting `when_lost` may be another one. A client that is not named any more keeps the last one."""
        try:
            when_lost = self._permissions.grant(client).when_lost
        except Refused:
            return
        if when_lost == "stay":
            self._trading.client_back(client)
        elif client in self._trading.owners():
            self._clients.expect(client, now)
