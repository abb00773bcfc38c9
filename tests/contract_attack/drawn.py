"""What TWS may say, drawn for one callback: any data of the declarations, and the same with odd values within."""

from __future__ import annotations

import copy
import functools
from collections.abc import Iterator
from random import Random
from typing import Any

import hypothesis
from hypothesis import HealthCheck, Phase

from bridge.catalogue import Record, catalogue
from tests.conformance.carried import carried
from tests.strategies import messages, traits

Data = dict[str, Any]

ODD: dict[str, tuple[Any, ...]] = {
    "decimal": ("NaN", "Infinity", "-Infinity", "0", "-0", "0.0", "1E+5", "-1.5", "9" * 40, "0." + "0" * 30 + "1"),
    "double": (0.0, -0.0, -1.0, 5e-324, 1.7976931348623155e308, -1.7976931348623155e308, 1e22, 0.1),
    "string": ("", " ", "x" * 5000, "Zürich 株 📈", "0", "-1", "N/A", "a.b", "*", "\n", "\x7f", "ﷺ", "a\u0301"),
    "int32": (0, -1, 1, 2**31 - 2, -(2**31)),
    "int64": (0, -1, 2**53 + 1, 2**63 - 2, -(2**63) + 1),
    "id64": ("0", "-1", str(2**53 + 1), str(2**63 - 2)),
}


@functools.cache
def drawn(name: str, seed: int, count: int) -> list[Data]:
    """`count` data of one declared message, half of them with odd values."""
    found: list[Data] = []

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=count, database=None, deadline=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @hypothesis.given(messages(name, closed=True))
    def collect(data: Data) -> None:
        found.append(data)

    collect()
    chance = Random(f"{seed} {name}")
    return [odd(name, data, chance) if place % 2 else data for place, data in enumerate(found)]


def odd(name: str, data: Data, chance: Random) -> Data:
    """The data, with other values in some leaves whose form and choices leave them free."""
    made = copy.deepcopy(data)
    known, bound = catalogue(), traits(catalogue().messages[name])
    tied = {*bound.choices, *(path for path, forms in bound.forms.items() if any(form is not None for form in forms))}
    leaves = [*_leaves(known.record(known.messages[name]), made, "")]
    for map_, field, path in leaves:
        if path not in tied and field.kind.name in ODD and not field.closed and chance.random() < 0.3:
            value = chance.choice(ODD[field.kind.name])
            map_[field.name] = value if value != "" or not field.required else " "
    return made


def _leaves(record: Record, data: Data, prefix: str) -> Iterator[tuple[Data, Any, str]]:
    for field in record.fields:
        value, path = data.get(field.name), prefix + field.name
        if field.kind.is_record:
            inner = catalogue().types[field.kind.name]
            for one in value if isinstance(value, list) else [value] if isinstance(value, dict) else []:
                yield from _leaves(inner, one, f"{path}.")
        elif not field.kind.repeated and not field.kind.mapping:
            yield data, field, path


def forms(name: str) -> tuple[int, int] | None:
    """The newest version with the text form, and the newest of all; None where there are not both."""
    message = catalogue().messages[name]
    if message.text is None or message.protobuf is None:
        return None
    return message.protobuf.since - 1, 226


__all__ = ["carried", "drawn", "forms", "odd"]
