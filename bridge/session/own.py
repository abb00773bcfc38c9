"""The bridge's own methods: what clients ask of it and not of TWS.

They are answered at once and never stored: asked again, they look again. Each is a function of the house (everything
the session is made of), the ask, its checked params and the moment, and gives the answer's result.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import bridge
from bridge.session.asks import VERSION, Ask
from bridge.session.clients import Clients
from bridge.session.effects import Data, Instant
from bridge.session.link import Link
from bridge.session.outlet import Outlet
from bridge.session.questions import Questions
from bridge.session.subscriptions import Subscriptions


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
    describe: Callable[[], list[Data]]
    started: int = 0
    accounts: str | None = None
    undecoded: int = 0


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


def _ping(_house: House, _ask: Ask, _params: Data, now: Instant) -> Any:
    return {"ts": now.ts}


def _status(house: House, _ask: Ask, _params: Data, now: Instant) -> Any:
    return {
        "v": VERSION,
        "version": bridge.__version__,
        "started": house.started,
        "ts": now.ts,
        "connection": connection(house),
        "accounts": house.accounts.split(",") if house.accounts else [],
        "clients": len(list(house.clients)),
        "openRequests": house.outlet.asks.open,
        "undecoded": house.undecoded,
        "streams": [
            {"stream": s.name, "topic": s.prefix, "method": s.plan.name, "state": s.state, "holders": sorted(s.holders)}
            for s in house.subscriptions.streams
        ],
    }


def _snapshot(house: House, _ask: Ask, params: Data, now: Instant) -> Any:
    """In one turn: the last values, the marker for those who listen already, the answer."""
    snapshot = house.outlet.board.snapshot(params["prefix"])
    if nonce := params.get("nonce"):
        house.outlet.board.announce(f"sync.{nonce}", nonce, {"prefix": params["prefix"]}, now.ts)
    return {"epoch": house.epoch, "prefix": params["prefix"], **snapshot}


def _sequences(house: House, _ask: Ask, params: Data, _now: Instant) -> Any:
    return {"epoch": house.epoch, "sequences": house.outlet.board.sequences(params["prefix"])}


def _methods(house: House, _ask: Ask, _params: Data, _now: Instant) -> Any:
    return house.describe()


def _clients(house: House, _ask: Ask, _params: Data, _now: Instant) -> Any:
    return [
        {"client": c.name, "since": c.since, "heard": c.heard_ts, "requests": c.requests}
        | ({"instance": c.instance} if c.instance else {})
        | {"streams": [stream.prefix for stream in house.subscriptions.streams.held_by(c.name)]}
        for c in house.clients
    ]


def _release(house: House, ask: Ask, params: Data, _now: Instant) -> Any:
    house.subscriptions.release(ask.client, None, params["stream"])
    return {"released": params["stream"]}


def _hello(house: House, ask: Ask, params: Data, now: Instant) -> Any:
    client, _ = house.clients.hear(ask.client, now)
    client.instance = params["instance"]
    return {"v": VERSION, "epoch": house.epoch, "lease": house.clients.lease}


METHODS: dict[str, Method] = {
    "ping": _ping,
    "status": _status,
    "snapshot": _snapshot,
    "sequences": _sequences,
    "methods": _methods,
    "clients": _clients,
    "release": _release,
    "hello": _hello,
}
