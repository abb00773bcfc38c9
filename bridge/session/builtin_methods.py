"""The builtin methods: requests that the bridge answers itself, without TWS.

The bridge answers them at once and stores no answer: if a client sends the same request again, the bridge computes the
answer anew. Each method is a function of the session's context, the request, its checked params and the time. It
returns the `result` of the reply.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

import bridge
from bridge.session.clients import Clients
from bridge.session.farms import Farms
from bridge.session.link import Link, LinkChange
from bridge.session.orders.trading import Trading
from bridge.session.outbox import Outbox
from bridge.session.pacing.pacer import Pacer
from bridge.session.pending.pending_requests import PendingRequests
from bridge.session.requests import VERSION, Refused, Request
from bridge.session.restarts import Restarts
from bridge.session.rights.fences import Fences
from bridge.session.rights.limits import refusal
from bridge.session.rights.permissions import Permissions
from bridge.session.rights.pre_trade_checks import PreTradeChecks
from bridge.session.state_files import StateFiles
from bridge.session.streams.streams import Stream
from bridge.session.streams.subscriptions import Subscriptions
from bridge.session.values import Data, Instant


@dataclass(slots=True)
class SessionContext:
    """The parts of the session that the builtin methods read."""

    epoch: str
    client_id: int
    link: Link
    outbox: Outbox
    clients: Clients
    pending_requests: PendingRequests
    subscriptions: Subscriptions
    permissions: Permissions
    fences: Fences
    checks: PreTradeChecks
    state_files: StateFiles
    trading: Trading
    not_tradable_reason: Callable[[], str | None]
    describe: Callable[[], list[Data]]
    #: Judges anew, publishes a change, and returns the verdict.
    verdict: Callable[[Instant], Data]
    #: Judges anew, and returns the verdict; it changes and publishes nothing.
    peek: Callable[[Instant], Data]
    restarts: Restarts
    farms: Farms
    pacer: Pacer
    cache: Callable[[], Data]
    waiting: Callable[[], int]
    started: int = 0
    accounts: str | None = None
    undecoded: int = 0
    #: How many messages had more fields than the bridge declares, by name. Such a TWS is newer than the bridge's
    #: schemas.
    longer: Counter[str] = field(default_factory=Counter)

    def managed(self) -> list[str]:
        """Return the accounts that TWS manages; an empty list before TWS has sent them."""
        return self.accounts.split(",") if self.accounts else []


Method = Callable[[SessionContext, Request, Data, Instant], Any]


def connection(context: SessionContext) -> Data:
    """Return the state of the connection, as `system.connection` and `status` publish it."""
    link = context.link
    facts = {
        "state": link.state,
        "since": link.since,
        "reason": link.reason,
        "serverVersion": link.server_version,
        "connectionTime": link.connection_time,
        "clientId": context.client_id,
    }
    return {"epoch": context.epoch} | {name: value for name, value in facts.items() if value is not None}


def changed(context: SessionContext, change: LinkChange) -> Data:
    """Return a change of the connection's state, as `system.connection` publishes it."""
    told = {name: value for name, value in connection(context).items() if name != "reason"}
    told |= {"state": change.state, "since": change.since}
    more = {"reason": change.reason, "code": change.code, "planned": context.restarts.routine}
    return told | {name: value for name, value in more.items() if value is not None}


def _ping(_context: SessionContext, _request: Request, _params: Data, now: Instant) -> Any:
    return {"ts": now.ts}


def _status(context: SessionContext, request: Request, _params: Data, now: Instant) -> Any:
    """Return the bridge's state. Accounts and streams are limited to those that the client may hear."""

    def may_hear(prefix: str) -> bool:
        return context.permissions.may_hear(request.client, prefix)

    not_tradable_reason = context.not_tradable_reason()
    return {
        "v": VERSION,
        "version": bridge.__version__,
        "started": context.started,
        "ts": now.ts,
        "connection": connection(context),
        "accounts": [account for account in context.managed() if may_hear(f"account.{account}.")],
        "verdict": context.verdict(now),
        "trading": context.checks.kill_switch.as_data(),
        "orders": {"tradable": not_tradable_reason is None}
        | ({} if not_tradable_reason is None else {"reason": not_tradable_reason}),
        **({} if (standing := context.restarts.standing) is None else {"plannedRestart": standing.as_data()}),
        "clients": len(list(context.clients)),
        "openRequests": context.outbox.requests.open,
        "farms": context.farms.as_data(),
        "pacing": {"queued": len(context.pacer) + context.waiting()}
        | ({} if (limit := context.pacer.budget.limit(now.clock)) is None else {"limit": limit}),
        "cache": context.cache(),
        "lines": context.subscriptions.lines.as_data(),
        "limits": context.outbox.usage.as_data(),
        "undecoded": context.undecoded,
        "longerThanDeclared": dict(context.longer),
        "streams": [_told_stream(context, request, s) for s in context.subscriptions.streams if may_hear(s.prefix)],
    }


def _told_stream(context: SessionContext, request: Request, stream: Stream) -> Data:
    """Return a stream, as `status` shows it. Every client sees the number of holders; only admins see their names."""
    told: Data = {"stream": stream.name, "topic": stream.prefix, "method": stream.plan.name, "state": stream.state}
    told |= {"held": request.client in stream.clients, "holderCount": len(stream.clients)}
    if (newest := context.subscriptions.newest(stream)) is not None:
        told["lastValue"] = newest
    if context.permissions.grant(request.client).has("admin"):
        told["holders"] = sorted(stream.clients)
    return told


