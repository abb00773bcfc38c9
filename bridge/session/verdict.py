"""Keeps the verdict: collects its facts from the parts of the session, and publishes each change."""

from __future__ import annotations

import math
from collections.abc import Callable

from bridge.session import codes
from bridge.session.outbox import Outbox
from bridge.session.request_ids import FIRST_REQUEST_ID
from bridge.session.values import Data, Instant
from bridge.session.verdict_table import Facts, Finding, Sign, Verdict, judge

#: Seconds for which an error of TWS counts as a sign, if nothing shows before that its cause is over.
SIGN_LASTS = 600.0
_SIGNS: dict[int, Sign] = {
    codes.TOO_FAST: "tooFast",
    codes.COMPETING_SESSION: "competingSession",
    **dict.fromkeys((354, 10089, 10167, 10168, 10186), "notSubscribed"),
}


class Signs:
    """What TWS's errors have shown about TWS as a whole on this connection, each for `SIGN_LASTS` seconds."""

    def __init__(self) -> None:
        self._newest: dict[Sign, tuple[float, str]] = {}
        #: Whether TWS has refused an order, and not only its lists, with an error about a read-only API that counts.
        self._has_refused_order = False

    def on_error(self, about: int, code: int, text: str, now: Instant) -> Sign | None:
        """Take any error of TWS. Return the sign that it is, if it is one. `about`: its id."""
        is_read_only = code in codes.INVALID_REQUEST and "read-only" in text.lower()
        sign: Sign | None = "readOnlyApi" if is_read_only else _SIGNS.get(code)
        if is_read_only:
            before, _ = self._newest.get("readOnlyApi", (-math.inf, ""))
            has_before = self._has_refused_order and now.clock - before < SIGN_LASTS
            self._has_refused_order = has_before or 0 <= about < FIRST_REQUEST_ID
        if sign is not None:
            self._newest[sign] = (now.clock, f"TWS reports error {code}: {text}")
        return sign

    def on_proof(self, taken_left_at: float, listed_at: float) -> None:
        """Forget that the API is read-only, if TWS has shown since then that it is not.

        `taken_left_at`: when the newest order left that TWS has taken. `listed_at`: when the bridge last asked for
        lists of orders that TWS has sent in full. Lists do not prove that TWS takes orders, if it has refused an order.
        """
        at, _ = self._newest.get("readOnlyApi", (math.inf, ""))
        if taken_left_at > at or (listed_at > at and not self._has_refused_order):
            self.forget("readOnlyApi")

    def forget(self, *signs: Sign) -> None:
        """Forget these signs; without any, all: the connection is new."""
        for sign in signs or tuple(self._newest):
            self._newest.pop(sign, None)

    def standing(self, now: Instant) -> dict[Sign, str]:
        """Return the text of each sign that still counts."""
        return {sign: text for sign, (at, text) in self._newest.items() if now.clock - at < SIGN_LASTS}


#: These usually pass by themselves within seconds: the log has them only if they last longer.
_PASSING = frozenset({"connecting", "reconciling"})
_PASSES_IN = 10.0
#: The log has lines of its own for these.
_TOLD = frozenset({"halted", "stopped"})


class VerdictWatch:
    """Publishes `system.verdict` when the verdict changes, and logs when the bridge begins or ceases to trade, and why.

    `facts` collects what is true at a time.
    """

    def __init__(self, outbox: Outbox, facts: Callable[[Instant], Facts]) -> None:
        self._outbox = outbox
        self._facts = facts
        self._verdict: Verdict | None = None
        self._judged_facts: Facts | None = None
        self._judged = Verdict(None, ())
        #: When the bridge began or ceased to trade: ns since 1970 UTC.
        self._since = 0
        #: Why the bridge does not trade, and since when on the steady clock. None: it trades.
        self._code: str | None = "connecting"
        self._code_since = 0.0
        #: The same, as the log has it.
        self._logged: str | None = "connecting"

    def look(self, now: Instant) -> Data:
        """Judge anew, publish the verdict if another condition holds than before, and return it."""
        before, self._verdict = self._verdict, self._judge(now)
        if before is None or before.trading != self._verdict.trading:
            self._since = now.ts
        told = self._as_data(self._verdict, self._since)
        if before is not self._verdict and (before is None or _codes(before) != _codes(self._verdict)):
            self._outbox.publish("system.", "verdict", told, now)
        self._log(self._verdict.stops, now)
        return told

    def peek(self, now: Instant) -> Data:
        """Judge anew and return the verdict; publish and remember nothing."""
        verdict = self._judge(now)
        is_known = self._verdict is not None and self._verdict.trading == verdict.trading
        return self._as_data(verdict, self._since if is_known else now.ts)

    def _judge(self, now: Instant) -> Verdict:
        """Judge the facts. While they stay the same, so does the verdict."""
        facts = self._facts(now)
        if facts != self._judged_facts:
            self._judged_facts, self._judged = facts, judge(facts)
        return self._judged

    def _log(self, stops: Finding | None, now: Instant) -> None:
        """Write the one line that says whether the bridge trades now, if that has changed."""
        code = None if stops is None else stops.code
        if code != self._code:
            self._code, self._code_since = code, now.clock
        is_short = code in _PASSING and now.clock - self._code_since < _PASSES_IN
        if code == self._logged or code in _TOLD or is_short:
            return
        self._logged = code
        if stops is None:
            self._outbox.log("ordersPossible")
        else:
            planned = stops.because if stops.code == "plannedRestart" else None
            self._outbox.log("ordersNotPossible", code=stops.code, reason=stops.because, planned=planned)

    @staticmethod
    def _as_data(verdict: Verdict, since: int) -> Data:
        stops = {} if verdict.stops is None else verdict.stops.as_data()
        also = [finding.as_data() for finding in verdict.also]
        return {"trading": verdict.trading, "since": since} | stops | {"also": also}


def _codes(verdict: Verdict) -> tuple[str | None, ...]:
    return (verdict.stops and verdict.stops.code, *(finding.code for finding in verdict.also))
