"""What a field takes for a single value, and how the wire has it: texts, numbers, times, values of numpy, and enums.

This is the rule for the fields of objects and for the params of requests. It takes what the bridge takes, and what has
one meaning: numbers of numpy, Decimals, members of enums, datetimes with a time zone. It guesses nothing: "5" is no
number of a price, True is no number, and NaN is refused.

Each function raises TypeError for a value of a wrong type and ValueError for a wrong value. The error begins with
`path`, the name of the field, such as `Order.lmtPrice`.
"""

from __future__ import annotations

import math
import numbers
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

#: What a decimal field takes. A float counts as its shortest text: 0.1 is Decimal("0.1").
Number = Decimal | int | float | str
Converter = Callable[[Any, str], Any]

_PYTHON = (str, int, float, bool, Decimal)
#: A decimal has at most so many digits before the point, and after it.
_DIGITS = 30
#: The values with which `ibapi` and `ib_async` say that a field is not set.
_UNSET = (2147483647, 9223372036854775807, 1.7976931348623157e308, Decimal(2**127 - 1))


def tag_value(value: Any, path: str) -> str:
    """The text of a parameter of an algo or routing, also for a number: 0.1 is "0.1"."""
    value = simple(value)
    if isinstance(value, Decimal | int | float) and not isinstance(value, bool):
        return decimal(value, path)
    return text(value, path)


def is_unset(value: Any) -> bool:
    """Whether the value means that a field of `ibapi` or `ib_async` is not set."""
    if isinstance(value, Decimal) and value.is_nan():  # a signalling NaN cannot be compared
        return False
    return value is None or (isinstance(value, int | float | Decimal) and value in _UNSET)


def simple(value: Any) -> Any:
    """A member of an enum, or a number or text of numpy, as the value of Python that it stands for."""
    if type(value) in _PYTHON:
        return value
    if isinstance(value, Enum):
        return simple(value.value)
    if hasattr(value, "dtype") and hasattr(value, "item") and getattr(value, "ndim", None) == 0:
        item = value.item()
        # A float of 32 bits counts as its shortest text too: 187.1, and not 187.10000610351562.
        return float(str(value)) if isinstance(item, float) and value.dtype.itemsize < 8 else item
    return value


def text(value: Any, path: str) -> str:
    """A text."""
    value = simple(value)
    if not isinstance(value, str):
        raise expected(path, "a text", value)
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ValueError(f"{_at(path)}{value!r:.80} is no valid Unicode text") from None
    return str.__str__(value)


def boolean(value: Any, path: str) -> bool:
    """True or False."""
    value = simple(value)
    if not isinstance(value, bool):
        raise expected(path, "True or False", value)
    return value


def integer(value: Any, path: str) -> int:
    """An integer. A float or Decimal without a fraction is one."""
    value = simple(value)
    is_whole = _is_whole(value) if isinstance(value, float | Decimal) else isinstance(value, numbers.Integral)
    if not is_whole or isinstance(value, bool):
        raise expected(path, "an integer", value)
    whole: int = int(value)
    if not -(2**63) <= whole < 2**63:
        raise ValueError(f"{_at(path)}{whole} has more than 64 bits")
    return whole


def _is_whole(value: float | Decimal) -> bool:
    """Whether it has no fraction. A float above 2**53 may have lost digits."""
    return math.isfinite(value) and -(2**53) <= value <= 2**53 and value == int(value)


def id64(value: Any, path: str) -> str:
    """An integer of 64 bits, or its text. It is a string on the wire."""
    value = simple(value)
    if isinstance(value, str):
        digits = value[1:] if value.startswith("-") else value
        if not (digits.isascii() and digits.isdigit() and len(digits) < 20):
            raise ValueError(f"{_at(path)}expected an integer, not {value!r:.80}")
        value = int(value)
    return str(integer(value, path))


def number(value: Any, path: str) -> float:
    """A finite number."""
    found = unbounded(value, path)
    if not math.isfinite(found):
        raise ValueError(f"{_at(path)}expected a finite number, not {value!r:.80}")
    return found


def seconds(value: Any, path: str = "timeout", *, is_wait: bool = False) -> float:
    """The time that a call may last: a finite number above 0. `is_wait`: 0 and infinity too, which is no limit."""
    found = unbounded(value, path)
    if found < 0 or (not is_wait and found in {0, math.inf}):
        what = "0 or more seconds" if is_wait else "a finite number of seconds above 0"
        raise ValueError(f"{_at(path)}expected {what}, not {value!r:.80}")
    return found


