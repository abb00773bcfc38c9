"""README.md says what is so: its programs are those in clients/, its contract is the one in schemas/contract.json."""

import dataclasses
import json
import re
import subprocess
from pathlib import Path

import pytest

from bridge.settings import BridgeSettings

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONTRACT = json.loads((ROOT / "schemas" / "contract.json").read_text(encoding="utf-8"))


def table(header: str) -> list[list[str]]:
    """The cells of the README's table with this header line, row by row."""
    body = README.split(f"{header}\n", 1)[1].split("\n\n", 1)[0]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", row)[1:-1]] for row in body.splitlines()[1:]]


@pytest.mark.parametrize(
    ("language", "file"),
    [("python", "clients/python/subscribe.py"), ("javascript", "clients/javascript/subscribe.mjs")],
)
def test_the_program_shown_is_the_one_that_the_tests_run(language: str, file: str) -> None:
    blocks = re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)
    assert blocks == [(ROOT / file).read_text(encoding="utf-8")]


def test_the_envelope_is_that_of_the_contract() -> None:
    shown = [row[0].strip("`") for row in table("| key | type | meaning |")]
    assert shown == list(CONTRACT["envelope"])


def test_the_topics_are_those_of_the_contract() -> None:
    shown = [row[0].strip("`") for row in table("| topic | carries |")]
    declared = [topic["address"].replace("{", "<").replace("}", ">") for topic in CONTRACT["topics"].values()]
    assert shown == declared


def test_the_error_codes_are_declared() -> None:
    codes = {row[0].strip("`") for row in table("| code | means |")}
    errors = json.loads((ROOT / "schemas" / "bridge" / "errors.json").read_text(encoding="utf-8"))["codes"]
    assert codes <= {error["code"] for error in errors}


def test_the_version_is_that_of_the_contract() -> None:
    assert f"## The wire contract, version {CONTRACT['version']}\n" in README


def test_the_times_of_the_connection_are_those_of_the_settings() -> None:
    shown = {row[0].strip("`"): float(row[1]) for row in table("| setting | default | what happens then |")}
    fields = BridgeSettings.model_fields
    assert shown == {name: fields[name].default for name in shown}
    timing = BridgeSettings(**{name: 1000.0 + n for n, name in enumerate(shown)}).rules.timing
    assert sorted(dataclasses.astuple(timing)) == [1000.0 + n for n in range(len(shown))]


def test_every_file_it_points_to_exists() -> None:
    targets = [target for target in re.findall(r"\]\(([^)]+)\)", README) if "://" not in target]
    assert len(targets) > 3
    assert [target for target in targets if not (ROOT / target).exists()] == []


def test_make_lists_the_targets_that_it_names() -> None:
    done = subprocess.run(["make", "help"], cwd=ROOT, check=True, capture_output=True, text=True, timeout=30)
    listed = set(re.findall(r"^  make (\S+) ", done.stdout, flags=re.MULTILINE))
    assert listed >= {"help", "install", "demo", "test", "check", "bench", "schemas"}
    assert set(re.findall(r"(?:`|^    )make ([a-z]+)", README, flags=re.MULTILINE)) <= listed
