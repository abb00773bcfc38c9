"""What the code writes to the log is declared, what is declared is written, and a test speaks of each event."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from bridge.catalogue import CatalogueError, catalogue
from bridge.catalogue.loader import default_directory
from bridge.contract import LogEvent, contract, load
from bridge.session.orders.order_facts import LINES
from bridge.session.orders.state import STATES
from tests.source_tree import ROOT

#: The functions that write an event, and where in their arguments its name is.
_NAME_AT = {"log": 0, "of": 0, "_log": 0, "tell": 1, "Said": 0, "Entry": 2}


class Call(NamedTuple):
    """One place in the code that writes an event. `fields`: those that are given by name; `rest`: whether more are."""

    event: str
    fields: frozenset[str]
    rest: bool
    place: str


def calls() -> Iterator[Call]:
    for path in sorted((ROOT / "bridge").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                yield from _call(node, f"{path.relative_to(ROOT)}:{node.lineno}")


def _call(node: ast.Call, place: str) -> Iterator[Call]:
    if isinstance(node.func, ast.Attribute) and node.func.attr == "tell":
        return  # the outbox's, to a client
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if name not in _NAME_AT or len(node.args) <= _NAME_AT[name]:
        return
    fields = frozenset(keyword.arg for keyword in node.keywords if keyword.arg is not None)
    rest = any(keyword.arg is None for keyword in node.keywords) or name in ("Said", "Entry", "_log")
    for constant in ast.walk(node.args[_NAME_AT[name]]):
        if isinstance(constant, ast.Constant) and isinstance(constant.value, str):
            yield Call(constant.value, fields, rest, place)


CALLS = [call for call in calls() if not call.place.startswith(("bridge/simulator/", "bridge/demo/"))]
DECLARED = contract().log_events


def test_each_event_that_the_code_writes_is_declared_with_its_fields() -> None:
    assert len(CALLS) > 50
    for call in CALLS:
        assert call.event in DECLARED, f"{call.place}: {call.event} is not declared"
        assert call.fields <= DECLARED[call.event].names, f"{call.place}: {call.event}: {call.fields}"
        if not call.rest:
            assert DECLARED[call.event].required <= call.fields, f"{call.place}: {call.event}"


def test_each_declared_event_is_written_somewhere() -> None:
    written = {call.event for call in CALLS} | set(filter(None, LINES.values()))
    assert sorted(DECLARED.keys() - written) == []


def test_each_state_of_an_order_has_its_line_or_none() -> None:
    assert sorted(LINES) == sorted(STATES)
    assert set(filter(None, LINES.values())) <= DECLARED.keys()


def test_a_test_speaks_of_each_event() -> None:
    texts = "".join(path.read_text() for path in (ROOT / "tests").rglob("*.py"))
    assert [event for event in DECLARED if f'"{event}"' not in texts] == []


def test_each_error_says_what_to_do() -> None:
    assert [event.event for event in DECLARED.values() if event.level == "error" and not event.action] == []


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"a": 1}, "one 1"),
        ({"a": 1, "b": 2.5}, "one 1, then 2.5"),
        ({"a": 1, "c": ["x", "y"]}, "one 1 (x, y)"),
    ],
)
def test_a_part_of_a_sentence_is_left_out_with_its_field(fields: dict[str, object], sentence: str) -> None:
    event = LogEvent(event="e", level="info", about="", message="one {a}[, then {b}][ ({c})]", fields=("a", "b?", "c?"))
    assert event.sentence(fields) == sentence


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        (
            '"message": "{reason}", "fields": ["reason"]',
            '"message": "{reason}", "fields": ["reason?"]',
            "settingUnknown",
        ),
        ('"limitBy": ["what"]', '"limitBy": ["gone"]', "gone"),
        ('"fields": ["reason"]', '"fields": ["reason", "gone"]', "gone"),
        ('{"name": "farm",', '{"name": "farms",', "farm"),
        ('"apart": {"by": ["orderId"]}', '"apart": {"by": ["permId"]}', "permId: not in limitBy"),
        (', "apart": {"by": ["orderId"]}', "", "needs `apart`"),
        ('"level": "info", "fact": "order"', '"level": "info"', "orderPlaced: it tells a fact of an order"),
        ('["accounts", "symbols",', '["accounts", "moon",', "no rule moon"),
        ('"event": "bridgeStopped"', '"event": "bridgeStarted"', "twice"),
    ],
)
def test_a_mistake_in_the_declarations_is_refused_with_its_place(tmp_path: Path, old: str, new: str, word: str) -> None:
    for name in ("contract.json", *(f"bridge/{one}.json" for one in ("types", "events", "methods", "errors", "logs"))):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text((default_directory() / name).read_text())
    text = (tmp_path / "bridge/logs.json").read_text()
    assert old in text
    (tmp_path / "bridge/logs.json").write_text(text.replace(old, new, 1))
    with pytest.raises(CatalogueError, match=word):
        load(tmp_path, catalogue())
