"""The identity of a contract, as TWS describes it, and the fields in which a client's contract contradicts it.

A contract with a conId names its instrument twice: by the conId and by its other fields. The fields are of three kinds:

* **Identity** (`IDENTITY`): TWS defines them for that conId, and a client's value must agree. The bridge sends TWS's
  values, whether the client has set the fields or not. primaryExch is one of them, because it distinguishes stocks with
  the same symbol; exchange is not, because one instrument trades on many.
* **Search** (`SEARCH`): other ways to name the instrument (secId with secIdType, issuerId, lastTradeDate). The bridge
  does not send them if TWS has described the conId. A lastTradeDate must agree with TWS, and so must a secId of a kind
  that TWS lists.
* **The client's own** (`OWN`): exchange is where the order goes; deltaNeutralContract and the legs are part of the
  order; includeExpired and the texts for people name nothing. The bridge sends the client's values.

Values with the same meaning are equal: `"100"` is 100.0, CALL is C, a multiplier of 1 is the same as none, `202612` is
the contract month in TWS's description. A field that TWS fills with an empty value, 0 or `"0"` is unset.

If TWS's description lacks a field, a client's value contradicts it, with two exceptions: primaryExch, which TWS leaves
out of the details of derivatives but sends with positions in them; and bonds, whose details have fewer fields.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from bridge.session import order_content
from bridge.session.values import Data

IDENTITY = (
    "symbol", "secType", "lastTradeDateOrContractMonth", "strike", "right", "multiplier", "primaryExch", "currency",
    "localSymbol", "tradingClass",
)  # fmt: skip
SEARCH = ("lastTradeDate", "secIdType", "secId", "issuerId")
OWN = ("exchange", "includeExpired", "description", "comboLegsDescrip", "comboLegs", "deltaNeutralContract")

_DATES = ("lastTradeDateOrContractMonth", "lastTradeDate")
_BONDS = frozenset({"BOND", "BILL"})
#: TWS has renamed this exchange, and accepts both names.
_RENAMED = {"ISLAND": "NASDAQ"}
_LONGEST = 64


@dataclass(frozen=True, slots=True)
class ContractMismatch:
    """A field in which a contract contradicts TWS.

    `described`: TWS's value, empty if TWS has none. `claimed`: the client's value.
    """

    field: str
    described: str
    claimed: str


class Description:
    """One instrument as TWS describes it. `at`: when TWS described it, on the steady clock."""

    __slots__ = ("_days", "_fields", "_identifiers", "_month", "_plain", "at")

    def __init__(self, contract: Data, details: Data, at: float) -> None:
        self.at = at
        self._plain = {name: value for name in IDENTITY if (value := _plain(name, contract.get(name))) is not None}
        self._days = frozenset(day for name in _DATES if (day := _digits(contract.get(name))))
        self._month = _digits(details.get("contractMonth"))
        self._identifiers: Data = details.get("secIdList") or {}
        self._fields: Data = {"conId": contract.get("conId"), **{name: contract[name] for name in self._plain}}
        if "lastTradeDateOrContractMonth" in self._plain:
            self._fields["lastTradeDateOrContractMonth"] = self._plain["lastTradeDateOrContractMonth"]

    def leaving(self, contract: Data) -> Data:
        """Return the client's contract as the bridge sends it: TWS's identity, and the client's other fields."""
        return {name: value for name, value in contract.items() if name in OWN} | self._fields

    def fault(self, contract: Data) -> ContractMismatch | None:
        """Return the first field in which the client's contract contradicts TWS; None if it agrees."""
        for name in (*IDENTITY, *SEARCH):
            claimed = _plain(name, contract.get(name))
            if claimed is not None and not self._agrees(name, claimed, contract):
                return ContractMismatch(name, self._described(name, contract), str(contract[name])[:_LONGEST])
        return None

    def _agrees(self, name: str, claimed: Any, contract: Data) -> bool:
        if name in _DATES:
            return self._is_dated(claimed)
        if name == "secId":
            listed = self._identifiers.get(contract.get("secIdType", ""))
            return listed is None or listed == claimed
        if name in SEARCH:
            return True
        described = self._plain.get(name)
        if described is None:
            return name == "primaryExch" or self._is_bond or (name == "multiplier" and claimed == 1)
        return bool(described == claimed)

    def _is_dated(self, claimed: str) -> bool:
        """Compare a date: a day with the last trading day, a month with the contract month.

        If TWS sends no contract month, a month is compared with the last trading day's.
        """
        if not self._days:
            return self._is_bond
        if len(claimed) != len("yyyymm"):
            return claimed in self._days
        return claimed == self._month if self._month else any(day.startswith(claimed) for day in self._days)

    @property
    def _is_bond(self) -> bool:
        return self._plain.get("secType") in _BONDS

    def _described(self, name: str, contract: Data) -> str:
        if name == "secId":
            return str(self._identifiers.get(contract.get("secIdType", ""), ""))
        return str(self._fields.get("lastTradeDateOrContractMonth" if name in _DATES else name, ""))


def _plain(name: str, value: Any) -> Any:
    """Return a field's value in the form in which it is compared; None if the field is unset."""
    match name:
        case "strike" | "multiplier":
            return _above_zero(value)
        case "right":
            return order_content.right(value) or None
        case "lastTradeDateOrContractMonth" | "lastTradeDate":
            return _digits(value) or value or None
        case "localSymbol":
            return " ".join((value or "").split()) or None
        case "primaryExch":
            return _RENAMED.get(value or "", value) or None
        case _:
            return value or None


def _above_zero(value: Any) -> Decimal | None:
    """Return a number; None if it is 0, because TWS fills unset fields with 0."""
    return order_content.number(value) or None if value not in (None, "") else None


def _digits(value: Any) -> str:
    """Return the day of a date, without a time and zone behind it."""
    found = re.match(r"\d+", value or "")
    return found[0] if found else ""
