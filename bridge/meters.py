"""The meters: what the shell counts for `/metrics`, if somebody may look. The bridge's loop writes them.

The way of a tick pays one addition for each event, and two readings of the clock for each read from TWS.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from bridge.session.tallies import SHORT, Histogram, HistogramFigures, Tallies
from bridge.session.topic_store import Publication
from bridge.session.values import Data


class BridgeFigures(NamedTuple):
    """All figures of a bridge at one moment. Nobody changes them any more.

    `overview`: of the session. `tallies`: what the session has counted. `events`: published events, by topic family.
    `publish_lag`: seconds from a read from TWS to the publication of its events. `sent`: messages to TWS.
    `received_bytes`: bytes from TWS. `commits`: seconds of the ledger's commits. `ledger_jobs`: what waits for the
    ledger's thread.
    """

    overview: Data
    tallies: TallyFigures
    events: dict[str, int]
    publish_lag: HistogramFigures
    sent: int
    received_bytes: int
    commits: HistogramFigures
    ledger_jobs: int


class TallyFigures(NamedTuple):
    """The tallies of the session at one moment; see `Tallies`."""

    requests: dict[str, int]
    errors: dict[str, int]
    connection_changes: dict[str, int]
    order_states: dict[str, int]
    notices: int
    slow_downs: dict[str, int]
    order_sent: HistogramFigures
    order_answered: HistogramFigures
    waits: HistogramFigures

    @classmethod
    def of(cls, tallies: Tallies) -> TallyFigures:
        """Copy the tallies."""
        return cls(
            dict(tallies.requests),
            dict(tallies.errors),
            dict(tallies.connection_changes),
            dict(tallies.order_states),
            tallies.notices,
            dict(tallies.slow_downs),
            tallies.order_sent.figures(),
            tallies.order_answered.figures(),
            tallies.waits.figures(),
        )


class Meters:
    """See the module. `read_at`: when the bytes of this turn were read (steady clock); None in other turns."""

    __slots__ = ("events", "publish_lag", "read_at", "received_bytes", "sent")

    def __init__(self) -> None:
        self.events: dict[str, int] = {}
        self.publish_lag = Histogram(SHORT)
        self.read_at: float | None = None
        self.sent = 0
        self.received_bytes = 0

    def published(self, publications: Sequence[Publication], clock: float) -> None:
        """These events were published; the last of them at `clock`, and that counts for all of them."""
        if self.read_at is not None:
            self.publish_lag.observe(clock - self.read_at, len(publications))
        # Most events of a turn are of one family: count runs, because a dict costs more than the rest of the loop.
        family, run = publications[0][0].family, 0
        for publication in publications:
            if publication[0].family is not family:
                self._count(family, run)
                family, run = publication[0].family, 0
            run += 1
        self._count(family, run)

    def _count(self, family: str, events: int) -> None:
        self.events[family] = self.events.get(family, 0) + events
