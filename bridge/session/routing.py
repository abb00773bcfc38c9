"""Routing: a plan for each request and for each event, computed once from the catalogue.

The rest of the session reads these plans, and never looks up a message by name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from bridge.catalogue import Catalogue, Message
from bridge.session.topic_store import Key
from bridge.session.values import Data

#: Topic families in which a stream's name is part of the topic.
STREAM_FAMILIES = frozenset({"market", "depth", "trades", "bars", "scanner"})
#: Builtin methods whose answer comes from TWS, and the method of TWS that each one resembles.
LIKE = {
    "placeOrders": "placeOrder",
    "modifyOrder": "placeOrder",
    "cancelMine": "cancelOrder",
    "abandon": "cancelOrder",
    "awaitOrder": "cancelOrder",
}
#: Requests that only the bridge itself sends, and the reason that a client reads.
RESERVED = {
    "startApi": "the bridge starts the connection; it is shared by all clients",
    "verifyRequest": "the bridge starts the connection; it is shared by all clients",
    "verifyMessage": "the bridge starts the connection; it is shared by all clients",
    "verifyAndAuthRequest": "the bridge starts the connection; it is shared by all clients",
    "verifyAndAuthMessage": "the bridge starts the connection; it is shared by all clients",
}


#: Events that end a request, each with the flag that must be true in it, or None.
Endings = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class EventPlan:
    """One callback. `family`: the first token of its topic. `keep`: returns the key of a value that its topic keeps."""

    name: str
    family: str
    keep: Key | None


@dataclass(frozen=True, slots=True)
class RequestPlan:
    """One method.

    `keyed`: the request and its answers contain a reqId. `lane`: requests without a reqId that share answers have the
    same lane. `cancel_takes`: the fields besides the reqId that its cancel repeats (isSmartDepth). `subject`: the
    method of the subscription whose reqId this request uses. `line`: the kind of line that it uses at TWS. `shared`:
    equal requests of several clients are one request at TWS. `echoes`: the fields that the answers to a request without
    a reqId repeat. `cache`: for how long the bridge may keep the answer
    (`day`, `bars`), or None.
    """

    name: str
    completes: str
    answers: frozenset[str]
    keyed: bool
    lane: str
    echoes: frozenset[str]
    family: str
    cancel: str | None
    cancel_takes: frozenset[str]
    subject: str | None
    scope: str | None
    once: bool
    shared: bool
    cache: str | None
    line: str | None
    stream_if: tuple[str, ...]
    stream_unless: tuple[str, ...]
    endings: Callable[[int], Endings]

    def download_end(self, server_version: int) -> Endings:
        """Return the events that end the first download of the subscription; empty if no event marks the end."""
        return {} if self.stream_unless else self.endings(server_version)

    def is_stream(self, params: Data) -> bool:
        """Return whether these parameters make the request a subscription."""
        if self.stream_if:
            return any(params.get(name) for name in self.stream_if)
        if self.stream_unless:
            return not any(params.get(name) for name in self.stream_unless)
        return self.completes == "stream"


#: Methods that cancel orders, whatever the catalogue says of them.
_CANCELS = frozenset({"cancelOrder", "cancelMine", "abandon", "reqGlobalCancel"})


class RoutingTable:
    """The plans by name. `cancels` maps the name of a cancelling method to the methods that it ends."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.events = {name: _event(name, m) for m in catalogue.events() for name in m.callbacks()}
        self.requests = {m.name: _request(m, catalogue) for m in catalogue.requests() if m.name not in RESERVED}
        #: The first tokens of topics.
        self.families = frozenset({plan.family for plan in self.events.values()} | {"request", "sync"})
        self.cancels: dict[str, frozenset[str]] = {}
        for plan in self.requests.values():
            if plan.cancel is not None and plan.cancel != plan.name:
                self.cancels[plan.cancel] = self.cancels.get(plan.cancel, frozenset()) | {plan.name}

    def is_cancel(self, method: str) -> bool:
        """Return whether the method ends an order, a request or a stream."""
        return method in self.cancels or method in _CANCELS


def _event(name: str, message: Message) -> EventPlan:
    family = message.topic or "system"
    return EventPlan(name, family, None if family == "request" else keeper(message.last))


def _request(message: Message, catalogue: Catalogue) -> RequestPlan:
    answers = [event for name in message.answers if (event := catalogue.find(name))]
    endings = [event for end in message.end if (event := catalogue.find(end.event))]
    keyed = "reqId" in {field.name for field in catalogue.record(message).fields}
    families = [event.topic for event in answers if event.topic]
    shared = sorted({end.event for end in message.end}) or sorted(message.answers)
    switch = any(field.name == "subscribe" for field in catalogue.record(message).fields)
    cancel = message.cancel or (message.name if switch else None)
    takes = catalogue.record(catalogue.messages[cancel]).fields if cancel is not None else ()
    return RequestPlan(
        name=message.name,
        completes=message.completes or "none",
        answers=frozenset(message.answers) | {event.name for event in endings},
        keyed=keyed,
        lane="+".join(shared) or message.name,
        echoes=frozenset() if keyed else frozenset(message.key).intersection(*(event.key for event in answers)),
        family=message.topic or (families[0] if families else "request"),
        cancel=cancel,
        cancel_takes=frozenset(field.name for field in takes) - {"reqId"},
        subject=message.subject,
        scope=message.scope,
        once=message.once,
        shared=message.shared,
        cache=message.cache,
        line=message.line,
        stream_if=message.streamsIf,
        stream_unless=message.streamsUnless,
        endings=partial(catalogue.endings, message),
    )


def keeper(paths: tuple[str, ...]) -> Key:
    """Return a function from an event's fields to the key under which a newer value replaces the older one.

    Without a path, the topic keeps one value. A path may lead into records (`contract.conId`); an absent field counts
    as None.
    """
    match len(paths):
        case 0:
            return _only
        case 1 if "." not in paths[0]:
            return partial(_get, paths[0])
        case _:
            return partial(_several, tuple(path.split(".") for path in paths))


def _only(_data: Data) -> None:
    return None


def _get(name: str, data: Data) -> Any:
    return data.get(name)


def _several(paths: tuple[list[str], ...], data: Data) -> tuple[Any, ...]:
    return tuple(dig(data, path) for path in paths)


def dig(data: Any, path: list[str]) -> Any:
    """Return the value at the end of `path`, or None if it is absent."""
    for step in path:
        if not isinstance(data, dict):
            return None
        data = data.get(step)
    return data
