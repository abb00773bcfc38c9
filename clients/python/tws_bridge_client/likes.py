"""What a request takes as a contract or an order: our objects, maps, and the objects of `ib_async` and `ibapi`.

An object of another library has IBKR's field names. What it leaves at its default is left out, because these libraries
have values that mean "not set" (1.797e308, 2147483647). A field that the bridge does not take is an error if it is set.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Protocol

from tws_bridge_client.generated import types
from tws_bridge_client.generated.contract import NOTES
from tws_bridge_client.naming import unknown
from tws_bridge_client.struct import Data, Struct, plain

#: Names of fields in other libraries, where they differ from ours.
_ALIASES = {
    ("Contract", "primaryExchange"): "primaryExch",
    ("ComboLeg", "shortSaleSlot"): "shortSalesSlot",
    ("OrderCondition", "condType"): "type",
    ("OrderCondition", "exch"): "exchange",
    ("SoftDollarTier", "val"): "value",
}
#: The classes of ours for the classes of other libraries: by the name of the class or of one of its bases.
_CLASSES: dict[str, type[Struct]] = {
    "Contract": types.Contract,
    "Order": types.Order,
    "ComboLeg": types.ComboLeg,
    "DeltaNeutralContract": types.DeltaNeutralContract,
    "OrderCondition": types.OrderCondition,
    "SoftDollarTier": types.SoftDollarTier,
    "ScannerSubscription": types.ScannerSubscription,
    "ExecutionFilter": types.ExecutionFilter,
}
_UNSET = (None, "", 2147483647, 9223372036854775807, 1.7976931348623157e308, Decimal(2**127 - 1))


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


def given(params: Data) -> Data:
    """The params of a request, as the wire has them: without those that are None.

    Raises TypeError for an object that is neither ours nor a contract, order or part of one of another library, and
    ValueError for a field that is set and that the bridge does not take.
    """
    return {name: wire(value, name) for name, value in params.items() if value is not None}


def wire(value: Any, path: str = "") -> Any:
    """The value as the wire has it. Objects of other libraries may stand anywhere in it.

    Raises TypeError for a value that the wire cannot have; it names the place by `path`, such as `order.goodTillDate`.
    """
    if isinstance(value, Mapping):
        return {key: wire(one, f"{path}.{key}" if path else str(key)) for key, one in value.items()}
    if isinstance(value, list | tuple):
        if value and all(_is_tag(one) for one in value):
            return _tags(value)
        return [wire(one, f"{path}.{place}" if path else str(place)) for place, one in enumerate(value)]
    if value is None or isinstance(value, Struct | Decimal | str | int | float | bytes):
        return plain(value)
    return _foreign(value, path)


def contract_of(like: ContractLike) -> types.Contract:
    """Our object for a contract of any kind; the same one if it is ours."""
    return like if isinstance(like, types.Contract) else types.Contract.from_dict(wire(like))


def order_of(like: OrderLike) -> types.Order:
    """Our object for an order of any kind; the same one if it is ours."""
    return like if isinstance(like, types.Order) else types.Order.from_dict(wire(like))


def _foreign(value: object, path: str) -> Data:
    """The map of an object of another library."""
    for base in type(value).__mro__:
        if base.__name__ in _CLASSES and hasattr(value, "__dict__"):
            return _fields(value, base, _CLASSES[base.__name__])
    place = f"{path}: " if path else ""
    raise TypeError(
        f"{place}{type(value).__module__}.{type(value).__qualname__} is no contract, order or value of the API"
    )


def _fields(value: object, base: type, ours: type[Struct]) -> Data:
    is_condition = ours is types.OrderCondition
    defaults = {} if is_condition else vars(base())
    made = ours()
    for name, one in vars(value).items():
        field = _ALIASES.get((ours.__name__, name), name)
        if name == "conjunction":
            made.isConjunctionConnection = one == "a"  # type: ignore[attr-defined]
        elif _is_default(one, defaults.get(name)):
            continue
        elif field in ours.FIELDS:
            setattr(made, field, wire(one))
        elif name in defaults:
            raise ValueError(f"{base.__name__}.{name}: {NOTES.get(name, 'the bridge does not take this field')}")
        elif not name.startswith("_"):
            raise ValueError(unknown(f"{base.__name__} has no field", name, ours.FIELDS))
    return made.to_dict()


def _is_default(value: object, default: object) -> bool:
    """Whether the object says nothing with this field."""
    if isinstance(value, list | dict) or value is None:
        return not value
    if hasattr(value, "__dict__") and not any(vars(value).values()):
        return True
    return value in _UNSET or (value == default and type(value) is type(default))


def _is_tag(value: object) -> bool:
    return hasattr(value, "tag") and hasattr(value, "value") and not isinstance(value, Struct)


def _tags(values: list[Any] | tuple[Any, ...]) -> dict[str, str]:
    """A list of TagValue objects is a map on the wire."""
    return {one.tag: one.value for one in values}
