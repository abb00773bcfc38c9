"""What the declarations mean for routing, worked out once: a plan for each request, a plan for each event.

Derives everything from the catalogue; the rest of the session asks these plans and never looks a message up by name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from bridge.catalogue import Catalogue, Message
from bridge.session.topic_store import Key
from bridge.session.values import Data

#: Topic families whose topics are named by a stream.
STREAM_FAMILIES = frozenset({"market", "depth", "trades", "bars", "scanner"})
#: Requests that only the bridge itself sends, with the reason a client reads.
RESERVED = {
    "startApi": "the bridge starts the connection; it is shared by all clients",
    "verifyRequest": "the bridge starts the connection; it is shared by all clients",
    "verifyMessage": "the bridge starts the connection; it is shared by all clients",
    "verifyAndAuthRequest": "the bridge starts the connection; it is shared by all clients",
    "verifyAndAuthMessage": "the bridge starts the connection; it is shared by all clients",
}


#: Events that end a question, each with the flag that must be true in it, if any.
Endings = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class EventPlan:
    """One callback: `family` is its topic's first token, `keep` the key of its last values."""

    name: str
    family: str
    keep: Key | None


@dataclass(frozen=True, slots=True)
class RequestPlan:
    """One method. `keyed`: its answers bear our reqId; else `lane` names what it shares answers with.

    `cancel_takes`: the fields besides the id that its cancel repeats (isSmartDepth). `subject`: the subscription whose
    id it bears.
    """

    name: str
    completes: str
    answers: frozenset[str]
    keyed: bool
    lane: str
    family: str
    cancel: str | None
    cancel_takes: frozenset[str]
    subject: str | None
    scope: str | None
    once: bool
    stream_if: tuple[str, ...]
    stream_unless: tuple[str, ...]
    endings: Callable[[int], Endings]

    def download_end(self, server_version: int) -> Endings:
        """The events that end the first download of the subscription; none where nothing marks it."""
        return {} if self.stream_unless else self.endings(server_version)

    def is_stream(self, params: Data) -> bool:
        """Whether these parameters make it a subscription."""
        if self.stream_if:
            return any(params.get(name) for name in self.stream_if)
        if self.stream_unless:
            return not any(params.get(name) for name in self.stream_unless)
        return self.completes == "stream"


class RoutingTable:
    """Plans by name. `cancels` maps the name of a cancelling method to the methods that it ends."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.events = {name: _event(name, m) for m in catalogue.events() for name in m.callbacks()}
        self.requests = {m.name: _request(m, catalogue) for m in catalogue.requests() if m.name not in RESERVED}
        self.cancels: dict[str, frozenset[str]] = {}
        for plan in self.requests.values():
            if plan.cancel is not None and plan.cancel != plan.name:
                self.cancels[plan.cancel] = self.cancels.get(plan.cancel, frozenset()) | {plan.name}


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
        family=message.topic or (families[0] if families else "request"),
        cancel=cancel,
        cancel_takes=frozenset(field.name for field in takes) - {"reqId"},
        subject=message.subject,
        scope=message.scope,
        once=message.once,
        stream_if=message.streamsIf,
        stream_unless=message.streamsUnless,
        endings=partial(catalogue.endings, message),
    )


def keeper(paths: tuple[str, ...]) -> Key:
    """A function from an event's fields to the key under which the newest replaces the older ones.

    No path: one value per topic. A path may lead into records (`contract.conId`); what is absent counts as None.
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
    """The value at the end of `path`, or None where it is absent."""
    for step in path:
        if not isinstance(data, dict):
            return None
        data = data.get(step)
    return data
