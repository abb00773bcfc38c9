"""One entry of the log, before it becomes a line."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, NamedTuple

from bridge.contract import LogEvent, contract

LEVELS: Mapping[str, int] = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
}


class Entry(NamedTuple):
    """An event with its fields. `created`: seconds since 1970 UTC. `level`: a word of `LEVELS`."""

    created: float
    level: str
    event: str
    fields: Mapping[str, Any]


class Said:
    """The message of a log record: an event with its fields. As text it is the sentence."""

    __slots__ = ("event", "fields")

    def __init__(self, event: str, fields: Mapping[str, Any]) -> None:
        self.event = event
        self.fields = fields

    def __str__(self) -> str:
        return sentence(self.event, self.fields)


def declared(event: str) -> LogEvent:
    """The declaration of an event. A line must never cost an order: one that is not declared has a form, too."""
    known = contract().log_events.get(event)
    return known if known is not None else LogEvent(event=event, level="error", about="", message=event)


def sentence(event: str, fields: Mapping[str, Any]) -> str:
    """The sentence of an event with these fields."""
    return declared(event).sentence(fields)
