"""Reads `schemas/` into a `Catalogue`, and refuses declarations with mistakes.

The loader reports each mistake with its file and key, so that no mistake is found only when a frame arrives.
"""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from bridge.catalogue.grammar import Message, Record
from bridge.catalogue.inspection import inspect
from bridge.catalogue.problems import CatalogueError

__all__ = ["Catalogue", "CatalogueError", "catalogue", "load"]

Model = TypeVar("Model", Record, Message)


class Catalogue:
    """All declarations, by name and by wire id.

    Attributes:
        types: the records, by name.
        messages: the messages, by name. Requests and events share one name space.
        versions: the names of server versions, by number.
        by_id: the messages, by (direction, id).
        by_event: the messages, by the name of the callback.
    """

    def __init__(self, types: dict[str, Record], messages: dict[str, Message], versions: dict[int, str]) -> None:
        self.types = types
        self.messages = messages
        self.versions = versions
        self.by_id = {(m.direction, m.id): m for m in messages.values()}
        self.by_event = {name: m for m in messages.values() for name in m.callbacks()}

    def find(self, name: str) -> Message | None:
        """The declaration of a request, an event or a callback; None if there is none."""
        return self.messages.get(name) or self.by_event.get(name)

    def record(self, message: Message) -> Record:
        """The fields of the message as a record: those that it lists, or those of the type that it names."""
        if message.record is not None:
            return self.types[message.record]
        return Record(name=message.name, about=message.about, fields=message.fields)

    def requests(self) -> list[Message]:
        """All messages to TWS."""
        return [m for m in self.messages.values() if m.direction == "toTws"]

    def events(self) -> list[Message]:
        """All messages from TWS."""
        return [m for m in self.messages.values() if m.direction == "fromTws"]

    def endings(self, message: Message, server_version: int) -> dict[str, str | None]:
        """The events that end the request at the server version, each with the flag that must be true, or None."""
        return {end.event: end.done for end in message.end if server_version in end.versions}


def default_directory() -> Path:
    """The folder `schemas/` in the installed wheel, or next to the package in a checkout."""
    package = Path(__file__).resolve().parent.parent
    packed = package / "_schemas"
    return packed if packed.is_dir() else package.parent / "schemas"


@functools.cache
def catalogue() -> Catalogue:
    """The catalogue of the project, loaded once."""
    return load(default_directory())


def load(directory: Path) -> Catalogue:
    """Read all declarations in `directory`. Raises CatalogueError with a line for each mistake."""
    problems: list[str] = []
    types = _named(directory, sorted((directory / "types").glob("*.json")), Record, problems)
    files = sorted((directory / "messages").glob("*/*.json"))
    messages = _named(directory, files, Message, problems)
    versions = {int(number): name for name, number in _json(directory / "versions.json").items()}
    if not problems:
        problems += inspect(types, messages)
    if problems:
        raise CatalogueError(problems)
    return Catalogue(types, messages, versions)


def _named(directory: Path, files: list[Path], model: type[Model], problems: list[str]) -> dict[str, Model]:
    found: dict[str, Model] = {}
    for file in files:
        place = str(file.relative_to(directory))
        try:
            body = _json(file)
            if issubclass(model, Message):
                body["family"] = file.parent.name
            item = model.model_validate(body)
        except (ValidationError, ValueError) as error:
            problems += [f"{place}: {line}" for line in _lines(error)]
            continue
        if item.name in found:
            problems.append(f"{place}: {item.name} is declared twice")
        elif item.name != file.stem:
            problems.append(f"{place}: declares {item.name}; the file must have the name of its declaration")
        found[item.name] = item
    return found


def _json(file: Path) -> dict[str, Any]:
    body = read(file)
    if not isinstance(body, dict):
        raise ValueError("not a JSON object")
    return body


def read(file: Path) -> Any:
    """Read a JSON file. Raises ValueError if a key appears twice."""
    return json.loads(file.read_text(encoding="utf-8"), object_pairs_hook=_no_duplicates)


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    body = dict(pairs)
    if len(body) != len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError(f"key appears twice: {next(key for key in keys if keys.count(key) > 1)}")
    return body


def _lines(error: Exception) -> list[str]:
    if isinstance(error, ValidationError):
        return [f"{'.'.join(str(part) for part in e['loc']) or 'declaration'}: {e['msg']}" for e in error.errors()]
    return [str(error)]
