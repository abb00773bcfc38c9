"""Converts single values between the text of TWS and the values of this project.

Our values: int, float and bool; an exact decimal string for decimals and 64-bit ids. An unset field is absent. Each
`read_*` raises ValueError if the text is not such a value, each `write_*` if the value has another type.
"""

from __future__ import annotations

import math
import re
from decimal import Decimal, InvalidOperation
from typing import Any

#: The double with which TWS says "no value" (TEXT_LAYOUTS, Encodings).
UNSET_DOUBLE = 1.7976931348623157e308

#: Decimals with which TWS says "no value": both 64-bit limits, the largest double, and 2^127-1.
UNSET_DECIMALS = frozenset(
    {
        "",
        "1.7976931348623157E308",
        "1.7976931348623157e308",
        "1.7976931348623157e+308",
        "9223372036854775807",
        "-9223372036854775808",
        "170141183460469231731687303715884105727",
    }
)

_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")


def read_int(text: str) -> int:
    """Read an integer of at most 64 bits."""
    if len(text) > 20 or not -(1 << 63) <= (number := int(text)) < 1 << 63:
        raise ValueError("too large for an integer")
    return number


def read_double(text: str) -> float:
    """Read a float. Infinity is `Infinity` (vendor), `Infinite` (ib_async) or `inf`."""
    return math.inf if text == "Infinite" else float(text)


def read_bool(text: str) -> bool:
    """Read a boolean. TWS writes 1 and 0, and sometimes true and false. Any other integer is true."""
    if text in ("0", "false"):
        return False
    return text in ("1", "true") or read_int(text) != 0


def read_decimal(text: str) -> str:
    """Returns the text itself, if it is a number."""
    read_double(text)
    return text


def read_id64(text: str) -> str:
    """Read a 64-bit id. Returns it as a decimal string."""
    return str(read_int(text))


def unescape(text: str) -> str:
    """Replace `\\uXXXX` only: other backslashes belong to the text (JSON in reject messages)."""
    if "\\u" not in text:
        return text
    plain = _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)
    return plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def escape(text: str) -> str:
    """Returns ASCII with all other characters as `\\uXXXX`, as TWS sends error texts and long names."""
    if text.isascii():
        return text
    units = text.encode("utf-16-be", "surrogatepass")
    pairs = (int.from_bytes(units[i : i + 2], "big") for i in range(0, len(units), 2))
    return "".join(chr(unit) if unit < 128 else f"\\u{unit:04x}" for unit in pairs)


def read_tag_values(text: str) -> dict[str, str]:
    """Read `tag=value;tag=value;` as a map."""
    pairs = (pair.split("=", 1) for pair in text.split(";") if pair)
    found = {}
    for pair in pairs:
        if len(pair) != 2:
            raise ValueError(f"{pair[0][:40]!r} is not tag=value")
        found[pair[0]] = pair[1]
    return found


def write_tag_values(value: Any) -> str:
    """Write a map as `tag=value;tag=value;`."""
    for tag, text in value.items():
        if set("=;\0") & set(tag) or set(";\0") & set(text):
            raise ValueError(f"tag {tag!r}: a tag must not have = or ;, and a value must not have ;")
    return "".join(f"{tag}={text};" for tag, text in value.items())


def whole(value: Any) -> int:
    """Returns the value, if it is an integer and not a boolean."""
    if type(value) is not int:
        raise ValueError(f"{value!r:.40} is not an integer")
    return value


def number(value: Any) -> float | int:
    """Returns the value, if it is a number other than NaN and the largest double, which means unset."""
    if type(value) is float:
        if math.isnan(value):
            raise ValueError("not a number")
        if value == UNSET_DOUBLE:
            raise ValueError(f"{value!r} means unset to TWS: leave the field out")
        return value
    return whole(value)


def flag(value: Any) -> bool:
    """Returns the value, if it is a boolean."""
    if type(value) is not bool:
        raise ValueError(f"{value!r:.40} is not a boolean")
    return value


def text_of(value: Any) -> str:
    """Returns the value, if it is a string."""
    if type(value) is not str:
        raise ValueError(f"{value!r:.40} is not a string")
    return value


def write_int(value: Any) -> str:
    """Write an integer."""
    return str(whole(value))


def write_double(value: Any) -> str:
    """Write a float or an integer."""
    if math.isinf(number(value)):
        return "Infinity" if value > 0 else "-Infinity"
    return repr(value)


def write_whole(value: Any) -> str:
    """Write a double without `.0` if it is an integer, because some clients read only integers there."""
    return str(int(value)) if math.isfinite(number(value)) and value == int(value) else write_double(value)


def write_bool(value: Any) -> str:
    """Write a boolean as 1 or 0."""
    return "1" if flag(value) else "0"


def write_decimal(value: Any) -> str:
    """Write a decimal string."""
    return read_decimal(text_of(value))


def write_id64(value: Any) -> str:
    """Write a 64-bit id."""
    return read_id64(text_of(value))


def write_string(value: Any) -> str:
    """Write a text field. A NUL would end the field early and shift all later fields."""
    if "\0" in text_of(value):
        raise ValueError("text must not have a NUL")
    return str(value)


def write_ascii(value: Any) -> str:
    """Write text to TWS. It must be ASCII, as in the vendor's clients (error 579)."""
    text = write_string(value)
    if not text.isascii():
        raise ValueError("not ASCII: TWS accepts other characters only from server version 201 on (579)")
    return text


def decimal_of_double(value: float) -> str:
    """The shortest decimal string of a float, without an exponent, for a protobuf double that is a decimal here."""
    try:
        return format(Decimal(repr(value)).normalize(), "f")
    except InvalidOperation:
        raise ValueError(f"{value!r} is not a decimal") from None


READ = {
    "int32": read_int,
    "int64": read_int,
    "double": read_double,
    "bool": read_bool,
    "string": str,
    "decimal": read_decimal,
    "id64": read_id64,
}

WRITE = {
    "int32": write_int,
    "int64": write_int,
    "double": write_double,
    "bool": write_bool,
    "string": write_string,
    "decimal": write_decimal,
    "id64": write_id64,
}
