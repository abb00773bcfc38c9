"""The declared messages, a row each, with the independent sources that confirm them.

`schemas/witnesses.json` lists these sources; the conformance tests check it against their comparisons.
"""

from __future__ import annotations

from typing import Any

from bridge.catalogue import Catalogue, Message
from bridge.catalogue.grammar import OLDEST

Witnesses = dict[str, list[str]]


def coverage(known: Catalogue, witnesses: Witnesses) -> dict[str, Any]:
    """Counts by direction, and every message with its forms, correlation, topic and witnesses, by id."""
    return {
        direction: {"count": len(messages), "messages": [row(message, witnesses) for message in messages]}
        for direction, messages in (("fromTws", by_id(known.events())), ("toTws", by_id(known.requests())))
    }


def by_id(messages: list[Message]) -> list[Message]:
    return sorted(messages, key=lambda message: message.id)


def row(message: Message, witnesses: Witnesses) -> dict[str, Any]:
    """One message. `text` and `protobuf` are the ranges of server versions in which the sender uses the form."""
    text, protobuf = ranges(message)
    return {
        "message": message.name,
        "callbacks": list(message.callbacks()),
        "id": message.id,
        "text": text,
        "protobuf": protobuf,
        "key": list(message.key),
        "completion": message.completes,
        "topic": message.topic,
        "witnesses": [name for name, seen in witnesses.items() if message.name in seen],
    }


def ranges(message: Message) -> tuple[str | None, str | None]:
    since = message.protobuf.since if message.protobuf else None
    text = None
    if message.text is not None:
        first = max(OLDEST, message.since)
        text = f"{first}+" if since is None else f"{first}..{since - 1}"
    return text, None if since is None else f"{since}+"
