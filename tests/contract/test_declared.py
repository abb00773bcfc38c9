"""What the bridge says is what is declared, no word more and none less; and a wrong declaration is refused."""

import dataclasses
import json
import shutil
import typing
from pathlib import Path

import pytest

from bridge.catalogue import CatalogueError, catalogue
from bridge.catalogue.loader import default_directory
from bridge.contract import contract, load
from bridge.params.models import OWN, build
from bridge.session import builtin_methods
from bridge.session.link import State as LinkState
from bridge.session.orders.state import CHANGES, TOLD
from bridge.session.orders.trading import METHODS as ORDER_METHODS
from bridge.session.request_gate import ORDER_LOG, RELOAD
from bridge.session.rights.grants import ROLES, Grant
from tests.contract import said

MADE = contract()


def test_the_error_codes_are_those_that_are_answered() -> None:
    assert said.words(said.CODES, "code") == MADE.errors.keys()


def test_the_rules_are_those_that_refuse() -> None:
    assert said.words(said.RULES, "rule") == MADE.rules.keys()
    rights = {field.name for field in dataclasses.fields(Grant)}
    assert rights - {"when_lost"} < MADE.rules.keys()  # that one refuses nothing


def test_the_events_are_those_that_are_published() -> None:
    of_tws = catalogue().by_event.keys() - {event.record for event in MADE.events.values()}
    session = [file for file in said.sources() if file.name != "service.py"]  # its `tell` writes the log
    published = said.words(said.EVENTS, "event", session) - of_tws
    assert published == {event.event for event in MADE.events.values()}


def test_the_methods_are_those_that_are_answered_by_the_bridge() -> None:
    assert MADE.methods.keys() == builtin_methods.METHODS.keys() | {ORDER_LOG, RELOAD} | ORDER_METHODS
    assert OWN.keys() <= MADE.methods.keys() <= build(catalogue()).keys()


@pytest.mark.parametrize(
    ("declared", "words"),
    [
        (MADE.types["LinkState"].values, typing.get_args(LinkState)),
        (MADE.types["OrderStage"].values, TOLD),
        (next(f.values for f in MADE.types["OrderStanding"].fields if f.name == "change"), CHANGES[1:]),
        (MADE.rules["roles"].fields[0].values, ROLES),
    ],
    ids=["connection", "order", "change", "role"],
)
def test_the_words_of_a_state_are_those_of_the_session(declared: dict[str, str], words: tuple[str, ...]) -> None:
    assert tuple(declared) == words


def test_a_word_in_a_place_that_counts_is_found(tmp_path: Path) -> None:
    file = tmp_path / "some.py"
    file.write_text(
        'raise Refused("plain", f"words {x}")\n'
        'self._fail(asks, "second", message, order)\n'
        'code = "either" if x else "other"\n'
        'rule = next(name for name in ("one", "two") if name)\n'
        'verdict = {"code": "kept", "message": "not this"}\n'
        'Refused(code, "nor this", rule="named")\n'
    )
    assert said.words(said.CODES, "code", [file]) == {"plain", "second", "either", "other", "kept"}
    assert said.words(said.RULES, "rule", [file]) == {"one", "two", "named"}


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        ("events", '"topics": ["orderHead"]', '"topics": ["nowhere"]', "head: no channel nowhere"),
        ("events", '"with": "ConnectionState"', '"with": "Nothing"', "with Nothing: there is no such type"),
        ("events", '"name": "heartbeat"', '"name": "tickPrice"', "tickPrice is declared twice"),
        ("events", '"type": "[string]"', '"type": "[strings]"', "there is no type strings"),
        ("events", '"record": "error"', '"record": "errors"', "record errors"),
        ("types", '"required": true', '"needed": true', "needed"),
        ("types", '"type": "{int64}"', '"type": "int64}"', "is not a type"),
        ("methods", '"results": ["Released"]', '"results": []', "release: either name results or list fields"),
        ("errors", '"code": "tooLarge"', '"code": "fenced"', "fenced is declared twice"),
        ("errors", '"data": ["Candidates"]', '"data": ["Candidate"]', "there is no type Candidate"),
    ],
)
def test_a_wrong_declaration_is_refused_by_name(tmp_path: Path, file: str, old: str, new: str, told: str) -> None:
    shutil.copytree(default_directory() / "bridge", tmp_path / "bridge")
    shutil.copy(default_directory() / "contract.json", tmp_path)
    wrong = tmp_path / "bridge" / f"{file}.json"
    text = wrong.read_text(encoding="utf-8")
    assert old in text
    wrong.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(CatalogueError, match=told):
        load(tmp_path, catalogue())


def test_everything_declared_has_its_words() -> None:
    """A field without a word about it is no declaration; the grammar asks for one, and it must not be empty."""
    for file in sorted((default_directory() / "bridge").glob("*.json")):
        assert '"about": ""' not in json.dumps(json.loads(file.read_text(encoding="utf-8"))), file.name
