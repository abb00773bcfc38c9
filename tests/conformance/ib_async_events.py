"""A text payload from TWS as ib_async's decoder reads it, arranged as our message's fields.

ib_async knows server versions to 178. Its wrapper's methods take the vendor's arguments in the vendor's order, so that
what differs is little: three callbacks, some attribute names, and times as datetimes.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from ib_async.decoder import Decoder
from ibapi.wrapper import EWrapper

from bridge.catalogue import catalogue
from tests.conformance import ibapi_events, ibapi_names
from tests.conformance.differences import MISSING

NEWEST = 178

#: Its wrapper has no such method, so that its decoder drops the message in silence.
UNKNOWN = {
    "currentTimeInMillis",
    "displayGroupList",
    "displayGroupUpdated",
    "replaceFAEnd",
    "rerouteMktDataReq",
    "rerouteMktDepthReq",
    "verifyAndAuthCompleted",
    "verifyAndAuthMessageAPI",
    "verifyCompleted",
    "verifyMessageAPI",
}

CALLBACKS = {"commissionReport": "commissionAndFeesReport"}

ATTRIBUTES = {
    "OrderState": {
        "commissionAndFees": "commission",
        "minCommissionAndFees": "minCommission",
        "maxCommissionAndFees": "maxCommission",
        "commissionAndFeesCurrency": "commissionCurrency",
    },
    "HistoricalDataBar": {"WAP": "average"},
    "HistogramDataEntry": {"size": "count"},
    "OrderCondition": {"type": "condType", "isConjunctionConnection": "conjunction", "exchange": "exch"},
}

Calls = list[tuple[str, dict[str, Any]]]


def attribute(record: str, field: str) -> str:
    own = ATTRIBUTES.get(record, {}).get(field)
    return own or ibapi_names.attribute(record, field)


class Recorder:
    """In place of ib_async's wrapper: keeps every callback as (name, positional arguments)."""

    #: What its decoder asks of the wrapper besides.
    ib = SimpleNamespace(TimezoneTWS="UTC")
    defaultTimezone = UTC

    def __init__(self) -> None:
        self.calls: list[tuple[str, tuple[Any, ...]]] = []

    def __getattr__(self, name: str) -> Callable[..., None]:
        if name.startswith("_") or name in UNKNOWN:
            raise AttributeError(name)
        return lambda *values: self.calls.append((name, values))


class _Complaints(logging.Handler):
    """ib_async's decoder logs what goes wrong, and goes on."""

    def __init__(self) -> None:
        super().__init__()
        self.errors: list[BaseException] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info and record.exc_info[1]:
            self.errors.append(record.exc_info[1])


_complaints = _Complaints()
_logger = logging.getLogger("ib_async.Decoder")
_logger.addHandler(_complaints)
_logger.propagate = False


def calls(payload: bytes, version: int) -> Calls:
    """What ib_async's decoder calls for one text payload; raises what it logs."""
    recorder = Recorder()
    _complaints.errors.clear()
    fields = payload.decode(errors="backslashreplace").split("\0")
    fields.pop()
    Decoder(recorder, version).interpret(fields)  # type: ignore[arg-type]
    if _complaints.errors:
        raise _complaints.errors[0]
    return [(CALLBACKS.get(name, name), _by_name(name, values)) for name, values in recorder.calls]


def _by_name(name: str, values: tuple[Any, ...]) -> dict[str, Any]:
    """The arguments by the names of the vendor's parameters."""
    if name == "error":
        return dict(zip(("reqId", "errorCode", "errorString", "advancedOrderRejectJson"), values, strict=True))
    if name == "priceSizeTick":
        return dict(zip(("reqId", "tickType", "price", "size"), values, strict=True))
    code = getattr(EWrapper, CALLBACKS.get(name, name)).__code__
    return dict(zip(code.co_varnames[1 : code.co_argcount], values, strict=True))


def view(name: str, ours: dict[str, Any], made: Calls) -> dict[str, Any]:
    if name == "tickPrice":
        return {"attrMask": MISSING} | made[-1][1]
    if name == "commissionAndFeesReport":
        report = made[-1][1]["commissionAndFeesReport"]
        fields = [field.name for field in catalogue().messages[name].fields]
        names = {"commissionAndFees": "commission", "bondYield": "yield_"}
        return {field: getattr(report, names.get(field, field)) for field in fields}
    return ibapi_events.view(name, ours, made)


def tamed(name: str, data: dict[str, Any]) -> dict[str, Any]:
    """`data` with what ib_async reads as times and integers made such, and no coupon (read as an integer)."""
    changed = dict(data)
    if name == "bondContractDetails":
        changed["contractDetails"] = {key: one for key, one in data["contractDetails"].items() if key != "coupon"}
    if name == "execDetails":
        changed["execution"] = data.get("execution", {}) | {"time": "20260709 18:55:05 UTC"}
    for key in ("historicalTicks", "historicalTicksBidAsk", "historicalTicksLast"):
        if key in data:
            changed[key] = [tick | {"time": 1760000000 + place} for place, tick in enumerate(data[key])]
    if "histogramDataEntries" in data:
        changed["histogramDataEntries"] = [
            entry | {"size": str(place + 7)} for place, entry in enumerate(data["histogramDataEntries"])
        ]
    return changed


def allowed(name: str, path: str, mine: Any, theirs: Any) -> bool:
    """ib_async's own differences."""
    if isinstance(theirs, datetime):
        stamp = "20260709 18:55:05 UTC"
        known = datetime(2026, 7, 9, 18, 55, 5, tzinfo=UTC)
        return (mine == stamp and theirs == known) or theirs.timestamp() == mine
    if path.endswith("isConjunctionConnection"):
        return bool(theirs == ("a" if mine else "o"))
    if (name, path) == ("securityDefinitionOptionParameter", "underlyingConId"):  # stays text
        return bool(theirs == str(mine))
    return (name, path) in LACKING


#: It does not have these places.
LACKING = {("tickPrice", "attrMask"), ("error", "errorTime")}
