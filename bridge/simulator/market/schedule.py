"""The trading sessions of an instrument, for reqHistoricalData with SCHEDULE."""

from dataclasses import replace

from bridge.simulator.core import refusals
from bridge.simulator.core.times import DAY, local
from bridge.simulator.core.values import Data
from bridge.simulator.instruments.instrument import Instrument
from bridge.simulator.market import history


def schedule(request: Data, instrument: Instrument, now: int) -> Data:
    """Return the fields of historicalSchedule without reqId.

    Raises Refused as reqHistoricalData does, and 321 if the bar size is not a day.
    """
    query = history.parse(request | {"whatToShow": "MIDPOINT", "keepUpToDate": False}, instrument, now)
    if query.size != DAY or request.get("keepUpToDate"):
        raise refusals.invalid("SCHEDULE needs the bar size 1 day, and is not kept up to date")
    zone_name = instrument.timeZone
    # TWS takes durations of up to a year in days. For a longer one, the answer has as much as fits into one message.
    query = replace(query, start=max(query.start, query.end - 20 * 366 * DAY))
    sessions = [
        {
            "startDateTime": _local(one.start, zone_name),
            "endDateTime": _local(one.end, zone_name),
            "refDate": f"{one.day:%Y%m%d}",
        }
        for group in history.bar_spans(query, zone_name)
        for one in group
    ]
    if not sessions:
        raise refusals.history(f"HMDS query returned no data: {instrument.localSymbol} SCHEDULE")
    return {
        "startDateTime": sessions[0]["startDateTime"],
        "endDateTime": sessions[-1]["endDateTime"],
        "timeZone": zone_name,
        "historicalSessions": sessions,
    }


def _local(seconds: int, zone_name: str) -> str:
    return f"{local(seconds, zone_name):%Y%m%d-%H:%M:%S}"
