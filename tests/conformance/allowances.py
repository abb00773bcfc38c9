"""The differences that the vendor's decoder makes of its own accord; nothing else may differ.

Numbered as in the wire facts, section "Comparing with the vendor's decoder"; those with a word have no number there.
1 and 2 (callbacks that are fired more than once) are undone by the views in ibapi_events.py, 5 and 6 (how nothing
looks) by differences.py; 8 and 9 do not arise, since only what a version can carry is sent.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from enum import Enum
from typing import Any

from ibapi.const import UNSET_DECIMAL

from bridge.catalogue import Message, catalogue
from tests.conformance.differences import MISSING

#: 3: these ids are decoded by the callback's signature.
BY_SIGNATURE = {6, 8, 9, 14, 15, 16, 19, 45, 46, 47, 49, 52, 53, 54, 55, 57, 58, *range(62, 71), 72, 73, 74}

#: 4: unescaped as a whole.
ESCAPED = {"error.errorMsg", "error.advancedOrderRejectJson", "contractDetails.contractDetails.longName"}

#: 6: "not computed".
OPTION = {"delta": -2, "gamma": -2, "vega": -2, "theta": -2, "optPrice": -1, "pvDividend": -1, "undPrice": -1}

#: 7, and fields that the vendor's decoder never looks at.
LACKING = {
    "tickReqParams.lastPricePrecision",
    "tickReqParams.lastSizePrecision",
    "updateMktDepth.marketDepthData.marketMaker",
    "updateMktDepth.marketDepthData.isSmartDepth",
    "tickByTickMidPoint.historicalTickMidPoint.size",
}

#: 7: fields that only go to TWS: the vendor's decoder does not look for them in what comes from there, and leaves what
#: its class has by itself. The prices of legs it takes from openOrder and completedOrder alone.
TO_TWS_ONLY = (
    "contract.secIdType",
    "contract.secId",
    "contract.includeExpired",
    "perLegPrice",
    "order.transmit",
    "order.scaleTable",
    "order.algoId",
    "order.overridePercentageConstraints",
    "order.orderMiscOptions",
    "order.mifid2DecisionMaker",
    "order.mifid2DecisionAlgo",
    "order.mifid2ExecutionTrader",
    "order.mifid2ExecutionAlgo",
    "order.advancedErrorOverride",
    "order.manualOrderTime",
)

#: Word: the vendor's classes fill this where nothing came: the message's id.
FILLED = {"order.orderId"}


def allowed(name: str, text: bool) -> Callable[[str, Any, Any], bool]:
    """Whether a difference is the vendor's own, for one callback in one form."""
    message = catalogue().find(name)
    assert message is not None
    checks: list[Callable[[str, Any, Any], bool]] = [
        _option,
        _set,
        _enumeration,
        _rounded,
        _filled,
        _to_tws_only,
        _digits,
        lambda p, m, t: _lacks(name, p),
    ]
    if text:
        checks += [_number_as_flag, _unset_decimal, lambda path, mine, theirs: _unescaped(message, path, mine, theirs)]

    def allow(path: str, mine: Any, theirs: Any) -> bool:
        return any(check(path, mine, theirs) for check in checks)

    return allow


def _lacks(name: str, path: str) -> bool:
    return f"{name}.{path}" in LACKING


def _to_tws_only(path: str, mine: Any, theirs: Any) -> bool:
    own = True if path == "order.transmit" else ""
    return path.endswith(TO_TWS_ONLY) and (theirs is MISSING or not theirs or theirs == own)


def _filled(path: str, mine: Any, theirs: Any) -> bool:
    if mine is None and path.endswith(".isConjunctionConnection"):  # a condition's class says "and" by itself
        return theirs is True
    return mine is None and path in FILLED and type(theirs) in (bool, int)


def _unescaped(message: Message, path: str, mine: Any, theirs: Any) -> bool:
    """3 and 4: text is unicode-unescaped, UTF-8 turns to mojibake; a boolean stays text."""
    by_signature = message.id in BY_SIGNATURE
    if isinstance(mine, bool) and isinstance(theirs, str):
        return by_signature and theirs == ("true" if mine else "false")
    if not isinstance(mine, str) or not isinstance(theirs, str):
        return False
    if by_signature:
        return theirs == unescaped(mine.encode())
    return f"{message.name}.{path}" in ESCAPED and theirs == unescaped(_escape(mine))


def unescaped(raw: bytes) -> str:
    try:
        return raw.decode("unicode-escape")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _escape(text: str) -> bytes:
    """How TWS spells such a text."""
    units = text.encode("utf-16-be")
    pairs = [int.from_bytes(units[place : place + 2], "big") for place in range(0, len(units), 2)]
    return "".join(chr(unit) if unit < 128 else f"\\u{unit:04x}" for unit in pairs).encode()


def _unset_decimal(path: str, mine: Any, theirs: Any) -> bool:
    """5: a genuine 2147483647 is taken for unset."""
    return isinstance(theirs, Decimal) and theirs == UNSET_DECIMAL and mine == "2147483647"


def _option(path: str, mine: Any, theirs: Any) -> bool:
    """6: option sentinels become None."""
    if theirs is not None or mine is None:
        return False
    return (path == "impliedVol" and mine < 0) or (path in OPTION and mine == OPTION[path])


def _set(path: str, mine: Any, theirs: Any) -> bool:
    """7: expirations and strikes are sets."""
    return isinstance(theirs, set) and set(mine or []) == theirs


def _enumeration(path: str, mine: Any, theirs: Any) -> bool:
    """7: fund codes and the exercise type; an unknown one becomes the first member."""
    if not isinstance(theirs, Enum):
        return False
    members = list(type(theirs))
    return theirs is next((member for member in members if member.value[0] == mine), members[0])


def _rounded(path: str, mine: Any, theirs: Any) -> bool:
    """7: the multiplier, a double in protobuf, becomes text of eight places."""
    if not path.endswith("contract.multiplier") or not isinstance(theirs, str) or mine is None:
        return False
    return float(theirs or "inf") == float(f"{float(mine):.8f}")


def _digits(path: str, mine: Any, theirs: Any) -> bool:
    """Word: a string of ours, as in protobuf, that the vendor reads as an integer."""
    return path == "yieldRedemptionDate" and theirs == int(mine or 0)


def _number_as_flag(path: str, mine: Any, theirs: Any) -> bool:
    """Word: text only, a number of ours that the vendor reads as a flag (usePriceMgmtAlgo, routeMarketableToBbo)."""
    return isinstance(theirs, bool) and type(mine) is int and bool(mine) == theirs


def tamed(name: str, data: dict[str, Any], text: bool) -> dict[str, Any]:
    """`data` without what the vendor's decoder cannot stand though the wire's types allow it.

    yieldRedemptionDate is a string in protobuf and read as an integer; so is evMultiplier, a double in protobuf, in the
    text of contract details.
    """
    if text and "evMultiplier" in data.get("contractDetails", {}):
        details = {key: value for key, value in data["contractDetails"].items() if key != "evMultiplier"}
        return data | {"contractDetails": details}
    if "yieldRedemptionDate" in data:
        return data | {"yieldRedemptionDate": "20301215"}
    return data
