"""The bridge's own methods: what clients ask of it and not of TWS.

They are answered at once and never stored: asked again, they look again. Each is a function of the house (everything
the session is made of), the ask, its checked params and the moment, and gives the answer's result.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import bridge
from bridge.session.clients import Clients
from bridge.session.effects import Log, Remember, RememberHalt
from bridge.session.farms import Farms
from bridge.session.link import Change, Link
from bridge.session.outbox import Outbox
from bridge.session.pending.pending_requests import PendingRequests
from bridge.session.requests import VERSION, Request
from bridge.session.restarts import Restarts
from bridge.session.rights.fences import Fences
from bridge.session.rights.limits import refusal
from bridge.session.rights.permissions import Permissions
from bridge.session.rights.pre_trade_checks import PreTradeChecks
from bridge.session.streams.streams import Stream
from bridge.session.streams.subscriptions import Subscriptions
from bridge.session.values import Data, Instant


@dataclass(slots=True)
class SessionContext:
    """The session's parts, as far as its own methods look at them."""

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
    not_tradable_reason: Callable[[], str | None]
    describe: Callable[[], list[Data]]
    restarts: Restarts
    farms: Farms = field(default_factory=Farms)
    started: int = 0
    accounts: str | None = None
    undecoded: int = 0
    #: Messages with more fields than declared, by name: a newer TWS than we know.
    longer: Counter[str] = field(default_factory=Counter)

    def managed(self) -> list[str]:
        """The accounts that TWS has; none before it has said."""
        return self.accounts.split(",") if self.accounts else []


Method = Callable[[SessionContext, Request, Data, Instant], Any]


def connection(context: SessionContext) -> Data:
    """The state of the connection, as `system.connection` and `status` tell it."""
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


def changed(context: SessionContext, change: Change) -> Data:
    """A change of its state, as `system.connection` tells it."""
    told = {name: value for name, value in connection(context).items() if name != "reason"}
    told |= {"state": change.state, "since": change.since}
    more = {"reason": change.reason, "code": change.code, "planned": context.restarts.routine}
    return told | {name: value for name, value in more.items() if value is not None}


def _ping(_context: SessionContext, _ask: Request, _params: Data, now: Instant) -> Any:
    return {"ts": now.ts}


def _status(context: SessionContext, request: Request, _params: Data, now: Instant) -> Any:
    """How the bridge is; accounts and streams as far as who asks may hear of them."""

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
        "trading": context.checks.kill_switch.told(),
        "orders": {"tradable": not_tradable_reason is None}
        | ({} if not_tradable_reason is None else {"reason": not_tradable_reason}),
        **({} if (standing := context.restarts.standing) is None else {"plannedRestart": standing.told()}),
        "clients": len(list(context.clients)),
        "openRequests": context.outbox.requests.open,
        "farms": context.farms.told(),
        "undecoded": context.undecoded,
        "longerThanDeclared": dict(context.longer),
        "streams": [_told_stream(context, request, s) for s in context.subscriptions.streams if may_hear(s.prefix)],
    }


def _told_stream(context: SessionContext, request: Request, stream: Stream) -> Data:
    """A stream, as `status` tells it: who holds it is for admins, how many do for all."""
    told: Data = {"stream": stream.name, "topic": stream.prefix, "method": stream.plan.name, "state": stream.state}
    told |= {"held": request.client in stream.clients, "holderCount": len(stream.clients)}
    if (newest := context.subscriptions.newest(stream)) is not None:
        told["lastValue"] = newest
    if context.permissions.grant(request.client).has("admin"):
        told["holders"] = sorted(stream.clients)
    return told


def _snapshot(context: SessionContext, request: Request, params: Data, now: Instant) -> Any:
    """In one turn: the last values, the marker for those who listen already, the answer."""
    snapshot = context.subscriptions.snapshot(*context.permissions.cut(request.client, params["prefix"]))
    if nonce := params.get("nonce"):
        # Everyone may hear the marker, and what its asker is after is nobody else's to know.
        context.outbox.topic_store.announce(f"sync.{nonce}", "sync", {}, now.ts)
    return {"prefix": params["prefix"], **snapshot}


def _sequences(context: SessionContext, request: Request, params: Data, _now: Instant) -> Any:
    topic_store = context.outbox.topic_store
    sequences = topic_store.sequences(*context.permissions.cut(request.client, params["prefix"]))
    return {"epoch": context.epoch, "sequences": sequences, "floors": topic_store.floors()}


def _methods(context: SessionContext, _ask: Request, _params: Data, _now: Instant) -> Any:
    return context.describe()


def _clients(context: SessionContext, _ask: Request, _params: Data, _now: Instant) -> Any:
    return [
        {"client": c.name, "since": c.since, "heard": c.heard_ts, "requests": c.requests}
        | ({"instance": c.instance} if c.instance else {})
        | {"streams": [stream.prefix for stream in context.subscriptions.streams.held_by(c.name)]}
        for c in context.clients
    ]


def _release(context: SessionContext, request: Request, params: Data, now: Instant) -> Any:
    methods = None if params.get("method") is None else frozenset({params["method"]})
    context.subscriptions.release(request.client, methods, params["stream"], now)
    return {"released": params["stream"]}


def _hello(context: SessionContext, request: Request, params: Data, now: Instant) -> Any:
    """Take note of a run of the client. A newer one than the last fences that one off."""
    instance = params["instance"]
    before = context.fences.newest(request.client)
    if context.fences.hello(request.client, instance, request.routes[0]):
        context.outbox.log(Log("warning", f"{request.client}: instance {instance} fences the older ones"))
        context.outbox.pass_on("system.", "clientFenced", {"client": request.client, "newest": instance}, now)
    if instance != before:
        context.outbox.add(Remember(context.fences.told()))
    client, _ = context.clients.hear(request.client, now)
    client.instance = instance
    roles = sorted(context.permissions.grant(request.client).roles)
    return {
        "v": VERSION,
        "epoch": context.epoch,
        "lease": context.clients.lease,
        "client": request.client,
        "roles": roles,
    }


def _halt(context: SessionContext, request: Request, params: Data, now: Instant) -> Any:
    """Refuse new orders from now on; cancels go through."""
    reason = f"{params['reason']} ({request.client})"
    turn_switch(context, "admin", reason, now)
    context.outbox.add(RememberHalt(reason))
    return context.checks.kill_switch.told()


def _resume(context: SessionContext, request: Request, _params: Data, now: Instant) -> Any:
    """Take new orders again, unless the file `halt` in the state folder says otherwise."""
    if "file" in context.checks.kill_switch.reasons:
        raise refusal("halt", "the file halt in the state folder halts trading: remove it")
    turn_switch(context, "admin", None, now)
    context.outbox.add(RememberHalt(None))
    context.outbox.log(Log("warning", f"{request.client} resumes trading"))
    return context.checks.kill_switch.told()


def turn_switch(context: SessionContext, source: str, reason: str | None, now: Instant) -> None:
    """Turn the kill switch for a reason, or off with None, and say so to all where that changes anything."""
    if context.checks.kill_switch.turn(source, reason):
        tell_switch(context, now)


def tell_switch(context: SessionContext, now: Instant) -> None:
    """Say to all whether trading is halted, and why."""
    told = context.checks.kill_switch.told()
    context.outbox.publish("system.", "trading", told, now)
    reasons = ": " + "; ".join(told["reasons"].values()) if told["halted"] else ""
    context.outbox.log(Log("warning", f"trading {'halted' if told['halted'] else 'resumed'}{reasons}"))


def kind(method: str) -> str:
    """The word that tells what the result of that method is: its own name, where no other method has the same."""
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
