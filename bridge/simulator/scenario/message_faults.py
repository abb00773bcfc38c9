"""Faults of messages: requests and events that are lost, held, rejected, delayed or repeated.

This module is pure. `faulty.py` asks it about each request and each event.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from bridge.simulator.core.values import Data
from bridge.simulator.exchange.exchange import Events
from bridge.simulator.scenario.texts import text_of

#: Requests for data subscriptions: they have many answers.
STREAM_REQUESTS: frozenset[str] = frozenset(
    {"reqMktData", "reqTickByTickData", "reqRealTimeBars", "reqMktDepth", "reqHistoricalData", "reqScannerSubscription"}
)
#: The requests that each farm serves.
FARM_REQUESTS: Mapping[str, frozenset[str]] = {
    "usfarm": STREAM_REQUESTS - {"reqHistoricalData"},
    "ushmds": frozenset({"reqHistoricalData"}),
    "secdefnj": frozenset({"reqContractDetails"}),
}
#: Events without a request id, and the subscription that sends them.
_SENT_BY: Mapping[str, str] = {
    **dict.fromkeys(("position", "positionEnd"), "reqPositions"),
    **dict.fromkeys(
        ("updateAccountValue", "updatePortfolio", "updateAccountTime", "accountDownloadEnd"), "reqAccountUpdates"
    ),
}
_ORDER_EVENTS = frozenset({"openOrder", "orderStatus", "execDetails", "commissionAndFeesReport"})
#: Requests for lists of orders. Their answers are complete even while order events are withheld.
_LISTS = frozenset({"reqOpenOrders", "reqAllOpenOrders", "reqCompletedOrders", "reqExecutions"})

Kind = Literal["taken", "lost", "rejected", "doubled", "held", "delayed"]


@dataclass(frozen=True, slots=True)
class Handling:
    """What happens to a request.

    `answers`: whether its answer is sent; `resets`: whether the socket is reset after it.
    """

    kind: Kind = "taken"
    answers: bool = True
    resets: bool = False
    code: int = 0
    text: str = ""
    delay: float = 0.0


TAKEN, LOST = Handling(), Handling("lost")


@dataclass(frozen=True, slots=True)
class ReceivedRequest:
    """A received request."""

    client_id: int
    name: str
    data: Data


@dataclass(slots=True)
class MessageFaults:
    """The current faults. Without faults, all requests are processed and all events are sent."""

    stopped: set[str] = field(default_factory=set)
    """Requests whose subscriptions send nothing."""
    silent: set[str] = field(default_factory=set)
    delays: dict[str, float] = field(default_factory=dict)
    lose_for: float = 0.0
    """Time after each start of a client in which its requests are lost, in seconds."""
    remembers_ids: bool = False
    repeats: int = 1
    """How often each orderStatus is sent."""
    _next: dict[str, deque[Handling]] = field(default_factory=dict)
    _held: dict[str, list[ReceivedRequest]] = field(default_factory=dict)
    _withheld: Events | None = None
    _asked: dict[tuple[int, int], str] = field(default_factory=dict)
    """(client id, request id) -> name of the open request on this connection."""
    _used: set[tuple[int, int]] = field(default_factory=set)
    """Request ids of the current connections."""
    _earlier: set[tuple[int, int]] = field(default_factory=set)
    """Request ids of earlier connections."""
    _mute: set[tuple[int, int]] = field(default_factory=set)
    _loses_until: dict[int, float] = field(default_factory=dict)

    # Clients

    def on_started(self, client_id: int, now: float) -> None:
        """Called when a client has received nextValidId."""
        self._loses_until[client_id] = now + self.lose_for

    def on_left(self, client_id: int) -> None:
        """Called when the socket of a client is closed. Its held requests are dropped."""
        gone = {key for key in self._used if key[0] == client_id}
        self._used -= gone
        self._earlier |= gone
        for key in gone:
            self._end(key)
        for requests in self._held.values():
            requests[:] = [received for received in requests if received.client_id != client_id]

    # Requests

    def on_request(self, received: ReceivedRequest, now: float) -> Handling:
        """Decide what happens to a request. A held request is stored."""
        client_id, name = received.client_id, received.name
        if now < self._loses_until.get(client_id, 0.0):
            return LOST
        if self._next.get(name):
            handling = self._next[name].popleft()
        elif self.remembers_ids and self._key(received) in self._earlier:
            handling = Handling("rejected", code=322, text=text_of(322))
        elif name in self._held:
            self._held[name].append(received)
            return Handling("held")
        else:
            handling = Handling("delayed", delay=self.delays[name]) if name in self.delays else TAKEN
            if name in self.silent:
                handling = Handling(handling.kind, answers=False, delay=handling.delay)
        self._note(received, handling)
        return handling

    def on_taken_up(self, received: ReceivedRequest) -> Handling:
        """Decide what happens to a request that was held or delayed."""
        handling = Handling(answers=received.name not in self.silent)
        self._note(received, handling)
        return handling

    def next(self, name: str, handling: Handling) -> None:
        """Set what happens to the next request of that name. Several settings are used one after the other."""
        self._next.setdefault(name, deque()).append(handling)

    def hold(self, name: str) -> None:
        self._held.setdefault(name, [])

    def answer(self, name: str) -> list[ReceivedRequest]:
        """End `silent`, `hold` and `delay` for that name. Returns the held requests."""
        self.silent.discard(name)
        self.delays.pop(name, None)
        return self._held.pop(name, [])

    def forget(self, names: frozenset[str]) -> None:
        """End the subscriptions of these names."""
        for name in names:
            for key in self.ids_of(name):
                self._end(key)

    def ids_of(self, name: str) -> list[tuple[int, int]]:
        """Return (client id, request id) of the open requests of that name."""
        return [key for key, asked in self._asked.items() if asked == name]

    def _key(self, received: ReceivedRequest) -> tuple[int, int] | None:
        """Return the key of the request's answers; None for a cancel or a request without an id."""
        if "reqId" not in received.data or received.name.startswith("cancel"):
            return None
        return received.client_id, int(received.data["reqId"])

    def _note(self, received: ReceivedRequest, handling: Handling) -> None:
        key = self._key(received)
        if key is None:
            if "reqId" in received.data:
                self._end((received.client_id, int(received.data["reqId"])))
            return
        if handling.kind in ("lost", "rejected"):
            return
        self._asked[key] = received.name
        self._used.add(key)
        if not handling.answers:
            self._mute.add(key)

    def _end(self, key: tuple[int, int]) -> None:
        """Called when a request is cancelled or forgotten."""
        self._asked.pop(key, None)
        self._mute.discard(key)

    # Events

    def withhold(self) -> None:
        """Withhold order events from now on."""
        if self._withheld is None:
            self._withheld = []

    def release_withheld(self) -> Events:
        """Stop withholding order events. Returns the withheld events."""
        events, self._withheld = self._withheld or [], None
        return events

    def discard_withheld(self) -> None:
        """Stop withholding order events, and drop the withheld events."""
        self._withheld = None

    def to_send(self, events: Events, answering: str | None, *, answers: bool = True) -> Events:
        """Return the events to send now.

        `answering` is the request that they answer, if any. `answers` is that of its Handling.
        """
        if not answers and answering is not None:
            return []
        return [event for event in self._not_withheld(events, answering) for _ in range(self._times(event[1]))]

    def _not_withheld(self, events: Events, answering: str | None) -> Iterable[tuple[int, str, Data]]:
        for event in events:
            client_id, name, data = event
            if self._is_stopped(client_id, name, data):
                continue
            if self._withheld is not None and answering not in _LISTS and self._is_on_order(client_id, name, data):
                self._withheld.append(event)
                continue
            yield event

    def _is_stopped(self, client_id: int, name: str, data: Data) -> bool:
        if name == "error":
            return False
        key = (client_id, int(data["reqId"])) if "reqId" in data else None
        if key in self._mute:
            return True
        asked = self._asked.get(key) if key is not None else _SENT_BY.get(name)
        return asked is not None and (asked in self.stopped or (key is None and asked in self.silent))

    def _is_on_order(self, client_id: int, name: str, data: Data) -> bool:
        if name == "error":
            return int(data["id"]) >= 0 and (client_id, int(data["id"])) not in self._asked
        return name in _ORDER_EVENTS

    def _times(self, name: str) -> int:
        return self.repeats if name == "orderStatus" else 1
