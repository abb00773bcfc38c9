"""The streams that the program has asked for by plain requests: live objects must not release these.

It knows no socket and no clock.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from tws_bridge_client.struct import Data


class Ended(NamedTuple):
    """A hold that the program has ended by a plain request. `method` is None if the request did not name it."""

    method: str | None
    stream: str


class Requested:
    """What the program holds, or may hold, by plain requests. The bridge counts one hold for each client and stream."""

    def __init__(self) -> None:
        #: Method, name and topic of each stream.
        self._held: set[tuple[str, str, str]] = set()
        #: The methods of the requests without an answer.
        self._open: list[str] = []

    def on_sent(self, method: str) -> None:
        """The program has sent a request."""
        self._open.append(method)

    def on_over(self, method: str, params: Data | None, reply: Data | None) -> Ended | None:
        """The request is over; `reply` is None without an answer. Returns the hold that it has ended, if any."""
        self._open.remove(method)
        if reply is None or not reply["ok"]:
            return None
        if reply["kind"] == "subscription":
            self._held.add((method, reply["result"]["stream"], reply["result"]["topic"]))
        elif reply["kind"] == "released":
            ended = Ended(_subscription_of(method, params or {}), reply["result"]["released"])
            self.end(ended)
            return ended
        return None

    def end(self, ended: Ended) -> None:
        """The bridge does not hold the stream for this client any more."""
        self._held = {held for held in self._held if not is_of(ended, *held)}

    def holds(self, method: str, stream: str) -> bool:
        """Whether the program needs the stream."""
        return any(held[:2] == (method, stream) for held in self._held)

    def asks(self, method: str) -> bool:
        """Whether a request with the method is under way: it may be granted the stream in question."""
        return method in self._open


def is_of(ended: Ended, method: str, stream: str, topic: str) -> bool:
    """Whether this is the stream that has ended: the program names it by its name or its topic."""
    return ended.stream in (stream, topic) and ended.method in (None, method)


def _subscription_of(method: str, params: Data) -> str | None:
    """The method of the subscription that a request ends: `release` may name it, and a cancel method has it."""
    if method == "release":
        named: Any = params.get("method")
        return named if isinstance(named, str) else None
    return f"req{method.removeprefix('cancel')}" if method.startswith("cancel") else method
