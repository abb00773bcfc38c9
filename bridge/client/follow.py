"""How a subscriber joins late and finds gaps: the state of that, without a socket or a clock.

For each prefix: subscribe, then to a marker of one's own, then ask a snapshot that publishes the marker. What came
before both are there waits; what the snapshot has is dropped; from then on each topic's `seq` must rise by one. A hole,
a new epoch, a reconnected socket, or a last event that never came (numbers are compared now and then) means: snapshot
again, and say so. A topic that the snapshot does not have begins after its `floors`; when these rise, the bridge has
forgotten numbers, in which a loss could be, and that means the same.

Feed `on_event`, `on_reply`, `on_reconnect` and `on_timer`; then carry out `commands()` and take `events()`.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, Protocol, TypeVar

Data = dict[str, Any]

#: `snapshot` and `recovered` come from a snapshot, at first and after a loss; `gap` tells of a loss, its reason in the
#: envelope's `data`.
Origin = Literal["live", "snapshot", "gap", "recovered"]

#: Seconds: without a marker the snapshot is asked again; numbers are compared; what is behind gets time to arrive.
MARKER_WAIT = 0.25
REPLY_WAIT = 5.0
CHECK = 5.0
CATCH_UP = 1.0


class Event(NamedTuple):
    """One event. `envelope` as in the wire contract: v, epoch, seq, ts, event, data and more."""

    topic: str
    envelope: Data
    origin: Origin

    @property
    def data(self) -> Data:
        found: Data = self.envelope["data"]
        return found

    @property
    def is_stale(self) -> bool:
        """Whether the value may no longer hold: TWS does not serve its stream now, or may not. Only in snapshots."""
        return bool(self.envelope.get("stale", False))


@dataclass(frozen=True, slots=True)
class Subscribe:
    topic: str


@dataclass(frozen=True, slots=True)
class Unsubscribe:
    topic: str


@dataclass(frozen=True, slots=True)
class SnapshotRequest:
    """Ask the bridge; hand its result, or None where it failed, to `on_reply(token, result)`."""

    token: int
    method: str
    params: Data


Command = Subscribe | Unsubscribe | SnapshotRequest

E_co = TypeVar("E_co", covariant=True)


class Following(Protocol[E_co]):
    """What the faces drive: a follower of topics, or of the order log. Times in seconds, on the caller's clock."""

    def start(self, now: float) -> None: ...
    def on_event(self, topic: str, envelope: Data, now: float) -> None: ...
    def on_reply(self, token: int, result: Data | None, now: float) -> None: ...
    def on_reconnect(self, now: float) -> None: ...
    def on_timer(self, now: float) -> None: ...
    def next_timer(self) -> float: ...
    def commands(self) -> Sequence[Command]: ...
    def events(self) -> Sequence[E_co]: ...


@dataclass(slots=True)
class _Track:
    """One prefix: joining (what came waits in `held`) or live (`seqs` tells the last number of each topic).

    `floors`: by first token, after which number the others begin.
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
        """The number of the topic's last event, as far as this one knows."""
        known = self.seqs.get(topic)
        return self.floors.get(topic.partition(".")[0], 0) if known is None else known


