"""Resolves a dotted path through records: `contract.comboLegs`, `executionFilter.symbol`."""

from __future__ import annotations

from collections.abc import Mapping

from bridge.catalogue.grammar import Field, Record


def resolve(types: Mapping[str, Record], record: Record, path: str) -> Field:
    """Returns the field at `path`, beginning with `record`. Raises ValueError, which names the wrong step."""
    *steps, last = path.split(".")
    for step in steps:
        kind = _step(record, step).kind
        if not kind.is_record or kind.repeated:
            raise ValueError(f"{path}: {step} is not a record")
        record = types[kind.name]
    return _step(record, last)


def _step(record: Record, name: str) -> Field:
    field = record.field(name)
    if field is None:
        raise ValueError(f"{record.name} has no field {name}")
    return field


def element(types: Mapping[str, Record], record: Record, path: str) -> Record:
    """Returns the record of the list elements, or the nested record, at `path`."""
    kind = resolve(types, record, path).kind
    if not kind.is_record:
        raise ValueError(f"{path} does not hold records")
    return types[kind.name]
