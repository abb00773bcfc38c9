"""The grammar of what the bridge says of its own: what the files in `schemas/bridge/` may hold.

`schemas/README.md` explains the words. What takes more than one declaration to see is the loader's to refuse.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal, Self

import pydantic
from pydantic import model_validator

from bridge.catalogue.grammar import Strict
from bridge.catalogue.types import SCALARS as DECLARED

#: Those of TWS's messages, bytes as they came, and a map of anything.
SCALARS = frozenset({*DECLARED, "bytes", "map"})

Retry = Literal["no", "later", "depends"]


@dataclass(frozen=True, slots=True)
class Kind:
    """A parsed type: `name` is a scalar or a declared type; `[X]` is a list of it, `{X}` a map of strings to it."""

    name: str
    form: Literal["one", "list", "map"] = "one"

    @classmethod
    def parse(cls, text: str) -> Kind:
        found = re.fullmatch(r"(\w+)|\[(\w+)\]|{(\w+)}", text)
        if found is None:
            raise ValueError(f"'{text}' is not a type: X, [X] or {{X}}")
        one, listed, mapped = found.groups()
        return cls(one) if one else cls(listed, "list") if listed else cls(mapped, "map")


class Field(Strict):
    """One field. `values` are all the words that it can be."""

    name: str
    type: str
    about: str
    required: bool = False
    values: dict[str, str] | None = None

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if self.values is not None and self.type != "string":
            raise ValueError(f"field {self.name}: only a string has words for values")
        Kind.parse(self.type)
        return self

    @property
    def kind(self) -> Kind:
        return Kind.parse(self.type)


class Fields(Strict):
    """`fields`, behind those of the type that is named by `with`."""

    base: str | None = pydantic.Field(None, alias="with")
    fields: tuple[Field, ...] = ()


class Type(Fields):
    """A map with fields, a word out of `values`, or any event or callback (`union`).

    `kind`: the word that tells a reply with this result. Without one the method that has it is the word.
    """

    name: str
    about: str
    values: dict[str, str] | None = None
    union: Literal["events", "callbacks"] | None = None
    kind: str = ""


class Event(Fields):
    """One event: on the channels `topics`, published under `event` (its name, where it says none).

    `record`: its fields are those of this event of TWS.
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
    """A method of the bridge's own, or one of TWS's that means more here. `results`: one of these, not `fields`."""

    name: str
    about: str
    results: tuple[str, ...] = ()

    @property
    def kinds(self) -> tuple[Kind, ...]:
        return tuple(Kind.parse(result) for result in self.results)


class ErrorCode(Strict):
    """A word of `error.code`. `data`: types of `error.data`, where it is there; `rules`: it bears a rule's fields."""

    code: str
    about: str
    retry: Retry
    data: tuple[str, ...] = ()
    rules: bool = False


class Rule(Strict):
    """A word of `error.data.rule`, with what else stands there."""

    rule: str
    about: str
    retry: Retry = "no"
    fields: tuple[Field, ...] = ()


class Errors(Strict):
    """`retry` explains its words."""

    retry: dict[Retry, str]
    codes: tuple[ErrorCode, ...]
    rules: tuple[Rule, ...]
