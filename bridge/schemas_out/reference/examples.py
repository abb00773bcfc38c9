"""An example of an event for each topic pattern, made from the declarations, with the fields that a reader needs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bridge.catalogue import Field as TwsField
from bridge.catalogue.types import ValueType
from bridge.contract import Field as OwnField
from bridge.schemas_out.reference.declared import Declared

Data = dict[str, Any]

#: Channel -> topic, the declaration of the event, and the fields in the example, at any depth.
EXAMPLES: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "market": ("market.265598.tickPrice", "tickPrice", ("reqId", "tickType", "price", "size", "attrMask")),
    "depth": ("depth.265598.updateMktDepth", "updateMktDepth",
              ("marketDepthData", "position", "operation", "side", "price", "size")),
    "trades": ("trades.265598-Last.tickByTickAllLast", "tickByTickAllLast",
               ("historicalTickLast", "time", "price", "size")),
    "bars": ("bars.265598-5s-TRADES.realtimeBar", "realtimeBar",
             ("reqId", "time", "open", "high", "low", "close", "volume", "WAP", "count")),
    "order": ("order.momentum.k1.orderStatus", "orderStatus",
              ("orderId", "status", "filled", "remaining", "avgFillPrice", "permId", "clientId")),
    "orderHead": ("order.momentum.head", "head", ("log", "head")),
    "account": ("account.DU1234567.position", "position", ("account", "contract", "position", "avgCost")),
    "news": ("news.BRFG.tickNews", "tickNews", ("reqId", "timestamp", "providerCode", "articleId", "headline")),
    "scanner": ("scanner.3f1c.scannerData", "scannerData", ("scannerDataElement", "rank", "contract")),
    "request": ("request.momentum.headTimestamp", "headTimestamp", ("reqId", "headTimestamp")),
    "system": ("system.connection", "connection", ("epoch", "state", "since", "serverVersion", "clientId")),
    "sync": ("sync.n1", "sync", ()),
}  # fmt: skip
_NOW = 1_764_252_000_000_000_000
#: Typical values by the name of the field. Every other field has a value by its type.
_TYPICAL: dict[str, Any] = {
    "account": "DU1234567", "articleId": "BRFG$12a3b4c5", "attrMask": 1, "avgCost": 189.25, "avgFillPrice": 191.5,
    "clientId": 1, "close": 191.52, "conId": 265598, "currency": "USD", "epoch": "5f3a9c21", "exchange": "SMART",
    "filled": "60", "head": 1042, "headTimestamp": "19801212-14:30:00", "headline": "Example Corp reports its quarter",
    "high": 191.55, "log": "8d21f0aa", "low": 191.48, "operation": 1, "open": 191.5, "orderId": 57,
    "permId": "1234567890",
    "position": "100", "price": 191.5, "providerCode": "BRFG", "remaining": "40", "reqId": 12, "secType": "STK",
    "serverVersion": 213, "side": 1, "since": _NOW, "size": "300", "state": "ready", "status": "Submitted",
    "symbol": "AAPL", "tickType": 1, "time": 1764252000, "timestamp": _NOW // 1_000_000, "volume": "1200",
    "WAP": "191.51",
}  # fmt: skip
_BY_TYPE: dict[str, Any] = {
    "int32": 1, "int64": 1, "double": 1.5, "bool": True, "string": "text", "decimal": "1", "id64": "1", "bytes": "",
    "map": {},
}  # fmt: skip
#: Fields of records that an example shows.
_SHOWN = frozenset({"conId", "symbol", "secType", "exchange", "currency"})
_ENVELOPE: dict[str, Any] = {"v": 1, "epoch": "5f3a9c21", "seq": 1042, "ts": _NOW, "n": 1042, "re": "r17"}


def example(declared: Declared, channel: str) -> tuple[str, Data]:
    """The topic, and the map of the event as JSON."""
    topic, name, fields = EXAMPLES[channel]
    own = declared.contract.events.get(name)
    if own is not None:
        data = {f.name: _own(f) for f in declared.contract.fields(own) if f.name in fields or f.required}
    else:
        record = declared.catalogue.record(declared.catalogue.by_event[name])
        data = _record(declared, record.fields, {*fields, *_SHOWN})
    event = topic.rpartition(".")[2]
    return topic, {**_envelope(declared, channel), "event": event, "data": data}


def live_keys(declared: Declared) -> list[str]:
    """The keys that every published event has."""
    wire = declared.contract.wire
    return [*wire["envelopeRequired"], *wire.get("liveRequired", ())]


def _envelope(declared: Declared, channel: str) -> Data:
    """The keys that are always present, with `n` for an order event and `re` for a request event."""
    keys = [*live_keys(declared), *{"order": ["n"], "request": ["re"]}.get(channel, [])]
    return {key: _ENVELOPE[key] for key in keys if key in _ENVELOPE}


def _own(field: OwnField) -> Any:
    one = _TYPICAL.get(field.name, _BY_TYPE.get(field.kind.name, "text"))
    return {"one": one, "list": [one], "map": {"name": one}}[field.kind.form]


def _of_tws(declared: Declared, field: TwsField, shown: set[str]) -> Any:
    kind = field.kind
    one = (
        _record(declared, declared.catalogue.types[kind.name].fields, shown) if kind.is_record else _scalar(field, kind)
    )
    return [one] if kind.repeated else one


def _scalar(field: TwsField, kind: ValueType) -> Any:
    """The typical value for the name if it has the field's type; otherwise a value by type."""
    other = _BY_TYPE[kind.name]
    one = _TYPICAL.get(field.name, other)
    return one if type(one) is type(other) else other


def _record(declared: Declared, fields: Iterable[TwsField], shown: set[str]) -> Data:
    return {f.name: _of_tws(declared, f, shown) for f in fields if f.name in shown or f.required}
