"""The reference pages leave nothing out: each method, event, type, code, setting and flag is there, and links lead on.

That the files are up to date is in `test_generated.py`.
"""

import json
import re
from collections import Counter
from itertools import chain
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from bridge.catalogue import catalogue
from bridge.cli import RUNS
from bridge.client_settings import ClientRights
from bridge.commands import parser
from bridge.contract import contract
from bridge.params.models import build
from bridge.planned_restart_settings import PlannedRestartSettings
from bridge.schemas_out.reference import reference_pages
from bridge.schemas_out.reference.cli import arguments_of, commands_of
from bridge.schemas_out.reference.declared import Declared
from bridge.schemas_out.reference.errors import ADVICE
from bridge.schemas_out.reference.examples import EXAMPLES
from bridge.schemas_out.reference.fields import ABOUT_SCALARS
from bridge.schemas_out.reference.method_errors import errors_of
from bridge.schemas_out.reference.settings import FILE_ONLY
from bridge.schemas_out.reference.topics import ABOUT_PARTS
from bridge.session.rights.grants import ROLES, Grant
from bridge.settings import BridgeSettings
from bridge.simulator import SimulatorSettings
from tws_bridge_client import BridgeRefusedKey, BridgeTimeout

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"
PAGES = reference_pages(catalogue(), contract())
DECLARED = Declared(catalogue(), contract())
METHODS = build(catalogue())
COMMANDS = list(commands_of(parser(RUNS)))


def headings(page: str) -> list[str]:
    return re.findall(r"^#+ (.+)$", page, flags=re.MULTILINE)


def section(page: str, heading: str) -> str:
    """What stands below a heading, up to the next one of its level or above."""
    found = re.search(rf"^(#+) {re.escape(heading)}\n(.*?)(?=^#{{1,3}} |\Z)", PAGES[page], re.MULTILINE | re.DOTALL)
    assert found, f"{page} has no heading {heading}"
    return found[2]


def first_cells(text: str) -> set[str]:
    """The first cells of all tables, without what makes them code or links."""
    return {re.sub(r"\[?`([^`]*)`.*", r"\1", cell) for cell in re.findall(r"^\| (.*?)(?<!\\) \|", text, re.MULTILINE)}


def anchors(page: str) -> set[str]:
    """As Markdown makes them of the headings: in small letters, blanks as hyphens, without signs and code marks."""
    return {re.sub(r"[^a-z0-9_ -]", "", heading.lower()).replace(" ", "-") for heading in headings(page)}


@pytest.mark.parametrize("name", PAGES)
def test_every_link_leads_to_a_page_and_a_heading_that_are_there(name: str) -> None:
    links = re.findall(r"\]\(([^)#]*)#?([^)]*)\)", PAGES[name])
    assert len(links) > 3
    broken = []
    for file, anchor in links:
        target = name if file == "" else file
        if target in PAGES:
            text = PAGES[target]
        else:
            assert (REFERENCE / target).is_file(), f"{name} points to {target}"
            text = (REFERENCE / target).read_text(encoding="utf-8")
        if anchor and anchor not in anchors(text):
            broken.append(f"{file}#{anchor}")
    assert broken == []


@pytest.mark.parametrize("name", PAGES)
def test_no_heading_is_there_twice(name: str) -> None:
    """Two would share an anchor."""
    assert [h for h, count in Counter(map(str.lower, headings(PAGES[name]))).items() if count > 1] == []


@pytest.mark.parametrize("name", PAGES)
def test_the_rows_of_a_table_have_as_many_cells_as_its_head(name: str) -> None:
    for table in re.findall(r"(?:^\|.*\n)+", PAGES[name], flags=re.MULTILINE):
        counts = {len(re.findall(r"(?<!\\)\|", row)) for row in table.splitlines()}
        assert len(counts) == 1, table[:200]


# Methods


@pytest.mark.parametrize("method", METHODS)
def test_a_method_has_its_parameters_its_role_and_an_answer(method: str) -> None:
    text = section("methods.md", method)
    assert set(METHODS[method].model_fields) <= first_cells(text)
    assert re.search(rf"Role: `({'|'.join(ROLES)})`", text)
    assert "Repeat: " in text
    assert "Answer" in text


def test_required_parameters_are_marked() -> None:
    text = section("methods.md", "reqMktData")
    assert re.search(r"^\| `contract` \| \[Contract\]\(types.md#contract\) \| yes ", text, re.MULTILINE)
    assert re.search(r"^\| `genericTickList` \| string \|  \|", text, re.MULTILINE)


