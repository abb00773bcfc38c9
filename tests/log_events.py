"""Compares events of the log with their declarations in `schemas/bridge/logs.json`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bridge.contract import contract
from bridge.contract.loader import EVERY_LINE

_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,), "int64": (int,), "double": (int, float), "bool": (bool,),
}  # fmt: skip


def check_event(event: str, fields: Mapping[str, Any]) -> None:
    """Fail unless the event is declared, has all fields that it must have and no others, each of its type."""
    declared = contract().log_events.get(event)
    assert declared is not None, f"{event} is not declared in schemas/bridge/logs.json"
    assert fields.keys() <= declared.names, f"{event}: not declared: {sorted(fields.keys() - declared.names)}"
    assert declared.required <= fields.keys(), f"{event}: missing: {sorted(declared.required - fields.keys())}"
    for name, value in fields.items():
        kind = contract().log_fields[name].type
        values = value if kind.startswith("[") else [value]
        assert isinstance(values, list), f"{event}: {name} is {value!r}, and not {kind}"
        for one in values:
            fits = isinstance(one, _TYPES[kind.strip("[]")]) and (kind == "bool" or not isinstance(one, bool))
            assert fits, f"{event}: {name} is {value!r}, and not {kind}"
    assert "?" not in declared.sentence(fields) or "?" in declared.message or _asks(fields), declared.sentence(fields)


def _asks(fields: Mapping[str, Any]) -> bool:
    return any("?" in str(value) for value in fields.values())


def check_line(line: Mapping[str, Any]) -> None:
    """The same for a line in the form `json`, which has `ts`, `level` and `message` too."""
    assert line.keys() >= EVERY_LINE, line
    fields = {name: value for name, value in line.items() if name not in EVERY_LINE}
    check_event(line["event"], fields)
    declared = contract().log_events[line["event"]]
    assert line["level"] == declared.level_with(fields) or line["event"] == "library", line
    assert line["message"] == declared.sentence(fields), line
