"""The words that the bridge's source says on the wire: error codes, rules and events of its own, as literals in place.

A word that is handed on in a variable is found where it is written. What runs is held against the contract elsewhere;
this finds what no test runs, and what is declared and never said.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

BRIDGE = Path(__file__).parents[2] / "bridge"

#: What is called, and which of its arguments is the word.
CODES = {
    "Refused": 0, "failure": 0, "fail": 1, "_fail": 1, "_drop": 1, "_refuse": 2, "hold_back": 1, "take_back": 1,
}  # fmt: skip
EVENTS = {"OrderTransition": 2, "publish": 1, "pass_on": 1, "tell": 1, "add": 1, "_undecoded": 0, "announce": 1}
RULES = {"refusal": 0}

_WORD = re.compile(r"[a-z][A-Za-z_]*")


def sources() -> list[Path]:
    return [*sorted((BRIDGE / "session").rglob("*.py")), BRIDGE / "service.py"]


def words(places: dict[str, int], name: str, files: list[Path] | None = None) -> set[str]:
    """The literals at these arguments, those bound to `name`, and those given as `name=` or under the key `name`."""
    found: set[str] = set()
    for file in files or sources():
        tree = ast.parse(file.read_text(encoding="utf-8"))
        named = _constants(tree)
        for node in ast.walk(tree):
            parts = [named.get(ast.unparse(part), part) for part in _parts(node, places, name)]
            found |= {word for part in parts for word in _literals(part) if _WORD.fullmatch(word)}
    return found


def _constants(tree: ast.Module) -> dict[str, ast.expr]:
    """What the names of a module's own constants stand for."""
    assigned = [node for node in tree.body if isinstance(node, ast.Assign)]
    return {target.id: node.value for node in assigned for target in node.targets if isinstance(target, ast.Name)}


def _parts(node: ast.AST, places: dict[str, int], name: str) -> Iterator[ast.expr]:
    match node:
        case ast.Call(func=ast.Attribute(attr=called) | ast.Name(id=called)):
            if called in places and len(node.args) > places[called]:
                yield node.args[places[called]]
            yield from (keyword.value for keyword in node.keywords if keyword.arg == name)
        case ast.Assign(targets=[ast.Name(id=bound)]) if bound == name:
            yield node.value
        case ast.Dict():
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and key.value == name:
                    yield value


def _literals(part: ast.expr) -> Iterator[str]:
    """A literal, either branch of a choice, or the items that a loop goes through."""
    match part:
        case ast.Constant(value=str(word)):
            yield word
        case ast.IfExp():
            yield from (*_literals(part.body), *_literals(part.orelse))
        case ast.Call(args=[ast.GeneratorExp(generators=[ast.comprehension(iter=ast.Tuple(elts=items))])]):
            yield from (word for item in items for word in _literals(item))