def test_defaults_and_bounds_are_shown() -> None:
    assert re.search(
        r"^\| `limit` \| integer \|  \| `500` \| 1 to 1000 ", section("methods.md", "orderLog"), re.MULTILINE
    )
    assert "`acknowledged`, `ended`" in section("methods.md", "awaitOrder")


def test_an_answer_is_of_the_kind_that_follows_from_the_plan() -> None:
    def kinds(method: str) -> list[str]:
        return re.findall(r"^\* `(\w+)`(?: \(|:)", section("methods.md", method).partition("Answer")[2], re.MULTILINE)

    assert kinds("reqMktData") == ["subscription", "events"]
    assert kinds("reqPositions") == ["subscription"]
    assert kinds("reqAccountUpdates") == ["subscription", "released"]
    assert kinds("cancelMktData") == ["released", "cancelled"]
    assert kinds("reqGlobalCancel") == ["sent"]
    assert kinds("reqCurrentTime") == ["event"]
    assert kinds("reqExecutions") == ["events"]
    assert kinds("placeOrder") == ["order", "preview"]
    assert "Answer, of kind `status`" in section("methods.md", "status")


def test_what_must_not_happen_twice_says_so() -> None:
    once = {m.name for m in catalogue().requests() if m.once and m.completes != "order"}
    said = {name for name in METHODS if "Repeat: only with the same `onceKey`" in section("methods.md", name)}
    assert said == once
    assert "costs money" in section("methods.md", "reqMktData")


# Events and types


def test_every_event_has_its_fields() -> None:
    for message in catalogue().events():
        for name in message.callbacks():
            text = section("events.md", name)
            assert {field.name for field in catalogue().record(message).fields} <= first_cells(text), name
            assert "Methods that cause it:" in text or "No request causes it" in text
    for event in contract().events.values():
        text = section("events.md", event.name)
        assert {field.name for field in contract().fields(event)} <= first_cells(text), event.name
        assert event.record is None or f"#{event.record.lower()}" in text


def test_every_type_has_its_fields_or_words() -> None:
    for record in catalogue().types.values():
        assert {field.name for field in record.fields} <= first_cells(section("types.md", record.name))
    for one in contract().types.values():
        expected = {field.name for field in contract().fields(one)} | set(one.values or {})
        assert expected <= first_cells(section("types.md", one.name))


def test_every_scalar_is_explained() -> None:
    """Those of the declarations, and no others."""
    of_tws = [f.kind.name for r in catalogue().types.values() for f in r.fields if not f.kind.is_record]
    of_tws += [f.kind.name for m in catalogue().messages.values() for f in m.fields if not f.kind.is_record]
    declared = chain(contract().types.values(), contract().events.values(), contract().methods.values())
    own = [field.kind.name for one in declared for field in one.fields]
    known = {*catalogue().types, *contract().types}
    assert {*of_tws, *own} - known <= set(ABOUT_SCALARS)


# Topics


#: What a value of each scalar is in JSON.
PYTHON = {
    "int32": int, "int64": int, "double": float, "bool": bool, "string": str, "decimal": str, "id64": str, "bytes": str,
    "map": dict,
}  # fmt: skip


def fits(value: Any, kind: str) -> bool:
    """Whether the value is of the declared type."""
    if kind.startswith("["):
        return isinstance(value, list) and all(fits(item, kind[1:-1]) for item in value)
    if kind.startswith("{"):
        return isinstance(value, dict) and all(fits(item, kind[1:-1]) for item in value.values())
    if kind in PYTHON:
        return type(value) is PYTHON[kind]
    if kind in catalogue().types:
        return fits_fields(value, {f.name: f.type for f in catalogue().types[kind].fields})
    one = contract().types[kind]
    return value in one.values if one.values else fits_fields(value, {f.name: f.type for f in contract().fields(one)})


def fits_fields(value: Any, fields: dict[str, str]) -> bool:
    return value.keys() <= fields.keys() and all(fits(item, fields[name]) for name, item in value.items())


@pytest.mark.parametrize("channel", contract().channels)
def test_a_topic_has_a_section_with_an_example_that_is_an_event(channel: str) -> None:
    topic, name, _ = EXAMPLES[channel]
    text = section("topics.md", channel)
    (block,) = re.findall(r"```json\n(.*?)```", text, flags=re.DOTALL)
    body = json.loads(block)
    jsonschema.Draft202012Validator(
        {"properties": contract().wire["envelope"], "required": contract().wire["envelopeRequired"]}
    ).validate(body)
    assert body["event"] == topic.rpartition(".")[2]
    own = contract().events.get(name)
    fields = contract().fields(own) if own else catalogue().record(catalogue().by_event[name]).fields
    assert fits_fields(body["data"], {field.name: field.type for field in fields})
    assert {field.name for field in fields if field.required} <= body["data"].keys()
    assert re.search(rf"\(events\.md#{name}\)", text, re.IGNORECASE), f"{channel} does not list {name}"