def _snapshot(context: SessionContext, request: Request, params: Data, now: Instant) -> Any:
    """Return the last values, and publish a marker in the same turn for a client that listens already."""
    prefixes = _audible(context, request, params)
    count, most = context.outbox.topic_store.count(*prefixes), context.outbox.bounds.snapshot_events
    if count > most:
        message = f"prefix: the snapshot would have {count} events, and the limit is {most}; take longer prefixes"
        raise Refused("tooLarge", message, bound="snapshotEvents", most=most)
    snapshot = context.subscriptions.snapshot(*prefixes)
    if nonce := params.get("nonce"):
        # Every client may hear this marker, so it does not contain the prefix that the client asked for.
        context.outbox.topic_store.announce(f"sync.{nonce}", "sync", {}, now.ts)
    return {"prefix": params["prefix"], **snapshot}


def _sequences(context: SessionContext, request: Request, params: Data, _now: Instant) -> Any:
    topic_store = context.outbox.topic_store
    sequences = topic_store.sequences(*_audible(context, request, params))
    return {"epoch": context.epoch, "sequences": sequences, "floors": topic_store.floors()}


def _audible(context: SessionContext, request: Request, params: Data) -> list[str]:
    """Return what the client may hear below `prefix`. Raises Refused `invalidParams` if no topic begins with it."""
    prefix, families = params["prefix"], context.outbox.routing.families
    first, dot, _ = prefix.partition(".")
    if not (first in families if dot else any(family.startswith(first) for family in families)):
        near = get_close_matches(first, families, 1)
        hint = f"did you mean {near[0]}.?" if near else f"topics begin with one of {', '.join(sorted(families))}"
        raise Refused("invalidParams", f"prefix: no topic begins with {prefix}; {hint}", field="prefix")
    return context.permissions.cut(request.client, prefix)


def _methods(context: SessionContext, _request: Request, _params: Data, _now: Instant) -> Any:
    return context.describe()


def _clients(context: SessionContext, _request: Request, _params: Data, now: Instant) -> Any:
    begin = now.clock - context.clients.lease
    return [
        {"client": c.name, "since": c.since, "heard": c.heard_ts, "requests": c.requests}
        | ({"connections": c.connections_since(begin)} if c.instance is None else {})
        | ({"instance": c.instance} if c.instance else {})
        | {"streams": [stream.prefix for stream in context.subscriptions.streams.held_by(c.name)]}
        for c in context.clients
    ]


def _release(context: SessionContext, request: Request, params: Data, now: Instant) -> Any:
    methods = None if params.get("method") is None else frozenset({params["method"]})
    context.subscriptions.release(request.client, methods, params["stream"], now)
    return {"released": params["stream"]}


def _hello(context: SessionContext, request: Request, params: Data, now: Instant) -> Any:
    """Record the client's instance. An instance that is newer than the last one fences the older ones."""
    instance = params["instance"]
    before = context.fences.newest(request.client)
    if context.fences.hello(request.client, instance, request.routes[0], now.clock):
        context.outbox.log("clientFenced", client=request.client, instance=instance)
        context.outbox.pass_on("system.", "clientFenced", {"client": request.client, "newest": instance}, now)
    if instance != before:
        context.state_files.instances.change(now)
    client, _ = context.clients.hear(request.client, now)
    client.instance = instance
    roles = sorted(context.permissions.grant(request.client).roles)
    return {
        "v": VERSION,
        "epoch": context.epoch,
        "lease": context.clients.tell_lease(client),
        "client": request.client,
        "roles": roles,
    }


def _halt(context: SessionContext, request: Request, params: Data, now: Instant) -> Any:
    """Refuse new orders from now on. Cancels still go to TWS."""
    reason = f"{params['reason']} ({request.client})"
    turn_switch(context, "admin", reason, now)
    context.state_files.halt.change(now)
    return context.checks.kill_switch.as_data()


def _resume(context: SessionContext, request: Request, _params: Data, now: Instant) -> Any:
    """Accept new orders again. Raise Refused `halt` while the state folder contains the file `halt`."""
    if "file" in context.checks.kill_switch.reasons:
        raise refusal("halt", "the file `halt` in the state folder halts trading: remove the file first")
    turn_switch(context, "admin", None, now, request.client)
    context.state_files.halt.change(now)
    return context.checks.kill_switch.as_data()


def turn_switch(
    context: SessionContext, source: str, reason: str | None, now: Instant, client: str | None = None
) -> None:
    """Set (`reason`) or clear (None) one source of the kill switch. Publish the switch if that changed it.

    `client`: the admin who resumes trading.
    """
    if not context.checks.kill_switch.turn(source, reason):
        return
    tell_switch(context, now)
    if reason is not None:
        context.outbox.log("tradingHalted", source=source, reason=reason)
    else:
        others = "; ".join(context.checks.kill_switch.reasons.values()) or None
        context.outbox.log("tradingResumed", source=source, client=client, reason=others)


def tell_switch(context: SessionContext, now: Instant) -> None:
    """Publish whether trading is halted, and why."""
    told = context.checks.kill_switch.as_data()
    context.outbox.publish("system.", "trading", told, now)
    context.verdict(now)


def kind(method: str) -> str:
    """Return the reply's `kind` for this builtin method: the method's own name, except for `release`."""
    return "released" if method == "release" else method


METHODS: dict[str, Method] = {
    "ping": _ping,
    "status": _status,
    "snapshot": _snapshot,
    "sequences": _sequences,
    "methods": _methods,
    "clients": _clients,
    "release": _release,
    "hello": _hello,
    "halt": _halt,
    "resume": _resume,
}
