"""What a subscriber knows below one prefix, by the steps of the contract: subscribe, ask a snapshot with a marker of
one's own, drop what it has, and begin again at a hole, another epoch, or a connection that was made anew.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Data = dict[str, Any]
SnapshotRequest = Callable[[str, Data, float, Callable[[Data | None], None]], None]
#: Subscribe to a prefix, or end that.
Turn = Callable[[str, bool], None]

MARKER_WAIT = 0.5
#: Until a comparison of the numbers that gets no answer is made again.
REPLY_WAIT = 5.0
#: Seconds between two looks at the numbers, and until what is behind by then counts as lost.
CHECK = 150.0
CATCH_UP = 1.0


class View:
    """`taken` is called with each event that is new, `settled` after a snapshot: what came before does not count.

    `marked` is called as the first marker comes: the snapshot, which may come later, is of that moment or of a later
    one. `planned` is called with the time when `on_time` is due next. `ignored`: a topic that this subscriber does not
    listen to.
    """

    def __init__(self, prefix: str, name: str, ask: SnapshotRequest, turn: Turn, ignored: str = "") -> None:
        self.prefix = prefix
        self.epoch = ""
        self.joining = True
        self.why = "new"
        self.due = float("inf")
        #: When the marker of its last snapshot came.
        self.marked_at = 0.0
        self.taken: Callable[[str, Data, bool], None] = lambda _topic, _event, _live: None
        self.marked: Callable[[], None] = lambda: None
        self.settled: Callable[[str], None] = lambda _why: None
        #: Called with the streams that are out, as the snapshot has them.
        self.gaps: Callable[[list[Data]], None] = lambda _gaps: None
        self.planned: Callable[[float], None] = lambda _due: None
        self._ask, self._turn = ask, turn
        self._name = name
        self._ignored = ignored
        self._joins = 0
        self._nonce = ""
        self._has_marker = False
        self._snapshot: Data | None = None
        self._held: list[tuple[str, Data]] = []
        self._seqs: dict[str, int] = {}
        self._ahead: dict[str, int] = {}
        self._turn(prefix, True)

    def join(self, now: float, why: str) -> None:
        """Begin anew."""
        if self._nonce:
            self._turn(f"sync.{self._nonce}", False)
        self._joins += 1
        self.joining, self.why = True, why
        self._nonce, self._has_marker, self._snapshot = f"{self._name}-{self._joins}", False, None
        self._held.clear()
        self._ahead.clear()
        self._turn(f"sync.{self._nonce}", True)
        self._ask_snapshot(now)

    def _ask_snapshot(self, now: float) -> None:
        self._plan(now + MARKER_WAIT)
        nonce = self._nonce

        def done(reply: Data | None) -> None:
            if nonce == self._nonce and self.joining and reply is not None and reply["ok"]:
                self._snapshot = reply["result"]
                self._settle()

        self._ask("snapshot", {"prefix": self.prefix, "nonce": nonce}, 5.0, done)

    def _plan(self, due: float) -> None:
        self.due = due
        self.planned(due)

    def on_time(self, now: float) -> None:
        if now < self.due:
            return
        if self.joining:
            self._snapshot = None
            self._ask_snapshot(now)
        elif self._ahead:
            lost = [topic for topic, seq in self._ahead.items() if seq > self._seqs.get(topic, 0)]
            self._ahead = {}
            self._plan(now + CHECK)
            if lost:
                self.join(now, f"the last events on {lost[0]} were lost")
        else:
            self._compare(now)

    def _compare(self, now: float) -> None:
        self._plan(now + CHECK)
        joins = self._joins

        def done(reply: Data | None) -> None:
            if joins != self._joins or self.joining:
                return
            if reply is None or not reply["ok"]:
                self._plan(now + REPLY_WAIT + CATCH_UP)
                return
            result = reply["result"]
            if result["epoch"] != self.epoch:
                self.join(now, "the bridge has restarted")
                return
            told = result["sequences"].items()
            self._ahead = {t: n for t, n in told if n > self._seqs.get(t, 0) and t != self._ignored}
            if self._ahead:
                self._plan(now + CATCH_UP)

        self._ask("sequences", {"prefix": self.prefix}, REPLY_WAIT, done)

    def on_event(self, topic: str, event: Data, now: float) -> None:
        if topic == self._ignored:
            return
        if topic.startswith("sync."):
            if topic == f"sync.{self._nonce}" and self.joining:
                is_first, self._has_marker, self.marked_at = not self._has_marker, True, now
                if is_first:  # a request that is made again has the same nonce, and any of the answers counts
                    self.marked()
                self._settle()
            return
        if self.joining:
            self._held.append((topic, event))
            return
        last, seq = self._seqs.get(topic, 0), event["seq"]
        if event["epoch"] != self.epoch:
            self.join(now, "the bridge has restarted")
        elif seq > last + 1:
            self.join(now, f"{seq - last - 1} events were lost on {topic}")
        elif seq == last + 1:
            self._seqs[topic] = seq
            self.taken(topic, event, True)

    def _settle(self) -> None:
        if self._snapshot is None or not self._has_marker:
            return
        snapshot, self._snapshot = self._snapshot, None
        self._turn(f"sync.{self._nonce}", False)
        self._nonce = ""
        self.epoch, self._seqs = snapshot["epoch"], dict(snapshot["sequences"])
        self.joining = False
        now = self.due
        self._plan(now + CHECK)
        held, self._held = self._held, []
        self.settled(self.why)
        self.gaps(snapshot["gaps"])
        for event in snapshot["events"]:
            self.taken(event["topic"], event, False)
        for topic, event in held:
            if event["epoch"] == self.epoch and not self.joining and event["seq"] > self._seqs.get(topic, 0):
                self.on_event(topic, event, now)
