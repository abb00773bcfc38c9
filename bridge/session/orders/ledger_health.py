"""Whether the bridge can write its ledger, in one table.

Each write of the ledger counts, whoever has asked for it: one that fails or hangs shows that the disk is ill. Then the
bridge refuses new orders, and writes a probe each second. Only the probe shows that the disk is well again, because a
small record may still find room on a full disk, and one quick write does not make a slow disk fast.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from bridge.session.outbox import Outbox
from bridge.session.records import Fact
from bridge.session.values import Instant

HealthState = Literal["writes", "fails", "hangs"]
HealthEvent = Literal["written", "probed", "notWritten", "late"]

STATES: Mapping[HealthState, str] = {
    "writes": "No write has failed or hung, or a probe was written quickly after that.",
    "fails": "A write failed.",
    "hangs": "A write takes longer than the disk may take.",
}
#: The next state for each pair of state and event.
TABLE: Mapping[tuple[HealthState, HealthEvent], HealthState] = {
    ("writes", "written"): "writes",
    ("writes", "probed"): "writes",
    ("writes", "notWritten"): "fails",
    ("writes", "late"): "hangs",
    ("fails", "written"): "fails",
    ("fails", "probed"): "writes",
    ("fails", "notWritten"): "fails",
    ("fails", "late"): "hangs",
    ("hangs", "written"): "hangs",
    ("hangs", "probed"): "writes",
    ("hangs", "notWritten"): "fails",
    ("hangs", "late"): "hangs",
}
#: Seconds until the bridge writes the next probe.
RETRY = 1.0
#: A probe that takes so many seconds does not show that the disk is well.
QUICK = 2.0
#: The probe must not fit where an order does not: so many characters.
_PROBE = 5 * 4096
#: After so many seconds without a look the bridge itself has stood still.
_STALL = 3.0
#: Seconds without an answer of the disk, after which the bridge treats the disk as failed.
HANGS = 5.0


class LedgerHealth:
    """See the module. `failure`: why the ledger fails now, or None."""

    def __init__(self, outbox: Outbox) -> None:
        self.state: HealthState = "writes"
        self.failure: str | None = None
        self._outbox = outbox
        #: Whether a probe is planned or under way, and how many there were.
        self._is_probing = False
        self._probes = 0
        self._oldest: int | None = None
        self._waits_since = 0.0
        self._looked = 0.0
        outbox.on_write = self._on_write

    def watch(self, now: Instant) -> None:
        """Check whether the disk hangs: a disk that hangs reports no error. The session calls this each second."""
        oldest = self._outbox.oldest_writing()
        stood_still, self._looked = now.clock - self._looked > _STALL, now.clock
        if oldest != self._oldest or stood_still:
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
        if self.state == "writes" or reason is not None:
            self.failure = reason
        if before == "writes" and self.state != "writes":
            self._outbox.log("ledgerFailed", reason=reason)
            self._outbox.pass_on("system.", "ledger", {"state": "failed", "reason": reason}, now)
        elif before != "writes" and self.state == "writes":
            self._outbox.log("ledgerRecovered")
            self._outbox.pass_on("system.", "ledger", {"state": "written"}, now)
        if self.state != "writes" and not self._is_probing:
            self._is_probing = True
            self._outbox.timers.at(now.clock + RETRY, self._probe)

    def _probe(self, now: Instant) -> None:
        """Write something that needs room on the disk, and see how long that takes."""
        begun = now.clock

        def written(now: Instant) -> None:
            self._is_probing = False
            took = now.clock - begun
            if took < QUICK:
                self._happen("probed", None, now)
            else:
                self._happen("late", f"the disk takes {took:.0f} s for a write", now)

        def not_written(reason: str, now: Instant) -> None:
            self._is_probing = False
            self._happen("notWritten", reason, now)

        self._probes += 1
        self._outbox.persist([Fact("probe", f"{self._probes}".zfill(_PROBE))], written, not_written)
