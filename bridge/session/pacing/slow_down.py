"""What the bridge does when TWS reports that it is asked too fast: it sends less for a while, and says so.

TWS counts for all connections of a user, so that this happens although the bridge keeps the rules that it knows.
"""

from __future__ import annotations

from bridge.session import codes
from bridge.session.outbox import Outbox
from bridge.session.pacing.budget import SLOW, MessageBudget
from bridge.session.pacing.history import HistoryRules
from bridge.session.values import Data, Instant


class SlowDown:
    """Takes TWS's errors 100 (messages) and 162 or 420 with the words pacing violation (historical data)."""

    def __init__(self, outbox: Outbox, budget: MessageBudget, history: HistoryRules) -> None:
        self._outbox = outbox
        self._budget = budget
        self._history = history

    def on_error(self, code: int, text: str, now: Instant) -> None:
        """Take any error of TWS."""
        if code == codes.TOO_FAST:
            self._slow_messages(text, now)
        elif codes.is_pacing_violation(code, text):
            self._pause_history(code, text, now)

    def _slow_messages(self, text: str, now: Instant) -> None:
        self._budget.slow_down(now.clock)
        limit = self._budget.limit(now.clock)
        if limit is not None:
            self._tell({"counted": "messages", "limit": limit, "reason": text, "seconds": SLOW}, now)
            self._outbox.log("pacingSlowed", twsCode=codes.TOO_FAST, reason=text, limit=limit, seconds=SLOW)

    def _pause_history(self, code: int, text: str, now: Instant) -> None:
        seconds = self._history.pause(now.clock)
        if seconds:
            self._tell({"counted": "history", "reason": text, "seconds": seconds}, now)
            self._outbox.log("historyPaused", twsCode=code, reason=text, seconds=seconds)

    def _tell(self, told: Data, now: Instant) -> None:
        self._outbox.tallies.slow_downs[told["counted"]] += 1
        self._outbox.pass_on("system.", "pacing", told, now)
