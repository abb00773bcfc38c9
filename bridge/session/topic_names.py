"""The names in topics: tokens, streams, clients. Each is a pure function of what it names.

A topic is a list of tokens of `[A-Za-z0-9_-]`, separated by dots. Two different values never have the same token.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bridge.session.digest import digest

#: The longest token. Four tokens and their dots stay below the 255 bytes of a topic.
TOKEN = 64

CLIENT = re.compile(r"[A-Za-z0-9_-]{1,64}")

_PLAIN = re.compile(r"[A-Za-z0-9_-]+")
_LOOKS_ESCAPED = re.compile(r"_[0-9A-F]{2}")

#: Units that make a bare number readable in a stream's name: `265598-5s-TRADES`.
_UNITS = {"barSize": "s", "numRows": "rows", "numberOfTicks": "ticks"}
#: Parameters that do not change which data TWS sends.
_NOT_NAMED = frozenset({"reqId", "contract", "conId", "snapshot", "regulatorySnapshot", "subscribe", "keepUpToDate"})
#: Parameters that list what a client wants, separated by commas: generic ticks, and tags of the account summary.
#: Clients that want different ones share the stream.
UNIONS = ("genericTickList", "tags")


def token(value: object) -> str:
    """Return `value` as one token: other characters become `_XX` per UTF-8 byte; a long text ends with a digest."""
    text = str(value)
    if not _PLAIN.fullmatch(text) or _LOOKS_ESCAPED.search(text):
        text = "".join(c if c.isascii() and (c.isalnum() or c == "-") else _escape(c) for c in text) or "_"
    if len(text) <= TOKEN:
        return text
    return f"{text[: TOKEN - 13]}-{_digest(str(value))}"


def _escape(char: str) -> str:
    return "".join(f"_{byte:02X}" for byte in char.encode("utf-8", "surrogatepass"))


def _digest(value: Any) -> str:
    return digest(value)[:12]


def instrument(contract: Mapping[str, Any]) -> str | None:
    """Return the contract's part of a stream's name; None if TWS must first be asked for its conId.

    `265598`; with the exchange unless it is SMART: `12087792-IDEALPRO`; for a combo a digest of its legs: `bag-…`.
    """
    exchange = contract.get("exchange") or "SMART"
    suffix = "" if exchange == "SMART" else f"-{exchange}"
    if contract.get("secType") == "BAG" or contract.get("comboLegs"):
        legs = sorted(
            [leg.get("conId"), leg.get("ratio"), leg.get("action"), leg.get("exchange")]
            for leg in contract.get("comboLegs", ())
        )
        return f"bag-{_digest([contract.get('symbol'), contract.get('currency'), legs])}{suffix}"
    con_id = contract.get("conId", 0)
    return f"{con_id}{suffix}" if con_id else None


def stream(method: str, params: Mapping[str, Any]) -> str:
    """Return the name of the stream that a subscription method with these params requests.

    The contract must have a conId or be a combo.
    """
    parts = []
    if "contract" in params:
        parts.append(instrument(params["contract"]) or "unresolved")
    elif "conId" in params:
        parts.append(str(params["conId"]))
    parts += [text for name, value in params.items() if name not in _NOT_NAMED and (text := _part(name, value))]
    return token("-".join(parts) or method.removeprefix("req"))


def _part(name: str, value: Any) -> str:
    match value:
        case None | False | "" | []:
            return ""
        case dict():
            return _digest(value) if value else ""
        case True:
            return name
        case int():
            return f"{value}{_UNITS.get(name, '')}"
        case str() if name in UNIONS:
            return "mdoff" if "mdoff" in {item.strip() for item in value.split(",")} else ""
        case str() if len(value) <= 24:
            return re.sub(r"[^A-Za-z0-9]", "", value) if name in ("barSizeSetting", "duration") else value
        case _:
            return _digest(value)
