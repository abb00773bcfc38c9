"""Which instrument a contract is, as TWS describes it, and where a client's contract contradicts that.

A contract with a conId says who it is twice. Its fields are of three kinds:

* **Identity** (`IDENTITY`): TWS says what they are for that conId, and a client's value must agree. They leave as TWS
  says them, whether the client has said them or not. primaryExch is one of them, as it tells stocks of one symbol
  apart; exchange is not, as one instrument trades on many.
* **Search** (`SEARCH`): other ways to name it (secId with secIdType, issuerId, lastTradeDate). A conId needs none of
  them, so none leaves beside one that TWS has described. A lastTradeDate must agree with TWS, and so must a secId of
  a kind that TWS lists.
* **The client's own** (`OWN`): exchange is where the order goes, deltaNeutralContract and the legs are part of what is
  wished, includeExpired and the texts for people name nothing. They leave as the client says them.

Equal in meaning is equal: `"100"` is 100.0, CALL is C, a multiplier of 1 is none, `202612` is the contract month that
TWS tells. What is empty, 0 or `"0"` where TWS itself fills a field so claims nothing.
Where TWS tells nothing a client's value contradicts it, with two exceptions: primaryExch, which TWS leaves out of the
details of derivatives and tells with positions in them; and bonds, whose details have fewer fields.
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
#: TWS has renamed it, and takes both.
_RENAMED = {"ISLAND": "NASDAQ"}
_LONGEST = 64


@dataclass(frozen=True, slots=True)
class Fault:
    """A field in which a contract contradicts TWS. `told` is empty where TWS tells none."""

    field: str
    told: str
    claimed: str


class Description:
    """One instrument as TWS describes it. `at`: when, on the steady clock."""

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
        """The client's contract as it goes to TWS: who it is in TWS's words, the rest in the client's."""
        return {name: value for name, value in contract.items() if name in OWN} | self._fields

    def fault(self, contract: Data) -> Fault | None:
        """The first field in which the client's contract is another one than TWS says."""
        for name in (*IDENTITY, *SEARCH):
            claimed = _plain(name, contract.get(name))
            if claimed is not None and not self._agrees(name, claimed, contract):
                return Fault(name, self._told(name, contract), str(contract[name])[:_LONGEST])
        return None

    def _agrees(self, name: str, claimed: Any, contract: Data) -> bool:
        if name in _DATES:
            return self._is_dated(claimed)
        if name == "secId":
            listed = self._identifiers.get(contract.get("secIdType", ""))
            return listed is None or listed == claimed
        if name in SEARCH:
            return True
        told = self._plain.get(name)
        if told is None:
            return name == "primaryExch" or self._is_bond or (name == "multiplier" and claimed == 1)
        return bool(told == claimed)

    def _is_dated(self, claimed: str) -> bool:
        """A day is the last trading day; a month the contract month, or that of the day where TWS tells none."""
        if not self._days:
            return self._is_bond
        if len(claimed) != len("yyyymm"):
            return claimed in self._days
        return claimed == self._month if self._month else any(day.startswith(claimed) for day in self._days)

    @property
    def _is_bond(self) -> bool:
        return self._plain.get("secType") in _BONDS

    def _told(self, name: str, contract: Data) -> str:
        if name == "secId":
            return str(self._identifiers.get(contract.get("secIdType", ""), ""))
        return str(self._fields.get("lastTradeDateOrContractMonth" if name in _DATES else name, ""))


def _plain(name: str, value: Any) -> Any:
    """A field's value as it is compared; None where it claims nothing."""
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
    """A number that says something; TWS fills with 0."""
    return order_content.number(value) or None if value not in (None, "") else None


def _digits(value: Any) -> str:
    """The day of a date that may have a time and zone behind it."""
    found = re.match(r"\d+", value or "")
    return found[0] if found else ""
