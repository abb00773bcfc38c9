"""docs/reference/connectivity.md names files and tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "reference" / "connectivity.md").read_text(encoding="utf-8")
ROWS = [
    line
    for line in PAGE.splitlines()
    if line.startswith("| ") and "---" not in line and "the document says" not in line
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[2:40])
def test_each_statement_has_code_and_a_test(row: str) -> None:
    _, _, _, where, shown, _ = re.split(r"(?<!\\)\|", row)
    files, tests = re.findall(r"`([^`]+)`", where), re.findall(r"`([^`]+)`", shown)
    assert files and tests
    for file in files:
        assert (ROOT / file).is_file(), file
    for test in tests:
        file, _, name = test.partition("::")
        assert f"def {name}(" in (ROOT / file).read_text(encoding="utf-8"), test


def test_the_page_has_its_statements() -> None:
    assert len(ROWS) == 21
