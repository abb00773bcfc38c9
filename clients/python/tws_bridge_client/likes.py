"""What a request takes as a contract or an order: our objects, maps, and the objects of `ib_async` and `ibapi`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from tws_bridge_client.fields import Data, converter
from tws_bridge_client.generated import types
from tws_bridge_client.generated.params import PARAMS
from tws_bridge_client.values import expected

_NO_PARAMS: dict[str, str] = {}


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
    return {
        name: converter(kinds.get(name, "Any"), types.__name__, is_request=True)(value, name)
        for name, value in params.items()
        if value is not None
    }


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
