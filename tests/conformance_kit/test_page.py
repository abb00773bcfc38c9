"""docs/reference/conformance.md lists every scenario; what the contract's page says, `duties` quotes to the letter."""

from __future__ import annotations

import re
from pathlib import Path

from bridge.cli import parser
from bridge.conformance import ALL
from bridge.conformance.duties import Duty

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"
PAGE = (REFERENCE / "conformance.md").read_text(encoding="utf-8")
CONTRACT = REFERENCE / "contract.md"


def test_the_page_lists_the_scenarios_as_they_are():
    rows = [line for line in PAGE.splitlines() if re.match(r"\| `[a-z-]+` \| `(watch|orders|place|ask)` \|", line)]
    assert rows == [f"| `{s.name}` | `{s.task}` | {s.why} |" for s in ALL]


def test_each_option_of_the_page_is_one_of_the_command():
    for option in re.findall(r"^\| `(--\w+)", PAGE, flags=re.MULTILINE):
        words = ["conform", option, *(["4"] if option != "--list" else []), "--", "true"]
        assert parser().parse_args(words).command == ["true"]


def test_each_duty_has_its_number_and_no_other_has_it():
    numbers = [duty.partition(":")[0] for duty in Duty if duty is not Duty.ADAPTER]
    assert all(re.fullmatch(r"C\d+\.\d+", number) for number in numbers)
    assert len(set(numbers)) == len(numbers) == len(Duty) - 1


def sentences() -> dict[str, str]:
    """Number -> sentence, as the contract's page has it."""
    text = CONTRACT.read_text(encoding="utf-8")
    listed = re.findall(r"^- \*\*(C\d+\.\d+)\*\* (.*?)(?=\n- \*\*C|\n\n)", text, flags=re.MULTILINE | re.DOTALL)
    found = {number: " ".join(words.split()) for number, words in listed}
    for number, word, words in re.findall(r"^\| (C\d+\.\d+) \| (`\w+`) \| (.*) \|$", text, flags=re.MULTILINE):
        found[number] = f"{word} | {words}"
    return found


def test_each_duty_is_quoted_to_the_letter():
    quoted = dict(duty.split(": ", 1) for duty in Duty if duty is not Duty.ADAPTER)
    known = sentences()
    assert {number: known.get(number) for number in quoted} == quoted
