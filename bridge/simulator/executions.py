"""The account's executions: how they are told, and which a filter asks for.

Knows fills and TWS's two events for each; knows no orders that still work.
"""

from dataclasses import dataclass

from bridge.simulator.market import HOME
from bridge.simulator.refusals import invalid
from bridge.simulator.times import NS, local_date, midnight, parse_moment, stamp
from bridge.simulator.values import Data

_SIDES = {"BUY": "BOT", "SELL": "SLD", "BOT": "BOT", "SLD": "SLD", "": ""}


@dataclass(frozen=True, slots=True)
class Report:
    """One execution: its time (ns since 1970 UTC), execDetails without reqId, and commissionAndFeesReport."""

    time: int
    contract: Data
    execution: Data
    commission: Data

    def details(self, request_id: int = -1) -> Data:
        """The execDetails event; -1 is the id of one that nobody asked for."""
        return {"reqId": request_id, "contract": self.contract, "execution": self.execution}


def execution_id(perm_id: int, nth: int) -> str:
    """In TWS's form: four groups, the last counts corrections."""
    return f"{perm_id & 0xFFFFFFFF:08x}.{perm_id >> 32:08x}.{nth:02}.01"


def wanted(report: Report, criteria: Data, now: int) -> bool:
    """Whether an ExecutionFilter asks for it; an empty one asks for all since midnight.

    Raises Refused 321 for a time or side that cannot be read.
    """
    execution, contract = report.execution, report.contract
    side = _SIDES.get(str(criteria.get("side", "")).upper())
    if side is None:
        raise invalid(f"Invalid side in execution filter: {criteria['side']}")
    # The vendor's client fills in client id 0 where its user meant any.
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
    today = midnight(local_date(now / NS, HOME), HOME)
    if not text:
        return today - (days - 1) * 86_400 if 0 < days < 8 else today
    try:
        return parse_moment(text, HOME)
    except ValueError as unreadable:
        raise invalid(f"Invalid time in execution filter: {text}") from unreadable


def details_of(contract: Data, execution: Data, time: int) -> tuple[Data, Data]:
    """Contract (with the exchange that filled) and Execution (with its time in TWS's spelling)."""
    return contract | {"exchange": execution["exchange"]}, execution | {"time": stamp(time / NS, HOME)}
