"""Hypothesis strategies for the data of any declared message, made from the declarations alone.

What a layout gates by value is read off the layout: the values that open a gate (`BAG`, `FUND`, `PEG BENCH`, a scale
increment above 0) are drawn often, a `choice` only draws the cases it has, and text that a form cannot spell (a `;`
in tag=value lists) is not drawn. Knows nothing of the codec, so that the codec can be tested with it.
"""

from __future__ import annotations

import functools
import itertools
import string
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from bridge.catalogue import Catalogue, Field, Message, Record, catalogue
from bridge.catalogue.grammar import (
    Bits,
    ChoiceItem,
    FieldItem,
    GroupItem,
    Item,
    Joined,
    Mapped,
    Predicate,
    PresentItem,
    RepeatItem,
    WhenItem,
)

Strategy = st.SearchStrategy[Any]

#: What the vendor's client takes in a request (error 579 for anything else).
ASCII = string.ascii_letters + string.digits + string.punctuation + " \t\n\r"

INT32 = (0, 1, -1, 2, 2147483646, 2147483647, -2147483648)
INT64 = (0, 1, -1, 1760000000000, 9223372036854775806, -9223372036854775807)
DOUBLES = (0.0, 1.0, -1.0, 0.1, -2.0, 1e-10, 123456789.123456, 1e15, -1e300, 1.7976931348623155e308, 5e-324)
DECIMALS = ("0", "1", "-1", "0.5", "100", "0.00000001", "12345678901234567890.123456789", "1E+5", "9223372036854775806")
STRINGS = ("", " ", "0", "None", "?", "NaN", "2147483647", "a,b;c=d", "back\\slash", '{"quoted": "text"}')
UNICODE = ("Überraschung", "日本語", "\U0001f600", "é\u0301", "\x7f\x80\xff")


@dataclass(slots=True)
class Traits:
    """What a message's layout says about its fields, by dotted path without list places."""

    forms: dict[str, list[Any]] = field(default_factory=dict)
    gates: dict[str, list[Any]] = field(default_factory=dict)
    choices: dict[str, list[Any]] = field(default_factory=dict)

    def form(self, path: str, kind: type[Any]) -> Any:
        return next((form for form in self.forms.get(path, ()) if isinstance(form, kind)), None)

    def spelled(self, path: str, word: str) -> bool:
        return word in self.forms.get(path, ())


def traits(message: Message) -> Traits:
    """Forms, gates and choices of a message, from its text layout and its `event` union."""
    found = Traits()
    _collect(message.text or (), "", found)
    if message.event is not None:
        found.choices[message.event.by] = list(message.event.names)
    return found


def _collect(items: tuple[Item, ...], prefix: str, found: Traits) -> None:
    for item in items:
        match item:
            case FieldItem():
                found.forms.setdefault(prefix + item.field, []).append(item.form)
            case GroupItem():
                _collect(item.group, prefix, found)
            case RepeatItem():
                _collect(item.of, f"{prefix}{item.repeat}.", found)
            case PresentItem():
                _collect(item.of, f"{prefix}{item.present}.", found)
            case WhenItem():
                for path, value in _opening(item.when):
                    found.gates.setdefault(prefix + path, []).append(value)
                _collect(item.then, prefix, found)
                _collect(item.otherwise, prefix, found)
            case ChoiceItem():
                found.choices.setdefault(prefix + item.choice, []).extend(item.cases)
                for case in item.cases.values():
                    _collect(case, prefix, found)


def _opening(predicate: Predicate) -> Iterator[tuple[str, Any]]:
    """The values that make a predicate true."""
    for inner in (predicate.all or ()) + (predicate.any or ()):
        yield from _opening(inner)
    if predicate.field is None:
        return
    if predicate.equal is not None:
        yield predicate.field, predicate.equal
    if predicate.one_of is not None:
        yield from ((predicate.field, value) for value in predicate.one_of)
    if predicate.greater is not None:
        huge = predicate.greater > 1e300
        yield predicate.field, float("inf") if huge else predicate.greater + 1.5


def _typed(values: list[Any], kind: str) -> list[Any]:
    convert: Callable[[Any], Any] = {"int32": int, "int64": int, "double": float}.get(kind, str)
    return list(dict.fromkeys(convert(value) for value in values))


@functools.cache
def messages(name: str, unicode: bool = True, closed: bool = False) -> Strategy:
    """Data dicts of one declared message: any fields unset, zero, negative, huge, empty, unicode or all of them set.

    `closed`: a field with a closed set of values has one of them.
    """
    known = catalogue()
    message = known.messages[name]
    return _Maker(known, traits(message), unicode, closed).record(known.record(message), "")


