"""The grammar of a declaration: what a JSON file in `schemas/` may contain.

`schemas/README.md` explains every key with examples. The models refuse unknown keys. The loader refuses mistakes that
need more than one file to detect, such as a path to a missing field or an id that is declared twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Discriminator, Tag, model_validator

from bridge.catalogue.types import SCALARS, ValueType

OLDEST = 176
NEWEST = 226

Direction = Literal["fromTws", "toTws"]


class Strict(BaseModel):
    """A model that refuses unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Versions(Strict):
    """A range of server versions, with both ends, written as `187+`, `187..189` or `..195`."""

    first: int = OLDEST
    last: int = NEWEST

    @model_validator(mode="before")
    @classmethod
    def _read(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        found = re.fullmatch(r"(\d+)\+|(\d*)\.\.(\d+)", value)
        if not found:
            raise ValueError(f"'{value}' is not a version range: write 187+, 187..189 or ..195")
        since, first, last = found.groups()
        if since:
            return {"first": int(since)}
        return {"first": int(first or OLDEST), "last": int(last)}

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not OLDEST <= self.first <= self.last <= NEWEST:
            raise ValueError(f"versions {self.first}..{self.last} are not within {OLDEST}..{NEWEST}")
        return self

    def __contains__(self, version: int) -> bool:
        return self.first <= version <= self.last


EVERY = Versions()


class Field(Strict):
    """One field of a record or of a message. `number` is its protobuf number; a field without one is text only."""

    name: str
    type: str
    about: str = ""
    number: int | None = None
    wire: str | None = None
    since: int = OLDEST
    required: bool = False
    needed: bool = False
    default: bool | int | float | str | None = None
    values: dict[str, str] | None = None
    closed: bool = False
    alias: str | None = None
    ignorable: bool = False

    @model_validator(mode="after")
    def _sound(self) -> Self:
        kind = self.kind
        if self.wire is not None and (kind.is_record or self.wire not in SCALARS[kind.name]):
            raise ValueError(f"field {self.name}: protobuf type {self.wire} cannot carry {self.type}")
        if self.values is not None and self.type not in ("string", "int32", "int64"):
            raise ValueError(f"field {self.name}: only strings and integers have values")
        if self.closed and not self.values:
            raise ValueError(f"field {self.name}: closed means that there are no further values: declare values")
        return self

    @property
    def codes(self) -> list[str | int]:
        """The declared values, in the type of the field."""
        return [code if self.type == "string" else int(code) for code in self.values or ()]

    @property
    def told(self) -> str:
        """The description of the field and of its values."""
        meanings = "; ".join(f"{code}: {meaning}" for code, meaning in (self.values or {}).items())
        return " ".join(part for part in (self.about, meanings and f"{meanings}.") if part)

    @property
    def kind(self) -> ValueType:
        """The parsed `type`."""
        return ValueType.parse(self.type)

    @property
    def wire_type(self) -> str:
        """The protobuf scalar, or the name of the record."""
        return self.wire or (self.kind.name if self.kind.is_record else SCALARS[self.kind.name][0])


class Record(Strict):
    """A record: named fields, used by messages and by other records."""

    name: str
    about: str = ""
    fields: tuple[Field, ...]

    def field(self, name: str) -> Field | None:
        """The field with this name, or None."""
        return next((field for field in self.fields if field.name == name), None)


class Unset(Strict):
    """The texts for an absent value at one position: `read` has additional ones, `write` is the one to write."""

    read: tuple[str, ...] = ()
    write: str = ""


class Bits(Strict):
    """The form of a record of flags: one bit of an integer for each flag."""

    bits: tuple[str, ...]


class Mapped(Strict):
    """A form with fixed texts, each with its value."""

    map: dict[str, bool | int | str]


class Joined(Strict):
    """The form of a list: its elements in one text, with a separator."""

    join: str


def _form(value: Any) -> str:
    if isinstance(value, str):
        return "word"
    keys = value if isinstance(value, dict) else type(value).model_fields
    return next((name for name in ("bits", "map", "join") if name in keys), "?")


Form = Annotated[
    Annotated[Literal["escaped", "tagValues", "infinite", "whole"], Tag("word")]
    | Annotated[Bits, Tag("bits")]
    | Annotated[Mapped, Tag("map")]
    | Annotated[Joined, Tag("join")],
    Discriminator(_form),
]


class FieldItem(Strict):
    """A position with a field. `again` allows a second position for the same field."""

    field: str
    versions: Versions = EVERY
    form: Form | None = None
    unset: Unset = Unset()
    again: bool = False

    @model_validator(mode="before")
    @classmethod
    def _as(cls, value: Any) -> Any:
        if isinstance(value, dict) and "as" in value:
            value = dict(value)
            value["form"] = value.pop("as")
        return value


class ConstItem(Strict):
    """A position with a constant text."""

    const: str
    versions: Versions = EVERY


class SkipItem(Strict):
    """A position without a field. `skip` describes what it was, `write` is the text to write."""

    skip: str
    write: str = ""
    versions: Versions = EVERY


class GroupItem(Strict):
    """Several items with the same version range."""

    group: tuple[Item, ...]
    versions: Versions = EVERY


class RepeatItem(Strict):
    """A count and this many elements. `merge` adds to the elements that an earlier repeat of the same list made."""

    repeat: str
    of: tuple[Item, ...] = ()
    merge: bool = False
    versions: Versions = EVERY


class PresentItem(Strict):
    """A flag 1 or 0, and the fields of the record `present` if the flag is 1."""

    present: str
    of: tuple[Item, ...]
    versions: Versions = EVERY


class WhenItem(Strict):
    """The items `then` if the predicate is true, else the items `otherwise`."""

    when: Predicate
    then: tuple[Item, ...]
    otherwise: tuple[Item, ...] = ()
    versions: Versions = EVERY


class ChoiceItem(Strict):
    """The items of the case that is the value of the field `choice`."""

    choice: str
    cases: dict[str, tuple[Item, ...]]
    versions: Versions = EVERY


class Predicate(Strict):
    """Exactly one of: `set`, `equal`+`field`, `in`+`field`, `greater`+`field`, `count`, `all` or `any`."""

    field: str | None = None
    set: str | None = None
    equal: str | float | bool | None = None
    one_of: tuple[str, ...] | None = None
    greater: float | None = None
    count: str | None = None
    all: tuple[Predicate, ...] | None = None
    any: tuple[Predicate, ...] | None = None

    @model_validator(mode="before")
    @classmethod
    def _in(cls, value: Any) -> Any:
        if isinstance(value, dict) and "in" in value:
            value = dict(value)
            value["one_of"] = value.pop("in")
        return value

    @model_validator(mode="after")
    def _one_word(self) -> Self:
        alone = [self.set, self.count, self.all, self.any]
        compared = [self.equal, self.one_of, self.greater]
        words = [word for word in alone + compared if word is not None]
        if len(words) != 1 or (self.field is not None) != any(word is not None for word in compared):
            raise ValueError("a predicate is one of: set, count, all, any, or field with equal, in or greater")
        return self


_WORDS = ("field", "const", "skip", "group", "repeat", "present", "when", "choice")


def _word(value: Any) -> str:
    keys = value if isinstance(value, dict) else type(value).model_fields
    return next((word for word in _WORDS if word in keys), "?")


Item = Annotated[
    Annotated[FieldItem, Tag("field")]
    | Annotated[ConstItem, Tag("const")]
    | Annotated[SkipItem, Tag("skip")]
    | Annotated[GroupItem, Tag("group")]
    | Annotated[RepeatItem, Tag("repeat")]
    | Annotated[PresentItem, Tag("present")]
    | Annotated[WhenItem, Tag("when")]
    | Annotated[ChoiceItem, Tag("choice")],
    Discriminator(_word),
]


class Protobuf(Strict):
    """The protobuf form: the name of the message, and the server version from which TWS uses it."""

    message: str
    since: int


class EventNames(Strict):
    """One TWS message with several callbacks: the field `by` decides, and `names` has the callback of each value."""

    by: str
    names: dict[str, str]


class Ending(Strict):
    """A callback that ends a request. With `done`, it ends the request only if that field of it is true."""

    event: str
    done: str | None = None
    versions: Versions = EVERY


class Message(Strict):
    """One TWS message: its text and protobuf forms, and how the bridge handles it."""

    name: str
    id: int
    direction: Direction
    about: str = ""
    family: str = ""
    key: tuple[str, ...] = ()
    completes: Literal["one", "end", "stream", "none", "order"] | None = None
    answers: tuple[str, ...] = ()
    end: tuple[Ending, ...] = ()
    streamsIf: tuple[str, ...] = ()
    streamsUnless: tuple[str, ...] = ()
    cancel: str | None = None
    subject: str | None = None
    scope: Literal["connection"] | None = None
    once: bool = False
    shared: bool = False
    cache: Literal["day", "bars"] | None = None
    line: Literal["marketData", "marketDepth", "tickByTick", "accountSummary"] | None = None
    topic: str | None = None
    last: tuple[str, ...] = ()
    since: int = OLDEST
    protobuf: Protobuf | None = None
    event: EventNames | None = None
    record: str | None = None
    fields: tuple[Field, ...] = ()
    text: tuple[Item, ...] | None = None

    def callbacks(self) -> tuple[str, ...]:
        """The names under which the bridge publishes this message: its own, or those of `event`."""
        return tuple(dict.fromkeys(self.event.names.values())) if self.event else (self.name,)

    def as_protobuf(self, version: int) -> bool:
        """Whether the sender uses the protobuf form at the server version."""
        return self.protobuf is not None and (self.text is None or version >= self.protobuf.since)

    def exists(self, version: int) -> bool:
        """Whether the message exists at the server version."""
        since = self.protobuf.since if self.text is None and self.protobuf else self.since
        return version >= since


def walk(items: tuple[Item, ...]) -> Iterator[Item]:
    """Every item of a layout, depth first."""
    for item in items:
        yield item
        for inner in _inner(item):
            yield from walk(inner)


def _inner(item: Item) -> tuple[tuple[Item, ...], ...]:
    match item:
        case GroupItem():
            return (item.group,)
        case RepeatItem() | PresentItem():
            return (item.of,)
        case WhenItem():
            return (item.then, item.otherwise)
        case ChoiceItem():
            return tuple(item.cases.values())
        case _:
            return ()
