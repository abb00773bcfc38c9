"""What ib_async sends at 178, as our SERVER role reads it: the same data as if our CLIENT role had sent it."""

from __future__ import annotations

import inspect
from typing import Any

import ib_async
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ib_async.client import Client
from ib_async.objects import WshEventData
from ib_async.order import OrderComboLeg, OrderCondition

from bridge.catalogue import Record, catalogue
from tests.conformance.carried import carried, gated
from tests.conformance.ib_async_events import NEWEST, attribute
from tests.conformance.ibapi_requests import Kit, filled
from tests.conformance.requests_alike import differing, tamed
from tests.conformance.wire import decode, encode
from tests.strategies import complete, messages


class _Kit(Kit):
    def made(self, record: Record, data: dict[str, Any]) -> Any:
        target = super().made(record, data)
        if record.name == "OrderCondition":  # the words of the wire, and no flag that is true by itself
            target.conjunction = "a" if target.conjunction is True else "o"
            target.isMore = data.get("isMore", False)
        return target


IB_ASYNC = _Kit(
    {
        "Contract": ib_async.Contract,
        "ComboLeg": ib_async.ComboLeg,
        "DeltaNeutralContract": ib_async.DeltaNeutralContract,
        "Order": ib_async.Order,
        "ExecutionFilter": ib_async.ExecutionFilter,
        "ScannerSubscription": ib_async.ScannerSubscription,
        "SoftDollarTier": ib_async.SoftDollarTier,
        "OrderComboLeg": OrderComboLeg,
        "WshEventData": WshEventData,
    },
    ib_async.TagValue,
    lambda kind: OrderCondition.createClass(kind)(),
    attribute,
)

#: It sends its id and connects by itself.
BY_ITSELF = {"startApi"}

#: It counts these options, which the vendor's client does not: a field too many, which says 0 where there are none.
COUNTED = {
    "calculateImpliedVolatility": ("impliedVolatilityOptions",),
    "calculateOptionPrice": ("optionPriceOptions",),
}

REQUESTS = sorted(
    message.name
    for message in catalogue().requests()
    if message.text is not None and hasattr(Client, message.name) and message.name not in BY_ITSELF
)


def sent(name: str, data: dict[str, Any]) -> bytes:
    """The payload that ib_async sends for our data."""
    client = Client(None)  # type: ignore[arg-type]
    client.connState, client._serverVersion = Client.CONNECTED, NEWEST
    out: list[str] = []
    client.sendMsg = out.append  # type: ignore[method-assign]
    method = getattr(client, name)
    names = tuple(inspect.signature(method).parameters)
    if name == "cancelOrder":
        method(data["orderId"], data.get("orderCancel", {}).get("manualOrderCancelTime", ""))
    else:
        method(*IB_ASYNC.arguments(name, data, names))
    [message] = out
    return message.encode()


def check(name: str, data: dict[str, Any]) -> None:
    wanted = spoken(name, filled(name, tamed(name, gated(name, data), text=False)))
    wanted = carried(name, NEWEST, wanted, fill=False)
    read = decode(name, NEWEST, sent(name, filled(name, wanted)))
    assert read.extra == (1 if name in COUNTED else 0)
    ours = decode(name, NEWEST, encode(name, NEWEST, wanted))
    found = differing(ours.data, read.data)
    assert not found, "\n".join([f"{name}:", *found])


def spoken(name: str, data: dict[str, Any]) -> dict[str, Any]:
    """`data` without what ib_async does not send, and with what it says of its own accord."""
    order = data.get("order", {})
    if not order.get("orderType", "").startswith("VOL"):  # it takes the volatility out of other orders
        order.pop("volatility", None)
    if "order" in data:
        order["openClose"] = order.get("openClose") or "O"
    return {key: value for key, value in data.items() if key not in COUNTED.get(name, ())}


@pytest.mark.parametrize("name", REQUESTS)
def test_its_every_field_is_read(name: str) -> None:
    for data in complete(name):
        check(name, data)


@pytest.mark.parametrize("name", REQUESTS)
@given(drawn=st.data())
def test_its_any_data_is_read(name: str, drawn: st.DataObject) -> None:
    check(name, drawn.draw(messages(name, unicode=False)))
