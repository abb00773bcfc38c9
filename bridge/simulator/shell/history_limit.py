"""The limit on historical data: TWS refuses a client that asks too often for bars of 30 seconds and less.

Source: IBKR's documentation (pacing violations for small bars). TWS answers a breach with error 162: an identical
request within 15 seconds, the sixth request for the same contract, exchange and tick type within two seconds, more than
60 requests within ten minutes. A request for BID_ASK counts twice.
"""

from __future__ import annotations

import json
from collections import deque

from bridge.simulator.core.values import Data

#: Text of error 162.
VIOLATION = "Historical Market Data Service error message:Historical data request pacing violation"
_SECOND = 1_000_000_000
_SMALL = ("1 secs", "5 secs", "10 secs", "15 secs", "30 secs")


class HistoryLimit:
    """Counts the historical requests of one client. All times are in ns."""

    def __init__(self) -> None:
        self._asked: deque[tuple[int, str, str, int]] = deque()

    def is_violated(self, name: str, data: Data, now: int) -> bool:
        """Count a request that came at `now`, and return whether TWS refuses it."""
        is_small = name == "reqHistoricalData" and data.get("barSizeSetting") in _SMALL
        if not is_small and name != "reqHistoricalTicks":
            return False
        while self._asked and self._asked[0][0] <= now - 600 * _SECOND:
            self._asked.popleft()
        asked = {field: value for field, value in data.items() if field != "reqId"}
        contract = data.get("contract", {})
        identity = json.dumps([name, asked], sort_keys=True, default=str)
        series = json.dumps([contract, data.get("whatToShow")], sort_keys=True, default=str)
        weight = 2 if str(data.get("whatToShow", "")).upper() == "BID_ASK" else 1
        is_identical = any(same == identity and at > now - 15 * _SECOND for at, same, _, _ in self._asked)
        in_two_seconds = sum(one == series and at > now - 2 * _SECOND for at, _, one, _ in self._asked)
        in_ten_minutes = sum(counted for _, _, _, counted in self._asked)
        if is_identical or in_two_seconds >= 5 or in_ten_minutes + weight > 60:
            return True
        self._asked.append((now, identity, series, weight))
        return False
