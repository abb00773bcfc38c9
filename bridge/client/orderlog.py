"""How a consumer follows its order log, so that each event reaches it once: the state of that, without socket or clock.

The position (log, n) is the consumer's, stored with what it has made of the events. From there on the log is read; then
what is published is taken as long as its `n` follows on; a jump, or a head (told each second) that is ahead, means:
read on. Feed `on_event`, `on_reply`, `on_reconnect` and `on_timer`; then carry out `commands()` and take `events()`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from bridge.client.follow import SnapshotRequest

Data = dict[str, Any]

#: Seconds until a question that was not answered is asked again.
REPLY_WAIT = 5.0
#: Events asked for at a time.
PAGE = 500


class Position(NamedTuple):
    """Where a consumer stands: the name of the log, and the number of the last event that it has taken."""

    log: str
    n: int


class LogEvent(NamedTuple):
    """One event, and where the consumer stands when it has taken it: to be stored together with its effects.

    `event` is `orderGap` where something is lost for good; `data` then says what.
    """

    position: Position
    topic: str
    event: str
    data: Data
    ts: int


class LogFollower:
    """Follows the log of `owner`, from `position` on; from its beginning without one."""

    def __init__(self, owner: str, position: Position | None) -> None:
        self.prefix = f"order.{owner}."
        self._position = position
        self._token = 0
        self._asking = False
        self._ahead = False
        self._due = 0.0
        self._commands: list[SnapshotRequest] = []
        self._events: list[LogEvent] = []

    def commands(self) -> list[SnapshotRequest]:
        drained, self._commands = self._commands, []
        return drained

    def events(self) -> list[LogEvent]:
        drained, self._events = self._events, []
        return drained

    def next_timer(self) -> float:
        return self._due if self._asking else float("inf")

    # In

    def start(self, now: float) -> None:
        self._read_on(now)

    def on_event(self, topic: str, envelope: Data, now: float) -> None:
        """One event as it came from the socket."""
        if topic == f"{self.prefix}head":
            self._on_head(envelope["data"], now)
        elif "n" in envelope:
            known = self._position.n if self._position is not None else -1
            if not self._asking and envelope["n"] == known + 1:
                self._take(envelope | {"topic": topic})
            elif envelope["n"] > known:
                self._read_on(now)

    def _on_head(self, data: Data, now: float) -> None:
        if self._position is None or data["log"] != self._position.log or data["head"] > self._position.n:
            self._read_on(now)

    def on_reply(self, token: int, result: Data | None, now: float) -> None:
        """The answer to `SnapshotRequest`: None where there was none."""
        if token != self._token or not self._asking:
            return
        if result is None:
            self._due = now + REPLY_WAIT
            return
        self._asking = False
        self._enter(result)
        for event in result["events"]:
            if event["n"] > self._where().n:
                self._take(event)
        if self._ahead or self._where().n < result["head"]:
            self._read_on(now)

    def on_reconnect(self, now: float) -> None:
        """The socket was connected anew: what was published meanwhile is in the log."""
        self._read_on(now)

    def on_timer(self, now: float) -> None:
        if self._asking and now >= self._due:
            self._asking = False
            self._read_on(now)

    # How it goes on

    def _where(self) -> Position:
        assert self._position is not None
        return self._position

    def _read_on(self, now: float) -> None:
        """Ask for what comes after our position; once more after that, if there was a reason in the meantime."""
        if self._asking:
            self._ahead = True
            return
        self._asking, self._ahead = True, False
        self._token += 1
        self._due = now + REPLY_WAIT
        after = 0 if self._position is None else self._position.n
        self._commands.append(SnapshotRequest(self._token, "orderLog", {"after": after, "limit": PAGE}))

    def _enter(self, result: Data) -> None:
        """See that it is still the log that we know. Another one is read from its beginning."""
        log, known = result["log"], self._position
        if known is None:
            self._position = Position(log, 0)
        elif known.log != log:
            result["events"] = [] if known.n else result["events"]
            self._lose(Position(log, 0), f"the bridge has a new order log; what came after {known.n} is lost")
        elif known.n > result["head"]:
            self._lose(Position(log, result["head"]), f"the bridge's order log ends before {known.n}: it was set back")

    def _lose(self, position: Position, reason: str) -> None:
        self._position = position
        data = {"reason": reason, "unrecoverable": True}
        self._events.append(LogEvent(position, f"{self.prefix}orderGap", "orderGap", data, 0))

    def _take(self, event: Data) -> None:
        self._position = Position(self._where().log, event["n"])
        self._events.append(LogEvent(self._position, event["topic"], event["event"], event["data"], event["ts"]))
