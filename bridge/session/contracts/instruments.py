"""What TWS has said of instruments: by conId, from the contract details that went by. Knows no client and no limit.

Which fields of a contract say who it is, and what else it has, is in `identity`.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from bridge.session.contracts.identity import Description, Fault
from bridge.session.values import Data

#: Instruments remembered at most; beyond it the oldest is forgotten.
_MOST = 100_000
#: Seconds for which a description is good: symbols are renamed now and then, and the conId stays.
GOOD_FOR = 86_400.0
#: Security types whose price is for one unit.
_SINGLE = frozenset({"STK", "CASH", "CRYPTO", "CMDTY", "FUND", "ETF", "CFD"})
#: Fields that could mean another instrument than the symbol beside them says.
ALIASES = ("localSymbol", "secId", "issuerId")


def is_combo(contract: Data) -> bool:
    """Whether it is known by its legs, and no conId beside them is its own."""
    return contract.get("secType") == "BAG" or bool(contract.get("comboLegs"))


@dataclass(frozen=True, slots=True)
class Facts:
    """One instrument. Without a currency it is what a client says it is; only TWS tells the rest, None where not."""

    symbol: str
    sec_type: str
    currency: str = ""
    multiplier: Decimal | None = None
    strike: Decimal | None = None


class Instruments:
    def __init__(self) -> None:
        #: The one that was described last is the last.
        self._known: dict[int, tuple[Facts, Description]] = {}

    def learn(self, contract: Data, details: Data | None = None, at: float = 0.0) -> None:
        """Remember a contract as TWS describes it in its details; a combination has no conId of its own.

        `at`: when, on the steady clock.
        """
        if (con_id := contract.get("conId")) and not is_combo(contract):
            self._known.pop(con_id, None)
            self._known[con_id] = _facts(contract), Description(contract, details or {}, at)
            if len(self._known) > _MOST:
                del self._known[next(iter(self._known))]

    def forget_old(self, clock: float) -> None:
        """Forget what TWS has said too long ago."""
        while self._known and next(iter(self._known.values()))[1].at < clock - GOOD_FOR:
            del self._known[next(iter(self._known))]

    def knows(self, con_id: int) -> bool:
        return con_id in self._known

    def facts(self, contract: Data) -> Facts | None:
        """What instrument a client means; None where only TWS could tell.

        A conId goes before all else, as it does at TWS, and is believed only if TWS has described it. Without one the
        client's own symbol is as good as TWS's, which looks for it; its multiplier may be one that TWS passes over.
        """
        if con_id := contract.get("conId"):
            known = self._known.get(con_id)
            return None if known is None else known[0]
        if any(contract.get(alias) for alias in ALIASES) or not contract.get("symbol"):
            return None
        return Facts(contract["symbol"], contract.get("secType", ""))

    def fault(self, contract: Data) -> Fault | None:
        """Where a client's contract contradicts what TWS has said of its conId."""
        description = self._description(contract)
        return None if description is None else description.fault(contract)

    def leaving(self, contract: Data) -> Data:
        """A client's contract as it goes to TWS: in TWS's own words where TWS has described its conId."""
        description = self._description(contract)
        return contract if description is None else description.leaving(contract)

    def _description(self, contract: Data) -> Description | None:
        known = None if is_combo(contract) else self._known.get(contract.get("conId", 0))
        return None if known is None else known[1]


def _facts(contract: Data) -> Facts:
    sec_type = contract.get("secType", "")
    return Facts(
        symbol=contract.get("symbol", ""),
        sec_type=sec_type,
        currency=contract.get("currency", ""),
        multiplier=_above_zero(contract.get("multiplier") or (1 if sec_type in _SINGLE else None)),
        strike=_above_zero(contract.get("strike")),
    )


def _above_zero(given: object) -> Decimal | None:
    try:
        value = Decimal(str(given))
    except InvalidOperation:
        return None
    return value if value.is_finite() and value > 0 else None
