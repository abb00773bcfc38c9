"""Whether TWS shows a change of an order as made. Pure: fields in, a verdict out."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from bridge.session.values import Data

#: Fields that openOrder always has, if only as 0 or false: others can tell of a change only where they are there.
_SHOWN = (
    "orderType", "tif", "totalQuantity", "lmtPrice", "auxPrice", "trailingPercent", "outsideRth", "hidden", "allOrNone",
    "displaySize", "minQty",
)  # fmt: skip


def differing(wished: Data, before: Data, shown: Data) -> list[str]:
    """The fields in which a change differs from what was, and of which TWS shows how they stand."""
    names = [name for name in {**before, **wished} if not alike(_of(wished, name), _of(before, name))]
    return [name for name in names if name in _SHOWN or name in shown]


def is_made(wished: Data, before: Data, shown: Data) -> bool:
    """Whether TWS shows the order as changed: no field that differs stands as before. TWS may put it in its own way."""
    return not any(alike(_of(shown, name), _of(before, name)) for name in differing(wished, before, shown))


def _of(fields: Data, name: str) -> object:
    """A field, or what TWS takes for it where it is absent."""
    return fields.get(name, "DAY" if name == "tif" else None)


def alike(one: object, other: object) -> bool:
    """Equal as TWS sees it: 0, false and empty are as good as absent, numbers are equal in whatever form they come."""
    return _plain(one) == _plain(other)


def _plain(value: object) -> object:
    if isinstance(value, bool) or value in (None, ""):
        return Decimal(int(value is True))
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return value
