"""The lock files: every package by version and hash, from any registry, and in step with pyproject.toml."""

import json
import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LOCKS = ("build", "runtime", "test")
PIN = re.compile(
    r"(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^ ;]+)(?: ;[^\\]*)?(?P<hashes>(?: --hash=sha256:[0-9a-f]{64})+)"
)


def lines(lock: str) -> list[str]:
    """The requirements of one lock file, each on one line, comments left out."""
    text = (ROOT / "requirements" / f"{lock}.txt").read_text(encoding="utf-8")
    text = re.sub(r"^ *#.*\n", "", text, flags=re.MULTILINE)
    return [re.sub(" +", " ", line).strip() for line in text.replace("\\\n", " ").splitlines() if line.strip()]


def pins(lock: str) -> dict[str, str]:
    """Package -> version in one lock file."""
    found = {}
    for line in lines(lock):
        match = PIN.fullmatch(line)
        assert match, f"{lock}.txt: not a version with hashes: {line[:100]}"
        found[canonicalize_name(match["name"])] = match["version"]
    return found


def asked(lock: str) -> list[Requirement]:
    """What the file that a lock was made from asks for."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    if lock == "build":
        text = (ROOT / "requirements" / "build.in").read_text(encoding="utf-8")
        named = [line for line in text.splitlines() if line and not line.startswith("#")]
        return [Requirement(line) for line in [*named, *project["build-system"]["requires"]]]
    named = list(project["project"]["dependencies"])
    if lock == "test":
        named += project["project"]["optional-dependencies"]["test"]
    return [Requirement(line) for line in named]


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_holds_what_is_asked_for_at_a_version_that_is_allowed(lock: str) -> None:
    locked = pins(lock)
    for requirement in asked(lock):
        assert requirement.specifier.contains(locked[canonicalize_name(requirement.name)]), f"{requirement}: make lock"


def test_the_locks_agree_with_each_other() -> None:
    everything = pins("test")
    assert pins("runtime").items() <= everything.items()
    assert {name: version for name, version in pins("build").items() if everything.get(name, version) != version} == {}


@pytest.mark.parametrize("requirement", [str(r) for r in asked("test")])
def test_a_requirement_has_a_lower_and_an_upper_bound(requirement: str) -> None:
    operators = {specifier.operator for specifier in Requirement(requirement).specifier}
    assert operators == {">=", "<"}


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_address(lock: str) -> None:
    text = (ROOT / "requirements" / f"{lock}.txt").read_text(encoding="utf-8")
    assert "://" not in text
    assert "index" not in text


def test_the_typescript_lock_has_integrity_and_no_address() -> None:
    text = (ROOT / "clients" / "typescript" / "package-lock.json").read_text(encoding="utf-8")
    packages = json.loads(text)["packages"]
    assert "://" not in text
    assert {"node_modules/zeromq", "node_modules/@msgpack/msgpack"} <= packages.keys()
    assert [name for name, package in packages.items() if name and not package.get("integrity")] == []
