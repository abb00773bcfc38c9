"""The trading sessions of an instrument: what reqHistoricalData with SCHEDULE asks for."""

from dataclasses import replace

from bridge.simulator import history, refusals
from bridge.simulator.instruments import Instrument
from bridge.simulator.times import DAY, local
from bridge.simulator.values import Data


def schedule(request: Data, instrument: Instrument, now: int) -> Data:
    """The fields of historicalSchedule but reqId. Raises Refused as for bars, 321 for a bar size that is not a day."""
    query = history.parse(request | {"whatToShow": "MIDPOINT", "keepUpToDate": False}, instrument, now)
    if query.size != DAY or request.get("keepUpToDate"):
        raise refusals.invalid("SCHEDULE needs the bar size 1 day, and is not kept up to date")
    zone_name = instrument.timeZone
    # A year at most is asked for in days; whoever asks for more gets what fits into one message.
    query = replace(query, start=max(query.start, query.end - 20 * 366 * DAY))
    sessions = [
        {
            "startDateTime": _local(one.start, zone_name),
            "endDateTime": _local(one.end, zone_name),
            "refDate": f"{one.day:%Y%m%d}",
        }
        for group in history.stretches(query, zone_name)
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
