"""The state of a subscriber that joins late and detects lost events. It knows no socket and no clock.

For each prefix the follower works in this order:

1. It subscribes to the prefix and to the topic of a marker, whose name nobody else knows.
2. It requests a snapshot. The bridge publishes the marker with it.
3. It holds back each event until both the snapshot and the marker have arrived.
4. It delivers the snapshot, then the held events that are newer, and then each event as it arrives.

From then on the `seq` of each topic must rise by one. The follower takes a new snapshot, and delivers a `gap` event
before it, in these cases: a number is missing; the epoch is new; the socket has reconnected; the bridge has a higher
number than the follower (it compares them every few seconds, because the last event may be the lost one); the `floors`
have changed. A topic that is not in the snapshot begins after the floor of its first token. When the bridge forgets
the numbers of old topics it raises the floor, and the follower cannot know whether it missed an event there.

The caller passes input to `on_event`, `on_reply`, `on_reconnect` and `on_timer`, and after each call carries out
`commands()` and takes `events()`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, Protocol, TypeVar

from tws_bridge_client.generated.messages import BY_EVENT, Message, Unknown
from tws_bridge_client.struct import new_struct, set_data

Data = dict[str, Any]

#: `live`: published now. `snapshot`: from the first snapshot. `gap`: events were lost; the envelope's `data` has the
#: reason. `recovered`: from the snapshot after a gap.
Origin = Literal["live", "snapshot", "gap", "recovered"]

#: After this many seconds without the marker, or after a failed request, the follower requests the snapshot again.
MARKER_WAIT = 0.25
#: After this many seconds without a reply the follower sends a new request.
REPLY_WAIT = 5.0
#: Seconds between two comparisons of the numbers.
CHECK = 5.0
#: An event that the bridge has published may arrive this many seconds later; after that it is lost.
CATCH_UP = 1.0
#: For so many topics the follower remembers their prefix.
_MOST_ROUTES = 10_000


class Event(NamedTuple):
    """One event.

    Attributes:
        topic: the topic, for example `market.265598.tickPrice`.
        envelope: the event as on the wire: `v`, `epoch`, `seq`, `ts` (nanoseconds since 1970 UTC), `event` (its
            name), `data` (its fields), and more. The envelope of a `gap` has only `epoch`, `event` and `data`.
        origin: `live`, `snapshot`, `gap` or `recovered`.
    """

    topic: str
    envelope: Data
    origin: Origin

    @property
    def data(self) -> Data:
        """The fields of the event, by name. A `gap` has `prefix` and `reason`."""
        found: Data = self.envelope["data"]
        return found

    @property
    def message(self) -> Message:
        """The fields of the event as an object of its class, for `match`: `case messages.TickPrice(price=price)`."""
        envelope = self[1]
        try:
            found = new_struct(BY_EVENT[envelope["event"]])
        except KeyError:
            found = new_struct(Unknown)
        set_data(found, envelope["data"])
        return found  # type: ignore[return-value]

    @property
    def is_stale(self) -> bool:
        """Whether the value may be old, because TWS may not serve its stream now. Only snapshots have stale values."""
        return bool(self.envelope.get("stale", False))


#: Makes an event faster than the class, which checks its arguments.
new_event = tuple.__new__


@dataclass(frozen=True, slots=True)
class Subscribe:
    """Subscribe the SUB socket to the prefix `topic`."""

    topic: str


@dataclass(frozen=True, slots=True)
class Unsubscribe:
    """Unsubscribe the SUB socket from the prefix `topic`."""

    topic: str


@dataclass(frozen=True, slots=True)
class SnapshotRequest:
    """Send the request, and pass its result, or None if it failed, to `on_reply(token, result)`.

    `timeout`: how many seconds to wait for the reply.
    """

    token: int
    method: str
    params: Data
    timeout: float = 5.0


Command = Subscribe | Unsubscribe | SnapshotRequest

E_co = TypeVar("E_co", covariant=True)


class FollowerLike(Protocol[E_co]):
    """The methods that both followers have. Times are in seconds, on the caller's monotonic clock."""

    def start(self, now: float) -> None: ...
    def on_event(self, topic: str, envelope: Data, now: float) -> None: ...
    def on_reply(self, token: int, result: Data | None, now: float) -> None: ...
    def on_reconnect(self, now: float) -> None: ...
    def on_timer(self, now: float) -> None: ...
    def next_timer(self) -> float: ...
    def commands(self) -> Sequence[Command]: ...
    def events(self) -> Sequence[E_co]: ...


