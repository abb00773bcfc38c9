"""Markdown for the reference pages: cells, tables, anchors and links."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

Row = Sequence[str]


def written_by(source: str) -> str:
    """The line below a page's title: the program that writes it, and its source."""
    return f"`tws-bridge schemas` writes this page from {source}. Do not edit it.\n"


def cell(text: str) -> str:
    """Text for a cell of a table: on one line, with bars escaped."""
    return re.sub(r"\s*\n\s*", " ", text).replace("|", "\\|").strip()


def table(head: Row, rows: Iterable[Row]) -> str:
    """A table without the columns that are empty in every row; the first column always stays."""
    cells = [[cell(text) for text in row] for row in rows]
    kept = [column for column in range(len(head)) if column == 0 or any(row[column] for row in cells)]
    lines = [head, ["---"] * len(head), *cells]
    return "".join(f"| {' | '.join(line[column] for column in kept)} |\n" for line in lines)


def bullets(lines: Iterable[str]) -> str:
    return "".join(f"* {line}\n" for line in lines)


def code(text: object) -> str:
    return f"`{text}`"


def codes(words: Iterable[object]) -> str:
    return ", ".join(code(word) for word in words)


def anchor(heading: str) -> str:
    """The anchor that Markdown gives a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def link(text: str, page: str, heading: str | None = None) -> str:
    """A link to a heading of a page, or of this page if `page` is empty. Default heading: the text."""
    return f"[{text}]({page}#{anchor(heading or text)})"


def sentence(text: str) -> str:
    """The text with a capital at its beginning and a full stop at its end."""
    text = text.strip()
    return text if not text else text[0].upper() + text[1:] + ("" if text[-1] in ".!?:" else ".")


def address(channel: str) -> str:
    """A topic pattern with `<name>` for each part that varies."""
    return channel.replace("{", "<").replace("}", ">")
