"""The overview: all that an operator looks at, as plain data. The console and `/metrics` are made from it.

It reads the parts of the session and changes nothing. It must stay cheap, because the bridge makes one each second
while somebody looks: it takes about 1.5 microseconds for each stream, and less for each open order. What costs more is
made from it in another thread; see `completed`.

All times are in ns since 1970 UTC, ages and durations in seconds.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import bridge
from bridge.session.builtin_methods import SessionContext, connection
from bridge.session.orders.order import Order
from bridge.session.streams.streams import Stream
from bridge.session.values import Data, Instant

#: How many orders in doubt the overview lists. It counts all of them.
MOST_IN_DOUBT = 200
_NS = 1e9


def overview(context: SessionContext, now: Instant) -> Data:
    """Return the overview of the session at this moment."""
    outbox = context.outbox
    orders = list(context.trading.live_orders())
    open_of = Counter(order.owner for order in orders if order.is_open)
    return {
        "version": bridge.__version__,
        "epoch": context.epoch,
        "started": context.started,
        "ts": now.ts,
        "connection": connection(context),
        "accounts": context.managed(),
        "verdict": context.peek(now),
        "trading": _trading(context),
        "timeline": outbox.diary.timeline(now.ts),
        "farms": context.farms.as_data(),
        "clients": _clients(context, open_of, now),
        "orders": _orders(context, orders, now),
        "orderLog": {
            "failure": context.trading.order_log.failure,
            "unwritten": sum(context.trading.order_log.unwritten().values()),
        },
        "streams": [_stream(stream) for stream in context.subscriptions.streams],
        "pacing": _pacing(context, now),
        "lines": context.subscriptions.lines.as_data(),
        "limits": outbox.usage.as_data(),
        "clientLimits": _client_limits(context, open_of, now),
        "cache": context.cache(),
        "openRequests": outbox.requests.open,
        "undecoded": context.undecoded,
        "refusals": outbox.diary.refusals(),
        "notices": outbox.diary.notices(),
    }


def not_ready_reason(overview_: Data) -> tuple[str, str] | None:
    """Return code and text of why the bridge does not trade now, from the verdict; None if it does."""
    verdict = overview_["verdict"]
    return None if verdict["trading"] else (verdict["code"], verdict["because"])


def completed(before: Data | None, made: Data) -> Data:
    """Return the overview with what follows from it, and from the one before it.

    Each stream gets `age`, the seconds since its newest event or None, and `rate`, its events a second or None. Each
    client gets `streams`, the topics of the streams that it holds. This needs no session: any thread may do it.
    """
    known = _events(before, made)
    seconds = (made["ts"] - before["ts"]) / _NS if known and before is not None else 0.0
    streams, held = [], dict[str, list[str]]()
    for one in made["streams"]:
        events = known.get((one["method"], one["stream"]))
        # A stream that TWS serves anew may count from a lower number.
        rate = None if events is None else max(0, one["events"] - events) / seconds
        age = max(0.0, (made["ts"] - one["newest"]) / _NS) if one["newest"] else None
        streams.append(one | {"rate": rate, "age": age})
        for client in one["clients"]:
            held.setdefault(client, []).append(one["topic"])
    clients = [client | {"streams": held.get(client["client"], [])} for client in made["clients"]]
    return made | {"streams": streams, "clients": clients}


def _events(before: Data | None, made: Data) -> dict[tuple[str, str], int]:
    """The event numbers of the streams in the overview before; none if the two cannot be compared."""
    if before is None or made["ts"] <= before["ts"] or before["epoch"] != made["epoch"]:
        return {}
    return {(one["method"], one["stream"]): one["events"] for one in before["streams"]}


def _trading(context: SessionContext) -> Data:
    reason, standing = context.not_tradable_reason(), context.restarts.standing
    told = {**context.checks.kill_switch.as_data(), "tradable": reason is None, "reason": reason}
    return told if standing is None else told | {"plannedRestart": standing.as_data()}


def _stream(stream: Stream) -> Data:
    """One stream. `events`: a number that grows by one with each event. `newest`: when its last event came, or 0."""
    plan, newest, events = stream.plan, stream.last_ts, 0
    for topic in stream.topics.values():  # a loop, because it is faster than map and max
        events += topic.seq
        if topic.ts > newest:  # noqa: PLR1730 - the call of max costs more than all the rest
            newest = topic.ts
    return {
        "stream": stream.name,
        "topic": stream.prefix,
        "family": plan.family,
        "method": plan.name,
        "state": stream.life.state,
        "clients": list(stream.holds),
        "waiting": len(stream.waiting),
        "events": events,
        "newest": newest,
    }


def _clients(context: SessionContext, open_of: Counter[str], now: Instant) -> list[Data]:
    """The clients that the bridge knows now.

    `orderLog`: the newest number on disk in the client's log, and how many events wait for the disk. What the client
    itself has read it does not tell the bridge; it compares its own number with `head`.
    """
    heads, unwritten = context.trading.order_log.heads(), context.trading.order_log.unwritten()
    begin = now.clock - context.clients.lease
    return [
        {
            "client": client.name,
            "state": client.life.state,
            "since": client.since,
            "silentFor": now.clock - client.heard,
            "requests": client.requests,
            "connections": client.connections_since(begin),
            "instance": client.instance,
            "openOrders": open_of[client.name],
            "orderLog": {"head": heads.get(client.name, 0), "unwritten": unwritten.get(client.name, 0)},
        }
        for client in context.clients
    ]


def _is_doubtful(order: Order) -> bool:
    """Whether more than the order's state is in doubt: its last change, or which of two orders at TWS it is."""
    return order.record.change == "unknown" or bool(order.incarnations)