def unbounded(value: Any, path: str) -> float:
    """A number, or positive infinity, which means "up to the midpoint" in the fields that take it."""
    value = simple(value)
    if isinstance(value, str) and value == "Infinity":
        return math.inf
    if isinstance(value, bool) or not isinstance(value, numbers.Real | Decimal):
        raise expected(path, "a number", value)
    try:
        found = float(value)
    except (OverflowError, ValueError):  # a long integer, or a signalling NaN
        found = math.nan
    if math.isnan(found) or found == -math.inf:
        raise ValueError(f"{_at(path)}expected a finite number, not {value!r:.80}")
    return found


def decimal(value: Any, path: str) -> str:
    """A decimal number, as the shortest text without an exponent: 1.0, "1.00" and Decimal("1E0") are "1"."""
    value = simple(value)
    if isinstance(value, bool) or not isinstance(value, Decimal | int | float | str):
        raise expected(path, "a number", value)
    try:
        exact = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    except ArithmeticError:
        raise ValueError(f"{_at(path)}{value!r:.80} is not a number") from None
    if not exact.is_finite():
        raise ValueError(f"{_at(path)}{value!r:.80} is not a finite number")
    if not exact:
        return "0"
    if exact.adjusted() >= _DIGITS:
        raise ValueError(f"{_at(path)}{value!r:.80} has more than {_DIGITS} digits before the point")
    # A zero at the end of an exponent's digits is no digit of the fraction.
    if -int(exact.as_tuple().exponent) > 2 * _DIGITS or exact.adjusted() < -_DIGITS:
        raise ValueError(f"{_at(path)}{value!r:.80} has more than {_DIGITS} digits after the point")
    shown = f"{exact:f}"
    if "." in shown:
        shown = shown.rstrip("0").rstrip(".")
    if len(shown.partition(".")[2]) > _DIGITS:
        raise ValueError(f"{_at(path)}{value!r:.80} has more than {_DIGITS} digits after the point")
    return shown


def moment(value: Any, path: str) -> str:
    """A time: a text in a form of TWS, or a datetime with a time zone, which goes as `yyyymmdd-hh:mm:ss` in UTC."""
    if isinstance(value, datetime):
        if _is_no_time(value) or value.utcoffset() is None:
            raise ValueError(f"{_at(path)}{value!r:.80} names no time zone: give it one, such as tzinfo=UTC")
        return value.astimezone(UTC).strftime("%Y%m%d-%H:%M:%S")
    if isinstance(value, date):
        raise expected(path, "a datetime with a time zone, or a text: a day is no time", value)
    return text(value, path)


def _is_no_time(value: datetime) -> bool:
    """Whether it is NaT of pandas, which is a datetime and equals nothing."""
    return bool(value != value)  # noqa: PLR0124


def day(value: Any, path: str) -> str:
    """A day: a text in the form of TWS, or a date, which goes as `yyyymmdd`. A datetime must be at midnight."""
    if isinstance(value, datetime):
        if _is_no_time(value) or value.time() != datetime.min.time():
            raise ValueError(f"{_at(path)}expected a day, not {value!r:.80}, which has a time")
        value = value.date()
    return f"{value:%Y%m%d}" if isinstance(value, date) else text(value, path)


def binary(value: Any, path: str) -> bytes:
    """Bytes."""
    if not isinstance(value, bytes | bytearray | memoryview):
        raise expected(path, "bytes", value)
    return bytes(value)


def anything(value: Any, path: str) -> Any:
    """A single value of a field whose type this version of the client does not know."""
    value = simple(value)
    match value:
        case None | bool():
            return value
        case str():
            return text(value, path)
        case bytes() | bytearray() | memoryview():
            return bytes(value)
        case Decimal():
            return decimal(value, path)
        case numbers.Integral():
            return integer(value, path)
        case float():
            return float(value)
        case _:
            kind = f"{type(value).__module__}.{type(value).__qualname__}"
            raise TypeError(f"{_at(path)}{kind} is no contract, order or value of the API")


def expected(path: str, what: str, value: Any) -> TypeError:
    """The error of a value of a wrong type."""
    return TypeError(f"{_at(path)}expected {what}, not {value!r:.80}")


def _at(path: str) -> str:
    return f"{path}: " if path else ""


#: How each kind of a single value is converted. The names are those of the annotations of fields.
SCALARS: dict[str, Converter] = {
    "str": text,
    "int": integer,
    "float": number,
    "Unbounded": unbounded,
    "bool": boolean,
    "bytes": binary,
    "Quantity": decimal,
    "OptionalQuantity": decimal,
    "Id64": id64,
    "OptionalId64": id64,
    "Moment": moment,
    "Day": day,
}
#: The kinds for which the values of `ibapi` that mean "not set" leave a field out.
NUMERIC = frozenset({"int", "float", "Unbounded", "Quantity", "OptionalQuantity", "Id64", "OptionalId64"})
