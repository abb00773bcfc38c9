"""docs/internals/glossary.md has every public class of `bridge`, and names no class that does not exist.

A class has its place if it is an entry by its name (`KillSwitch`, `## Kill switch`), if an entry lists it behind
`Classes:`, or if it is made only of words of the field: those of IBKR's messages, and those listed here.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from bridge.catalogue import catalogue
from tests.source_tree import ROOT, modules_of

GLOSSARY = ROOT / "docs" / "internals" / "glossary.md"

# Words of Python, asyncio and pydantic, of command lines, and of any network protocol.
PROGRAMMING = (
    "async base call command connected decode encode error failed framing endpoint redirected role timer queue tws "
    "type unknown usage params handshake monitor"
)
# Words of ZeroMQ.
ZEROMQ = "authenticator curve zap"
# Words of FIX and of trading at large, where IBKR has others, or none.
TRADING = "balance book cancellation quote simulated"

_ENTRY = re.compile(r"^## (?P<term>[^\n(]+?)(?: \([^\n]*\))?\n\n(?P<text>.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
_CLASSES = re.compile(r"^Classes: (.*?)\.$", re.MULTILINE | re.DOTALL)


def words(name: str) -> tuple[str, ...]:
    """`whatIfOrder` and `What-if order` as what, if, order."""
    return tuple(word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", name))


def public_classes(root: Path) -> dict[str, list[str]]:
    """Name -> the modules that have a class of that name. Generated classes have the names of the declarations."""
    found: dict[str, list[str]] = {}
    for module, file in modules_of(root).items():
        if module.startswith("tws_bridge_client.generated."):
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                found.setdefault(node.name, []).append(module)
    return found


def terms(text: str) -> list[str]:
    return [entry["term"] for entry in _ENTRY.finditer(text)]


def listed(text: str) -> list[str]:
    """The classes that the entries list, in their order."""
    return [name for entry in _ENTRY.finditer(text) for part in _CLASSES.findall(entry["text"]) for name in named(part)]


def named(text: str) -> list[str]:
    return re.findall(r"`(\w+)`", text)


def words_of_the_field() -> set[str]:
    """IBKR's, from the names of its messages, records and fields; and those above."""
    known = catalogue()
    names = [*known.messages, *known.types]
    names += [field.name for message in known.messages.values() for field in message.fields]
    names += [field.name for record in known.types.values() for field in record.fields]
    field = {word for name in names for word in words(name)}
    return field | set(f"{PROGRAMMING} {ZEROMQ} {TRADING}".split())


def homeless(text: str, classes: dict[str, list[str]], field: set[str]) -> list[str]:
    """The classes that have no place. One and many are the same word."""
    headings = {tuple(map(_one, words(term))) for term in terms(text)}
    known = {*map(_one, field)}
    return [
        f"{modules[0]}.{name}"
        for name, modules in sorted(classes.items())
        if name not in listed(text)
        and tuple(map(_one, words(name))) not in headings
        and not {*map(_one, words(name))} <= known
    ]


def _one(word: str) -> str:
    return word.removesuffix("s")


TEXT = GLOSSARY.read_text(encoding="utf-8")
CLASSES = public_classes(ROOT)


def test_every_public_class_has_its_place() -> None:
    assert homeless(TEXT, CLASSES, words_of_the_field()) == []


def test_every_class_that_the_glossary_names_exists() -> None:
    named_anywhere = {name for name in named(TEXT) if re.fullmatch(r"(?:[A-Z][a-z]+){2,}", name)}
    assert sorted((named_anywhere | set(listed(TEXT))) - CLASSES.keys()) == []


def test_a_class_is_listed_once() -> None:
    """A name that several classes have may be listed as often."""
    names = listed(TEXT)
    assert sorted({name for name in names if names.count(name) > len(CLASSES.get(name, ()))}) == []


def test_the_terms_are_in_order_and_each_is_there_once() -> None:
    assert terms(TEXT) == sorted(set(terms(TEXT)), key=str.lower)
    assert len(terms(TEXT)) == len(re.findall(r"^## ", TEXT, flags=re.MULTILINE)) > 60


def test_an_entry_is_short() -> None:
    long = [entry["term"] for entry in _ENTRY.finditer(TEXT) if len(_CLASSES.sub("", entry["text"]).split()) > 75]
    assert long == []


SMALL = "# Glossary\n\n## Kill switch\n\nStops.\n\nClasses: `Halt`,\n`Stop`.\n\n## Lease (of a client)\n\nTime.\n"


@pytest.mark.parametrize("name", ["KillSwitch", "Halt", "Stop", "Leases", "OrderStatus"])
def test_a_class_that_is_there_has_its_place(name: str) -> None:
    assert homeless(SMALL, {name: ["m"]}, {"order", "status"}) == []


@pytest.mark.parametrize("name", ["Switch", "KillSwitches2", "LeaseTable", "Time"])
def test_a_class_that_is_not_there_is_found(name: str) -> None:
    assert homeless(SMALL, {name: ["m"]}, {"order", "status"}) == [f"m.{name}"]