def _orders(context: SessionContext, orders: list[Order], now: Instant) -> Data:
    """The orders that have not ended: how many by state, and those in doubt, the oldest first.

    Each order that the verdict counts is in the list. One that is `notFound` is not open, and waits for `abandon`.
    """
    found = {order.order_id: order for order in (*context.trading.in_doubt(), *filter(_is_doubtful, orders))}
    doubtful = sorted(found.values(), key=lambda order: order.record.placed_at)
    return {
        "byState": dict(Counter(order.record.state for order in orders if order.is_open)),
        "inDoubtCount": len(doubtful),
        "inDoubt": [_in_doubt(context, order, now) for order in doubtful[:MOST_IN_DOUBT]],
        "inMemory": context.trading.count_orders(),
    }


def _in_doubt(context: SessionContext, order: Order, now: Instant) -> Data:
    """An order in doubt. `since`: when its doubt began, or when the bridge started if it was in doubt before."""
    record = order.record
    since = order.in_doubt_since or max(record.placed_at, context.started)
    told: dict[str, Any] = {
        "client": record.owner,
        "orderKey": record.key,
        "orderId": record.order_id,
        "state": record.state,
        "change": record.change,
        "since": since,
        "age": max(0.0, (now.ts - since) / _NS),
        "sentAt": record.placed_at,
        "reason": record.reason,
        "isDoubled": bool(order.incarnations),
    }
    return told


def _pacing(context: SessionContext, now: Instant) -> Data:
    """Messages to TWS: the limit, how many have left in its window, and how many wait, by lane."""
    pacer = context.pacer
    return {
        "limit": pacer.budget.limit(now.clock),
        "sent": pacer.budget.sent(now.clock),
        "lanes": pacer.depths(),
        "waitingRequests": context.waiting(),
    }


def _client_limits(context: SessionContext, open_of: Counter[str], now: Instant) -> list[Data]:
    """What the clients of the configuration have used of their pre-trade limits that count something."""
    told: list[Data] = []
    for client, grant in context.permissions.named().items():
        used = {
            "max_open_orders": (open_of[client], grant.max_open_orders),
            "max_orders_per_minute": (context.checks.rates.sent(client, now), grant.max_orders_per_minute),
        }
        told += [
            {"client": client, "limit": limit, "used": in_use, "most": most}
            for limit, (in_use, most) in used.items()
            if most is not None
        ]
    return told
