"""A payload from TWS as the vendor's decoder reads it, arranged as our message's fields so that both can be compared.

The views know where a callback's parameters, or several callbacks, hold what is one message with us. Where the vendor
changes a value on the way, a comment gives the number of the allowance (see allowances.py).
"""

from __future__ import annotations

import functools
import inspect
import logging
from collections.abc import Callable
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from ibapi import comm
from ibapi.const import UNSET_DECIMAL, UNSET_DOUBLE
from ibapi.decoder import Decoder
from ibapi.wrapper import EWrapper

from bridge.catalogue import catalogue
from tests.conformance.differences import MISSING
from tests.conformance.ibapi_names import attribute, parameter

logging.getLogger("ibapi").setLevel(logging.CRITICAL)

SIZES = {1: 0, 2: 3, 4: 5, 66: 69, 67: 70, 68: 71}


Calls = list[tuple[str, dict[str, Any]]]


class Recorder(EWrapper):
    """Keeps every callback as (name, arguments by the names of the vendor's parameters)."""

    def __init__(self) -> None:
        self.calls: Calls = []


def _recording(name: str, method: Callable[..., Any]) -> Callable[..., None]:
    names = list(inspect.signature(method).parameters)[1:]

    def record(self: Recorder, *values: Any, **named: Any) -> None:
        self.calls.append((name, {**dict(zip(names, values, strict=False)), **named}))

    return record


for _name, _method in inspect.getmembers(EWrapper, inspect.isfunction):
    if not _name.startswith("_"):
        setattr(Recorder, _name, _recording(_name, _method))


@functools.cache
def _decoder(version: int) -> Decoder:
    return Decoder(Recorder(), version)


def vendor_calls(payload: bytes, version: int) -> Calls:
    """What the vendor's decoder calls for one payload, read as its own client reads it; raises what it raises."""
    decoder = _decoder(version)
    recorder = decoder.wrapper = Recorder()
    if version >= 201:
        number, body = int.from_bytes(payload[:4], "big"), payload[4:]
    else:
        head, _, body = payload.partition(b"\0")
        number = int(head)
    if number > 200:
        decoder.processProtoBuf(body, number - 200)
    else:
        decoder.interpret(comm.read_fields(body), number)
    return recorder.calls


def view(name: str, ours: dict[str, Any], calls: Calls) -> dict[str, Any]:
    """The vendor's callback as our message's fields: name of our field -> the vendor's value or object."""
    special = VIEWS.get(name)
    if special is not None:
        return special(ours, calls)
    (called, given), *more = [call for call in calls if not call[0].endswith("ProtoBuf")]
    assert called == name and not more, [call[0] for call in calls]
    return by_name(name, given)


def by_name(name: str, given: dict[str, Any]) -> dict[str, Any]:
    known = catalogue()
    message = known.find(name)
    assert message is not None
    found = {}
    for field in known.record(message).fields:
        own = parameter(name, field.name, tuple(given))
        found[field.name] = MISSING if own is None else given[own]
    return found


def _tick_price(ours: dict[str, Any], calls: Calls) -> dict[str, Any]:
    (_, price), *rest = [call for call in calls if not call[0].endswith("ProtoBuf")]
    attrib = price["attrib"]
    mask = attrib.canAutoExecute | attrib.pastLimit << 1 | attrib.preOpen << 2
    if "attrMask" not in ours and mask == 7:  # 1 mask
        mask = 0
    elif "attrMask" in ours and mask == ours["attrMask"] & 7:
        mask = ours["attrMask"]
    size = SIZES.get(price["tickType"])
    if size is None:  # 1 size
        assert not rest
        given = Decimal(ours["size"]) if "size" in ours else UNSET_DECIMAL
    else:
        [(called, second)] = rest
        assert (called, second["reqId"], second["tickType"]) == ("tickSize", price["reqId"], size)
        given = second["size"]
    return {**price, "size": given, "attrMask": mask}


def _details(bond: bool) -> Callable[[dict[str, Any], Calls], dict[str, Any]]:
    def details(ours: dict[str, Any], calls: Calls) -> dict[str, Any]:
        _, given = calls[-1]
        made = given["contractDetails"]
        _join_date(ours, made, bond)
        return {"reqId": given["reqId"], "contract": made.contract, "contractDetails": made}

    return details


def _join_date(ours: dict[str, Any], made: Any, bond: bool) -> None:
    """Undo `date split`, where what was split is what ours holds whole."""
    whole = ours.get("contract", {}).get("lastTradeDateOrContractMonth", "")
    parts = whole.split("-") if "-" in whole else whole.split()
    date, time, zone = (*parts, "", "", "")[:3]
    split = (made.maturity if bond else made.contract.lastTradeDateOrContractMonth, made.lastTradeTime)
    if split == (date, time) or (not parts and not bond):
        made.contract.lastTradeDateOrContractMonth = whole
    if bond and len(parts) > 2 and made.timeZoneId == zone:
        made.timeZoneId = ours.get("contractDetails", {}).get("timeZoneId", "")


