"""The code blocks of the hand-written pages, each with the comment that says how the tests treat it.

The comment stands on the line before the block's fence. CONTRIBUTING.md, "Pages and their blocks", says what it may be.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[3]

_FENCE = re.compile(r"^( *)```(\w*)$")
_NOTE = re.compile(r"^ *<!-- (.*) -->$")
_COMMAND = re.compile(r"^ *(\$ |(\S*/)?(tws-bridge|make|docker|python|node|git) )", flags=re.MULTILINE)


class PageError(Exception):
    """A page has a block that the tests cannot treat; the text names the page and the line."""


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block. `note` is what the comment before it says, as word -> value; empty without a comment."""

    page: str
    line: int
    language: str
    text: str
    note: dict[str, str] = field(default_factory=dict)

    @property
    def place(self) -> str:
        return f"{self.page}:{self.line}"

    @property
    def is_excused(self) -> bool:
        return "not run" in self.note


def pages() -> list[str]:
    """The hand-written pages, by their paths in the repository. docs/reference/ has tests of its own."""
    found = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    names = sorted(file.relative_to(ROOT).as_posix() for file in found)
    return [name for name in names if name != "CHANGELOG.md" and not name.startswith("docs/reference/")]


def needs_bridge(page: str) -> bool:
    """Whether the page's blocks expect a bridge and a simulator that run already."""
    return (ROOT / page).read_text(encoding="utf-8").startswith("<!-- page: a bridge runs -->\n")


def blocks(page: str, text: str | None = None) -> list[Block]:
    """All blocks of a page in their order. Raises PageError for one of a kind that the tests do not know."""
    lines = ((ROOT / page).read_text(encoding="utf-8") if text is None else text).splitlines()
    found: list[Block] = []
    number = 0
    while number < len(lines):
        opened = _FENCE.match(lines[number])
        if opened is None:
            _no_indented_block(page, lines, number)
            number += 1
            continue
        end = lines.index(f"{opened[1]}```", number + 1)
        body = "\n".join(line.removeprefix(opened[1]) for line in lines[number + 1 : end])
        note = _NOTE.match(lines[number - 1]) if number else None
        found.append(_checked(Block(page, number + 1, opened[2], body + "\n", _words(note[1]) if note else {})))
        number = end + 1
    return found


def _words(note: str) -> dict[str, str]:
    """`stays, prints: ready` as {"stays": "", "prints": "ready"}: the last word may have a value."""
    before, colon, value = note.partition(": ")
    *plain, last = before.split(", ")
    return dict.fromkeys(plain, "") | {last: value if colon else ""}


_ALLOWED = {
    "sh": ({"not run"}, {"prints"}, {"stays", "prints"}, {"fails", "prints"}, set()),
    "python": ({"not run"}, {"prints"}, {"stays", "prints"}, {"continues"}, {"continues", "prints"}, set()),
    "javascript": ({"not run"}, {"prints"}, {"stays", "prints"}, set()),
    **dict.fromkeys(("cpp", "java", "go", "rust", "csharp"), ({"not run"},)),
    "toml": ({"file"},),
    "json": (set(),),
    "text": (set(),),
    "mermaid": (set(),),
}


def _checked(block: Block) -> Block:
    if block.language not in _ALLOWED:
        raise PageError(f"{block.place}: a block of '{block.language}': expected one of {', '.join(_ALLOWED)}")
    if set(block.note) not in _ALLOWED[block.language] or not all(
        block.note[w] for w in ("not run",) if w in block.note
    ):
        raise PageError(f"{block.place}: the comment before a block of {block.language} cannot say {block.note}")
    if block.language == "text" and (found := _COMMAND.search(block.text)):
        raise PageError(f"{block.place}: '{found[0].strip()}' is a command: a block of text is not run")
    return block


def _no_indented_block(page: str, lines: list[str], number: int) -> None:
    """Markdown takes four blanks after an empty line for code, which has no language and no comment."""
    line = lines[number]
    if line.startswith("    ") and number and not lines[number - 1].strip():
        before = next((above for above in reversed(lines[:number]) if above.strip()), "")
        if not before.startswith((" ", "*", "-", "1", "2", "3", "4", "5", "6", "7", "8", "9")):
            raise PageError(f"{page}:{number + 1}: an indented block: fence it and name its language")
