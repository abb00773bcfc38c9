"""How numbers are spelled on our side of the wire: decimals as exact strings, prices as floats on a tick grid.

Knows nothing of instruments, orders or time.
"""

from decimal import Decimal, InvalidOperation
from typing import Any

Data = dict[str, Any]
"""The dict of one message, in the shape of IBKR's protobuf message of that name; unset is absent."""


def decimal_text(value: Decimal | int) -> str:
    """`value` without exponent and without trailing zeros: "100", "0.5"."""
    if isinstance(value, int):
        return str(value)
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("", "-0") else text


def to_decimal(value: object) -> Decimal | None:
    """A decimal string, int or float as an exact Decimal; None where it is absent, not a number or not finite."""
    if value is None or value == "":
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def on_grid(price: Decimal, tick: Decimal) -> bool:
    """Whether `price` is a whole number of ticks, with the tolerance that a double needs."""
    steps = price / tick
    return abs(steps - steps.to_integral_value()) < Decimal("0.000001")


def digits_of(tick: Decimal) -> int:
    """Digits after the point that a price on this grid needs."""
    exponent = tick.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
