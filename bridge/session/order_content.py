"""What a contract and an order mean to TWS. Two contents that mean the same to TWS have the same digest.

Two contents mean the same only where TWS cannot tell them apart. The rules, field by field:

* Nothing, `""`, `false`, an empty list and an empty map count as absent: IBKR's own client sends none of them.
* 0 counts as absent in the fields whose unset value is 0 in IBKR's own client, and which the text form cannot leave out
  (`ZERO_IS_UNSET`). -1 counts as absent in exemptCode. In all other fields 0 is a value: a limit of 0 is a price.
* Numbers are equal in any form (`"1.0"`, `1`, `1.0`). Text stays text: an account `"01"` is not `"1"`, and the values
  of algoParams are text, too.
* `transmit` is ignored: a client can only send true, and the bridge sets it within a group.
* Of a contract with a conId, only the conId, the exchange, deltaNeutralContract and the legs count. Any other field
  either repeats what the conId says or contradicts TWS; the pre-trade checks refuse a contradiction.
* Of a contract without a conId, all fields count except the texts for people. CALL equals C, and PUT equals P.
* Conditions, and maps by tag, are compared as they are.

This module is pure, and knows no order and no client.
"""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal, InvalidOperation
from typing import Any

from bridge.session.digest import digest as digest_of
from bridge.session.values import Data

#: The prefix of each digest made by this rule. Older digests have none: they are of the fields as the client sent them.
MARK = "2:"

#: Fields of an order, of a leg and of a contract in which 0 counts as absent.
ZERO_IS_UNSET = frozenset(
    {"origin", "displaySize", "triggerMethod", "discretionaryAmt", "shortSaleSlot", "ocaType", "auctionStrategy",
     "deltaNeutralConId", "deltaNeutralShortSaleSlot", "referenceContractId", "peggedChangeAmount",
     "referenceChangeAmount", "adjustableTrailingUnit"}
)  # fmt: skip
ZERO_IS_UNSET_IN_LEG = frozenset({"conId", "ratio", "openClose", "shortSalesSlot"})
_ZERO_IS_UNSET_IN_CONTRACT = frozenset({"conId", "strike"})
#: Decimals travel as text.
DECIMALS = frozenset({"totalQuantity", "filledQuantity", "multiplier"})
_AS_THEY_STAND = frozenset({"conditions", "algoParams", "smartComboRoutingParams", "orderMiscOptions"})
_FOR_PEOPLE = frozenset({"description", "comboLegsDescrip"})
_BESIDE_CON_ID = frozenset({"conId", "exchange", "comboLegs", "deltaNeutralContract"})
_RIGHTS = {"CALL": "C", "PUT": "P", "0": "", "?": ""}


def digest(contract: Data | None, order: Data, parent: str | None = None) -> str:
    """Return the digest of a contract and an order. `contract`: None if a change leaves the contract unchanged.

    `parent`: the key of the parent order, if there is one.
    """
    content = [None if contract is None else of_contract(contract), of_order(order), parent]
    return MARK + digest_of(content)


def of_contract(contract: Data) -> Data:
    """Return the contract in the form in which the bridge compares it."""
    if contract.get("conId"):
        return _plain({name: contract.get(name) for name in _BESIDE_CON_ID}, _ZERO_IS_UNSET_IN_CONTRACT)
    told = {name: value for name, value in contract.items() if name not in _FOR_PEOPLE}
    return _plain({**told, "right": right(contract.get("right"))}, _ZERO_IS_UNSET_IN_CONTRACT)


def of_order(order: Data) -> Data:
    """Return the order, or the exercise of options, in the form in which the bridge compares it."""
    return _plain({name: value for name, value in order.items() if name != "transmit"}, ZERO_IS_UNSET)


def right(told: Any) -> Any:
    """Return call or put as one letter; an empty string if TWS's value means neither."""
    return _RIGHTS.get(told, told) if isinstance(told, str) else told


def number(told: Any) -> Decimal | None:
    """Return the value as a number; None if it is none."""
    try:
        return None if isinstance(told, bool) else Decimal(str(told))
    except InvalidOperation:
        return None


def _plain(fields: Data, zeros: Collection[str]) -> Data:
    plain = {name: _value(name, value) for name, value in fields.items()}
    return {name: value for name, value in plain.items() if not _is_unset(name, value, zeros)}


def _value(name: str, value: Any) -> Any:
    if name in _AS_THEY_STAND:
        return value
    if name == "comboLegs" and value:
        return [_plain(leg, ZERO_IS_UNSET_IN_LEG) for leg in value]
    if isinstance(value, dict):
        return _plain(value, ())
    if name in DECIMALS or (isinstance(value, int | float) and not isinstance(value, bool)):
        return _written(value)
    return value


def _written(value: Any) -> Any:
    """Return a number in the one form in which the bridge compares it."""
    if type(value) is int:
        return str(value)
    told = number(value)
    if told is None or not told.is_finite():
        return value
    return format(told.normalize(), "f") if told else "0"


def _is_unset(name: str, value: Any, zeros: Collection[str]) -> bool:
    if value is None or value is False or value == "":
        return True
    if isinstance(value, list | dict) and not value:
        return name != "deltaNeutralContract"  # an empty deltaNeutralContract is a flag of its own
    return (name in zeros and value == "0") or (name == "exemptCode" and value == "-1")
