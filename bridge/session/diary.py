"""The diary: the last refusals, the last notices of TWS, and when the connection was up, for an operator who looks.

Each list is bounded. The diary decides nothing, and nothing reads it but the overview.
"""

from __future__ import annotations

from collections import deque
from typing import Literal

from bridge.session.values import Data

MOST_REFUSALS = 100
MOST_NOTICES = 100
MOST_SPANS = 200
_MOST_TEXT = 500
_DAY_NS = 86_400 * 10**9
#: What an operator distinguishes of the connection's states. In `down` the bridge cannot send requests.
Phase = Literal["ready", "degraded", "down"]


def phase_of(state: str) -> Phase:
    """Return the phase to which a state of the connection belongs."""
    if state == "ready":
        return "ready"
    return "degraded" if state == "degraded" else "down"


class Diary:
    """See the module. All times are in ns since 1970 UTC."""

    def __init__(self) -> None:
        self._refusals: deque[Data] = deque(maxlen=MOST_REFUSALS)
        #: Refusals of this turn: they get their time at its end.
        self.unstamped: list[Data] = []
        self._notices: deque[Data] = deque(maxlen=MOST_NOTICES)
        self._spans: deque[Data] = deque(maxlen=MOST_SPANS)

    # Refusals

    def refused(self, client: str, method: str, code: str, message: str, rule: str | None = None) -> None:
        """A request got an error reply. A repeat of the last one is counted in it."""
        told: Data = {"client": client, "method": method, "code": code, "message": message[:_MOST_TEXT]}
        if rule is not None:
            told["rule"] = rule
        if len(self.unstamped) < MOST_REFUSALS:
            self.unstamped.append(told)

    def stamp(self, ts: int) -> None:
        """The turn ends: its refusals happened now. Called at the end of each turn."""
        for told in self.unstamped:
            last = self._refusals[-1] if self._refusals else {}
            if all(last.get(name) == told.get(name) for name in ("client", "method", "code", "message")):
                last |= {"ts": ts, "count": last["count"] + 1}
            else:
                self._refusals.append({"ts": ts, "count": 1, **told})
        self.unstamped.clear()

    # Notices of TWS

    def noticed(self, code: int, text: str, ts: int) -> None:
        """TWS has sent a notice that is about no request. A repeat of the last one is counted in it."""
        text = text[:_MOST_TEXT]
        last = self._notices[-1] if self._notices else {}
        if (last.get("code"), last.get("text")) == (code, text):
            last |= {"ts": ts, "count": last["count"] + 1}
        else:
            self._notices.append({"ts": ts, "count": 1, "code": code, "text": text})

    # The connection

    def connection(self, state: str, ts: int, reason: str | None, code: int | None, planned: str | None) -> None:
        """The connection has a new state, or a new reason for it.

        All states in which the bridge has no usable connection form one span, so that a night without TWS is one span
        with the number of attempts, and not thousands of lines.
        """
        phase = phase_of(state)
        last = self._spans[-1] if self._spans else None
        if last is None or last["phase"] != phase:
            if last is not None:
                last["until"] = ts
            last = {"phase": phase, "since": ts, "attempts": 0}
            self._spans.append(last)
        last["state"] = state
        if state == "connecting":
            last["attempts"] += 1
        if planned is not None:
            last["planned"] = planned
        if reason is not None and state != "backingOff":
            last.setdefault("reason", reason[:_MOST_TEXT])
            last["lastReason"] = reason[:_MOST_TEXT]
            if code is not None:
                last["code"] = code

    # Out

    def refusals(self) -> list[Data]:
        """Return the last refusals, the newest first."""
        return [dict(told) for told in reversed(self._refusals)]

    def notices(self) -> list[Data]:
        """Return the last notices, the newest first."""
        return [dict(told) for told in reversed(self._notices)]

    def timeline(self, ts: int) -> list[Data]:
        """Return the spans of the last day before `ts`, the oldest first. The current one has no `until`."""
        return [dict(span) for span in self._spans if span.get("until", ts) >= ts - _DAY_NS]
