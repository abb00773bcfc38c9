"""README.md and the guides name what is there: make targets, settings, pages."""

import re
import subprocess
from pathlib import Path

from bridge.settings import BridgeSettings
from tests.project.pages.blocks import blocks, pages

ROOT = Path(__file__).parents[2]


def read(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def listed() -> set[str]:
    """The targets that `make help` lists."""
    done = subprocess.run(["make", "help"], cwd=ROOT, check=True, capture_output=True, text=True, timeout=30)
    return set(re.findall(r"^  make (\S+) ", done.stdout, flags=re.MULTILINE))


def test_make_lists_the_targets_that_the_pages_name() -> None:
    assert listed() >= {"help", "install", "demo", "test", "check", "bench", "schemas"}
    for page in [*pages(), *(f"docs/reference/{file.name}" for file in (ROOT / "docs" / "reference").glob("*.md"))]:
        assert set(re.findall(r"(?:`|^ *)make ([a-z-]+)", read(page), flags=re.MULTILINE)) <= listed(), page


def test_contributing_has_every_target() -> None:
    assert set(re.findall(r"^\| `make ([a-z-]+)` ", read("CONTRIBUTING.md"), flags=re.MULTILINE)) == listed() - {"help"}


def test_the_layout_is_there() -> None:
    (layout,) = (block.text for block in blocks("CONTRIBUTING.md") if block.language == "text")
    paths = re.findall(r"^(\S+) ", layout, flags=re.MULTILINE)
    assert len(paths) > 15
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_the_times_in_the_guide_are_the_defaults() -> None:
    """`connect_timeout` (10 s), as the guide to deployment writes it."""
    shown = re.findall(r"`(\w+)`\s+\((\d+) s\)", read("docs/guides/deployment.md"))
    assert len(shown) == 13
    assert {name: float(value) for name, value in shown} == {
        name: BridgeSettings.model_fields[name].default for name, _ in shown
    }


def test_the_index_leads_to_every_page() -> None:
    linked = set(re.findall(r"\]\(([^)#]+)", read("docs/README.md")))
    wanted = {file.relative_to(ROOT / "docs").as_posix() for file in (ROOT / "docs").rglob("*.md")} - {"README.md"}
    assert wanted <= linked


def test_lines_fit_a_screen() -> None:
    """Tables are as wide as they are."""
    for page in pages():
        wide = [line for line in read(page).splitlines() if len(line) > 120 and not line.startswith("|")]
        assert wide == [], page
