"""How far back evidence reaches: which executions a log owes, and which orders TWS's lists can still settle.

TWS tells executions and completed orders of the current day only. So an order settles when TWS shows it open, when its
executions are in the log, or when the day has not changed since its trader first asked for it. An execution is owed
when it is of the last day; or when the bridge had it in a list and came back for the next one on the same connection.
"""

from __future__ import annotations

from collections.abc import Iterator

from tests.campaign.evidence import Evidence, Row
from tests.campaign.trader.intent import Attempt, Intent
from tests.campaign.tws.book import Execution

BRIDGE = 1
#: Seconds after a midnight on a connection that lasts, in which the bridge may take it for the day before: it has TWS's
#: time from the handshake, to the second, and as late as that came.
MIDNIGHT = 6.0


class Reach:
    """Of one episode."""

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence
        days = [event["t"] + (0.0 if event["away"] else MIDNIGHT) for event in evidence.truth if event["what"] == "day"]
        #: When the last night ended; before all, where there was none.
        self._day_since = days[-1] if len(days) > 1 else 0.0
        self._listed = _listed_and_passed(evidence)
        self._logged = {one.exec_id for log in evidence.logs.values() for one in log if one.exec_id is not None}
        self._rows = {(row.owner, row.key): row for row in evidence.rows.values() if row.state not in _GONE}

    def owes(self, execution: Execution) -> bool:
        return execution.day == self._evidence.book.day or execution.exec_id in self._listed

    def current_rows(self) -> Iterator[Row]:
        """The orders that keys stand for."""
        yield from self._rows.values()

    def is_of_today(self, row: Row) -> bool:
        """Whether it left on the day that is still TWS's."""
        attempt = self._attempt(row)
        return attempt is not None and self._was_asked_today(attempt)

    def settles(self, row: Row) -> str | None:
        """What settles that order; None where nothing can."""
        entry = self._evidence.book.by_number(BRIDGE, row.order_id)
        if entry is not None and entry.is_live:
            return f"TWS shows it {entry.status}"
        if entry is not None and entry.filled >= entry.total and self._has_all(row):
            return "its executions are in the log"
        return "it is of the day that is still TWS's" if self.is_of_today(row) else None

    def excuses(self, owner: str, intent: Intent) -> bool:
        """Whether no evidence can tell its trader more."""
        if not intent.attempts:
            return False
        attempt = intent.current
        if intent.parent is not None and (attempt.state is None or attempt.is_free):
            parent = self._evidence.intents[owner][intent.parent]
            return parent.over is None and self.excuses(owner, parent)
        row = self._rows.get((owner, attempt.key))
        if attempt.state == "unknown" and row is not None:
            return row.state == "unknown" and self.settles(row) is None
        return attempt.state == "cancelled" and not attempt.is_final and not self._was_asked_today(attempt)

    def _was_asked_today(self, attempt: Attempt) -> bool:
        return attempt.asked_at is not None and attempt.asked_at > self._day_since

    def _attempt(self, row: Row) -> Attempt | None:
        intent = self._evidence.intents[row.owner].get(row.key.rpartition("_")[0])
        attempts = [] if intent is None else intent.attempts
        return next((attempt for attempt in attempts if attempt.key == row.key), None)

    def _has_all(self, row: Row) -> bool:
        entry = self._evidence.book.by_number(BRIDGE, row.order_id)
        return entry is not None and all(one.exec_id in self._logged for one in entry.standing)


#: Rows whose key is free: another may stand for it.
_GONE = frozenset({"unsent", "abandoned"})


def _listed_and_passed(evidence: Evidence) -> set[str]:
    """Executions of which the bridge had a list, and after which it asked for another on the same connection."""
    before: dict[str, list[str]] = {}
    found: set[str] = set()
    for event in evidence.truth:
        if event["what"] == "listed" and event["client"] == BRIDGE:
            found.update(before.get(event["line"], ()))
            before[event["line"]] = event["execIds"]
    return found
