"""The grammar of the files in `schemas/bridge/`.

`schemas/README.md` explains the keys. The loader refuses mistakes that need more than one declaration to detect.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self

import pydantic
from pydantic import model_validator

from bridge.catalogue.grammar import Strict
from bridge.catalogue.types import SCALARS as DECLARED

#: The scalars of TWS's messages, raw bytes, and a map of anything.
SCALARS = frozenset({*DECLARED, "bytes", "map"})

Retry = Literal["no", "later", "depends"]


@dataclass(frozen=True, slots=True)
class Kind:
    """A parsed type. `name` is a scalar or a declared type; `[X]` is a list of it, `{X}` a map from strings to it."""

    name: str
    form: Literal["one", "list", "map"] = "one"

    @classmethod
    def parse(cls, text: str) -> Kind:
        """Parse `X`, `[X]` or `{X}`. Raises ValueError for anything else."""
        found = re.fullmatch(r"(\w+)|\[(\w+)\]|{(\w+)}", text)
        if found is None:
            raise ValueError(f"'{text}' is not a type: X, [X] or {{X}}")
        one, listed, mapped = found.groups()
        return cls(one) if one else cls(listed, "list") if listed else cls(mapped, "map")


class Field(Strict):
    """One field. `values` has all possible values of a string field, with their meanings."""

    name: str
    type: str
    about: str
    required: bool = False
    values: dict[str, str] | None = None

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if self.values is not None and self.type != "string":
            raise ValueError(f"field {self.name}: only a string can have values")
        Kind.parse(self.type)
        return self

    @property
    def kind(self) -> Kind:
        """The parsed `type`."""
        return Kind.parse(self.type)


class Fields(Strict):
    """The fields of the type that `with` names, followed by `fields`."""

    base: str | None = pydantic.Field(None, alias="with")
    fields: tuple[Field, ...] = ()


class Type(Fields):
    """A type: a map with fields, a string with one of `values`, or any event or callback (`union`).

    `kind`: the `kind` of a reply with this result. If it is empty, the kind is the name of the method.
    """

    name: str
    about: str
    values: dict[str, str] | None = None
    union: Literal["events", "callbacks"] | None = None
    kind: str = ""


class Event(Fields):
    """One event. The bridge publishes it on the channels `topics`, under the name `event` (`name` if not given).

    `record`: the event of TWS whose fields it has.
    """

    name: str
    about: str
    topics: tuple[str, ...]
    event: str = ""
    record: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _named(cls, body: Any) -> Any:
        return {"event": body.get("name"), **body} if isinstance(body, dict) else body


class Method(Fields):
    """A method of the bridge, or a request of TWS to which the bridge adds something.

    Its result has the given `fields`, or is one of the types `results`.
    """

    name: str
    about: str
    results: tuple[str, ...] = ()

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """The parsed `results`."""
        return tuple(Kind.parse(result) for result in self.results)


class ErrorCode(Strict):
    """A value of `error.code`. `data`: the types of `error.data`; `rules`: whether it has the fields of a rule."""

    code: str
    about: str
    retry: Retry
    data: tuple[str, ...] = ()
    rules: bool = False


class Rule(Strict):
    """A value of `error.data.rule`, with the other fields of `error.data`."""

    rule: str
    about: str
    retry: Retry = "no"
    fields: tuple[Field, ...] = ()


Level = Literal["debug", "info", "warning", "error"]
#: A sentence of a log event: `[...]` is left out if a field in it is absent; `{name}` is the value of a field.
_PART = re.compile(r"\[([^\[\]]*)\]|([^\[\]]+)")
_PLACE = re.compile(r"{(\w+)}")


#: The facts of which the log has each one.
LogFact = Literal["order", "halt", "verdict", "limit"]


class Apart(Strict):
    """Which lines of an event are counted apart from all others, however many kinds there are.

    `by`: the fields whose values are counted apart. `only`: it holds for lines that have one of these values in these
    fields; without it, for all lines.
    """

    by: tuple[str, ...] = pydantic.Field(min_length=1)
    only: dict[str, tuple[str, ...]] = pydantic.Field(default_factory=dict)


class LogEvent(Strict):
    """One event of the log. `fields`: the names of its fields; those that end in `?` may be absent.

    `info_with`: a field with which the level is `info`. `limit_by`: the log has few lines a minute with the same values
    in these fields, because a client or TWS can cause as many as it likes. `apart`: at least one line of each. `fact`:
    the kind of fact, if the log must have each one. `action`: what an operator should do.
    """

    event: str
    level: Level
    about: str
    message: str
    fields: tuple[str, ...] = ()
    info_with: str | None = pydantic.Field(None, alias="infoWith")
    limit_by: tuple[str, ...] = pydantic.Field((), alias="limitBy")
    apart: Apart | None = None
    fact: LogFact | None = None
    action: str = ""

    @model_validator(mode="after")
    def _sound(self) -> Self:
        always = {name for name in self.fields if not name.endswith("?")}
        for optional, fixed in _PART.findall(self.message):
            for place in _PLACE.findall(optional or fixed):
                if place not in (self.names if optional else always):
                    raise ValueError(f"{self.event}: the message has {{{place}}}, which no field always gives")
        if missing := {*self.limit_by, *filter(None, (self.info_with,))} - self.names:
            raise ValueError(f"{self.event}: {', '.join(sorted(missing))}: not among its fields")
        if self.apart is not None and (missing := {*self.apart.by, *self.apart.only} - {*self.limit_by}):
            raise ValueError(f"{self.event}: apart: {', '.join(sorted(missing))}: not in limitBy")
        if self.fact is not None and self.limit_by and self.apart is None:
            raise ValueError(f"{self.event}: a fact of which the log has each one: limitBy needs `apart`")
        return self

    @property
    def names(self) -> frozenset[str]:
        """The names of all its fields."""
        return frozenset(name.removesuffix("?") for name in self.fields)

    @property
    def required(self) -> frozenset[str]:
        """The names of the fields that each line has."""
        return frozenset(name for name in self.fields if not name.endswith("?"))

    def apart_with(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """The values by which a line with these fields is counted apart; none: together with all others."""
        if self.apart is None or any(fields.get(name) not in words for name, words in self.apart.only.items()):
            return {}
        return {name: fields[name] for name in self.apart.by if name in fields}

    def level_with(self, fields: Mapping[str, Any]) -> Level:
        """The level of a line with these fields."""
        return "info" if self.info_with is not None and self.info_with in fields else self.level

    def sentence(self, fields: Mapping[str, Any]) -> str:
        """The message of a line with these fields."""
        parts = []
        for optional, fixed in _PART.findall(self.message):
            if not optional or all(place in fields for place in _PLACE.findall(optional)):
                parts.append(_PLACE.sub(lambda place: _said(fields.get(place[1])), optional or fixed))
        return "".join(parts).strip()


def _said(value: Any) -> str:
    match value:
        case list() | tuple():
            return ", ".join(map(_said, value))
        case float():
            return f"{value:.10g}"
        case None:
            return "?"
        case _:
            return str(value)


class Logs(Strict):
    """All events of the log, their fields, and what the levels and the facts mean."""

    levels: dict[Level, str]
    facts: dict[LogFact, str]
    fields: tuple[Field, ...]
    events: tuple[LogEvent, ...]


class Errors(Strict):
    """All errors and rules. `retry` explains the values of `retry`."""

    retry: dict[Retry, str]
    codes: tuple[ErrorCode, ...]
    rules: tuple[Rule, ...]
