"""A request as the vendor's client sends it: our data put into its classes, its bytes taken from a socket that is none.

Raises what the vendor's client reports through `error` instead of sending, as a `Refused`.
"""

from __future__ import annotations

import importlib
import inspect
import logging
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from google.protobuf import json_format
from ibapi import order_condition
from ibapi.client import EClient
from ibapi.common import WshEventData
from ibapi.contract import ComboLeg, Contract, DeltaNeutralContract
from ibapi.execution import ExecutionFilter
from ibapi.order import Order, OrderComboLeg
from ibapi.order_cancel import OrderCancel
from ibapi.scanner import ScannerSubscription
from ibapi.softdollartier import SoftDollarTier
from ibapi.tag_value import TagValue
from ibapi.wrapper import EWrapper

from bridge.catalogue import Field, Record, catalogue
from tests.conformance.ibapi_names import attribute, parameter

logging.getLogger("ibapi").setLevel(logging.CRITICAL)

CLASSES: dict[str, Callable[[], Any]] = {
    "Contract": Contract,
    "ComboLeg": ComboLeg,
    "DeltaNeutralContract": DeltaNeutralContract,
    "Order": Order,
    "OrderCancel": OrderCancel,
    "ExecutionFilter": ExecutionFilter,
    "ScannerSubscription": ScannerSubscription,
    "SoftDollarTier": lambda: SoftDollarTier("", "", ""),
    "OrderComboLeg": OrderComboLeg,
    "WshEventData": WshEventData,
}

NOTHING: dict[str, Any] = {
    "string": "",
    "bool": False,
    "int32": 0,
    "int64": 0,
    "double": 0.0,
    "decimal": "0",
    "id64": "0",
}


class Refused(Exception):
    """The vendor's client reported an error and sent nothing."""


class _Wrapper(EWrapper):
    def error(self, *given: Any) -> None:
        raise Refused(given)


class _Wire:
    """In place of the vendor's socket."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []

    def isConnected(self) -> bool:
        return True

    def sendMsg(self, message: bytes) -> int:
        self.sent.append(message)
        return len(message)


def filled(name: str, data: dict[str, Any]) -> dict[str, Any]:
    """`data` with every scalar that is a parameter of the vendor's method, since its caller cannot leave one out."""
    known = catalogue()
    given = dict(data)
    for field in known.record(known.messages[name]).fields:
        if not field.kind.is_record and not field.kind.repeated and not field.kind.mapping:
            given.setdefault(field.name, NOTHING[field.kind.name])
    return given


def vendor_payload(name: str, version: int, data: dict[str, Any]) -> bytes:
    """The payload that the vendor's client sends for our data, without its length."""
    client = EClient(_Wrapper())
    wire = client.conn = _Wire()
    client.serverVersion_ = version
    client.setConnState(EClient.CONNECTED)
    client.extraAuth = True  # without it the two verify requests are refused
    if name == "startApi":
        client.clientId, client.optCapab = data["clientId"], data.get("optionalCapabilities")
        client.startApi()
    elif hasattr(client, name):
        method = getattr(client, name)
        method(*IBAPI.arguments(name, data, tuple(inspect.signature(method).parameters)))
    else:  # the newest have a method that takes the vendor's protobuf message alone
        getattr(client, f"{name}ProtoBuf")(json_format.ParseDict(data, vendor_class(name)()))
    [frame] = wire.sent
    assert len(frame) == 4 + int.from_bytes(frame[:4], "big")
    return frame[4:]


def vendor_class(name: str) -> Any:
    """The vendor's protobuf class of a request."""
    message = catalogue().messages[name]
    assert message.protobuf is not None
    module = importlib.import_module(f"ibapi.protobuf.{message.protobuf.message}_pb2")
    return getattr(module, message.protobuf.message)


class Kit:
    """Our data as the objects of one client's classes; what is absent keeps the class's own default."""

    def __init__(
        self,
        classes: dict[str, Callable[[], Any]],
        tag_value: Callable[[str, str], Any],
        condition: Callable[[int], Any],
        attribute: Callable[[str, str], str],
    ) -> None:
        self.classes = classes
        self.tag_value = tag_value
        self.condition = condition
        self.attribute = attribute

    def arguments(self, name: str, data: dict[str, Any], names: tuple[str, ...]) -> list[Any]:
        """The arguments of the client's method, by its own parameters."""
        known = catalogue()
        record = known.record(known.messages[name])
        given = {parameter(name, field.name, names): self.value(field, data.get(field.name)) for field in record.fields}
        special = SPECIAL.get(name)
        if special is not None:
            given |= special(self, data, given)
        return [given[one] for one in names]

    def value(self, field: Field, data: Any) -> Any:
        kind = field.kind
        if kind.mapping:
            return [self.tag_value(tag, text) for tag, text in (data or {}).items()]
        if kind.is_record:
            record = catalogue().types[kind.name]
            return [self.made(record, one) for one in data or []] if kind.repeated else self.made(record, data or {})
        if data is None:
            return None
        if kind.name == "decimal":
            return data if field.name == "multiplier" else Decimal(data)
        return int(data) if kind.name == "id64" else data

    def made(self, record: Record, data: dict[str, Any]) -> Any:
        if record.name == "OrderCondition":
            target = self.condition(data["type"])
            data = {key: one for key, one in data.items() if key != "type"}
        elif record.name not in self.classes:
            return None
        else:
            target = self.classes[record.name]()
        for field in record.fields:
            if field.name in data:
                setattr(target, self.attribute(record.name, field.name), self.value(field, data[field.name]))
            elif record.name == "OrderCondition" and getattr(target, field.name, "") is None:
                setattr(target, field.name, NOTHING[field.kind.name])  # its conditions cannot be sent with a None
        return target


def _order(kit: Kit, data: dict[str, Any], given: dict[Any, Any]) -> dict[str, Any]:
    """Prices of legs and attached orders are the order's, in the vendor's classes."""
    order = given["order"]
    legs = data.get("contract", {}).get("comboLegs", [])
    if any("perLegPrice" in leg for leg in legs):
        order.orderComboLegs = [kit.classes["OrderComboLeg"]() for _ in legs]
        for price, leg in zip(order.orderComboLegs, legs, strict=True):
            price.price = leg.get("perLegPrice", price.price)
    for name, one in data.get("attachedOrders", {}).items():
        setattr(order, name, one)
    return {}


def _scanner(kit: Kit, data: dict[str, Any], given: dict[Any, Any]) -> dict[str, Any]:
    options = ("scannerSubscriptionOptions", "scannerSubscriptionFilterOptions")
    inner = data.get("scannerSubscription", {})
    return {
        "subscription": given["subscription"] if "subscription" in given else given[None],
        **{name: [kit.tag_value(*pair) for pair in inner.get(name, {}).items()] for name in options},
    }


def _wsh(kit: Kit, data: dict[str, Any], given: dict[Any, Any]) -> dict[str, Any]:
    wanted = kit.classes["WshEventData"]()
    for name, one in data.items():
        if name != "reqId":
            setattr(wanted, name, one)
    return {"wshEventData": wanted, "data": wanted}


SPECIAL: dict[str, Any] = {"placeOrder": _order, "reqScannerSubscription": _scanner, "reqWshEventData": _wsh}

IBAPI = Kit(CLASSES, TagValue, order_condition.Create, attribute)
