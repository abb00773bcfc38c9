"""Our data beside a foreign client's objects, field by field along the declared records.

Says what differs, and knows how one and the same value looks on either side: unset is absent here and 0, an empty text,
the unset maximum or the class's own default there; decimals are strings here; flags may be numbers there. What is
particular to one client (names, views, exceptions) is passed in.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from decimal import Decimal
from enum import Enum
from typing import Any

from bridge.catalogue import Record, catalogue

UNSET_INTS = {2**31 - 1, 2**63 - 1}
UNSET_DOUBLE = 1.7976931348623157e308
UNSET_DECIMAL = Decimal(2**127 - 1)

MISSING: Any = object()


Allow = Callable[[str, Any, Any], bool]


class Foreign:
    """A foreign client's object (or a dict by our names), with its attributes found by our names."""

    def __init__(self, source: Any, attribute: Callable[[str, str], str]) -> None:
        self.source = source
        self.attribute = attribute

    def get(self, record: str, field: str) -> Any:
        """The value in the place of our field, MISSING where there is no such place."""
        if isinstance(self.source, dict):
            return self.source.get(field, MISSING)
        return getattr(self.source, self.attribute(record, field), MISSING)

    def of(self, source: Any) -> Foreign:
        return Foreign(source, self.attribute)


def differences(record: Record, ours: dict[str, Any], theirs: Foreign, allow: Allow, path: str = "") -> Iterator[str]:
    """A line for each field of `record` where ours and theirs say different things.

    `allow(path, ours, theirs)` says whether a difference is one that the foreign client makes of its own accord.
    """
    for field in record.fields:
        mine, foreign = ours.get(field.name), theirs.get(record.name, field.name)
        yield from _field(field, mine, foreign, theirs, allow, f"{path}{field.name}")


def _field(*given: Any) -> Iterator[str]:
    field, mine, foreign, theirs, allow, path = given
    kind = field.kind
    if allow(path, mine, foreign):
        return
    if foreign is MISSING:
        if mine is not None:
            yield f"{path}: ours {mine!r}, and no such place on the other side"
    elif kind.mapping:
        if (mine or {}) != as_map(foreign):
            yield f"{path}: ours {mine!r}, theirs {as_map(foreign)!r}"
    elif kind.repeated:
        yield from _list(field, mine or [], list(foreign or []), theirs, allow, path)
    elif kind.is_record:
        if foreign is None and mine is not None:
            yield f"{path}: ours {mine!r}, theirs none"
        elif foreign is not None:
            yield from _nested(field, mine or {}, foreign, theirs, allow, path)
    elif not agree(kind.name, mine, foreign):
        yield f"{path}: ours {mine!r}, theirs {foreign!r}"


def _list(*given: Any) -> Iterator[str]:
    field, mine, foreign, theirs, allow, path = given
    if len(mine) != len(foreign):
        yield f"{path}: ours {len(mine)} elements, theirs {len(foreign)}"
        return
    for place, (own, other) in enumerate(zip(mine, foreign, strict=True)):
        if field.kind.is_record:
            yield from _nested(field, own, other, theirs, allow, f"{path}[{place}]")
        elif not agree(field.kind.name, own, other):
            yield f"{path}[{place}]: ours {own!r}, theirs {other!r}"


def _nested(*given: Any) -> Iterator[str]:
    field, mine, foreign, theirs, allow, path = given
    record = catalogue().types[field.kind.name]
    yield from differences(record, mine, theirs.of(foreign), allow, f"{path}.")


def as_map(foreign: Any) -> dict[str, str]:
    """A list of tag-value objects as a map; nothing is an empty one."""
    return {one.tag: one.value for one in foreign or []}


def agree(kind: str, mine: Any, foreign: Any) -> bool:
    """Whether our value of that kind and the foreign one are the same."""
    if isinstance(foreign, Enum):
        foreign = foreign.value[0] if isinstance(foreign.value, tuple) else foreign.value
    if mine is None:
        return says_nothing(foreign)
    if kind == "string":
        return bool(mine == foreign) or (mine == "" and says_nothing(foreign))
    if kind == "bool":
        return isinstance(foreign, (bool, int)) and bool(foreign) == mine
    if kind in ("int32", "int64", "id64"):
        return foreign is not None and not isinstance(foreign, str) and int(mine) == foreign
    return _number(mine, foreign)


def _number(mine: Any, foreign: Any) -> bool:
    try:
        if isinstance(foreign, Decimal):
            return Decimal(mine) == foreign
        if foreign is None or math.isnan(float(foreign)):
            return False
        return float(mine) == float(foreign)
    except (ValueError, OverflowError):
        return False


def says_nothing(foreign: Any) -> bool:
    """Allowance 5 and 6: how the absence of a value looks on the other side."""
    if foreign is None or foreign is MISSING or foreign in ("", "None", "?", "1.7976931348623157E308"):
        return True
    if isinstance(foreign, (list, tuple, set, dict)):
        return not foreign
    if isinstance(foreign, str):
        return False
    return foreign in (0, -1, UNSET_DOUBLE, UNSET_DECIMAL) or foreign in UNSET_INTS
