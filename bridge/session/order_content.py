"""What a contract and an order mean to TWS, in whatever words they come: contents that mean the same are one content.

Two contents mean the same only where TWS cannot tell them apart. The rule, field by field:

* Nothing, `""`, `false`, an empty list and an empty map are as good as absent: IBKR's own client sends none of them.
* 0 is as good as absent in those fields whose unset value is 0 in IBKR's own client, and which the text form cannot
  leave out (`ZERO_IS_UNSET`); so is -1 in exemptCode. In all others 0 is a value: a limit of 0 is a price.
* Numbers are equal in whatever form they come (`"1.0"`, `1`, `1.0`). What is text stays text: an account `"01"` is not
  `"1"`, and neither are the values of algoParams.
* `transmit` counts for nothing: a client can only say true, and within a group it is the bridge's to say.
* A contract with a conId is that conId and its exchange, with deltaNeutralContract and legs. What else stands beside a
  conId says the same once more, or contradicts TWS, and then the guard refuses it.
* A contract without a conId is all its fields except those for people's eyes; CALL is C, and PUT is P.
* Conditions, and maps by tag, are compared as they stand.

Pure, and knows no order and no client.
"""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal, InvalidOperation
from typing import Any

from bridge.session.digest import digest as digest_of
from bridge.session.values import Data

#: In front of each digest that was made by this rule; those without it are of fields as they stood.
MARK = "2:"

#: Fields of an order, of a leg and of a contract in which 0 is as good as absent.
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
    """By which the same content is known again. `contract`: None where a change leaves it as it is."""
    content = [None if contract is None else of_contract(contract), of_order(order), parent]
    return MARK + digest_of(content)


def of_contract(contract: Data) -> Data:
    """The contract as it is compared."""
    if contract.get("conId"):
        return _plain({name: contract.get(name) for name in _BESIDE_CON_ID}, _ZERO_IS_UNSET_IN_CONTRACT)
    told = {name: value for name, value in contract.items() if name not in _FOR_PEOPLE}
    return _plain({**told, "right": right(contract.get("right"))}, _ZERO_IS_UNSET_IN_CONTRACT)


def of_order(order: Data) -> Data:
    """The order, or exercise of options, as it is compared."""
    return _plain({name: value for name, value in order.items() if name != "transmit"}, ZERO_IS_UNSET)


def right(told: Any) -> Any:
    """Call or put, in one letter; empty where it is neither."""
    return _RIGHTS.get(told, told) if isinstance(told, str) else told


def number(told: Any) -> Decimal | None:
    """A number in any form; None where it is none."""
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
    """A number in the one form in which it is compared."""
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
        return name != "deltaNeutralContract"  # its being there is a flag of its own
    return (name in zeros and value == "0") or (name == "exemptCode" and value == "-1")
