"""The coverage table: every message, a row each."""

from __future__ import annotations

from collections.abc import Iterable

from bridge.catalogue import Catalogue, Message
from bridge.catalogue.grammar import OLDEST

_HEAD = """# Messages

Written by `tws-bridge schemas` from the declarations; do not edit. Ranges are server versions: the form that the sender
uses. A receiver takes either form at every version from 201 on.

"""

_COLUMNS = ("message", "id", "text", "protobuf", "key", "completion", "topic")


def messages_table(known: Catalogue) -> str:
    """Two tables, from TWS and to TWS, by id."""
    parts = [_HEAD]
    for title, messages in (("From TWS", known.events()), ("To TWS", known.requests())):
        rows = [_row(message) for message in sorted(messages, key=lambda m: m.id)]
        parts.append(f"## {title}: {len(rows)} messages\n\n{_line(_COLUMNS)}{_line('---' for _ in _COLUMNS)}")
        parts += [_line(row) for row in rows]
        parts.append("\n")
    return "".join(parts).rstrip("\n") + "\n"


def _row(message: Message) -> tuple[str, ...]:
    names = ", ".join(f"`{name}`" for name in message.callbacks())
    return (names, str(message.id), *_ranges(message), _key(message), message.completes or "", message.topic or "")


def _ranges(message: Message) -> tuple[str, str]:
    since = message.protobuf.since if message.protobuf else None
    text = ""
    if message.text is not None:
        first = max(OLDEST, message.since)
        text = f"{first}+" if since is None else f"{first}..{since - 1}"
    return text, "" if since is None else f"{since}+"


def _key(message: Message) -> str:
    return ", else ".join(f"`{path}`" for path in message.key)


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |\n"
