"""Number formats of the TWS protocol: decimals as exact strings, prices as floats on a price grid."""

from decimal import Decimal, InvalidOperation
from typing import Any

Data = dict[str, Any]
"""The fields of one message, as in IBKR's protobuf message of that name. A field that is not set is absent."""


def decimal_text(value: Decimal | int) -> str:
    """Format `value` without an exponent and without trailing zeros: "100", "0.5"."""
    if isinstance(value, int):
        return str(value)
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("", "-0") else text


def to_decimal(value: object) -> Decimal | None:
    """Convert a decimal string, int or float to an exact Decimal.

    Returns None if the value is absent, not a number, or not finite.
    """
    if value is None or value == "":
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def on_grid(price: Decimal, tick: Decimal) -> bool:
    """Return whether `price` is a whole number of ticks, with a tolerance for rounding errors of floats."""
    steps = price / tick
    return abs(steps - steps.to_integral_value()) < Decimal("0.000001")


def digits_of(tick: Decimal) -> int:
    """Return the number of digits after the decimal point that a price on this grid needs."""
    exponent = tick.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
