"""Clients' holds on streams: how they get on disk and off. Their states and events are in `hold_life`."""

from __future__ import annotations

from collections.abc import Callable

from bridge.session.effects import Log
from bridge.session.outbox import Outbox
from bridge.session.records import HoldRecord
from bridge.session.streams.hold_life import TOLD, Hold, HoldEvent, HoldState
from bridge.session.streams.streams import Stream
from bridge.session.values import Instant

#: When the bridge can answer, it has these written first: those that are not on disk.
_UNWRITTEN: frozenset[HoldState] = frozenset({"asked", "volatile"})
#: Seconds that a client waits for the disk.
SLOW = 2.0
#: Seconds until a hold that the disk could not forget is tried again.
RETRY = 1.0


class Holds:
    """Keeps holds on disk. `told` is called with stream and client when the client may be told that it holds it."""

    def __init__(self, outbox: Outbox, told: Callable[[Stream, str, Instant], None]) -> None:
        self._outbox = outbox
        self._told = told
        #: What the disk has not forgotten yet, by client, method and stream.
        self._over: dict[tuple[str, str, str], HoldRecord] = {}

    def serve(self, stream: Stream, client: str, now: Instant) -> None:
        """TWS serves the stream: the client is told as soon as its hold is on disk."""
        self._over.pop(_record(stream, client, is_held=False)[:3], None)
        hold = stream.holds.setdefault(client, Hold())
        is_new = hold.state in _UNWRITTEN
        hold.happen("served")
        if is_new:
            self._outbox.persist(
                [_record(stream, client, is_held=True)],
                lambda later: self._happen(stream, client, hold, "written", later),
                lambda _reason, later: self._happen(stream, client, hold, "notWritten", later),
            )
            self._outbox.timers.at(now.clock + SLOW, lambda later: self._happen(stream, client, hold, "slow", later))
        if hold.state in TOLD:
            self._told(stream, client, now)

    def recover(self, stream: Stream, client: str) -> None:
        """The hold is on disk, from before the bridge started."""
        stream.holds.setdefault(client, Hold()).happen("recalled")

    def end(self, stream: Stream, client: str) -> None:
        """The client holds the stream no more."""
        hold = stream.holds.pop(client, None)
        if hold is None:
            return
        hold.happen("over")
        self.forget(_record(stream, client, is_held=False))

    def forget(self, record: HoldRecord) -> None:
        """Have the disk forget a hold: tried again each second until it has, or until the client holds it again."""
        self._over[record[:3]] = record
        self._write_off(record)

    def _write_off(self, record: HoldRecord, *, is_retry: bool = False) -> None:
        if self._over.get(record[:3]) is record:
            self._outbox.persist(
                [record],
                lambda _now: self._forgotten(record),
                lambda reason, now: self._not_forgotten(record, reason, now, is_retry=is_retry),
            )

    def _forgotten(self, record: HoldRecord) -> None:
        if self._over.get(record[:3]) is record:
            del self._over[record[:3]]

    def _not_forgotten(self, record: HoldRecord, reason: str, now: Instant, *, is_retry: bool) -> None:
        if not is_retry:
            text = f"a restart would bring {record.stream} back, which {record.client} holds no more: {reason}"
            self._outbox.log(Log("warning", text))
        self._outbox.timers.at(now.clock + RETRY, lambda _later: self._write_off(record, is_retry=True))

    def _happen(self, stream: Stream, client: str, hold: Hold, event: HoldEvent, now: Instant) -> None:
        before = hold.state
        if hold.happen(event) and before not in TOLD and hold.state in TOLD:
            self._told(stream, client, now)


def _record(stream: Stream, client: str, *, is_held: bool) -> HoldRecord:
    return HoldRecord(client, stream.plan.name, stream.name, stream.params if is_held else None)
