"""Tables of fields: of a message or record of TWS, and of the bridge's own declarations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bridge.catalogue import Field as TwsField
from bridge.catalogue.types import SCALARS as TWS_SCALARS
from bridge.contract import Field as OwnField
from bridge.contract.grammar import SCALARS
from bridge.schemas_out.reference.text import code, link, sentence, table

TYPES = "types.md"
#: A field with up to this many values has them in its cell; one with more has a separate table below.
_FEW = 6
#: The scalars, as the page of types explains them.
ABOUT_SCALARS: dict[str, str] = {
    "int32": "An integer of 32 bits: -2147483648 to 2147483647.",
    "int64": "An integer of 64 bits. In JavaScript only a BigInt holds it exactly.",
    "double": "A float of 64 bits.",
    "bool": "`true` or `false`.",
    "string": "UTF-8 text.",
    "decimal": 'An exact decimal number as text, such as `"0.5"`.',
    "id64": "An integer of 64 bits as text, because JavaScript's numbers cannot hold it.",
    "bytes": "Binary data.",
    "map": "A map with any keys and values.",
}


@dataclass(frozen=True, slots=True)
class Described:
    """One field of any declaration. `open`: TWS may use other values than these."""

    name: str
    type: str
    about: str
    required: bool = False
    default: str = ""
    values: Mapping[str, str] | None = None
    open: bool = False


def of_tws(field: TwsField) -> Described:
    return Described(
        field.name,
        kind(str(field.kind)),
        field.about,
        field.required,
        values=field.values,
        open=not getattr(field, "closed", False),
    )


def of_own(field: OwnField) -> Described:
    return Described(field.name, kind(field.type), field.about, field.required, values=field.values)


def kind(text: str) -> str:
    """A declared type in words: `X`, a list or a map of it, with a link unless it is a scalar."""
    if text.startswith("["):
        return f"list of {kind(text[1:-1])}"
    if text.startswith("{"):
        return f"map of string to {kind(text[1:-1])}"
    return text if text in SCALARS or text in TWS_SCALARS else link(text, TYPES)


def fields_table(fields: Iterable[Described]) -> str:
    """The table of the fields, and below it a table for each field with many values."""
    fields = tuple(fields)
    if not fields:
        return "No fields.\n"
    rows = [(code(f.name), f.type, "yes" if f.required else "", f.default, _meaning(f)) for f in fields]
    long = "".join(_values(f) for f in fields if f.values and len(f.values) > _FEW)
    return table(("field", "type", "always there", "default", "meaning"), rows) + long


def _meaning(field: Described) -> str:
    about = sentence(field.about)
    if not field.values:
        return about
    if len(field.values) > _FEW:
        return f"{about} The values are below."
    return f"{about} {few_values(field.values)}".strip()


def few_values(values: Mapping[str, str]) -> str:
    return "; ".join(f"`{word}`: {meaning.rstrip('.')}" for word, meaning in values.items()) + "."


def _values(field: Described) -> str:
    head = f"\nValues of `{field.name}`{' that IBKR documents' if field.open else ''}:\n\n"
    return head + table(("value", "meaning"), ((code(word), meaning) for word, meaning in (field.values or {}).items()))
