"""What TWS has said of instruments: by conId, from the contract details that went by. Knows no client and no limit."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from bridge.session.values import Data

#: Instruments remembered at most; beyond it the oldest is forgotten.
_MOST = 100_000
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
        self._known: dict[int, Facts] = {}

    def learn(self, contract: Data) -> None:
        """Remember a contract as TWS describes it in its details; a combination has no conId of its own."""
        if (con_id := contract.get("conId")) and not is_combo(contract):
            self._known.pop(con_id, None)
            self._known[con_id] = _facts(contract)
            if len(self._known) > _MOST:
                del self._known[next(iter(self._known))]

    def facts(self, contract: Data) -> Facts | None:
        """What instrument a client means; None where only TWS could tell.

        A conId goes before all else, as it does at TWS, and is believed only if TWS has described it. Without one the
        client's own symbol is as good as TWS's, which looks for it; its multiplier may be one that TWS passes over.
        """
        if con_id := contract.get("conId"):
            return self._known.get(con_id)
        if any(contract.get(alias) for alias in ALIASES) or not contract.get("symbol"):
            return None
        return Facts(contract["symbol"], contract.get("secType", ""))


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