class Follower:
    """All prefixes of one SUB socket. Prefixes that another one covers are left out."""

    def __init__(self, prefixes: Iterable[str], nonce: Callable[[], str] = lambda: secrets.token_hex(8)) -> None:
        wanted = sorted(set(prefixes))
        self._tracks = [
            _Track(prefix) for prefix in wanted if not any(prefix.startswith(p) and prefix != p for p in wanted)
        ]
        self._nonce = nonce
        self._tokens = 0
        self._commands: list[Command] = []
        self._events: list[Event] = []

    def commands(self) -> list[Command]:
        drained, self._commands = self._commands, []
        return drained

    def events(self) -> list[Event]:
        drained, self._events = self._events, []
        return drained

    @property
    def is_live(self) -> bool:
        """Whether every prefix has had its snapshot."""
        return not any(track.joining for track in self._tracks)

    def next_timer(self) -> float:
        return min(track.due for track in self._tracks)

    # In

    def start(self, now: float) -> None:
        for track in self._tracks:
            self._commands.append(Subscribe(track.prefix))
            self._join(track, now, "")

    def on_event(self, topic: str, envelope: Data, now: float) -> None:
        """One event as it came from the socket."""
        if topic.startswith("sync."):
            self._on_marker(topic.removeprefix("sync."), now)
            return
        track = next((track for track in self._tracks if topic.startswith(track.prefix)), None)
        if track is None:
            return
        if track.joining:
            track.held.append((topic, envelope))
            return
        if envelope["epoch"] != track.epoch:
            self._rejoin(track, now, "the bridge has started anew", topic, envelope)
            return
        seq, last = envelope["seq"], track.last(topic)
        if seq == last + 1:
            track.seqs[topic] = seq
            self._events.append(Event(topic, envelope, "live"))
        elif seq > last:
            self._rejoin(track, now, f"{seq - last - 1} events were lost on {topic}", topic, envelope)

    def on_reply(self, token: int, result: Data | None, now: float) -> None:
        """The answer to `SnapshotRequest`: None where there was none."""
        track = next((track for track in self._tracks if track.token == token), None)
        if track is None:
            return
        if result is None:
            track.due = now + MARKER_WAIT
        elif track.joining:
            track.snapshot = result
            track.due = now + MARKER_WAIT
            self._settle(track, now)
        else:
            self._compare(track, result, now)

    def on_reconnect(self, now: float) -> None:
        """The socket was connected anew: what was published meanwhile is lost."""
        for track in self._tracks:
            if not track.joining:
                self._join(track, now, "the connection to the bridge was made anew")

    def on_timer(self, now: float) -> None:
        for track in self._tracks:
            if now < track.due:
                continue
            if track.joining:
                # The marker shows that we hear since then: an older snapshot would not fit to it.
                track.snapshot = None
                self._ask(track, "snapshot", {"prefix": track.prefix, "nonce": track.nonce}, now)
            elif track.ahead:
                self._catch_up(track, now)
            else:
                self._ask(track, "sequences", {"prefix": track.prefix}, now)

    # How it goes on

    def _join(self, track: _Track, now: float, why: str) -> None:
        track.nonce, track.joining, track.marked, track.snapshot, track.why = self._nonce(), True, False, None, why
        track.held.clear()
        track.ahead.clear()
        self._commands.append(Subscribe(f"sync.{track.nonce}"))
        self._ask(track, "snapshot", {"prefix": track.prefix, "nonce": track.nonce}, now)

    def _rejoin(self, track: _Track, now: float, why: str, topic: str, envelope: Data) -> None:
        self._join(track, now, why)
        track.held.append((topic, envelope))

    def _ask(self, track: _Track, method: str, params: Data, now: float) -> None:
        self._tokens += 1
        track.token = self._tokens
        track.due = now + REPLY_WAIT
        self._commands.append(SnapshotRequest(track.token, method, params))

    def _on_marker(self, nonce: str, now: float) -> None:
        for track in self._tracks:
            if track.joining and track.nonce == nonce:
                track.marked = True
                self._settle(track, now)

    def _settle(self, track: _Track, now: float) -> None:
        """Snapshot and marker are both there: hand out the snapshot, then what waited and is newer.

        After a loss a value that is known is handed out again where it has become stale.
        """
        if track.snapshot is None or not track.marked:
            return
        snapshot = track.snapshot
        self._commands.append(Unsubscribe(f"sync.{track.nonce}"))
        known = track.seqs if snapshot["epoch"] == track.epoch else {}
        if track.why:
            gap = {"epoch": snapshot["epoch"], "event": "gap", "data": {"prefix": track.prefix, "reason": track.why}}
            self._events.append(Event(track.prefix, gap, "gap"))
        for told in snapshot["events"]:
            topic = told["topic"]
            if told["seq"] > known.get(topic, 0) or (track.why and told.get("stale")):
                envelope = {"v": 1, "epoch": snapshot["epoch"], **told}
                self._events.append(Event(topic, envelope, "recovered" if track.why else "snapshot"))
        for gap in snapshot["gaps"]:
            stale = {"v": 1, "epoch": snapshot["epoch"], "seq": 0, "ts": gap["since"], "event": "stale", "data": gap}
            self._events.append(Event(f"{gap['topic']}stale", stale, "recovered" if track.why else "snapshot"))
        track.epoch, track.seqs, track.floors = snapshot["epoch"], dict(snapshot["sequences"]), snapshot["floors"]
        held, track.held = track.held, []
        track.joining, track.snapshot, track.due = False, None, now + CHECK
        for topic, envelope in held:
            if envelope["epoch"] == track.epoch:
                self.on_event(topic, envelope, now)

    def _compare(self, track: _Track, result: Data, now: float) -> None:
        """The bridge's numbers against ours. One that is ahead may be on its way: look again before calling it lost."""
        track.due = now + CHECK
        if result["epoch"] != track.epoch:
            self._join(track, now, "the bridge has started anew")
            return
        if result["floors"] != track.floors:
            self._join(track, now, "the bridge has forgotten the numbers of old topics: a loss there would not be seen")
            return
        track.ahead = {topic: seq for topic, seq in result["sequences"].items() if seq > track.last(topic)}
        if track.ahead:
            track.due = now + CATCH_UP

    def _catch_up(self, track: _Track, now: float) -> None:
        lost = sorted(topic for topic, seq in track.ahead.items() if seq > track.last(topic))
        track.ahead = {}
        track.due = now + CHECK
        if lost:
            self._join(track, now, f"the last events on {', '.join(lost[:3])} were lost")
