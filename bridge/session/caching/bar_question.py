"""A request for historical bars, read: what it asks for, if the bridge knows for certain what it means to TWS.

All other requests go to TWS untouched, and the bridge keeps nothing of the answer.
"""

from __future__ import annotations

from typing import NamedTuple

from bridge.session.caching.bar_times import SIZES, Duration, Moment, duration, moment
from bridge.session.pending.shared import key_of
from bridge.session.values import Data

#: Kinds of data whose old bars TWS changes only by an adjustment of all of them. TWS recomputes ADJUSTED_LAST with each
#: dividend.
_KINDS = frozenset({"TRADES", "MIDPOINT", "BID", "ASK", "BID_ASK"})
#: What TWS joins from several contracts: a continuous future, a combination.
_JOINED = frozenset({"CONTFUT", "FUT+CONTFUT", "BAG"})
_PERIOD_FIELDS = frozenset({"endDateTime", "duration", "keepUpToDate"})


class BarQuestion(NamedTuple):
    """`key`: the series, which is what requests share that differ in their period only. `size`: seconds of a bar.

    `regular`: bars in regular trading hours only. `end`: None for now. `text`: the end as the client wrote it.
    """

    key: str
    size: int
    regular: bool
    end: Moment | None
    text: str
    length: Duration

    @property
    def name(self) -> tuple[str, Duration]:
        """The question within its series."""
        return self.text, self.length

    def span(self, now: int) -> tuple[int, int]:
        """Return about from when to when the bars are."""
        end = now if self.end is None else self.end.seconds
        return end - self.length.seconds, end


def read_question(params: Data) -> BarQuestion | None:
    """Return the question, or None if it is not certain what it means to TWS."""
    size, length = SIZES.get(params.get("barSizeSetting", "")), duration(params.get("duration", ""))
    text = params.get("endDateTime") or ""
    end = moment(text) if text else None
    if size is None or length is None or (text and end is None):
        return None
    contract = params.get("contract") or {}
    is_usual = (
        params.get("whatToShow") in _KINDS
        and params.get("formatDate") in (1, 2)
        and contract.get("secType") not in _JOINED
        and not params.get("keepUpToDate")
        and not params.get("chartOptions")
    )
    if not is_usual:
        return None
    key = key_of("bars", {name: value for name, value in params.items() if name not in _PERIOD_FIELDS})
    return BarQuestion(key, size, bool(params.get("useRTH")), end, text, length)
