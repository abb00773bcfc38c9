"""The session's only interface: messages of TWS, requests of clients and the time go in; effects come out.

The session owns its parts and routes between them. It knows no socket, no bytes and no clock. After every call, the
shell must first take `publications()` and then `effects()`.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import PurePath
from typing import Any, Literal

from bridge.catalogue import Catalogue
from bridge.session import builtin_methods, codes
from bridge.session.archive import Archive
from bridge.session.bounds import Figures
from bridge.session.caching.reference_cache import ReferenceCache
from bridge.session.clients import Client, Clients
from bridge.session.clocks import PROMPT, Clocks
from bridge.session.config import SessionConfig
from bridge.session.contracts.descriptions import ContractDescriptions
from bridge.session.contracts.instruments import Instruments
from bridge.session.contracts.resolver import Search
from bridge.session.dispatcher import Dispatcher
from bridge.session.effects import Effect, Send, StartApi
from bridge.session.farms import Farm, Farms, is_about_farm
from bridge.session.heartbeat import Heartbeat
from bridge.session.idempotency import IdempotentRequests
from bridge.session.link import Link, LinkChange
from bridge.session.link_log import LinkLog
from bridge.session.orders.list_downloads import InternalRequests
from bridge.session.orders.order import Order
from bridge.session.orders.positions import LIST, LISTED, TELLING
from bridge.session.orders.trading import PLACING, Trading
from bridge.session.orders.what_if import WhatIfOrder
from bridge.session.outbox import Outbox
from bridge.session.overview import overview
from bridge.session.pacing.history import HISTORICAL, HistoryRules
from bridge.session.pacing.pacer import Pacer
from bridge.session.pacing.slow_down import SlowDown
from bridge.session.pending.pending_requests import PendingRequests
from bridge.session.pending.pending_table import PendingRequest
from bridge.session.reconfiguration import MOST_RELOADS, ConfigurationRead, Reconfiguration, Reloads
from bridge.session.records import HoldRecord, RecoveredState
from bridge.session.request_gate import ORDER_LOG, RELOAD, Parameters, RequestGate
from bridge.session.request_ids import FIRST_REQUEST_ID, RequestIds
from bridge.session.request_queue import GLOBAL_CANCEL
from bridge.session.requests import (
    VERSION,
    Refused,
    Request,
    check_size,
    claimed_id,
    failure,
    late_refusal,
    read,
    success,
)
from bridge.session.restarts import Restarts
from bridge.session.rights.fences import MOST_INSTANCES, Fences
from bridge.session.rights.pre_trade_checks import PreTradeChecks
from bridge.session.routing import STREAM_FAMILIES, RoutingTable
from bridge.session.sequence_memory import MOST as MOST_DROPPED_TOPICS
from bridge.session.state_files import StateFiles, as_data
from bridge.session.streams.streams import Stream
from bridge.session.streams.subscriptions import Subscriptions
from bridge.session.tallies import Tallies
from bridge.session.time_question import ANSWER, TimeQuestion
from bridge.session.topic_store import Publication, TopicsSeen
from bridge.session.values import Data, Instant, Route
from bridge.session.verdict import Signs, VerdictWatch
from bridge.session.verdict_facts import VerdictFacts
from bridge.session.verdict_table import Problem
from bridge.session.watchdog import LinkWatchdog, SocketState
from bridge.tws.events import Connected, DecodeFailed, Event, Failed, Message, Redirected, UnknownMessage

#: Answers that describe an instrument.
_DETAILS = frozenset({"contractDetails", "bondContractDetails"})

#: What the operator may do from the console, and under which name.
OperatorMethod = Literal["halt", "resume"]
OPERATOR = "console"


class Session:
    """One run of the bridge, from `start` to `stop`. `epoch` is new each time the bridge starts."""

    def __init__(
        self,
        catalogue: Catalogue,
        parameters: Parameters,
        config: SessionConfig,
        epoch: str,
        recovered_state: RecoveredState,
        *,
        archive: Archive,
        runs: Mapping[str, Iterable[str]] | None = None,
        halted: str | None = None,
    ) -> None:
        """Create a session.

        `parameters` checks the params of requests. `recovered_state`: what the session needs from the ledger to start.
        `archive`: what else the ledger has; `EmptyArchive` without a ledger. `runs`: the instances of each client, from
        the last `PersistInstances`. `halted`: the reason of an admin's halt, from the last `PersistHalt`.
        """
        self._config = config
        self._routing = RoutingTable(catalogue)
        self._pacer = Pacer(config.messages_per_second)
        history = HistoryRules(
            lambda: self._pending_requests.count(HISTORICAL),
            self._known_contract,
            is_on=config.messages_per_second is not None,
        )
        self._outbox = Outbox(self._routing, epoch, self._pacer, history, config.bounds)
        self._permissions = config.permissions.copy()
        self._request_gate = RequestGate(self._routing, parameters, self._permissions)
        self._topic_store = self._outbox.topic_store
        ids = RequestIds()
        self._link = Link(config.host, config.port, config.timing)
        self._link_log = LinkLog(config.host, config.port)
        self._watchdog = LinkWatchdog(self._link, config.timing, self._outbox)
        self._pending_requests = PendingRequests(self._outbox, ids)
        farms = Farms()
        self._slow_down = SlowDown(self._outbox, self._pacer.budget, history)
        self._subscriptions = Subscriptions(
            self._outbox,
            ids,
            self._permissions,
            config.patience,
            farms=farms,
            lines=config.lines,
            count_snapshots=self._pending_requests.count_lines,
            history=history,
        )
        # Until TWS sends its accounts, outages of account streams are published for the accounts of the last run.
        self._subscriptions.prefixes.accounts = [
            account for account in (recovered_state.accounts or "").split(",") if account
        ]
        self._stream_by_id = self._subscriptions.streams.by_id
        self._instruments = Instruments()
        self._descriptions = ContractDescriptions(self._outbox, self._instruments, self._send_internal, self._withdraw)
        self._reference = ReferenceCache(self._outbox, self._instruments.learn, enabled=config.caches)
        self._pending_requests.answered = self._keep
        self._fences = Fences(runs or {})
        self._checks = PreTradeChecks(
            self._permissions,
            self._fences,
            self._instruments,
            quote_of=self._subscriptions.quote,
            managed=self._managed,
        )
        self._checks.kill_switch.turn("admin", halted)
        self._state_files = StateFiles(self._outbox, self._checks.kill_switch, self._fences)
        self._restarts = Restarts(config.planned_restarts)
        self._trading = Trading(
            self._outbox,
            self._checks,
            recovered_state,
            InternalRequests(self._send_internal, self._withdraw, self._subscriptions.is_held),
            archive=archive,
            retention=config.retention,
            client_id=config.client_id,
            pause=config.settle_pause,
            mode=config.trading_mode,
            restarts=self._restarts,
        )
        self._outbox.after_turn = self._trading.order_log.flush
        self._subscriptions.watch_asking(self._trading.positions.asked_by, self._trading.positions.given_up_by)
        self._clients = Clients(config.lease, config.bounds.clients)
        self._recovered_holds = recovered_state.holds
        self._dispatcher = Dispatcher(
            config,
            self._outbox,
            self._routing,
            link=self._link,
            permissions=self._permissions,
            checks=self._checks,
            descriptions=self._descriptions,
            pending_requests=self._pending_requests,
            subscriptions=self._subscriptions,
            trading=self._trading,
            once=IdempotentRequests(self._outbox, archive),
            history=history,
            managed=self._managed,
            restarts=self._restarts,
            reference=self._reference,
        )
        self._subscriptions.released = self._dispatcher.withdraw_stream
        self._heartbeat = Heartbeat(
            self._outbox,
            link=self._link,
            clients=self._clients,
            restarts=self._restarts,
            trading=self._trading,
            subscriptions=self._subscriptions,
            instruments=self._instruments,
            dispatcher=self._dispatcher,
            cancels_when_lost=self._cancels_when_lost,
        )
        self._reconfiguration = Reconfiguration(
            config,
            self._outbox,
            permissions=self._permissions,
            link=self._link,
            watchdog=self._watchdog,
            clients=self._clients,
            restarts=self._restarts,
            history=history,
            heartbeat=self._heartbeat,
            dispatcher=self._dispatcher,
            subscriptions=self._subscriptions,
            trading=self._trading,
        )
        self._reloads = Reloads(self._outbox, self._take_over)
        self._context = builtin_methods.SessionContext(
            epoch=epoch,
            client_id=config.client_id,
            link=self._link,
            outbox=self._outbox,
            clients=self._clients,
            pending_requests=self._pending_requests,
            subscriptions=self._subscriptions,
            permissions=self._permissions,
            fences=self._fences,
            checks=self._checks,
            state_files=self._state_files,
            trading=self._trading,
            not_tradable_reason=self._trading.not_tradable_reason,
            restarts=self._restarts,
            farms=farms,
            pacer=self._pacer,
            cache=self._cache_state,
            waiting=self._dispatcher.waiting,
            describe=parameters.describe,
            verdict=self._judge,
            peek=self._peek,
        )
        self._signs = Signs()
        self._clocks = Clocks()
        #: What time it is at TWS: asked when the clock of the bridge's machine has jumped.
        self._clock_question = TimeQuestion(self._outbox)
        self._facts = VerdictFacts(self._context, self._trading, self._signs, self._clocks)
        self._verdict = VerdictWatch(self._outbox, self._facts)
        self._heartbeat.judge = self._verdict.look
        self._heartbeat.doubt = self._doubt
        self._heartbeat.look_at_clocks = self._look_at_clocks
        #: The state of the connection that was counted last.
        self._counted_state = "stopped"
        self._watch_bounds()

    def _known_contract(self, contract: Data) -> Data | None:
        return self._subscriptions.joining.resolver.known(contract)

    def _doubt(self, is_doubtful: bool, now: Instant) -> None:
        if is_doubtful:
            self._watchdog.doubt(now)
            self._follow_link(now)
        else:
            self._watchdog.trust()

    def _look_at_clocks(self, now: Instant) -> None:
        """Log a jump of the wall clock, and ask TWS what time it is."""
        if (jump := self._clocks.look(now)) is not None:
            self._outbox.log("clockJumped", seconds=round(jump, 3))
            self._clock_question.withdraw()
        if self._link.usable and self._clocks.needs_tws_time(now):
            if now.clock - self._clock_question.asked_at > PROMPT:
                self._clock_question.withdraw()
            self._clock_question.ask()

    def _look(self, now: Instant) -> None:
        """Find out whether the bridge itself stood still since the last call."""
        if self._watchdog.look(now):
            self._trading.answers.resume(now)

    def _judge(self, now: Instant) -> Data:
        return self._verdict.look(now)

    def _peek(self, now: Instant) -> Data:
        return self._verdict.peek(now)

    def _watch_bounds(self) -> None:
        """Show in `status` what is bounded beside the requests."""
        watch, bounds = self._outbox.usage.watch, self._outbox.bounds
        watch("waitingRequests", self._config.most_waiting, self._dispatcher.waiting)
        watch("clients", bounds.clients, lambda: len(self._clients))
        watch("clientInstances", MOST_INSTANCES, lambda: len(self._fences))
        watch("streams", bounds.streams, lambda: len(self._subscriptions.streams))
        watch("reloads", MOST_RELOADS, self._reloads.__len__)
        watch("orderLogReads", bounds.log_reads, self._trading.log_reads.total)
        watch("topics", None, lambda: len(self._topic_store))
        watch("droppedTopics", MOST_DROPPED_TOPICS, lambda: len(self._topic_store.dropped))
        watch("ordersInMemory", None, self._trading.count_orders)

    # Out

    @property
    def accounts(self) -> list[str]:
        """The accounts that TWS has, or had in the last run: the log hides their numbers."""
        return self._subscriptions.prefixes.accounts

    def publications(self) -> list[Publication]:
        """Return the events to publish since the last call, in order."""
        return self._topic_store.drain()

    def effects(self, now: Instant) -> list[Effect]:
        """Return the other effects since the last call, in order."""
        self._trading.order_log.flush()
        return self._outbox.effects(now)

    def overview(self, now: Instant) -> Data:
        """Return what an operator looks at, as plain data that does not change any more."""
        self._look(now)
        return overview(self._context, now)

    def look_at_topics(self, prefix: str) -> TopicsSeen:
        """Return some topics below this prefix with values, as data that does not change any more."""
        return self._topic_store.look(prefix)

    @property
    def tallies(self) -> Tallies:
        """What the session counts for `/metrics`."""
        return self._outbox.tallies

    def next_timer(self, now: Instant) -> float | None:
        """Return when the shell must call `on_timer` next, in seconds on the steady clock; None for never."""
        paced = self._pacer.next(now.clock)
        times = (self._link.deadline(), self._watchdog.deadline(), self._outbox.timers.next(), paced)
        return min([at for at in times if at is not None], default=None)

    # In: the connection and the time

    def start(self, now: Instant) -> None:
        """Take over what the ledger kept, and connect to TWS."""
        self._context.started = now.ts
        self._heartbeat.update_planned_restart(now)
        if self._checks.kill_switch.reasons:
            builtin_methods.tell_switch(self._context, now)
            for source, why in self._checks.kill_switch.reasons.items():
                self._outbox.log("tradingHalted", source=source, reason=why)
        holding = self._subscriptions.recover(self._recovered_holds, self._hold_refusal)
        for client in (*holding, *filter(self._cancels_when_lost, self._trading.owners())):
            self._clients.expect(client, now)
        self._link.start(now)
        self._follow_link(now)
        self._heartbeat.beat(now)

    def stop(self, now: Instant, reason: str) -> None:
        """Close the connection to TWS. `reason` is published with the state `stopped`."""
        self._link.stop(now, reason)
        self._follow_link(now)

    def on_opened(self, now: Instant) -> None:
        """TCP to TWS is open."""
        self._link.opened(now)
        self._follow_link(now)

    def on_lost(self, reason: str, now: Instant, code: int | None = None, problem: Problem | None = None) -> None:
        """TCP to TWS could not be opened, or has ended.

        `code`: TWS's error code, if there is one. `problem`: what is wrong, if the shell knows it.
        """
        self._link.lost(reason, now, code, problem)
        self._follow_link(now)

    def on_socket(self, state: SocketState, now: Instant) -> None:
        """Take the state of the socket to TWS. While a socket is open, the shell calls this before each `on_timer`."""
        self._look(now)
        self._watchdog.on_socket(state, now)
        self._follow_link(now)

    def on_written(self, now: Instant) -> None:
        """The messages to TWS that were among the effects are written to the socket."""
        self._pacer.written(now.clock)

    def on_timer(self, now: Instant) -> None:
        """Run what is due."""
        self._look(now)
        self._link.on_timer(now)
        self._watchdog.on_timer(now)
        self._follow_link(now)
        self._outbox.timers.run(now)

    def on_listeners(self, clients: Collection[str], now: Instant) -> None:
        """Record that these clients have a subscription open. With keys, the shell calls this each second."""
        self._clients.listen(clients, now)

    # In: the ledger

    def on_persisted(self, token: int, now: Instant) -> None:
        """The records of `Persist(token)` are on disk."""
        self._outbox.persisted(token, now)

    def on_persist_failed(self, token: int, reason: str, now: Instant) -> None:
        """The records of `Persist(token)` are not on disk, and will not be."""
        self._outbox.persist_failed(token, reason, now)

    def on_ledger_unusable(self, reason: str, now: Instant) -> None:
        """The ledger could not be written now, for this reason, although nothing was to be written."""
        self._trading.ledger_health.on_unusable(reason, now)

    def on_log_read(self, token: int, events: list[Data], failure: str | None, now: Instant) -> None:
        """`ReadLog(token)` has found these events, or `failure` says why the ledger could not read them."""
        self._outbox.log_read(token, events, failure, now)

    def on_halt_persisted(self, failure: str | None, now: Instant) -> None:
        """`PersistHalt` has ended. `failure`: why it is not on disk, or None."""
        self._state_files.halt.on_written(failure, now)

    def on_instances_persisted(self, failure: str | None, now: Instant) -> None:
        """`PersistInstances` has ended. `failure`: why they are not on disk, or None."""
        self._state_files.instances.on_written(failure, now)

    def on_cache_read(self, token: int, found: dict[str, Any], now: Instant) -> None:
        """`ReadCache(token)` has found these values; none if the cache file could not be read."""
        self._outbox.cache_read(token, found, now)

    def on_cache_facts(self, facts: Data) -> None:
        """The cache file has `size` bytes of at most `limit`, and so many `entries`."""
        self._reference.counts.file = facts

    # In: the configuration

    def on_configuration(self, token: int | None, read: ConfigurationRead, now: Instant) -> bool:
        """The shell has read the configuration, for `ReadConfiguration(token)` or, if None, because of a signal.

        Return whether the session has taken it over. Then the shell must take it over, too, in the same turn.
        """
        return self._reloads.finish(token, read, now)

    def _take_over(self, config: SessionConfig, clients: Collection[str], now: Instant) -> None:
        self._config = config
        self._reconfiguration.apply(config, clients, now)
        self._watch_bounds()

    # In: messages of TWS

    def on_events(self, events: Iterable[Event], now: Instant) -> None:
        """Take events that the shell read from TWS in one go.

        A tick takes the fast path: from its request id to its stream, and from there to its topic.
        """
        self._look(now)
        streams, publish, ts = self._stream_by_id, self._topic_store.publish, now.ts
        self._watchdog.heard = now.clock
        for event in events:
            if type(event) is Message:
                data = event.data
                if event.extra:
                    self._context.longer[event.name] += 1
                stream = streams.get(data.get("reqId"))
                if stream is not None and (topic := stream.topics.get(event.name)) is not None:
                    publish(topic, data, ts)
                else:
                    self._handle(event.name, data, stream, now)
            else:
                self.on_event(event, now)

    def on_event(self, event: Event, now: Instant) -> None:
        """Take one event of the connection."""
        match event:
            case Message():
                self.on_events((event,), now)
            case Connected():
                self._trading.on_handshake(event.connection_time, now)
                self._reference.connected(event.connection_time, event.server_version, now)
                self._facts.on_handshake(event.connection_time, now)
                self._link.connected(event.server_version, event.connection_time, now)
                if self._config.async_connect:
                    self._outbox.add(StartApi())
            case Redirected():
                self._link.redirected(event.host, event.port, now)
            case Failed():
                self._link.lost(event.reason, now, event.code)
            case DecodeFailed():
                self._on_unreadable(event.message, now)
                self._undecoded("decodeError", now, message=event.message, id=event.id, field=event.field,
                                reason=event.reason, serverVersion=event.server_version,
                                payload=event.payload)  # fmt: skip
            case UnknownMessage():
                self._undecoded("unknownMessage", now, id=event.id, payload=event.payload)
        self._follow_link(now)

    def on_unsendable(
        self, send: Send, reason: str, now: Instant, *, code: str = "invalidParams", field: str | None = None
    ) -> None:
        """The shell did not send a message. The client gets an error with this code.

        `code`: `invalidParams` if the message could not be encoded, or TWS's version does not support it;
        `notConnected` without a connection. `field`: the dotted path of the field that is at fault, or None.
        """
        refused = Refused(code, reason, **({} if field is None else {"field": field}))
        match send.about:
            case PendingRequest() as pending:
                self._pending_requests.unsendable(pending, refused, now)
            case Stream() as stream:
                self._subscriptions.unsendable(stream, refused, now)
            case Order() | WhatIfOrder() as about:
                self._trading.unsendable(about, refused, now)
            case Search() as search:
                self._subscriptions.joining.unsendable_search(search, refused)
            case Request() as request:
                if send.name in ("cancelOrder", GLOBAL_CANCEL):
                    self._trading.unsent_cancel(send.data.get("orderId"), refused)
                self._outbox.refuse(request, refused)
            case _:
                # The bridge tried to cancel a request that no client waits for. TWS may be too old to know that cancel.
                self._outbox.log("messageNotSent", name=send.name, reason=reason)

    # In: requests of clients

    def on_halt_file(self, reason: str | None, now: Instant) -> None:
        """The state folder contains a file `halt` with this reason; None: it contains none."""
        builtin_methods.turn_switch(self._context, "file", reason, now)

    def on_usage(self, figures: Mapping[str, Figures]) -> None:
        """Take the figures of the sockets for `status`. The shell calls this each second. See `Usage.report`."""
        self._outbox.usage.report(figures)

    def on_request(self, route: Route, body: Any, now: Instant, speaker: str | None = None, size: int = 0) -> None:
        """Take one request, unpacked. The session replies once on this route, now or later.

        `speaker`: the client that owns the key of the connection. None: the bridge uses no keys, and trusts the name in
        the request. `size`: how many bytes the request had.

        If the bridge fails to handle the request, it logs a defect and goes on: other clients, and the connection to
        TWS, must not pay for it.
        """
        self._look(now)
        self._look_at_clocks(now)
        try:
            self._take_request(route, body, now, speaker, size)
        except Exception as fault:
            told: Data = body if isinstance(body, dict) else {}
            method = str(told.get("method"))[:64]
            self._outbox.log("defect", what=f"it failed to handle {method}", reason=_place_of(fault))
            known = self._outbox.requests.find(str(told.get("client")), claimed_id(body))
            if known is None or known.timer is None:  # else the request ends with its time, whatever has been sent
                message = "a defect of the bridge: it failed to handle the request, and may have sent it"
                self._outbox.reply(route, {"v": VERSION, "id": claimed_id(body), **failure("noResponse", message)})

    def _when_stored(self, method: str, result: Any, then: Callable[[Data], object]) -> None:
        """Give `then` the outcome of a builtin method: at once, or when what a restart must know is on disk."""
        kind, file = builtin_methods.kind(method), self._state_files.of(method)
        if file is None:
            then(success(kind, result))
        else:
            file.when_stored(lambda failure: then(success(kind, result | as_data(failure))))

    def on_operator(self, method: OperatorMethod, params: Data, now: Instant, then: Callable[[Data], object]) -> None:
        """The operator has sent this method from the console. `then` gets the outcome: `{ok, result}` or `{ok, error}`.

        Who has the console's token has the right to do it, whatever the configuration says about clients.
        """
        body = {"v": VERSION, "id": OPERATOR, "client": OPERATOR, "method": method, "params": params}
        try:
            request = read(body)
            checked = self._request_gate.check(request)
            result = builtin_methods.METHODS[method](self._context, request, checked, now)
        except Refused as refused:
            self._outbox.usage.count(refused)
            self._log_refusal(body, None, refused)
            self.note_refusal(body, refused.code, refused.message, refused.data)
            then(failure(refused.code, refused.message, data=refused.data))
        else:
            self._when_stored(method, result, then)

    def note_refusal(self, body: Any, code: str, message: str, data: Data | None = None) -> None:
        """A request was refused before it had a place in the store. `body`: what came, which may be anything."""
        told: Data = body if isinstance(body, dict) else {}
        client, method = str(told.get("client", ""))[:64], str(told.get("method", ""))[:64]
        self._outbox.note_error(client, method, code, message, data)

    def _warn_of_shared_name(self, client: Client, route: Route, now: Instant) -> None:
        """Log once that two connections send requests under one name."""
        if client.sent_on(route, now.clock, self._clients.lease):
            self._outbox.log("clientNameShared", client=client.name)

    def _take_request(self, route: Route, body: Any, now: Instant, speaker: str | None, size: int) -> None:
        try:
            request, plan = self._request_gate.enter(body, speaker)
            request.size, request.received = size, now.clock
            request.expires = self._clocks.expires(request.expires, now)
            self._outbox.tallies.requests[request.method] += 1
            check_size(request)
            client, is_new = self._clients.hear(request.client, now)
            if request.instance is None and self._fences.newest(client.name) is None:
                self._warn_of_shared_name(client, route, now)
            if is_new:
                self._trading.client_back(client.name)
                self._outbox.pass_on("system.", "clientJoined", {"client": client.name, "since": client.since}, now)
                self._outbox.log("clientJoined", client=client.name)
            if plan is None and (late := late_refusal(request, now)) is not None:
                raise late
            if request.method == ORDER_LOG:
                self._trading.read_log(request, self._request_gate.check(request), route)
                return
            if request.method == RELOAD:
                request.routes.append(route)
                self._checks.fence(request, plan)
                self._reloads.begin(request, self._request_gate.check(request), route)
                return
            if plan is None:
                request.routes.append(route)
                self._checks.fence(request, plan)
                result = builtin_methods.METHODS[request.method](
                    self._context, request, self._request_gate.check(request), now
                )
                self._when_stored(
                    request.method,
                    result,
                    lambda outcome: self._outbox.reply(route, {"v": VERSION, "id": request.id, **outcome}),
                )
                return
            params = self._request_gate.check(request)
            room = 3 if self._routing.is_cancel(request.method) else 2 if request.method in PLACING else 1
            is_new, replies = self._outbox.requests.admit(request, route, room=room)
            self._outbox.add(*replies)
        except Refused as refused:
            self._outbox.usage.count(refused)
            self._log_refusal(body, speaker, refused)
            self.note_refusal(body, refused.code, refused.message, refused.data)
            outcome = failure(refused.code, refused.message, data=refused.data)
            self._outbox.reply(route, {"v": VERSION, "id": claimed_id(body), **outcome})
            return
        if is_new:
            self._dispatcher.admit(plan, request, params, now)

    def _log_refusal(self, body: Any, speaker: str | None, refused: Refused) -> None:
        """Log a request that the bridge refuses at once. `speaker`: see `on_request`."""
        told: Data = body if isinstance(body, dict) else {}
        method, client, params = (told.get(name) for name in ("method", "client", "params"))
        if not isinstance(method, str):
            self._outbox.log("requestUnreadable", code=refused.code, reason=refused.message)
            return
        name = speaker or (client[:64] if isinstance(client, str) else None)
        params = params if isinstance(params, dict) else {}
        self._outbox.log_refusal(name, method[:64], claimed_id(body), params, refused)

    def _send_internal(self, request: Request, now: Instant) -> None:
        """Send an internal request of the bridge to TWS."""
        self._pending_requests.ask(
            self._routing.requests[request.method], request.params, request, self._link.server_version or 0, now
        )

    def _withdraw(self, request: Request, now: Instant) -> None:
        """Cancel an internal request that the bridge no longer needs."""
        self._outbox.fail(request, "cancelled", "the bridge no longer needs the answer")
        self._pending_requests.give_up(request, now)

    def _managed(self) -> list[str]:
        return self._context.managed()

    # Routing of TWS's messages

    def _handle(self, name: str, data: Data, stream: Stream | None, now: Instant) -> None:
        """Handle one message. If that fails, log a defect and go on with the next message.

        If the message was about an order, the bridge asks TWS for its orders.
        """
        try:
            self._on_message(name, data, stream, now)
        except Exception as fault:
            reason = _place_of(fault)
            self._outbox.log("defect", what=f"it failed to handle {name}", reason=reason)
            self._on_unreadable(name, now)
            self._undecoded("defect", now, message=name, reason=reason)

    def _on_message(self, name: str, data: Data, stream: Stream | None, now: Instant) -> None:
        """Handle a callback that does not take the fast path."""
        if name == "error":
            self._on_error(data, now)
            return
        if name in TELLING:
            self._trading.positions.on_event(name, data, now.ts)
        if stream is not None:
            self._subscriptions.on_event(stream, name, data, now)
            return
        if name in _DETAILS:
            self._instruments.learn(data.get("contract", {}), data.get("contractDetails"), now.clock)
        version = self._link.server_version or 0
        if self._subscriptions.on_details(name, data, version, now):
            return
        family = self._routing.events[name].family
        if name == ANSWER:
            self._watchdog.on_answer()
            self._clock_question.tell()
            self._clocks.on_tws_time(data.get("currentTime"), self._clock_question.asked_at, now)
        taken = self._pending_requests.on_event(name, data, now)
        if family == "order":
            self._trading.on_event(name, data, now)
        elif family == "system":
            if taken or name != ANSWER:  # else it answers the bridge's own question
                self._on_system(name, data, now)
        elif not taken and self._subscriptions.is_late(data):
            pass  # The subscription is over, but TWS sent this before it received the cancel.
        elif family not in STREAM_FAMILIES and family != "request":
            self._on_unkeyed(family, name, data, now)
        elif not taken:
            self._outbox.pass_on("system.", "unexpected", {"event": name, "data": data}, now)
        if taken:
            self._run_waiting(now)

    def _run_waiting(self, now: Instant) -> None:
        """A pending request was answered, perhaps an internal one: run what waited for the answer."""
        has_described = self._descriptions.advance()
        if self._trading.advance(now) or has_described:
            self._dispatcher.run_waiting(now)

    def _on_unkeyed(self, family: str, name: str, data: Data, now: Instant) -> None:
        """Publish an account or news event, whether or not it belongs to a subscription."""
        if name in LISTED and not self._subscriptions.is_held(LIST):
            return  # Only an internal request asked for it.
        stream = self._subscriptions.streams.unkeyed(name)
        params = {} if stream is None else stream.params
        self._subscriptions.publish(
            stream, self._subscriptions.prefixes.of_event(family, data, params), name, data, now
        )
        if stream is not None:
            self._subscriptions.on_message(stream, name, now)

    def _on_system(self, name: str, data: Data, now: Instant) -> None:
        """Publish an event about TWS as a whole."""
        self._outbox.publish("system.", name, data, now)
        if name == "managedAccounts":
            self._context.accounts = data.get("accountsList", "").strip(",")
            self._trading.on_accounts(self._context.managed())
            self._subscriptions.prefixes.accounts = self._context.managed()
            self._reference.logged_in(self._context.managed(), now)
            self._link.accounts(now)
        elif name == "nextValidId" and "orderId" in data:
            self._trading.allow_from(data["orderId"])
            self._link.order_id(now)
        self._follow_link(now)

    def _on_error(self, data: Data, now: Instant) -> None:
        """Handle an error or notice about a request, a stream, an order, or TWS as a whole."""
        about = data.get("id", -1)
        self._slow_down.on_error(data.get("errorCode", 0), data.get("errorMsg", ""), now)
        sign = self._signs.on_error(about, data.get("errorCode", 0), data.get("errorMsg", ""), now)
        if sign == "readOnlyApi":
            self._trading.lists_refused(data.get("errorMsg", ""), now)
        unknown = self._params_about(about) if data.get("errorCode") == codes.NO_SUCH_CONTRACT else None
        if about >= FIRST_REQUEST_ID:
            taken = self._pending_requests.on_error(about, data, now) or self._subscriptions.on_error(about, data, now)
            if self._descriptions.advance():
                self._dispatcher.run_waiting(now)
        else:
            taken = self._trading.on_error(about, data, now)
        if unknown is not None:
            self._reference.unknown_contract(unknown)
        if taken:
            return
        self._pending_requests.on_stray_error(data, now)
        self._outbox.pass_on("system.", "notice", data, now)
        code, text = data.get("errorCode", 0), data.get("errorMsg", "")
        self._outbox.tallies.notices += 1
        self._outbox.diary.noticed(code, text, now.ts)
        self._link.notice(code, text, now)
        if (farm := self._context.farms.on_notice(code, text, now.ts)) is not None:
            self._outbox.publish("system.", "farms", {"farms": self._context.farms.as_data()}, now)
            self._log_farm(farm, code)
        elif not codes.is_about_connection(code) and not is_about_farm(code):
            self._outbox.log("twsNotice", twsCode=code, reason=text)
        self._subscriptions.on_notice(code, text, now, is_cut=self._link.is_cut)
        self._follow_link(now)

    def _log_farm(self, farm: Farm, code: int) -> None:
        facts: Data = {"farm": farm.name, "kind": farm.kind, "twsCode": code}
        if farm.state == "broken":
            self._outbox.log("farmBroken", **facts, planned=self._restarts.routine)
        else:
            self._outbox.log("farmChanged", **facts, state=farm.state)

    def _params_about(self, about: int) -> Data | None:
        """Return the params, with the contract, of the request, stream or order with this id; None if there is none."""
        if about >= FIRST_REQUEST_ID:
            return self._pending_requests.params_of(about) or self._subscriptions.params_of(about)
        contract = self._trading.contract_of(about)
        return None if contract is None else {"contract": contract}

    def _keep(self, pending: PendingRequest, is_newest: bool, now: Instant) -> None:
        """TWS has answered a request: let the cache keep the answer."""
        self._reference.answered(pending, self._link.server_version or 0, now, is_newest=is_newest)

    def _cache_state(self) -> Data:
        """Return what `status` says about the cache."""
        counts = self._reference.counts
        facts: Data = {"enabled": self._config.caches, "hits": counts.hits, "misses": counts.misses}
        return facts | {"shared": self._pending_requests.joined} | self._reference.bars.as_data() | counts.file

    def _return_unsent(self, now: Instant) -> None:
        """The connection has ended: the messages that wait for room never leave. Streams are requested again."""
        for send in self._outbox.drop():
            if isinstance(send.about, PendingRequest | Order | WhatIfOrder | Request):
                self.on_unsendable(send, "the connection to TWS ended before there was room", now, code="notConnected")

    def _on_unreadable(self, name: str | None, now: Instant) -> None:
        """A message could not be read. If it was about an order, ask TWS for its orders."""
        plan = self._routing.events.get(name or "")
        if plan is not None and plan.family == "order":
            self._trading.on_undecoded(now)

    def _undecoded(self, name: str, now: Instant, **facts: Any) -> None:
        self._context.undecoded += 1
        if name != "defect":
            called = facts.get("message") or f"message {facts.get('id')}"
            self._outbox.log("messageUnreadable", name=called, reason=facts.get("reason", "no such message"))
        self._outbox.pass_on("system.", name, {key: value for key, value in facts.items() if value is not None}, now)

    # Consequences of the state of the connection

    def _follow_link(self, now: Instant) -> None:
        """Publish the changes of the link's state, and adapt requests and streams to it."""
        changes = self._link.changes()
        for change in changes:
            self._on_change(change, now)
        if changes:
            self._verdict.look(now)
        if effects := self._link.effects():
            self._outbox.add(*effects)

    def _on_change(self, change: LinkChange, now: Instant) -> None:
        self._outbox.publish("system.", "connection", builtin_methods.changed(self._context, change), now)
        self._outbox.add(
            *self._link_log.lines(change, now, planned=self._restarts.routine, version=self._link.server_version)
        )
        self._outbox.diary.connection(change.state, now.ts, change.reason, change.code, self._restarts.routine)
        if change.state != self._counted_state:
            self._counted_state = change.state
            self._outbox.tallies.connection_changes[change.state] += 1
        if change.state == "connecting":
            self._watchdog.begin()
            self._clock_question.withdraw()
            self._context.farms.forget()
        elif change.state in ("lost", "stopped"):
            why = change.reason or change.state
            self._return_unsent(now)
            self._pending_requests.connection_lost(why)
            self._subscriptions.connection_lost(why, now)
            self._outbox.drop()  # what the parts have sent to end their requests
        elif self._link.usable:
            self._pending_requests.connected(now)
            self._subscriptions.connected(self._link.server_version or 0, now)
        self._trading.on_link(change.state, change.reason or change.state, now)
        self._pacer.is_open = self._link.usable
        if change.state == "stopped":
            self._dispatcher.refuse_waiting(change.reason or "the bridge stops")
        elif change.state == "ready":
            self._choose_market_data()
            self._dispatcher.run_waiting(now)

    def _choose_market_data(self) -> None:
        """Request the configured market data type. TWS forgets it when a connection ends."""
        if self._config.market_data_type is not None:
            self._outbox.send("reqMarketDataType", {"marketDataType": self._config.market_data_type})

    def _hold_refusal(self, record: HoldRecord) -> str | None:
        """Return why the client may no longer hold this stream; None if it may."""
        try:
            plan = self._routing.requests.get(record.method)
            self._permissions.method(record.client, record.method, plan)
            self._permissions.params(record.client, record.method, record.params or {}, (), self._config.client_id)
        except Refused as refused:
            return refused.message
        return None

    def _cancels_when_lost(self, client: str) -> bool:
        """Return whether the configuration cancels this client's orders when it is lost."""
        return self._permissions.when_lost(client) == "cancel"


def _place_of(fault: Exception) -> str:
    """Return what went wrong, and where."""
    place = traceback.extract_tb(fault.__traceback__)[-1]
    return f"{type(fault).__name__}: {fault} ({PurePath(place.filename).name}:{place.lineno})"
