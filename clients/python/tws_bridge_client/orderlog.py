"""The state of a consumer that follows its order log and gets each event once. It knows no socket and no clock.

The consumer stores its position (log, n) together with the effects of the events. The follower first reads the log from
that position with the method `orderLog`. Then it takes published events, as long as the `n` of each is one higher than
the last. If a number is missing, or the `head` that the bridge publishes each second is higher than the last number, it
reads the log again.

The caller passes input to `on_event`, `on_reply`, `on_reconnect` and `on_timer`, and after each call carries out
`commands()` and takes `events()`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from tws_bridge_client import answers
from tws_bridge_client.follow import SnapshotRequest
from tws_bridge_client.generated.messages import Message

Data = dict[str, Any]

#: After this many seconds without a reply the follower sends the request again.
REPLY_WAIT = 5.0
#: After a failed request it waits so many seconds, or `SOON` if anything shows that the bridge is there.
RETRY, SOON = 2.0, 0.25
#: The bridge publishes the head of the log each second. After so many seconds without a word the log may be behind.
SILENCE = 5.0
#: How many events one request asks for.
PAGE = 500


class LogPosition(NamedTuple):
    """The position of a consumer: the name of the log, and the number of the last event that it has taken."""

    log: str
    n: int


class LogEvent(NamedTuple):
    """One event of the order log.

    Attributes:
        position: the position after this event. Store it together with the effects of the event.
        topic: the topic on which the bridge publishes the event.
        event: the name of the event. `orderGap` means that events are lost and cannot be read again.
        data: the fields of the event, by name. An `orderGap` has `reason` and `unrecoverable`.
        ts: nanoseconds since 1970 UTC; 0 for an `orderGap`.
    """

    position: LogPosition
    topic: str
    event: str
    data: Data
    ts: int

    @property
    def message(self) -> Message:
        """The fields of the event as an object of its class, for `match`."""
        found: Message = answers.message(self.event, self.data)
        return found


class LogFollower:
    """The follower of the order log of `owner`. It begins after `position`, or with the first event if that is None."""

    def __init__(self, owner: str, position: LogPosition | None) -> None:
        self.prefix = f"order.{owner}."
        self._position = position
        #: The epoch of the last reply. Only events of this epoch are of the same log.
        self._epoch: str | None = None
        self._token = 0
        self._asking = False
        self._ahead = False
        self._has_failed = False
        self._asked_at = 0.0
        self._due = 0.0
        #: The epoch of the newest event, and when it arrived.
        self._heard_epoch: str | None = None
        self._heard = float("-inf")
        self._commands: list[SnapshotRequest] = []
        self._events: list[LogEvent] = []

    def commands(self) -> list[SnapshotRequest]:
        """Take the requests to send, in order."""
        drained, self._commands = self._commands, []
        return drained

    def events(self) -> list[LogEvent]:
        """Take the events to deliver, in order."""
        drained, self._events = self._events, []
        return drained

    def next_timer(self) -> float:
        """The time at which to call `on_timer` next; infinity if no request is open or planned."""
        return self._due if self._asking or self._has_failed else float("inf")

    def is_behind(self, now: float) -> bool:
        """Whether the log may have events that the follower has not delivered."""
        return self._asking or self._has_failed or self._epoch is None or now - self._heard > SILENCE

    # Input

    def start(self, now: float) -> None:
        """Request the first page of the log."""
        self._read_more(now)

    def on_event(self, topic: str, envelope: Data, now: float) -> None:
        """Handle one event from the socket."""
        self._hear(envelope.get("epoch"), now)
        if topic == f"{self.prefix}head":
            self._on_head(envelope["data"], now)
        elif "n" in envelope:
            known = self._position.n if self._position is not None else -1
            if envelope["epoch"] != self._epoch:
                self._read_more(now)  # the bridge has started again, perhaps with another log
            elif not (self._asking or self._has_failed) and envelope["n"] == known + 1:
                self._take(envelope | {"topic": topic})
            elif envelope["n"] > known:
                self._read_more(now)

    def _hear(self, epoch: str | None, now: float) -> None:
        """The bridge is there: a request that has failed, or that went to an earlier run, is sent again soon."""
        self._heard = now
        if epoch != self._heard_epoch:
            if self._asking and self._heard_epoch is not None:
                self._abandon(now)
            self._heard_epoch = epoch
        if self._has_failed:
            self._due = min(self._due, self._asked_at + SOON, now + SOON)

    def _abandon(self, now: float) -> None:
        """The bridge may never answer the open request: send another one."""
        self._asking, self._has_failed = False, True
        self._due = max(now, self._asked_at + SOON)

    def _on_head(self, data: Data, now: float) -> None:
        if self._position is None or data["log"] != self._position.log or data["head"] > self._position.n:
            self._read_more(now)

    def on_reply(self, token: int, result: Data | None, now: float) -> None:
        """Handle the result of a `SnapshotRequest`, or None if it failed."""
        if token != self._token or not self._asking:
            return
        self._asking = False
        if result is None:
            self._has_failed, self._due = True, now + RETRY
            return
        self._heard = now
        self._epoch = result["epoch"]
        self._check_log(result)
        for event in result["events"]:
            if event["n"] > self._known_position().n:
                self._take(event)
        if self._ahead or self._known_position().n < result["head"]:
            self._read_more(now)

    def on_reconnect(self, now: float) -> None:
        """Handle a reconnect of the socket. The log has the events that were published in between."""
        if self._asking:
            self._abandon(now)
        elif self._has_failed:
            self._due = min(self._due, now)
        else:
            self._read_more(now)

    def on_timer(self, now: float) -> None:
        """Send an unanswered request again."""
        if (self._asking or self._has_failed) and now >= self._due:
            self._asking = self._has_failed = False
            self._read_more(now)

    # Transitions

    def _known_position(self) -> LogPosition:
        assert self._position is not None
        return self._position

    def _read_more(self, now: float) -> None:
        """Request the events after our position. If a request is open, make another one after it."""
        if self._asking or self._has_failed:
            self._ahead = True
            return
        self._asking, self._ahead = True, False
        self._token += 1
        self._asked_at, self._due = now, now + REPLY_WAIT
        after = 0 if self._position is None else self._position.n
        self._commands.append(SnapshotRequest(self._token, "orderLog", {"after": after, "limit": PAGE}))

    def _check_log(self, result: Data) -> None:
        """Check that the log is the one of our position. If it is another one, begin with its first event."""
        log, known = result["log"], self._position
        if known is None:
            self._position = LogPosition(log, 0)
        elif known.log != log:
            result["events"] = [] if known.n else result["events"]
            self._report_loss(
                LogPosition(log, 0), f"the bridge has a new order log; the events after {known.n} are lost"
            )
        elif known.n > result["head"]:
            self._report_loss(
                LogPosition(log, result["head"]), f"the bridge's order log ends before {known.n}: it is an older copy"
            )

    def _report_loss(self, position: LogPosition, reason: str) -> None:
        self._position = position
        data = {"reason": reason, "unrecoverable": True}
        self._events.append(LogEvent(position, f"{self.prefix}orderGap", "orderGap", data, 0))

    def _take(self, event: Data) -> None:
        self._position = LogPosition(self._known_position().log, event["n"])
        self._events.append(LogEvent(self._position, event["topic"], event["event"], event["data"], event["ts"]))
