"""The fields of requests that have a time or a day, for clients that take their language's own type for it.

A name is here only if TWS takes `yyyymmdd-hh:mm:ss` in UTC there (a moment, TWS error 10314), or `yyyymmdd` (a day).
"""

from __future__ import annotations

MOMENTS = frozenset(
    {
        *(f"{order}.{field}" for order in ("Order", "ChangedOrder") for field in (
            "goodAfterTime", "goodTillDate", "activeStartTime", "activeStopTime", "manualOrderTime",
        )),
        "ExecutionFilter.time",
        "OrderCancel.manualOrderCancelTime",
        "OrderCondition.time",
        "exerciseOptions.manualOrderTime",
        "reqHistoricalData.endDateTime",
        "reqHistoricalTicks.endDateTime",
        "reqHistoricalTicks.startDateTime",
    }
)  # fmt: skip
DAYS = frozenset(
    {
        "Contract.lastTradeDateOrContractMonth",
        "ScannerSubscription.maturityDateAbove",
        "ScannerSubscription.maturityDateBelow",
        "reqWshEventData.endDate",
        "reqWshEventData.startDate",
    }
)
