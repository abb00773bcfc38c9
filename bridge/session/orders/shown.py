"""Decides from the fields in openOrder whether TWS has applied a change. All functions here are pure."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from bridge.session.values import Data

#: Fields that openOrder always has, even as 0 or false. Any other field proves something only where it is present.
_SHOWN = (
    "orderType", "tif", "totalQuantity", "lmtPrice", "auxPrice", "trailingPercent", "outsideRth", "hidden", "allOrNone",
    "displaySize", "minQty",
)  # fmt: skip


def differing(wished: Data, before: Data, shown: Data) -> list[str]:
    """The names of the fields that a change sets to another value, and whose value TWS shows.

    `wished`: the fields of the order with the change. `before`: those without it. `shown`: those in openOrder.
    """
    names = [name for name in {**before, **wished} if not alike(_of(wished, name), _of(before, name))]
    return [name for name in names if name in _SHOWN or name in shown]


def is_made(wished: Data, before: Data, shown: Data) -> bool:
    """Whether TWS shows the changed order: no changed field still has its old value. TWS may show a rounded value."""
    return not any(alike(_of(shown, name), _of(before, name)) for name in differing(wished, before, shown))


def has_all(wished: Data, before: Data, shown: Data) -> bool:
    """Whether a change sets no field to another value than TWS has: `before`, or as shown last. TWS may not answer."""
    return all(
        alike(_of(wished, name), _of(before, name)) or (name in shown and alike(_of(wished, name), _of(shown, name)))
        for name in {**before, **wished}
    )


def _of(fields: Data, name: str) -> object:
    """The value of a field, or TWS's default where it is absent."""
    return fields.get(name, "DAY" if name == "tif" else None)


def alike(one: object, other: object) -> bool:
    """Whether TWS treats two values as equal: 0, false and "" equal absent, and numbers compare by value."""
    return _plain(one) == _plain(other)


def _plain(value: object) -> object:
    if isinstance(value, bool) or value in (None, ""):
        return Decimal(int(value is True))
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return value
