"""The scalars of requests: the msgpack values that each takes, and the value that results.

Lenient only where JavaScript and other languages need it: a float takes an int, an int takes `5.0`, a decimal takes a
number or its text. Nothing is guessed: a bool is not a number, `"5"` is not an int, and NaN is refused.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator, StrictBool, WithJsonSchema
from pydantic_core import PydanticCustomError

_TYPES = {"string": "string", "int32": "integer", "int64": "integer"}
#: The patterns of a decimal and of a 64-bit ID for JSON Schema.
DECIMAL = r"^-?[0-9]{1,30}(\.[0-9]{1,30})?$"
ID = "^-?[0-9]{1,19}$"
_DECIMAL = re.compile(DECIMAL.strip("^$"), re.ASCII)
_ID = re.compile(ID.strip("^$"), re.ASCII)


def expected(what: str) -> PydanticCustomError:
    """The error of a field with a wrong value."""
    return PydanticCustomError("expected", "expected {what}", {"what": what})


def _int(first: int, last: int) -> Callable[[Any], int]:
    def check(value: Any) -> int:
        value = whole(value)
        if type(value) is not int or not first <= value <= last:
            raise expected(f"an integer from {first} to {last}")
        return value

    return check


def _double(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not _is_finite(value):
        raise expected("a finite number")
    return float(value)


def _unbounded(value: Any) -> float:
    """A double that may be infinite, as IBKR documents for a few fields."""
    if value in ("Infinity", math.inf):
        return math.inf
    return _double(value)


def _is_finite(value: int | float) -> bool:
    try:
        return math.isfinite(float(value))
    except OverflowError:
        return False


def _decimal(value: Any) -> str:
    """A decimal as its shortest plain text: `"100"`, `"0.5"`."""
    text = value
    if isinstance(value, int | float) and not isinstance(value, bool) and _is_finite(value):
        text = format(Decimal(repr(value)), "f")
    if not isinstance(text, str) or not _DECIMAL.fullmatch(text):
        raise expected('a decimal, as text ("0.5") or as a number')
    short = format(Decimal(text).normalize(), "f")
    return "0" if short == "-0" else short


def _id64(value: Any) -> str:
    value = whole(value)
    text = str(value) if type(value) is int else value
    if not isinstance(text, str) or not _ID.fullmatch(text) or not -(2**63) <= int(text) < 2**63:
        raise expected("a 64-bit integer, as text or as a number")
    return str(int(text))


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise expected("a string")
    if "\0" in value:
        raise expected("a string without NUL, which ends a field on the wire")
    return value


def _scalar(base: Any, check: Callable[[Any], Any], schema: dict[str, Any]) -> Any:
    return Annotated[base, BeforeValidator(check), WithJsonSchema(schema)]


def without_nil(value: Any) -> Any:
    """A map without its keys of nil, which are as if absent."""
    return {key: item for key, item in value.items() if item is not None} if isinstance(value, dict) else value


def whole(value: Any) -> Any:
    """A float without a fraction as the integer that it is; anything else unchanged."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


Text = _scalar(str, _text, {"type": "string"})
#: Texts by tag.
Texts: Any = Annotated[dict[Text, Text], BeforeValidator(without_nil)]  # type: ignore[valid-type]
Unbounded = _scalar(float, _unbounded, {"type": ["number", "string"], "pattern": "^Infinity$"})


def word(kind: str, words: tuple[str, ...]) -> Any:
    """A scalar that is one of these words, or one of these numbers if `kind` is an integer type."""
    known = words if kind == "string" else tuple(map(int, words))
    plain = _text if kind == "string" else _int(-(2**63), 2**63 - 1)

    def check(value: Any) -> Any:
        if (read := plain(value)) not in known:
            raise expected(f"one of {', '.join(words)}")
        return read

    return _scalar(str if kind == "string" else int, check, {"type": _TYPES[kind], "enum": list(known)})


#: The catalogue's scalar -> the annotated type that checks it.
SCALARS: dict[str, Any] = {
    "int32": _scalar(int, _int(-(2**31), 2**31 - 1), {"type": "integer", "minimum": -(2**31), "maximum": 2**31 - 1}),
    "int64": _scalar(int, _int(-(2**63), 2**63 - 1), {"type": "integer", "format": "int64"}),
    "double": _scalar(float, _double, {"type": "number"}),
    "bool": StrictBool,
    "string": Text,
    "decimal": _scalar(str, _decimal, {"type": ["string", "integer"], "pattern": DECIMAL}),
    "id64": _scalar(str, _id64, {"type": ["string", "integer"], "pattern": ID}),
}
