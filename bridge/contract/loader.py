"""Reads `schemas/bridge/` and `schemas/contract.json` into a `Contract`, and refuses declarations with mistakes."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from bridge.catalogue import Catalogue, CatalogueError, catalogue
from bridge.catalogue.loader import default_directory, read
from bridge.contract.grammar import (
    SCALARS,
    ErrorCode,
    Errors,
    Event,
    Field,
    Fields,
    Kind,
    LogEvent,
    Logs,
    Method,
    Rule,
    Type,
)

Model = TypeVar("Model")


class Contract:
    """The declarations of the bridge, by name. `wire` is `contract.json`: envelope, channels, request and reply."""

    def __init__(
        self,
        wire: dict[str, Any],
        types: Iterable[Type],
        events: Iterable[Event],
        methods: Iterable[Method],
        errors: Errors,
        *,
        logs: Logs,
    ) -> None:
        self.wire = wire
        self.types = {one.name: one for one in types}
        self.events = {event.name: event for event in events}
        self.methods = {method.name: method for method in methods}
        self.retry = errors.retry
        self.errors: dict[str, ErrorCode] = {error.code: error for error in errors.codes}
        self.rules: dict[str, Rule] = {rule.rule: rule for rule in errors.rules}
        self.log_levels = logs.levels
        self.log_facts = logs.facts
        self.log_fields: dict[str, Field] = {field.name: field for field in logs.fields}
        self.log_events: dict[str, LogEvent] = {event.event: event for event in logs.events}

    @property
    def channels(self) -> dict[str, dict[str, str]]:
        """The topics by name: `address` and `description` of each."""
        topics: dict[str, dict[str, str]] = self.wire["topics"]
        return topics

    def fields(self, declared: Fields) -> tuple[Field, ...]:
        """All fields, including those of the type that `with` names."""
        before = () if declared.base is None else self.fields(self.types[declared.base])
        return (*before, *declared.fields)


@functools.cache
def contract() -> Contract:
    """The contract of the project, loaded once."""
    return load(default_directory(), catalogue())


def load(directory: Path, known: Catalogue) -> Contract:
    """Read the declarations. Raises CatalogueError with a line for each mistake."""
    wire = read(directory / "contract.json")
    types = _read(directory, "types", tuple[Type, ...])
    events = _read(directory, "events", tuple[Event, ...])
    methods = _read(directory, "methods", tuple[Method, ...])
    errors = _read(directory, "errors", Errors)
    logs = _read(directory, "logs", Logs)
    names = [*(one.name for one in types), *(event.name for event in events), *known.types, *known.by_event]
    problems = [f"bridge: {name} is declared twice" for name in _duplicates(names)]
    problems += [f"bridge/methods: {name} is declared twice" for name in _duplicates(method.name for method in methods)]
    problems += [
        f"bridge/errors: {code} is declared twice" for code in _duplicates(error.code for error in errors.codes)
    ]
    problems += [f"bridge/errors: {rule} is declared twice" for rule in _duplicates(rule.rule for rule in errors.rules)]
    problems += [
        f"bridge/logs: {name} is declared twice"
        for names_of in ((field.name for field in logs.fields), (event.event for event in logs.events))
        for name in _duplicates(names_of)
    ]
    made = Contract(wire, types, events, methods, errors, logs=logs)
    if not problems:
        problems += [*_inspect(made, known), *_inspect_logs(made)]
    if problems:
        raise CatalogueError(problems)
    return made


def _read(directory: Path, name: str, model: type[Model]) -> Model:
    try:
        return TypeAdapter(model).validate_python(read(directory / "bridge" / f"{name}.json"))
    except (ValidationError, ValueError) as error:
        raise CatalogueError([f"bridge/{name}: {error}"]) from None


def _inspect(made: Contract, known: Catalogue) -> Iterator[str]:
    """Yields the mistakes that need more than one declaration: names and channels that do not exist."""
    there = SCALARS | made.types.keys() | known.types.keys()
    for place, one in (*made.types.items(), *made.events.items(), *made.methods.items()):
        if one.base is not None and one.base not in made.types:
            yield f"bridge: {place}: with {one.base}: there is no such type"
            continue
        fields = made.fields(one)
        yield from (f"bridge: {place}: field {name} is declared twice" for name in _duplicates(f.name for f in fields))
        yield from _kinds(place, (field.kind for field in fields), there)
    for rule in made.rules.values():
        yield from _kinds(rule.rule, (field.kind for field in rule.fields), there)
    for method in made.methods.values():
        yield from _kinds(method.name, method.kinds, there)
        if bool(method.results) == bool(made.fields(method)):
            yield f"bridge: {method.name}: either name results or list fields"
    for error in made.errors.values():
        yield from _kinds(error.code, map(Kind.parse, error.data), there)
    for event in made.events.values():
        yield from (f"bridge: {event.name}: no channel {topic}" for topic in event.topics if topic not in made.channels)
        if event.record is not None and (event.record not in known.by_event or made.fields(event)):
            yield f"bridge: {event.name}: record {event.record}: name an event of TWS, and no fields beside it"


#: The keys of each line of the log.
EVERY_LINE = frozenset({"ts", "level", "event", "message"})


def _inspect_logs(made: Contract) -> Iterator[str]:
    """Yields the fields of log events that are not declared, and those that no event has."""
    used = {name for event in made.log_events.values() for name in event.names}
    for event in made.log_events.values():
        yield from (f"bridge/logs: {event.event}: no field {name}" for name in event.names - made.log_fields.keys())
        yield from (f"bridge/logs: {event.event}: {name} is a key of each line" for name in event.names & EVERY_LINE)
        if event.fact is None and {"client", "orderKey"} <= event.required:
            yield f"bridge/logs: {event.event}: it tells a fact of an order: it needs `fact`"
        if event.apart is not None and (unknown := {*event.apart.only.get("rule", ())} - made.rules.keys()):
            yield f"bridge/logs: {event.event}: apart: no rule {', '.join(sorted(unknown))}"
    yield from (f"bridge/logs: no event has the field {name}" for name in made.log_fields.keys() - used)
    yield from _kinds("logs", (field.kind for field in made.log_fields.values()), SCALARS)


def _kinds(place: str, kinds: Iterable[Kind], there: Iterable[str]) -> Iterator[str]:
    yield from (f"bridge: {place}: there is no type {kind.name}" for kind in kinds if kind.name not in there)


def _duplicates(names: Iterable[str]) -> list[str]:
    return [name for name, count in Counter(names).items() if count > 1]
