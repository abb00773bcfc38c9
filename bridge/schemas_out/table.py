"""The coverage table for people: a row for each message."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

_HEAD = """# Messages

`tws-bridge schemas` writes this file from the declarations. Do not edit it. Ranges are the server versions in which the
sender uses the form. From version 201 on, a receiver always takes both forms. A witness is an independent source that
agrees with the bridge on every field of the message in the conformance tests: the vendor's client, ib_async (at 178),
or a capture of a real session.

"""

_COLUMNS = ("message", "id", "text", "protobuf", "key", "completion", "topic", "witnesses")


def messages_table(covered: dict[str, Any]) -> str:
    """Two tables, from TWS and to TWS, by id."""
    parts = [_HEAD]
    for title, direction in (("From TWS", "fromTws"), ("To TWS", "toTws")):
        parts.append(f"## {title}: {covered[direction]['count']} messages\n\n")
        parts += [_line(_COLUMNS), _line("---" for _ in _COLUMNS)]
        parts += [_line(_cells(row)) for row in covered[direction]["messages"]]
        parts.append("\n")
    return "".join(parts).rstrip("\n") + "\n"


def _cells(row: dict[str, Any]) -> Iterable[str]:
    yield ", ".join(f"`{name}`" for name in row["callbacks"])
    yield str(row["id"])
    yield row["text"] or ""
    yield row["protobuf"] or ""
    yield ", else ".join(f"`{path}`" for path in row["key"])
    yield row["completion"] or ""
    yield row["topic"] or ""
    yield ", ".join(row["witnesses"])


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |\n"
