"""Forms of phrases.

A form such as `error CODE on REQUEST ["TEXT"]` is a pattern: words in capitals are typed fields.

`vocabulary.py` has the forms.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from difflib import get_close_matches
from functools import cache
from typing import Any

from bridge.catalogue import catalogue
from bridge.simulator.instruments.universe import STOCKS

Fields = Mapping[str, Any]


class BadPhrase(ValueError):
    """A phrase is invalid. The text says what is allowed."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """A parsed phrase: the name of its form and the values of its fields."""

    verb: str
    fields: Fields
    text: str = field(compare=False)


@dataclass(frozen=True, slots=True)
class Form:
    """A form. `shape` has literal words, FIELDS in capitals, and at most one `[optional]` part, at its end."""

    verb: str
    shape: str
    about: str


def seconds(text: str) -> float:
    """Parse `2s`, `0.5s` or `300ms` to seconds."""
    found = _SECONDS.fullmatch(text)
    if found is None:
        raise BadPhrase(f"invalid time {text!r}: write 2s, 0.5s or 300ms")
    return float(found[1]) / (1000 if found[2] == "ms" else 1)


def read(forms: Iterable[Form], speaker: str, text: str) -> Phrase:
    """Parse a phrase with the first form that matches. Raises BadPhrase with the allowed forms."""
    forms = list(forms)
    text = " ".join(text.split()) if '"' not in text else text.strip()
    for form in forms:
        found = _pattern(form.shape).fullmatch(text)
        if found is not None:
            return Phrase(form.verb, _values(form, found), text)
    raise BadPhrase(_refusal(forms, speaker, text))


def _values(form: Form, found: re.Match[str]) -> Fields:
    """Return the field values by lower-case name. Fields of a missing optional part are absent."""
    given = {name: value for name, value in found.groupdict().items() if value is not None}
    return {name.lower(): _TYPES[name].read(value) for name, value in given.items()}


def _refusal(forms: list[Form], speaker: str, text: str) -> str:
    """Return the error text for an invalid phrase: the forms with a similar first word, or all forms."""
    first = text.split(" ", 1)[0]
    firsts = {form.shape.split(" ", 1)[0] for form in forms}
    likely = get_close_matches(first, firsts, 1, 0.75)
    near = [form for form in forms if form.shape.split(" ", 1)[0] in likely]
    allowed = "; ".join(form.shape for form in near or forms)
    return f"unknown phrase {text!r} of {speaker!r}; allowed: {allowed}"


# Fields


@dataclass(frozen=True, slots=True)
class _Type:
    pattern: str
    read: Callable[[str], Any]


_SECONDS = re.compile(r"(\d+(?:\.\d+)?)(ms|s)")


@cache
def _requests() -> frozenset[str]:
    return frozenset(name for name, message in catalogue().messages.items() if message.direction == "toTws")


def _request(text: str) -> str:
    known = _requests()
    if text not in known:
        near = get_close_matches(text, known, 3)
        raise BadPhrase(f"TWS has no request {text!r}" + (f"; did you mean {' or '.join(near)}?" if near else ""))
    return text


def _symbol(text: str) -> str:
    if text not in STOCKS:
        raise BadPhrase(f"the simulated exchange has no stock {text!r}; it has {', '.join(STOCKS)}")
    return text


def _pairs(text: str) -> dict[str, str]:
    return dict(word.split("=", 1) for word in text.split())


def _options(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


_TYPES: Mapping[str, _Type] = {
    "CODE": _Type(r"\d{1,5}", int),
    "N": _Type(r"\d{1,6}", int),
    "SECONDS": _Type(r"\S+", seconds),
    "REQUEST": _Type(r"[A-Za-z]\w*", _request),
    "SYMBOL": _Type(r"[A-Z][A-Z0-9.]*", _symbol),
    "PRICE": _Type(r"\d+(?:\.\d+)?", Decimal),
    "QUANTITY": _Type(r"\d+", int),
    "SIDE": _Type(r"buy|sell", str.upper),
    "KEY": _Type(r"[A-Za-z0-9_-]{1,64}", str),
    "FARM": _Type(r"usfarm|ushmds|secdefnj", str),
    "DATAFARM": _Type(r"usfarm|ushmds", str),
    "TOPIC": _Type(r"[A-Za-z0-9_.*-]+", str),
    "STATE": _Type(r"[A-Za-z]+", str),
    "VALUES": _Type(r"\w+=\S+(?: \w+=\S+)*", _pairs),
    "OPTIONS": _Type(r"(?:, (?:ids from 1|lists cut|orders lost))+", _options),
    "TEXT": _Type(r"[^\"]*", str),
}
FIELDS: Mapping[str, str] = {
    "CODE": "an error code of TWS",
    "N": "a whole number",
    "SECONDS": "a time: `2s`, `0.5s`, `300ms`",
    "REQUEST": "a request as IBKR's EClient names it: `reqMktData`, `placeOrder`",
    "SYMBOL": "a stock of the simulated exchange: AAPL, MSFT, IBM, SPY, TSLA",
    "PRICE": "a price: `200`, `5.5`",
    "QUANTITY": "a number of shares",
    "SIDE": "`buy` or `sell`",
    "KEY": "the key of an order",
    "FARM": "`usfarm` (market data), `ushmds` (historical data) or `secdefnj` (contracts)",
    "DATAFARM": "`usfarm` or `ushmds`",
    "TOPIC": "a topic of the bridge; `*` stands for any characters",
    "STATE": "a state, in the words of the bridge",
    "VALUES": "fields of the event and their values: `state=ready code=1100`",
    "OPTIONS": "any of `, ids from 1`, `, lists cut` and `, orders lost`",
    "TEXT": "a text in quotation marks",
}


@cache
def _pattern(shape: str) -> re.Pattern[str]:
    body, _, rest = shape.partition("[")
    optional = rest.removesuffix("]")
    pattern = _sequence(body.strip())
    if optional:
        gap = "" if optional == "OPTIONS" else " "
        pattern += f"(?:{gap}{_sequence(optional)})?"
    return re.compile(pattern)


def _sequence(shape: str) -> str:
    return " ".join(_word(word) for word in shape.split())


def _word(word: str) -> str:
    bare = word.strip('"')
    if bare not in _TYPES:
        return re.escape(word)
    group = f"(?P<{bare}>{_TYPES[bare].pattern})"
    return f'"{group}"' if word.startswith('"') else group
