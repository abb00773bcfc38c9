"""Contracts, orders and their parts of `ib_async` and `ibapi`, as our objects.

An object of another library has IBKR's field names. What it leaves at its default is left out, because these libraries
have values that mean "not set" (1.797e308, 2147483647). A field that the bridge does not take is an error if it is set.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tws_bridge_client.generated.contract import FIELD_ALIASES, NOTES
from tws_bridge_client.naming import unknown
from tws_bridge_client.values import is_unset, simple, tag_value

if TYPE_CHECKING:
    from tws_bridge_client.struct import Struct

#: The classes that have one of ours of the same name. An object counts by its class or by one of its bases.
_CLASSES = frozenset(
    ("Contract", "Order", "ComboLeg", "DeltaNeutralContract", "OrderCondition", "OrderCancel", "SoftDollarTier",
     "ScannerSubscription", "ExecutionFilter")
)  # fmt: skip
#: Our classes of these names. `Struct` adds each when it is defined.
_OURS: dict[str, type[Struct]] = {}


def add_class(ours: type[Struct]) -> None:
    """Take a class of our own types, so that `ours_of` can make objects of it."""
    if ours.__name__ in _CLASSES:
        _OURS.setdefault(ours.__name__, ours)


def ours_of(value: object, path: str) -> Struct | None:
    """Our object for one of another library, or None if it is of no class that we know.

    Raises ValueError or TypeError for a field that is set and that the bridge does not take.
    """
    if not hasattr(value, "__dict__"):
        return None
    for base in type(value).__mro__:
        if base.__name__ in _CLASSES:
            return _read(value, base, _OURS[base.__name__], path)
    return None


def tags_of(values: list[Any] | tuple[Any, ...], path: str) -> dict[str, str] | None:
    """The map for a list of TagValue objects, or None if it is another list."""
    if not all(hasattr(one, "tag") and hasattr(one, "value") for one in values):
        return None
    found: dict[str, str] = {}
    for one in values:
        if one.tag in found:
            raise ValueError(f"{path}: the tag {one.tag} is there twice")
        found[one.tag] = tag_value(one.value, f"{path}.{one.tag}")
    return found


def _read(value: object, base: type, ours: type[Struct], path: str) -> Struct:
    defaults = {} if ours.__name__ == "OrderCondition" else vars(base())
    made = ours()
    for name, one in vars(value).items():
        if name == "conjunction":
            made.isConjunctionConnection = one == "a"  # type: ignore[attr-defined]
            continue
        if _says_nothing(one, defaults.get(name)):
            continue
        field = _field(name, ours)
        if field is not None:
            # ib_async has a bool in usePriceMgmtAlgo, whose type is an integer at IBKR.
            is_flag = isinstance(one, bool) and ours.KINDS[field] == "int | None"
            made.set_field(field, int(one) if is_flag else one, f"{path or base.__name__}.{name}")
        elif name in defaults:
            raise ValueError(f"{base.__name__}.{name}: {NOTES.get(name, 'the bridge does not take this field')}")
        elif not name.startswith("_"):
            raise ValueError(unknown(f"{base.__name__} has no field", name, ours.FIELDS))
    return made


def _field(name: str, ours: type[Struct]) -> str | None:
    """Our field for one of another library."""
    names = (name, *FIELD_ALIASES.get(name, ()))
    return next((one for one in names if one in ours.FIELDS), None)


def _says_nothing(value: Any, default: Any) -> bool:
    """Whether the object says nothing with this field."""
    if isinstance(value, list | tuple | Mapping):
        return not value
    if hasattr(value, "__dict__") and not any(vars(value).values()):
        return True
    value = simple(value)
    if isinstance(value, str) and not value:
        return True
    if type(value) is not type(default):
        return is_unset(value)
    is_nan = isinstance(value, float) and math.isnan(value) and math.isnan(default)
    return is_unset(value) or is_nan or bool(value == default)
