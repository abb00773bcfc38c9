"""What a request takes as a contract or an order: our objects, maps, and the objects of `ib_async` and `ibapi`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from tws_bridge_client.fields import Data, converter
from tws_bridge_client.generated import types
from tws_bridge_client.generated.params import CHOSEN_KEYS, PARAMS
from tws_bridge_client.values import expected, simple, text

_NO_PARAMS: dict[str, str] = {}


class _RequestId(str):
    """The default of a key that the program need not choose."""

    __slots__ = ()


#: The program gives no key: the id of the request is the key.
REQUEST_ID: str = _RequestId()


class ForeignContract(Protocol):
    """A contract of another library: an object with IBKR's field names."""

    conId: int
    symbol: str
    secType: str


class ForeignOrder(Protocol):
    """An order of another library: an object with IBKR's field names."""

    action: str
    orderType: str
    lmtPrice: Any


ContractLike = types.Contract | ForeignContract | Mapping[str, Any]
OrderLike = types.Order | ForeignOrder | Mapping[str, Any]


def given(method: str, params: Mapping[str, Any]) -> Data:
    """The params of a request, as the wire has them: without those that are None. Nothing of them is shared.

    Objects of ours and of other libraries may stand anywhere in them. Raises TypeError or ValueError for what the wire
    cannot have, and for a field of another library that is set and that the bridge does not take. The error begins with
    the path of the field, such as `order.goodTillDate`.
    """
    if not isinstance(params, Mapping):
        raise expected("params", "a map", params)
    kinds = PARAMS.get(method, _NO_PARAMS)
    chosen = CHOSEN_KEYS.get(method)
    if chosen is not None and chosen in params and params[chosen] is not REQUEST_ID:
        key_of(params[chosen], chosen)
    found = {
        name: converter(kinds.get(name, "Any"), types.__name__, is_request=True)(value, name)
        for name, value in params.items()
        if value is not None and value is not REQUEST_ID
    }
    if method == "placeOrders" and isinstance(found.get("orders"), list):
        for place, one in enumerate(found["orders"]):
            if isinstance(one, dict):
                key_of(one.get("orderKey"), f"orders.{place}.orderKey")
    return found


def key_of(value: object, path: str) -> str:
    """The key of an order. Raises ValueError if it is no text: without a key, each call would place another order."""
    value = simple(value)
    if not isinstance(value, str) or value == "":
        raise ValueError(f"{path}: expected the key of the order, a text that the program chooses, not {value!r:.80}")
    return text(value, path)


def contract_of(like: ContractLike) -> types.Contract:
    """Our object for a contract of any kind; the same one if it is ours."""
    if isinstance(like, types.Contract):
        return like
    return types.Contract.from_dict(converter("Contract", types.__name__)(like, "contract"))


def order_of(like: OrderLike) -> types.Order:
    """Our object for an order of any kind; the same one if it is ours."""
    if isinstance(like, types.Order):
        return like
    return types.Order.from_dict(converter("Order", types.__name__)(like, "order"))