def _depth(ours: dict[str, Any], calls: Calls) -> dict[str, Any]:
    _, given = calls[-1]
    return {"reqId": given["reqId"], "marketDepthData": SimpleNamespace(**given)}


def _history(ours: dict[str, Any], calls: Calls) -> dict[str, Any]:
    bars = [given for called, given in calls if called == "historicalData"]
    ends = [given for called, given in calls if called == "historicalDataEnd"]  # 2 end
    found = {"historicalDataBars": [bar["bar"] for bar in bars], "startDateStr": "", "endDateStr": ""}
    found["reqId"] = (bars + ends)[0]["reqId"] if bars or ends else ours["reqId"]
    for end in ends:
        found |= {"startDateStr": end["start"], "endDateStr": end["end"]}
    return found


def _commission(ours: dict[str, Any], calls: Calls) -> dict[str, Any]:
    report = calls[-1][1]["commissionAndFeesReport"]
    fields = catalogue().messages["commissionAndFeesReport"].fields
    return {field.name: getattr(report, attribute("commissionAndFeesReport", field.name)) for field in fields}


def _scanner(ours: dict[str, Any], calls: Calls) -> dict[str, Any]:
    rows = [given for called, given in calls if called == "scannerData"]
    [end] = [given for called, given in calls if called == "scannerDataEnd"]  # 2 end
    made = []
    for place, row in enumerate(rows):
        details, mine = row["contractDetails"], ours["scannerDataElement"][place]
        if "contract" not in mine:  # 6 missing: then the market's name is dropped as well
            details.marketName = mine.get("marketName", "")
        made.append(
            SimpleNamespace(
                **{name: row[name] for name in ("rank", "distance", "benchmark", "projection")},
                contract=details.contract,
                marketName=details.marketName,
                comboKey=row["legsStr"],
            )
        )
    return {"reqId": end["reqId"], "scannerDataElement": made}


def _order(ours: dict[str, Any], calls: Calls) -> dict[str, Any]:
    called, given = calls[-1]
    prices = given["order"].orderComboLegs or []
    legs = given["contract"].comboLegs or []
    for place, leg in enumerate(legs):
        leg.perLegPrice = prices[place].price if place < len(prices) else UNSET_DOUBLE
    return by_name(called, given)


def _components(ours: dict[str, Any], calls: Calls) -> dict[str, Any]:
    given = calls[-1][1]
    made = given["smartComponentMap"]
    if isinstance(made, dict):  # 7 shape: a bit that comes twice counts once, a missing letter is a blank
        mine = {one.get("bitNumber", 0): one for one in ours.get("smartComponents", [])}
        same = {bit: (one.get("exchange", ""), one.get("exchangeLetter", " ")) for bit, one in mine.items()}
        whole = [
            SimpleNamespace(**{"bitNumber": 0, "exchange": "", "exchangeLetter": "", **one})
            for one in ours.get("smartComponents", [])
        ]
        made = whole if made == same else made
    return {"reqId": given["reqId"], "smartComponents": made}


def _tick_by_tick(ours: dict[str, Any], calls: Calls) -> dict[str, Any]:
    called, given = calls[-1]
    tick = SimpleNamespace(**given)
    found = {field.name: MISSING for field in catalogue().messages["tickByTick"].fields}
    found["reqId"] = given["reqId"]
    found["tickType"] = given.get("tickType", {"tickByTickBidAsk": 3, "tickByTickMidPoint": 4}.get(called))
    if called == "tickByTickAllLast":
        found["historicalTickLast"] = tick
    elif called == "tickByTickBidAsk":
        names = {"priceBid": "bidPrice", "priceAsk": "askPrice", "sizeBid": "bidSize", "sizeAsk": "askSize"}
        for own, theirs in names.items():
            setattr(tick, own, given[theirs])
        found["historicalTickBidAsk"] = tick
    else:
        tick.price, tick.size = given["midPoint"], MISSING
        found["historicalTickMidPoint"] = tick
    return found


VIEWS: dict[str, Callable[[dict[str, Any], Calls], dict[str, Any]]] = {
    "tickPrice": _tick_price,
    "contractDetails": _details(bond=False),
    "bondContractDetails": _details(bond=True),
    "updateMktDepth": _depth,
    "updateMktDepthL2": _depth,
    "historicalData": _history,
    "commissionAndFeesReport": _commission,
    "scannerData": _scanner,
    "openOrder": _order,
    "completedOrder": _order,
    "smartComponents": _components,
    "tickByTickAllLast": _tick_by_tick,
    "tickByTickBidAsk": _tick_by_tick,
    "tickByTickMidPoint": _tick_by_tick,
}
