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
from bridge.session.asks import VERSION, Ask
from bridge.session.clients import Clients
from bridge.session.effects import Log, Remember, RememberHalt
from bridge.session.farms import Farms
from bridge.session.link import Change, Link
from bridge.session.outlet import Outlet
from bridge.session.questions.questions import Questions
from bridge.session.restarts import Restarts
from bridge.session.rights.fences import Fences
from bridge.session.rights.guard import Guard
from bridge.session.rights.limits import refusal
from bridge.session.rights.permissions import Permissions
from bridge.session.streams.streams import Stream
from bridge.session.streams.subscriptions import Subscriptions
from bridge.session.values import Data, Instant


@dataclass(slots=True)
class House:
    """The session's parts, as far as its own methods look at them."""

    epoch: str
    client_id: int
    link: Link
    outlet: Outlet
    clients: Clients
    questions: Questions
    subscriptions: Subscriptions
    permissions: Permissions
    fences: Fences
    guard: Guard
    obstacle: Callable[[], str | None]
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


Method = Callable[[House, Ask, Data, Instant], Any]


def connection(house: House) -> Data:
    """The state of the connection, as `system.connection` and `status` tell it."""
    link = house.link
    facts = {
        "state": link.state,
        "since": link.since,
        "reason": link.reason,
        "serverVersion": link.server_version,
        "connectionTime": link.connection_time,
        "clientId": house.client_id,
    }
    return {"epoch": house.epoch} | {name: value for name, value in facts.items() if value is not None}


def changed(house: House, change: Change) -> Data:
    """A change of its state, as `system.connection` tells it."""
    told = {name: value for name, value in connection(house).items() if name != "reason"}
    told |= {"state": change.state, "since": change.since}
    more = {"reason": change.reason, "code": change.code, "planned": house.restarts.routine}
    return told | {name: value for name, value in more.items() if value is not None}


def _ping(_house: House, _ask: Ask, _params: Data, now: Instant) -> Any:
    return {"ts": now.ts}


def _status(house: House, ask: Ask, _params: Data, now: Instant) -> Any:
    """How the bridge is; accounts and streams as far as who asks may hear of them."""

    def may_hear(prefix: str) -> bool:
        return house.permissions.may_hear(ask.client, prefix)

    obstacle = house.obstacle()
    return {
        "v": VERSION,
        "version": bridge.__version__,
        "started": house.started,
        "ts": now.ts,
        "connection": connection(house),
        "accounts": [account for account in house.managed() if may_hear(f"account.{account}.")],
        "trading": house.guard.switch.told(),
        "orders": {"tradable": obstacle is None} | ({} if obstacle is None else {"reason": obstacle}),
        **({} if (standing := house.restarts.standing) is None else {"plannedRestart": standing.told()}),
        "clients": len(list(house.clients)),
        "openRequests": house.outlet.asks.open,
        "farms": house.farms.told(),
        "undecoded": house.undecoded,
        "longerThanDeclared": dict(house.longer),
        "streams": [_told_stream(house, ask, s) for s in house.subscriptions.streams if may_hear(s.prefix)],
    }


def _told_stream(house: House, ask: Ask, stream: Stream) -> Data:
    """A stream, as `status` tells it: who holds it is for admins, how many do for all."""
    told: Data = {"stream": stream.name, "topic": stream.prefix, "method": stream.plan.name, "state": stream.state}
    told |= {"held": ask.client in stream.clients, "holderCount": len(stream.clients)}
    if (newest := house.subscriptions.newest(stream)) is not None:
        told["lastValue"] = newest
    if house.permissions.grant(ask.client).has("admin"):
        told["holders"] = sorted(stream.clients)
    return told


def _snapshot(house: House, ask: Ask, params: Data, now: Instant) -> Any:
    """In one turn: the last values, the marker for those who listen already, the answer."""
    snapshot = house.subscriptions.snapshot(*house.permissions.cut(ask.client, params["prefix"]))
    if nonce := params.get("nonce"):
        # Everyone may hear the marker, and what its asker is after is nobody else's to know.
        house.outlet.board.announce(f"sync.{nonce}", nonce, {}, now.ts)
    return {"epoch": house.epoch, "prefix": params["prefix"], **snapshot}


def _sequences(house: House, ask: Ask, params: Data, _now: Instant) -> Any:
    board = house.outlet.board
    sequences = board.sequences(*house.permissions.cut(ask.client, params["prefix"]))
    return {"epoch": house.epoch, "sequences": sequences, "floors": board.floors()}


def _methods(house: House, _ask: Ask, _params: Data, _now: Instant) -> Any:
    return house.describe()


def _clients(house: House, _ask: Ask, _params: Data, _now: Instant) -> Any:
    return [
        {"client": c.name, "since": c.since, "heard": c.heard_ts, "requests": c.requests}
        | ({"instance": c.instance} if c.instance else {})
        | {"streams": [stream.prefix for stream in house.subscriptions.streams.held_by(c.name)]}
        for c in house.clients
    ]


def _release(house: House, ask: Ask, params: Data, now: Instant) -> Any:
    methods = None if params.get("method") is None else frozenset({params["method"]})
    house.subscriptions.release(ask.client, methods, params["stream"], now)
    return {"released": params["stream"]}


def _hello(house: House, ask: Ask, params: Data, now: Instant) -> Any:
    """Take note of a run of the client. A newer one than the last fences that one off."""
    instance = params["instance"]
    before = house.fences.newest(ask.client)
    if house.fences.hello(ask.client, instance, ask.routes[0]):
        house.outlet.log(Log("warning", f"{ask.client}: instance {instance} fences the older ones"))
        house.outlet.pass_on("system.", "clientFenced", {"client": ask.client, "newest": instance}, now)
    if instance != before:
        house.outlet.add(Remember(house.fences.told()))
    client, _ = house.clients.hear(ask.client, now)
    client.instance = instance
    roles = sorted(house.permissions.grant(ask.client).roles)
    return {"v": VERSION, "epoch": house.epoch, "lease": house.clients.lease, "client": ask.client, "roles": roles}


def _halt(house: House, ask: Ask, params: Data, now: Instant) -> Any:
    """Refuse new orders from now on; cancels go through."""
    reason = f"{params['reason']} ({ask.client})"
    turn_switch(house, "admin", reason, now)
    house.outlet.add(RememberHalt(reason))
    return house.guard.switch.told()


def _resume(house: House, ask: Ask, _params: Data, now: Instant) -> Any:
    """Take new orders again, unless the file `halt` in the state folder says otherwise."""
    if "file" in house.guard.switch.reasons:
        raise refusal("halt", "the file halt in the state folder halts trading: remove it")
    turn_switch(house, "admin", None, now)
    house.outlet.add(RememberHalt(None))
    house.outlet.log(Log("warning", f"{ask.client} resumes trading"))
    return house.guard.switch.told()


def turn_switch(house: House, source: str, reason: str | None, now: Instant) -> None:
    """Turn the kill switch for a reason, or off with None, and say so to all where that changes anything."""
    if house.guard.switch.turn(source, reason):
        tell_switch(house, now)


def tell_switch(house: House, now: Instant) -> None:
    """Say to all whether trading is halted, and why."""
    told = house.guard.switch.told()
    house.outlet.publish("system.", "trading", told, now)
    reasons = ": " + "; ".join(told["reasons"].values()) if told["halted"] else ""
    house.outlet.log(Log("warning", f"trading {'halted' if told['halted'] else 'resumed'}{reasons}"))


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