class _Maker:
    def __init__(self, known: Catalogue, found: Traits, unicode: bool, closed: bool) -> None:
        self.known = known
        self.traits = found
        self.unicode = unicode
        self.closed = closed

    def record(self, record: Record, prefix: str) -> Strategy:
        parts = []
        for one in record.fields:
            path = prefix + one.name
            value = self.field(one, path)
            if one.required:  # an empty text says nothing, and nothing is not enough here
                value = value.filter(lambda drawn: drawn != "")
            parts.append((one.name, value, one.required or path in self.traits.choices))
        return _dicts(tuple(parts))

    def field(self, one: Field, path: str) -> Strategy:
        kind = one.kind
        if kind.mapping:
            return self.map(path)
        if kind.is_record:
            bits = self.traits.form(path, Bits)
            value = self.record(self.known.types[kind.name], f"{path}.")
            if bits is not None:
                value = st.fixed_dictionaries({}, optional={name: st.booleans() for name in bits.bits})
        elif self.closed and one.closed and path not in self.traits.choices:
            value = st.sampled_from(one.codes)
        else:
            value = self.scalar(kind.name, path)
        return st.lists(value, max_size=3) if kind.repeated else value

    def map(self, path: str) -> Strategy:
        if self.traits.spelled(path, "tagValues"):
            tags = st.text(string.ascii_letters + string.digits + " .:", min_size=1, max_size=8)
            return st.dictionaries(tags, tags, max_size=3)
        return st.dictionaries(self.text(), self.text(), max_size=3)

    def scalar(self, kind: str, path: str) -> Strategy:
        if path in self.traits.choices:
            return st.sampled_from(_typed(self.traits.choices[path], kind))
        mapped = self.traits.form(path, Mapped)
        if mapped is not None:
            return st.sampled_from(list(mapped.map.values()))
        joined = self.traits.form(path, Joined)
        if joined is not None:
            return st.text(string.ascii_letters + string.digits, min_size=1, max_size=6)
        usual = self.usual(kind, path)
        gates = self.traits.gates.get(path)
        return st.one_of(st.sampled_from(_typed(gates, kind)), usual) if gates else usual

    def usual(self, kind: str, path: str) -> Strategy:
        match kind:
            case "bool":
                return st.booleans()
            case "int32":
                return st.sampled_from(INT32) | st.integers(-(2**31), 2**31 - 1)
            case "int64":
                return st.sampled_from(INT64) | st.integers(-(2**63) + 1, 2**63 - 2)
            case "id64":
                return (st.sampled_from(INT64) | st.integers(-(2**63) + 1, 2**63 - 2)).map(str)
            case "double":
                usual = st.sampled_from(DOUBLES) | st.floats(-1e308, 1e308)
                return usual | st.just(float("inf")) if self.traits.spelled(path, "infinite") else usual
            case "decimal":
                places = st.decimals(-(10**12), 10**12, allow_nan=False, allow_infinity=False, places=6)
                return st.sampled_from(DECIMALS) | places.map(lambda value: format(value, "f"))
            case "string":
                text = self.text()
                escaped = self.traits.spelled(path, "escaped")
                return text.map(lambda value: value.replace("\\", "/")) if escaped else text
        raise AssertionError(kind)

    def text(self) -> Strategy:
        if not self.unicode:
            return st.sampled_from(STRINGS) | st.text(ASCII, max_size=12)
        letters = st.characters(exclude_categories=("Cs",), exclude_characters="\0")
        return st.sampled_from(STRINGS + UNICODE) | st.text(letters, max_size=12)


@st.composite
def _dicts(draw: st.DrawFn, parts: tuple[tuple[str, Strategy, bool], ...]) -> dict[str, Any]:
    """A dict of some of the parts; none and all of them are drawn often. One draw says which, which is fast."""
    everything = (1 << len(parts)) - 1
    chosen = draw(st.one_of(st.just(everything), st.integers(0, everything)))
    return {
        name: draw(strategy)
        for place, (name, strategy, required) in enumerate(parts)
        if required or chosen >> place & 1
    }


def complete(name: str) -> list[dict[str, Any]]:
    """Data with every field set, each to a value of its own, so that two fields that swap are seen.

    As many dicts as it takes to open every gate and to see every case of every choice once.
    """
    known = catalogue()
    message = known.messages[name]
    found = traits(message)
    kinds = [len(set(map(str, values))) for values in (*found.gates.values(), *found.choices.values())]
    return [_Filler(known, found, turn).record(known.record(message), "") for turn in range(max([1, *kinds]) + 1)]


class _Filler:
    """One complete dict; `turn` says which gate value and which case it shows."""

    def __init__(self, known: Catalogue, found: Traits, turn: int) -> None:
        self.known = known
        self.traits = found
        self.turn = turn
        self.count = itertools.count(3)

    def record(self, record: Record, prefix: str) -> dict[str, Any]:
        return {one.name: self.field(one, prefix + one.name) for one in record.fields}

    def field(self, one: Field, path: str) -> Any:
        kind = one.kind
        if kind.mapping:
            return {f"tag{next(self.count)}": f"value{next(self.count)}" for _ in range(2)}
        if not kind.is_record:
            return (
                [self.scalar(kind.name, path, one.name) for _ in range(2)]
                if kind.repeated
                else (self.scalar(kind.name, path, one.name))
            )
        record = self.known.types[kind.name]
        if kind.repeated:
            cases = max(2, *(len(set(v)) for k, v in self.traits.choices.items() if k.startswith(f"{path}.")), 0)
            return [self.element(record, f"{path}.", place) for place in range(cases)]
        return self.record(record, f"{path}.")

    def element(self, record: Record, prefix: str, place: int) -> dict[str, Any]:
        self.turn, before = place, self.turn
        made = self.record(record, prefix)
        self.turn = before
        return made

    def scalar(self, kind: str, path: str, name: str) -> Any:
        if path in self.traits.choices:
            cases = _typed(self.traits.choices[path], kind)
            return cases[self.turn % len(cases)]
        gates = _typed(self.traits.gates.get(path, []), kind)
        if self.turn < len(gates):
            return gates[self.turn]
        mapped = self.traits.form(path, Mapped)
        if mapped is not None:
            options = list(mapped.map.values())
            return options[self.turn % len(options)]
        return self.plain(kind, name)

    def plain(self, kind: str, name: str) -> Any:
        number = next(self.count)
        match kind:
            case "bool":  # all of them once, then every other one, so that two flags that swap are seen
                return self.turn == 0 or number % 2 == 0
            case "int32":
                return number
            case "int64":
                return 1760000000000 + number
            case "id64":
                return str(5000000000 + number)
            case "double":
                return number + 0.25
            case "decimal":
                return f"{number}.5"
        return f"{name}{number}"
