"""The executions of the accounts: their events, and the filter of reqExecutions."""

from dataclasses import dataclass

from bridge.simulator.core.refusals import invalid
from bridge.simulator.core.times import EXCHANGE_ZONE, NS, local_date, midnight, parse_moment, stamp
from bridge.simulator.core.values import Data

_SIDES = {"BUY": "BOT", "SELL": "SLD", "BOT": "BOT", "SLD": "SLD", "": ""}


@dataclass(frozen=True, slots=True)
class ExecutionReport:
    """One execution: its time (ns since 1970 UTC), execDetails without reqId, and commissionAndFeesReport."""

    time: int
    contract: Data
    execution: Data
    commission: Data

    def details(self, request_id: int = -1) -> Data:
        """Return the execDetails event. The request id is -1 if no request asked for it."""
        return {"reqId": request_id, "contract": self.contract, "execution": self.execution}


def execution_id(perm_id: int, nth: int) -> str:
    """Return an execId in TWS's form: four groups, of which the last one counts corrections."""
    return f"{perm_id & 0xFFFFFFFF:08x}.{perm_id >> 32:08x}.{nth:02}.01"


def wanted(report: ExecutionReport, criteria: Data, now: int) -> bool:
    """Return whether an execution passes an ExecutionFilter. An empty filter means all executions since midnight.

    `now` is in ns since 1970 UTC. Raises Refused 321 if a time or side is invalid.
    """
    execution, contract = report.execution, report.contract
    side = _SIDES.get(str(criteria.get("side", "")).upper())
    if side is None:
        raise invalid(f"Invalid side in execution filter: {criteria['side']}")
    # The vendor's client sends client id 0 if its user has set none.
    fields = (
        (criteria.get("clientId") or None, execution["clientId"]),
        (criteria.get("acctCode") or None, execution["acctNumber"]),
        (criteria.get("symbol") or None, contract["symbol"]),
        (criteria.get("secType") or None, contract["secType"]),
        (criteria.get("exchange") or None, execution["exchange"]),
        (side or None, execution["side"]),
    )
    return report.time >= _since(criteria, now) * NS and all(asked in (None, has) for asked, has in fields)


def _since(criteria: Data, now: int) -> int:
    text = str(criteria.get("time", ""))
    days = criteria.get("lastNDays", 0)
    today = midnight(local_date(now / NS, EXCHANGE_ZONE), EXCHANGE_ZONE)
    if not text:
        return today - (days - 1) * 86_400 if 0 < days < 8 else today
    try:
        return parse_moment(text, EXCHANGE_ZONE)
    except ValueError as unreadable:
        raise invalid(f"Invalid time in execution filter: {text}") from unreadable


def details_of(contract: Data, execution: Data, time: int) -> tuple[Data, Data]:
    """Return Contract (with the exchange of the fill) and Execution (with its time in TWS's format)."""
    return contract | {"exchange": execution["exchange"]}, execution | {"time": stamp(time / NS, EXCHANGE_ZONE)}
