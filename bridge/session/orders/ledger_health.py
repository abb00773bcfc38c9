"""Whether the bridge can write its ledger, in one table. Each write of the ledger counts, whoever has asked for it.

While the ledger fails the bridge refuses new orders. If nothing else waits to be written, it tries the disk itself,
each second, with a record that changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

from bridge.session.outbox import Outbox
from bridge.session.records import Record
from bridge.session.values import Instant

HealthState = Literal["writes", "fails", "hangs"]
HealthEvent = Literal["written", "notWritten", "late"]

STATES: Mapping[HealthState, str] = {
    "writes": "The last write was successful.",
    "fails": "The last write failed.",
    "hangs": "A write waits longer than the disk may take.",
}
#: The next state for each pair of state and event.
TABLE: Mapping[tuple[HealthState, HealthEvent], HealthState] = {
    ("writes", "written"): "writes",
    ("writes", "notWritten"): "fails",
    ("writes", "late"): "hangs",
    ("fails", "written"): "writes",
    ("fails", "notWritten"): "fails",
    ("fails", "late"): "hangs",
    ("hangs", "written"): "writes",
    ("hangs", "notWritten"): "fails",
    ("hangs", "late"): "hangs",
}
#: Seconds until the bridge retries a failed write.
RETRY = 1.0
#: Seconds without an answer of the disk, after which the bridge treats the disk as failed.
HANGS = 5.0


class LedgerHealth:
    """See the module. `probe` makes the record that changes nothing. `failure`: why the ledger fails now, or None."""

    def __init__(self, outbox: Outbox, probe: Callable[[], Record]) -> None:
        self.state: HealthState = "writes"
        self.failure: str | None = None
        self._outbox = outbox
        self._probe = probe
        self._is_retrying = False
        self._oldest: int | None = None
        self._waits_since = 0.0
        outbox.on_write = self._on_write

    def watch(self, now: Instant) -> None:
        """Check whether the disk hangs: a disk that hangs reports no error. The session calls this each second."""
        oldest = self._outbox.oldest_writing()
        if oldest != self._oldest:
            self._oldest, self._waits_since = oldest, now.clock
        elif oldest is not None and now.clock - self._waits_since >= HANGS:
            self._happen("late", f"the disk has not answered for {HANGS:g} s", now)

    def on_unusable(self, reason: str, now: Instant) -> None:
        """The shell has looked at the files of the ledger, and could not write them."""
        self._happen("notWritten", reason, now)

    def _on_write(self, reason: str | None, now: Instant) -> None:
        """A write has ended. `reason`: why it failed, or None."""
        self._happen("written" if reason is None else "notWritten", reason, now)

    def _happen(self, event: HealthEvent, reason: str | None, now: Instant) -> None:
        before, self.state = self.state, TABLE[self.state, event]
        self.failure = None if self.state == "writes" else reason
        if before == "writes" and self.state != "writes":
            self._outbox.log("ledgerFailed", reason=reason)
            self._outbox.pass_on("system.", "ledger", {"state": "failed", "reason": reason}, now)
        elif before != "writes" and self.state == "writes":
            self._outbox.log("ledgerRecovered")
            self._outbox.pass_on("system.", "ledger", {"state": "written"}, now)
        if self.state == "fails" and not self._is_retrying:
            self._is_retrying = True
            self._outbox.timers.at(now.clock + RETRY, self._retry)

    def _retry(self, _now: Instant) -> None:
        self._is_retrying = False
        if self.state == "fails" and self._outbox.oldest_writing() is None:
            self._outbox.persist([self._probe()], lambda _now: None, lambda _reason, _now: None)