@dataclass(slots=True)
class _PrefixState:
    """The state of one prefix.

    While `joining`, arriving events wait in `held`. Afterwards `seqs` has the last number of each topic, and `floors`
    the number after which any other topic begins, by its first token. `ahead` has the bridge's numbers that are higher
    than ours. `why` is the reason of the gap, empty for the first snapshot. `due` is the time of the next timer.
    """

    prefix: str
    nonce: str = ""
    joining: bool = True
    marked: bool = False
    snapshot: Data | None = None
    held: list[tuple[str, Data]] = field(default_factory=list)
    seqs: dict[str, int] = field(default_factory=dict)
    floors: dict[str, int] = field(default_factory=dict)
    ahead: dict[str, int] = field(default_factory=dict)
    epoch: str = ""
    why: str = ""
    due: float = 0.0
    token: int = 0

    def last(self, topic: str) -> int:
        """The number of the last event that the follower has seen on the topic, or the floor of the topic."""
        known = self.seqs.get(topic)
        return self.floors.get(topic.partition(".")[0], 0) if known is None else known


class Follower:
    """The follower of topics, for all prefixes of one SUB socket. It ignores a prefix that another one covers.

    `whole`: after a gap deliver the whole snapshot, and not only the values that are new or have become stale.
    `tokens`: the tokens of its requests are above this number.
    """

    def __init__(
        self,
        prefixes: Iterable[str],
        nonce: Callable[[], str] = lambda: os.urandom(8).hex(),
        *,
        whole: bool = False,
        tokens: int = 0,
    ) -> None:
        self._whole = whole
        wanted = sorted(set(prefixes))
        self._prefixes = [
            _PrefixState(prefix) for prefix in wanted if not any(prefix.startswith(p) and prefix != p for p in wanted)
        ]
        self._nonce = nonce
        #: The prefix of each topic that has been heard.
        self._routes: dict[str, _PrefixState] = {}
        self._tokens = tokens
        self._commands: list[Command] = []
        self._events: list[Event] = []

    def commands(self) -> list[Command]:
        """Take the commands to carry out, in order."""
        drained, self._commands = self._commands, []
        return drained

    def events(self) -> list[Event]:
        """Take the events to deliver, in order."""
        drained, self._events = self._events, []
        return drained

    @property
    def is_live(self) -> bool:
        """Whether every prefix has its snapshot."""
        return not any(state.joining for state in self._prefixes)

    def next_timer(self) -> float:
        """The time at which to call `on_timer` next."""
        return min((state.due for state in self._prefixes), default=float("inf"))

    def is_joining(self, prefix: str) -> bool:
        """Whether the follower waits for the snapshot of this prefix, so that events may be missing."""
        return any(state.joining for state in self._prefixes if state.prefix == prefix)

    # Changes while it runs

    def add(self, prefix: str, now: float) -> None:
        """Follow one more prefix, from its snapshot on.

        Raises ValueError if another prefix covers it, or the other way round.
        """
        for other in self._prefixes:
            if other.prefix.startswith(prefix) or prefix.startswith(other.prefix):
                raise ValueError(f"{prefix} and {other.prefix} cover the same topics")
        state = _PrefixState(prefix)
        self._prefixes.append(state)
        self._commands.append(Subscribe(prefix))
        self._join(state, now, "")

    def remove(self, prefix: str) -> None:
        """Follow the prefix no more. Events and replies that are still on their way are dropped."""
        for state in [state for state in self._prefixes if state.prefix == prefix]:
            self._prefixes.remove(state)
            self._routes.clear()
            self._commands.append(Unsubscribe(prefix))
            if state.joining:
                self._commands.append(Unsubscribe(f"sync.{state.nonce}"))

    def begin_anew(self, prefix: str, now: float, why: str) -> None:
        """Take a new snapshot of the prefix, also in place of one that is under way.

        With an empty `why` no `gap` is delivered, and the events have the origin `snapshot`: nothing was lost.
        """
        for state in self._prefixes:
            if state.prefix == prefix:
                if state.joining:
                    self._commands.append(Unsubscribe(f"sync.{state.nonce}"))
                    why = state.why or why
                self._join(state, now, why)

    def renew(self, prefix: str, now: float, why: str) -> None:
        """Take a new snapshot of the prefix, as after a gap; `why` is its reason."""
        for state in self._prefixes:
            if state.prefix == prefix and not state.joining:
                self._join(state, now, why)

    # Input

    def start(self, now: float) -> None:
        """Subscribe to all prefixes and request their snapshots."""
        for state in self._prefixes:
            self._commands.append(Subscribe(state.prefix))
            self._join(state, now, "")

    def on_event(self, topic: str, envelope: Data, now: float) -> None:
        """Handle one event from the socket."""
        if topic.startswith("sync."):
            self._on_marker(topic.removeprefix("sync."), now)
            return
        state = self._routes.get(topic) or self._find(topic)
        if state is None:
            return
        if state.joining:
            state.held.append((topic, envelope))
            return
        if envelope["epoch"] != state.epoch:
            self._rejoin(state, now, "the bridge has restarted", topic, envelope)
            return
        seq, last = envelope["seq"], state.last(topic)
        if seq == last + 1:
            state.seqs[topic] = seq
            self._events.append(new_event(Event, (topic, envelope, "live")))
        elif seq > last:
            self._rejoin(state, now, f"{seq - last - 1} events were lost on {topic}", topic, envelope)

    def _find(self, topic: str) -> _PrefixState | None:
        found = next((state for state in self._prefixes if topic.startswith(state.prefix)), None)
        if found is not None:
            if len(self._routes) >= _MOST_ROUTES:
                self._routes.clear()
            self._routes[topic] = found
        return found

    def on_reply(self, token: int, result: Data | None, now: float) -> None:
        """Handle the result of a `SnapshotRequest`, or None if it failed."""
        state = next((state for state in self._prefixes if state.token == token), None)
        if state is None:
            return
        if result is None:
            state.due = now + MARKER_WAIT
        elif state.joining:
            state.snapshot = result
            state.due = now + MARKER_WAIT
            self._settle(state, now)
        else:
            self._compare(state, result, now)

    def on_reconnect(self, now: float) -> None:
        """Handle a reconnect of the socket. Events published in between are lost."""
        for state in self._prefixes:
            if not state.joining:
                self._join(state, now, "the client has reconnected to the bridge")

    def on_timer(self, now: float) -> None:
        """Send the requests that are due."""
        for state in self._prefixes:
            if now < state.due:
                continue
            if state.joining:
                # The marker proves that the subscription worked when the snapshot was made. Discard an older snapshot.
                state.snapshot = None
                self._ask(state, "snapshot", {"prefix": state.prefix, "nonce": state.nonce}, now)
            elif state.ahead:
                self._catch_up(state, now)
            else:
                self._ask(state, "sequences", {"prefix": state.prefix}, now)

    # Transitions

    def _join(self, state: _PrefixState, now: float, why: str) -> None:
        state.nonce, state.joining, state.marked, state.snapshot, state.why = self._nonce(), True, False, None, why
        state.held.clear()
        state.ahead.clear()
        self._commands.append(Subscribe(f"sync.{state.nonce}"))
        self._ask(state, "snapshot", {"prefix": state.prefix, "nonce": state.nonce}, now)

    def _rejoin(self, state: _PrefixState, now: float, why: str, topic: str, envelope: Data) -> None:
        self._join(state, now, why)
        state.held.append((topic, envelope))

    def _ask(self, state: _PrefixState, method: str, params: Data, now: float) -> None:
        self._tokens += 1
        state.token = self._tokens
        state.due = now + REPLY_WAIT
        self._commands.append(SnapshotRequest(state.token, method, params))

    def _on_marker(self, nonce: str, now: float) -> None:
        for state in self._prefixes:
            if state.joining and state.nonce == nonce:
                state.marked = True
                self._settle(state, now)

    def _settle(self, state: _PrefixState, now: float) -> None:
        """If snapshot and marker have both arrived, deliver the snapshot, then the held events that are newer.

        After a gap, deliver a known value again if it has become stale.
        """
        if state.snapshot is None or not state.marked:
            return
        snapshot = state.snapshot
        self._commands.append(Unsubscribe(f"sync.{state.nonce}"))
        known = state.seqs if snapshot["epoch"] == state.epoch and not self._whole else {}
        if state.why:
            gap = {"epoch": snapshot["epoch"], "event": "gap", "data": {"prefix": state.prefix, "reason": state.why}}
            self._events.append(Event(state.prefix, gap, "gap"))
        for entry in snapshot["events"]:
            topic = entry["topic"]
            if entry["seq"] > known.get(topic, 0) or (state.why and entry.get("stale")):
                envelope = {"v": 1, "epoch": snapshot["epoch"], **entry}
                self._events.append(Event(topic, envelope, "recovered" if state.why else "snapshot"))
        for gap in snapshot["gaps"]:
            stale = {"v": 1, "epoch": snapshot["epoch"], "seq": 0, "ts": gap["since"], "event": "stale", "data": gap}
            self._events.append(Event(f"{gap['topic']}stale", stale, "recovered" if state.why else "snapshot"))
        state.epoch, state.seqs, state.floors = snapshot["epoch"], dict(snapshot["sequences"]), snapshot["floors"]
        held, state.held = state.held, []
        state.joining, state.snapshot, state.due = False, None, now + CHECK
        for topic, envelope in held:
            if envelope["epoch"] == state.epoch:
                self.on_event(topic, envelope, now)

    def _compare(self, state: _PrefixState, result: Data, now: float) -> None:
        """Compare the bridge's numbers with ours. A missing event may still be on its way, so check again later."""
        state.due = now + CHECK
        if result["epoch"] != state.epoch:
            self._join(state, now, "the bridge has restarted")
            return
        if result["floors"] != state.floors:
            self._join(
                state,
                now,
                "the bridge has forgotten the numbers of old topics, so the client cannot detect losses there",
            )
            return
        state.ahead = {topic: seq for topic, seq in result["sequences"].items() if seq > state.last(topic)}
        if state.ahead:
            state.due = now + CATCH_UP

    def _catch_up(self, state: _PrefixState, now: float) -> None:
        lost = sorted(topic for topic, seq in state.ahead.items() if seq > state.last(topic))
        state.ahead = {}
        state.due = now + CHECK
        if lost:
            self._join(state, now, f"the last events on {', '.join(lost[:3])} were lost")
