"""Clients' holds on streams: how the bridge writes them to disk and removes them. `hold_life` has their states."""

from __future__ import annotations

from collections.abc import Callable

from bridge.session.outbox import Outbox
from bridge.session.records import HoldRecord
from bridge.session.streams.hold_life import TOLD, Hold, HoldEvent, HoldState
from bridge.session.streams.streams import Stream
from bridge.session.values import Instant

#: Holds in these states are not on disk. The bridge writes them before it answers.
_UNWRITTEN: frozenset[HoldState] = frozenset({"asked", "volatile"})
#: After so many seconds the bridge no longer waits for the disk before it answers the client.
SLOW = 2.0
#: After so many seconds the bridge tries again to remove a hold from disk.
RETRY = 1.0


class Holds:
    """Keeps holds on disk. `told` is called with stream and client when the client's request can be answered."""

    def __init__(self, outbox: Outbox, told: Callable[[Stream, str, Instant], None]) -> None:
        self._outbox = outbox
        self._told = told
        #: Holds that are not yet removed from disk, by client, method and stream.
        self._over: dict[tuple[str, str, str], HoldRecord] = {}

    def serve(self, stream: Stream, client: str, now: Instant) -> None:
        """TWS serves the stream: write the hold to disk, then call `told`."""
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
        """The bridge has started, and the hold is on disk."""
        stream.holds.setdefault(client, Hold()).happen("recalled")

    def end(self, stream: Stream, client: str) -> None:
        """The client no longer holds the stream."""
        hold = stream.holds.pop(client, None)
        if hold is None:
            return
        hold.happen("over")
        self.forget(_record(stream, client, is_held=False))

    def forget(self, record: HoldRecord) -> None:
        """Remove a hold from disk. Try again each second until that succeeds, or the client holds the stream again."""
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
            what = f"that the hold of {record.client} on {record.stream} has ended, and a restart would restore it"
            self._outbox.log("notStored", what=what, reason=reason)
        self._outbox.timers.at(now.clock + RETRY, lambda _later: self._write_off(record, is_retry=True))

    def _happen(self, stream: Stream, client: str, hold: Hold, event: HoldEvent, now: Instant) -> None:
        before = hold.state
        if hold.happen(event) and before not in TOLD and hold.state in TOLD:
            self._told(stream, client, now)


def _record(stream: Stream, client: str, *, is_held: bool) -> HoldRecord:
    return HoldRecord(client, stream.plan.name, stream.name, stream.params if is_held else None)
