"""When two clients' requests say the same: text field by field, protobuf parsed.

Every difference that is let pass is listed here with its reason; nothing else may differ.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from ibapi import order_condition

from bridge.catalogue import catalogue
from tests.conformance.vendor_wire import wire_value
from tests.conformance.wire import same

#: The vendor's text placeOrder and others write the unset maximum where we write nothing (wire facts, "Unset values").
MAXIMA = {b"1.7976931348623157e+308", b"2147483647"}

NUMBER = re.compile(r"-?\d+(\.\d*)?(E[+-]?\d+)?")


def same_fields(name: str, version: int, ours: bytes, theirs: bytes) -> list[str]:
    """A line for each text field that differs."""
    mine, foreign = (fields(version, payload) for payload in (ours, theirs))
    if len(mine) != len(foreign):
        return [f"{len(mine)} fields, theirs {len(foreign)}", repr(mine), repr(foreign)]
    return [
        f"field {place}: ours {own!r}, theirs {other!r}, after {mine[max(0, place - 3) : place]!r}"
        for place, (own, other) in enumerate(zip(mine, foreign, strict=True))
        if not same(own, other) and not (own == b"" and (other in MAXIMA))
    ]


def fields(version: int, payload: bytes) -> list[bytes]:
    """The text fields, the id first."""
    if version >= 201:
        return [str(int.from_bytes(payload[:4], "big")).encode(), *payload[4:].split(b"\0")]
    return payload.split(b"\0")


def same_protobuf(ours: Any, theirs: Any) -> list[str]:
    """A line for each difference of two parsed messages of the vendor's class."""
    return list(_differ(wire_value(ours), wire_value(theirs), ""))


def differing(ours: Any, theirs: Any) -> list[str]:
    """A line for each place where two messages' data differ in meaning."""
    return list(_differ(meaning(ours), meaning(theirs), ""))


def _differ(ours: Any, theirs: Any, path: str) -> Any:
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key in sorted(ours.keys() | theirs.keys()):
            if key in ours or theirs[key] != DEFAULTS.get(key):
                yield from _differ(ours.get(key), theirs.get(key), f"{path}.{key}")
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for place, pair in enumerate(zip(ours, theirs, strict=True)):
            yield from _differ(*pair, f"{path}[{place}]")
    elif meaning(ours) != meaning(theirs) and not (nothing(ours) and nothing(theirs)):
        yield f"{path[1:]}: ours {ours!r}, theirs {theirs!r}"


#: What the vendor's classes hold by themselves, and send.
DEFAULTS = {"numberOfRows": -1, "exemptCode": -1}


def nothing(value: Any) -> bool:
    """Absent, or what the vendor's client leaves out (false, empty), or sends as its class's default (mostly 0)."""
    if isinstance(value, dict):
        return all(nothing(one) or DEFAULTS.get(key) == one for key, one in value.items())
    return value is None or value in (0, "", [])


def meaning(data: Any) -> Any:
    """Data without what says nothing: 0, false, empty, and the default of an exempt code."""
    if isinstance(data, dict):
        kept = {key: meaning(value) for key, value in data.items() if DEFAULTS.get(key) != value}
        return {key: value for key, value in kept.items() if not nothing(value) and value != "0"}
    if isinstance(data, list):
        return [meaning(one) for one in data]
    if isinstance(data, str) and NUMBER.fullmatch(data):  # a decimal may be spelled 1E-8
        return format(Decimal(data).normalize(), "f")
    return data


#: The vendor's client refuses these in text, in words ("not supported"), though a place for them is there.
TEXT_REFUSES = ("impliedVolatilityOptions", "optionPriceOptions", "marketDataOptions", "marketDepthOptions")

#: Fields of an order that come from TWS; the vendor's client does not send them.
FROM_TWS_ONLY = ("autoCancelDate", "filledQuantity", "orderId", "parentPermId", "refFuturesConId", "shareholder")

#: Numbers of ours that are flags, or nothing, in the vendor's order.
FLAGS = ("usePriceMgmtAlgo", "routeMarketableToBbo", "seekPriceImprovement")


def tamed(name: str, data: dict[str, Any], text: bool) -> dict[str, Any]:
    """`data` as a user of the vendor's client can say it."""
    kept = _without_maxima(data)
    if text:
        kept = {key: value for key, value in kept.items() if key not in TEXT_REFUSES}
    if kept.get("faDataType") == 2:  # profiles: from 177 on its client refuses them with 585, at 176 it sends them
        kept["faDataType"] = 3
    contract = kept.get("contract", {})
    contract.pop("lastTradeDate", None)  # never sent by it
    if name != "placeOrder":  # prices of legs are the order's
        for leg in contract.get("comboLegs", []):
            leg.pop("perLegPrice", None)
    order = {key: value for key, value in kept.get("order", {}).items() if key not in FROM_TWS_ONLY}
    if name == "placeOrder":  # an order without a quantity is sent with 2^127-1, one without transmit with true
        kept["order"] = order = {"totalQuantity": "0", "transmit": False} | order
    for condition in order.get("conditions", []):
        _complete(condition)
    for flag in FLAGS:
        if flag in order:
            order[flag] = int(order[flag] != 0)
    return kept


def _complete(condition: dict[str, Any]) -> None:
    """Its classes cannot send a condition without the numbers of its type, and join by "and" where nothing is said."""
    condition.setdefault("isConjunctionConnection", False)
    own = order_condition.Create(condition["type"])
    for field in catalogue().types["OrderCondition"].fields:
        if field.kind.name in ("int32", "double") and hasattr(own, field.name):
            condition.setdefault(field.name, 0)


def _without_maxima(data: Any) -> Any:
    """2147483647 means unset to the vendor's client."""
    if isinstance(data, dict):
        return {key: _without_maxima(one) for key, one in data.items() if one != 2147483647}
    return [_without_maxima(one) for one in data] if isinstance(data, list) else data
