"""What a request takes as a contract or an order: our objects, maps, and the objects of `ib_async` and `ibapi`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from tws_bridge_client.generated import types
from tws_bridge_client.struct import Data, plain


class ForeignContract(Protocol):
    """A contract of another library: an object with IBKR's field names."""

    conId: int
    symbol: str
    secType: str


class ForeignOrder(Protocol):
    """An order of another library: an object with IBKR's field names."""

    action: str
    orderType: str
    lmtPrice: float


ContractLike = types.Contract | ForeignContract | Mapping[str, Any]
OrderLike = types.Order | ForeignOrder | Mapping[str, Any]


def given(params: Data) -> Data:
    """The params of a request, as the wire has them: without those that are None."""
    return {name: plain(value) for name, value in params.items() if value is not None}
