"""Callbacks, and the events that `for event in client` has not delivered yet. The clients call what is due."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any, NamedTuple

from tws_bridge_client.follow import Event
from tws_bridge_client.generated.messages import BY_EVENT
from tws_bridge_client.live.book import Live
from tws_bridge_client.values import expected


class Due(NamedTuple):
    """A call to make. `shows_state`: it shows the state of its one argument, so two such calls are as good as one."""

    callback: Callable[..., Any]
    arguments: tuple[Any, ...]
    shows_state: bool


#: So many events wait for a loop over the client. Without a loop fewer do, and then none.
MOST_WAITING, MOST_UNREAD = 100_000, 10_000


class Listeners:
    """Callbacks by class of message and by live object."""

    def __init__(self) -> None:
        self._by_class: dict[type, list[Callable[..., Any]]] = {}
        self._by_object: dict[int, list[tuple[Live, Callable[..., Any]]]] = {}
        self._due: list[Due] = []

    def on(self, kind: type, callback: Callable[..., Any]) -> Callable[[], None]:
        """Call `callback(message, event)` for each message of the class. Returns a function that ends this.

        Raises TypeError if no event has this class.
        """
        if kind not in BY_EVENT.values():
            raise TypeError(f"{kind!r} is not the class of an event: take one of tws_bridge_client.messages")
        return _enter(self._by_class.setdefault(kind, []), _checked(callback))

    def on_update(self, live: Live, callback: Callable[..., Any]) -> Callable[[], None]:
        """Call `callback(live)` after events have changed the object. Returns a function that ends this."""
        if not isinstance(live, Live):
            raise expected("live", "a live object, such as a ticker or an order handle", live)
        return _enter(self._by_object.setdefault(id(live), []), (live, _checked(callback)))

    def hear(self, event: Event) -> None:
        """Note the calls for one event."""
        if self._by_class and event.origin != "gap":
            callbacks = self._by_class.get(BY_EVENT.get(event.envelope["event"], type(None)))
            for callback in callbacks or ():
                self._due.append(Due(callback, (event.message, event), shows_state=False))

    def objects(self) -> list[Live]:
        """The objects that have callbacks."""
        return [callbacks[0][0] for callbacks in self._by_object.values() if callbacks]

    def updated(self, live: Live) -> None:
        """Note the calls for an object that has changed. Several changes before the calls are one."""
        for shown, callback in self._by_object.get(id(live), ()):
            due = Due(callback, (shown,), shows_state=True)
            if not any(_is_same(due, other) for other in self._due):
                self._due.append(due)

    def forget(self, live: Live) -> None:
        """Forget an object that is closed."""
        self._by_object.pop(id(live), None)

    def due(self) -> list[Due]:
        """Take the calls to make."""
        due, self._due = self._due, []
        return due


def _is_same(due: Due, other: Due) -> bool:
    """Whether these are the same calls. Live objects are compared by identity: two can be equal, as maps are."""
    return other.shows_state and due.callback == other.callback and due.arguments[0] is other.arguments[0]


def _checked(callback: Callable[..., Any]) -> Callable[..., Any]:
    if not callable(callback):
        raise expected("callback", "a function", callback)
    return callback


def _enter(callbacks: list[Any], entry: Any) -> Callable[[], None]:
    callbacks.append(entry)

    def off() -> None:
        if entry in callbacks:
            callbacks.remove(entry)

    return off


class Unread:
    """The events that a loop over the client has not delivered yet. It never drops one without a `gap`."""

    def __init__(self) -> None:
        self._events: deque[Event] = deque()
        self._is_read = False
        self._dropped = 0

    def add(self, event: Event) -> None:
        """Keep an event for the loop. If the program does not read them, drop all."""
        if self._dropped and not self._is_read:
            self._dropped += 1
            return
        self._events.append(event)
        if len(self._events) > (MOST_WAITING if self._is_read else MOST_UNREAD):
            self._dropped += len(self._events)
            self._events.clear()

    def take(self) -> Event | None:
        """Take the next event, or None. After dropped events the next one is a `gap`."""
        self._is_read = True
        if self._dropped:
            reason = f"the program has not read {self._dropped} events in time"
            self._dropped = 0
            return Event("", {"epoch": "", "event": "gap", "data": {"prefix": "", "reason": reason}}, "gap")
        return self._events.popleft() if self._events else None
