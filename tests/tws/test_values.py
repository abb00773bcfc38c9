"""Single values, both ways."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.tws import values


@given(st.text())
def test_escaped_text_is_ascii_and_comes_back(text: str) -> None:
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if "\\u" not in whole:
        assert values.escape(whole).isascii()
        assert values.unescape(values.escape(whole)) == whole


@given(st.floats(allow_nan=False))
def test_doubles_come_back(value: float) -> None:
    if value != values.UNSET_DOUBLE:
        assert values.read_double(values.write_double(value)) == value


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_double_as_decimal_is_the_same_number_without_exponent(value: float) -> None:
    text = values.decimal_of_double(value)
    assert float(text) == value
    assert "E" not in text.upper()


@given(st.dictionaries(st.text("abc", min_size=1), st.text("xyz= ")))
def test_tag_values_come_back(pairs: dict[str, str]) -> None:
    assert values.read_tag_values(values.write_tag_values(pairs)) == pairs


@pytest.mark.parametrize(
    ("text", "expected"), [("0", False), ("1", True), ("true", True), ("false", False), ("2", True)]
)
def test_booleans(text: str, expected: bool) -> None:
    assert values.read_bool(text) is expected


@pytest.mark.parametrize("text", ["Infinity", "Infinite", "inf"])
def test_every_spelling_of_infinity(text: str) -> None:
    assert values.read_double(text) == math.inf
    assert values.write_double(math.inf) == "Infinity"


@pytest.mark.parametrize(
    ("write", "value"),
    [
        (values.write_int, True),
        (values.write_int, 1.0),
        (values.write_double, True),
        (values.write_double, math.nan),
        (values.write_double, values.UNSET_DOUBLE),
        (values.write_double, "1"),
        (values.write_bool, 1),
        (values.write_decimal, 1),
        (values.write_decimal, "one"),
        (values.write_id64, 1),
        (values.write_string, 1),
        (values.write_string, "a\0"),
        (values.write_ascii, "ü"),
        (values.write_tag_values, {"a": "b;c"}),
        (values.write_tag_values, {"a=b": "c"}),
        (values.read_tag_values, "abc"),
        (values.read_bool, "yes"),
        (values.read_int, "9" * 21),
        (values.read_int, "9223372036854775808"),
        (values.read_int, "-9223372036854775809"),
    ],
)
def test_what_is_no_such_value_is_refused(write: object, value: object) -> None:
    with pytest.raises(ValueError, match=r"."):
        write(value)  # type: ignore[operator]
