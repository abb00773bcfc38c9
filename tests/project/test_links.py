"""Every relative link and anchor in the repository's Markdown files leads somewhere."""

from __future__ import annotations

import functools
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SKIPPED = {"node_modules", ".venv", ".venv-lock", ".pytest_cache", ".git"}
FILES = sorted(
    file.relative_to(ROOT).as_posix()
    for file in ROOT.rglob("*.md")
    if not SKIPPED.intersection(file.relative_to(ROOT).parts)
)
_CODE = re.compile(r"^( *)```.*?^\1```$|`[^`\n]*`", flags=re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def without_code(text: str) -> str:
    return _CODE.sub("", text)


def links(text: str) -> list[str]:
    return [target for target in _LINK.findall(without_code(text)) if "://" not in target]


def slugs(text: str) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    found: set[str] = set()
    fenced = re.sub(r"^( *)```.*?^\1```$", "", text, flags=re.DOTALL | re.MULTILINE)
    for heading in re.findall(r"^#+ (.+)$", fenced, flags=re.MULTILINE):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "").lower()
        slug = re.sub(r"[^\w\- ]", "", plain).strip().replace(" ", "-")
        number = 0
        while (name := slug if not number else f"{slug}-{number}") in found:
            number += 1
        found.add(name)
    return found | set(re.findall(r'<a id="([^"]+)">', text))


@functools.cache
def read(file: Path) -> str:
    return file.read_text(encoding="utf-8")


def broken(file: Path, target: str) -> bool:
    path, _, anchor = target.partition("#")
    where = (file.parent / path).resolve() if path else file
    if not where.exists():
        return True
    return bool(anchor) and (where.suffix != ".md" or anchor not in slugs(read(where)))


@pytest.mark.parametrize("name", FILES)
def test_links_lead_somewhere(name: str) -> None:
    file = ROOT / name
    assert [target for target in links(read(file)) if broken(file, target)] == []


def test_a_link_that_leads_nowhere_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# A page\n\n## What `it` is, now\n\n## Twice\n\n## Twice\n\n```sh\n# no heading\n```\n")
    for target in ("#a-page", "page.md#what-it-is-now", "#twice", "#twice-1", "../"):
        assert not broken(page, target), target
    for target in ("#a-pag", "other.md", "#no-heading", "#twice-2"):
        assert broken(page, target), target


def test_links_are_found_outside_code_only() -> None:
    assert links("[a](b.md) `[c](d.md)`\n```text\n[e](f.md)\n```\n[g](https://h) [i](#j)") == ["b.md", "#j"]
