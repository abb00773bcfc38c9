"""The instruments that TWS has described, by conId. This module knows no client and no limit.

`identity` says which fields of a contract identify it.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from bridge.session.contracts.identity import ContractMismatch, Description
from bridge.session.values import Data

#: How many instruments are remembered. Above this number the oldest is forgotten.
_MOST = 100_000
#: For so many seconds a description is valid: symbols are renamed now and then, while the conId stays.
GOOD_FOR = 86_400.0
#: Security types whose price is for one unit.
_SINGLE = frozenset({"STK", "CASH", "CRYPTO", "CMDTY", "FUND", "ETF", "CFD"})
#: Fields that may name another instrument than the symbol beside them.
ALIASES = ("localSymbol", "secId", "issuerId")


def is_combo(contract: Data) -> bool:
    """Return whether the contract is identified by its legs. A conId beside them is not its own."""
    return contract.get("secType") == "BAG" or bool(contract.get("comboLegs"))


@dataclass(frozen=True, slots=True)
class InstrumentFacts:
    """One instrument. If `currency` is empty, symbol and type are the client's, and TWS has not described it.

    `multiplier`, `strike`: None if TWS has not sent them.
    """

    symbol: str
    sec_type: str
    currency: str = ""
    multiplier: Decimal | None = None
    strike: Decimal | None = None


class Instruments:
    """The instruments that TWS has described, by conId."""

    def __init__(self) -> None:
        #: In the order of description: the newest is last.
        self._known: dict[int, tuple[InstrumentFacts, Description]] = {}

    def learn(self, contract: Data, details: Data | None = None, at: float = 0.0) -> None:
        """Remember a contract as TWS describes it. A combination is ignored: it has no conId of its own.

        `at`: when TWS described it, on the steady clock.
        """
        if (con_id := contract.get("conId")) and not is_combo(contract):
            if (known := self._known.get(con_id)) is not None and known[1].at > at:
                return  # an older description, from the cache
            self._known.pop(con_id, None)
            self._known[con_id] = _facts(contract), Description(contract, details or {}, at)
            if len(self._known) > _MOST:
                del self._known[next(iter(self._known))]

    def forget_old(self, clock: float) -> None:
        """Forget descriptions that are older than `GOOD_FOR`."""
        while self._known and next(iter(self._known.values()))[1].at < clock - GOOD_FOR:
            del self._known[next(iter(self._known))]

    def knows(self, con_id: int) -> bool:
        """Return whether TWS has described this conId."""
        return con_id in self._known

    def facts(self, contract: Data) -> InstrumentFacts | None:
        """Return the instrument that a client's contract names; None if only TWS can tell.

        A conId takes precedence, as at TWS, and counts only if TWS has described it. Without a conId the client's
        symbol is good enough, because TWS searches by it; the client's multiplier is not, because TWS may ignore it.
        """
        if con_id := contract.get("conId"):
            known = self._known.get(con_id)
            return None if known is None else known[0]
        if any(contract.get(alias) for alias in ALIASES) or not contract.get("symbol"):
            return None
        return InstrumentFacts(contract["symbol"], contract.get("secType", ""))

    def fault(self, contract: Data) -> ContractMismatch | None:
        """Return the field in which a client's contract contradicts TWS's description of its conId, or None."""
        description = self._description(contract)
        return None if description is None else description.fault(contract)

    def leaving(self, contract: Data) -> Data:
        """Return a client's contract as the bridge sends it: with TWS's own fields if TWS has described its conId."""
        description = self._description(contract)
        return contract if description is None else description.leaving(contract)

    def _description(self, contract: Data) -> Description | None:
        known = None if is_combo(contract) else self._known.get(contract.get("conId", 0))
        return None if known is None else known[1]


def _facts(contract: Data) -> InstrumentFacts:
    sec_type = contract.get("secType", "")
    return InstrumentFacts(
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