def test_the_parts_of_topics_are_explained() -> None:
    parts = {part for channel in contract().channels.values() for part in re.findall(r"{(\w+)}", channel["address"])}
    assert parts == ABOUT_PARTS.keys()


def test_who_hears_a_topic_is_what_the_grants_say() -> None:
    text = section("topics.md", "Who hears what")
    rows = {cells[0].strip("` "): cells[1:] for line in text.splitlines() if (cells := line.split("|")[1:-1])}
    heard = {name: [cell.strip() for cell in cells] for name, cells in rows.items()}
    assert heard["account.<account>.<event>"] == ["no", "yes", "no", "yes"]
    assert heard["order.<owner>.<orderKey>.<event>"] == ["own", "own", "own", "yes"]
    for event in ("connection", "decodeError", "managedAccounts"):
        may = [f"system.{event}".startswith(Grant(frozenset({role})).hears("x")) for role in ROLES]
        assert heard[event] == ["yes" if one else "no" for one in may]


# Errors


def test_every_code_has_advice_and_every_rule_its_fields() -> None:
    assert ADVICE.keys() == contract().errors.keys()
    for error in contract().errors.values():
        text = section("errors.md", error.code)
        assert f": `{error.retry}`." in text
        assert all(name.strip("[]") in text for name in error.data)
    for rule in contract().rules.values():
        assert {field.name for field in rule.fields} <= first_cells(section("errors.md", rule.rule))


def test_the_codes_that_the_python_client_adds_are_named() -> None:
    for error in (BridgeTimeout("ping", 1.0, "why"), BridgeRefusedKey("tcp://x", "why")):
        assert f"`{error.code}`" in PAGES["errors.md"]


def test_every_code_may_be_the_answer_of_some_method() -> None:
    told = {code for method in METHODS for code in errors_of(DECLARED, method)}
    assert told == contract().errors.keys()


# Settings and commands


def test_every_setting_is_there_with_its_variable_and_a_description() -> None:
    for model, heading in (
        (BridgeSettings, "The bridge"),
        (PlannedRestartSettings, "planned_restarts"),
        (ClientRights, "clients"),
        (SimulatorSettings, "The simulator"),
    ):
        assert model.model_fields.keys() <= first_cells(section("settings.md", heading))
        assert [name for name, field in model.model_fields.items() if not field.description] == []
    text = section("settings.md", "The bridge")
    variables = set(re.findall(r"`TWS_BRIDGE_(\w+)` \|", text))
    assert variables == {name.upper() for name in BridgeSettings.model_fields.keys() - FILE_ONLY}


def test_a_duration_has_its_unit_and_a_default_its_value() -> None:
    text = section("settings.md", "The bridge")
    assert re.search(r"^\| `lease` .*\| `30.0` \| seconds \| more than 0, at most 86400 \|", text, re.MULTILINE)
    assert [
        n for n, f in BridgeSettings.model_fields.items() if f.annotation is float and not f.json_schema_extra
    ] == []


def test_every_flag_of_a_setting_is_on_both_pages() -> None:
    for command, heading in (("run", "The bridge"), ("simulate", "The simulator")):
        (found,) = (one for one in COMMANDS if one.prog == f"tws-bridge {command}")
        model = BridgeSettings if command == "run" else SimulatorSettings
        of_settings = {a.option_strings[0] for a in arguments_of(found) if a.dest in model.model_fields}
        shown = set(re.findall(r"`(--[a-z-]+)` \|", section("settings.md", heading)))
        assert shown == of_settings


def test_every_command_has_its_arguments_help_and_exit_codes() -> None:
    assert {command.prog for command in COMMANDS} == {f"tws-bridge {name}" for name in RUNS}
    for command in COMMANDS:
        text = section("cli.md", command.prog)
        for action in arguments_of(command):
            name = (action.option_strings or [str(action.metavar).replace("|", "\\|")])[0]
            assert f"| `{name}" in text, f"{command.prog} {name}"
            assert action.help, f"{command.prog} {name}"
        assert {str(code) for code in command.exit_codes} <= first_cells(text)
        assert command.exit_codes.keys() & {0, 1}


def test_the_page_of_commands_does_not_depend_on_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("REQUESTS", "EVENTS", "CLIENT_KEY", "SERVER_KEY", "TWS"):
        monkeypatch.setenv(f"TWS_BRIDGE_{name}", "elsewhere")
    monkeypatch.setenv("COLUMNS", "40")
    assert reference_pages(catalogue(), contract())["cli.md"] == PAGES["cli.md"]
